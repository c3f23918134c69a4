#include "transform/table_transform.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/ascii.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/json_text.h"
#include "transform/cell_masker.h"
#include "transform/column_policy.h"
#include "transform/json_tokens.h"
#include "transform/masked_rows.h"
#include "transform/number_evidence.h"
#include "transform/text_scan.h"
#include "transform/typing.h"

namespace freshet {
namespace {

using Kind = JsonTokens::Kind;
using Mode = ColumnPolicy::Mode;

constexpr int kMaxDepth = 100;               // of objects that become columns
constexpr std::size_t kMaxNameLength = 255;  // Athena and Glue allow no longer column names
constexpr std::size_t kNone = static_cast<std::size_t>(-1);
constexpr std::uint64_t kDecideEvery = 64;  // rows

// Types of leaf columns, and the suffix of a sibling that takes what the first one cannot.
enum class Leaf : std::uint8_t { boolean, integer, real, text };
struct LeafType {
  LakeType type;
  std::string_view suffix;
};
constexpr LeafType kLeafTypes[] = {{LakeType::boolean, "_boolean"},
                                   {LakeType::int64, "_long"},
                                   {LakeType::float64, "_double"},
                                   {LakeType::string, "_string"}};
const LeafType& leaf_type(Leaf leaf) noexcept { return kLeafTypes[static_cast<std::size_t>(leaf)]; }

// A place in the documents of a JSON column: what was learned about it.
struct JsonNode {
  std::string key;   // the last step of the path, as in the document
  std::string name;  // of its column: "col.a.b"
  JsonNode* parent = nullptr;
  std::vector<std::unique_ptr<JsonNode>> children;
  std::unordered_map<std::string_view, JsonNode*> by_key;
  std::size_t expected = 0;            // child that came after the last one in the row before
  std::optional<ColumnPolicy> policy;  // once it was seen as a leaf
  std::size_t base = kNone;            // column that has the plain name
  std::size_t columns[4] = {kNone, kNone, kNone, kNone};  // by Leaf
};

struct LakePlan {
  ColumnPolicy policy;
  ColumnCounts counts;
  std::size_t source = kNone;  // column of the source table
  JsonNode* node = nullptr;    // that it was made from
  bool holds_json = false;     // its cells are made of many: no statement on the column
  bool flattened = false;      // made from JSON
  bool claimed = false;        // its JSON path is known; false for columns of an earlier run
};

struct SourcePlan {
  Conversion conversion = Conversion::text;
  std::size_t lake = kNone;  // none: dropped, or flattened
  CellForm form = CellForm::looked_at;
  std::unique_ptr<JsonNode> root;  // of a JSON column that is flattened
  std::size_t flattened = 0;       // its columns so far
  std::size_t nodes = 0;
  std::size_t rest = kNone;  // `col._rest`
  std::uint64_t seen = 0;    // numbers
  ColumnCounts key_counts;
  std::optional<NumberEvidence> numbers;  // of a column of numbers that may be given a verdict
};

}  // namespace

class TableTransform::Impl {
 public:
  Impl(SchemaPtr source, const TransformOptions& options, std::string key,
       const std::vector<LakeColumn>& existing, TableVerdicts verdicts)
      : options_(options),
        masker_(options.sensitive_data, std::move(key)),
        rules_(options.sensitive_data, source->name),
        source_(std::move(source)),
        verdicts_(std::move(verdicts)) {
    plan(existing);
  }

  const LakeSchema& schema() const noexcept { return schema_; }
  std::uint64_t version() const noexcept { return version_; }

  void apply(std::string_view image, std::vector<Value>& row, Arena& arena) {
    row.assign(schema_.columns.size(), Value::null());
    ByteReader in(image);
    for (std::size_t i = 0; i < source_->columns.size(); ++i) {
      const Value value = read_value(in);
      if (value.is_absent()) refuse_absent(i);
      if (!value.is_null()) apply_cell(i, value, row, arena);
    }
    if (!in.empty())
      fail(ErrorKind::corrupt, "a row image of {} has more cells than its table has columns",
           source_->name.qualified());
    if (by_column() && ++rows_ % kDecideEvery == 0) decide();
  }

  void decide() {
    if (!by_column()) return;
    for (std::size_t i = 0; i < plans_.size(); ++i)
      if (const auto type = type_held_by(plans_[i])) condemn(i, *type);
    for (std::size_t i = 0; i < sources_.size(); ++i)
      if (sources_[i].numbers) decide_on_numbers(i);
  }

  const TableVerdicts& verdicts() const noexcept { return verdicts_; }

