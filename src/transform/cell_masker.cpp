#include "transform/cell_masker.h"

#include <simdjson.h>

#include <algorithm>
#include <functional>
#include <tuple>

#include "base/error.h"
#include "base/json_text.h"
#include "transform/partial.h"
#include "transform/typing.h"

namespace freshet {
namespace {

using Mode = ColumnPolicy::Mode;
using Kind = JsonTokens::Kind;

constexpr std::size_t kMostDocuments = 4;  // JSON texts within one another

// What the name above adds to that of a member; what is numbered, the nearest name tells.
const DetectorBits kOfParents =
    ~(DetectorBits().set(ContextWords::kOther).set(ContextWords::kIdentifier));

// True if the text may be a JSON document, which begins and ends with brackets.
bool may_be_document(std::string_view text) noexcept {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != text.npos && (text[first] == '{' || text[first] == '[');
}

// Orders hits and joins those that overlap; the joined one has the type of the earlier.
void join(Hits& hits) {
  std::ranges::sort(hits, [](const Hit& a, const Hit& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
  });
  std::size_t last = 0;
  for (std::size_t i = 1; i < hits.size(); ++i) {
    if (hits[i].begin < hits[last].end)
      hits[last].end = std::max(hits[last].end, hits[i].end);
    else
      hits[++last] = hits[i];
  }
  hits.resize(last + 1);
}

// True if nothing but blanks stands around the hit.
bool is_whole(const Hit& hit, std::string_view text) noexcept {
  const auto blank = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  return std::ranges::all_of(text.substr(0, hit.begin), blank) &&
         std::ranges::all_of(text.substr(hit.end), blank);
}

}  // namespace

CellForm settle(const Column& column, ColumnPolicy& policy) {
  switch (conversion_of(column)) {
    case Conversion::text:
    case Conversion::bytes:
    case Conversion::json: return CellForm::looked_at;
    case Conversion::plain:
      if (!policy.by_rule) policy.mode = Mode::keep;
      return CellForm::looked_at;
    default: break;
  }
  // By a rule, or where the name says that numbers of a kind stand there.
  if (!policy.by_rule && !(policy.masks_numbers() && can_hold_digits(column.type)) &&
      !(policy.masks_dates() && can_hold_day(column.type)))
    policy.mode = Mode::keep;
  if (policy.mode != Mode::whole) return CellForm::kept;
  const MaskAction action = policy.rule.action;
  // A verdict on numbers comes when the lake's column has its type already.
  const bool text = policy.keyed || (!policy.by_numbers && (action == MaskAction::hash ||
                                                            action == MaskAction::tokenise ||
                                                            action == MaskAction::partial));
  return text ? CellForm::made_text : CellForm::made_null;
}

CellMasker::CellMasker(const SensitiveDataOptions& options, std::string hmac_key)
    : detectors_(options),
      mask_(options.mask),
      action_(options.action),
      whole_value_(options.whole_value),
      keys_(options.keys, std::move(hmac_key)),
      look_into_(options.look_into),
      json_(kMostDocuments + 1) {
  check(action_, "action");
  for (std::size_t i = 0; i < detectors_.size(); ++i) {
    const auto found = options.actions.find(std::string(detectors_.type(i)));
    rules_.push_back(found == options.actions.end() ? action_ : found->second);
    check(rules_.back(), detectors_.type(i));
  }
  if (!simdjson::validate_utf8(mask_.data(), mask_.size()))
    fail(ErrorKind::config, "transform.sensitive_data.mask is not valid UTF-8");
}

void CellMasker::check(const ColumnRule& rule, std::string_view where) const {
  if (rule.action == MaskAction::drop)
    fail(ErrorKind::config, "transform.sensitive_data: {}: 'drop' is for single columns only",
         where);
}

ColumnPolicy CellMasker::policy(const ColumnRules& rules, const std::string& column,
                                std::string_view name, std::string_view parent, bool keyed) const {
  ColumnPolicy policy{.rule = action_, .keyed = keyed};
  if (const ColumnRule* rule = rules.find(column)) {
    if (keyed && (rule->action == MaskAction::drop || rule->action == MaskAction::null))
      fail(ErrorKind::config,
           "transform.sensitive_data.columns: {} is a key column and can be neither dropped nor "
           "null; use hash",
           column);
    policy.rule = *rule;
    policy.by_rule = true;
    policy.mode = rule->action == MaskAction::keep ? Mode::keep : Mode::whole;
    return policy;
  }
  policy.context = detectors_.context_of(parent);
  policy.context &= kOfParents;
  policy.context |= detectors_.context_of(name);
  policy.prior = prior_of_name(name, parent);
  policy.detector = detectors_.index_of(policy.prior.type);
  if (!policy.prior || policy.detector == detectors_.size()) {
    policy.prior = {};
    policy.detector = kNoDetector;
    return policy;
  }
  policy.rule = rule_of(policy.detector);
  if (policy.rule.action != MaskAction::keep) policy.mode = Mode::whole;
  return policy;
}

ColumnPolicy CellMasker::policy_of_path(const ColumnRules& rules, const std::string& path,
                                        std::string_view separator, bool keyed) const {
  std::vector<std::string_view> steps;
  for (std::string_view rest = path; !separator.empty() && !rest.empty();) {
    const std::size_t end = rest.find(separator);
    steps.push_back(rest.substr(0, end));
    rest = end == rest.npos ? std::string_view() : rest.substr(end + separator.size());
  }
  if (steps.size() < 2) return this->policy(rules, path, path, {}, keyed);
  const ColumnPolicy found = policy(rules, path, steps.back(), steps[steps.size() - 2], keyed);
  const std::string root(steps.front());
  if (found.by_rule || rules.find(root) == nullptr) return found;
  return policy(rules, root, root, {}, keyed);
}

void CellMasker::follow(const ColumnVerdict& verdict, ColumnPolicy& policy) const {
  if (policy.by_rule) return;
  const std::size_t detector = detectors_.index_of(verdict.type);
  if (rule_of(detector).action == MaskAction::keep) return;
  policy.rule = rule_of(detector);
  policy.mode = Mode::whole;
  policy.by_verdict = true;
  policy.by_numbers = verdict.name_type.empty();
  policy.detector = detector == detectors_.size() ? kNoDetector : detector;
}

ColumnFinding CellMasker::finding(const ColumnPolicy& policy, const ColumnCounts& counts) const {
  using Basis = ColumnFinding::Basis;
  ColumnFinding finding{.cells = counts.cells, .masked = counts.masked};
  if (policy.mode != Mode::keep) finding.action = policy.rule.action;
  const bool distinct =
      finding.action == MaskAction::tokenise || finding.action == MaskAction::keep;
  if (policy.keyed && !distinct) finding.action = MaskAction::hash;
  if (policy.by_rule)
    finding.basis = Basis::rule;
  else if (policy.by_verdict)
    finding.basis = Basis::verdict;
  else if (policy.mode == Mode::whole)
    finding.basis = Basis::name;
  if (!policy.by_rule && policy.detector != kNoDetector)
    finding.known_as = detectors_.type(policy.detector);
  for (std::size_t i = 0; i < counts.hits.size(); ++i)
    if (counts.hits[i] > 0)
      finding.hits.push_back({std::string(detectors_.type(i)), counts.hits[i]});
  return finding;
}

void CellMasker::put_replacement(std::string& out, std::string_view piece,
                                 const ColumnRule& rule) const {
  switch (rule.action) {
    case MaskAction::hash: out += keys_.hash(piece, rule.domain); return;
    case MaskAction::tokenise: out += keys_.token(piece, rule.domain); return;
    case MaskAction::partial: {
      std::string random = rule.random_fill ? keys_.hash(piece, rule.domain) : std::string();
      random.erase(0, random.rfind('_') + 1);  // the id of the key is not random
      if (put_partial(out, piece, rule, random)) return;
      break;
    }
    case MaskAction::keep: out += piece; return;
    case MaskAction::redact:
    case MaskAction::null:
    case MaskAction::drop: break;
  }
  out += rule.text.empty() ? mask_ : rule.text;
}

Value CellMasker::replace_whole(std::string_view value, const ColumnRule& rule, bool keyed,
                                ValueKind kind, Arena& arena) {
  const bool distinct = rule.action == MaskAction::hash || rule.action == MaskAction::tokenise;
  if (keyed && !distinct) return Value::of(kind, arena.keep(keys_.hash(value, rule.domain)));
  if (rule.action == MaskAction::null || rule.action == MaskAction::drop) return Value::null();
  edited_.clear();
  put_replacement(edited_, value, rule);
  return Value::of(kind, arena.keep(edited_));
}

const ColumnRule* CellMasker::strictest_rule() const noexcept {
  const ColumnRule* strictest = nullptr;
  for (const Hit& hit : hits_) {
    const ColumnRule& rule = rule_of(hit.detector);
    if (rule.action == MaskAction::null) return &rule;
    if (rule.action != MaskAction::keep && strictest == nullptr) strictest = &rule;
  }
  return strictest;
}

// Counts each detector that hit once, and the cell.
void CellMasker::count(std::string_view text, ColumnCounts& counts) const {
  if (strictest_rule() != nullptr) ++counts.masked;
  if (hits_.size() == 1 && is_whole(hits_[0], text)) ++counts.whole[hits_[0].detector];
  for (std::size_t i = 0; i < hits_.size(); ++i) {
    const auto same = [&](const Hit& hit) { return hit.detector == hits_[i].detector; };
    if (std::find_if(hits_.begin(), hits_.begin() + static_cast<std::ptrdiff_t>(i), same) ==
        hits_.begin() + static_cast<std::ptrdiff_t>(i))
      ++counts.hits[hits_[i].detector];
  }
}

void CellMasker::find(std::string_view text, const DetectorBits& context) {
  detectors_.find(text, hits_, scratch_, context);
  const std::size_t plain = hits_.size();
  // What is no UTF-8 is a hit altogether.
  const bool all = plain == 1 && hits_[0].begin == 0 && hits_[0].end == text.size();
  if (all || text.empty()) return;
  if (decode_text(text, look_into_, decoded_)) {
    detectors_.find(decoded_.text, inner_hits_, scratch_, context);
    for (Hit hit : inner_hits_) {
      std::tie(hit.begin, hit.end) = decoded_.original(hit.begin, hit.end);
      hits_.push_back(hit);
    }
  }
  if (look_into_.base64) find_in_base64(text, context);
  if (hits_.size() > plain) join(hits_);
}

void CellMasker::find_in_base64(std::string_view text, const DetectorBits& context) {
  std::size_t from = 0;
  for (;;) {
    const std::string_view run = find_base64(text, from, decoded_.text);
    if (run.empty()) return;
    const auto begin = static_cast<std::size_t>(run.data() - text.data());
    from = begin + run.size();
    detectors_.find(decoded_.text, inner_hits_, scratch_, context);
    if (!inner_hits_.empty()) {
      hits_.push_back(inner_hits_[0]);
      hits_.back().begin = begin;
      hits_.back().end = from;
    }
  }
}

std::optional<Value> CellMasker::mask_document(std::string_view text, const ColumnPolicy& policy,
                                               ColumnCounts& counts, Arena& arena) {
  if (!look_into_.json || depth_ == kMostDocuments || !may_be_document(text)) return std::nullopt;
  if (!simdjson::validate_utf8(text.data(), text.size())) return std::nullopt;
  ++depth_;
  ColumnCounts inner = no_counts();
  JsonTokens tokens(text, json_[depth_].stack);
  const auto masked = mask_json(tokens, tokens.next(), policy, inner, arena);
  const bool whole = masked && tokens.next().kind == Kind::end;
  --depth_;
  if (!whole) return std::nullopt;
  for (std::size_t i = 0; i < inner.hits.size(); ++i) counts.hits[i] += inner.hits[i] > 0;
  // Unchanged, it is a view of the text; keys may have changed alone.
  const std::less_equal<const char*> before;
  if (before(text.data(), masked->data()) && before(masked->data(), text.data() + text.size()))
    return Value::of(ValueKind::text, text);
  ++counts.masked;
  if (policy.keyed || whole_value_)
    return replace_whole(text, policy.rule, policy.keyed, ValueKind::text, arena);
  // What stood around the document are blanks.
  return Value::of(ValueKind::text, *masked);
}

Value CellMasker::mask_text(std::string_view text, const ColumnPolicy& policy, ColumnCounts& counts,
                            Arena& arena) {
  const Value plain = Value::of(ValueKind::text, text);
  if (policy.mode == Mode::keep || text.empty()) return plain;
  ++counts.cells;
  if (policy.mode == Mode::whole) {
    ++counts.masked;
    if (policy.detector != kNoDetector) ++counts.hits[policy.detector];
    return replace_whole(text, policy.rule, policy.keyed, ValueKind::text, arena);
  }
  if (const auto document = mask_document(text, policy, counts, arena)) return *document;
  find(text, policy.context);
  if (hits_.empty()) return plain;
  count(text, counts);
  const ColumnRule* const strictest = strictest_rule();
  if (strictest == nullptr) return plain;
  if (policy.keyed || whole_value_ || strictest->action == MaskAction::null)
    return replace_whole(text, *strictest, policy.keyed, ValueKind::text, arena);
  edited_.clear();
  std::size_t done = 0;
  for (const Hit& hit : hits_) {
    edited_ += text.substr(done, hit.begin - done);
    put_replacement(edited_, text.substr(hit.begin, hit.end - hit.begin), rule_of(hit.detector));
    done = hit.end;
  }
  edited_ += text.substr(done);
  return Value::of(ValueKind::text, arena.keep(edited_));
}

std::optional<std::string> CellMasker::mask_again(std::string_view cell, bool bytes,
                                                  const ColumnPolicy& policy) {
  const bool masked = cell == mask_ || cell == policy.rule.text || keys_.made(cell);
  if (cell.empty() || masked) return std::string(cell);
  ColumnCounts counts = no_counts();
  Arena arena;
  const Value value =
      bytes ? mask_bytes(cell, policy, counts, arena) : mask_text(cell, policy, counts, arena);
  return value.is_null() ? std::nullopt : std::optional<std::string>(value.text);
}

const Hits& CellMasker::look(std::string_view text, const DetectorBits& context) {
  Places places{.begin = text.data(), .hits = {}};
  ColumnCounts counts = no_counts();
  Arena arena;
  places_ = &places;
  const bool document = mask_document(text, {.context = context}, counts, arena).has_value();
  places_ = nullptr;
  if (document)
    hits_ = std::move(places.hits);
  else
    find(text, context);
  return hits_;
}

Value CellMasker::mask_bytes(std::string_view bytes, const ColumnPolicy& policy,
                             ColumnCounts& counts, Arena& arena) {
  const Value plain = Value::of(ValueKind::bytes, bytes);
  if (policy.mode == Mode::keep || bytes.empty()) return plain;
  ++counts.cells;
  if (policy.mode == Mode::whole) {
    ++counts.masked;
    if (policy.detector != kNoDetector) ++counts.hits[policy.detector];
    return replace_whole(bytes, policy.rule, policy.keyed, ValueKind::bytes, arena);
  }
  const bool text =
      bytes.find('\0') == bytes.npos && simdjson::validate_utf8(bytes.data(), bytes.size());
  if (text)
    find(bytes, policy.context);
  else
    find_in_binary(bytes, policy.context);
  if (hits_.empty()) return plain;
  count(bytes, counts);
  const ColumnRule* const strictest = strictest_rule();
  if (strictest == nullptr) return plain;
  const MaskAction action = strictest->action;
  const bool in_place = action == MaskAction::redact || action == MaskAction::partial;
  if (text || !in_place || policy.keyed || whole_value_)
    return replace_whole(bytes, *strictest, policy.keyed, ValueKind::bytes, arena);
  return overwrite_hits(bytes, arena);
}

void CellMasker::find_in_binary(std::string_view bytes, const DetectorBits& context) {
  constexpr std::size_t kShortest = 8;  // that is no chance among random bytes
  binary_.read(bytes);
  find(binary_.text, context);
  if (!binary_.mostly_text)
    std::erase_if(hits_, [](const Hit& hit) { return hit.end - hit.begin < kShortest; });
}

Value CellMasker::overwrite_hits(std::string_view bytes, Arena& arena) {
  edited_ = bytes;
  for (const Hit& hit : hits_) {
    if (rule_of(hit.detector).action == MaskAction::keep) continue;
    for (std::size_t at = hit.begin; at < hit.end; ++at)
      if (edited_[at] != '\0') edited_[at] = '#';
  }
  return Value::of(ValueKind::bytes, arena.keep(edited_));
}

const ColumnRule* CellMasker::rule_for_number(std::string_view digits, const DetectorBits& context,
                                              ColumnCounts& counts) {
  ++counts.cells;
  if (digits.size() < 7) return nullptr;
  detectors_.find(digits, hits_, scratch_, context);
  if (hits_.empty()) return nullptr;
  count(digits, counts);
  return strictest_rule();
}

const DetectorBits& CellMasker::context_of_key(std::string_view key) {
  constexpr std::size_t kMostKeys = 4096;
  const auto known = key_contexts_.find(key);
  if (known != key_contexts_.end()) return known->second;
  if (key_contexts_.size() >= kMostKeys) key_contexts_.clear();
  return key_contexts_.emplace(key, detectors_.context_of(key)).first->second;
}

std::string CellMasker::mask_key(std::string_view key) {
  find(key, {});
  if (hits_.empty()) return std::string(key);
  std::string hash = keys_.hash(key);
  return "key_" + hash.substr(hash.rfind('_') + 1, 16);
}

// Copies a JSON value, with replacements; nothing is copied before the first one.
class CellMasker::JsonRewrite {
 public:
  JsonRewrite(CellMasker& masker, const ColumnPolicy& policy, ColumnCounts& counts, Arena& arena)
      : masker_(masker),
        memory_(masker.json_[masker.depth_]),
        policy_(policy),
        counts_(counts),
        arena_(arena) {}

