#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace freshet {

// Bytes that nobody can foretell, from the operating system.
[[nodiscard]] std::string random_bytes(std::size_t n);

// A UUID that sorts by the time of its making (RFC 9562, version 7), in its canonical text form.
[[nodiscard]] std::string new_uuid();

// A snapshot id: positive, random, at most 2^53 - 1, so that readers in JavaScript hold it exactly.
[[nodiscard]] std::int64_t new_snapshot_id();

}  // namespace freshet
