#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "transform/detector.h"
#include "transform/options.h"

namespace freshet {

// What a shape matched.
struct ShapeMatch {
  std::string_view id;      // its letters and digits alone, in capitals
  std::string_view text;    // as it stands, folded
  std::string_view before;  // the text before it
};

// What is known of one kind of personal data. A new kind is a row in the table of its file, or a
// file with a table of its own that detector_types() names; docs/detectors.md lists them all.
//
// `shapes` and `valid` recognise it, or the Detector that `make` makes, or both.
struct DetectorType {
  std::string_view name;       // as AWS Glue spells it, where it has the type
  std::string_view aliases;    // other names, Presidio's among them; separated by spaces
  std::string_view validator;  // in words
  std::string_view context;    // words that speak for it (ContextWords)
  // Shapes (ShapeMatcher) with their confidence: "###-##-####=85|#########=10". The digit that a
  // checksum decides at random counts in it.
  std::string_view shapes = {};
  bool (*valid)(const ShapeMatch&) = nullptr;
  int confidence = 0;  // that `make`'s Detector gives
  std::unique_ptr<Detector> (*make)(const SensitiveDataOptions&) = nullptr;
  bool on_request = false;        // only by its name, not among `all`
  std::string_view example = {};  // a made-up one
};

// All kinds, those of one file after the other.
[[nodiscard]] std::span<const DetectorType* const> detector_types();

// Words that speak for the numbers by which a country other than the USA knows its people and
// firms, whatever the country; nothing for other kinds. (ContextWords)
[[nodiscard]] std::string_view national_words(const DetectorType& type);

// The name of the type that `name` or an alias stands for, in any letter case; what is no type's
// name is only put into capitals.
[[nodiscard]] std::string detector_type_name(std::string_view name);

// The tables of the files.
[[nodiscard]] std::span<const DetectorType> contact_types();
[[nodiscard]] std::span<const DetectorType> payment_types();
[[nodiscard]] std::span<const DetectorType> network_types();
[[nodiscard]] std::span<const DetectorType> secret_types();
[[nodiscard]] std::span<const DetectorType> person_types();
[[nodiscard]] std::span<const DetectorType> usa_types();
[[nodiscard]] std::span<const DetectorType> americas_types();
[[nodiscard]] std::span<const DetectorType> europe_types();
[[nodiscard]] std::span<const DetectorType> asia_pacific_types();

}  // namespace freshet
