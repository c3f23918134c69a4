#include "source/binlog_source.h"

#include <algorithm>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/ascii.h"
#include "source/binlog_event.h"
#include "source/compression.h"
#include "source/event_reader.h"
#include "source/executed_gtids.h"
#include "source/log_dump.h"
#include "source/logged_statement.h"
#include "source/prepared_transactions.h"
#include "source/remedy.h"
#include "source/row_decoder.h"
#include "source/row_fragments.h"
#include "source/table_map.h"

namespace freshet {

namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// How long an unfinished transaction may wait for its end before its part is given out. The server
// sends a transaction's events one by one, microseconds apart.
constexpr milliseconds kTransactionTail{1};
// How long what was read may wait for more of what is captured, while other events come.
constexpr milliseconds kMostWaiting{10};
// A wait is cut into slices, so that a stop is seen.
constexpr milliseconds kWaitSlice{50};
constexpr std::size_t kMaxCachedTables = 10'000;
constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr int kNumberShift = 40;  // Transaction::number: file number above, offset below

std::uint64_t file_number(std::string_view file) {
  std::uint64_t number = 0;
  const std::size_t dot = file.rfind('.');
  if (dot == std::string_view::npos) return 0;
  for (const char c : file.substr(dot + 1)) {
    if (c < '0' || c > '9') return 0;
    number = number * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return number;
}

bool is_system(std::string_view database) {
  return database == "mysql" || database == "sys" || database == "performance_schema" ||
         database == "information_schema";
}

// An XA identifier of an event, spelt as read_statement() gives that of a statement: XA COMMIT
// X'7831',X'',1. `width` is that of the two lengths.
std::string xid_text(std::string_view xid, std::size_t width) {
  ByteReader in(xid);
  const auto format = in.fixed<std::uint32_t>();
  const std::size_t gtrid = in.le(width);
  const std::size_t bqual = in.le(width);
  std::string text = "x";
  const auto put_hex = [&](std::string_view bytes) {
    for (const char c : bytes) text += fmt::format("{:02x}", static_cast<std::uint8_t>(c));
  };
  put_hex(in.take(gtrid));
  text += ",x";
  put_hex(in.take(bqual));
  return text + fmt::format(",{}", format);
}

// A table as the current file maps it.
struct MappedTable {
  Bytes body;  // of the TABLE_MAP: equal bytes mean the same table
  TableName name;
  bool captured = false;
  RowPlan plan;
};

// A transaction of the log. Without GTIDs it begins with BEGIN; with them, with the GTID event. On
// MariaDB the GTID event is itself the BEGIN, unless it announces a single statement.
struct Group {
  bool open = false;
  bool began = false;      // more than one event: ends with XID, COMMIT or XA_PREPARE
  bool in_batch = false;   // begun in the caller's batch
  std::uint64_t rows = 0;  // row changes of captured tables so far
  LogCoordinate begin;
  std::uint32_t timestamp = 0;
  std::optional<TransactionGtid> gtid;
};

// Whether an event is part of what a transaction does, and not of the log's own order.
bool is_content(EventType type) noexcept {
  switch (type) {
    case EventType::query:
    case EventType::mariadb_query_compressed:
    case EventType::table_map:
    case EventType::load:
    case EventType::new_load:
    case EventType::create_file:
    case EventType::exec_load:
    case EventType::execute_load_query:
    case EventType::write_rows_v0:
    case EventType::update_rows_v0:
    case EventType::delete_rows_v0:
    case EventType::mariadb_partial_row_data: return true;
    default: return is_rows_event(type);
  }
}

// Whether a statement gives columns other names and does nothing else. Without clauses that move
// columns, what is told apart by place is the same column.
bool only_renames(const SchemaEffect& effect, const TableEdit& edit) {
  const auto renames = [](const TableClause& clause) {
    using Kind = TableClause::Kind;
    return (clause.kind == Kind::rename_column || clause.kind == Kind::change_column) &&
           !clause.after;
  };
  const auto same_but_name = [](Column before, const Column& after) {
    before.name = after.name;
    return before == after;
  };
  return std::ranges::all_of(edit.clauses, renames) &&
         std::ranges::equal(effect.before->columns, effect.after->columns, same_but_name);
}

SchemaPtr under_name(const SchemaPtr& schema, const TableName& name) {
  TableSchema renamed = *schema;
  renamed.name = name;
  return std::make_shared<const TableSchema>(std::move(renamed));
}

}  // namespace

std::string_view name_of(DdlNotice::Kind kind) noexcept {
  switch (kind) {
    case DdlNotice::Kind::altered: return "altered";
    case DdlNotice::Kind::renamed_from: return "renamed-from";
    case DdlNotice::Kind::renamed_to: return "renamed-to";
    case DdlNotice::Kind::dropped: return "dropped";
    case DdlNotice::Kind::created: return "created";
    case DdlNotice::Kind::truncated: return "truncated";
    case DdlNotice::Kind::unseen: return "unseen";
  }
  return "unknown";
}

class BinlogSource::Impl {
 public:
  Impl(std::unique_ptr<EventReader> reader, const ServerFacts& facts, Position start,
       std::function<bool(const TableName&)> captured, SchemaTracker& schemas, const Spool& spool);

