#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace freshet {

class PhonePlans;

// Tells whether a column of numbers (BIGINT and the like) without a telling name holds phone or
// card numbers. One number tells nothing, since any ten digits may be an identifier; a column does
// if nearly all of its numbers are valid in one and the same way, and they neither count up nor are
// moments.
class NumberEvidence {
 public:
  // What to look for; `regions` as for PhonePlans. Throws Error{config} as PhonePlans.
  struct Wanted {
    bool phones = false;
    bool cards = false;
    std::vector<std::string> regions;
  };
  explicit NumberEvidence(const Wanted& wanted);

  // A cell: the decimal digits of a whole number.
  void add(std::string_view digits);

  [[nodiscard]] std::uint64_t cells() const noexcept { return cells_; }
  // Cells of the way in which most are valid.
  [[nodiscard]] std::uint64_t hits() const noexcept;
  // The type ("PHONE_NUMBER") that at least `cells` cells speak for; empty if there is none.
  [[nodiscard]] std::string_view type(std::uint64_t cells) const noexcept;

 private:
  // One way to be valid: the plan of one country, international notation, cards.
  struct Way {
    int code = 0;  // country calling code; 0 = international
    bool card = false;
    std::uint64_t hits = 0;
    std::uint64_t sure = 0;  // ... that could not be moments
  };

  [[nodiscard]] bool fits(const Way& way, std::string_view digits) const;
  [[nodiscard]] const Way* best() const noexcept;

  std::shared_ptr<const PhonePlans> plans_;
  std::vector<Way> ways_;
  std::uint64_t cells_ = 0;
  std::uint64_t steps_ = 0;  // cells that stand near the one before
  std::uint64_t last_ = 0;
};

}  // namespace freshet
