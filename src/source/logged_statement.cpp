#include "source/logged_statement.h"

#include <chrono>
#include <string>
#include <utility>

#include "base/ascii.h"
#include "source/charset.h"
#include "source/compression.h"
#include "source/event_reader.h"
#include "source/log_dump.h"
#include "source/row_decoder.h"

namespace freshet {

namespace {

constexpr std::chrono::milliseconds kWait{100};

std::string utf8_text(const Query& query, bool mariadb) {
  if (ascii_prefix(query.text) == query.text.size()) return std::string(query.text);
  const Charset* charset = charset_of_collation(query.client_collation, mariadb);
  if (charset == nullptr || charset->binary()) charset = charset_of_name("utf8mb4");
  std::string text;
  append_utf8(text, query.text, *charset);
  return text;
}

void make_lower(TableName& name) {
  name.database = lower_case(name.database);
  name.table = lower_case(name.table);
}

bool touches(const Statement::Action& action, const TableName& table) {
  using Kind = Statement::Action::Kind;
  switch (action.kind) {
    case Kind::create:
    case Kind::replace:
    case Kind::drop: return action.table == table;
    case Kind::alter: return action.table == table && !action.edit.empty();
    case Kind::rename: return action.table == table || action.to == table;
    case Kind::drop_database: return action.table.database == table.database;
    case Kind::truncate:
    case Kind::create_database:
    case Kind::alter_database: return false;
  }
  return true;
}

// Walks the log for its statements only.
class Scan {
 public:
  Scan(EventReader& reader, const ServerFacts& facts, LogCoordinate from, LogCoordinate end,
       const StatementVisitor& visit)
      : reader_(reader),
        facts_(facts),
        from_(std::move(from)),
        end_(std::move(end)),
        visit_(visit),
        at_(reader.at()) {}

  void run(std::chrono::seconds patience) {
    auto heard = std::chrono::steady_clock::now();
    while (going_on_ && at_ < end_) {
      const std::optional<Event> event = reader_.next(kWait);
      if (event) {
        take(*event);
        heard = std::chrono::steady_clock::now();
      } else if (std::chrono::steady_clock::now() - heard > patience) {
        fail(ErrorKind::unavailable, "the log was to be read up to {}, but nothing comes after {}",
             to_string(end_), to_string(at_));
      }
    }
  }

 private:
  void take(const Event& event) {
    at_ = reader_.at();
    if (event.type == EventType::rotate) return;
    const LogCoordinate begin{at_.file, event.begin};
    if (begin >= end_) {
      at_ = end_;
      return;
    }
    if (event.type == EventType::mariadb_gtid)
      unfinished_alter_ = is_unfinished_alter(parse_mariadb_gtid(event.body));
    if (begin >= from_) take_statements(event, begin);
  }

  void take_statements(const Event& event, const LogCoordinate& place) {
    switch (event.type) {
      case EventType::query: return show(event.body, place);
      case EventType::mariadb_query_compressed: return show(inflate_query(event.body), place);
      case EventType::transaction_payload: return open_payload(event, place);
      default: return;
    }
  }

  // Statements stand before the rows.
  void open_payload(const Event& event, const LogCoordinate& place) {
    PayloadReader payload(event);
    while (!payload.ended()) {
      const auto raw = payload.next(kWait);
      if (!raw) continue;
      const Event nested = nested_event(*raw, event);
      if (nested.type == EventType::table_map) return;
      if (nested.type == EventType::query) show(nested.body, place);
    }
  }

  void show(std::string_view body, const LogCoordinate& place) {
    if (unfinished_alter_ || !going_on_) return;
    going_on_ = visit_(read_logged_statement(body, facts_), place);
  }

  EventReader& reader_;
  const ServerFacts& facts_;
  LogCoordinate from_;
  LogCoordinate end_;
  const StatementVisitor& visit_;
  LogCoordinate at_;
  bool unfinished_alter_ = false;
  bool going_on_ = true;
};

}  // namespace

Statement read_logged_statement(std::string_view body, const ServerFacts& facts) {
  const Query query = parse_query(body);
  const SqlDialect dialect{query.sql_mode, facts.mariadb, facts.version_number};
  Statement statement = read_statement(utf8_text(query, facts.mariadb), query.database, dialect);
  const Charset* server = charset_of_collation(query.server_collation, facts.mariadb);
  for (Statement::Action& action : statement.actions) {
    if (action.charset && action.charset->empty() && server != nullptr)
      action.charset = std::string(server->name);
    if (facts.lower_case_table_names != 1) continue;
    make_lower(action.table);
    make_lower(action.to);
    if (action.edit.like) make_lower(*action.edit.like);
  }
  if (facts.lower_case_table_names == 1 && statement.target) make_lower(*statement.target);
  return statement;
}

bool touches(const Statement& statement, const TableName& table) {
  if (statement.kind == Statement::Kind::unknown) return true;
  for (const Statement::Action& action : statement.actions)
    if (touches(action, table)) return true;
  return false;
}

void scan_statements(const SourceOptions& options, const ServerFacts& facts, const Position& from,
                     const LogCoordinate& end, const StatementVisitor& visit) {
  constexpr std::chrono::seconds kPatience{30};
  if (from.gtid.empty() && from.log >= end) return;
  SourceOptions own = options;
  own.server_id = 0;  // one of its own: the server ends an older dump of the same id
  const auto reader = open_dump(own, facts, from);
  Scan(*reader, facts, from.gtid.empty() ? from.log : LogCoordinate{}, end, visit).run(kPatience);
}

}  // namespace freshet