  ReadResult read(ChangeBatch& out, std::size_t max_bytes, milliseconds wait,
                  const std::optional<LogCoordinate>& until, const std::stop_token& stop);
  void forget_before(const Position& position) { prepared_.forget_before(position.log); }
  [[nodiscard]] const Position& position() const noexcept { return position_; }
  [[nodiscard]] LogCoordinate log_end() const;
  [[nodiscard]] std::int64_t last_event_micros() const noexcept { return last_micros_; }
  void pass_over(std::function<bool(const TableName&)> passes) { passes_ = std::move(passes); }
  void forget_tables() { tables_.clear(); }

 private:
  struct OpenRows {  // a rows event whose rows are being taken
    RowsEvent event;
    ByteReader rows;
    MappedTable* table;
    std::uint64_t end;  // of the event
  };
  struct Replay {  // an XA transaction's events being given out, at the place of its commit
    HeldEvents events;
    Event commit;
  };

  void read_events(std::size_t max_bytes, milliseconds wait,
                   const std::optional<LogCoordinate>& until, const std::stop_token& stop);
  std::optional<Event> next_event(milliseconds wait);
  [[nodiscard]] milliseconds patience(Clock::time_point deadline) const;
  [[nodiscard]] bool begins_at_or_after(const Event& event, const LogCoordinate& until) const;
  void settle();

  void handle(const Event& event);
  void dispatch(const Event& event);
  void hold(const Event& event);
  void finish(const Event& event);
  [[nodiscard]] bool before_start(const Event& event);
  [[nodiscard]] LogCoordinate place(const Event& event) const { return {file_, event.begin}; }
  [[nodiscard]] bool is_same_server() const {
    return start_.server_id.empty() || start_.server_id == facts_.identity;
  }

  void on_format(const Event& event);
  void on_rotate(const Event& event);
  void on_gtid(const Event& event);
  void on_mariadb_gtid(const Event& event);
  void demand_same_transaction() const;
  void on_table_map(const Event& event);
  [[nodiscard]] RowPlan plan_of_filtered(const Event& event) const;
  void on_rows(const Event& event);
  void on_row_fragment(const Event& event);
  void demand_whole_rows(const Event& event) const;
  void on_query(const Event& event, std::string_view body);
  void on_data_statement(const Statement& statement, const Event& event);
  void on_xa_statement(const Statement& statement, const Event& event);
  void on_xa_commit(const std::string& xid, const Event& event);
  void on_xa_prepare(const Event& event);
  [[nodiscard]] MappedTable& table_of(const RowsEvent& rows, const Event& event);

  void on_ddl(const Statement& statement, const Event& event);
  void apply(const Statement::Action& action, const Event& event);
  void apply_create(const Statement::Action& action, const Event& event);
  void apply_alter(const Statement::Action& action, const Event& event);
  void apply_rename(const Statement::Action& action, const Event& event);
  void drop_table(const TableName& table, const Event& event);
  // Before a place from which rows were taken before the restart: marks and notices were, too.
  [[nodiscard]] bool is_repeated() const noexcept { return group_.rows < repeated_; }
  void announce_now(Op op, const SchemaPtr& schema, const SchemaPtr& other = nullptr);
  void put_mark(Op op, const SchemaPtr& schema, const SchemaPtr& other = nullptr);
  void clear_table(const TableName& table, DdlNotice::Kind kind, const Event& event);
  void notice(const TableName& table, DdlNotice::Kind kind, const Event& event,
              bool neutral = false);
  void refuse_versioned(const TableName& table, const Event& event) const;

  void open_group(const Event& event);
  void end_group(const Event& event);
  void begin_in_batch();
  [[nodiscard]] Transaction transaction() const;

  void take_rows(std::size_t max_bytes);
  void decode_rows(OpenRows& open, std::size_t max_bytes);
  void announce(const MappedTable& table);
  void count_filtered(const RowsEvent& event, const MappedTable& table);

  std::unique_ptr<EventReader> reader_;
  ServerFacts facts_;
  Position start_;
  std::function<bool(const TableName&)> captured_;
  std::function<bool(const TableName&)> passes_;  // may be empty
  SchemaTracker& schemas_;

  // Place
  std::string file_;
  std::uint64_t offset_ = 4;                  // after the last consumed event
  bool from_head_ = true;                     // the file is read from its start
  std::uint32_t file_created_ = 0;            // as Position has it
  LogCoordinate floor_;                       // never report less: the log was taken up to there
  std::optional<std::uint64_t> drop_before_;  // the dump had to start below the position asked for
  Position position_;
  std::int64_t last_micros_ = 0;
  ExecutedGtids executed_;
  std::uint64_t repeated_ = 0;  // rows of the first transaction that were taken already

