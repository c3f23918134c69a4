#include "transform/phone_plans.h"

#include <phonenumbers/phonenumberutil.h>

#include <set>

#include "base/error.h"

namespace freshet {
namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

PhoneNumber number(int code, std::string_view national) {
  PhoneNumber result;
  result.set_country_code(code);
  std::size_t zeros = 0;
  std::uint64_t value = 0;
  for (const char c : national) {
    if (value == 0 && c == '0') ++zeros;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  result.set_national_number(value);
  if (zeros > 0) result.set_italian_leading_zero(true);
  if (zeros > 1) result.set_number_of_leading_zeros(static_cast<int>(zeros));
  return result;
}

}  // namespace

PhonePlans::PhonePlans(const std::vector<std::string>& regions)
    : util_(*PhoneNumberUtil::GetInstance()) {
  learn_lengths();
  std::set<std::string> supported;
  util_.GetSupportedRegions(&supported);
  for (const std::string& name : regions) {
    if (!supported.contains(name))
      fail(ErrorKind::config, "transform.sensitive_data.phone_regions: no region is called '{}'",
           name);
    add_region(name);
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
  return util_.IsValidNumber(number(code, national));
}

bool PhonePlans::valid_mobile(int code, std::string_view national) const {
  const auto type = util_.GetNumberType(number(code, national));
  return type == PhoneNumberUtil::MOBILE || type == PhoneNumberUtil::FIXED_LINE_OR_MOBILE;
}

void PhonePlans::learn_lengths() {
  std::set<int> codes;
  util_.GetSupportedCallingCodes(&codes);
  for (const int code : codes) {
    std::uint64_t value = 1;
    for (std::size_t digits = 1; digits <= kMostDigits; ++digits, value *= 10) {
      PhoneNumber probe;
      probe.set_country_code(code);
      probe.set_national_number(value);
      if (util_.IsPossibleNumberWithReason(probe) == PhoneNumberUtil::IS_POSSIBLE)
        lengths_[static_cast<std::size_t>(code)] |= 1u << digits;
    }
  }
}

void PhonePlans::add_region(const std::string& name) {
  Region region{.code = util_.GetCountryCodeForRegion(name)};
  if (region.code == 1) {
    nanp_ = true;
    return;
  }
  util_.GetNddPrefixForRegion(name, true, &region.trunk);
  region.mobile_bare = name == "IN" || name == "CN" || name == "BR";
  region.trunkless = region.trunk.empty() || region.mobile_bare || name == "MX";
  regions_.push_back(std::move(region));
}

}  // namespace freshet
