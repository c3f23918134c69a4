#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "model/table_schema.h"
#include "model/value.h"
#include "transform/binary_text.h"
#include "transform/column_finding.h"
#include "transform/column_policy.h"
#include "transform/column_verdict.h"
#include "transform/detector.h"
#include "transform/encoded_text.h"
#include "transform/json_tokens.h"
#include "transform/mask_keys.h"
#include "transform/name_prior.h"

namespace freshet {

inline constexpr std::size_t kNoDetector = static_cast<std::size_t>(-1);

// What is done to the cells of one column.
struct ColumnPolicy {
  enum class Mode : std::uint8_t {
    keep,   // nothing
    cells,  // detectors look at each cell
    whole,  // every cell that is not empty counts as personal data
  };
  Mode mode = Mode::cells;
  ColumnRule rule;
  bool keyed = false;  // a key column: masked cells must stay distinct, so are hashed
  NamePrior prior;
  std::size_t detector = kNoDetector;  // that `whole` is counted under
  DetectorBits context;                // detectors that the name speaks for
  bool by_rule = false;
  bool by_verdict = false;
  bool by_numbers = false;  // the verdict was given on numbers (number_evidence.h)

  // True if numbers are masked, too: an e-mail column's are not.
  [[nodiscard]] bool masks_numbers() const noexcept {
    return mode == Mode::whole && (by_rule || (prior ? prior.numeric : by_verdict));
  }
  [[nodiscard]] bool masks_dates() const noexcept {
    return mode == Mode::whole && (by_rule || prior.dated);
  }
};

// What becomes of the cells of a source column of some type.
enum class CellForm : std::uint8_t {
  looked_at,  // text, bytes or JSON: they are masked by the policy
  kept,       // no text, and nothing personal
  made_text,  // no text, and masked by what is
  made_null,  // no text, and masked
};
// Settles the policy for a column of that type.
[[nodiscard]] CellForm settle(const Column& column, ColumnPolicy& policy);

struct ColumnCounts {
  std::uint64_t cells = 0;  // neither null nor empty
  std::uint64_t masked = 0;
  std::vector<std::uint64_t> hits;   // cells, by detector
  std::vector<std::uint64_t> whole;  // those that were nothing else, from end to end
};

// Masks single cells. Holds the memory that masking needs between cells: one per thread.
class CellMasker {
 public:
  // Throws Error{config} on unknown detectors or regions, a key that is not 32 bytes long, or
  // `drop` as the general action.
  CellMasker(const SensitiveDataOptions& options, std::string hmac_key);

  [[nodiscard]] const DetectorSet& detectors() const noexcept { return detectors_; }

  // The policy for a column: its rule, else its name, else its cells. `parent` is the name above
  // it in JSON, or empty. Throws Error{config} on a rule that a key column cannot follow.
  [[nodiscard]] ColumnPolicy policy(const ColumnRules& rules, const std::string& column,
                                    std::string_view name, std::string_view parent,
                                    bool keyed) const;
  // The policy for a column by the full name of a place in a document, such as
  // "profile.contact.mail". A rule for the whole JSON column holds for all that comes out of it.
  [[nodiscard]] ColumnPolicy policy_of_path(const ColumnRules& rules, const std::string& path,
                                            std::string_view separator, bool keyed) const;
  // What a verdict on the column makes of its policy: all of it is masked, unless a rule or the
  // general action says otherwise.
  void follow(const ColumnVerdict& verdict, ColumnPolicy& policy) const;
  [[nodiscard]] ColumnCounts no_counts() const {
    return {0, 0, std::vector<std::uint64_t>(detectors_.size()),
            std::vector<std::uint64_t>(detectors_.size())};
  }

  // What was found in a column with that policy; its name is left to the caller.
  [[nodiscard]] ColumnFinding finding(const ColumnPolicy& policy, const ColumnCounts& counts) const;

