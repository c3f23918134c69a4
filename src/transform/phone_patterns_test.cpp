#include "transform/phone_patterns.h"

#include <gtest/gtest.h>
#include <phonenumbers/phonenumberutil.h>

#include <random>
#include <set>
#include <string>

namespace freshet {
namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;
using Kind = PhonePatterns::Kind;

Kind by_library(const PhoneNumber& number) {
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  if (!util.IsValidNumber(number)) return Kind::none;
  const auto type = util.GetNumberType(number);
  const bool mobile =
      type == PhoneNumberUtil::MOBILE || type == PhoneNumberUtil::FIXED_LINE_OR_MOBILE;
  return mobile ? Kind::mobile : Kind::fixed;
}

// Examples of all regions and types, and others made from them by changing digits and lengths.
TEST(PhonePatterns, SayWhatTheLibrarySays) {
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  const PhonePatterns patterns;
  std::set<std::string> regions;
  util.GetSupportedRegions(&regions);
  std::mt19937 random(11);
  std::size_t in_use = 0;
  std::size_t tried = 0;
  for (const std::string& region : regions) {
    for (const auto type : {PhoneNumberUtil::FIXED_LINE, PhoneNumberUtil::MOBILE,
                            PhoneNumberUtil::TOLL_FREE, PhoneNumberUtil::VOIP}) {
      PhoneNumber number;
      if (!util.GetExampleNumberForType(region, type, &number)) continue;
      std::string example;
      util.GetNationalSignificantNumber(number, &example);
      for (int round = 0; round < 25; ++round) {
        std::string national = example;
        for (int i = 0; i < round % 5; ++i)
          national[random() % national.size()] = static_cast<char>('0' + random() % 10);
        if (round % 7 == 6) national.pop_back();
        if (round % 7 == 5) national.push_back('5');
        PhoneNumber changed;
        changed.set_country_code(number.country_code());
        changed.set_national_number(std::stoull(national));
        const std::size_t zeros = std::min(national.find_first_not_of('0'), national.size());
        if (zeros > 0) changed.set_italian_leading_zero(true);
        if (zeros > 1) changed.set_number_of_leading_zeros(static_cast<int>(zeros));
        const Kind expected = by_library(changed);
        EXPECT_EQ(patterns.kind(number.country_code(), national), expected)
            << region << " +" << number.country_code() << " " << national;
        in_use += expected != Kind::none;
        ++tried;
      }
    }
  }
  EXPECT_GT(in_use, tried / 4);
  EXPECT_LT(in_use, tried);
}

}  // namespace
}  // namespace freshet
