// What tells about a person or a place: names, dates of birth, postal addresses, coordinates. These
// have no check digits: names of columns (name_prior.h), words nearby and small dictionaries
// decide, so their confidence is lower.

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <optional>
#include <vector>

#include "transform/checksum.h"
#include "transform/detector_type.h"
#include "transform/text_scan.h"
#include "transform/word_set.h"

namespace freshet {
namespace {

bool is_capital(char c) noexcept { return c >= 'A' && c <= 'Z'; }

constexpr auto kWordBytes = [] {
  std::array<bool, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    const char c = static_cast<char>(i);
    table[i] = is_letter(c) || is_wide(c) || c == kFiller;
  }
  return table;
}();
bool is_word_byte(char c) noexcept { return kWordBytes[static_cast<unsigned char>(c)]; }

// Reads words of a folded text.
class Words {
 public:
  Words(std::string_view text, std::size_t at) : text_(text), at_(at) {}

  [[nodiscard]] std::size_t at() const noexcept { return at_; }
  [[nodiscard]] char peek() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool skip(std::string_view marks, std::size_t most) noexcept {
    const auto is_mark = [&](char c) {
      for (const char mark : marks)
        if (c == mark) return true;
      return false;
    };
    const std::size_t from = at_;
    while (at_ < text_.size() && at_ < from + most && is_mark(text_[at_])) ++at_;
    return at_ > from;
  }
  // The next word of letters, in lower case; empty where none begins. Valid until the next call.
  std::string_view word() noexcept {
    std::size_t size = 0;
    capital_ = at_ < text_.size() && (is_capital(text_[at_]) || is_wide(text_[at_]));
    while (at_ < text_.size() && is_word_byte(text_[at_]) && size < sizeof word_)
      word_[size++] = lower(text_[at_++]);
    return {word_, size};
  }
  // The word before the place, which moves to its begin.
  std::string_view word_before() noexcept {
    std::size_t begin = at_;
    while (begin > 0 && is_word_byte(text_[begin - 1]) && at_ - begin < sizeof word_) --begin;
    const std::size_t size = at_ - begin;
    std::transform(text_.begin() + static_cast<std::ptrdiff_t>(begin),
                   text_.begin() + static_cast<std::ptrdiff_t>(at_), word_, lower);
    capital_ = size > 0 && (is_capital(text_[begin]) || is_wide(text_[begin]));
    at_ = begin;
    return {word_, size};
  }
  // True if the last word began with a capital (or a letter beyond ASCII).
  [[nodiscard]] bool capital() const noexcept { return capital_; }
  // Digits, as a number; nothing where none stand or more than `most`.
  std::optional<int> number(std::size_t most) noexcept {
    const std::size_t from = at_;
    int value = 0;
    while (at_ < text_.size() && is_digit(text_[at_]) && at_ - from < most)
      value = value * 10 + (text_[at_++] - '0');
    digits_ = at_ - from;
    if (digits_ == 0 || (at_ < text_.size() && is_digit(text_[at_]))) return std::nullopt;
    return value;
  }
  [[nodiscard]] std::size_t digits() const noexcept { return digits_; }  // of the last number
  void move_to(std::size_t at) noexcept { at_ = at; }