  std::vector<std::string> overruled() const {
    std::vector<std::string> columns;
    for (const ColumnVerdict& verdict : verdicts_.all())
      if (rules_.find(verdict.column) != nullptr) columns.push_back(verdict.column);
    return columns;
  }

  void change_schema(SchemaPtr source) {
    follow_renames(*source);
    const LakeSchema before = std::move(schema_);
    std::vector<LakePlan> plans = std::move(plans_);
    source_ = std::move(source);
    rules_ = ColumnRules(options_.sensitive_data, source_->name);
    plan(before.columns);
    for (std::size_t i = 0; i < plans.size(); ++i)
      if (const auto found = names_.find(lower_case(before.columns[i].name)); found != names_.end())
        plans_[found->second].counts = std::move(plans[i].counts);
    if (schema_ == before) return;
    ++version_;
  }

  std::vector<ColumnFinding> findings() const {
    std::vector<ColumnFinding> result;
    for (std::size_t i = 0; i < plans_.size(); ++i) result.push_back(finding(i));
    return result;
  }

 private:
  // ---- columns ----

  void plan(const std::vector<LakeColumn>& existing) {
    masked_ = is_masked(*source_);
    zero_dates_ = zero_date_policy();
    schema_ = LakeSchema{.source = source_->name, .columns = {}, .key = {}};
    plans_.clear();
    names_.clear();
    sources_.clear();
    sources_.resize(source_->columns.size());
    for (std::size_t i = 0; i < source_->columns.size(); ++i) plan_source(i);
    for (const LakeColumn& column : existing) adopt(column);
    for (std::size_t i = 0; i < source_->columns.size(); ++i)
      if (wants_column(i)) add_source(i);
    for (const std::uint32_t column : source_->key)
      schema_.key.push_back(static_cast<std::uint32_t>(sources_[column].lake));
  }

  ZeroDatePolicy zero_date_policy() const {
    const std::vector<std::string>& tables = options_.zero_dates_in;
    const bool chosen =
        tables.empty() || std::ranges::any_of(tables, [&](const std::string& pattern) {
          return matches_pattern(lower_case(pattern), lower_case(source_->name.qualified())) ||
                 matches_pattern(lower_case(pattern), lower_case(source_->name.table));
        });
    return chosen ? options_.zero_dates : ZeroDatePolicy::null;
  }

  bool is_key(std::size_t i) const noexcept {
    return std::find(source_->key.begin(), source_->key.end(), i) != source_->key.end();
  }

  ColumnPolicy policy_of_source(std::size_t i) const {
    const std::string& name = source_->columns[i].name;
    return policy_for(name, name, {}, is_key(i));
  }

  ColumnPolicy policy_for(const std::string& column, std::string_view name, std::string_view parent,
                          bool keyed) const {
    ColumnPolicy policy = masker_.policy(rules_, column, name, parent, keyed);
    if (masked_ && !is_dropped(policy)) policy.mode = Mode::keep;
    if (masked_ || !by_column()) return policy;
    if (const ColumnVerdict* verdict = verdicts_.find(column)) masker_.follow(*verdict, policy);
    return policy;
  }

  static bool is_dropped(const ColumnPolicy& policy) noexcept {
    return policy.by_rule && policy.rule.action == MaskAction::drop;
  }

  void plan_source(std::size_t i) {
    SourcePlan& plan = sources_[i];
    const Column& column = source_->columns[i];
    plan.conversion = conversion_of(column);
    if (can_hold_day(column.type) && zero_dates_ == ZeroDatePolicy::text)
      plan.conversion = Conversion::moment_text;
    if (plan.conversion != Conversion::json || !options_.flatten.enabled) return;
    // A rule that changes the whole JSON column leaves nothing to flatten.
    const ColumnPolicy policy = policy_of_source(i);
    if (policy.by_rule && policy.mode == Mode::whole) return;
    plan.root = std::make_unique<JsonNode>();
    plan.root->key = plan.root->name = column.name;
    plan.key_counts = masker_.no_counts();
  }

  bool wants_column(std::size_t i) const {
    if (masked_ && i + 1 == sources_.size()) return false;  // the row's id
    return !sources_[i].root && sources_[i].lake == kNone && !is_dropped(policy_of_source(i));
  }

  // Takes over a column of the lake table: of a source column, or flattened from one.
  void adopt(const LakeColumn& column) {
    for (std::size_t i = 0; i < source_->columns.size(); ++i)
      if (lower_case(source_->columns[i].name) == lower_case(column.name) && !sources_[i].root) {
        if (wants_column(i)) add_source(i);
        return;
      }
    if (const std::size_t owner = owner_of(column.name); owner != kNone)
      add_flattened(owner, column, ColumnPolicy{}, false);
  }