  std::optional<std::string_view> run(JsonTokens& tokens, JsonTokens::Token token) {
    const char* const begin = begin_of(token);
    copied_ = begin;
    memory_.out.clear();
    std::size_t depth = 0;
    for (;;) {
      const bool opens = token.kind == Kind::begin_object || token.kind == Kind::begin_array;
      const bool closes = token.kind == Kind::end_object || token.kind == Kind::end_array;
      if (token.kind == Kind::bad || token.kind == Kind::end) return std::nullopt;
      if (opens && known_ && known_depth_ == 0) known_depth_ = depth + 1;
      depth += opens;
      depth -= closes;
      if (token.kind == Kind::key) {
        key(token);
      } else {
        if (!opens && !closes) scalar(token);
        if (known_depth_ == 0 || depth < known_depth_) forget();
      }
      if (depth == 0) break;
      token = tokens.next();
    }
    return finish(begin, end_of(token));
  }

 private:
  static const char* begin_of(const JsonTokens::Token& token) noexcept {
    const bool quoted = token.kind == Kind::string || token.kind == Kind::key;
    return token.raw.data() - (quoted ? 1 : 0);
  }

  static const char* end_of(const JsonTokens::Token& token) noexcept {
    return token.raw.data() + token.raw.size() + (token.raw.data() - begin_of(token));
  }

