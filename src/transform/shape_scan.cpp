#include "transform/shape_scan.h"

#include <algorithm>
#include <optional>
#include <string>

#include "base/error.h"

namespace freshet {
namespace {

constexpr int kOtherMalus = 30;  // "order no. 1234": a number of something else
constexpr std::size_t kChain = 48;

// How a place in a text may bound a match.
enum class Edge {
  open,    // nothing joins what stands on both sides
  hyphen,  // a hyphen joins it to an identifier: only a match without hyphens ends here
  closed,
};

// True if what a hyphen joins looks like an identifier: "ORD-2024-", "a456-".
bool is_chain(char c) noexcept { return is_alnum(c) || c == '-' || c == '_'; }

Edge left_edge(std::string_view text, std::size_t begin) noexcept {
  std::size_t at = begin;
  while (at > 0 && text[at - 1] == kFiller) --at;
  if (at == 0) return Edge::open;
  const char before = text[at - 1];
  const char second = at > 1 ? text[at - 2] : ' ';
  if (is_alnum(before)) return Edge::closed;
  switch (before) {
    case '.': return is_digit(second) ? Edge::closed : Edge::open;
    case '_': return is_digit(second) ? Edge::closed : Edge::open;
    case '+':
    case '$': return Edge::closed;
    case '-': break;
    default: return Edge::open;
  }
  const std::size_t limit = at > kChain ? at - kChain : 0;
  for (std::size_t i = at - 1; i > limit && is_chain(text[i - 1]); --i)
    if (is_digit(text[i - 1])) return Edge::hyphen;
  return Edge::open;
}

Edge right_edge(std::string_view text, std::size_t end) noexcept {
  std::size_t at = end;
  while (at < text.size() && text[at] == kFiller) ++at;
  if (at == text.size()) return Edge::open;
  const char after = text[at];
  const char second = at + 1 < text.size() ? text[at + 1] : ' ';
  if (is_alnum(after)) return Edge::closed;
  if (after == '.') return is_digit(second) ? Edge::closed : Edge::open;
  if (after == '%') return Edge::closed;
  if (after != '-' || !is_alnum(second)) return Edge::open;
  const std::size_t limit = std::min(text.size(), at + kChain);
  for (std::size_t i = at + 1; i < limit && is_chain(text[i]); ++i)
    if (is_digit(text[i])) return Edge::hyphen;
  return Edge::open;
}

// "1234567890,00": an amount.
bool is_amount(std::string_view text, std::size_t end) noexcept {
  const auto digit = [&](std::size_t i) { return i < text.size() && is_digit(text[i]); };
  return end < text.size() && text[end] == ',' && digit(end + 1) && digit(end + 2) &&
         !digit(end + 3);
}

// Other groups of digits before or behind, a space apart: "978 73 4679" in "978 73 4679 915 7".
bool is_in_row(std::string_view text, std::size_t begin, std::size_t end) noexcept {
  const auto digit = [&](std::size_t i) { return i < text.size() && is_digit(text[i]); };
  return (begin > 1 && text[begin - 1] == ' ' && digit(begin - 2)) ||
         (end < text.size() && text[end] == ' ' && digit(end + 1));
}

}  // namespace

ShapeScan::ShapeScan(const std::vector<Member>& members) {
  std::vector<std::string_view> shapes;
  for (const Member& member : members) {
    std::string_view left = member.type->shapes;
    while (!left.empty()) {
      const std::size_t end = std::min(left.find('|'), left.size());
      const std::string_view one = left.substr(0, end);
      const std::size_t mark = one.rfind('=');
      if (mark == one.npos || !member.type->valid)
        fail(ErrorKind::internal, "{}: the shape '{}' is not complete", member.type->name, one);
      shapes.push_back(one.substr(0, mark));
      rows_.push_back(
          {member.index, std::stoi(std::string(one.substr(mark + 1))), member.type->valid});
      left.remove_prefix(std::min(end + 1, left.size()));
    }
  }
  if (shapes.empty()) return;
  matcher_.emplace(shapes);
  begins_ = matcher_->begins();
}

class ShapeScan::Walk {
 public:
  Walk(const ShapeScan& scan, const DetectorText& text, Hits& hits)
      : scan_(scan), text_(text), hits_(hits) {}

  void run() {
    std::size_t done = 0;
    for (const std::size_t begin : text_.marks.words)
      if (begin >= done) done = walk_from(begin);
  }

 private:
  // Where to go on.
  std::size_t walk_from(std::size_t begin) {
    const Edge left = left_edge(text_.folded, begin);
    if (left == Edge::closed) return begin + 1;
    scan_.matcher_->match(text_.folded, begin, accepts_);
    for (std::size_t i = accepts_.size; i-- > 0;) {
      const ShapeMatcher::Accept& accept = accepts_.items[i];
      const Edge right = right_edge(text_.folded, accept.end);
      if (right == Edge::closed) continue;
      if (take(begin, accept, left == Edge::hyphen || right == Edge::hyphen)) return accept.end;
    }
    return begin + 1;
  }

  bool take(std::size_t begin, const ShapeMatcher::Accept& accept, bool hyphen) {
    const std::string_view text = text_.folded.substr(begin, accept.end - begin);
    std::size_t size = 0;
    bool hyphens = false;
    bool marks = false;  // others than hyphens
    for (const char c : text) {
      if (is_alnum(c) && size < sizeof compact_) compact_[size++] = upper(c);
      hyphens |= c == '-';
      marks |= !is_alnum(c) && c != '-' && c != kFiller;
    }
    if (hyphen && (hyphens || !marks)) return false;
    const ShapeMatch match{{compact_, size}, text, text_.folded.substr(0, begin)};
    bool found = false;
    other_.reset();
    for (const std::uint16_t shape : scan_.matcher_->shapes(accept.accepted)) {
      const Row& row = scan_.rows_[shape];
      if (!row.valid(match)) continue;
      const int confidence = judge(row, begin, accept.end, hyphens || marks);
      if (confidence < kReported) continue;
      hits_.push_back({begin, accept.end, row.index, static_cast<std::uint8_t>(confidence)});
      found = true;
    }
    return found;
  }

  // True if what stands around tells of something else that is numbered; the same for all rows.
  bool is_other(std::size_t begin, std::size_t end) {
    if (!other_) {
      const std::string_view found = text_.folded.substr(begin, end - begin);
      other_ = text_.context.is_other(begin) || text_.context.is_other_name() ||
               (found.contains(' ') && is_in_row(text_.folded, begin, end));
    }
    return *other_;
  }

  int judge(const Row& row, std::size_t begin, std::size_t end, bool marked) {
    if (text_.context.speaks_for(row.index, begin, end))
      return std::min(row.confidence + kContextBonus, 99);
    if (row.confidence < kReported) return row.confidence;
    const bool number = is_other(begin, end) || (!marked && is_amount(text_.folded, end));
    return row.confidence - (number ? kOtherMalus : 0);
  }

  const ShapeScan& scan_;
  const DetectorText& text_;
  Hits& hits_;
  ShapeMatcher::Accepts accepts_;
  char compact_[64];
  std::optional<bool> other_;  // of the match at hand
};

void ShapeScan::find(const DetectorText& text, Hits& hits) const {
  if (matcher_) Walk(*this, text, hits).run();
}

}  // namespace freshet