  // The JSON column that a flattened name begins with; the longest where several do.
  std::size_t owner_of(const std::string& name) const {
    std::size_t owner = kNone;
    std::size_t longest = 0;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      const std::string& column = source_->columns[i].name;
      if (!sources_[i].root || column.size() < longest || !name.starts_with(column)) continue;
      const std::string_view behind = std::string_view(name).substr(column.size());
      // "col", "col.a", and "col_string" or "col_2" that stand beside "col".
      if (!behind.empty() && !behind.starts_with(options_.flatten.separator) && behind[0] != '_')
        continue;
      owner = i;
      longest = column.size();
    }
    return owner;
  }

  void add_source(std::size_t i) {
    SourcePlan& plan = sources_[i];
    const Column& column = source_->columns[i];
    LakeColumn lake = lake_column_of(column, is_key(i));
    ColumnPolicy policy = policy_of_source(i);
    plan.form = settle(column, policy);
    if (plan.form == CellForm::made_text || plan.conversion == Conversion::moment_text) {
      lake.type = LakeType::string;
      lake.precision = lake.scale = 0;
    }
    const bool json = plan.conversion == Conversion::json;
    note_name(i, column.name, policy);
    if (may_hold_numbers(i, plan.form, policy)) plan.numbers.emplace(number_evidence());
    plan.lake = add(std::move(lake),
                    LakePlan{.policy = policy, .source = i, .holds_json = json, .claimed = true});
  }

  // ---- verdicts ----

  bool by_column() const noexcept { return options_.sensitive_data.mode == MaskMode::column; }

  // A key must stay, and stay a number: rules are for those.
  bool may_hold_numbers(std::size_t i, CellForm form, const ColumnPolicy& policy) const {
    return by_column() && !masked_ && form == CellForm::kept && !policy.by_rule &&
           !policy.by_verdict && !is_key(i) && can_hold_digits(source_->columns[i].type);
  }

  const NumberEvidence& number_evidence() {
    if (!number_evidence_) {
      const DetectorSet& detectors = masker_.detectors();
      const auto wanted = [&](std::string_view type) {
        return detectors.index_of(type) < detectors.size();
      };
      number_evidence_.emplace(
          NumberEvidence::Wanted{.phones = wanted("PHONE_NUMBER"),
                                 .cards = wanted("CREDIT_CARD"),
                                 .regions = options_.sensitive_data.phone_regions});
    }
    return *number_evidence_;
  }

  // All of the first numbers, then some: the library takes microseconds for each.
  void add_number(SourcePlan& plan, const Value& value, const Column& column) {
    constexpr std::uint64_t kAll = 256;
    constexpr std::uint64_t kOneIn = 16;
    if (++plan.seen > kAll && plan.seen % kOneIn != 0) return;
    plan.numbers->add(display_text(value, column));
  }

  void decide_on_numbers(std::size_t i) {
    constexpr std::uint64_t kFewest = 20;
    SourcePlan& plan = sources_[i];
    const NumberEvidence& numbers = *plan.numbers;
    const std::string_view type =
        numbers.type(std::max(kFewest, options_.sensitive_data.verdict_cells));
    if (type.empty()) return;
    ColumnVerdict verdict = verdict_on(i, source_->columns[i].name, type);
    verdict.cells = numbers.cells();
    verdict.hits = numbers.hits();
    verdicts_.add(std::move(verdict));
    ColumnPolicy policy = policy_of_source(i);
    plan.form = settle(source_->columns[i], policy);
    plans_[plan.lake].policy = std::move(policy);
    plan.numbers.reset();
  }

  // The type that enough of a column's cells are, from end to end.
  std::optional<std::size_t> type_held_by(const LakePlan& plan) const {
    if (plan.policy.mode != Mode::cells || plan.holds_json) return std::nullopt;
    const auto most = std::ranges::max_element(plan.counts.whole);
    if (most == plan.counts.whole.end() || *most < options_.sensitive_data.verdict_cells ||
        *most * 100 < options_.sensitive_data.verdict_percent * plan.counts.cells)
      return std::nullopt;
    return static_cast<std::size_t>(most - plan.counts.whole.begin());
  }

  ColumnVerdict verdict_on(std::size_t source, const std::string& column,
                           std::string_view type) const {
    return {.column = column,
            .type = std::string(type),
            .since_micros = now_micros(),
            .source_type = std::string(name_of(source_->columns[source].type))};
  }

