#include "transform/shape_matcher.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "transform/detector_type.h"

namespace freshet {
namespace {

std::vector<std::string_view> shapes_of_all_types() {
  std::vector<std::string_view> shapes;
  for (const DetectorType* type : detector_types())
    for (std::string_view left = type->shapes; !left.empty();) {
      const std::string_view one = left.substr(0, left.find('|'));
      shapes.push_back(one.substr(0, one.rfind('=')));
      left.remove_prefix(std::min(one.size() + 1, left.size()));
    }
  return shapes;
}

bool is_known(const WordForms& forms, std::string_view text) {
  unsigned letters = 0;
  unsigned digits = 0;
  for (std::size_t i = 0; i < std::min(text.size(), WordForms::kBytes); ++i) {
    if (is_letter(text[i])) letters |= 1u << i;
    if (is_digit(text[i])) digits |= 1u << i;
  }
  return forms.contains(static_cast<std::uint8_t>(letters), static_cast<std::uint8_t>(digits));
}

// Text of the shape, with a random one of the characters that each of its marks stands for.
std::string text_of(std::string_view shape, std::mt19937& random) {
  std::string text;
  for (const char c : shape) switch (c) {
      case '#': text += "0123456789"[random() % 10]; break;
      case '@': text += "abcxyzABCXYZ"[random() % 12]; break;
      case '*': text += "abXY01"[random() % 6]; break;
      case '%': text += "0123456789abcdefABCDEF"[random() % 22]; break;
      case '~': text += " -."[random() % 3]; break;
      default: text += c;
    }
  return text;
}

TEST(ShapeMatcher, KnowsHowItsMatchesBegin) {
  const std::vector<std::string_view> shapes = shapes_of_all_types();
  const ShapeMatcher matcher(shapes);
  const WordForms forms = matcher.begins();
  std::mt19937 random(3);
  std::size_t matches = 0;
  for (int round = 0; round < 40000; ++round) {
    std::string text = text_of(shapes[random() % shapes.size()], random);
    if (random() % 2) text[random() % text.size()] = "0aZ -./:"[random() % 8];
    text += "  ;,x0-."[random() % 8];
    text += "   aZ09."[random() % 8];
    ShapeMatcher::Accepts accepts;
    matcher.match(text, 0, accepts);
    for (std::size_t i = 0; i < accepts.size; ++i) {
      if (is_alnum(text[accepts.items[i].end])) continue;
      ASSERT_TRUE(is_known(forms, text)) << text;
      ++matches;
    }
  }
  EXPECT_GT(matches, 1000u);
  for (const std::string_view text : {"The quick", "over 13 lazy", "13 lazy dogs", "(page 12)"})
    EXPECT_FALSE(is_known(forms, text)) << text;
}

}  // namespace
}  // namespace freshet
