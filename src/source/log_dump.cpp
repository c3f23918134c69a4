#include "source/log_dump.h"

#include <fcntl.h>
#include <mysql.h>

#include <algorithm>
#include <chrono>
#include <random>

#include "model/gtid_set.h"
#include "source/log_retention.h"
#include "source/remedy.h"
#include "source/tls_session.h"

namespace freshet {

namespace {

using std::chrono::milliseconds;

constexpr int kDumpCommand = 18;          // COM_BINLOG_DUMP
constexpr int kDumpGtidCommand = 30;      // COM_BINLOG_DUMP_GTID, which the library does not name
constexpr std::uint16_t kEndWithLog = 1;  // flag of both: EOF at the log's end instead of waiting

std::uint32_t random_word() { return std::random_device{}(); }

Bytes random_uuid() {
  Bytes bytes;
  for (int i = 0; i < 4; ++i) put_fixed(bytes, random_word());
  return format_uuid(bytes);
}

bool resumes_by_gtid(const ServerFacts& facts, const Position& start) {
  return !start.gtid.empty() && (facts.mariadb || facts.gtid);
}

// Three of them fit into the silence after which a link counts as dead.
milliseconds heartbeat_period(const SourceOptions& options) {
  if (options.heartbeat > milliseconds::zero()) return options.heartbeat;
  return std::max(milliseconds(1000), milliseconds(std::chrono::seconds(options.read_timeout)) / 3);
}

// Both spellings of every variable: servers renamed them, and an unknown one is only a user
// variable.
void prepare_session(Connection& connection, const SourceOptions& options,
                     const ServerFacts& facts) {
  const auto period = std::chrono::nanoseconds(heartbeat_period(options)).count();
  connection.execute("SET @master_binlog_checksum='CRC32', @source_binlog_checksum='CRC32'");
  connection.execute(
      fmt::format("SET @master_heartbeat_period={0}, @source_heartbeat_period={0}", period));
  // A reader that is held back must not lose its link: the server waits so long for a write.
  connection.execute("SET SESSION net_write_timeout=3600");
  if (facts.mariadb) {
    connection.execute("SET @mariadb_slave_capability=4");
  } else {
    const Bytes uuid = random_uuid();
    connection.execute(fmt::format("SET @slave_uuid='{0}', @replica_uuid='{0}'", uuid));
  }
}

// A connection about to become a dump, and the server_id that it gives for itself.
struct Caller {
  std::unique_ptr<Connection> connection;
  std::uint32_t server_id;

  Caller(const SourceOptions& options, const ServerFacts& facts)
      : connection(std::make_unique<Connection>(Connection::open(options))),
        server_id(options.server_id != 0 ? options.server_id : random_word() | 1) {
    prepare_session(*connection, options, facts);
  }

  void send(int command, const Bytes& payload) {
    st_mysql* mysql = connection->handle();
    if (mysql->methods->db_command(mysql, static_cast<enum_server_command>(command), payload.data(),
                                   payload.size(), 1, nullptr) != 0)
      fail(ErrorKind::unavailable, "the server did not take the request for its log: {}",
           mysql_error(mysql));
  }

  void ask_by_gtid_set(const std::string& gtids) {
    const Bytes set = GtidSet::parse(gtids).encode();
    Bytes payload;
    put_fixed<std::uint16_t>(payload, 0);
    put_fixed(payload, server_id);
    put_fixed<std::uint32_t>(payload, 0);  // no file: the server finds it
    put_fixed<std::uint64_t>(payload, 4);
    put_fixed(payload, static_cast<std::uint32_t>(set.size()));
    payload += set;
    send(kDumpGtidCommand, payload);
  }

  void ask_by_file(const LogCoordinate& at, std::uint16_t flags = 0) {
    Bytes payload;
    put_fixed(payload, static_cast<std::uint32_t>(at.offset));
    put_fixed(payload, flags);
    put_fixed(payload, server_id);
    payload += at.file;
    send(kDumpCommand, payload);
  }

  std::unique_ptr<EventReader> reader(LogCoordinate at, const SourceOptions& options) && {
    const auto socket = static_cast<int>(mysql_get_socket(connection->handle()));
    ssl_st* tls = tls_session(connection->handle());
    if (tls != nullptr && ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) | O_NONBLOCK) != 0)
      fail(ErrorKind::internal, "the socket of a connection cannot be read without waiting");
    return std::make_unique<SocketEventReader>(std::move(connection), socket, tls, std::move(at),
                                               std::chrono::seconds(options.read_timeout));
  }
};