  // Parts of an event that are still to be consumed
  std::optional<Event> held_back_;  // begins at or after `until`
  std::optional<PayloadReader> payload_;
  Event payload_event_;
  std::optional<OpenRows> rows_;
  Bytes inflated_;          // what rows_ or a query may point into
  RowFragments fragments_;  // the same

  bool mariadb_;
  Group group_;
  PreparedTransactions prepared_;
  std::optional<Replay> replay_;
  std::unordered_map<std::uint64_t, std::unique_ptr<MappedTable>> tables_;
  std::set<TableName> unannounced_;  // their schema has changed; the mark is still to come

  // Of the running call
  ChangeBatch* out_ = nullptr;
  ReadResult result_;
};

BinlogSource::Impl::Impl(std::unique_ptr<EventReader> reader, const ServerFacts& facts,
                         Position start, std::function<bool(const TableName&)> captured,
                         SchemaTracker& schemas, const Spool& spool)
    : reader_(std::move(reader)),
      facts_(facts),
      start_(std::move(start)),
      captured_(std::move(captured)),
      schemas_(schemas),
      file_(reader_->at().file),
      offset_(reader_->at().offset),
      from_head_(offset_ == LogCoordinate{}.offset),
      position_(start_),
      executed_(start_.gtid, facts.mariadb),
      repeated_(start_.rows),
      mariadb_(facts.mariadb),
      prepared_(spool, is_same_server() ? start_.log : LogCoordinate{}) {
  if (is_same_server() && start_.log.known()) floor_ = start_.log;
  position_.server_id = facts_.identity;
  if (reader_->at().known() && file_ == start_.log.file && offset_ < start_.log.offset)
    drop_before_ = start_.log.offset;
}

LogCoordinate BinlogSource::Impl::log_end() const {
  LogCoordinate here{file_, offset_};
  if (floor_.known() && (!here.known() || here < floor_)) return floor_;
  return here;
}

ReadResult BinlogSource::Impl::read(ChangeBatch& out, std::size_t max_bytes, milliseconds wait,
                                    const std::optional<LogCoordinate>& until,
                                    const std::stop_token& stop) {
  result_ = {};
  out_ = &out;
  if (group_.in_batch && !out.in_transaction()) out.begin_transaction(transaction(), group_.rows);
  // A batch that goes on within a transaction begins with its head: each call must get further.
  try {
    read_events(std::max(max_bytes, out.bytes() + 1), wait, until, stop);
  } catch (...) {
    settle();
    throw;
  }
  settle();
  return std::move(result_);
}

void BinlogSource::Impl::read_events(std::size_t max_bytes, milliseconds wait,
                                     const std::optional<LogCoordinate>& until,
                                     const std::stop_token& stop) {
  const Clock::time_point deadline = Clock::now() + wait;
  std::optional<Clock::time_point> leave_at;  // as what was read would wait for more
  while (out_->bytes() < max_bytes && result_.ddl.empty()) {
    if (rows_) {
      take_rows(max_bytes);
      continue;
    }
    if (until && !group_.open && log_end() >= *until) {
      result_.reached = true;
      return;
    }
    const milliseconds patient = patience(deadline);
    const std::optional<Event> event = next_event(patient);
    if (!event) {
      if (patient <= kTransactionTail || stop.stop_requested()) return;
      continue;
    }
    if (until && begins_at_or_after(*event, *until)) {
      held_back_ = event;
      result_.reached = true;
      return;
    }
    handle(*event);
    if ((++result_.events & 63) != 0) continue;
    const Clock::time_point now = Clock::now();
    if (!out_->empty() && !leave_at) leave_at = now + kMostWaiting;
    if (stop.stop_requested() || now > leave_at.value_or(deadline)) return;
  }
  if (until && !group_.open && !rows_ && log_end() >= *until) result_.reached = true;
}

// How long to wait for the next event.
milliseconds BinlogSource::Impl::patience(Clock::time_point deadline) const {
  if (!out_->empty()) return group_.in_batch ? kTransactionTail : milliseconds::zero();
  const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
  return std::clamp(left, milliseconds::zero(), kWaitSlice);
}

std::optional<Event> BinlogSource::Impl::next_event(milliseconds wait) {
  if (held_back_) return std::exchange(held_back_, std::nullopt);
  if (replay_) {
    const Event commit = replay_->commit;
    if (std::optional<Event> event = replay_->events.next()) {
      event->begin = commit.begin;
      event->end = commit.end;
      return event;
    }
    replay_.reset();
    return commit;
  }
  if (payload_) {
    if (const auto raw = payload_->next(wait)) return nested_event(*raw, payload_event_);
    if (!payload_->ended()) return std::nullopt;
    payload_.reset();
    offset_ = payload_event_.end;
  }
  return reader_->next(wait);
}

bool BinlogSource::Impl::begins_at_or_after(const Event& event, const LogCoordinate& until) const {
  if (group_.open || payload_ || replay_) return false;
  switch (event.type) {
    case EventType::gtid:
    case EventType::anonymous_gtid:
    case EventType::gtid_tagged:
    case EventType::mariadb_gtid:
    case EventType::query: return place(event) >= until;
    default: return false;
  }
}

// The position becomes that of what was appended. It may be used at once: what a restart there
// needs must be on disk first.
void BinlogSource::Impl::settle() {
  prepared_.persist();
  position_.gtid = executed_.text();
  if (group_.open) {
    position_.log = group_.begin;
    position_.rows = std::max(group_.rows, repeated_);
    position_.transaction = position_.rows > 0 && group_.gtid ? group_.gtid->text() : std::string();
  } else {
    position_.log = log_end();
    position_.rows = repeated_;
    position_.transaction = repeated_ > 0 ? start_.transaction : std::string();
  }
  position_.file_created = position_.log.file == file_ ? file_created_ : start_.file_created;
}

void BinlogSource::Impl::handle(const Event& event) {
  if (before_start(event)) return;
  if (prepared_.is_open() && is_content(event.type)) return hold(event);
  dispatch(event);
  finish(event);
}

// Events of a file that had to be read from its start, up to the place asked for.
bool BinlogSource::Impl::before_start(const Event& event) {
  if (!drop_before_) return false;
  if (event.type == EventType::rotate || event.type == EventType::format_description) return false;
  if (event.end > *drop_before_) {
    drop_before_.reset();
    return false;
  }
  offset_ = event.end;
  return true;
}

// The place advances when an event is wholly consumed.
void BinlogSource::Impl::finish(const Event& event) {
  if (payload_ || rows_ || replay_ || event.type == EventType::rotate) return;
  offset_ = std::max(event.end, reader_->at().file == file_ ? reader_->at().offset : event.end);
}

// Rows of tables that nobody asked for are counted, and need not be kept.
void BinlogSource::Impl::hold(const Event& event) {
  if (event.type == EventType::table_map) on_table_map(event);
  const bool rows = is_rows_event(event.type);
  if (rows && !table_of(parse_rows_event(event.type, event.body), event).captured)
    on_rows(event);
  else
    prepared_.add(event);
  if (!payload_) offset_ = event.end;
}

void BinlogSource::Impl::dispatch(const Event& event) {
  switch (event.type) {
    case EventType::table_map: return on_table_map(event);
    case EventType::query: return on_query(event, event.body);
    case EventType::mariadb_query_compressed: return on_query(event, inflate_query(event.body));
    case EventType::xid: return end_group(event);
    case EventType::gtid:
    case EventType::anonymous_gtid:
    case EventType::gtid_tagged: return on_gtid(event);
    case EventType::mariadb_gtid: return on_mariadb_gtid(event);
    case EventType::format_description: return on_format(event);
    case EventType::rotate: return on_rotate(event);
    case EventType::xa_prepare: return on_xa_prepare(event);
    case EventType::previous_gtids:
      if (from_head_ && !group_.open) executed_.learn(GtidSet::decode(event.body));
      return;
    case EventType::mariadb_gtid_list:
      if (from_head_ && !event.artificial()) executed_.learn(parse_gtid_list(event.body));
      return;
    case EventType::transaction_payload:
      payload_.emplace(event);
      payload_event_ = event;
      return;
    case EventType::incident:
      fail(ErrorKind::unsupported, "the server lost events of its log at {} (INCIDENT): {}",
           to_string(place(event)), kLoadAnew);
    case EventType::load:
    case EventType::new_load:
    case EventType::create_file:
    case EventType::exec_load:
    case EventType::execute_load_query:
      fail(ErrorKind::unsupported,
           "LOAD DATA was logged as a statement at {}: SET GLOBAL binlog_format=ROW, and {}",
           to_string(place(event)), kLoadAnew);
    case EventType::write_rows_v0:
    case EventType::update_rows_v0:
    case EventType::delete_rows_v0:
      fail(ErrorKind::unsupported,
           "rows at {} stand in events of type {}, as servers before MySQL 5.1 wrote them",
           to_string(place(event)), static_cast<int>(event.type));
    case EventType::mariadb_partial_row_data: return on_row_fragment(event);
    // What frames the log, tells its text, or prepares a statement that is judged by itself.
    case EventType::stop:
    case EventType::heartbeat:
    case EventType::heartbeat_v2:
    case EventType::ignorable:
    case EventType::rows_query:
    case EventType::transaction_context:
    case EventType::view_change:
    case EventType::intvar:
    case EventType::rand:
    case EventType::user_var:
    case EventType::begin_load_query:
    case EventType::append_block:
    case EventType::delete_file:
    case EventType::mariadb_annotate_rows:
    case EventType::mariadb_checkpoint:
    case EventType::mariadb_start_encryption: return;
    default: break;
  }
  if (is_rows_event(event.type)) return on_rows(event);
  if ((event.flags & kIgnorableFlag) != 0) return;
  fail(ErrorKind::unsupported,
       "the log has an event of unknown type {} at {}: a newer server needs a newer Freshet",
       static_cast<int>(event.type), to_string(place(event)));
}

// ---- files and transactions

// A file's head. What stood open in the last file was never committed.
void BinlogSource::Impl::on_format(const Event& event) {
  mariadb_ = parse_format_description(event.body).mariadb;
  file_created_ = event.timestamp;
  tables_.clear();
  fragments_ = {};
  if (event.artificial() || !group_.open) return;
  if (group_.rows > 0)
    fail(ErrorKind::unsupported,
         "the transaction at {} has no end in its file; its rows may be given out already: {}",
         to_string(group_.begin), kLoadAnew);
  group_ = {};
  prepared_.discard();
}

void BinlogSource::Impl::on_rotate(const Event& event) {
  const Rotate rotate = parse_rotate(event.body);
  file_ = rotate.file;
  file_created_ = 0;
  offset_ = rotate.position;
  from_head_ = rotate.position == LogCoordinate{}.offset;
}

void BinlogSource::Impl::open_group(const Event& event) {
  if (group_.open)
    fail(ErrorKind::corrupt, "a transaction begins at {} within that of {}",
         to_string(place(event)), to_string(group_.begin));
  group_ = {};
  group_.open = true;
  group_.begin = place(event);
  group_.timestamp = event.timestamp;
  last_micros_ = event.timestamp * kMicrosPerSecond;
  floor_ = {};
}

void BinlogSource::Impl::on_gtid(const Event& event) {
  open_group(event);
  TransactionGtid& gtid = group_.gtid.emplace();
  gtid.mysql =
      event.type == EventType::gtid_tagged ? parse_gtid_tagged(event.body) : parse_gtid(event.body);
  gtid.tag = gtid.mysql.tag;
  if (gtid.mysql.commit_micros != 0)
    last_micros_ = static_cast<std::int64_t>(gtid.mysql.commit_micros);
  demand_same_transaction();
}

void BinlogSource::Impl::on_mariadb_gtid(const Event& event) {
  open_group(event);
  TransactionGtid& gtid = group_.gtid.emplace();
  gtid.is_mariadb = true;
  gtid.mariadb = parse_mariadb_gtid(event.body);
  gtid.server_id = event.server_id;
  demand_same_transaction();
  group_.began = (gtid.mariadb.flags & MariadbGtid::kStandalone) == 0;
  if ((gtid.mariadb.flags & MariadbGtid::kPreparedXa) != 0)
    prepared_.open(xid_text(gtid.mariadb.xid, 1));
}

// The rows that a restart passes over are those of the transaction that they were counted in.
void BinlogSource::Impl::demand_same_transaction() const {
  if (repeated_ == 0 || start_.transaction.empty()) return;
  if (const std::string found = group_.gtid->text(); found != start_.transaction)
    fail(ErrorKind::lost_position,
         "{} rows of transaction {} were taken, but the log goes on with {}: {}", repeated_,
         start_.transaction, found, kLoadAnew);
}

Transaction BinlogSource::Impl::transaction() const {
  return {.gtid = group_.gtid ? group_.gtid->text() : std::string(),
          .file = group_.begin.file,
          .offset = group_.begin.offset,
          .commit_micros = last_micros_,
          .number = file_number(group_.begin.file) << kNumberShift | group_.begin.offset};
}

void BinlogSource::Impl::begin_in_batch() {
  if (group_.in_batch) return;
  out_->begin_transaction(transaction(), group_.rows);
  group_.in_batch = true;
}

void BinlogSource::Impl::end_group(const Event& event) {
  demand_whole_rows(event);
  if (!group_.open)
    fail(ErrorKind::corrupt, "a transaction ends at {} that has not begun",
         to_string(place(event)));
  if (group_.rows < repeated_)
    fail(ErrorKind::lost_position,
         "the transaction at {} has {} rows of captured tables, but {} were taken of it before: "
         "this is another log, or the tables captured have changed; {}",
         to_string(group_.begin), group_.rows, repeated_, kLoadAnew);
  // All its rows may have been taken before a restart, but not its end.
  if (repeated_ > 0) begin_in_batch();
  if (group_.in_batch) out_->end_transaction();
  if (group_.gtid) executed_.add(*group_.gtid);
  if (prepared_.is_committing()) prepared_.finish({file_, event.end});
  ++result_.transactions;
  repeated_ = 0;
  group_ = {};
  offset_ = event.end;
}

// ---- rows

void BinlogSource::Impl::on_table_map(const Event& event) {
  std::unique_ptr<MappedTable>& table = tables_[table_id_of(event.body)];
  if (table && table->body == event.body) return;
  if (!table && tables_.size() > kMaxCachedTables) {
    tables_.clear();
    return on_table_map(event);
  }
  auto fresh = std::make_unique<MappedTable>();
  fresh->body = event.body;
  fresh->name = parse_table_name(event.body);
  fresh->captured = captured_(fresh->name) && !(passes_ && passes_(fresh->name));
  std::optional<TableMap> map;
  if (fresh->captured) {
    map = parse_table_map(event.body, mariadb_);
    fresh->captured = !schemas_.is_sequence(*map);
  }
  if (fresh->captured) {
    const ResolvedTable resolved = schemas_.resolve(*map, replay_ ? group_.begin : place(event));
    if (resolved.changed) unannounced_.insert(fresh->name);
    fresh->plan = plan_rows(*map, resolved);
  } else {
    fresh->plan = plan_of_filtered(event);
  }
  table = std::move(fresh);
}

// A table that nobody asked for must not stop the log because it has a column of a type unknown
// here; its rows are then not counted.
RowPlan BinlogSource::Impl::plan_of_filtered(const Event& event) const {
  try {
    return plan_skipping(parse_table_map(event.body, mariadb_));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::unsupported) throw;
    return {};
  }
}