  std::string_view plain(const JsonTokens::Token& token) {
    if (!token.escaped) return token.raw;
    unescape_json(token.raw, memory_.plain);
    return memory_.plain;
  }

  void key(const JsonTokens::Token& token) {
    const std::string_view name = plain(token);
    if (policy_.mode == Mode::cells) {
      context_ = masker_.context_of_key(name);
      has_key_ = true;
      if (known_depth_ == 0) known_ = prior_of_key(name);
    }
    if (policy_.mode == Mode::keep) return;
    const std::string masked = masker_.mask_key(name);
    if (masked == name) return;
    note(token, masker_.hits_[0]);
    replace(token, masked);
  }

  NamePrior prior_of_key(std::string_view name) const {
    const NamePrior prior = prior_of_name(name);
    return masker_.detectors_.index_of(prior.type) < masker_.detectors_.size() ? prior
                                                                               : NamePrior{};
  }

  void forget() noexcept {
    known_ = {};
    known_depth_ = 0;
  }

  void scalar(const JsonTokens::Token& token) {
    if (token.kind == Kind::string) {
      const std::string_view text = plain(token);
      const ColumnPolicy policy = cell_policy();
      put(token, text, masker_.mask_text(text, policy, counts_, arena_));
      if (notes()) note_text(token, policy);
    } else if (token.kind == Kind::number && policy_.mode != Mode::keep) {
      number(token);
    }
  }

