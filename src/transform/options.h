#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace freshet {

// What becomes of a cell, or of the match inside a cell, that holds personal data.
//   redact    the mask text stands in its place; a column that cannot hold text becomes null
//   partial   some characters stay, the others are filled; separators stay (partial.h)
//   hash      keyed hash: equal values stay equal, in every table and over restarts (mask_keys.h)
//   tokenise  deterministic encryption: as hash, and who has the key can reveal the value
//   null      the cell becomes null
//   drop      the lake table has no such column (column rules only)
//   keep      nothing is changed
// Columns that hold no text become text where the action is partial, hash or tokenise.
enum class MaskAction : std::uint8_t { redact, partial, hash, tokenise, null, drop, keep };

struct ColumnRule {
  MaskAction action = MaskAction::redact;
  // partial: characters (not bytes, separators not counted) that stay, and what replaces others.
  std::size_t keep_left = 0;
  std::size_t keep_right = 0;
  std::string fill = "*";
  bool random_fill = false;  // digits and letters that depend on the value and the key instead
  bool digits_only = false;  // letters stay, too
  std::string domain = {};   // hash, tokenise: values are comparable within one domain
  std::string text = {};     // redact: instead of the general mask
};

// A secret behind hashes and tokens.
struct MaskKey {
  std::string id;     // a-z and 0-9; stands in what the key made
  std::string bytes;  // 32
};

// Who decides what is masked. Rules and names of columns decide in both modes.
//   cell    each cell for itself
//   column  also the column: once enough of its cells are personal data, all of it is masked, for
//           ever (column_verdict.h)
enum class MaskMode : std::uint8_t { cell, column };

// Where masking happens: before anything is stored, or between stream and lake.
enum class MaskPlace : std::uint8_t { ingest, capture };

struct FlattenOptions {
  bool enabled = true;
  std::string separator = ".";
  int max_levels = 0;             // levels of objects that become columns; 0 = all (up to 100)
  std::size_t max_columns = 500;  // flattened columns per JSON column; the rest goes to `col._rest`
};

// A kind of personal data that the configuration defines.
struct CustomDetectorOptions {
  std::string name;                  // of the type
  std::string pattern;               // RE2 syntax
  std::vector<std::string> context;  // if any: a match counts only near one of these words
  std::vector<std::string> allow;    // matches that are none
};

// Texts within texts that detectors look into: JSON documents and \u escapes, %XX, HTML character
// references, base64.
struct LookInto {
  bool json = true;
  bool url = true;
  bool html = true;
  bool base64 = false;
};

struct SensitiveDataOptions {
  std::vector<std::string> detect = {"PHONE_NUMBER", "EMAIL"};
  MaskPlace at = MaskPlace::ingest;
  MaskMode mode = MaskMode::cell;
  // In column mode, a verdict is given once so many cells, and this share of those looked at, are
  // of one type from end to end.
  std::uint64_t verdict_cells = 10;
  std::uint64_t verdict_percent = 10;
  std::string mask = "#####";
  // For what detectors and column names find, by type, and for other types. `drop` is not possible
  // here.
  std::map<std::string, ColumnRule> actions;
  ColumnRule action;
  // The last one writes; the others still reveal tokens. None: the installation's own key writes.
  std::vector<MaskKey> keys;
  // Countries whose national notation is recognised (ISO 3166). International notation always is.
  std::vector<std::string> phone_regions = {"US", "GB", "DE", "FR", "ES", "IT", "NL",
                                            "IN", "BR", "MX", "JP", "AU", "CN"};
  // Pattern -> rule: "schema.table.column", "table.column" or "column"; `*` stands for any
  // characters; letter case does not count. Where several fit, the one with the fewest
  // wildcards decides, then the longest. A flattened column goes by its full name
  // ("profile.address.city"); a rule for a whole JSON column holds for all that comes out of it.
  std::map<std::string, ColumnRule> columns;
  std::vector<CustomDetectorOptions> custom;  // besides those of `detect`
  std::vector<std::string> allow;             // matches that are never masked, as they stand
  LookInto look_into;
  bool whole_value = false;  // a match masks the whole cell instead of its own place
};

// A DATE, DATETIME or TIMESTAMP that is no real moment, such as 0000-00-00.
enum class ZeroDatePolicy : std::uint8_t {
  null,
  error,
  text,  // the columns of such moments are text in the lake, with what the source shows
};

struct TransformOptions {
  FlattenOptions flatten;
  SensitiveDataOptions sensitive_data;
  ZeroDatePolicy zero_dates = ZeroDatePolicy::null;
  // The tables that `zero_dates` holds for: "schema.table" or "table", `*` stands for any
  // characters; none: all. In others such a moment is null.
  std::vector<std::string> zero_dates_in;
};

}  // namespace freshet