MappedTable& BinlogSource::Impl::table_of(const RowsEvent& rows, const Event& event) {
  const auto found = tables_.find(rows.table_id);
  if (found == tables_.end())
    fail(ErrorKind::corrupt, "rows at {} belong to table {}, which the log has not described",
         to_string(place(event)), rows.table_id);
  return *found->second;
}

void BinlogSource::Impl::on_rows(const Event& event) {
  constexpr std::uint64_t kNoTable =
      0xff'ffff;  // ends a statement whose rows were all filtered out
  demand_whole_rows(event);
  RowsEvent rows = parse_rows_event(event.type, event.body);
  if (rows.table_id == kNoTable && rows.rows.empty()) return;
  MappedTable& table = table_of(rows, event);
  if (!group_.open)
    fail(ErrorKind::corrupt, "rows of {} at {} stand outside a transaction", table.name.qualified(),
         to_string(place(event)));
  if (is_compressed_rows_event(event.type)) {
    inflated_ = inflate_event_part(rows.rows);
    rows.rows = inflated_;
  }
  if (!table.captured) return count_filtered(rows, table);
  rows_.emplace(OpenRows{rows, ByteReader(rows.rows), &table, event.end});
}

void BinlogSource::Impl::on_row_fragment(const Event& event) {
  if (const std::optional<Event> rows = fragments_.add(event)) on_rows(*rows);
}