// A server skips GTIDs of foreign origin that it does not have itself without a word. Then it
// lacks transactions that we have taken, and is not a continuation of our log.
void demand_gtids(Connection& connection, const ServerFacts& facts, const Position& start) {
  if (facts.mariadb) {
    const GtidState have =
        GtidState::parse(connection.value("SELECT @@gtid_binlog_state").value_or(""));
    if (!have.has_domains_of(GtidState::parse(start.gtid)))
      fail(ErrorKind::lost_position,
           "the server's log has none of the GTID domains of position {}: it is another server, or "
           "its log was reset; point source.url at the server with that log, or {}",
           start.gtid, kLoadAnew);
    return;
  }
  const auto subset = connection.value(
      fmt::format("SELECT GTID_SUBSET({}, @@global.gtid_executed)", connection.quote(start.gtid)));
  if (subset != "1")
    fail(ErrorKind::lost_position,
         "the server lacks transactions that were already taken ({}): it is another server, has "
         "lost data, or its log was reset; point source.url at the server with that log, or {}",
         start.gtid, kLoadAnew);
}

void demand_same_server(const ServerFacts& facts, const Position& start) {
  if (start.server_id == facts.identity) return;
  fail(ErrorKind::lost_position,
       "position {} belongs to server {}, but this is server {}, where file positions of the other "
       "mean nothing: point source.url back at that server, or {}; with gtid_mode=ON on both, "
       "Freshet follows a failover by itself",
       to_string(start.log), start.server_id, facts.identity, kLoadAnew);
}

// After RESET MASTER, files and GTIDs are counted from the start again: what has the place or the
// GTID that we stand at may be something else. So the log must still reach to our place, and our
// file be the one that was read.
void demand_same_log(Connection& connection, const SourceOptions& options, const ServerFacts& facts,
                     const Position& start) {
  const std::vector<LogFile> files = list_log_files(connection);
  demand_reaches(files, facts, start.log);
  if (std::ranges::find(files, start.log.file, &LogFile::name) == files.end()) {
    if (resumes_by_gtid(facts, start)) return;  // the server knows what it has deleted
    fail(ErrorKind::lost_position,
         "the server has deleted its log up to {}, but {} was still to be read: keep logs longer "
         "(`freshet check`), and {}",
         files.front().name, to_string(start.log), kLoadAnew);
  }
  if (start.file_created == 0) return;
  const std::uint32_t created = creation_of_log_file(options, facts, start.log.file);
  if (created != start.file_created)
    fail_reset(facts, start.log, fmt::format("{} is another file than before", start.log.file));
}

void demand_continuation(Connection& connection, const SourceOptions& options,
                         const ServerFacts& facts, const Position& start) {
  const bool by_gtid = resumes_by_gtid(facts, start);
  if (by_gtid) demand_gtids(connection, facts, start);
  if (start.server_id.empty()) return;  // a place of this very server
  if (!by_gtid) demand_same_server(facts, start);
  if (start.server_id == facts.identity && start.log.known())
    demand_same_log(connection, options, facts, start);
}

}  // namespace

std::unique_ptr<EventReader> open_dump(const SourceOptions& options, const ServerFacts& facts,
                                       const Position& start) {
  Caller caller(options, facts);
  Connection& connection = *caller.connection;
  demand_continuation(connection, options, facts, start);
  if (!resumes_by_gtid(facts, start)) {
    LogCoordinate at = start.log;
    // The command's position has 32 bits. Beyond them the file is read from its start; who asked
    // drops what lies before.
    if (at.offset > UINT32_MAX) at.offset = 4;
    caller.ask_by_file(at);
    return std::move(caller).reader(std::move(at), options);
  }
  if (facts.mariadb) {
    connection.execute("SET @slave_gtid_strict_mode=0, @slave_gtid_ignore_duplicates=0");
    connection.execute("SET @slave_connect_state=" + connection.quote(start.gtid));
    caller.ask_by_file({});
  } else {
    caller.ask_by_gtid_set(start.gtid);
  }
  return std::move(caller).reader({}, options);
}

std::uint32_t creation_of_log_file(const SourceOptions& options, const ServerFacts& facts,
                                   const std::string& file) {
  constexpr milliseconds kWait{100};
  SourceOptions own = options;
  own.server_id = 0;  // one of its own: the server ends an older dump of the same id
  Caller caller(own, facts);
  const LogCoordinate head{file, 4};
  caller.ask_by_file(head, kEndWithLog);
  const auto reader = std::move(caller).reader(head, own);
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::seconds(options.read_timeout);
  while (std::chrono::steady_clock::now() < deadline) {
    const std::optional<Event> event = reader->next(kWait);
    if (event && event->type == EventType::format_description) return event->timestamp;
  }
  fail(ErrorKind::unavailable, "the server does not send the head of its log file {}", file);
}

}  // namespace freshet
