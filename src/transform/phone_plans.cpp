#include "transform/phone_plans.h"

#include <phonenumbers/phonenumberutil.h>

#include <set>

#include "base/error.h"
#include "transform/phone_patterns.h"

namespace freshet {
namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

// One for all: it is immutable and large.
std::shared_ptr<const PhonePatterns> shared_patterns() {
  static const auto patterns = std::make_shared<const PhonePatterns>();
  return patterns;
}

}  // namespace

PhonePlans::PhonePlans(const std::vector<std::string>& regions) : patterns_(shared_patterns()) {
  const PhoneNumberUtil& library = *PhoneNumberUtil::GetInstance();
  learn_lengths(library);
  std::set<std::string> supported;
  library.GetSupportedRegions(&supported);
  for (const std::string& name : regions) {
    if (!supported.contains(name))
      fail(ErrorKind::config, "transform.sensitive_data.phone_regions: no region is called '{}'",
           name);
    add_region(library, name);
  }
}

int PhonePlans::calling_code(std::string_view digits) const noexcept {
  int code = 0;
  for (std::size_t n = 0; n < 3 && n < digits.size(); ++n) {
    code = code * 10 + (digits[n] - '0');
    if (lengths_[static_cast<std::size_t>(code)] != 0) return code;
  }
  return 0;
}

bool PhonePlans::valid(int code, std::string_view national) const {
  return patterns_->kind(code, national) != PhonePatterns::Kind::none;
}

bool PhonePlans::valid_mobile(int code, std::string_view national) const {
  return patterns_->kind(code, national) == PhonePatterns::Kind::mobile;
}

void PhonePlans::learn_lengths(const PhoneNumberUtil& library) {
  std::set<int> codes;
  library.GetSupportedCallingCodes(&codes);
  for (const int code : codes) {
    std::uint64_t value = 1;
    for (std::size_t digits = 1; digits <= kMostDigits; ++digits, value *= 10) {
      PhoneNumber probe;
      probe.set_country_code(code);
      probe.set_national_number(value);
      if (library.IsPossibleNumberWithReason(probe) == PhoneNumberUtil::IS_POSSIBLE)
        lengths_[static_cast<std::size_t>(code)] |= 1u << digits;
    }
  }
}

void PhonePlans::add_region(const PhoneNumberUtil& library, const std::string& name) {
  Region region{.code = library.GetCountryCodeForRegion(name)};
  if (region.code == 1) {
    nanp_ = true;
    return;
  }
  library.GetNddPrefixForRegion(name, true, &region.trunk);
  region.mobile_bare = name == "IN" || name == "CN" || name == "BR";
  region.trunkless = region.trunk.empty() || region.mobile_bare || name == "MX";
  regions_.push_back(std::move(region));
}

}  // namespace freshet