void BinlogSource::Impl::demand_whole_rows(const Event& event) const {
  if (fragments_.pending())
    fail(ErrorKind::corrupt, "an event at {} stands among the fragments of a rows event",
         to_string(place(event)));
}

void BinlogSource::Impl::count_filtered(const RowsEvent& event, const MappedTable& table) {
  if (table.plan.cells.empty()) return;
  for (ByteReader in(event.rows); !in.empty(); ++result_.rows_filtered, ++result_.rows_read)
    skip_row(in, event, table.plan);
}

void BinlogSource::Impl::announce(const MappedTable& table) {
  if (unannounced_.erase(table.name) > 0) out_->add_mark(Op::schema, table.plan.schema);
}

// Takes rows of the open event until it ends or the batch is full.
void BinlogSource::Impl::take_rows(std::size_t max_bytes) {
  OpenRows& open = *rows_;
  while (!open.rows.empty() && group_.rows < repeated_) {
    skip_row(open.rows, open.event, open.table->plan);
    ++group_.rows;
    ++result_.rows_repeated;
    ++result_.rows_read;
  }
  if (!open.rows.empty()) {
    begin_in_batch();
    if (!unannounced_.empty()) announce(*open.table);
    const std::uint64_t before = group_.rows;
    decode_rows(open, max_bytes);
    result_.rows_emitted += group_.rows - before;
    result_.rows_read += group_.rows - before;
    if (!open.rows.empty()) return;
  }
  if (!payload_ && !replay_) offset_ = open.end;
  rows_.reset();
}

