#include "transform/column_finding.h"

namespace freshet {

std::string_view name_of(ColumnFinding::Basis basis) noexcept {
  switch (basis) {
    case ColumnFinding::Basis::cells: return "cells";
    case ColumnFinding::Basis::name: return "name";
    case ColumnFinding::Basis::verdict: return "verdict";
    case ColumnFinding::Basis::rule: return "rule";
  }
  return "unknown";
}

std::string_view name_of(MaskAction action) noexcept {
  switch (action) {
    case MaskAction::redact: return "redact";
    case MaskAction::partial: return "partial";
    case MaskAction::hash: return "hash";
    case MaskAction::tokenise: return "tokenise";
    case MaskAction::null: return "null";
    case MaskAction::drop: return "drop";
    case MaskAction::keep: return "keep";
  }
  return "unknown";
}

}  // namespace freshet