  // From now on the whole lake column, and what else comes from its place in the documents, is
  // masked.
  void condemn(std::size_t i, std::size_t detector) {
    LakePlan& plan = plans_[i];
    JsonNode* const node = plan.node;
    const std::string& column = node ? node->name : source_->columns[plan.source].name;
    ColumnVerdict verdict = verdict_on(plan.source, column, masker_.detectors().type(detector));
    verdict.cells = plan.counts.cells;
    verdict.hits = plan.counts.whole[detector];
    verdicts_.add(std::move(verdict));
    if (node == nullptr) return void(plan.policy = policy_of_source(plan.source));
    node->policy.reset();
    for (const std::size_t sibling : node->columns)
      if (sibling != kNone) plans_[sibling].policy = leaf_policy(plan.source, *node);
  }

  // A name that tells the type is a verdict too: it stays when a later version knows fewer names.
  void note_name(std::size_t source, const std::string& column, const ColumnPolicy& policy) {
    if (!by_column() || policy.by_rule || policy.by_verdict || policy.mode != Mode::whole) return;
    ColumnVerdict verdict = verdict_on(source, column, policy.prior.type);
    verdict.name_type = verdict.type;
    verdicts_.add(std::move(verdict));
  }

  // A column renamed in place keeps its verdict.
  void follow_renames(const TableSchema& next) {
    if (next.columns.size() != source_->columns.size()) return;
    for (std::size_t i = 0; i < next.columns.size(); ++i) {
      const Column& before = source_->columns[i];
      const Column& after = next.columns[i];
      if (before.type != after.type || next.find(before.name) || source_->find(after.name))
        continue;
      if (const ColumnVerdict* verdict = verdicts_.find(before.name)) {
        ColumnVerdict renamed = *verdict;
        renamed.column = after.name;
        verdicts_.add(std::move(renamed));
      }
    }
  }

  // ---- columns of the lake ----

  std::size_t add(LakeColumn column, LakePlan plan) {
    plan.counts = masker_.no_counts();
    names_.emplace(lower_case(column.name), plans_.size());
    plans_.push_back(std::move(plan));
    schema_.columns.push_back(std::move(column));
    return plans_.size() - 1;
  }

  std::size_t add_flattened(std::size_t owner, LakeColumn column, const ColumnPolicy& policy,
                            bool claimed) {
    column.required = false;
    ++sources_[owner].flattened;
    return add(std::move(column),
               LakePlan{.policy = policy, .source = owner, .flattened = true, .claimed = claimed});
  }

  // The column of that name for a path: one of an earlier run if its type is right (any type if
  // `wanted` is empty), else a new one of type `fresh`, under the first name that is free. None
  // if the JSON column may have no more columns.
  std::size_t claim(std::size_t owner, const std::string& name, std::optional<LakeType> wanted,
                    LakeType fresh, const ColumnPolicy& policy, bool bounded) {
    for (int n = 1;; ++n) {
      const std::string candidate = n == 1 ? name : name + "_" + std::to_string(n);
      const auto found = names_.find(lower_case(candidate));
      if (found == names_.end()) {
        if (bounded && sources_[owner].flattened >= options_.flatten.max_columns) return kNone;
        if (candidate.size() > kMaxNameLength) return kNone;
        ++version_;
        return add_flattened(owner, {.name = candidate, .type = fresh}, policy, true);
      }
      LakePlan& plan = plans_[found->second];
      const LakeColumn& column = schema_.columns[found->second];
      if (!plan.flattened || plan.claimed || plan.source != owner || column.name != candidate)
        continue;
      if (wanted && column.type != *wanted) continue;
      plan.claimed = true;
      plan.policy = policy;
      return found->second;
    }
  }

  // ---- cells ----

  [[noreturn]] void refuse_absent(std::size_t i) const {
    fail(ErrorKind::unsupported,
         "{}.{} is absent from a row image; on the source: SET GLOBAL binlog_row_image=FULL, and "
         "load the table again",
         source_->name.qualified(), source_->columns[i].name);
  }

  void apply_cell(std::size_t i, const Value& value, std::vector<Value>& row, Arena& arena) {
    SourcePlan& plan = sources_[i];
    const Column& column = source_->columns[i];
    if (plan.root) return flatten(i, value, row, arena);
    if (plan.lake == kNone) return;
    LakePlan& lake = plans_[plan.lake];
    Value& cell = row[plan.lake];
    if (plan.form == CellForm::made_text || plan.form == CellForm::made_null) {
      ++lake.counts.cells;
      ++lake.counts.masked;
      if (lake.policy.detector != kNoDetector) ++lake.counts.hits[lake.policy.detector];
      if (plan.form == CellForm::made_text)
        cell = masker_.replace_whole(display_text(value, column), lake.policy.rule,
                                     lake.policy.keyed, ValueKind::text, arena);
      return;
    }
    if (plan.numbers) add_number(plan, value, column);
    cell = convert(value, plan.conversion, source_->name, column, arena);
    switch (plan.conversion) {
      case Conversion::text:
      case Conversion::plain:
        cell = masker_.mask_text(cell.text, lake.policy, lake.counts, arena);
        break;
      case Conversion::json:
        cell = lake.policy.mode == Mode::whole
                   ? masker_.mask_text(cell.text, lake.policy, lake.counts, arena)
                   : masker_.mask_json_text(cell.text, lake.policy, lake.counts, arena);
        break;
      case Conversion::bytes:
        cell = masker_.mask_bytes(cell.text, lake.policy, lake.counts, arena);
        break;
      default:
        if (cell.is_null()) refuse_zero_date(i);
    }
  }