void BinlogSource::Impl::decode_rows(OpenRows& open, std::size_t max_bytes) {
  const RowPlan& plan = open.table->plan;
  RowWriter rows(*out_, open.event.op, plan.schema);
  do {
    decode_row(open.rows, open.event, plan, rows);
    ++group_.rows;
  } while (!open.rows.empty() && rows.bytes() < max_bytes);
}

// ---- statements

void BinlogSource::Impl::on_query(const Event& event, std::string_view body) {
  const Statement statement = read_logged_statement(body, facts_);
  using Kind = Statement::Kind;
  switch (statement.kind) {
    case Kind::begin:
      if (!group_.open) open_group(event);
      group_.began = true;
      return;
    case Kind::commit: return end_group(event);
    case Kind::rollback:
    case Kind::rollback_to:
      if (group_.rows > 0)
        fail(ErrorKind::unsupported,
             "the transaction at {} is rolled back at {} after rows of captured tables: {}",
             to_string(group_.begin), to_string(place(event)), kLoadAnew);
      if (statement.kind == Kind::rollback) end_group(event);
      return;
    case Kind::savepoint: return;
    case Kind::xa_start:
    case Kind::xa_end:
    case Kind::xa_prepare:
    case Kind::xa_commit:
    case Kind::xa_rollback: on_xa_statement(statement, event); break;
    case Kind::ddl: on_ddl(statement, event); break;
    case Kind::data: on_data_statement(statement, event); break;
    case Kind::irrelevant: break;
    case Kind::unknown:
      fail(ErrorKind::unsupported,
           "the statement at {} is not understood, so that nothing can be said of what it changes",
           to_string(place(event)));
  }
  if (group_.open && !group_.began) end_group(event);
}

