#pragma once

#include <string_view>

#include "base/bytes.h"

namespace freshet {

// Appends, as append_json() has it, the document that results when the diffs of a
// PARTIAL_UPDATE_ROWS event are applied to a binary JSON document (MySQL sql-common/json_diff.h).
//
//   diffs = (operation u8: 0 replace, 1 insert, 2 remove; lenenc path; but for remove: lenenc
//   value)*
//
// A path leads from "$" through members (.name, ."quoted") and cells ([3]) of the document as it is
// after the diffs before. Throws Error{corrupt} for a diff that does not fit the document.
void append_patched_json(Bytes& out, std::string_view document, std::string_view diffs);

}  // namespace freshet