 private:
  std::string_view text_;
  std::size_t at_;
  char word_[32];
  bool capital_ = false;
  std::size_t digits_ = 0;
};

// ---- Dates

// The month that a word names, in English, German, French, Spanish, Italian, Dutch, Portuguese.
int month_of(std::string_view word) noexcept {
  constexpr std::string_view kBegins[12][4] = {
      {"jan", "ene", "gen", "jän"},  {"feb", "fév", "fev", "fév"}, {"mar", "mär", "maa", "mrz"},
      {"apr", "avr", "abr", "apr"},  {"may", "mai", "mei", "mag"}, {"jun", "juin", "giu", "jun"},
      {"jul", "juil", "lug", "jul"}, {"aug", "aoû", "ago", "aou"}, {"sep", "set", "sett", "sept"},
      {"oct", "okt", "ott", "out"},  {"nov", "nov", "nov", "nov"}, {"dec", "dez", "dic", "déc"}};
  if (word.size() < 3 || word.size() > 11) return 0;
  for (int month = 0; month < 12; ++month)
    for (const std::string_view begin : kBegins[month])
      if ((word[0] == begin[0] && word.starts_with(begin)) || (month == 4 && word == "mayo")) {
        if (month == 5 && word.starts_with("juil")) continue;
        return month + 1;
      }
  return 0;
}

struct DatePlace {
  std::size_t begin;
  std::size_t end;
};

// A day between 1900 and 2099 that is written around the number at a place.
class DateReader {
 public:
  explicit DateReader(std::string_view text) : text_(text) {}

  std::optional<DatePlace> at(std::size_t begin) {
    Words words(text_, begin);
    const std::optional<int> first = words.number(8);
    if (!first) return std::nullopt;
    switch (words.digits()) {
      case 8: return compact(begin, words.at());
      case 4: return after_year(begin, *first, words);
      case 1:
      case 2: return after_day(begin, *first, words);
      default: return std::nullopt;
    }
  }

 private:
  static bool fits(int year, int month, int day) noexcept {
    return year >= 1900 && year <= 2099 && is_date(year, month, day);
  }

  std::optional<DatePlace> done(std::size_t begin, const Words& words) const noexcept {
    return DatePlace{begin, words.at()};
  }

  std::optional<DatePlace> compact(std::size_t begin, std::size_t end) const {
    const std::string_view digits = text_.substr(begin, 8);
    const bool fits_day_first =
        fits(static_cast<int>(number_at(digits, 4, 4)), static_cast<int>(number_at(digits, 2, 2)),
             static_cast<int>(number_at(digits, 0, 2)));
    if (!has_yyyymmdd(digits) && !fits_day_first) return std::nullopt;
    return DatePlace{begin, end};
  }

  std::optional<DatePlace> after_year(std::size_t begin, int year, Words& words) const {
    const char mark = words.peek();
    if (!words.skip("-/.", 1)) return std::nullopt;
    const std::optional<int> month = words.number(2);
    if (!month || words.peek() != mark || !words.skip("-/.", 1)) return std::nullopt;
    const std::optional<int> day = words.number(2);
    return day && fits(year, *month, *day) ? done(begin, words) : std::nullopt;
  }

  std::optional<DatePlace> after_day(std::size_t begin, int first, Words& words) const {
    const char mark = words.peek();
    const std::size_t behind = words.at();
    if (words.skip("-/.", 1)) {
      const std::optional<int> second = words.number(2);
      if (second && words.peek() == mark && words.skip("-/.", 1)) {
        const std::optional<int> year = words.number(4);
        if (year && words.digits() == 4 &&
            (fits(*year, *second, first) || fits(*year, first, *second)))
          return done(begin, words);
        return std::nullopt;
      }
    }
    words.move_to(behind);
    return with_name(begin, first, words);
  }

  // "12 March 1985", "12th of March, 1985", "12-Mar-1985", "12. März 1985", "March 12, 1985".
  std::optional<DatePlace> with_name(std::size_t begin, int day, Words& words) const {
    const std::size_t behind = words.at();
    const std::string_view ordinal = words.word();
    if (ordinal != "st" && ordinal != "nd" && ordinal != "rd" && ordinal != "th")
      words.move_to(behind);
    const std::size_t after_day = words.at();
    words.skip(" .-/", 2);
    std::size_t before_name = words.at();
    const std::string_view link = words.word();
    if (link == "of" || link == "de" || link == "di") {
      words.skip(" ", 1);
    } else {
      words.move_to(before_name);
    }
    if (const int month = month_of(words.word())) {
      words.skip(" .,-/", 2);
      before_name = words.at();
      if (words.word() == "de")
        words.skip(" ", 1);
      else
        words.move_to(before_name);
      const std::optional<int> year = words.number(4);
      if (year && words.digits() == 4 && fits(*year, month, day)) return done(begin, words);
      return std::nullopt;
    }
    words.move_to(after_day);
    if (!words.skip(" ,", 2)) return std::nullopt;
    const std::optional<int> year = words.number(4);
    if (!year || words.digits() != 4) return std::nullopt;
    std::size_t name_end = begin;
    while (name_end > 0 && (text_[name_end - 1] == ' ' || text_[name_end - 1] == '.')) --name_end;
    Words before(text_, name_end);
    const int month = month_of(before.word_before());
    if (month == 0 || !fits(*year, month, day)) return std::nullopt;
    return DatePlace{before.at(), words.at()};
  }

