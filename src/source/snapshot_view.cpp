#include "source/snapshot_view.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <mutex>
#include <thread>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "source/chunk_query.h"
#include "source/log_status.h"
#include "source/row_stream.h"
#include "source/schema_reader.h"
#include "source/statement_batch.h"

namespace freshet {

namespace {

// Server error codes that both servers share.
constexpr unsigned kDatabaseAccessDenied = 1044;
constexpr unsigned kUnknownDatabase = 1049;
constexpr unsigned kTableAccessDenied = 1142;
constexpr unsigned kNoSuchTable = 1146;
constexpr unsigned kLockWaitTimeout = 1205;
constexpr unsigned kDeadlock = 1213;
constexpr unsigned kTableDefinitionChanged = 1412;

// Both sessions wait briefly. A DDL statement that waits for our table lock makes our own view wait
// behind it, and only we can end that: by giving up and trying again.
// And while LOCK TABLES waits for a long transaction, new writers queue up behind it: so it waits
// briefly and often rather than once and long.
constexpr int kLockWaitSeconds = 1;
constexpr std::chrono::milliseconds kFirstBackoff{100};

// How long to look for a gap between commits before a lock is taken.
constexpr std::chrono::milliseconds kGapPatience{50};
constexpr unsigned kDetachedXaCommitsInOrderSince = 80030;
constexpr unsigned kExecutionTimeLimitedSince = 50708;
constexpr unsigned kTableLockMeetsWritersSince = 50705;

std::string quoted_table(const TableName& table) {
  return Connection::quote_name(table.database) + "." + Connection::quote_name(table.table);
}

ErrorKind kind_of_refusal(unsigned code, ErrorKind otherwise) noexcept {
  switch (code) {
    case kLockWaitTimeout:
    case kDeadlock:
    case kTableDefinitionChanged: return ErrorKind::conflict;
    case kDatabaseAccessDenied:
    case kUnknownDatabase:
    case kTableAccessDenied:
    case kNoSuchTable: return ErrorKind::config;
    default: return otherwise;
  }
}

// Within a handler: an Error says on its way which table it is about, and whether a retry helps.
[[noreturn]] void rethrow_for(unsigned code, const TableName& table) {
  try {
    throw;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::failed) throw;
    fail(kind_of_refusal(code, error.kind()), "table {}: {}", table.qualified(), error.what());
  }
}

void run(Connection& connection, const std::string& sql, const TableName& table) {
  try {
    connection.execute(sql);
  } catch (const Error&) {
    rethrow_for(connection.error_code(), table);
  }
}

std::int64_t now_micros() {
  using namespace std::chrono;
  return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

KeyRange keys_of(const ChunkRange& range) {
  const auto literals = [](const std::optional<std::string>& bound) {
    return bound ? key_from_text(*bound) : KeyLiterals{};
  };
  return {.after = literals(range.after), .to = literals(range.to), .where = range.where};
}

}  // namespace

// From 5.7.5 on LOCK TABLES READ takes a metadata lock that writing transactions conflict with
// until their end (MySQL 5.7 release notes, 5.7.5: MDL_SHARED_READ_ONLY). Before, it waits for
// running statements only, not for a commit under way. FLUSH TABLES t WITH READ LOCK first takes
// the exclusive metadata lock there (MySQL 5.6 Reference Manual, 13.7.6.3), and so also waits for
// transactions that only read the table.
bool locks_tables_by_flush(const ServerFacts& facts) noexcept {
  return !facts.mariadb && facts.version_number < kTableLockMeetsWritersSince;
}

std::string table_read_lock(const ServerFacts& facts, const TableName& table) {
  if (locks_tables_by_flush(facts))
    return fmt::format("FLUSH TABLES {} WITH READ LOCK", quoted_table(table));
  return fmt::format("LOCK TABLES {} READ", quoted_table(table));
}

struct SnapshotReader::State {
  SourceOptions options;
  ServerFacts facts;
  ViewOptions views;
  std::mutex mutex;  // guards the two connections as objects, against cancel()
  std::optional<Connection> session;
  std::optional<Connection> locker;  // MySQL only
  TableDefinition definition;        // of the last view
  SchemaPtr schema;                  // the same, shared
  bool key_is_scannable = false;
  std::size_t row_bytes = 0;  // of that table's rows in the stream's form; 0 = not known
  bool view_open = false;
  bool table_locked = false;      // by the session, while its view lives
  bool owned_gtids_tell = false;  // MySQL: begin_between_commits() holds on this server

