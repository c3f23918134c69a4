#pragma once

#include <memory>
#include <string>
#include <vector>

#include "transform/detector.h"

namespace freshet {

class PhonePlans;

// Phone numbers of all countries in international notation, and of chosen ones in national.
//
// A scanner of our own finds runs of digit groups and judges them by shape; libphonenumber knows
// lengths and valid ranges. Numbers written as only phone numbers are (+49 30 123456,
// (555) 123-4567, after "tel") need a possible length; other notations need a valid number, since
// order numbers and sums look alike. Dates, times, IPv4 addresses, decimals, versions, UUIDs,
// hashes, card numbers, IBANs, ISBNs and identifiers ("ORD-2024-0012345") are left alone.
class PhoneDetector final : public Detector {
 public:
  // Throws Error{config} on a region that does not exist.
  explicit PhoneDetector(const std::vector<std::string>& regions);
  ~PhoneDetector() override;

  [[nodiscard]] unsigned needs() const noexcept override { return TextMarks::kDense; }
  void find(const DetectorText& text, std::size_t index, Hits& hits) const override;

 private:
  std::unique_ptr<const PhonePlans> plans_;
};

}  // namespace freshet