  std::string_view text_;
};

class DateDetector : public Detector {
 public:
  explicit DateDetector(int confidence) : confidence_(confidence) {}

  [[nodiscard]] unsigned needs() const noexcept override { return TextMarks::kYear; }
  [[nodiscard]] unsigned reads() const noexcept override { return TextMarks::kNumbers; }
  void find(const DetectorText& text, std::size_t index, Hits& hits) const override {
    const std::string_view folded = text.folded;
    if (confidence_ < kReported && !text.context.speaks_for(index, 0, folded.size())) return;
    DateReader reader(folded);
    std::size_t floor = 0;
    for (const std::size_t begin : text.marks.numbers) {
      if (begin < floor) continue;
      if (begin > 0 && (folded[begin - 1] == '.' || folded[begin - 1] == '+')) continue;
      const std::optional<DatePlace> date = reader.at(begin);
      if (!date || date->begin < floor) continue;
      const char after = date->end < folded.size() ? folded[date->end] : ' ';
      if (is_digit(after) || (is_letter(after) && lower(after) != 't')) continue;
      if (confidence_ < kReported && !text.context.speaks_for(index, date->begin, date->end))
        continue;
      const int sure = confidence_ < kReported ? confidence_ + kContextBonus : confidence_;
      hits.push_back({date->begin, date->end, index, static_cast<std::uint8_t>(sure)});
      floor = date->end;
    }
  }

 private:
  int confidence_;
};

// ---- Coordinates

// Latitude and longitude in degrees with a fraction, side by side: "40.712776, -74.005974".
class CoordinatesDetector final : public Detector {
 public:
  [[nodiscard]] unsigned needs() const noexcept override { return TextMarks::kDecimal; }
  [[nodiscard]] unsigned reads() const noexcept override { return TextMarks::kNumbers; }
  void find(const DetectorText& text, std::size_t index, Hits& hits) const override {
    std::size_t floor = 0;
    for (const std::size_t word : text.marks.numbers) {
      if (word < floor || !has_point(text.folded, word)) continue;
      std::size_t at = word;
      const std::size_t begin = word > 0 && text.folded[word - 1] == '-' ? word - 1 : word;
      if (begin > 0 && !opens(text.folded[begin - 1])) continue;
      const std::optional<Degrees> latitude = read(text.folded, at, 90);
      if (!latitude) continue;
      if (!skip_gap(text.folded, at)) continue;
      if (at < text.folded.size() && (text.folded[at] == '-' || text.folded[at] == '+')) ++at;
      const std::optional<Degrees> longitude = read(text.folded, at, 180);
      if (!longitude) continue;
      const int sure = latitude->places >= 4 && longitude->places >= 4 ? 75 : 35;
      if (sure < kReported && !text.context.speaks_for(index, begin, at)) continue;
      hits.push_back({begin, at, index, static_cast<std::uint8_t>(std::max(sure, kReported))});
      floor = at;
    }
  }

 private:
  struct Degrees {
    std::size_t places;  // behind the point
  };

  // Behind one to three digits, as most numbers have none.
  static bool has_point(std::string_view text, std::size_t begin) noexcept {
    const std::size_t last = std::min(text.size(), begin + 4);
    for (std::size_t at = begin + 1; at < last; ++at)
      if (text[at] == '.') return true;
    return false;
  }