  // A number is no e-mail address, whatever its name says.
  void number(const JsonTokens::Token& token) {
    const ColumnPolicy policy = cell_policy();
    const ColumnRule* const rule =
        policy.masks_numbers() ? &policy.rule
                               : masker_.rule_for_number(token.raw, policy.context, counts_);
    if (rule == nullptr) return;
    note(token, policy.masks_numbers() ? sure_hit(policy) : masker_.hits_[0]);
    put(token, {}, masker_.replace_whole(token.raw, *rule, policy.keyed, ValueKind::text, arena_));
  }

  // Places are told of the outermost document.
  [[nodiscard]] bool notes() const noexcept {
    return masker_.places_ != nullptr && masker_.depth_ == 1;
  }

  static Hit sure_hit(const ColumnPolicy& policy) {
    return {.begin = 0, .end = 0, .detector = policy.detector, .confidence = 100};
  }

  // All of the token is what the hit says.
  void note(const JsonTokens::Token& token, Hit hit) {
    if (!notes()) return;
    hit.begin = static_cast<std::size_t>(token.raw.data() - masker_.places_->begin);
    hit.end = hit.begin + token.raw.size();
    masker_.places_->hits.push_back(hit);
  }

  void note_text(const JsonTokens::Token& token, const ColumnPolicy& policy) {
    const std::string text(plain(token));
    if (text.empty()) return;
    if (policy.mode == Mode::whole) return note(token, sure_hit(policy));
    masker_.find(text, policy.context);
    if (token.escaped && !masker_.hits_.empty()) return note(token, masker_.hits_[0]);
    const auto from = static_cast<std::size_t>(token.raw.data() - masker_.places_->begin);
    for (Hit hit : masker_.hits_) {
      hit.begin += from;
      hit.end += from;
      masker_.places_->hits.push_back(hit);
    }
  }