  void refuse_zero_date(std::size_t i) const {
    const bool required = is_key(i);
    if (!required && zero_dates_ == ZeroDatePolicy::null) return;
    fail(ErrorKind::unsupported, "{}.{} holds a zero or invalid date, which {}",
         source_->name.qualified(), source_->columns[i].name,
         required
             ? "a key column of the lake cannot hold: set transform.zero_dates to text before the "
               "table's first load, or correct the row on the source"
             : "transform.zero_dates forbids: set it to null, or correct the row on the source");
  }

  // ---- JSON ----

  void flatten(std::size_t i, const Value& value, std::vector<Value>& row, Arena& arena) {
    SourcePlan& plan = sources_[i];
    if (!value.is_text())
      (void)convert(value, plan.conversion, source_->name, source_->columns[i], arena);
    rest_.clear();
    touched_.clear();
    if (flatten_document(i, value.text, row, arena)) {
      if (!rest_.empty()) put_rest(i, row, arena);
      return;
    }
    for (const std::size_t column : touched_) row[column] = Value::null();
    const ColumnPolicy& policy = leaf_policy(i, *plan.root);
    if (is_dropped(policy)) return;
    const std::size_t column = leaf_column(i, *plan.root, Leaf::text, false);
    set(row, column, masker_.mask_text(value.text, policy, plans_[column].counts, arena));
  }

  bool flatten_document(std::size_t i, std::string_view json, std::vector<Value>& row,
                        Arena& arena) {
    JsonTokens tokens(json, json_stack_);
    const JsonTokens::Token first = tokens.next();
    const bool whole = first.kind == Kind::begin_object
                           ? flatten_object(i, *sources_[i].root, tokens, 1, row, arena)
                           : put_json_leaf(i, *sources_[i].root, tokens, first, row, arena);
    return whole && tokens.next().kind == Kind::end;
  }

  void set(std::vector<Value>& row, std::size_t column, const Value& value) {
    if (row.size() <= column) row.resize(schema_.columns.size(), Value::null());
    row[column] = value;
    touched_.push_back(column);
  }

  // Reads the members of an object that has just been opened. False if the text is bad.
  bool flatten_object(std::size_t i, JsonNode& node, JsonTokens& tokens, int level,
                      std::vector<Value>& row, Arena& arena) {
    for (;;) {
      const JsonTokens::Token key = tokens.next();
      if (key.kind == Kind::end_object) return true;
      if (key.kind != Kind::key) return false;
      JsonNode* const child = child_of(i, node, key);
      const JsonTokens::Token value = tokens.next();
      const bool good = child ? flatten_value(i, *child, tokens, value, level, row, arena)
                              : add_rest(i, node, key, tokens, value, arena);
      if (!good) return false;
    }
  }

  bool flatten_value(std::size_t i, JsonNode& node, JsonTokens& tokens,
                     const JsonTokens::Token& value, int level, std::vector<Value>& row,
                     Arena& arena) {
    const int limit = options_.flatten.max_levels == 0
                          ? kMaxDepth
                          : std::min(options_.flatten.max_levels, kMaxDepth);
    if (value.kind == Kind::begin_object && level < limit)
      return flatten_object(i, node, tokens, level + 1, row, arena);
    if (value.kind == Kind::begin_object || value.kind == Kind::begin_array)
      return put_json_leaf(i, node, tokens, value, row, arena);
    return put_scalar(i, node, value, row, arena);
  }

  JsonNode* child_of(std::size_t i, JsonNode& node, const JsonTokens::Token& token) {
    std::string_view key = token.raw;
    if (token.escaped) {
      unescape_json(token.raw, plain_);
      key = plain_;
    }
    // Documents of a table have their keys in one order, mostly.
    if (node.expected < node.children.size() && node.children[node.expected]->key == key)
      return node.children[node.expected++].get();
    if (const auto found = node.by_key.find(key); found != node.by_key.end()) {
      const auto at = std::find_if(node.children.begin(), node.children.end(),
                                   [&](const auto& child) { return child.get() == found->second; });
      node.expected = static_cast<std::size_t>(at - node.children.begin()) + 1;
      return found->second;
    }
    node.expected = 0;
    return add_child(i, node, key);
  }

