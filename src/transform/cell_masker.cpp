#include "transform/cell_masker.h"

#include <simdjson.h>

#include <algorithm>

#include "base/error.h"
#include "base/json_text.h"
#include "transform/partial.h"

namespace freshet {
namespace {

using Mode = ColumnPolicy::Mode;
using Kind = JsonTokens::Kind;

// True if nothing but blanks stands around the hit.
bool is_whole(const Hit& hit, std::string_view text) noexcept {
  const auto blank = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  return std::ranges::all_of(text.substr(0, hit.begin), blank) &&
         std::ranges::all_of(text.substr(hit.end), blank);
}

}  // namespace

CellMasker::CellMasker(const SensitiveDataOptions& options, std::string hmac_key)
    : detectors_(options),
      mask_(options.mask),
      action_(options.action),
      whole_value_(options.whole_value),
      keys_(options.keys, std::move(hmac_key)) {
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
  policy.context = detectors_.context_of(name) | detectors_.context_of(parent);
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

void CellMasker::follow(const ColumnVerdict& verdict, ColumnPolicy& policy) const {
  if (policy.by_rule) return;
  const std::size_t detector = detectors_.index_of(verdict.type);
  if (rule_of(detector).action == MaskAction::keep) return;
  policy.rule = rule_of(detector);
  policy.mode = Mode::whole;
  policy.by_verdict = true;
  policy.detector = detector == detectors_.size() ? kNoDetector : detector;
}

void CellMasker::put_replacement(std::string& out, std::string_view piece,
                                 const ColumnRule& rule) const {
  switch (rule.action) {
    case MaskAction::hash: out += keys_.hash(piece, rule.domain); return;
    case MaskAction::tokenise: out += keys_.token(piece, rule.domain); return;
    case MaskAction::partial: {
      const std::string random = rule.random_fill ? keys_.hash(piece, rule.domain) : std::string();
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
  detectors_.find(text, hits_, scratch_, policy.context);
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
  if (!simdjson::validate_utf8(bytes.data(), bytes.size())) return plain;
  detectors_.find(bytes, hits_, scratch_, policy.context);
  if (hits_.empty()) return plain;
  count(bytes, counts);
  const ColumnRule* const strictest = strictest_rule();
  if (strictest == nullptr) return plain;
  return replace_whole(bytes, *strictest, policy.keyed, ValueKind::bytes, arena);
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
  detectors_.find(key, hits_, scratch_);
  if (hits_.empty()) return std::string(key);
  std::string hash = keys_.hash(key);
  return "key_" + hash.substr(hash.rfind('_') + 1, 16);
}

// Copies a JSON value, with replacements; nothing is copied before the first one.
class CellMasker::JsonRewrite {
 public:
  JsonRewrite(CellMasker& masker, const ColumnPolicy& policy, ColumnCounts& counts, Arena& arena)
      : masker_(masker), policy_(policy), counts_(counts), arena_(arena) {}

  std::optional<std::string_view> run(JsonTokens& tokens, JsonTokens::Token token) {
    const char* const begin = begin_of(token);
    copied_ = begin;
    masker_.json_out_.clear();
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
    unescape_json(token.raw, masker_.json_plain_);
    return masker_.json_plain_;
  }

  void key(const JsonTokens::Token& token) {
    const std::string_view name = plain(token);
    if (policy_.mode == Mode::cells) {
      context_ = masker_.context_of_key(name);
      if (known_depth_ == 0) known_ = prior_of_key(name);
    }
    if (policy_.mode == Mode::keep) return;
    const std::string masked = masker_.mask_key(name);
    if (masked != name) replace(token, masked);
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
      put(token, text, masker_.mask_text(text, cell_policy(), counts_, arena_));
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
    put(token, {}, masker_.replace_whole(token.raw, *rule, policy.keyed, ValueKind::text, arena_));
  }

  ColumnPolicy cell_policy() const {
    ColumnPolicy policy = policy_;
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
    put_json_string(masker_.json_out_, text);
  }

  // Copies up to the token and puts `instead` in its place.
  void splice(const JsonTokens::Token& token, std::string_view instead) {
    masker_.json_out_.append(copied_, begin_of(token));
    masker_.json_out_.append(instead);
    copied_ = end_of(token);
    changed_ = true;
  }

  std::string_view finish(const char* begin, const char* end) {
    if (!changed_) return {begin, static_cast<std::size_t>(end - begin)};
    masker_.json_out_.append(copied_, end);
    return arena_.keep(masker_.json_out_);
  }

  CellMasker& masker_;
  const ColumnPolicy& policy_;
  ColumnCounts& counts_;
  Arena& arena_;
  const char* copied_ = nullptr;
  NamePrior known_;              // by the key of the value, or of a container around it
  DetectorBits context_;         // that the last key speaks for
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
  JsonTokens tokens(json, json_stack_);
  const auto masked = mask_json(tokens, tokens.next(), policy, counts, arena);
  if (!masked || tokens.next().kind != Kind::end) return mask_text(json, policy, counts, arena);
  return Value::of(ValueKind::text, *masked);
}

}  // namespace freshet