  ColumnPolicy cell_policy() const {
    ColumnPolicy policy = policy_;
    if (has_key_) policy.context &= kOfParents;
    policy.context |= context_;
    if (!known_ || policy.mode != Mode::cells) return policy;
    policy.prior = known_;
    policy.detector = masker_.detectors_.index_of(known_.type);
    policy.rule = masker_.rule_of(policy.detector);
    if (policy.rule.action != MaskAction::keep) policy.mode = Mode::whole;
    return policy;
  }

  void put(const JsonTokens::Token& token, std::string_view before, const Value& after) {
    if (after.is_null())
      splice(token, "null");
    else if (after.text != before)
      replace(token, after.text);
  }

  void replace(const JsonTokens::Token& token, std::string_view text) {
    splice(token, {});
    put_json_string(memory_.out, text);
  }

  // Copies up to the token and puts `instead` in its place.
  void splice(const JsonTokens::Token& token, std::string_view instead) {
    memory_.out.append(copied_, begin_of(token));
    memory_.out.append(instead);
    copied_ = end_of(token);
    changed_ = true;
  }

  std::string_view finish(const char* begin, const char* end) {
    if (!changed_) return {begin, static_cast<std::size_t>(end - begin)};
    memory_.out.append(copied_, end);
    return arena_.keep(memory_.out);
  }