// A change that is told as a statement cannot be turned into rows.
void BinlogSource::Impl::on_data_statement(const Statement& statement, const Event& event) {
  if (statement.target && is_system(statement.target->database)) return;
  // A server that restarts empties its MEMORY tables, and says so.
  if (statement.target && statement.whole_table) {
    if (captured_(*statement.target))
      clear_table(*statement.target, DdlNotice::Kind::truncated, event);
    return;
  }
  fail(ErrorKind::unsupported,
       "rows{} were changed at {} by a statement in STATEMENT format: SET GLOBAL "
       "binlog_format=ROW, let no session override it, and {}",
       statement.target ? " of " + statement.target->qualified() : std::string(),
       to_string(place(event)), kLoadAnew);
}

void BinlogSource::Impl::on_xa_statement(const Statement& statement, const Event& event) {
  std::string xid = lower_case(statement.xid);
  switch (statement.kind) {
    case Statement::Kind::xa_start:
      if (!group_.open) open_group(event);
      group_.began = true;
      // While its events are given out again, it has been opened long ago.
      if (!replay_) prepared_.open(std::move(xid));
      return;
    case Statement::Kind::xa_commit: return on_xa_commit(xid, event);
    case Statement::Kind::xa_rollback: return prepared_.roll_back(xid);
    default: return;
  }
}

void BinlogSource::Impl::on_xa_commit(const std::string& xid, const Event& event) {
  std::optional<HeldEvents> events = prepared_.commit(xid);
  if (!events) return notice({}, DdlNotice::Kind::unseen, event);
  if (!group_.open) open_group(event);
  group_.began = true;
  replay_.emplace(Replay{std::move(*events), event});
  replay_->commit.type = EventType::xid;
}

void BinlogSource::Impl::on_xa_prepare(const Event& event) {
  const XaPrepare prepare = parse_xa_prepare(event.body);
  if (!prepared_.is_open())
    fail(ErrorKind::corrupt, "an XA transaction is prepared at {} that has not begun",
         to_string(place(event)));
  if (!prepare.one_phase) {
    prepared_.prepare();
    return end_group(event);
  }
  replay_.emplace(Replay{prepared_.take(), event});
  replay_->commit.type = EventType::xid;
}

void BinlogSource::Impl::on_ddl(const Statement& statement, const Event& event) {
  if (group_.gtid && group_.gtid->is_mariadb && is_unfinished_alter(group_.gtid->mariadb)) return;
  if (statement.actions.empty()) return;
  const bool alone = !group_.open;
  if (alone) open_group(event);
  for (const Statement::Action& action : statement.actions) apply(action, event);
  tables_.clear();
  if (alone) end_group(event);
}

void BinlogSource::Impl::apply(const Statement::Action& action, const Event& event) {
  using Kind = Statement::Action::Kind;
  const std::string& database = action.table.database;
  if (action.system_versioned && captured_(action.table)) refuse_versioned(action.table, event);
  switch (action.kind) {
    case Kind::create:
    case Kind::replace: return apply_create(action, event);
    case Kind::alter: return apply_alter(action, event);
    case Kind::rename: return apply_rename(action, event);
    case Kind::drop: return drop_table(action.table, event);
    case Kind::truncate:
      if (captured_(action.table)) clear_table(action.table, DdlNotice::Kind::truncated, event);
      return;
    case Kind::create_database:
      if (!action.if_not_exists || !schemas_.knows_database(database))
        schemas_.database_created(database, action.charset.value_or(""));
      return;
    case Kind::alter_database:
      if (action.charset) schemas_.database_altered(database, *action.charset);
      return;
    case Kind::drop_database:
      for (const TableName& table : schemas_.tables_of(database)) drop_table(table, event);
      schemas_.database_dropped(database);
      return;
  }
}

void BinlogSource::Impl::apply_create(const Statement::Action& action, const Event& event) {
  if (action.kind == Statement::Action::Kind::replace) drop_table(action.table, event);
  if (action.if_not_exists && schemas_.exists(action.table)) return;
  const SchemaEffect effect =
      schemas_.created(action.table, action.edit, action.if_not_exists, place(event));
  if (!captured_(action.table)) return;
  announce_now(Op::create, effect.after);
  notice(action.table, DdlNotice::Kind::created, event);
}

