#pragma once

#include <string_view>

namespace freshet {

// What the name of a column says about its content.
struct NamePrior {
  std::string_view type;  // of the detector ("EMAIL"), in static memory; empty if it says nothing
  bool numeric = false;   // numbers can be such data, not only text
  bool dated = false;     // dates can

  explicit operator bool() const noexcept { return !type.empty(); }
  friend bool operator==(const NamePrior&, const NamePrior&) = default;
};

// The prior of a name, in snake or camel case: "email", "userEmail", "phone_number_2", "mobile".
// Names that speak about an address or a number instead of holding it have none: "email_verified",
// "phone_type", "cell_count". A name that says nothing by itself ("home", "number") is read
// together with the one above it: {"phone": {"home": ...}}.
[[nodiscard]] NamePrior prior_of_name(std::string_view name, std::string_view parent = {});

}  // namespace freshet