  static bool opens(char c) noexcept { return !is_alnum(c) && c != '.' && c != '$'; }

  static std::optional<Degrees> read(std::string_view text, std::size_t& at, int most) {
    const std::size_t from = at;
    int whole = 0;
    while (at < text.size() && is_digit(text[at]) && at - from < 4)
      whole = whole * 10 + (text[at++] - '0');
    if (at == from || at - from > 3 || whole > most || at >= text.size() || text[at] != '.')
      return std::nullopt;
    const std::size_t point = ++at;
    while (at < text.size() && is_digit(text[at]) && at - point < 18) ++at;
    if (at - point < 3) return std::nullopt;
    const Degrees degrees{at - point};
    if (text.substr(at).starts_with("\xc2\xb0")) at += 2;
    if (at < text.size() && text[at] == ' ' && at + 1 < text.size() && is_side(text[at + 1]) &&
        (at + 2 == text.size() || !is_alnum(text[at + 2])))
      at += 2;
    else if (at < text.size() && is_side(text[at]))
      ++at;
    if (at < text.size() && (is_alnum(text[at]) || text[at] == '%' || text[at] == '.') &&
        (text[at] != '.' || (at + 1 < text.size() && is_digit(text[at + 1]))))
      return std::nullopt;
    return degrees;
  }

  static bool is_side(char c) noexcept { return c == 'N' || c == 'S' || c == 'E' || c == 'W'; }

  static bool skip_gap(std::string_view text, std::size_t& at) {
    const std::size_t from = at;
    while (at < text.size() && at - from < 3 && std::string_view(" ,;/|").contains(text[at])) ++at;
    return at > from;
  }
};

// ---- Postal addresses

// What stands behind the name of a street, and before it; endings of German and Dutch ones.
constexpr WordSet kBehind(
    "alley ave avenue blvd boulevard circle cir close court cove crescent cres ct drive dr "
    "expressway gardens gate grove heights highway hill hwy lane ln loop mews parade parkway "
    "pass path pike pkwy pl place plaza point rd ridge road row sq square st street ter terrace "
    "trail trl view vista walk way");
constexpr WordSet kBefore(
    "allee allée av avda avenida avenue boulevard calle carrer carretera chemin corso impasse "
    "largo passeig paseo piazza place plaza praca praça quai route rua rue travessa ulica via "
    "viale vicolo");
constexpr std::string_view kEndings[] = {"straße", "strasse", "str",    "gasse", "weg",
                                         "platz",  "allee",   "straat", "laan",  "gracht",
                                         "plein",  "gatan",   "vägen",  "veien", "vej"};

// A street with the number of a house. Lower confidence.
class AddressDetector final : public Detector {
 public:
  [[nodiscard]] unsigned needs() const noexcept override { return TextMarks::kNumbers; }
  void find(const DetectorText& text, std::size_t index, Hits& hits) const override {
    std::size_t floor = 0;
    for (const std::size_t begin : text.marks.numbers) {
      if (begin < floor) continue;
      const std::size_t end = number_end(text.folded, begin);
      const bool first = may_go_first(text.folded, end);
      const bool last = may_go_last(text.folded, begin, floor);
      if (end == 0 || (!first && !last)) continue;
      std::optional<DatePlace> place;
      if (first) place = number_first(text.folded, begin, end);
      if (!place && last) place = street_first(text.folded, begin, end, floor);
      if (!place) continue;
      hits.push_back({place->begin, place->end, index, 60});
      floor = place->end;
    }
  }

 private:
  // Of a number of up to five digits, perhaps with a letter ("12a"); 0 where none begins.
  static std::size_t number_end(std::string_view text, std::size_t begin) noexcept {
    std::size_t end = begin;
    while (end < text.size() && is_digit(text[end]))
      if (++end - begin > 5) return 0;
    if (end == text.size() || !is_letter(text[end])) return end;
    ++end;
    return end < text.size() && is_word_byte(text[end]) ? 0 : end;
  }

