#include "pipeline/capture.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "pipeline/config.h"
#include "pipeline/snapshot_spool.h"
#include "source/chunk_query.h"
#include "source/logged_statement.h"
#include "source/schema_reader.h"
#include "source/server_check.h"

namespace freshet {

namespace {

constexpr std::size_t kBatchBytes = std::size_t{1} << 20;
constexpr std::chrono::milliseconds kIdleWait{200};
constexpr std::chrono::milliseconds kLoadingWait{5};
constexpr std::chrono::milliseconds kPublishStatusEvery{100};
constexpr std::chrono::seconds kStoreIdlePositionEvery{1};
constexpr std::chrono::seconds kWatchLogEvery{10};
constexpr std::chrono::minutes kWarnAgainAfter{10};
constexpr const char* kNotConnected =
    "the running freshet has no link to the source now (`freshet status` says why): try again";

// Tables that exist and are selected. A rule that names one table must find it.
std::vector<TableName> tables_to_capture(Connection& connection, const TableMapping& mapping) {
  const std::vector<TableName> existing = list_tables(connection);
  for (const SelectionRule& rule : mapping.selection) {
    if (!rule.include || !rule.tables.is_literal()) continue;
    const TableName name{rule.tables.schema.text(), rule.tables.table.text()};
    if (std::ranges::find(existing, name) == existing.end())
      fail(ErrorKind::config,
           "{}: there is no table {} on the server, or this user may not read it: "
           "correct the name, or GRANT SELECT on it",
           rule.origin, name.qualified());
  }
  for (const TableName& table : list_versioned_tables(connection))
    if (mapping.selects(table))
      fail(ErrorKind::config,
           "table {} is selected and system-versioned: its log holds history rows, which Freshet "
           "does not carry; put it into source.exclude, or ALTER TABLE {} DROP SYSTEM VERSIONING",
           table.qualified(), table.qualified());
  std::vector<TableName> chosen;
  std::ranges::copy_if(existing, std::back_inserter(chosen),
                       [&](const TableName& table) { return mapping.selects(table); });
  return chosen;
}

// Of a table that is about to be loaded.
void tell_without_view(Connection& connection, const TableName& table, bool locked) {
  const std::string engine = engine_of(connection, table);
  if (engine.empty() || has_transactions(engine)) return;
  if (locked)
    return log_info(
        "table {} has engine {}, which knows no transactions: it is locked against writing while "
        "its rows are read (source.snapshot.lock_non_transactional)",
        table.qualified(), engine);
  log_warn(
      "table {} has engine {}, which knows no transactions: what is written to it while it is "
      "loaded may be seen twice, or stop the load; let nobody write to it meanwhile, or set "
      "source.snapshot.lock_non_transactional, or ALTER TABLE ... ENGINE = InnoDB",
      table.qualified(), engine);
}

// A load has come to its end. One that chose rows leaves the others as they were.
void finish_load(TableProgress& progress) {
  const bool whole = progress.where.empty() || progress.whole_before;
  progress = {.phase = whole ? SnapshotPhase::done : SnapshotPhase::cancelled,
              .rows = progress.rows,
              .estimate = progress.estimate,
              .schema = progress.schema,
              .joined = progress.joined};
}

}  // namespace

Capture::Capture(CaptureOptions options, StreamWriter& writer, Ledger& ledger)
    : options_(std::move(options)),
      writer_(writer),
      stream_(writer),
      ledger_(ledger),
      schemas_({.definition =
                    [this](const TableName& table) {
                      return read_locked_definition(*schema_connection_, facts_, table);
                    },
                .touched =
                    [this](const TableName& table, const LogCoordinate& from) {
                      return first_statement_touching(table, from);
                    }},
               [this](std::string_view database) { return tracks(database); }) {
  make_directories(options_.spool_directory);
  if (options_.masking) masker_ = std::make_unique<CaptureMasker>(*options_.masking, options_.key);
  schema_connection_ = Connection::open(options_.source);
  facts_ = read_server_facts(*schema_connection_);
  demand_row_log(*schema_connection_, facts_);
  if (writer_.source_state().empty()) {
    begin();
  } else if (options_.reload) {
    begin_again();
  } else {
    resume();
  }
  log_ = std::make_unique<BinlogSource>(
      options_.source, facts_, state_.position,
      [this](const TableName& table) { return captured(table); }, schemas_, log_spool());
  options_.load.order = [this](const TableName& t) { return options_.mapping.load_order(t); };
  log_->pass_over([this](const TableName& table) { return passes_over(table); });
  loader_ = std::make_unique<TableLoader>(options_.source, facts_, options_.load,
                                          options_.spool_directory, masker_ ? options_.key : "");
  remove_stray_spools();
  publish_status();
}

Capture::~Capture() = default;

// A new stream: the log from its end on; every table is loaded beside it.
void Capture::begin() {
  const LogEnd end = read_log_end(*schema_connection_, facts_);
  state_.position = {.server_id = facts_.identity, .log = end.log, .gtid = end.gtid};
  // Where no GTID was ever given, the log holds no transaction; its head tells that, its end not.
  if (facts_.gtid && end.gtid.empty()) state_.position.log.offset = LogCoordinate{}.offset;
  adopted_ = true;
  learn_databases();
  add_new_tables();
  append(batch_);
  batch_.clear();
  stream_.now();
  log_info("capture begins at {} of {}", to_string(end.log), facts_.version);
}

// As a new stream; what the old one has told of the tables is out of date. XA transactions that are
// prepared now are unknown from here on: when they are committed, that is told.
void Capture::begin_again() {
  for (const auto& [table, progress] : CaptureState::decode(writer_.source_state()).tables)
    state_.removed[table] = progress.schema;
  for (const auto& [key, content] : writer_.source_parts()) schemas_.restore(key, content);
  schemas_.forget();
  std::filesystem::remove_all(options_.spool_directory);
  make_directories(options_.spool_directory);
  begin();
}

void Capture::resume() {
  state_ = CaptureState::decode(writer_.source_state());
  for (auto& [table, progress] : state_.tables)
    progress.last_key = unseal(progress.last_key, options_.key);
  for (const auto& [key, content] : writer_.source_parts()) schemas_.restore(key, content);
  learn_databases();
  if (state_.position.rows == 0) adopt_selection();
  log_info("capture resumes at {}", to_string(state_.position.log));
}

// Databases that captured tables are in, or may come to be in.
bool Capture::tracks(std::string_view database) const {
  const auto may_select = [&](const SelectionRule& rule) {
    return rule.include && rule.tables.schema.matches(database);
  };
  const auto is_there = [&](const auto& entry) { return entry.first.database == database; };
  return std::ranges::any_of(options_.mapping.selection, may_select) ||
         std::ranges::any_of(state_.tables, is_there);
}

// Databases that are tracked from here on. What information_schema says now was in force at our
// position for every table that no statement touches from there to an end of the log read after
// the answer; the others are suspect until they are asked about. On MySQL the GTIDs of a new
// position may lack the last transactions before its place, which are then read again: so the scan
// starts as the reader does.
void Capture::learn_databases() {
  std::set<std::string> learned;
  for (const auto& [database, charset] : list_databases(*schema_connection_)) {
    if (!tracks(database) || schemas_.knows_database(database)) continue;
    learned.insert(database);
    schemas_.know_database(database, charset);
    for (TableDefinition& definition : read_definitions(*schema_connection_, facts_, database))
      schemas_.know(std::move(definition));
  }
  if (learned.empty()) return;
  const LogEnd end = read_log_end(*schema_connection_, facts_);
  scan_statements(options_.source, facts_, state_.position, end.log,
                  [&](const Statement& statement, const LogCoordinate&) {
                    for (const Statement::Action& action : statement.actions)
                      suspect(action, learned);
                    return true;
                  });
}

void Capture::suspect(const Statement::Action& action, const std::set<std::string>& learned) {
  using Kind = Statement::Action::Kind;
  if (action.kind == Kind::truncate) return;
  const std::string& database = action.table.database;
  if (action.kind == Kind::create_database || action.kind == Kind::alter_database ||
      action.kind == Kind::drop_database) {
    if (!learned.contains(database)) return;
    for (const TableName& table : schemas_.tables_of(database)) schemas_.suspect(table);
    schemas_.database_dropped(database);
    return;
  }
  if (learned.contains(database)) schemas_.suspect(action.table);
  if (action.kind == Kind::rename && learned.contains(action.to.database))
    schemas_.suspect(action.to);
}

// The first statement in the log from `from` on that touches the table.
std::optional<LogCoordinate> Capture::first_statement_touching(const TableName& table,
                                                               const LogCoordinate& from) {
  const LogEnd end = read_log_end(*schema_connection_, facts_);
  std::optional<LogCoordinate> found;
  scan_statements(options_.source, facts_, {.server_id = facts_.identity, .log = from}, end.log,
                  [&](const Statement& statement, const LogCoordinate& place) {
                    if (touches(statement, table)) found = place;
                    return !found;
                  });
  return found;
}

void Capture::add_new_tables() {
  for (const TableName& table : tables_to_capture(*schema_connection_, options_.mapping)) {
    if (state_.tables.contains(table)) continue;
    state_.tables[table] = {.estimate = estimate_rows(*schema_connection_, table),
                            .schema = schemas_.known(table),
                            .joined = joins_now(table)};
    clear_removed(table);
    tell_without_view(*schema_connection_, table, options_.load.views.lock_non_transactional);
  }
  // A rule that does not fit its table is told now, not with the first row.
  if (options_.mapping.changes_anything())
    for (const auto& [table, progress] : state_.tables)
      if (progress.schema) (void)shaper_.target_of(progress.schema);
}

// Whether the log's changes of a table that is new here can be read without its first view.
bool Capture::joins_now(const TableName& table) const {
  return facts_.row_metadata == "FULL" || schemas_.is_certain(table);
}

// A table that was captured once, and was not for a while: its load begins from nothing.
void Capture::clear_removed(const TableName& table) {
  const auto found = state_.removed.find(table);
  if (found == state_.removed.end()) return;
  const SchemaPtr schema = std::move(found->second);
  state_.removed.erase(found);
  if (!schema) return;  // never loaded
  put_mark(batch_, Op::truncate, schema);
}

// A mark of ours, at the place where the log is read now: between its transactions, or within one
// whose statement asks for it (CREATE TABLE ... SELECT).
void Capture::put_mark(ChangeBatch& batch, Op op, const SchemaPtr& schema) const {
  if (batch.in_transaction()) return batch.add_mark(op, schema);
  const LogCoordinate& at = log_ ? log_->position().log : state_.position.log;
  batch.begin_transaction({.file = at.file, .offset = at.offset, .commit_micros = now_micros()});
  batch.add_mark(op, schema);
  batch.end_transaction();
}

// The selection as configured now comes into force where no transaction is open: the rows taken of
// one are counted over the tables captured then, which are those of the state.
void Capture::adopt_selection() {
  adopted_ = true;
  if (log_) state_.position = log_->position();
  for (auto entry = state_.tables.begin(); entry != state_.tables.end();) {
    if (options_.mapping.selects(entry->first)) {
      ++entry;
      continue;
    }
    log_info("{} is no longer captured", entry->first.qualified());
    state_.removed[entry->first] = entry->second.schema;
    entry = state_.tables.erase(entry);
  }
  add_new_tables();
  if (log_) log_->ask_again_what_is_captured();
  append(batch_);
  batch_.clear();
  stream_.now();
}

bool Capture::captured(const TableName& table) const {
  return adopted_ ? options_.mapping.selects(table) : state_.tables.contains(table);
}

bool Capture::passes_over(const TableName& table) {
  // A table that is about to go must not stop the log for its columns: none of its rows were taken.
  if (!options_.mapping.selects(table) && !schemas_.is_certain(table)) return true;
  const auto found = state_.tables.find(table);
  if (found != state_.tables.end()) return !found->second.joined;
  if (schemas_.is_certain(table)) return false;
  // It was gone when the tables were listed: by its end, or by a new name, under which it is
  // loaded.
  if (passed_over_.insert(table).second)
    log_warn(
        "rows of {} are passed over: the log does not name its columns, and when the tables were "
        "listed the server had none of this name that this user may read",
        table.qualified());
  return true;
}

void Capture::run(std::stop_token stop) {
  // Whoever asks is answered, also when a link breaks.
  struct Open {
    explicit Open(Capture& owner) : capture(owner) { capture.take_requests(true); }
    ~Open() { capture.take_requests(false); }
    Capture& capture;
  };
  const Open open(*this);
  finish_spools(stop);
  while (!stop.stop_requested()) {
    serve_requests();
    if (!adopted_ && log_->position().rows == 0 && !batch_.in_transaction()) adopt_selection();
    advance_loads();
    open_place();
    const std::optional<LogCoordinate> chunk = loader_->until();
    const std::optional<LogCoordinate> until =
        place_ && (!chunk || place_->at < *chunk) ? place_->at : chunk;
    const ReadResult read =
        log_->read(batch_, kBatchBytes, until ? kLoadingWait : kIdleWait, until, stop);
    account(read);
    // Before the append: what a statement demands must be stored with the position behind it.
    for (const DdlNotice& notice : read.ddl) note(notice);
    store_changes();
    if (read.reached && place_ && place_->at == *until) close_place();
    // A statement may have made the view void, and the next view lies further on.
    if (read.reached && chunk == until && loader_->until() == chunk) append_loaded(stop);
    watch_log();
    if (std::chrono::steady_clock::now() - published_at_ > kPublishStatusEvery) publish_status();
  }
  if (log_->position() != stored_) append(ChangeBatch());
  stream_.now();
  publish_status();
}

void Capture::account(const ReadResult& read) {
  ledger_.add({.read = read.rows_read,
               .emitted = read.rows_emitted,
               .filtered = read.rows_filtered,
               .repeated = read.rows_repeated});
}

// A full batch means that more is to be read, which need not wait for the disk.
void Capture::store_changes() {
  if (batch_.empty()) return store_idle_position();
  const bool full = batch_.bytes() >= kBatchBytes;
  ledger_.leave_out(append(batch_.take(stream_.spare_memory())));
  if (full) return stream_.soon();
  stream_.now();
  log_->forget_before(stored_);
}

// Without changes of ours the log still moves on; storing that now and then keeps a restart short.
void Capture::store_idle_position() {
  const auto now = std::chrono::steady_clock::now();
  if (log_->position() == stored_ || now - stored_at_ < kStoreIdlePositionEvery) return;
  append(ChangeBatch());
  stream_.now();
  log_->forget_before(stored_);
}

std::uint64_t Capture::append(ChangeBatch batch) {
  if (log_) state_.position = log_->position();
  remember_schemas();
  const bool shapes = options_.mapping.changes_anything() && !batch.empty();
  if (shapes) batch = shaper_.shape(batch);
  if (masker_) masker_->mask(batch);
  stream_.append(std::move(batch), sealed_state(), schemas_.take_changes());
  stored_ = state_.position;
  stored_at_ = std::chrono::steady_clock::now();
  return shapes ? shaper_.left_out() : 0;
}

// Rows that are masked at capture wait on disk encrypted only.
Spool Capture::log_spool() const {
  Spool spool{.directory = options_.spool_directory};
  if (masker_)
    spool.seal = [key = options_.key](std::string_view bytes) { return seal(bytes, key); };
  spool.unseal = [key = options_.key](std::string_view bytes) { return unseal(bytes, key); };
  return spool;
}

// What is stored names rows by encrypted keys only.
Bytes Capture::sealed_state() const {
  CaptureState sealed = state_;
  for (auto& [table, progress] : sealed.tables)
    progress.last_key = seal(progress.last_key, options_.key);
  return sealed.encode();
}

void Capture::remember_schemas() {
  for (auto& [table, progress] : state_.tables)
    if (SchemaPtr known = schemas_.known(table)) progress.schema = std::move(known);
}

void Capture::note(const DdlNotice& notice) {
  if (notice.kind == DdlNotice::Kind::unseen) {
    log_warn(
        "an XA transaction that is committed at {} was prepared before our start, so that "
        "its rows were never seen: all tables are loaded again",
        to_string(notice.at));
    for (auto& [table, progress] : state_.tables) load_again(table);
    return;
  }
  log_info("{} {} at {}{}", notice.table.qualified(), name_of(notice.kind), to_string(notice.at),
           notice.neutral ? " (values unchanged)" : "");
  switch (notice.kind) {
    case DdlNotice::Kind::unseen:
    case DdlNotice::Kind::truncated: return;  // the mark in the stream says it all
    case DdlNotice::Kind::altered:
      if (!notice.neutral) load_again(notice.table);
      return;
    case DdlNotice::Kind::created:
    case DdlNotice::Kind::renamed_to:
      state_.tables[notice.table].joined = joins_now(notice.table);
      load_again(notice.table);
      log_->ask_again_what_is_captured();
      return;
    case DdlNotice::Kind::dropped:
    case DdlNotice::Kind::renamed_from:
      loader_->forget(notice.table);
      if (const auto found = state_.tables.find(notice.table); found != state_.tables.end())
        found->second = {.phase = SnapshotPhase::done,
                         .schema = found->second.schema,
                         .joined = found->second.joined};
      return;
  }
}

// A statement gave existing rows values that no row event tells: only reading them again does.
void Capture::load_again(const TableName& table) {
  loader_->forget(table);
  tell_without_view(*schema_connection_, table, options_.load.views.lock_non_transactional);
  TableProgress& progress = state_.tables[table];
  progress = {.schema = progress.schema, .joined = progress.joined, .paused = progress.paused};
  progress.estimate = estimate_rows(*schema_connection_, table);
  // Without columns known nothing of the table enters the stream before its first view.
  if (const SchemaPtr schema = schemas_.known(table); schema && progress.joined)
    put_mark(batch_, Op::snapshot_due, schema);
}

void Capture::append_loaded(std::stop_token stop) {
  std::optional<LoadedChunk> chunk = take_chunk();
  if (!chunk) return;
  TableProgress& progress = state_.tables[chunk->table];
  schemas_.know(chunk->definition);
  if (!progress.joined) {
    progress.joined = true;
    log_->ask_again_what_is_captured();
  }
  if (!chunk->spool.empty()) {
    progress.phase = SnapshotPhase::spooled;
    progress.spool = chunk->spool;
    progress.spooled_blocks = 0;
    progress.schema = chunk->schema;
    append(ChangeBatch());
    return drain_spool(chunk->table, progress, stop);
  }
  progress.rows += chunk->result.rows;
  progress.phase = SnapshotPhase::loading;
  progress.last_key = chunk->result.last_key.value_or(progress.last_key);
  if (chunk->result.done) finish_load(progress);
  append(std::move(chunk->rows));
  chunk->result.done ? stream_.now() : stream_.soon();
  ledger_.add_loaded(chunk->result.rows);
  if (chunk->result.done)
    log_info("{} is loaded: {} rows", chunk->table.qualified(), progress.rows);
}

void Capture::find_place(PlaceRequest request) {
  const std::lock_guard lock(requests_mutex_);
  requests_.push_back(std::move(request));
}

void Capture::open_place() {
  if (place_) return;
  PlaceRequest request;
  {
    const std::lock_guard lock(requests_mutex_);
    if (requests_.empty()) return;
    request = std::move(requests_.front());
    requests_.pop_front();
  }
  if (const auto at = request.name()) place_ = {.at = *at, .request = std::move(request)};
}

// The log is read up to the place, and what was read has been appended.
void Capture::close_place() {
  stream_.now();
  place_->request.reached(writer_.last_offset(), state_.tables);
  place_.reset();
}

// The next view's rows. A condition may have lost its sense since it was tried, by a statement that
// took a column away: then that load ends, and nothing else suffers.
std::optional<LoadedChunk> Capture::take_chunk() {
  const TableName table = loader_->next_table();
  try {
    return loader_->take(kLoadingWait);
  } catch (const Error& error) {
    TableProgress& progress = state_.tables[table];
    if (progress.where.empty() || error.kind() != ErrorKind::failed) throw;
    log_warn("{}: the load of rows that fit a condition ends early: {}", table.qualified(),
             error.what());
    loader_->forget(table);
    finish_load(progress);
    append(ChangeBatch());
    stream_.now();
    return std::nullopt;
  }
}

// Spools that a restart found unfinished come first: the log stands where their view was taken.
void Capture::finish_spools(std::stop_token stop) {
  for (auto& [table, progress] : state_.tables)
    if (progress.phase == SnapshotPhase::spooled) drain_spool(table, progress, stop);
}

void Capture::drain_spool(const TableName& table, TableProgress& progress, std::stop_token stop) {
  const std::filesystem::path path = options_.spool_directory / progress.spool;
  SpoolReader spool(path, progress.spooled_blocks);
  const SchemaPtr schema = progress.schema;
  while (const auto block = spool.next()) {
    if (stop.stop_requested()) return;  // goes on here after the next start
    const ChangeBatch rows =
        ChangeBatch::decode(unseal(*block, options_.key), [&](std::uint64_t) { return schema; });
    progress.rows += rows.rows();
    ++progress.spooled_blocks;
    append(rows);
    stream_.soon();
    ledger_.add_loaded(rows.rows());
    publish_status();
  }
  finish_load(progress);
  append(ChangeBatch());
  stream_.now();
  remove_file_if_present(path);
  log_info("{} is loaded: {} rows", table.qualified(), progress.rows);
}

// Whether a table is to be read, now or in a moment.
bool Capture::loads() const {
  return std::ranges::any_of(state_.tables, [](const auto& entry) {
    return entry.second.unfinished() && !entry.second.paused;
  });
}

void Capture::watch_delay() {
  const auto now = std::chrono::steady_clock::now();
  delay_.read_to(log_->log_end(), now);
  if (delay_.wants_mark(now)) delay_.mark(read_log_end(*schema_connection_, facts_).log, now);
}

// The log goes first: what the server deletes unread is lost, and a table can be loaded later.
void Capture::advance_loads() {
  if (!loads()) {
    delay_ = {};
    late_ = false;
    return;
  }
  watch_delay();
  const std::chrono::milliseconds most = options_.load.pause_behind;
  if (most.count() == 0) return loader_->advance(state_);
  const auto behind = delay_.behind(std::chrono::steady_clock::now());
  const bool late = behind > most;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(behind).count();
  if (late && !late_)
    log_info("loading waits: the log is {} s behind, and goes first (source.snapshot.pause_behind)",
             seconds);
  if (!late && late_) log_info("loading goes on: the log is {} s behind", seconds);
  late_ = late;
  if (!late && delay_.known()) loader_->advance(state_);
}

LoadBrake Capture::brake() const {
  if (!loads()) return LoadBrake::none;
  if (late_) return LoadBrake::log_behind;
  return loader_->paced() ? LoadBrake::rate : LoadBrake::none;
}

// What is still to be read may be deleted, or all of the log at once (RESET MASTER), of which a
// server's dump need not say a word.
void Capture::watch_log() {
  const auto now = std::chrono::steady_clock::now();
  if (now - watched_at_ < kWatchLogEvery) return;
  watched_at_ = now;
  const LogCoordinate at = log_->log_end();
  if (!at.known()) return;
  constexpr std::int64_t kMicros = 1'000'000;
  const auto written =
      std::max<std::uint64_t>(log_->position().file_created,
                              static_cast<std::uint64_t>(log_->last_event_micros() / kMicros));
  retention_ = read_retention(*schema_connection_, facts_, at, written);
  if (!is_running_out(*retention_) || now - warned_at_ < kWarnAgainAfter) return;
  warned_at_ = now;
  log_warn(
      "the server may delete {} in {} minutes, with {} MB of log still to be read: keep logs "
      "longer (`freshet check` tells how)",
      at.file, *retention_->seconds_left / 60, retention_->bytes_ahead >> 20);
}

// Files of reads that a crash or a statement broke off: no state names them.
void Capture::remove_stray_spools() const {
  std::set<std::filesystem::path> named;
  for (const auto& [table, progress] : state_.tables)
    if (progress.phase == SnapshotPhase::spooled) named.insert(progress.spool);
  for (const auto& entry : std::filesystem::directory_iterator(options_.spool_directory))
    if (entry.path().extension() == ".spool" && !named.contains(entry.path().filename()))
      remove_file_if_present(entry.path());
}

std::string Capture::snapshot(const SnapshotRequest& request, const std::stop_token& stop) {
  auto asked = std::make_shared<Asked>();
  asked->request = request;
  std::future<std::string> answer = asked->answer.get_future();
  {
    const std::lock_guard lock(asked_mutex_);
    if (!running_) fail(ErrorKind::unavailable, kNotConnected);
    asked_.push_back(asked);
  }
  while (answer.wait_for(kIdleWait) != std::future_status::ready)
    if (stop.stop_requested())
      fail(ErrorKind::unavailable, "the request was given up before it was answered");
  return answer.get();
}

void Capture::take_requests(bool running) {
  const std::lock_guard lock(asked_mutex_);
  running_ = running;
  if (running) return;
  for (const auto& asked : asked_)
    asked->answer.set_exception(
        std::make_exception_ptr(Error(ErrorKind::unavailable, kNotConnected)));
  asked_.clear();
}

// Between transactions of the log, for a request may put a mark into the stream.
void Capture::serve_requests() {
  while (!batch_.in_transaction()) {
    std::shared_ptr<Asked> asked;
    {
      const std::lock_guard lock(asked_mutex_);
      if (asked_.empty()) return;
      asked = std::move(asked_.front());
      asked_.pop_front();
    }
    try {
      asked->answer.set_value(serve(asked->request));
    } catch (const Error& error) {
      asked->answer.set_exception(std::current_exception());
      if (error.kind() == ErrorKind::unavailable) throw;
    }
  }
}

std::string Capture::serve(const SnapshotRequest& request) {
  std::map<TableName, TableProgress> tables = state_.tables;
  std::map<TableName, SnapshotStep> steps;
  for (const std::string& name : request.tables) {
    const TableName& table = find_table(state_, name);
    if (steps.contains(table)) continue;
    steps[table] = take_step(table, tables[table], request);
    if (request.action == SnapshotRequest::Action::load)
      tables[table].estimate = request.where.empty() ? estimate_rows(*schema_connection_, table)
                                                     : try_condition(table, request.where);
  }
  state_.tables = std::move(tables);
  ChangeBatch marks;
  std::string said;
  for (const auto& [table, step] : steps) {
    if (step.drop_views) loader_->forget(table);
    if (step.end_mark) put_mark(marks, Op::snapshot_end, state_.tables[table].schema);
    log_info("{}", step.said);
    said += step.said + "\n";
  }
  append(marks);
  stream_.now();
  publish_status();
  return said;
}

// Has the server judge a condition; gives the number of rows that it expects.
std::uint64_t Capture::try_condition(const TableName& table, const std::string& where) {
  check_condition(where);
  try {
    return estimate_rows_where(*schema_connection_, facts_, table, where);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::failed) throw;
    fail(ErrorKind::usage, "the server refuses the condition: {}", error.what());
  }
}

