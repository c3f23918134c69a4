#include "transform/phone_patterns.h"

#include <phonenumbers/phonemetadata.pb.h>
#include <re2/re2.h>

#include <algorithm>
#include <mutex>
#include <string>
#include <vector>

#include "base/error.h"

// The library's own accessors: it exports them, but ships no header for them.
namespace i18n::phonenumbers {
int metadata_size();
const void* metadata_get();
}  // namespace i18n::phonenumbers

namespace freshet {
namespace {

using i18n::phonenumbers::PhoneMetadata;
using i18n::phonenumbers::PhoneNumberDesc;

constexpr std::size_t kMostDigits = 18;

// One expression for several; none where nothing is to match.
class Pattern {
 public:
  Pattern() = default;
  explicit Pattern(const std::string& expression) {
    if (expression.empty()) return;
    RE2::Options options(RE2::Quiet);
    options.set_never_capture(true);
    re_ = std::make_unique<RE2>(expression, options);
    if (!re_->ok())
      fail(ErrorKind::internal, "libphonenumber's metadata: '{}': {}", expression, re_->error());
  }

  [[nodiscard]] bool matches(std::string_view digits) const {
    return re_ && re_->Match({digits.data(), digits.size()}, 0, digits.size(), RE2::ANCHOR_BOTH,
                             nullptr, 0);
  }
  [[nodiscard]] bool begins(std::string_view digits) const {
    return re_ && re_->Match({digits.data(), digits.size()}, 0, digits.size(), RE2::ANCHOR_START,
                             nullptr, 0);
  }

 private:
  std::unique_ptr<RE2> re_;
};

bool has_length(const PhoneNumberDesc& desc, std::size_t digits) {
  return desc.possible_length_size() == 0 ||
         std::ranges::find(desc.possible_length(), static_cast<int>(digits)) !=
             desc.possible_length().end();
}

std::string joined(std::initializer_list<const PhoneNumberDesc*> descs, std::size_t digits) {
  std::string all;
  for (const PhoneNumberDesc* desc : descs)
    if (!desc->national_number_pattern().empty() && has_length(*desc, digits))
      all += (all.empty() ? "(?:" : "|(?:") + desc->national_number_pattern() + ")";
  return all;
}

// Numbers of one region that have some length.
struct OfLength {
  OfLength(const PhoneMetadata& region, std::size_t digits)
      : general(joined({&region.general_desc()}, digits)),
        special(joined(
            {&region.premium_rate(), &region.toll_free(), &region.shared_cost(), &region.voip(),
             &region.personal_number(), &region.pager(), &region.uan(), &region.voicemail()},
            digits)),
        fixed(joined({&region.fixed_line()}, digits)),
        mobile(joined(
            {region.same_mobile_and_fixed_line_pattern() ? &region.fixed_line() : &region.mobile()},
            digits)) {}

  [[nodiscard]] PhonePatterns::Kind kind(std::string_view national) const {
    using Kind = PhonePatterns::Kind;
    if (!general.matches(national)) return Kind::none;
    if (special.matches(national)) return Kind::fixed;
    if (mobile.matches(national)) return Kind::mobile;
    return fixed.matches(national) ? Kind::fixed : Kind::none;
  }

  Pattern general;
  Pattern special;
  Pattern fixed;
  Pattern mobile;
};

struct Region {
  Pattern leading;  // digits that only numbers of this region begin with
  bool has_leading = false;
  std::vector<OfLength> lengths;
};

Region compile(const PhoneMetadata& metadata) {
  Region region{.leading = Pattern(metadata.leading_digits()),
                .has_leading = metadata.has_leading_digits()};
  for (std::size_t digits = 0; digits <= kMostDigits; ++digits)
    region.lengths.emplace_back(metadata, digits);
  return region;
}

}  // namespace

// The regions of a calling code, the main one first; compiled when one of its numbers is judged.
struct PhonePatterns::Code {
  std::vector<PhoneMetadata> metadata;
  std::vector<Region> regions;
  std::once_flag compiled;

  [[nodiscard]] Kind kind(std::string_view national) {
    if (national.size() > kMostDigits) return Kind::none;
    std::call_once(compiled, [&] {
      for (const PhoneMetadata& region : metadata) regions.push_back(compile(region));
    });
    for (const Region& region : regions) {
      const Kind kind = region.lengths[national.size()].kind(national);
      if (regions.size() > 1 && region.has_leading) {
        if (region.leading.begins(national)) return kind;
      } else if (kind != Kind::none) {
        return kind;
      }
    }
    return Kind::none;
  }
};

PhonePatterns::PhonePatterns() {
  i18n::phonenumbers::PhoneMetadataCollection all;
  if (!all.ParseFromArray(i18n::phonenumbers::metadata_get(), i18n::phonenumbers::metadata_size()))
    fail(ErrorKind::internal, "libphonenumber's metadata cannot be read");
  for (const PhoneMetadata& region : all.metadata()) {
    auto& code = codes_.at(static_cast<std::size_t>(region.country_code()));
    if (!code) code = std::make_unique<Code>();
    code->metadata.insert(
        region.main_country_for_code() ? code->metadata.begin() : code->metadata.end(), region);
  }
}

PhonePatterns::~PhonePatterns() = default;

PhonePatterns::Kind PhonePatterns::kind(int code, std::string_view national) const {
  const auto& numbers = codes_.at(static_cast<std::size_t>(code));
  return numbers ? numbers->kind(national) : Kind::none;
}

}  // namespace freshet
