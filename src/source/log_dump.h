#pragma once

#include <memory>

#include "model/position.h"
#include "source/connection.h"
#include "source/event_reader.h"

namespace freshet {

// Starts a dump on a connection of its own and gives its reader, which reads the socket, or its TLS
// session, directly: twice as fast as through the library.
//
// By GTID where `start.gtid` is given and the server can; else by file and offset, which demands
// the server that the position comes from. Throws Error{lost_position} where this server's log is
// no continuation of what was read up to `start`: it lacks transactions that were taken, has
// deleted what comes next, was reset, or is another server's. Some of these show only at the first
// event.
[[nodiscard]] std::unique_ptr<EventReader> open_dump(const SourceOptions& options,
                                                     const ServerFacts& facts,
                                                     const Position& start);

// When the log file was made, seconds since the epoch, as its first event says. Reads no further.
// Throws Error{lost_position} where the server has no such file.
[[nodiscard]] std::uint32_t creation_of_log_file(const SourceOptions& options,
                                                 const ServerFacts& facts, const std::string& file);

}  // namespace freshet
