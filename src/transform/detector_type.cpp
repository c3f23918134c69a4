#include "transform/detector_type.h"

#include <vector>

#include "transform/text_scan.h"

namespace freshet {
namespace {

std::string capitals(std::string_view name) {
  std::string result(name);
  for (char& c : result) c = c == '-' || c == ' ' ? '_' : upper(c);
  return result;
}

// True if a space stands on both sides of `word` in `words`.
bool has_word(std::string_view words, std::string_view word) noexcept {
  for (std::size_t at = words.find(word); at != words.npos; at = words.find(word, at + 1))
    if ((at == 0 || words[at - 1] == ' ') &&
        (at + word.size() == words.size() || words[at + word.size()] == ' '))
      return true;
  return false;
}

}  // namespace

std::span<const DetectorType* const> detector_types() {
  static const std::vector<const DetectorType*> types = [] {
    std::vector<const DetectorType*> all;
    for (const auto table :
         {contact_types(), payment_types(), network_types(), secret_types(), person_types(),
          usa_types(), americas_types(), europe_types(), asia_pacific_types()})
      for (const DetectorType& type : table) all.push_back(&type);
    return all;
  }();
  return types;
}

std::string_view national_words(const DetectorType& type) {
  const auto holds = [&](std::span<const DetectorType> table) {
    return &type >= table.data() && &type < table.data() + table.size();
  };
  if (!holds(americas_types()) && !holds(europe_types()) && !holds(asia_pacific_types())) return {};
  return "national nationalid identity identification identitycard idcard citizen citizenid nid "
         "taxid taxpayer";
}

std::string detector_type_name(std::string_view name) {
  std::string wanted = capitals(name);
  for (const DetectorType* type : detector_types())
    if (wanted == type->name || has_word(type->aliases, wanted)) return std::string(type->name);
  return wanted;
}

}  // namespace freshet