  // What number_first() needs behind the number, and most numbers lack.
  static bool may_go_first(std::string_view text, std::size_t end) noexcept {
    if (end < text.size() && text[end] == ',') ++end;
    return end < text.size() && text[end] == ' ' && may_be_street(text, end + 1);
  }

  // What street_first() needs before it.
  static bool may_go_last(std::string_view text, std::size_t begin, std::size_t floor) noexcept {
    const std::size_t end = before_marks(text, begin, floor);
    if (end == begin) return false;
    std::size_t word = end;
    while (word > 0 && is_word_byte(text[word - 1])) --word;
    return word < end && (is_capital(text[word]) || is_wide(text[word]));
  }

  // The place before up to three marks that part a street from its number.
  static std::size_t before_marks(std::string_view text, std::size_t begin,
                                  std::size_t floor) noexcept {
    std::size_t at = begin;
    while (at > floor && begin - at < 3 &&
           (text[at - 1] == ' ' || text[at - 1] == ',' || text[at - 1] == '.'))
      --at;
    return at;
  }

  // "12 Main Street", "221b Baker St.", "12, rue de la Paix".
  static std::optional<DatePlace> number_first(std::string_view text, std::size_t begin,
                                               std::size_t end) {
    Words words(text, end);
    words.skip(",", 1);
    words.skip(" ", 1);
    for (int n = 0; n < 5; ++n) {
      const std::string_view word = words.word();
      if (word.empty()) return std::nullopt;
      if (n == 0 && kBefore.contains(word)) return french(begin, words);
      if (!words.capital()) return std::nullopt;
      if (n > 0 && kBehind.contains(word)) {
        const std::size_t stop = words.at();
        return DatePlace{begin, words.peek() == '.' ? stop + 1 : stop};
      }
      words.skip(".", 1);
      if (!words.skip(" ", 1)) return std::nullopt;
    }
    return std::nullopt;
  }

  // A capital, or one of kBefore in small letters.
  static bool may_be_street(std::string_view text, std::size_t begin) noexcept {
    if (begin == text.size() || !is_word_byte(text[begin])) return false;
    if (is_capital(text[begin]) || is_wide(text[begin]) || text[begin] == kFiller) return true;
    if (!kBefore.has_first(text[begin])) return false;
    std::size_t end = begin;
    while (end < text.size() && is_word_byte(text[end])) ++end;
    return kBefore.contains(text.substr(begin, end - begin));
  }

  // Particles, then a name: "rue de la Paix".
  static std::optional<DatePlace> french(std::size_t begin, Words& words) {
    for (int n = 0; n < 4; ++n) {
      if (!words.skip(" '", 1)) return std::nullopt;
      if (words.word().empty()) return std::nullopt;
      if (words.capital()) return DatePlace{begin, words.at()};
    }
    return std::nullopt;
  }

  // "Hauptstraße 12", "Calle Mayor 5", "Via Roma, 10".
  static std::optional<DatePlace> street_first(std::string_view text, std::size_t begin,
                                               std::size_t end, std::size_t floor) {
    Words words(text, before_marks(text, begin, floor));
    for (int n = 0; n < 5; ++n) {
      const std::string_view word = words.word_before();
      if (word.empty() || words.at() < floor) return std::nullopt;
      const bool capital = words.capital();
      if (n == 0 && capital && word.size() > 5 && has_ending(word))
        return DatePlace{words.at(), end};
      if (n > 0 && kBefore.contains(word)) return DatePlace{words.at(), end};
      const std::size_t here = words.at();
      if (here == 0 || (text[here - 1] != ' ' && text[here - 1] != '\'')) return std::nullopt;
      words.move_to(here - 1);
    }
    return std::nullopt;
  }