  // Null once there are more places than columns could serve: documents may use data as keys.
  JsonNode* add_child(std::size_t i, JsonNode& node, std::string_view key) {
    SourcePlan& plan = sources_[i];
    if (plan.nodes >= 4 * options_.flatten.max_columns + 64) return nullptr;
    std::string name = node.name + options_.flatten.separator + name_segment(key);
    if (name.size() > kMaxNameLength) return nullptr;
    ++plan.nodes;
    auto child = std::make_unique<JsonNode>();
    child->key = key;
    child->name = std::move(name);
    child->parent = &node;
    JsonNode* const result = child.get();
    node.children.push_back(std::move(child));
    node.by_key.emplace(result->key, result);
    return result;
  }

  // A key as part of a column name: never personal data, and never mistaken for two keys.
  std::string name_segment(std::string_view key) {
    const std::string masked = masked_ ? std::string(key) : masker_.mask_key(key);
    const std::string& separator = options_.flatten.separator;
    std::string segment;
    for (std::size_t at = 0; at < masked.size(); ++at) {
      const bool separates =
          !separator.empty() && masked.compare(at, separator.size(), separator) == 0;
      const auto byte = static_cast<unsigned char>(masked[at]);
      if (separates || byte == '%' || byte < 0x20)
        segment += fmt::format("%{:02X}", byte);
      else
        segment.push_back(masked[at]);
    }
    return segment;
  }

  const ColumnPolicy& leaf_policy(std::size_t i, JsonNode& node) {
    if (node.policy) return *node.policy;
    const std::string& column = source_->columns[i].name;
    const std::string_view parent =
        node.parent ? std::string_view(node.parent->key) : std::string_view();
    node.policy = policy_for(node.name, node.key, parent, false);
    if (!node.policy->by_rule && rules_.find(column))
      node.policy = policy_for(column, column, {}, false);
    else
      note_name(i, node.name, *node.policy);
    return *node.policy;
  }

  // The column for values of that type at a node; none if there is no room for another.
  std::size_t leaf_column(std::size_t i, JsonNode& node, Leaf leaf, bool bounded) {
    std::size_t& slot = node.columns[static_cast<std::size_t>(leaf)];
    if (slot != kNone) return slot;
    const ColumnPolicy& policy = *node.policy;
    const LakeType type = leaf_type(leaf).type;
    if (node.base == kNone) {
      node.base = claim(i, node.name, std::nullopt, type, policy, bounded);
      if (node.base == kNone) return kNone;
      plans_[node.base].node = &node;
    }
    if (schema_.columns[node.base].type == type) return slot = node.base;
    const std::string name = node.name + std::string(leaf_type(leaf).suffix);
    slot = claim(i, name, type, type, policy, bounded);
    if (slot != kNone) plans_[slot].node = &node;
    return slot;
  }

  // An array, an object too deep, or a document that is no object, as JSON text.
  bool put_json_leaf(std::size_t i, JsonNode& node, JsonTokens& tokens,
                     const JsonTokens::Token& first, std::vector<Value>& row, Arena& arena) {
    const ColumnPolicy& policy = leaf_policy(i, node);
    if (is_dropped(policy)) return skip(tokens, first);
    const std::size_t column = leaf_column(i, node, Leaf::text, node.parent != nullptr);
    if (column == kNone) return add_rest(i, node, tokens, first, arena);
    plans_[column].holds_json = true;
    ColumnCounts& counts = plans_[column].counts;
    if (policy.mode == Mode::whole && first.kind != Kind::null && first.kind != Kind::boolean) {
      if (!skip(tokens, first)) return false;
      set(row, column, masker_.mask_text(first.raw, policy, counts, arena));
      return true;
    }
    const auto json = masker_.mask_json(tokens, first, policy, counts, arena);
    if (!json) return false;
    set(row, column, Value::of(ValueKind::text, *json));
    return true;
  }

  static bool skip(JsonTokens& tokens, const JsonTokens::Token& first) {
    if (first.kind == Kind::begin_object || first.kind == Kind::begin_array)
      return tokens.skip_container();
    return first.kind != Kind::bad;
  }

