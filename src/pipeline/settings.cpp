#include "pipeline/settings.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/file.h"
#include "pipeline/config_text.h"
#include "pipeline/dms_mapping.h"
#include "pipeline/masking_import.h"
#include "transform/detector.h"
#include "transform/detector_type.h"
#include "transform/mask_keys.h"
#include "transform/phone_detector.h"

namespace freshet {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::array<std::string_view, 7> kMaskActions{"redact", "partial", "hash", "tokenise",
                                                       "null",   "drop",    "keep"};

void set_url(Config& config, const SettingValue& value) {
  const std::string url = value.url();
  config.source = value.guard([&] { return parse_source_url(url); });
}

void set_password_file(Config& config, const SettingValue& value) {
  const std::filesystem::path file = value.file();
  std::string password = value.guard([&] { return read_file(file); });
  while (password.ends_with('\n') || password.ends_with('\r')) password.pop_back();
  if (password.empty()) value.refuse("the file is empty");
  config.source.connection.password = password;
}

void require_table_name(const SettingValue& value, std::string_view table) {
  const std::size_t dot = table.find('.');
  if (dot == std::string_view::npos || dot == 0 || dot + 1 == table.size())
    value.refuse("\"{}\" is not schema.table, such as \"shop.users\" or \"shop.*\"", table);
}

void set_tables(Config& config, const SettingValue& value) {
  config.source.tables = value.list();
  if (config.source.tables.empty())
    value.refuse("the list is empty; name a table, as in [\"shop.users\"]");
  for (const std::string& table : config.source.tables) require_table_name(value, table);
}

void set_exclude(Config& config, const SettingValue& value) {
  config.source.exclude = value.list();
  for (const std::string& table : config.source.exclude) require_table_name(value, table);
}

// {"shop.users": {exclude: [password]}, "shop.log": {include: [id, "at_*"]}}
void set_taken_columns(Config& config, const SettingValue& value) {
  for (const auto& [pattern, lists] : value.members()) {
    require_table_name(lists, pattern);
    for (const auto& [key, columns] : lists.members()) {
      if (key != "include" && key != "exclude")
        columns.refuse("unknown key \"{}\"; a table has include or exclude, lists of columns", key);
      for (const std::string& column : columns.list())
        config.source.mapping.shape.push_back({.origin = "source.columns",
                                               .target = ShapeRule::Target::column,
                                               .action = key == "include"
                                                             ? ShapeRule::Action::include_column
                                                             : ShapeRule::Action::remove_column,
                                               .tables = TablePattern::glob(pattern),
                                               .column = NamePattern::glob(column)});
    }
  }
}

void set_rows(Config& config, const SettingValue& value) {
  for (const auto& [pattern, condition] : value.members()) {
    require_table_name(condition, pattern);
    config.source.mapping.rows.push_back({.origin = "source.rows",
                                          .tables = TablePattern::glob(pattern),
                                          .filter = condition.text()});
  }
}

// "shop.users": "people" or "crm.people"; of many tables: "shop.*": "crm.*", "old_*", "crm.*_eu".
void set_rename(Config& config, const SettingValue& value) {
  using Action = ShapeRule::Action;
  for (const auto& [pattern, target] : value.members()) {
    require_table_name(target, pattern);
    const std::string name = target.text();
    const TablePattern tables = TablePattern::glob(pattern);
    const auto add = [&](ShapeRule::Target what, Action action, std::string_view text) {
      config.source.mapping.shape.push_back({.origin = "source.rename",
                                             .target = what,
                                             .action = action,
                                             .tables = tables,
                                             .value = std::string(text)});
    };
    const std::size_t dot = name.find('.');
    const std::string_view table =
        std::string_view(name).substr(dot == std::string::npos ? 0 : dot + 1);
    if (dot != std::string::npos && name.substr(0, dot) != "*")
      add(ShapeRule::Target::schema, Action::rename, std::string_view(name).substr(0, dot));
    const std::size_t star = table.find('*');
    if (table.empty() || table.find('*', star + 1) != std::string_view::npos ||
        name.substr(0, dot == std::string::npos ? 0 : dot).find('*', 1) != std::string::npos)
      target.refuse(
          "\"{}\" is no name for a table; write \"people\", \"crm.people\" or, with * for "
          "the name so far, \"old_*\"",
          name);
    if (star == std::string_view::npos) {
      if (!tables.table.is_literal())
        target.refuse(
            "all tables that fit {} would be called {}; write * for the name so far, as in "
            "\"old_*\"",
            pattern, name);
      add(ShapeRule::Target::table, Action::rename, table);
      continue;
    }
    if (star > 0) add(ShapeRule::Target::table, Action::add_prefix, table.substr(0, star));
    if (star + 1 < table.size())
      add(ShapeRule::Target::table, Action::add_suffix, table.substr(star + 1));
  }
}

void set_table_mappings(Config& config, const SettingValue& value) {
  const std::filesystem::path file = value.file();
  TableMapping read =
      value.guard([&] { return parse_dms_mapping(read_file(file), file.filename().string()); });
  TableMapping& mapping = config.source.mapping;
  std::ranges::move(read.selection, std::back_inserter(mapping.selection));
  std::ranges::move(read.shape, std::back_inserter(mapping.shape));
}

void set_metrics_endpoint(Config& config, const SettingValue& value) {
  const std::string text = value.text();
  config.endpoints.metrics = value.guard([&] { return ListenAddress::parse(text); });
}

void set_tls(Config& config, const SettingValue& value) {
  const std::string mode = value.text();
  config.source.connection.tls = value.guard([&] { return parse_tls_mode(mode); });
}

std::uint32_t whole_seconds(const SettingValue& value) {
  return static_cast<std::uint32_t>(value.duration(seconds(1), hours(24)) / seconds(1));
}

void set_stream_type(Config&, const SettingValue& value) {
  const std::string type = value.text();
  if (type == "kinesis" || type == "kafka")
    value.refuse("streams of type {} are not available in this version; write embedded", type);
  if (type != "embedded") value.refuse("\"{}\" is no type of stream; write embedded", type);
}

void set_location(Config& config, const SettingValue& value) {
  const std::string text = value.text();
  if (text.starts_with("s3://"))
    value.refuse("a lake on S3 is not available in this version; write a folder of this machine");
  config.lake.location = value.file();
}

void set_catalog(Config&, const SettingValue& value) {
  const std::string catalog = value.text();
  if (catalog == "glue" || catalog == "rest")
    value.refuse("the {} catalog is not available in this version; write filesystem", catalog);
  if (catalog != "filesystem") value.refuse("\"{}\" is no catalog; write filesystem", catalog);
}

void set_database(Config& config, const SettingValue& value) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  config.lake.database = value.text();
  if (!std::ranges::all_of(config.lake.database, fits))
    value.refuse("\"{}\" is no database name; use a-z, 0-9 and _", config.lake.database);
}