  CellMasker& masker_;
  JsonMemory& memory_;
  const ColumnPolicy& policy_;
  ColumnCounts& counts_;
  Arena& arena_;
  const char* copied_ = nullptr;
  NamePrior known_;       // by the key of the value, or of a container around it
  DetectorBits context_;  // that the last key speaks for
  bool has_key_ = false;
  std::size_t known_depth_ = 0;  // depth of that container; 0 = none
  bool changed_ = false;
};

std::optional<std::string_view> CellMasker::mask_json(JsonTokens& tokens,
                                                      const JsonTokens::Token& first,
                                                      const ColumnPolicy& policy,
                                                      ColumnCounts& counts, Arena& arena) {
  return JsonRewrite(*this, policy, counts, arena).run(tokens, first);
}

Value CellMasker::mask_json_text(std::string_view json, const ColumnPolicy& policy,
                                 ColumnCounts& counts, Arena& arena) {
  if (policy.mode == Mode::keep) return Value::of(ValueKind::text, json);
  JsonTokens tokens(json, json_[depth_].stack);
  const auto masked = mask_json(tokens, tokens.next(), policy, counts, arena);
  if (!masked || tokens.next().kind != Kind::end) return mask_text(json, policy, counts, arena);
  return Value::of(ValueKind::text, *masked);
}

}  // namespace freshet