  static bool has_ending(std::string_view word) noexcept {
    return std::any_of(std::begin(kEndings), std::end(kEndings),
                       [&](std::string_view ending) { return word.ends_with(ending); });
  }
};

// ---- Names of persons

constexpr WordSet kTitles(
    " mr mrs ms miss mx dr prof sir madam herr frau fräulein monsieur madame mademoiselle mme mlle "
    "señor señora srta sra signor signora sig dott senhor senhora mevrouw meneer pan pani ");

// Given names that are common in many countries and are few other words.
constexpr std::string_view kGivenNames =
    " aaron abdul abigail adam adrian adriana ahmed aisha alan albert alejandro alessandro "
    "alexander "
    "alexandra alexis alice alicia alison amanda amelia amir amy ana anastasia andrea andreas "
    "andrew "
    "angela anita anna anne annette antonio arjun arthur barbara beatrice benjamin bernard beth "
    "betty "
    "björn brandon brian bruno camila carlos carol caroline catherine cecilia charles charlotte "
    "chloe "
    "christina christine christopher claudia cynthia daniel daniela david deborah deepak denise "
    "diana "
    "diego dmitri dominik donald dorothy douglas edward eleanor elena elizabeth ella emily emma "
    "eric "
    "erik ethan eva evelyn fatima fernando florian francesca francesco francisco frank gabriel "
    "gary "
    "george gerald giovanni giulia gloria gregory günther hannah hans harold heather heinrich "
    "helen "
    "helena henry hiroshi ibrahim ines irina isabel isabella ivan jacob jacqueline james jane "
    "janet "
    "jasmine jason javier jean jeffrey jennifer jeremy jessica joan johannes john jonathan jorge "
    "jose "
    "josé josef joseph joshua juan judith julia julian juliette jürgen karen karin karl katarzyna "
    "katherine kathleen keith kenneth kevin kimberly klaus larissa larry laura lauren leonardo "
    "linda "
    "lisa lorenzo louis louise lucas lucia luis lukas magdalena manuel marco margaret maria marie "
    "mario "
    "markus martha martin mary matteo matthew matthias megan melissa michael michelle miguel "
    "mohamed "
    "mohammed monica muhammad nancy natalia natalie nathan nicholas nicole nikolai noah olga "
    "oliver "
    "olivia omar pablo pamela patricia patrick paul paula pedro peter philip philippe pierre priya "
    "rachel rafael rahul ralph raymond rebecca ricardo richard robert roberto roger roland ronald "
    "rosa ruth ryan samantha samuel sandra sara sarah scott sebastian sergei sergio sharon simon "
    "sofia sophia sophie stefan stephanie stephen steven susan susanne svetlana teresa theodore "
    "theresa thomas timothy tobias ursula valentina vanessa veronica victor victoria vikram "
    "vincent "
    "virginia vladimir walter wolfgang xavier yasmin yuki yusuf zachary zoe ";

// Words that follow a given name without making a name of it.
constexpr WordSet kNoSurnames(
    " street st avenue road university college school hospital airport church day prize award inc "
    "ltd "
    "llc gmbh corp company and or the ");
constexpr WordSet kParticles("van von de der den di da del dos la le el al bin");

// A title or a given name, and capitalised words behind it. Lower confidence.
class PersonNameDetector final : public Detector {
 public:
  PersonNameDetector() {
    for (std::size_t at = 1; at < kGivenNames.size();) {
      const std::size_t end = kGivenNames.find(' ', at);
      const std::string_view word = kGivenNames.substr(at, end - at);
      lengths_[static_cast<unsigned char>(word[0])] |= 1u << word.size();
      names_.push_back(word);
      at = end + 1;
    }
    std::sort(names_.begin(), names_.end());
    kTitles.for_each([&](std::string_view title) {
      lengths_[static_cast<unsigned char>(title[0])] |= 1u << title.size();
    });
  }