  void connect();
  void disconnect() noexcept;
  void refresh_schema(const TableName& table);
  LogEnd begin(const TableName& table);
  LogEnd begin_mariadb(const TableName& table);
  LogEnd begin_mysql(const TableName& table);
  std::optional<LogEnd> begin_between_commits(const TableName& table);
  std::optional<LogEnd> try_between_commits(const TableName& table);
  LogEnd begin_under_lock(const TableName& table);
  LogEnd begin_and_pin(const TableName& table);
  LogEnd begin_locked(const TableName& table);
  [[nodiscard]] bool must_lock(const TableName& table);
  void pin(const TableName& table);
  void end() noexcept;
  LogEnd begin_with_retries(const TableName& table);
  std::size_t chunk_limit(std::size_t max_rows, std::size_t max_bytes);
  template <typename Read>
  auto reading(Read&& read);
};

void SnapshotReader::State::connect() {
  if (session && (facts.mariadb || locker)) return;
  disconnect();
  Connection first = Connection::open(options);
  if (facts.mariadb)
    first.execute("SET SESSION max_statement_time = 0");
  else if (facts.version_number >= kExecutionTimeLimitedSince)
    first.execute("SET SESSION max_execution_time = 0");
  const std::string brief_waits =
      fmt::format("SET SESSION lock_wait_timeout = {}", kLockWaitSeconds);
  first.execute(brief_waits);
  first.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");
  std::optional<Connection> second;
  if (!facts.mariadb) {
    second = Connection::open(options);
    second->execute(brief_waits);
    // Aurora logs and commits by ways of its own.
    owned_gtids_tell = facts.gtid && facts.version_number >= kDetachedXaCommitsInOrderSince &&
                       first.query("SHOW GLOBAL VARIABLES LIKE 'aurora_version'").empty();
  }
  const std::lock_guard lock(mutex);
  session = std::move(first);
  locker = std::move(second);
}

void SnapshotReader::State::disconnect() noexcept {
  const std::lock_guard lock(mutex);
  session.reset();
  locker.reset();
}

// Reads the definition again, and keeps the object of the last view where nothing has changed, so
// that the chunks of a table share one schema.
void SnapshotReader::State::refresh_schema(const TableName& table) {
  std::optional<TableDefinition> now = read_table_definition(*session, facts, table);
  if (!now) {
    // This waits for a statement that is taking the table away, which is then in the log.
    pin(table);
    fail(ErrorKind::config, "table {} does not exist, is a view, or may not be read by user '{}'",
         table.qualified(), options.user);
  }
  if (schema && definition == *now) return;
  if (!schema || schema->name != table) row_bytes = 0;
  definition = *std::move(now);
  schema = std::make_shared<const TableSchema>(definition.schema);
  key_is_scannable = has_scannable_key(*session, *schema);
}

// Opens the transaction. The definition must be the same before the view exists and once it can no
// longer change: else rows of the old shape would be read as rows of the new one.
LogEnd SnapshotReader::State::begin(const TableName& table) {
  if (!schema || schema->name != table) refresh_schema(table);
  const SchemaPtr before = schema;
  LogEnd at = must_lock(table) ? begin_locked(table)
              : facts.mariadb  ? begin_mariadb(table)
                               : begin_mysql(table);
  refresh_schema(table);
  if (schema != before)
    fail(ErrorKind::conflict, "table {}: its definition changed while its view was opened",
         table.qualified());
  return at;
}

// A statement on the table within the transaction keeps its definition until the transaction ends.
// It also makes the server compare the definition with the view: error 1412 if it is newer.
void SnapshotReader::State::pin(const TableName& table) {
  run(*session, fmt::format("SELECT 1 FROM {} LIMIT 1", quoted_table(table)), table);
}

// MariaDB opens the view and notes the place in the log under one mutex of the commit order
// (MariaDB Knowledge Base, "Enhancements for START TRANSACTION WITH CONSISTENT SNAPSHOT").
LogEnd SnapshotReader::State::begin_mariadb(const TableName& table) {
  run(*session, "START TRANSACTION WITH CONSISTENT SNAPSHOT", table);
  LogEnd at;
  for (const SqlRow& row : session->query("SHOW STATUS LIKE 'binlog_snapshot_%'")) {
    const std::string text = row[1].value_or("");
    if (row[0] == "Binlog_snapshot_file") at.log.file = text;
    if (row[0] == "Binlog_snapshot_position")
      std::from_chars(text.data(), text.data() + text.size(), at.log.offset);
  }
  if (!at.log.known())
    fail(ErrorKind::config, "the server keeps no binary log: set log_bin in its configuration");
  pin(table);
  return at;
}

LogEnd SnapshotReader::State::begin_mysql(const TableName& table) {
  if (owned_gtids_tell)
    if (std::optional<LogEnd> at = begin_between_commits(table)) return *std::move(at);
  log_debug("a view of {} is opened under a lock", table.qualified());
  return begin_under_lock(table);
}

// A view between two commits, without a lock. With gtid_mode=ON a transaction that is written to
// the log does, in this order, each step ended before the next begins:
//   1. it takes its GTID, and @@gtid_owned names it;
//   2. its events enter the log, whose end moves;
//   3. the engine commits it: views opened from here on show it;
//   4. it gives up its GTID, and @@gtid_owned names it no more.
// We ask, in this order:
//   a. where the log ends;  b. @@gtid_owned;  c. for the view;  d. where the log ends.
// The view counts if b was empty and d equals a. Then it shows exactly the log before a:
//   - a transaction before the end had done 2, so 1, at a; b does not name it, so it had done 4 and
//     with it 3 before c: the view shows it;
//   - a transaction behind the end had not done 2 at d, so not 3 at c: the view does not show it.
// To compare @@gtid_executed before and after instead is wrong: a GTID enters it at 4, so a view
// may show (3) what both readings lack.
//
// A statement on the table itself (TRUNCATE) may change it apart from all views, but keeps its
// definition locked until it is in the log and has done 4; the SELECT between c and d waits for
// that, and d then differs.
// gtid_mode is asked with b: it becomes ON only when no transaction without a GTID is under way.
// Before 8.0.30, XA COMMIT from another session did 4 before 3.
// The order of 3 and 4 is that of MYSQL_BIN_LOG::process_commit_stage_queue() and finish_commit(),
// where Gtid_state::update_commit_group() and update_on_commit() follow the engines' commit.
std::optional<LogEnd> SnapshotReader::State::begin_between_commits(const TableName& table) {
  const auto end = std::chrono::steady_clock::now() + kGapPatience;
  while (std::chrono::steady_clock::now() < end) {
    // The one question tells cheaply whether the batch is worth its while.
    if (session->value("SELECT @@GLOBAL.gtid_owned") != "") continue;
    if (std::optional<LogEnd> at = try_between_commits(table)) return at;
  }
  session->execute("ROLLBACK");
  return std::nullopt;
}

std::optional<LogEnd> SnapshotReader::State::try_between_commits(const TableName& table) {
  const std::string_view log_end = log_status_statement(facts);
  const std::string batch = fmt::format(
      "{0}; SELECT @@GLOBAL.gtid_mode, @@GLOBAL.gtid_owned; "
      "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY; SELECT 1 FROM {1} LIMIT 1; {0}",
      log_end, quoted_table(table));
  std::vector<std::vector<SqlRow>> told;
  try {
    told = run_batch(*session, batch);
  } catch (const Error&) {
    rethrow_for(session->error_code(), table);
  }
  const SqlRow& gtids = told.at(1).at(0);
  const LogEnd before = log_end_of(told.front(), facts);
  LogEnd after = log_end_of(told.back(), facts);
  if (gtids.at(0) != "ON" || gtids.at(1) != "" || before.log != after.log) return std::nullopt;
  return after;
}

// MySQL writes a commit to the log before the engine shows it. A transaction that has changed the
// table holds a metadata lock on it until the engine has committed, and table_read_lock() waits for
// that: under it, for this table, log and engine tell the same.
LogEnd SnapshotReader::State::begin_under_lock(const TableName& table) {
  run(*locker, table_read_lock(facts, table), table);
  try {
    LogEnd at = begin_and_pin(table);
    locker->execute("UNLOCK TABLES");
    return at;
  } catch (...) {
    disconnect();  // whatever the state of the sessions, the lock is gone with them
    throw;
  }
}

LogEnd SnapshotReader::State::begin_and_pin(const TableName& table) {
  run(*session, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY", table);
  LogEnd at = read_log_end(*session, facts);
  pin(table);
  return at;
}

bool SnapshotReader::State::must_lock(const TableName& table) {
  return views.lock_non_transactional && !has_transactions(engine_of(*session, table));
}

// Without transactions a statement's rows are there at once, and in the log when it ends: the
// servers write row events of such tables at the end of their statement, also within a transaction,
// and unlock the table after that. So under a lock table and log tell the same, until it is given
// up. The lock goes with the session.
LogEnd SnapshotReader::State::begin_locked(const TableName& table) {
  run(*session, fmt::format("LOCK TABLES {} READ", quoted_table(table)), table);
  table_locked = true;
  return read_log_end(*session, facts);
}

void SnapshotReader::State::end() noexcept {
  try {
    if (session)
      session->execute(std::exchange(table_locked, false) ? "UNLOCK TABLES" : "ROLLBACK");
  } catch (const std::exception&) {
    disconnect();
  }
}

LogEnd SnapshotReader::State::begin_with_retries(const TableName& table) {
  std::chrono::milliseconds backoff = kFirstBackoff;
  for (int attempt = 1;; ++attempt) {
    try {
      connect();
      return begin(table);
    } catch (const Error& error) {
      end();
      if (error.kind() == ErrorKind::unavailable) disconnect();
      if (error.kind() != ErrorKind::conflict || attempt >= views.open_attempts) throw;
    }
    std::this_thread::sleep_for(backoff);
    backoff *= 2;
  }
}

// How many rows to ask for so that they make somewhat less than max_bytes: what the server sends
// beyond is read for nothing, and so are chunks behind an end that was not reached.
std::size_t SnapshotReader::State::chunk_limit(std::size_t max_rows, std::size_t max_bytes) {
  if (row_bytes == 0)
    row_bytes = std::max<std::size_t>(1, average_row_bytes(*session, schema->name));
  return std::clamp<std::size_t>(max_bytes / 4 * 3 / row_bytes, 1,
                                 std::max<std::size_t>(1, max_rows));
}

// A failure may leave half a result on the wire or an open transaction: the next view connects
// anew.
template <typename Read>
auto SnapshotReader::State::reading(Read&& read) {
  if (!session) fail(ErrorKind::unavailable, "the connection of this view is gone: open it again");
  try {
    return read(*session);
  } catch (...) {
    const unsigned code = session->error_code();
    disconnect();
    rethrow_for(code, schema->name);
  }
}

SnapshotReader::SnapshotReader(SourceOptions options, ServerFacts facts, ViewOptions views)
    : state_(std::make_unique<State>()) {
  state_->views = views;
  state_->options = std::move(options);
  state_->facts = std::move(facts);
}

SnapshotReader::~SnapshotReader() = default;

SnapshotView SnapshotReader::open(const TableName& table) {
  if (state_->view_open) fail(ErrorKind::internal, "a snapshot reader has one view at a time");
  LogEnd at = state_->begin_with_retries(table);
  SnapshotView view(*this);
  view.log_ = std::move(at.log);
  view.gtid_ = std::move(at.gtid);
  view.schema_ = state_->schema;
  view.definition_ = state_->definition;
  view.chunkable_ = state_->key_is_scannable;
  state_->view_open = true;
  return view;
}

LogCoordinate SnapshotReader::log_end() {
  state_->connect();
  return read_log_end(*state_->session, state_->facts).log;
}

void SnapshotReader::cancel() noexcept {
  const std::lock_guard lock(state_->mutex);
  if (state_->session) state_->session->cancel();
  if (state_->locker) state_->locker->cancel();
}

SnapshotView::SnapshotView(SnapshotView&& other) noexcept
    : reader_(std::exchange(other.reader_, nullptr)),
      log_(std::move(other.log_)),
      gtid_(std::move(other.gtid_)),
      schema_(std::move(other.schema_)),
      definition_(std::move(other.definition_)),
      chunkable_(other.chunkable_) {}

SnapshotView::~SnapshotView() {
  if (reader_ == nullptr) return;
  reader_->state_->end();
  reader_->state_->view_open = false;
}

Transaction SnapshotView::pseudo_transaction() const {
  return {.gtid = {}, .file = log_.file, .offset = log_.offset, .commit_micros = now_micros()};
}

void SnapshotView::demand_chunkable() const {
  if (!chunkable_)
    fail(ErrorKind::internal, "table {} cannot be read in chunks", schema_->name.qualified());
}

// A chunk that does not get beyond the bound before it would be read for ever.
void SnapshotView::demand_progress(const std::string& key,
                                   const std::optional<std::string>& after) const {
  if (key == after)
    fail(ErrorKind::unsupported,
         "table {}: its primary key has text that is not valid in its character set, and cannot "
         "be read in key order",
         schema_->name.qualified());
}

std::optional<std::string> SnapshotView::chunk_end(const ChunkRange& range, std::size_t max_rows,
                                                   std::size_t max_bytes) {
  demand_chunkable();
  SnapshotReader::State& state = *reader_->state_;
  return state.reading([&](Connection& session) -> std::optional<std::string> {
    const std::size_t limit = state.chunk_limit(max_rows, max_bytes);
    const TableSchema key = key_columns(*schema_);
    RowStream rows(session, select_key_at(*schema_, keys_of(range), limit), key);
    Bytes image;
    if (!rows.next(image)) return std::nullopt;
    rows.skip_rest();
    std::string end = key_to_text(key_of_image(key, image));
    demand_progress(end, range.after);
    return end;
  });
}

ChunkResult SnapshotView::read_chunk(const ChunkRange& range, std::size_t max_rows,
                                     std::size_t max_bytes, ChangeBatch& batch) {
  demand_chunkable();
  SnapshotReader::State& state = *reader_->state_;
  const KeyRange keys = keys_of(range);
  return state.reading([&](Connection& session) {
    const std::size_t limit = state.chunk_limit(max_rows, max_bytes);
    RowStream rows(session, select_chunk(*schema_, keys, limit), *schema_);
    batch.begin_transaction(pseudo_transaction());
    const std::size_t start = batch.bytes();
    ChunkResult result{.last_key = range.after};
    std::size_t last_image = 0;
    bool more = true;
    while (result.rows < limit && batch.bytes() - start < max_bytes) {
      const std::size_t image = open_load(batch);
      more = rows.next(batch.out());
      if (!more) break;
      batch.close_row();
      last_image = image;
      ++result.rows;
    }
    if (!more) batch.abandon_row();
    rows.skip_rest();
    if (result.rows > 0) {
      const std::string_view image = std::string_view(batch.out()).substr(last_image);
      result.last_key = key_to_text(key_of_image(*schema_, image));
      demand_progress(*result.last_key, range.after);
      state.row_bytes = std::max<std::size_t>(1, (batch.bytes() - start) / result.rows);
    }
    result.done = !more || (range.to && result.last_key == range.to);
    if (result.done && range.to) result.last_key = range.to;
    batch.end_transaction();
    return result;
  });
}

std::uint64_t SnapshotView::read_all(std::string_view where, std::size_t max_bytes,
                                     ChangeBatch& batch,
                                     const std::function<void(ChangeBatch&)>& sink) {
  return reader_->state_->reading([&](Connection& session) {
    RowStream rows(session, select_all(*schema_, where), *schema_);
    std::uint64_t total = 0;
    for (bool more = true; more;) {
      batch.begin_transaction(pseudo_transaction());
      while (more && batch.bytes() < max_bytes) {
        open_load(batch);
        more = rows.next(batch.out());
        if (more) batch.close_row();
      }
      if (!more) batch.abandon_row();
      batch.end_transaction();
      total += batch.rows();
      if (!batch.empty()) sink(batch);
      batch.clear();
    }
    return total;
  });
}

std::size_t SnapshotView::open_load(ChangeBatch& batch) const {
  batch.open_row(Op::load, schema_);
  batch.next_image();
  return batch.bytes();
}

}  // namespace freshet
