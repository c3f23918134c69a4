#include "transform/number_evidence.h"

#include <algorithm>
#include <charconv>

#include "transform/checksum.h"
#include "transform/payment_card.h"
#include "transform/phone_plans.h"

namespace freshet {
namespace {

constexpr std::size_t kFewestDigits = 9;
constexpr std::size_t kMostDigits = 19;
constexpr std::uint64_t kStep = 10'000;    // between numbers that count up
constexpr std::uint64_t kNearlyAll = 90;   // percent of the cells
constexpr std::uint64_t kEnoughSure = 30;  // percent of the cells

// Seconds since 1970 between 2001 and 2036, or a day and an hour.
bool may_be_moment(std::string_view digits) noexcept {
  if (digits.size() != 10) return false;
  return digits[0] == '1' || digits.starts_with("20");
}

}  // namespace

NumberEvidence::NumberEvidence(const Wanted& wanted) {
  if (wanted.cards) ways_.push_back({.card = true});
  if (!wanted.phones) return;
  plans_ = std::make_shared<const PhonePlans>(wanted.regions);
  ways_.push_back({});
  if (plans_->has_nanp()) ways_.push_back({.code = 1});
  for (const PhonePlans::Region& region : plans_->regions()) ways_.push_back({.code = region.code});
}

void NumberEvidence::add(std::string_view digits) {
  std::uint64_t value = 0;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), value).ec != std::errc{})
    digits = {};
  ++cells_;
  steps_ += cells_ > 1 && (value > last_ ? value - last_ : last_ - value) <= kStep;
  last_ = value;
  if (digits.size() < kFewestDigits || digits.size() > kMostDigits) return;
  for (Way& way : ways_) {
    if (!fits(way, digits)) continue;
    ++way.hits;
    way.sure += !may_be_moment(digits);
  }
}

bool NumberEvidence::fits(const Way& way, std::string_view digits) const {
  if (way.card) return is_card_number(digits);
  if (way.code == 1) return digits.size() == 10 && plans_->valid(1, digits);
  if (way.code != 0)
    return plans_->possible(way.code, digits.size()) && plans_->valid_mobile(way.code, digits);
  const int code = plans_->calling_code(digits);
  if (code == 0 || digits.size() < 10) return false;
  const std::string_view national = digits.substr(PhonePlans::code_size(code));
  return plans_->possible(code, national.size()) && plans_->valid_mobile(code, national);
}

const NumberEvidence::Way* NumberEvidence::best() const noexcept {
  const auto most = std::ranges::max_element(ways_, {}, &Way::hits);
  return most == ways_.end() ? nullptr : &*most;
}

std::uint64_t NumberEvidence::hits() const noexcept { return best() ? best()->hits : 0; }

std::string_view NumberEvidence::type(std::uint64_t cells) const noexcept {
  const Way* const way = best();
  if (way == nullptr || way->hits < cells || way->hits * 100 < cells_ * kNearlyAll ||
      way->sure * 100 < cells_ * kEnoughSure || steps_ * 2 > cells_)
    return {};
  return way->card ? "CREDIT_CARD" : "PHONE_NUMBER";
}

}  // namespace freshet