  [[nodiscard]] unsigned needs() const noexcept override { return TextMarks::kNames; }
  void find(const DetectorText& text, std::size_t index, Hits& hits) const override {
    std::size_t floor = 0;
    for (const std::size_t begin : text.marks.names) {
      if (begin < floor || (begin > 0 && is_word_byte(text.folded[begin - 1]))) continue;
      if (!may_begin(text.folded, begin)) continue;
      Words words(text.folded, begin);
      const std::string_view first = words.word();
      const bool title = kTitles.contains(first);
      if (!title && !is_given_name(first)) continue;
      const std::size_t end = name_end(words, title);
      if (end == 0) continue;
      hits.push_back({begin, end, index, 55});
      floor = end;
    }
  }

 private:
  static std::size_t name_end(Words& words, bool title) {
    std::size_t end = 0;
    if (title) words.skip(".", 1);
    for (int n = 0; n < 4; ++n) {
      if (!words.skip(" ", 1)) break;
      const std::string_view word = words.word();
      if (word.empty() || kNoSurnames.contains(word)) break;
      const bool particle = kParticles.contains(word);
      if (!words.capital() && !particle) break;
      const bool initial = word.size() == 1;
      if (initial) words.skip(".", 1);
      if (!particle && !initial) end = words.at();
      if (words.peek() == '-' || words.peek() == '\'') {  // Smith-Jones, O'Brien
        words.skip("-'", 1);
        if (!words.word().empty()) end = words.at();
      }
    }
    return end;
  }

  // Most words fail on their first letter and length.
  bool may_begin(std::string_view text, std::size_t begin) const noexcept {
    std::size_t end = begin;
    while (end < text.size() && is_word_byte(text[end])) ++end;
    const std::size_t size = end - begin;
    return size < 32 && (lengths_[static_cast<unsigned char>(lower(text[begin]))] >> size & 1);
  }

  bool is_given_name(std::string_view word) const noexcept {
    return std::binary_search(names_.begin(), names_.end(), word);
  }

  std::vector<std::string_view> names_;       // sorted
  std::array<std::uint32_t, 256> lengths_{};  // of names and titles, by first byte
};

template <int kConfidence>
std::unique_ptr<Detector> make_dates(const SensitiveDataOptions&) {
  return std::make_unique<DateDetector>(kConfidence);
}
template <typename Made>
std::unique_ptr<Detector> make(const SensitiveDataOptions&) {
  return std::make_unique<Made>();
}

const DetectorType kTypes[] = {
    {.name = "PERSON_NAME",
     .aliases = "PERSON NAME",
     .validator = "a title or a common given name, and capitalised words",
     .context = "",
     .confidence = 55,
     .make = make<PersonNameDetector>,
     .example = "Margaret Ottersworth"},
    {.name = "DATE_OF_BIRTH",
     .aliases = "DOB BIRTHDATE",
     .validator = "a date",
     .context =
         "born dob birth birthday birthdate dateofbirth geboren geb geburtsdatum née né naissance "
         "nacimiento nacido nascimento nascita nato geboortedatum",
     .confidence = 20,
     .make = make_dates<20>,
     .example = "12 March 1985"},
    {.name = "DATE",
     .aliases = "DATE_TIME",
     .validator = "a day between 1900 and 2099",
     .context = "",
     .confidence = 80,
     .make = make_dates<80>,
     .on_request = true,
     .example = "1985-03-12"},
    {.name = "POSTAL_ADDRESS",
     .aliases = "ADDRESS STREET_ADDRESS",
     .validator = "words for streets, with a house number",
     .context = "",
     .confidence = 60,
     .make = make<AddressDetector>,
     .example = "12 Main Street"},
    {.name = "GPS_COORDINATES",
     .aliases = "COORDINATES LOCATION_COORDINATE",
     .validator = "two numbers in degrees with three decimals or more",
     .context = "gps lat lon lng latitude longitude coordinates coords location",
     .confidence = 75,
     .make = make<CoordinatesDetector>,
     .example = "40.712776, -74.005974"},
};

}  // namespace

std::span<const DetectorType> person_types() { return kTypes; }

}  // namespace freshet