  bool put_scalar(std::size_t i, JsonNode& node, const JsonTokens::Token& token,
                  std::vector<Value>& row, Arena& arena) {
    if (token.kind == Kind::bad || token.kind == Kind::end) return false;
    if (token.kind == Kind::null) return true;
    const ColumnPolicy& policy = leaf_policy(i, node);
    if (is_dropped(policy)) return true;
    if (!node_has_room(i, node)) return add_rest_scalar(i, node, token, arena);
    if (token.kind == Kind::boolean && !policy.by_rule)
      return put_leaf(i, node, Leaf::boolean, Value::of_int(token.raw[0] == 't'), token, row,
                      arena);
    if (token.kind == Kind::string || policy.masks_numbers())
      return put_text_leaf(i, node, token, row, arena);
    if (token.kind == Kind::boolean)
      return put_leaf(i, node, Leaf::boolean, Value::of_int(token.raw[0] == 't'), token, row,
                      arena);
    return put_number(i, node, token, row, arena);
  }

  // False only where the node has no column yet and can get none.
  bool node_has_room(std::size_t i, const JsonNode& node) const noexcept {
    return node.base != kNone || sources_[i].flattened < options_.flatten.max_columns ||
           names_.contains(lower_case(node.name));
  }

  bool put_text_leaf(std::size_t i, JsonNode& node, const JsonTokens::Token& token,
                     std::vector<Value>& row, Arena& arena) {
    const std::size_t column = leaf_column(i, node, Leaf::text, true);
    if (column == kNone) return add_rest_scalar(i, node, token, arena);
    std::string_view text = token.raw;
    if (token.escaped) {
      unescape_json(token.raw, plain_);
      text = arena.keep(plain_);
    }
    set(row, column, masker_.mask_text(text, *node.policy, plans_[column].counts, arena));
    return true;
  }

  bool put_leaf(std::size_t i, JsonNode& node, Leaf leaf, const Value& value,
                const JsonTokens::Token& token, std::vector<Value>& row, Arena& arena) {
    const std::size_t column = leaf_column(i, node, leaf, true);
    if (column == kNone) return add_rest_scalar(i, node, token, arena);
    set(row, column, value);
    return true;
  }

  bool put_number(std::size_t i, JsonNode& node, const JsonTokens::Token& token,
                  std::vector<Value>& row, Arena& arena) {
    const char* const begin = token.raw.data();
    const char* const end = begin + token.raw.size();
    if (token.raw.find_first_of(".eE") == token.raw.npos) {
      std::int64_t whole = 0;
      if (std::from_chars(begin, end, whole).ec != std::errc{})
        return put_text_leaf(i, node, token, row, arena);
      return put_integer(i, node, whole, token, row, arena);
    }
    double real = 0;
    if (std::from_chars(begin, end, real).ec != std::errc{} || !std::isfinite(real))
      return put_text_leaf(i, node, token, row, arena);
    return put_leaf(i, node, Leaf::real, Value::of_double(real), token, row, arena);
  }

  bool put_integer(std::size_t i, JsonNode& node, std::int64_t whole,
                   const JsonTokens::Token& token, std::vector<Value>& row, Arena& arena) {
    constexpr std::int64_t kExact = std::int64_t{1} << 53;
    const bool in_double = whole <= kExact && whole >= -kExact;
    const Leaf leaf = in_double && holds(i, node, Leaf::real) ? Leaf::real : Leaf::integer;
    const std::size_t column = leaf_column(i, node, leaf, true);
    if (column == kNone) return add_rest_scalar(i, node, token, arena);
    ColumnCounts& counts = plans_[column].counts;
    if (node.policy->mode != Mode::keep &&
        masker_.rule_for_number(token.raw, node.policy->context, counts) != nullptr) {
      set(row, column, Value::null());  // a number column cannot hold the mask
      return true;
    }
    set(row, column,
        leaf == Leaf::real ? Value::of_double(static_cast<double>(whole)) : Value::of_int(whole));
    return true;
  }

  // True if the column with the node's plain name has that type. Claims it if it is of an
  // earlier run.
  bool holds(std::size_t i, JsonNode& node, Leaf leaf) {
    if (node.base == kNone) {
      const auto found = names_.find(lower_case(node.name));
      if (found == names_.end()) return false;
      node.base =
          claim(i, node.name, std::nullopt, leaf_type(Leaf::integer).type, *node.policy, true);
      if (node.base == kNone) return false;
      plans_[node.base].node = &node;
    }
    return schema_.columns[node.base].type == leaf_type(leaf).type;
  }

  // ---- what finds no column ----

  ColumnPolicy rest_policy(std::size_t i, std::string_view key) const {
    const std::string& column = source_->columns[i].name;
    ColumnPolicy policy = policy_for(column, column, {}, false);
    if (!policy.by_rule) policy = policy_for(std::string(key), key, {}, false);
    return policy;
  }