void set_separator(Config& config, const SettingValue& value) {
  config.transform.flatten.separator = value.text();
}

void set_zero_dates(Config& config, const SettingValue& value) {
  if (value.is_null()) return void(config.transform.zero_dates = ZeroDatePolicy::null);
  const std::string policy = value.text();
  if (policy != "error" && policy != "text")
    value.refuse("\"{}\" is no policy; write null, text or error", policy);
  config.transform.zero_dates = policy == "text" ? ZeroDatePolicy::text : ZeroDatePolicy::error;
}

MaskAction mask_action(const SettingValue& value) {
  if (value.is_null()) return MaskAction::null;
  const std::string name = value.text();
  const auto* found = std::ranges::find(kMaskActions, name);
  if (found != kMaskActions.end()) return static_cast<MaskAction>(found - kMaskActions.begin());
  const auto nearest = nearest_name(name, kMaskActions);
  value.refuse("\"{}\" is no action{}; write redact, partial, hash, tokenise, null, drop or keep",
               name, nearest ? fmt::format(" (did you mean {}?)", *nearest) : "");
}

std::size_t few(const SettingValue& value) {
  return static_cast<std::size_t>(value.integer(0, 1'000));
}

// What a rule may say beside its action, and to which action it belongs.
struct RuleMember {
  std::string_view name;
  std::array<MaskAction, 2> actions;
  void (*apply)(ColumnRule& rule, const SettingValue& value);
};

constexpr std::array<MaskAction, 2> only(MaskAction action) { return {action, action}; }

constexpr auto kRuleMembers = std::to_array<RuleMember>({
    {"keep_left", only(MaskAction::partial),
     [](ColumnRule& rule, const SettingValue& value) { rule.keep_left = few(value); }},
    {"keep_right", only(MaskAction::partial),
     [](ColumnRule& rule, const SettingValue& value) { rule.keep_right = few(value); }},
    {"fill", only(MaskAction::partial),
     [](ColumnRule& rule, const SettingValue& value) {
       rule.random_fill = value.text() == "random";
       if (!rule.random_fill) rule.fill = value.text();
     }},
    {"digits_only", only(MaskAction::partial),
     [](ColumnRule& rule, const SettingValue& value) { rule.digits_only = value.flag(); }},
    {"domain",
     {MaskAction::hash, MaskAction::tokenise},
     [](ColumnRule& rule, const SettingValue& value) { rule.domain = value.text(); }},
    {"text", only(MaskAction::redact),
     [](ColumnRule& rule, const SettingValue& value) { rule.text = value.text(); }},
});

void apply_member(ColumnRule& rule, const std::string& name, const SettingValue& value) {
  const auto* member = std::ranges::find(kRuleMembers, name, &RuleMember::name);
  if (member == kRuleMembers.end())
    value.refuse(
        "unknown key \"{}\"; a rule has action, keep_left, keep_right, fill, digits_only, "
        "domain and text",
        name);
  if (std::ranges::find(member->actions, rule.action) == member->actions.end())
    value.refuse("{} belongs to the action {}", name,
                 kMaskActions[static_cast<std::size_t>(member->actions[0])]);
  member->apply(rule, value);
}

// `hash`, or {action: partial, keep_right: 4}. Without a word about the action it is partial.
ColumnRule column_rule(const SettingValue& value) {
  if (!value.is_map()) return {.action = mask_action(value)};
  ColumnRule rule{.action = MaskAction::partial};
  const auto members = value.members();
  for (const auto& [name, member] : members)
    if (name == "action") rule.action = mask_action(member);
  for (const auto& [name, member] : members)
    if (name != "action") apply_member(rule, name, member);
  return rule;
}

void set_action(Config& config, const SettingValue& value) {
  config.transform.sensitive_data.action = column_rule(value);
  if (config.transform.sensitive_data.action.action == MaskAction::drop)
    value.refuse(
        "drop is for columns only; name the column under transform.sensitive_data.columns");
}

void set_actions(Config& config, const SettingValue& value) {
  SensitiveDataOptions& options = config.transform.sensitive_data;
  const DetectorSet detectors(options);
  for (const auto& [name, rule] : value.members()) {
    const std::string type = detector_type_name(name);
    if (detectors.index_of(type) == detectors.size())
      rule.refuse("{} is not among the types of transform.sensitive_data.detect", name);
    options.actions[type] = column_rule(rule);
    if (options.actions[type].action == MaskAction::drop) rule.refuse("drop is for columns only");
  }
}

void set_keys(Config& config, const SettingValue& value) {
  std::vector<MaskKey>& keys = config.transform.sensitive_data.keys;
  for (const auto& [id, source] : value.members()) {
    const auto parts = source.members();
    if (parts.size() != 1)
      source.refuse("a key has one source, as in {}: {{file: ./masking.key}} or {{env: NAME}}", id);
    const auto& [kind, place] = parts[0];
    if (kind == "kms")
      place.refuse(
          "keys encrypted by AWS KMS are not available in this version; write file or env");
    if (kind != "file" && kind != "env")
      place.refuse("\"{}\" is no source of a key; write file or env", kind);
    config.mask_keys.push_back({.id = id,
                                .file = kind == "file" ? place.file() : std::filesystem::path(),
                                .variable = kind == "env" ? place.text() : ""});
    keys.push_back({.id = id, .bytes = {}});
  }
  // The ids are checked now, the keys themselves where they are loaded.
  std::vector<MaskKey> filled = keys;
  for (MaskKey& key : filled) key.bytes.resize(MaskKeys::kKeyBytes);
  value.guard([&] { return MaskKeys(filled, std::string(MaskKeys::kKeyBytes, 0)).hash(""); });
}

void set_columns(Config& config, const SettingValue& value) {
  for (const auto& [pattern, rule] : value.members())
    config.transform.sensitive_data.columns[pattern] = column_rule(rule);
}

void set_detect(Config& config, const SettingValue& value) {
  SensitiveDataOptions& options = config.transform.sensitive_data;
  options.detect.clear();
  for (const std::string& name : value.list()) options.detect.push_back(detector_type_name(name));
  value.guard([&] { return DetectorSet(options).size(); });
}

// {EMPLOYEE_ID: {regex: "E\\d{6}", context: [employee], allow: [E000000]}}, or just the expression.
void set_custom(Config& config, const SettingValue& value) {
  SensitiveDataOptions& options = config.transform.sensitive_data;
  for (const auto& [name, parts] : value.members()) {
    CustomDetectorOptions custom{.name = detector_type_name(name)};
    if (!parts.is_map()) {
      custom.pattern = parts.text();
    } else {
      for (const auto& [part, member] : parts.members()) {
        if (part == "regex")
          custom.pattern = member.text();
        else if (part == "context")
          custom.context = member.list();
        else if (part == "allow")
          custom.allow = member.list();
        else
          member.refuse("unknown key \"{}\"; a detector has regex, context and allow", part);
      }
    }
    if (custom.pattern.empty()) parts.refuse("the detector {} has no regex", name);
    options.custom.push_back(std::move(custom));
    parts.guard([&] { return DetectorSet(options).size(); });
  }
}

void set_phone_regions(Config& config, const SettingValue& value) {
  config.transform.sensitive_data.phone_regions = value.list();
  value.guard([&] { return PhoneDetector(config.transform.sensitive_data.phone_regions).needs(); });
}

void set_mode(Config& config, const SettingValue& value) {
  const std::string mode = value.text();
  if (mode != "cell" && mode != "column")
    value.refuse("\"{}\" is no mode; write cell or column", mode);
  config.transform.sensitive_data.mode = mode == "cell" ? MaskMode::cell : MaskMode::column;
}

void set_import(Config& config, const SettingValue& value) {
  const std::filesystem::path file = value.file();
  value.guard([&] {
    import_masking(read_file(file), config.transform.sensitive_data);
    return DetectorSet(config.transform.sensitive_data).size();
  });
}

void set_look_into(Config& config, const SettingValue& value) {
  LookInto& into = config.transform.sensitive_data.look_into;
  into = {.json = false, .url = false, .html = false, .base64 = false};
  for (const std::string& kind : value.list()) {
    if (kind == "json")
      into.json = true;
    else if (kind == "url")
      into.url = true;
    else if (kind == "html")
      into.html = true;
    else if (kind == "base64")
      into.base64 = true;
    else
      value.refuse("\"{}\" is nothing to look into; write json, url, html or base64", kind);
  }
}

void set_mask_place(Config& config, const SettingValue& value) {
  const std::string place = value.text();
  if (place != "ingest" && place != "capture")
    value.refuse("\"{}\" is no place to mask; write ingest or capture", place);
  SensitiveDataOptions& options = config.transform.sensitive_data;
  options.at = place == "ingest" ? MaskPlace::ingest : MaskPlace::capture;
  if (options.at == MaskPlace::capture && options.mode == MaskMode::column)
    value.refuse(
        "verdicts on columns are given where the lake is written: with mode: column, write ingest");
}

constexpr auto kSettings = std::to_array<Setting>({
    {"directory", "./freshet-data",
     "Where Freshet keeps what it owns: stream/, lake/ and state/. Relative paths in this file\n"
     "start from the folder of this file.",
     [](Config& c, const SettingValue& v) { c.directory = v.file(); }},

    {"source.url", "",
     "The server to follow. ?tls=required and ?socket=/path may stand at the end. A ${VARIABLE}\n"
     "stands for one part and needs no escapes.",
     set_url},
    {"source.tables", "", "The tables to follow, as schema.table; * stands for any characters.",
     set_tables},
    {"source.exclude", "[]", "Tables that are left out even so, in the same form.", set_exclude},
    {"source.columns", "{}",
     "Columns that are taken or left out: \"shop.users\": {exclude: [password, \"secret_*\"]},\n"
     "\"shop.log\": {include: [id, at]}.",
     set_taken_columns},
    {"source.rows", "{}",
     "Rows that are taken: \"shop.orders\": \"status <> 'draft' AND total > 0\". A row that a "
     "change\n"
     "moves out is deleted in the lake, one that it moves in is inserted.",
     set_rows},
    {"source.rename", "{}",
     "Other names in stream and lake: \"shop.users\": people, \"shop.*\": \"crm.old_*\".",
     set_rename},
    {"source.table_mappings", "", "A table-mapping file of AWS DMS (JSON), taken as it is.",
     set_table_mappings},
    {"source.host", "127.0.0.1", "The parts of the URL may also be given one by one; they win.",
     [](Config& c, const SettingValue& v) { c.source.connection.host = v.text(); }},
    {"source.port", "3306", "",
     [](Config& c, const SettingValue& v) {
       c.source.connection.port = static_cast<std::uint16_t>(v.integer(1, 65535));
     }},
    {"source.socket", "", "A Unix socket; wins over host and port.",
     [](Config& c, const SettingValue& v) { c.source.connection.socket = v.text(); }},
    {"source.user", "", "",
     [](Config& c, const SettingValue& v) { c.source.connection.user = v.text(); }},
    {"source.password", "", "",
     [](Config& c, const SettingValue& v) { c.source.connection.password = v.text(); }},
    {"source.password_file", "", "A file that holds the password and nothing else.",
     set_password_file},
    {"source.tls", "preferred",
     "off, preferred, required, verify_ca or verify_identity. From required on, a server that\n"
     "offers no TLS is an error, never plain text.",
     set_tls},
    {"source.tls_ca", "", "PEM files: the authority to trust, our certificate and its key.",
     [](Config& c, const SettingValue& v) { c.source.connection.tls_ca = v.file(); }},
    {"source.tls_cert", "", "",
     [](Config& c, const SettingValue& v) { c.source.connection.tls_cert = v.file(); }},
    {"source.tls_key", "", "",
     [](Config& c, const SettingValue& v) { c.source.connection.tls_key = v.file(); }},
    {"source.connect_timeout", "10s", "",
     [](Config& c, const SettingValue& v) {
       c.source.connection.connect_timeout = whole_seconds(v);
     }},
    {"source.read_timeout", "60s", "Silence after which the link counts as dead.",
     [](Config& c, const SettingValue& v) { c.source.connection.read_timeout = whole_seconds(v); }},
    {"source.heartbeat", "0",
     "How often an idle server shows that it lives; 0 = three times per read_timeout.",
     [](Config& c, const SettingValue& v) {
       c.source.connection.heartbeat = v.duration(milliseconds(0), hours(1));
     }},
    {"source.retry.first", "500ms",
     "Pause before a server that does not answer is tried again; doubled each time up to ...",
     [](Config& c, const SettingValue& v) {
       c.source.retry.first = v.duration(milliseconds(10), hours(1));
     }},
    {"source.retry.longest", "30s", "",
     [](Config& c, const SettingValue& v) {
       c.source.retry.longest = v.duration(milliseconds(10), hours(24));
     }},
    {"source.server_id", "0", "Of our binlog reader, unique among the replicas; 0 = random.",
     [](Config& c, const SettingValue& v) {
       c.source.connection.server_id =
           static_cast<std::uint32_t>(v.integer(0, std::numeric_limits<std::uint32_t>::max()));
     }},
    {"source.snapshot.workers", "2",
     "Connections that read tables at the same time, also parts of one table.",
     [](Config& c, const SettingValue& v) {
       c.source.snapshot.workers = static_cast<std::uint32_t>(v.integer(1, 16));
     }},
    {"source.snapshot.chunk_rows", "50000", "Rows per SELECT of the full load.",
     [](Config& c, const SettingValue& v) {
       c.source.snapshot.chunk_rows = static_cast<std::uint32_t>(v.integer(100, 10'000'000));
     }},
    {"source.snapshot.rows_per_second", "0",
     "Most rows that all loads together read; 0 = as many as can be had. Tables without a primary\n"
     "key are read as fast as they come, for the log waits for them.",
     [](Config& c, const SettingValue& v) {
       c.source.snapshot.rows_per_second = static_cast<std::uint64_t>(v.integer(0, 1'000'000'000));
     }},
    {"source.snapshot.pause_behind", "30s",
     "The log goes first: nothing new is loaded while its reader is further behind; 0 = always.",
     [](Config& c, const SettingValue& v) {
       c.source.snapshot.pause_behind = v.duration(milliseconds(0), hours(24));
     }},
    {"source.snapshot.lock_non_transactional", "false",
     "Lock tables of engines without transactions (MyISAM, Aria, MEMORY) against writing while\n"
     "their rows are read. Else nothing is locked, and nobody should write to them meanwhile.",
     [](Config& c, const SettingValue& v) { c.source.snapshot.lock_non_transactional = v.flag(); }},

    {"stream.type", "embedded", "The durable stream between source and lake: embedded.",
     set_stream_type},
    {"stream.path", "./freshet-data/stream", "Goes with `directory` where it is not given.",
     [](Config& c, const SettingValue& v) { c.stream.path = v.file(); }},
    {"stream.retention", "24h", "How long records stay readable (`freshet tail`).",
     [](Config& c, const SettingValue& v) {
       c.stream.retention = v.duration(seconds(1), hours(24 * 3650));
     }},
    {"stream.max_size", "0",
     "The oldest records go earlier when the stream outgrows this; 0 = no bound.",
     [](Config& c, const SettingValue& v) { c.stream.max_bytes = v.size(); }},

    {"transform.zero_dates", "null",
     "What becomes of 0000-00-00 and other dates that are none: null, error to stop, or text:\n"
     "columns with dates are text then, which is to be decided before a table's first load.",
     set_zero_dates},
    {"transform.zero_dates_in", "[]",
     "The tables that this is said of: [shop.orders, legacy.*]; none: all.",
     [](Config& c, const SettingValue& v) { c.transform.zero_dates_in = v.list(); }},
    {"transform.flatten.enabled", "true",
     "Nested JSON becomes columns, such as profile.address.city.",
     [](Config& c, const SettingValue& v) { c.transform.flatten.enabled = v.flag(); }},
    {"transform.flatten.separator", "\".\"", "", set_separator},
    {"transform.flatten.max_levels", "0", "Deeper objects stay JSON text; 0 = all become columns.",
     [](Config& c, const SettingValue& v) {
       c.transform.flatten.max_levels = static_cast<int>(v.integer(0, 100));
     }},
    {"transform.flatten.max_columns", "500", "Of one JSON column; what exceeds it stays JSON text.",
     [](Config& c, const SettingValue& v) {
       c.transform.flatten.max_columns = static_cast<std::size_t>(v.integer(1, 10'000));
     }},
    {"transform.sensitive_data.import", "",
     "Masking that was configured for AWS: a JSON file with DMS table mappings (data-masking "
     "rules)\n"
     "or a Glue job (PIIDetection). What stands below wins.",
     set_import},
    {"transform.sensitive_data.detect", "[PHONE_NUMBER, EMAIL]",
     "Kinds of personal data to look for, in every cell of every text and JSON column.",
     set_detect},
    {"transform.sensitive_data.custom", "{}",
     "Detectors of your own, besides those of `detect`: {EMPLOYEE_ID: {regex: 'E\\d{6}', context:\n"
     "[employee], allow: [E000000]}}. Expressions are RE2's; with context words, a match counts\n"
     "only near one of them.",
     set_custom},
    {"transform.sensitive_data.allow", "[]",
     "Matches that are never masked, letter by letter: [support@example.com].",
     [](Config& c, const SettingValue& v) { c.transform.sensitive_data.allow = v.list(); }},
    {"transform.sensitive_data.mode", "cell",
     "cell: each cell is judged for itself. column: also, once enough of a column's cells are\n"
     "personal data, all of the column is masked, for ever.",
     set_mode},
    {"transform.sensitive_data.verdict_cells", "10",
     "In column mode: so many cells of one type make the verdict on a column, ...",
     [](Config& c, const SettingValue& v) {
       c.transform.sensitive_data.verdict_cells =
           static_cast<std::uint64_t>(v.integer(1, 1'000'000'000));
     }},
    {"transform.sensitive_data.verdict_percent", "10",
     "... if they are at least this share of the cells looked at.",
     [](Config& c, const SettingValue& v) {
       c.transform.sensitive_data.verdict_percent = static_cast<std::uint64_t>(v.integer(1, 100));
     }},
    {"transform.sensitive_data.action", "redact",
     "What becomes of a match: redact, hash (joins survive), tokenise (so, and who has the key "
     "can\n"
     "reveal it), null, keep, or part of it kept: {action: partial, keep_right: 4}.",
     set_action},
    {"transform.sensitive_data.actions", "{}",
     "By type: {EMAIL: {action: hash, domain: customer}, PHONE_NUMBER: {action: partial, "
     "keep_right:\n"
     "2}}.",
     set_actions},
    {"transform.sensitive_data.keys", "{}",
     "Secrets of hashes and tokens, of 32 bytes: {k1: {file: ./k1.key}, k2: {env: MASKING_KEY}}. "
     "The\n"
     "last one writes, the others still reveal. None: the one of this installation, state/key.",
     set_keys},
    {"transform.sensitive_data.text", "\"#####\"", "What stands in place of a redacted match.",
     [](Config& c, const SettingValue& v) { c.transform.sensitive_data.mask = v.text(); }},
    {"transform.sensitive_data.whole_value", "false", "Mask the whole cell, not the match alone.",
     [](Config& c, const SettingValue& v) { c.transform.sensitive_data.whole_value = v.flag(); }},
    {"transform.sensitive_data.look_into", "[json, url, html]",
     "Texts within texts: JSON in text columns, %XX, HTML character references, base64.",
     set_look_into},
    {"transform.sensitive_data.phone_regions",
     "[US, GB, DE, FR, ES, IT, NL, IN, BR, MX, JP, AU, CN]",
     "Countries whose national notation is recognised; international notation always is.",
     set_phone_regions},
    {"transform.sensitive_data.columns", "{}",
     "Rules by column: \"users.email\": hash, \"*.notes\": drop, \"users.phone\": {action: "
     "partial,\n"
     "keep_right: 4}. The actions are those above and drop; keep leaves a column as it is.",
     set_columns},
    {"transform.sensitive_data.at", "ingest",
     "Where masking happens: between stream and lake, or at capture, so that nothing personal is "
     "ever\n"
     "stored.",
     set_mask_place},

    {"lake.location", "./freshet-data/lake", "The folder of the Iceberg tables.", set_location},
    {"lake.catalog", "filesystem", "", set_catalog},
    {"lake.database", "default", "", set_database},
    {"lake.flush_interval", "5s",
     "Longest time between commits. SQL through Freshet does not wait for them.",
     [](Config& c, const SettingValue& v) {
       c.lake.flush_interval = v.duration(milliseconds(50), hours(1));
     }},
    {"lake.mirror", "true", "Keep <table>: the current state.",
     [](Config& c, const SettingValue& v) { c.lake.mirror = v.flag(); }},
    {"lake.history", "true", "Keep <table>_history: one row per change.",
     [](Config& c, const SettingValue& v) { c.lake.history = v.flag(); }},
    {"lake.memory", "128MB",
     "For running queries, all together; the rest of `freshet run` takes up to 350 MB beside it.",
     [](Config& c, const SettingValue& v) {
       c.lake.memory_bytes = v.size();
       if (c.lake.memory_bytes < (64U << 20)) v.refuse("write at least 64MB");
     }},
    {"lake.spill", "10GB",
     "Disk for what running queries cannot hold in memory, under state/spill; free again when they "
     "end.",
     [](Config& c, const SettingValue& v) { c.lake.spill_bytes = v.size(); }},
    {"lake.threads", "1",
     "That a query may use. Each wants memory of its own: give lake.memory 100 MB more with each.",
     [](Config& c, const SettingValue& v) {
       c.lake.threads = static_cast<int>(v.integer(1, 256));
     }},

    {"endpoints.metrics", "",
     "Address and port, such as 127.0.0.1:9464, for GET /metrics (Prometheus), /healthz and\n"
     "/readyz. No password is asked for: keep it off public networks. Nothing listens without it.",
     set_metrics_endpoint},
});

constexpr std::string_view kLater = "not available in this version; remove it";

constexpr auto kPlanned = std::to_array<PlannedSetting>({
    {"endpoints.kinesis", kLater},
    {"endpoints.athena", kLater},
    {"endpoints.console", kLater},
    {"stream.name", kLater},
    {"stream.shards", kLater},
    {"stream.format", "not available in this version: records are read as DMS JSON; remove it"},
});

}  // namespace

std::span<const Setting> settings() noexcept { return kSettings; }

std::span<const PlannedSetting> planned_settings() noexcept { return kPlanned; }

std::string to_string(const SettingOrigin& origin) {
  return origin.line == 0 ? origin.name : fmt::format("{}:{}", origin.name, origin.line);
}

void SettingValue::refuse_text(const std::string& problem) const {
  fail(ErrorKind::config, "{}: {}: {}", to_string(origin_), path_, problem);
}

std::string SettingValue::scalar() const {
  if (node_.IsMap() || node_.IsSequence()) refuse("takes one value, not a list or a map");
  if (node_.IsNull() || node_.Scalar().empty())
    refuse("has no value; write one, or remove the line");
  return node_.Scalar();
}

std::string SettingValue::text() const {
  const std::string written = scalar();
  return guard([&] { return expand_variables(written, Expansion::plain); });
}

std::string SettingValue::url() const {
  const std::string written = scalar();
  // A variable may also hold the whole URL, which is then escaped already.
  const bool parts = written.starts_with("mysql:") || written.starts_with("mariadb:");
  return guard(
      [&] { return expand_variables(written, parts ? Expansion::url_part : Expansion::plain); });
}

bool SettingValue::flag() const {
  const std::string written = text();
  const auto flag = parse_flag(written);
  if (!flag) refuse("\"{}\" is neither true nor false", written);
  return *flag;
}

std::int64_t SettingValue::integer(std::int64_t least, std::int64_t most) const {
  const std::string written = text();
  const auto number = parse_integer(written);
  if (!number || *number < least || *number > most)
    refuse("\"{}\" is not a whole number from {} to {}", written, least, most);
  return *number;
}

milliseconds SettingValue::duration(milliseconds least, milliseconds most) const {
  const std::string written = text();
  const auto duration = parse_duration(written);
  if (!duration) refuse("\"{}\" is no duration; write one such as 250ms, 5s or 24h", written);
  if (*duration < least || *duration > most)
    refuse("{} is outside {} to {}", written, format_duration(least), format_duration(most));
  return *duration;
}

std::uint64_t SettingValue::size() const {
  const std::string written = text();
  const auto bytes = parse_size(written);
  if (!bytes) refuse("\"{}\" is no size; write one such as 512KB, 256MB or 10GB", written);
  return *bytes;
}

std::filesystem::path SettingValue::file() const {
  std::string written = text();
  if (written.starts_with("file://")) written.erase(0, 7);
  return (base_ / written).lexically_normal();
}

std::vector<std::string> SettingValue::list() const {
  if (!node_.IsSequence()) return {text()};
  std::vector<std::string> items;
  for (const YAML::Node& item : node_)
    items.push_back(SettingValue(path_, origin_, base_, item).text());
  return items;
}

std::vector<std::pair<std::string, SettingValue>> SettingValue::members() const {
  if (node_.IsNull()) return {};
  if (!node_.IsMap()) refuse("takes a map, as in {{\"users.email\": hash}}");
  std::vector<std::pair<std::string, SettingValue>> members;
  for (const auto& member : node_)
    members.emplace_back(
        member.first.Scalar(),
        SettingValue(path_, origin_.at(member.first.Mark().line), base_, member.second));
  return members;
}

}  // namespace freshet
