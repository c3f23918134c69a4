// The marks of the fast scan are those of the plain rules, however the bytes are read.

#include "transform/text_scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace freshet {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;

// The rules, read from one text a byte at a time.
class Rules {
 public:
  explicit Rules(std::string_view text) : text_(text) {}

  [[nodiscard]] std::vector<std::uint32_t> places(auto is) const {
    std::vector<std::uint32_t> places;
    for (std::size_t i = 0; i < text_.size(); ++i)
      if (is(i)) places.push_back(static_cast<std::uint32_t>(i));
    return places;
  }
  [[nodiscard]] bool somewhere(auto is) const { return !places(is).empty(); }

  [[nodiscard]] char at(std::size_t i) const { return i < text_.size() ? text_[i] : '\0'; }
  [[nodiscard]] bool digit(std::size_t i) const { return is_digit(at(i)); }
  [[nodiscard]] bool letter(std::size_t i) const { return is_letter(at(i)); }
  [[nodiscard]] bool capital(std::size_t i) const { return at(i) >= 'A' && at(i) <= 'Z'; }
  [[nodiscard]] bool word(std::size_t i) const { return is_alnum(at(i)); }
  [[nodiscard]] bool run(std::size_t i) const { return word(i) || at(i) == '-' || at(i) == '_'; }

  [[nodiscard]] bool starts(std::size_t i) const { return word(i) && (i == 0 || !word(i - 1)); }
  [[nodiscard]] bool number(std::size_t i) const { return starts(i) && digit(i); }
  [[nodiscard]] bool colon(std::size_t i) const {
    return at(i) == ':' && (word(i + 1) || at(i + 1) == ':');
  }
  [[nodiscard]] bool long_run(std::size_t i) const {
    bool is_long = run(i) && (i == 0 || !run(i - 1));
    for (std::size_t k = 0; k < TextMarks::kLongRun; ++k) is_long = is_long && run(i + k);
    return is_long;
  }
  [[nodiscard]] bool marked_word(std::size_t i) const {
    if (!starts(i)) return false;
    bool wanted = word(i + 1) && (at(i + 2) == ':' || at(i + 2) == '-');
    wanted |= word(i + 1) && word(i + 2) && word(i + 3) && at(i + 4) == '.';
    bool capitals = true;
    for (std::size_t k = 0; k <= TextMarks::kNear; ++k) wanted |= digit(i + k);
    for (std::size_t k = 0; k < 6; ++k) capitals &= capital(i + k);
    return wanted || capitals;
  }
  [[nodiscard]] bool name(std::size_t i) const {
    if (!starts(i) || !capital(i) || !letter(i + 1) || capital(i + 1)) return false;
    std::size_t end = i;
    while (letter(end)) ++end;
    if (is_wide(at(end)) || at(end) == kFiller || end - i >= 64) return true;
    if (at(end) == '.') ++end;
    return at(end) == ' ' &&
           (is_wide(at(end + 1)) || capital(end + 1) ||
            (letter(end + 1) && std::string_view("abdelv").contains(at(end + 1))));
  }
  [[nodiscard]] std::size_t digits(std::size_t from, std::size_t size) const {
    std::size_t sum = 0;
    for (std::size_t i = from; i < from + size; ++i) sum += digit(i);
    return sum;
  }

 private:
  std::string_view text_;
};

std::string random_text(std::mt19937& random) {
  static constexpr std::string_view kAlphabets[] = {
      "aB0-:._@ %\xc3 ABCDEF12abcdefghijklmn",
      "0123456789 -.",
      "The quick brown fox 12. Ann Lee von Ott, ",
      "\x01\x80\xff@`[{/:;^_~!0G9Zz.% -",
  };
  const std::string_view alphabet = kAlphabets[random() % std::size(kAlphabets)];
  std::string text(random() % (random() % 4 == 0 ? 400 : 100), ' ');
  for (char& c : text)
    c = random() % 50 == 0 ? static_cast<char>(random()) : alphabet[random() % alphabet.size()];
  return text;
}