  // A member of `node` for which there is no node of its own.
  bool add_rest(std::size_t i, const JsonNode& node, const JsonTokens::Token& key,
                JsonTokens& tokens, const JsonTokens::Token& value, Arena& arena) {
    if (key.escaped) unescape_json(key.raw, plain_);
    const std::string plain(key.escaped ? std::string_view(plain_) : key.raw);
    const std::string path = node.name + options_.flatten.separator + name_segment(plain);
    return put_rest_member(i, path, rest_policy(i, plain), tokens, value, arena);
  }

  // A value at a node that gets no column.
  bool add_rest(std::size_t i, JsonNode& node, JsonTokens& tokens, const JsonTokens::Token& value,
                Arena& arena) {
    return put_rest_member(i, node.name, leaf_policy(i, node), tokens, value, arena);
  }

  bool add_rest_scalar(std::size_t i, JsonNode& node, const JsonTokens::Token& token,
                       Arena& arena) {
    JsonTokens none({}, rest_stack_);
    return put_rest_member(i, node.name, leaf_policy(i, node), none, token, arena);
  }

  bool put_rest_member(std::size_t i, const std::string& path, const ColumnPolicy& policy,
                       JsonTokens& tokens, const JsonTokens::Token& value, Arena& arena) {
    if (is_dropped(policy)) return skip(tokens, value);
    const auto json = masker_.mask_json(tokens, value, policy, sources_[i].key_counts, arena);
    if (!json) return false;
    rest_.push_back(rest_.empty() ? '{' : ',');
    put_json_string(rest_, std::string_view(path).substr(source_->columns[i].name.size() +
                                                         options_.flatten.separator.size()));
    rest_.push_back(':');
    rest_.append(*json);
    return true;
  }

  void put_rest(std::size_t i, std::vector<Value>& row, Arena& arena) {
    SourcePlan& plan = sources_[i];
    if (plan.rest == kNone)
      plan.rest = claim(i, source_->columns[i].name + options_.flatten.separator + "_rest",
                        LakeType::string, LakeType::string, ColumnPolicy{}, false);
    rest_.push_back('}');
    set(row, plan.rest, Value::of(ValueKind::text, arena.keep(rest_)));
  }

  // ---- findings ----

  ColumnFinding finding(std::size_t i) const {
    ColumnFinding result = masker_.finding(plans_[i].policy, plans_[i].counts);
    result.column = schema_.columns[i].name;
    return result;
  }

  TransformOptions options_;
  CellMasker masker_;
  ColumnRules rules_;
  SchemaPtr source_;
  LakeSchema schema_;
  std::uint64_t version_ = 1;
  bool masked_ = false;                               // the images come masked
  ZeroDatePolicy zero_dates_ = ZeroDatePolicy::null;  // for this table
  TableVerdicts verdicts_;
  std::uint64_t rows_ = 0;                              // applied
  std::optional<NumberEvidence> number_evidence_;       // empty; each column copies it
  std::vector<LakePlan> plans_;                         // parallel to schema_.columns
  std::vector<SourcePlan> sources_;                     // parallel to source_->columns
  std::unordered_map<std::string, std::size_t> names_;  // lower-case name -> lake column

  std::vector<std::size_t> touched_;  // columns that the JSON cell at hand has set
  std::string rest_;
  std::string plain_;
  std::string json_stack_;
  std::string rest_stack_;
};

TableTransform::TableTransform(SchemaPtr source, const TransformOptions& options,
                               std::string hmac_key, const std::vector<LakeColumn>& existing,
                               TableVerdicts verdicts)
    : impl_(std::make_unique<Impl>(std::move(source), options, std::move(hmac_key), existing,
                                   std::move(verdicts))) {}
TableTransform::~TableTransform() = default;
TableTransform::TableTransform(TableTransform&&) noexcept = default;
TableTransform& TableTransform::operator=(TableTransform&&) noexcept = default;

const LakeSchema& TableTransform::schema() const noexcept { return impl_->schema(); }
std::uint64_t TableTransform::version() const noexcept { return impl_->version(); }
void TableTransform::apply(std::string_view image, std::vector<Value>& row, Arena& arena) {
  impl_->apply(image, row, arena);
}
void TableTransform::change_schema(SchemaPtr source) { impl_->change_schema(std::move(source)); }
void TableTransform::decide() { impl_->decide(); }
const TableVerdicts& TableTransform::verdicts() const noexcept { return impl_->verdicts(); }
std::vector<std::string> TableTransform::overruled() const { return impl_->overruled(); }
std::vector<ColumnFinding> TableTransform::findings() const { return impl_->findings(); }

}  // namespace freshet