// Rows that go without a row event, or are told apart by another key, leave the mirror at once; the
// table is then loaded anew.
void BinlogSource::Impl::apply_alter(const Statement::Action& action, const Event& event) {
  const SchemaEffect effect = schemas_.altered(action.table, action.edit, place(event));
  if (!captured_(action.table)) return;
  const bool keeps_rows = action.keeps_rows && effect.keeps_key;
  if (!keeps_rows) put_mark(Op::truncate, effect.before);
  if (effect.after && effect.after != effect.before)
    announce_now(only_renames(effect, action.edit) ? Op::rename_columns : Op::alter, effect.after,
                 effect.before);
  notice(action.table, DdlNotice::Kind::altered, event, keeps_rows && effect.keeps_values);
}

// A name means other rows from here on: those that the mirror has under it go at once. That a tool
// has made the new table a copy of the old one (gh-ost, pt-online-schema-change) is not to be seen
// in the log, and not always so: a new unique key drops rows.
void BinlogSource::Impl::apply_rename(const Statement::Action& action, const Event& event) {
  const SchemaPtr before = schemas_.known(action.table);
  schemas_.renamed(action.table, action.to, place(event));
  if (captured_(action.table)) {
    if (before) put_mark(Op::rename, before, under_name(before, action.to));
    notice(action.table, DdlNotice::Kind::renamed_from, event);
  }
  if (captured_(action.to)) {
    if (schemas_.is_certain(action.to)) announce_now(Op::schema, schemas_.known(action.to));
    notice(action.to, DdlNotice::Kind::renamed_to, event);
  }
}

void BinlogSource::Impl::drop_table(const TableName& table, const Event& event) {
  if (captured_(table)) clear_table(table, DdlNotice::Kind::dropped, event);
  schemas_.dropped(table);
}

// The columns from here on, as the statement makes them; without a schema the first rows tell.
void BinlogSource::Impl::announce_now(Op op, const SchemaPtr& schema, const SchemaPtr& other) {
  if (!schema) return;
  put_mark(op, schema, other);
  if (!is_repeated()) unannounced_.erase(schema->name);
}

// All rows of a captured table are gone.
void BinlogSource::Impl::clear_table(const TableName& table, DdlNotice::Kind kind,
                                     const Event& event) {
  const bool alone = !group_.open;
  if (alone) open_group(event);
  put_mark(kind == DdlNotice::Kind::dropped ? Op::drop : Op::truncate, schemas_.known(table));
  if (alone) end_group(event);
  notice(table, kind, event);
}

// Of a table whose columns were never known nothing has been given out.
void BinlogSource::Impl::put_mark(Op op, const SchemaPtr& schema, const SchemaPtr& other) {
  if (!schema || is_repeated()) return;
  begin_in_batch();
  out_->add_mark(op, schema, other);
}

void BinlogSource::Impl::notice(const TableName& table, DdlNotice::Kind kind, const Event& event,
                                bool neutral) {
  if (is_repeated()) return;
  const LogCoordinate at = group_.open ? group_.begin : place(event);
  result_.ddl.push_back({table, kind, neutral, at});
}

void BinlogSource::Impl::refuse_versioned(const TableName& table, const Event& event) const {
  fail(ErrorKind::unsupported,
       "{} has system versioning, of which the statement at {} speaks: its log holds history rows; "
       "exclude the table",
       table.qualified(), to_string(place(event)));
}

// ----

// `start` cannot be moved on: open_dump() may be evaluated after the other arguments.
// NOLINTNEXTLINE(performance-unnecessary-value-param)
BinlogSource::BinlogSource(const SourceOptions& options, const ServerFacts& facts, Position start,
                           std::function<bool(const TableName&)> captured, SchemaTracker& schemas,
                           const Spool& spool)
    : BinlogSource(open_dump(options, facts, start), facts, start, std::move(captured), schemas,
                   spool) {}

BinlogSource::BinlogSource(std::unique_ptr<EventReader> reader, const ServerFacts& facts,
                           Position start, std::function<bool(const TableName&)> captured,
                           SchemaTracker& schemas, const Spool& spool)
    : impl_(std::make_unique<Impl>(std::move(reader), facts, std::move(start), std::move(captured),
                                   schemas, spool)) {}

BinlogSource::~BinlogSource() = default;

ReadResult BinlogSource::read(ChangeBatch& out, std::size_t max_bytes, milliseconds wait,
                              const std::optional<LogCoordinate>& until, std::stop_token stop) {
  return impl_->read(out, max_bytes, wait, until, stop);
}

void BinlogSource::forget_before(const Position& position) { impl_->forget_before(position); }
void BinlogSource::pass_over(std::function<bool(const TableName&)> passes) {
  impl_->pass_over(std::move(passes));
}

void BinlogSource::ask_again_what_is_captured() { impl_->forget_tables(); }

const Position& BinlogSource::position() const noexcept { return impl_->position(); }

LogCoordinate BinlogSource::log_end() const { return impl_->log_end(); }

std::int64_t BinlogSource::last_event_micros() const noexcept { return impl_->last_event_micros(); }

}  // namespace freshet