void expect_marks(const TextMarks& marks, const Rules& rules, std::size_t size) {
  const auto has = [&](unsigned kind) { return (marks.kinds & kind) != 0; };
  EXPECT_EQ(marks.digits, rules.digits(0, size));
  EXPECT_EQ(marks.ascii, !rules.somewhere([&](auto i) { return is_wide(rules.at(i)); }));
  EXPECT_EQ(marks.filler, rules.somewhere([&](auto i) { return rules.at(i) == kFiller; }));
  EXPECT_EQ(marks.percent,
            rules.somewhere([&](auto i) { return rules.at(i) == '%' && rules.digit(i + 1); }));
  EXPECT_THAT(marks.at_signs,
              ElementsAreArray(rules.places([&](auto i) { return rules.at(i) == '@'; })));
  EXPECT_EQ(has(TextMarks::kAtSigns), !marks.at_signs.empty());
  const bool near = rules.somewhere([&](auto i) { return rules.digits(i, 32) >= 7; });
  const bool far = rules.somewhere([&](auto i) { return rules.digits(i, 64) >= 7; });
  EXPECT_TRUE(!near || has(TextMarks::kDense));
  EXPECT_TRUE(far || !has(TextMarks::kDense));
}

void expect_all_marks(const TextMarks& marks, const Rules& rules, std::size_t size) {
  const auto has = [&](unsigned kind) { return (marks.kinds & kind) != 0; };
  expect_marks(marks, rules, size);
  EXPECT_THAT(marks.colons, ElementsAreArray(rules.places([&](auto i) { return rules.colon(i); })));
  EXPECT_THAT(marks.runs,
              ElementsAreArray(rules.places([&](auto i) { return rules.long_run(i); })));
  EXPECT_THAT(marks.words,
              ElementsAreArray(rules.places([&](auto i) { return rules.marked_word(i); })));
  EXPECT_THAT(marks.numbers,
              ElementsAreArray(rules.places([&](auto i) { return rules.number(i); })));
  EXPECT_THAT(marks.names, ElementsAreArray(rules.places([&](auto i) { return rules.name(i); })));
  EXPECT_EQ(has(TextMarks::kRuns), !marks.runs.empty());
  EXPECT_EQ(has(TextMarks::kNumbers), !marks.numbers.empty());
  EXPECT_EQ(has(TextMarks::kNames), !marks.names.empty());
  EXPECT_EQ(has(TextMarks::kYear),
            rules.somewhere([&](auto i) { return rules.digits(i, 4) == 4; }));
  EXPECT_EQ(has(TextMarks::kDecimal), rules.somewhere([&](auto i) {
    return rules.at(i) == '.' && rules.digits(i + 1, 3) == 3;
  }));
  const bool side_by_side =
      rules.somewhere([&](auto i) { return rules.at(i) == ':' && rules.at(i + 1) == ':'; });
  EXPECT_EQ(has(TextMarks::kColons),
            side_by_side || marks.colons.size() >= TextMarks::kColonsOfAddress);
}

TEST(TextScan, MarksByTheRules) {
  std::mt19937 random(5);
  TextMarks marks;
  for (int round = 0; round < 1500; ++round) {
    const std::string text = random_text(random);
    SCOPED_TRACE(text);
    scan_text(text, marks);
    expect_all_marks(marks, Rules(text), text.size());
    scan_text_portably(text, marks);
    expect_all_marks(marks, Rules(text), text.size());
    if (testing::Test::HasFailure()) break;
  }
}

TEST(TextScan, MarksLessWhereLessIsWanted) {
  std::mt19937 random(6);
  const MarksWanted wanted{.kinds = TextMarks::kDense | TextMarks::kAtSigns};
  TextMarks marks;
  for (int round = 0; round < 800; ++round) {
    const std::string text = random_text(random);
    SCOPED_TRACE(text);
    scan_text(text, marks, wanted);
    expect_marks(marks, Rules(text), text.size());
    scan_text_portably(text, marks, wanted);
    expect_marks(marks, Rules(text), text.size());
    if (testing::Test::HasFailure()) break;
  }
}

TEST(TextScan, MarksWordsOfWantedFormsAlone) {
  WordForms forms;
  forms.add(0b00000000, 0b00001111);  // "2024", and no letter or digit in the four bytes behind
  forms.add(0b11100011, 0b00001000);  // "ab-1-abc"
  for (const std::string_view before : {"", "x ", "000000000000000000000000000000000000000 0 0 "}) {
    const std::string text = std::string(before) + "12 2024 --  ab-1-abcd 2024";
    TextMarks marks;
    scan_text(text, marks, {.words = &forms});
    EXPECT_THAT(marks.words,
                ElementsAre(before.size() + 3, before.size() + 12, before.size() + 22));
  }
}

}  // namespace
}  // namespace freshet