  // A text cell: itself, text in the arena, or null.
  Value mask_text(std::string_view text, const ColumnPolicy& policy, ColumnCounts& counts,
                  Arena& arena);
  // A binary cell. Text is masked whole. In what is no UTF-8 (images, packed records), the readable
  // parts are searched; redacted matches are overwritten with '#' and all other bytes stay, other
  // actions change the whole cell.
  Value mask_bytes(std::string_view bytes, const ColumnPolicy& policy, ColumnCounts& counts,
                   Arena& arena);
  // A cell that the lake has already, as it is masked by that policy; nothing for null. What masks
  // made before stays.
  std::optional<std::string> mask_again(std::string_view cell, bool bytes,
                                        const ColumnPolicy& policy);
  // The places of a text cell that mask_text() would judge as personal data, in order; what names
  // of members tell in a JSON document is sure. For reports: the cell stays as it is. Valid until
  // the next call.
  const Hits& look(std::string_view text, const DetectorBits& context);
  // What is to be done to a number whose digits are personal data; null if they are not, or are
  // kept.
  const ColumnRule* rule_for_number(std::string_view digits, const DetectorBits& context,
                                    ColumnCounts& counts);

  // The value that begins with `first` (just read from `tokens`), as JSON text with strings,
  // numbers and keys masked; read to its end. Nothing if the text is not JSON.
  std::optional<std::string_view> mask_json(JsonTokens& tokens, const JsonTokens::Token& first,
                                            const ColumnPolicy& policy, ColumnCounts& counts,
                                            Arena& arena);
  // A whole JSON text. Text that is not JSON is masked as text.
  Value mask_json_text(std::string_view json, const ColumnPolicy& policy, ColumnCounts& counts,
                       Arena& arena);

  // A JSON key as it may appear in a name: itself, or "key_" and its keyed hash.
  std::string mask_key(std::string_view key);

  // The detectors that a JSON key speaks for; remembered.
  const DetectorBits& context_of_key(std::string_view key);

  // What stands for a whole value. Of a key column it is a hash or a token, whatever the rule:
  // distinct values must stay distinct.
  Value replace_whole(std::string_view value, const ColumnRule& rule, bool keyed, ValueKind kind,
                      Arena& arena);

 private:
  class JsonRewrite;
  // Memory of a JSON text that is being rewritten.
  struct JsonMemory {
    std::string out;
    std::string plain;
    std::string stack;
  };

  // A text that is a JSON document: masked member by member. Nothing if it is none.
  std::optional<Value> mask_document(std::string_view text, const ColumnPolicy& policy,
                                     ColumnCounts& counts, Arena& arena);
  // All hits in a text, those in encoded parts of it included, into hits_.
  void find(std::string_view text, const DetectorBits& context);
  void find_in_base64(std::string_view text, const DetectorBits& context);
  void find_in_binary(std::string_view bytes, const DetectorBits& context);
  Value overwrite_hits(std::string_view bytes, Arena& arena);

  [[nodiscard]] const ColumnRule& rule_of(std::size_t detector) const noexcept {
    return detector < rules_.size() ? rules_[detector] : action_;
  }
  // The rule for a cell that is masked whole because of hits_; null if all of them are kept.
  [[nodiscard]] const ColumnRule* strictest_rule() const noexcept;
  void count(std::string_view text, ColumnCounts& counts) const;
  void put_replacement(std::string& out, std::string_view piece, const ColumnRule& rule) const;
  void check(const ColumnRule& rule, std::string_view where) const;

  DetectorSet detectors_;
  std::string mask_;
  ColumnRule action_;
  std::vector<ColumnRule> rules_;  // by detector
  bool whole_value_;
  MaskKeys keys_;
  Hits hits_;
  DetectorScratch scratch_;
  std::map<std::string, DetectorBits, std::less<>> key_contexts_;
  std::string edited_;
  LookInto look_into_;
  Hits inner_hits_;
  BinaryText binary_;
  DecodedText decoded_;
  std::deque<JsonMemory> json_;  // by depth of documents within documents
  std::size_t depth_ = 0;
  // What look() finds in a document.
  struct Places {
    const char* begin = nullptr;
    Hits hits;
  };
  Places* places_ = nullptr;
};

}  // namespace freshet
