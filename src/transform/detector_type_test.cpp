#include "transform/detector_type.h"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <set>
#include <string>

#include "base/error.h"

namespace freshet {
namespace {

DetectorSet set_of(std::vector<std::string> types) {
  SensitiveDataOptions options;
  options.detect = std::move(types);
  return DetectorSet(options);
}

Hits hits_in(const DetectorSet& detectors, std::string_view text) {
  Hits hits;
  DetectorScratch scratch;
  detectors.find(text, hits, scratch);
  return hits;
}

std::string first_word(std::string_view words) {
  return std::string(words.substr(0, words.find(' ')));
}

TEST(DetectorTypes, NamesAndAliasesAreUnique) {
  std::set<std::string, std::less<>> names;
  for (const DetectorType* type : detector_types()) {
    EXPECT_TRUE(names.emplace(type->name).second) << type->name;
    std::string aliases(type->aliases);
    while (!aliases.empty()) {
      const std::string one = first_word(aliases);
      EXPECT_TRUE(names.insert(one).second) << one;
      aliases.erase(0, one.size() + 1);
    }
    EXPECT_FALSE(type->validator.empty()) << type->name;
  }
}

// Alone in its cell, or behind one of its words where it needs one, the example is found whole.
TEST(DetectorTypes, FindTheirExamples) {
  for (const DetectorType* type : detector_types()) {
    const DetectorSet detectors = set_of({std::string(type->name)});
    const std::string example(type->example);
    EXPECT_FALSE(example.empty()) << type->name;
    if (type->context.empty()) {
      EXPECT_EQ(hits_in(detectors, example).size(), 1U) << type->name;
      continue;
    }
    const std::string word = first_word(type->context);
    const Hits hits = hits_in(detectors, "the " + word + ": " + example + ", written");
    EXPECT_EQ(hits.size(), 1U) << type->name << " " << example;
    if (hits.size() != 1) continue;
    EXPECT_EQ(hits[0].begin, word.size() + 6) << type->name;
    EXPECT_EQ(hits[0].end, word.size() + 6 + example.size()) << type->name;
    // The column's name says it as well.
    Hits by_name;
    DetectorScratch scratch;
    detectors.find(example, by_name, scratch, detectors.context_of("customer_" + word));
    EXPECT_EQ(by_name.size(), 1U) << type->name;
  }
}

// A wrong digit is noticed where there are check digits.
TEST(DetectorTypes, RefuseWrongDigits) {
  for (const DetectorType* type : detector_types()) {
    const bool checked = type->validator.find("mod") != std::string_view::npos ||
                         type->validator.find("MOD") != std::string_view::npos ||
                         type->validator.find("Luhn") != std::string_view::npos ||
                         type->validator.find("Verhoeff") != std::string_view::npos ||
                         type->validator.find("check") != std::string_view::npos;
    if (!checked) continue;
    const DetectorSet detectors = set_of({std::string(type->name)});
    std::size_t tried = 0;
    std::size_t found = 0;
    for (std::size_t i = 0; i < type->example.size(); ++i) {
      std::string wrong(type->example);
      if (!is_digit(wrong[i])) continue;
      wrong[i] = static_cast<char>('0' + (wrong[i] - '0' + 1) % 10);
      ++tried;
      found += hits_in(detectors, first_word(type->context) + " " + wrong).size();
    }
    EXPECT_LE(found * 5, tried) << type->name;
  }
}

std::string documented(const DetectorType& type) {
  const auto listed = [](std::string_view words) {
    std::string list;
    for (const char c : words) list += c == ' ' ? std::string(", ") : std::string(1, c);
    return list;
  };
  std::string confidence;
  std::set<int, std::greater<>> all;
  if (type.confidence > 0) all.insert(type.confidence);
  for (std::size_t at = type.shapes.find('='); at != std::string_view::npos;
       at = type.shapes.find('=', at + 1))
    all.insert(std::stoi(std::string(type.shapes.substr(at + 1, 2))));
  for (const int one : all) confidence += (confidence.empty() ? "" : ", ") + std::to_string(one);
  return "| " + std::string(type.name) + " | " + listed(type.aliases) + " | " +
         std::string(type.validator) + " | " + listed(type.context) + " | " + confidence +
         (type.on_request ? " (on request)" : "") + " |";
}

TEST(DetectorTypes, AreDocumented) {
  std::ifstream file(std::string(FRESHET_SOURCE_DIR) + "/docs/detectors.md");
  std::set<std::string, std::less<>> lines;
  for (std::string line; std::getline(file, line);) lines.insert(line);
  for (const DetectorType* type : detector_types())
    EXPECT_TRUE(lines.contains(documented(*type))) << "docs/detectors.md lacks this row:\n"
                                                   << documented(*type);
}

TEST(DetectorTypes, GoByAliasesPatternsAndAll) {
  EXPECT_EQ(set_of({"us_ssn"}).type(0), "USA_SSN");
  EXPECT_EQ(set_of({"credit card"}).type(0), "CREDIT_CARD");
  EXPECT_EQ(set_of({"EMAIL_ADDRESS", "email"}).size(), 1U);
  EXPECT_GT(set_of({"USA_*"}).size(), 5U);
  const DetectorSet all = set_of({"all"});
  EXPECT_GT(all.size(), 80U);
  EXPECT_EQ(all.index_of("USA_NATIONAL_DRUG_CODE"), all.size());
  EXPECT_EQ(set_of({"all", "USA_NATIONAL_DRUG_CODE"}).size(), all.size() + 1);
  EXPECT_THROW(set_of({"USA_SNN"}), Error);
}

}  // namespace
}  // namespace freshet