std::map<TableName, double> Capture::load_rates() {
  std::map<TableName, double> rates;
  const auto now = std::chrono::steady_clock::now();
  for (const auto& [table, progress] : state_.tables) {
    if (!progress.unfinished() || progress.paused) {
      rates_.erase(table);
      continue;
    }
    rates_[table].update(progress.rows, now);
    rates[table] = rates_[table].per_second();
  }
  return rates;
}

void Capture::publish_status() {
  published_at_ = std::chrono::steady_clock::now();
  std::map<TableName, double> rates = load_rates();
  const std::lock_guard lock(status_mutex_);
  status_.server_version = facts_.version;
  status_.position = log_->position();
  status_.log_end = log_->log_end();
  status_.last_event_micros = log_->last_event_micros();
  status_.retention = retention_;
  status_.tables = state_.tables;
  status_.rates = std::move(rates);
  status_.brake = brake();
  status_.behind = std::nullopt;
  if (loads())
    status_.behind =
        std::chrono::duration_cast<std::chrono::milliseconds>(delay_.behind(published_at_));
}

std::vector<CaptureMasker::Finding> Capture::findings() const {
  return masker_ ? masker_->findings() : std::vector<CaptureMasker::Finding>();
}

CaptureStatus Capture::status() const {
  const std::lock_guard lock(status_mutex_);
  return status_;
}

}  // namespace freshet
