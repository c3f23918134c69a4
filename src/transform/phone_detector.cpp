#include "transform/phone_detector.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "transform/checksum.h"
#include "transform/phone_context.h"
#include "transform/phone_plans.h"
#include "transform/word_set.h"

namespace freshet {
namespace {

constexpr std::size_t kMaxDigits = PhonePlans::kMostDigits;

// What stands between two groups of digits.
enum Gap : std::uint8_t { kSpace = 1, kHyphen = 2, kDot = 4, kSlash = 8, kOpen = 16, kClose = 32 };

constexpr auto kGaps = [] {
  std::array<std::uint8_t, 256> gaps{};
  gaps[' '] = kSpace;
  gaps['-'] = gaps['~'] = kHyphen;
  gaps['.'] = kDot;
  gaps['/'] = kSlash;
  gaps['('] = gaps['['] = kOpen;
  gaps[')'] = gaps[']'] = kClose;
  return gaps;
}();

std::uint8_t gap_of(char c) noexcept { return kGaps[static_cast<unsigned char>(c)]; }

// Without initialisers on purpose: a Run has room for many and uses few.
struct Group {
  std::size_t begin;
  std::size_t end;
  unsigned digits;
  unsigned value;    // of groups up to four digits
  std::uint8_t gap;  // before it; 0 for the first of a run
  bool poison;       // part of something that is no phone number
};

// Digit groups that nothing but phone punctuation separates, and what stands around them.
struct Run {
  static constexpr std::size_t kMax = 128;
  std::array<Group, kMax> groups;
  std::size_t size = 0;
  std::size_t digits = 0;  // of all groups
  std::size_t lead = 0;    // where the '+' or '(' before the first digit stands, or that digit
  bool plus = false;
  bool plus_glued = false;  // the '+' to what stands before it: "1.0+20240115120000"
  bool open = false;
  bool glued_left = false;  // to a word or identifier
  bool glued_right = false;
  bool hyphen_left = false;  // glued by a hyphen: "Home-555-..."
  bool valued = false;       // a sum, share, path or number sign: "$5551234567"
  bool dialled = false;      // behind a part of a path that dials: "wa.me/", "/call/"
  bool short_left = false;   // by a hyphen to one or two letters: "PH-06539-107"
  std::size_t end = 0;       // of the last digit, or of an extension behind it
  bool extended = false;
};

// Reads runs from a text, front to back.
class RunReader {
 public:
  explicit RunReader(std::string_view text) : text_(text) {}

  // The groups of the run that begins at or after `from`, and its lead if it has digits enough.
  // False at the end of the text.
  bool next(std::size_t from, Run& run) const {
    const char* const end = text_.data() + text_.size();
    const std::size_t first =
        static_cast<std::size_t>(find_digit(text_.data() + from, end) - text_.data());
    if (first >= text_.size()) return false;
    run.size = run.digits = 0;
    run.plus = run.open = false;
    read_groups(first, run);
    if (run.digits >= 7) read_lead(first, from, run);
    return true;
  }

  // What stands around the run: costs more than the run itself, so only where it may matter.
  void read_surroundings(Run& run) const {
    run.glued_left = run.glued_right = run.hyphen_left = run.valued = run.dialled = false;
    run.short_left = false;
    read_left(run);
    const std::size_t last = run.groups[run.size - 1].end;
    run.end = extension_end(last);
    run.extended = run.end != last;
    read_right(run);
  }

 private:
  char at(std::size_t i) const noexcept { return i < text_.size() ? text_[i] : '\0'; }

  void read_groups(std::size_t at, Run& run) const {
    std::uint8_t gap = 0;
    while (run.size < Run::kMax) {
      Group& group = run.groups[run.size++];
      read_group(at, gap, group);
      run.digits += group.digits;
      gap = read_gap(at);
      if (gap == 0) return;
    }
  }

  // The group at `at`, which moves behind it and fillers there.
  void read_group(std::size_t& at, std::uint8_t gap, Group& group) const {
    const char* const begin = text_.data() + at;
    const char* const end = text_.data() + text_.size();
    const char* const four = begin + std::min<std::ptrdiff_t>(end - begin, 4);
    const char* i = begin;
    unsigned value = 0;
    for (; i < four && is_digit(*i); ++i) value = value * 10 + unsigned(*i - '0');
    while (i < end && is_digit(*i)) ++i;
    const auto digits = static_cast<std::size_t>(i - begin);
    group = {at, at + digits, static_cast<unsigned>(digits), value, gap, false};
    at = group.end;
    if (i < end && *i == kFiller) go_on_behind_fillers(at, group);
  }

  void go_on_behind_fillers(std::size_t& at, Group& group) const {
    for (; at < text_.size(); ++at) {
      if (is_digit(text_[at])) {
        if (++group.digits <= 4) group.value = group.value * 10 + unsigned(text_[at] - '0');
        group.end = at + 1;
      } else if (text_[at] != kFiller) {
        return;
      }
    }
  }

  // The gap at `at`, which moves to the digit behind it; 0 where the run ends.
  std::uint8_t read_gap(std::size_t& at) const {
    std::uint8_t gap = 0;
    std::size_t i = at;
    for (int marks = 0; i < text_.size() && marks <= 4; ++i) {
      const std::uint8_t mark = gap_of(text_[i]);
      if (mark != 0) {
        gap |= mark;
        ++marks;
        continue;
      }
      if (is_digit(text_[i])) {
        if (gap != 0) at = i;
        return gap;
      }
      if (text_[i] != kFiller) return 0;
    }
    return 0;
  }

  void read_lead(std::size_t first, std::size_t from, Run& run) const {
    std::size_t lead = first;
    const auto previous = [&]() -> std::size_t {  // index + 1 of the character before `lead`
      std::size_t i = lead;
      while (i > from && text_[i - 1] == kFiller) --i;
      return i > from ? i : 0;
    };
    const auto take = [&](char c) {
      const std::size_t i = previous();
      if (i == 0 || text_[i - 1] != c) return false;
      lead = i - 1;
      return true;
    };
    run.open = take('(') || take('[');
    const std::size_t before_space = lead;
    if (take(' ') && previous() != 0 && text_[previous() - 1] != '+') lead = before_space;
    run.plus = take('+');
    if (!run.plus) lead = before_space;
    if (run.plus && !run.open) run.open = take('(');
    run.lead = lead;
  }

  void read_left(Run& run) const {
    run.plus_glued = run.plus && run.lead > 0 && is_alnum(text_[run.lead - 1]);
    if (run.lead == 0 || run.plus) return;
    const char before = text_[run.lead - 1];
    const char second = run.lead > 1 ? text_[run.lead - 2] : '\0';
    switch (before) {
      case '-':
        run.hyphen_left = is_alnum(second);
        run.short_left = is_letter(second) && (run.lead < 4 || !is_letter(text_[run.lead - 4]));
        break;
      case '_': run.glued_left = true; break;
      case ':': run.glued_left = is_digit(second); break;
      case '/':
        run.dialled = is_dialled(run.lead);
        run.valued = !run.dialled;
        break;
      case '\\': run.valued = true; break;
      case '.':
      case ',': run.valued = is_alnum(second); break;
      case '#':
      case '$': run.valued = true; break;
      default:
        run.glued_left = is_letter(before);
        run.valued = is_wide(before) && is_currency(run.lead);
    }
    if (before == ' ' && run.lead > 1)
      run.valued = second == '$' || (is_wide(second) && is_currency(run.lead - 1));
  }

  // "https://wa.me/4930...", "tel://030...", "/call/030...".
  bool is_dialled(std::size_t end) const noexcept {
    static constexpr WordSet kParts(
        "wa.me call callto dial fax mobile phone sms tel msisdn whatsapp");
    constexpr std::size_t kLongest = 8;
    while (end > 0 && (text_[end - 1] == '/' || text_[end - 1] == ':')) --end;
    std::size_t begin = end;
    while (begin > 0 && (is_letter(text_[begin - 1]) || text_[begin - 1] == '.')) --begin;
    char part[kLongest];
    if (end - begin > kLongest) return false;
    std::transform(text_.begin() + begin, text_.begin() + end, part, lower);
    return kParts.contains({part, end - begin});
  }

  // End of "x123", " ext. 123", ";ext=123" behind a number; `end` if there is none.
  std::size_t extension_end(std::size_t end) const noexcept {
    std::size_t at = end;
    const auto skip = [&](std::string_view marks) {
      const auto is_mark = [&](char c) {
        for (const char mark : marks)
          if (c == mark) return true;
        return false;
      };
      while (at < text_.size() && at < end + 24 && is_mark(text_[at])) ++at;
    };
    if (at == text_.size()) return end;
    skip(" ,;\x01");
    const std::size_t word = at;
    if (at == text_.size() ||
        (text_[at] != '#' && lower(text_[at]) != 'x' && lower(text_[at]) != 'e'))
      return end;
    while (at < text_.size() && at < word + 9 && is_letter(text_[at])) ++at;
    if (at == word && at < text_.size() && text_[at] == '#')
      ++at;
    else if (!is_extension_word(text_.substr(word, at - word)))
      return end;
    skip(" .:=\x01");
    const std::size_t first = at;
    while (at < text_.size() && at < first + 8 && is_digit(text_[at])) ++at;
    return at > first && at < first + 8 ? at : end;
  }

  static bool is_extension_word(std::string_view word) noexcept {
    constexpr std::string_view kLongest = "extension";
    const auto same = [](char a, char b) { return lower(a) == b; };
    if (word.size() == 1) return lower(word[0]) == 'x';
    return (word.size() == 3 || word == "extn" || word.size() == kLongest.size()) &&
           std::equal(word.begin(), word.end(), kLongest.begin(), same);
  }

  // Pound, yen, euro, rupee sign before `end`, in UTF-8.
  bool is_currency(std::size_t end) const noexcept {
    const std::string_view before = text_.substr(0, end);
    return before.ends_with("\xc2\xa3") || before.ends_with("\xc2\xa5") ||
           before.ends_with("\xe2\x82\xac") || before.ends_with("\xe2\x82\xb9");
  }

  void read_right(Run& run) const {
    std::size_t i = run.groups[run.size - 1].end;
    while (at(i) == kFiller) ++i;
    const char after = at(i);
    const char second = at(i + 1);
    run.glued_right = is_letter(after) || after == '_' || (after == '-' && is_letter(second)) ||
                      (after == ':' && is_digit(second)) || (after == '.' && is_letter(second));
    if (after == '%' ||
        (after == ',' && is_digit(second) && is_digit(at(i + 2)) && !is_digit(at(i + 3))))
      run.valued = true;  // a share, or cents: "1 234 567,00"
  }

  std::string_view text_;
};

// Marks the groups of a run that belong to something else. Each rule names its own.
class Poisoner {
 public:
  explicit Poisoner(Run& run) : run_(run) {}

  void mark() {
    for (std::size_t i = 0; i + 2 < run_.size; ++i) {
      if (group(i + 1).gap == group(i + 2).gap) mark_date(i);
      if (group(i).digits == 4) mark_card(i);
      if (group(i).digits == 3 && (group(i).value == 978 || group(i).value == 979)) mark_book(i);
    }
    mark_tokens();
  }

 private:
  Group& group(std::size_t i) noexcept { return run_.groups[i]; }
  void poison(std::size_t first, std::size_t last) noexcept {
    for (std::size_t i = first; i <= last; ++i) group(i).poison = true;
  }
  bool same_gap(std::size_t first, std::size_t last, std::uint8_t gap) noexcept {
    for (std::size_t i = first + 1; i <= last; ++i)
      if (group(i).gap != gap) return false;
    return true;
  }
  bool lengths(std::size_t first, std::initializer_list<std::size_t> wanted) noexcept {
    if (first + wanted.size() > run_.size) return false;
    for (const std::size_t digits : wanted)
      if (group(first++).digits != digits) return false;
    return true;
  }

  // 2024-01-15, 15.1.2024, 01/15/2024, and clock groups that hang on to it.
  void mark_date(std::size_t i) noexcept {
    const std::uint8_t gap = group(i + 1).gap;
    if (gap != kHyphen && gap != kDot && gap != kSlash) return;
    if (i > 0 && group(i).gap == gap) return;
    const auto day = [](const Group& g) { return g.digits <= 2 && g.value >= 1 && g.value <= 31; };
    const auto year = [](const Group& g) {
      return g.digits == 4 && g.value >= 1000 && g.value <= 2999;
    };
    const bool is_date = (year(group(i)) && day(group(i + 1)) && day(group(i + 2))) ||
                         (day(group(i)) && day(group(i + 1)) && year(group(i + 2)));
    if (!is_date) return;
    std::size_t last = i + 2;
    while (last + 1 < run_.size && group(last + 1).gap == gap && group(last + 1).digits <= 2)
      ++last;
    poison(i, last);
  }

  // Payment cards: 4-4-4-4 and 4-6-5.
  void mark_card(std::size_t i) noexcept {
    if (i == 0 && run_.plus) return;
    if (lengths(i, {4, 4, 4, 4}) && same_gap(i, i + 3, group(i + 1).gap)) poison(i, i + 3);
    if (lengths(i, {4, 6, 5}) && same_gap(i, i + 2, group(i + 1).gap)) poison(i, i + 2);
  }

  // ISBN-13: 978 or 979 and four groups, thirteen digits, the last of them alone.
  void mark_book(std::size_t i) noexcept {
    if (i + 4 >= run_.size || group(i + 4).digits != 1) return;
    std::size_t digits = 0;
    for (std::size_t k = i; k <= i + 4; ++k) digits += group(k).digits;
    if (digits == 13) poison(i, i + 4);
  }

  // Tokens: what no space or slash parts.
  void mark_tokens() noexcept {
    std::size_t first = 0;
    std::size_t digits = 0;
    std::uint8_t gaps = 0;
    for (std::size_t i = 0; i < run_.size; ++i) {
      const std::uint8_t gap = group(i).gap;
      if (gap & (kSpace | kSlash)) {
        mark_token(first, i - 1, digits, gaps);
        first = i;
        digits = gaps = 0;
      } else {
        gaps |= gap;
      }
      digits += group(i).digits;
    }
    mark_token(first, run_.size - 1, digits, gaps);
  }

  void mark_token(std::size_t first, std::size_t last, std::size_t digits,
                  std::uint8_t gaps) noexcept {
    if (digits > kMaxDigits) return poison(first, last);
    if (first == last || (first == 0 && run_.plus)) return;
    if (gaps == kDot) {
      if (is_dotted_number(first, last)) poison(first, last);
    } else if (has_check_digit(first, last, digits) ||
               (last - first == 2 && gaps == kHyphen && lengths(first, {3, 2, 4}))) {
      poison(first, last);  // US SSN
    }
  }

  // ISBN-10 and others: a hyphen and a digit at the end. Not "06221/54-0", the exchange of a firm.
  bool has_check_digit(std::size_t first, std::size_t last, std::size_t digits) noexcept {
    if (group(last).digits != 1 || group(last).gap != kHyphen || digits < 8) return false;
    const bool area = begins_with_zero(first) && group(first).digits > 2;
    return !area && !run_.plus;
  }

  bool begins_with_zero(std::size_t i) noexcept {
    constexpr unsigned kPowers[] = {1, 10, 100, 1000, 10000};
    return group(i).value * 10 < kPowers[std::min(group(i).digits, 4u)];
  }

  // IPv4 addresses, decimals, 1.234.567, versions.
  bool is_dotted_number(std::size_t first, std::size_t last) noexcept {
    const std::size_t count = last - first + 1;
    const bool from_zero = group(first).digits > 1 && begins_with_zero(first);
    if (count == 2) return !from_zero || group(first).digits > 5;
    bool address = count == 4;
    bool thousands = group(first).digits <= 3 && !from_zero;
    bool single = group(first).digits == 1 && group(first).value != 1;
    for (std::size_t i = first; i <= last; ++i) {
      address = address && group(i).digits <= 3 && group(i).value <= 255;
      thousands = thousands && (i == first || group(i).digits == 3);
      single = single || (i > first && group(i).digits == 1);
    }
    return address || thousands || single;
  }

  Run& run_;
};

// A span of groups that may be one number, and its digits.
struct Candidate {
  std::size_t first = 0;
  std::size_t last = 0;
  const char* raw = nullptr;
  std::size_t count = 0;
  std::uint8_t gaps = 0;  // all gaps inside
  bool plus = false;
  bool open = false;  // bracket before the first digit
  bool whole_run = false;
  bool whole_cell = false;
  bool weak = false;  // glued to something, or a sum: only strong notations count

  std::string_view digits() const noexcept { return {raw, count}; }
  std::size_t groups() const noexcept { return last - first + 1; }
};

// Finds the numbers of one text.
class PhoneScan {
  using Context = PhoneContext::Kind;

 public:
  PhoneScan(const PhonePlans& plans, const DetectorText& seen, std::size_t index)
      : plans_(plans),
        seen_(seen),
        index_(index),
        text_(seen.folded),
        reader_(text_),
        budget_(64 + text_.size() / 128) {
    const std::string_view text = text_;
    cell_begin_ = 0;
    cell_end_ = text.size();
    while (cell_begin_ < cell_end_ && is_blank(text[cell_begin_])) ++cell_begin_;
    while (cell_end_ > cell_begin_ && is_blank(text[cell_end_ - 1])) --cell_end_;
  }

  void run(std::size_t index, Hits& hits) {
    std::size_t from = 0;
    while (reader_.next(from, run_)) {
      const std::size_t last_end = run_.groups[run_.size - 1].end;
      // A run cut at the array's limit goes on from a group that could still begin a number.
      const bool cut = run_.size == Run::kMax;
      from = last_end;
      if (run_.digits < 7) continue;
      if (skip_iban()) continue;
      Poisoner(run_).mark();
      if (!cut && !has_candidate()) continue;
      reader_.read_surroundings(run_);
      if (is_value()) continue;
      context_.reset();
      const std::size_t stop = cut ? Run::kMax - kMaxDigits : run_.size;
      std::size_t group = 0;
      while (group < stop) group = scan_from(group, index, hits);
      if (cut && group < run_.size) from = run_.groups[group].begin;
    }
  }

 private:
  // True if seven digits stand together that are nothing else.
  bool has_candidate() const noexcept {
    std::size_t digits = 0;
    for (std::size_t i = 0; i < run_.size && digits < 7; ++i)
      digits = run_.groups[i].poison ? 0 : digits + run_.groups[i].digits;
    return digits >= 7;
  }

  // A sum or a path, and not in the groups of North America, which tell more than what stands
  // before.
  bool is_value() const noexcept {
    if (!run_.valued || run_.plus || run_.dialled) return false;
    for (std::size_t i = 0; i + 1 < run_.size; ++i) {
      const unsigned next = run_.groups[i + 1].digits;
      if (run_.groups[i].digits == 3 && (next == 3 || next == 7)) return false;
    }
    return true;
  }

  static bool is_blank(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\n' || c == kFiller;
  }

  // "DE89 3704 0044 ...": two capitals, glued to two digits.
  bool skip_iban() const noexcept {
    if (run_.groups[0].digits != 2 || run_.lead < 2 || run_.size < 3) return false;
    const auto capital = [&](std::size_t i) { return text_[i] >= 'A' && text_[i] <= 'Z'; };
    return capital(run_.lead - 1) && capital(run_.lead - 2) &&
           (run_.lead == 2 || !is_alnum(text_[run_.lead - 3]));
  }

  bool begins_token(std::size_t i) const noexcept {
    return i == 0 || run_.groups[i - 1].poison ||
           (run_.groups[i].gap & (kSpace | kSlash | kOpen)) != 0;
  }
  bool ends_token(std::size_t i) const noexcept {
    return i + 1 == run_.size || run_.groups[i + 1].poison ||
           (run_.groups[i + 1].gap & (kSpace | kSlash)) != 0;
  }

  // Tries the numbers that begin at a group, the longest first. The group to go on from.
  std::size_t scan_from(std::size_t first, std::size_t index, Hits& hits) {
    if (run_.groups[first].poison || !begins_token(first)) return first + 1;
    std::size_t stop = first;  // one past the longest
    std::size_t digits = 0;
    while (stop < run_.size && !run_.groups[stop].poison &&
           digits + run_.groups[stop].digits <= kMaxDigits && !is_complete(first, stop))
      digits += run_.groups[stop++].digits;
    if (digits < 7) return first + 1;
    read_digits(first, stop);
    for (std::size_t last = stop; last-- > first && digits >= 7;) {
      if (ends_token(last)) {
        const Candidate c = candidate(first, last, digits);
        if (const std::uint8_t sure = judge(c)) {
          hits.push_back({hit_begin(c), hit_end(c), index, sure});
          return last + 1;
        }
      }
      digits -= run_.groups[last].digits;
    }
    return first + 1;
  }

  // "+491701234567 200": a number that is written in one goes on behind no space.
  bool is_complete(std::size_t first, std::size_t next) const noexcept {
    return next == 1 && first == 0 && run_.plus && run_.groups[0].digits >= 10 &&
           run_.groups[1].gap == kSpace;
  }

  void read_digits(std::size_t first, std::size_t stop) noexcept {
    char* to = digits_.data();
    for (std::size_t i = first; i < stop; ++i)
      for (std::size_t at = run_.groups[i].begin; at < run_.groups[i].end; ++at)
        if (text_[at] != kFiller) *to++ = text_[at];
  }

  // Of the digits that were read last, `digits`.
  Candidate candidate(std::size_t first, std::size_t last, std::size_t digits) const {
    Candidate c{.first = first, .last = last, .raw = digits_.data(), .count = digits};
    for (std::size_t i = first + 1; i <= last; ++i) c.gaps |= run_.groups[i].gap;
    c.plus = first == 0 && run_.plus;
    c.open = first == 0 ? run_.open : (run_.groups[first].gap & kOpen) != 0;
    c.whole_run = first == 0 && last + 1 == run_.size;
    c.whole_cell = c.whole_run && lead_of(c) <= cell_begin_ && hit_end(c) >= cell_end_;
    c.weak = (first == 0 && (run_.glued_left || run_.hyphen_left)) ||
             (last + 1 == run_.size && run_.glued_right && !run_.extended) || run_.valued;
    return c;
  }

  // What stands before the run, and the column's name: read where it matters, once for a run.
  const PhoneContext& context() {
    if (context_) return *context_;
    context_ = phone_context_before(text_, run_.lead);
    const bool numbered = seen_.context.is_other_name() || seen_.context.is_identifier_name();
    if (run_.short_left || (context_->kind == Context::none && numbered))
      context_ = {Context::other, true};
    return *context_;
  }
  bool is_named() { return context().kind == Context::phone; }
  bool is_other() { return context().kind == Context::other; }

  // Confidence in percent; 0 = no phone number.
  std::uint8_t judge(const Candidate& c) {
    const std::string_view digits = c.digits();
    if (c.plus && judge_plus(c)) return 95;
    // People mistype numbers, and plans change: behind a '+' of its own, so many digits are one.
    if (c.plus)
      return c.whole_run && digits.size() >= 10 && digits.size() <= 15 && !run_.plus_glued ? 60 : 0;
    // The column's name says so: what fills the cell is of any country.
    if (c.whole_cell && digits.size() <= 15 && seen_.context.speaks_for(index_, 0, text_.size()))
      return 95;
    if (run_.glued_left && c.first == 0 && !is_named()) return 0;
    if (is_north_american(c)) return judge_north_american(c);
    if (run_.dialled) return digits.size() >= 8 && judge_named(c) ? 85 : 0;
    if (!run_.valued && !run_.glued_right && is_named()) return judge_named(c) ? 85 : 0;
    if (c.weak || is_other()) return is_valid_beside_other(c) ? 55 : 0;
    if (is_well_known(digits) || is_postal_code(c)) return 0;
    if (c.groups() == 1) return judge_bare(c) ? 55 : 0;
    if (mixes_dots(c)) return 0;
    if (digits.starts_with("00")) return judge_double_zero(c) ? 75 : 0;
    if (plans_.has_nanp() && digits.starts_with("011") && valid_international(digits.substr(3)))
      return 75;
    return judge_separated(c);
  }

  // "parcel 0031 6 52435378": in groups, as no number of a parcel is.
  bool is_valid_beside_other(const Candidate& c) {
    const std::string_view digits = c.digits();
    if (run_.valued || run_.glued_left || run_.hyphen_left || run_.glued_right) return false;
    if (c.groups() < 2 || (c.gaps & (kHyphen | kDot)) || has_lone_digits(c) || !is_other())
      return false;
    if (digits.starts_with("00") && valid_international(digits.substr(2))) return true;
    return c.count >= 9 && std::ranges::any_of(plans_.regions(), [&](const auto& region) {
             return !region.trunk.empty() && valid_with_trunk(region, digits);
           });
  }

  // What begins as an identifier does counts only where the plan knows such a number.
  std::uint8_t judge_north_american(const Candidate& c) {
    if ((c.gaps & kClose) && c.open && !run_.valued) return 95;
    if (!is_identifier(c)) return (c.gaps & ~kSpace) ? 85 : 70;
    const bool named_other = !run_.glued_left && !run_.hyphen_left && is_other();
    return named_other && (c.gaps & ~kSpace) && valid(1, c.digits().substr(c.count - 10)) ? 60 : 0;
  }

  bool is_identifier(const Candidate& c) {
    return (c.first == 0 && run_.glued_left) ||
           (c.last + 1 == run_.size && run_.glued_right && run_.hyphen_left) || is_other();
  }

  // A decimal or a date beside something else rather than a number.
  static bool mixes_dots(const Candidate& c) noexcept {
    return (c.gaps & kDot) && (c.gaps & kSpace) && !c.open;
  }

  bool judge_plus(const Candidate& c) {
    const std::string_view digits = c.digits();
    const int code = plans_.calling_code(digits);
    if (code == 0) return c.whole_cell && digits.size() >= 8;
    const std::string_view national = digits.substr(PhonePlans::code_size(code));
    // "+44 (0)20 ...": the trunk prefix is no part of the number.
    const bool trunk = national.size() > 1 && national.front() == '0' &&
                       plans_.possible(code, national.size() - 1);
    if (!plans_.possible(code, national.size()) && !trunk)
      return c.whole_cell && digits.size() >= 7 && digits.size() <= 15;
    if (digits.size() >= 10 || c.whole_cell) return true;
    return valid(code, national) || (trunk && valid(code, national.substr(1)));
  }

  // 3-3-4 with marks between, perhaps behind 1, +1 or 001: written so, nothing else is meant. With
  // mere spaces the digits must fit the plan too, where no area or exchange begins with 0 or 1.
  bool is_north_american(const Candidate& c) const noexcept {
    if (!plans_.has_nanp() || (c.gaps & kSlash)) return false;
    std::size_t i = c.first;
    const auto digits = [&](std::size_t k) { return k <= c.last ? run_.groups[k].digits : 0; };
    if (digits(i) == 1 ? c.raw[0] == '1' : c.digits().starts_with("001") && c.groups() > 3) ++i;
    const std::size_t area = i;
    const bool full = digits(i) == 3 && digits(i + 1) == 3 && digits(i + 2) == 4 && i + 2 == c.last;
    const bool short_form = digits(i) == 3 && digits(i + 1) == 7 && i + 1 == c.last &&
                            (run_.groups[i + 1].gap & kClose);
    if (!full && !short_form) return false;
    if (c.gaps & ~kSpace || c.open) return true;
    return run_.groups[area].value >= 200 && run_.groups[area + 1].value >= 200;
  }

  // After "tel" or "call" a possible length is enough.
  bool judge_named(const Candidate& c) {
    const std::string_view digits = c.digits();
    if (is_named() && context().nearest && digits.size() >= 8 && digits.size() <= 12) return true;
    if (digits.starts_with('0') && digits.size() >= 9 && digits.size() <= 12) return true;
    if (digits.starts_with('8') && digits.size() == 11) return true;  // Russia
    if (plans_.has_nanp() &&
        (digits.size() == 10 || digits.size() == 7 || (digits.size() == 11 && digits[0] == '1')))
      return true;
    if (digits.starts_with("00") && possible_international(digits.substr(2))) return true;
    for (const auto& region : plans_.regions()) {
      if (!region.trunk.empty() && digits.starts_with(region.trunk) &&
          plans_.possible(region.code, digits.size() - region.trunk.size()))
        return true;
      if (region.trunkless && digits.size() >= 8 && plans_.possible(region.code, digits.size()))
        return true;
    }
    return digits.size() >= 10 && digits.size() <= 15 && possible_international(digits);
  }

  bool judge_double_zero(const Candidate& c) {
    const std::string_view digits = c.digits().substr(2);
    if (c.whole_cell) return digits.size() >= 8 && possible_international(digits);
    return valid_international(digits) || judge_separated(c);
  }

  bool judge_bare(const Candidate& c) {
    const std::string_view digits = c.digits();
    if (plans_.has_nanp()) {
      if (digits.size() == 10 && digits[0] >= '2' && digits[3] >= '2' && !is_hour(digits)) {
        if (valid(1, digits)) return true;
      } else if (digits.size() == 11 && digits[0] == '1' && digits[1] >= '2' && digits[4] >= '2') {
        if (valid(1, digits.substr(1))) return true;
      }
    }
    if (digits.starts_with("00"))
      return digits.size() >= 11 && valid_international(digits.substr(2));
    if (digits.size() == 11 && digits.starts_with("89") && valid_mobile(7, digits.substr(1)))
      return true;  // Russia
    for (const auto& region : plans_.regions()) {
      if (digits[0] == '0' && digits.size() >= (c.whole_cell ? 9 : 10) && digits.size() <= 12 &&
          valid_with_trunk(region, digits))
        return true;
      if (region.mobile_bare && digits.size() >= 10 && valid_mobile(region.code, digits))
        return true;
      if (c.whole_cell && digits.size() >= 11 && is_full_mobile(region, digits)) return true;
    }
    return false;
  }

  // The digits in a row, and the ends of the integers of 32 bits.
  static bool is_well_known(std::string_view digits) noexcept {
    return std::string_view("0123456789").starts_with(digits) || digits == "2147483647" ||
           digits == "2147483648" || digits == "4294967295" || digits == "4294967296";
  }

  // "MA 02110-1301".
  bool is_postal_code(const Candidate& c) const noexcept {
    if (c.gaps != kHyphen || !lengths_are(c, {5, 4})) return false;
    std::size_t at = lead_of(c);
    while (at > 0 && text_[at - 1] == ' ') --at;
    const auto capital = [&](std::size_t i) { return text_[i] >= 'A' && text_[i] <= 'Z'; };
    return at >= 2 && capital(at - 1) && capital(at - 2) && (at == 2 || !is_alnum(text_[at - 3]));
  }

  // "2024011510": a day and an hour.
  static bool is_hour(std::string_view digits) noexcept {
    return has_yyyymmdd(digits) && number_at(digits, 8, 2) < 24;
  }

  // "919876543210": an international mobile number without its plus.
  bool is_full_mobile(const PhonePlans::Region& region, std::string_view digits) {
    const std::size_t skip = PhonePlans::code_size(region.code);
    return plans_.calling_code(digits) == region.code &&
           valid_mobile(region.code, digits.substr(skip));
  }

  std::uint8_t judge_separated(const Candidate& c) {
    const std::string_view digits = c.digits();
    if (c.groups() > 6 || has_lone_digits(c)) return 0;
    if (is_local(c)) return 55;
    if (digits.size() < 8) return 0;
    if (has_area(c)) return 60;
    if (plans_.has_nanp() && c.whole_run && digits.size() == 10 && digits[0] >= '2' &&
        digits[3] >= '2' && !lengths_are(c, {3, 5, 2}) && valid(1, digits))
      return 65;
    for (const auto& region : plans_.regions()) {
      if (!region.trunk.empty() && digits.starts_with(region.trunk)) {
        const std::size_t national = digits.size() - region.trunk.size();
        if (!plans_.possible(region.code, national)) continue;
        if ((c.whole_cell || c.open) && digits.size() >= 9) return 70;
      }
      if (valid_with_trunk(region, digits)) return 75;
      if (region.trunkless && c.whole_run && fits_trunkless(region, c) &&
          valid(region.code, digits))
        return 65;
      if (region.trunkless && c.whole_run && c.groups() == 2 && c.count >= 9 &&
          valid_mobile(region.code, digits))
        return 60;
    }
    return is_foreign(c) || is_foreign_without_trunk(c) ? 60 : 0;
  }

  // The notation of countries that are not among the regions: an area behind its zero, or behind
  // the eight of Russia and Lithuania.
  bool is_foreign(const Candidate& c) const noexcept {
    const Group& area = run_.groups[c.first];
    if (c.count < 9 || c.count > 12) return false;
    if (lengths_are(c, {1, 3, 3, 2, 2}) || (lengths_are(c, {1, 3, 3, 4}) && (c.gaps & kOpen)))
      return c.raw[0] == '8';
    if (!c.whole_run && (c.gaps & kSpace)) return false;
    if (lengths_are(c, {1, 3, 5})) return c.raw[0] == '8';
    return c.raw[0] == '0' && area.digits >= 2 && area.digits <= 6 && c.raw[1] != '0';
  }

  // In the groups of Norway, Denmark, Poland, Czechia, Portugal, Luxembourg and Chile.
  bool is_foreign_without_trunk(const Candidate& c) {
    if (!c.whole_run || c.raw[0] < '2') return false;
    if (lengths_are(c, {3, 2, 3})) return valid(47, c.digits());
    if (lengths_are(c, {2, 2, 2, 2}))
      return c.whole_cell && (valid(45, c.digits()) || valid(47, c.digits()));
    if (c.count != 9) return false;
    if (lengths_are(c, {1, 4, 4})) return valid(56, c.digits());
    if (lengths_are(c, {2, 3, 2, 2})) return valid(48, c.digits());
    if (!lengths_are(c, {3, 3, 3})) return false;
    return std::ranges::any_of(std::to_array({48, 420, 351, 352}),
                               [&](int code) { return valid(code, c.digits()); });
  }

  // "(12)/685-8729": an area in brackets, and a number of two groups or more.
  bool has_area(const Candidate& c) const noexcept {
    return c.open && c.whole_run && c.groups() == 3 && c.count >= 9 && c.count <= 11 &&
           (run_.groups[c.first + 1].gap & kClose) && run_.groups[c.first].digits <= 4;
  }

  // "555-1234", alone in a cell.
  bool is_local(const Candidate& c) const noexcept {
    return plans_.has_nanp() && c.whole_cell && c.groups() == 2 && c.gaps == kHyphen &&
           run_.groups[c.first].digits == 3 && run_.groups[c.last].digits == 4 && c.raw[0] >= '2';
  }

  // Single digits occur only in front ("1 555 ...", "8 912 ..."), behind a trunk prefix, and
  // behind a hyphen at the end of what begins with one ("06221 54-0").
  bool has_lone_digits(const Candidate& c) const noexcept {
    for (std::size_t i = c.first + 1; i <= c.last; ++i) {
      const bool last = i == c.last && run_.groups[i].gap == kHyphen && c.raw[0] == '0';
      const bool behind_trunk = i == c.first + 1 && c.raw[0] == '0';
      if (run_.groups[i].digits == 1 && !last && !behind_trunk) return true;
    }
    return false;
  }

  bool lengths_are(const Candidate& c, std::initializer_list<std::size_t> wanted) const noexcept {
    return c.groups() == wanted.size() &&
           std::equal(
               wanted.begin(), wanted.end(), run_.groups.begin() + c.first,
               [](std::size_t digits, const Group& group) { return group.digits == digits; });
  }

  bool fits_trunkless(const PhonePlans::Region& region, const Candidate& c) const noexcept {
    if (c.count < 8 || !plans_.possible(region.code, c.count)) return false;
    if (c.groups() >= 3 || c.open) return true;
    return region.mobile_bare && run_.groups[c.first].digits == 5;  // 98765 43210
  }

  bool valid_with_trunk(const PhonePlans::Region& region, std::string_view digits) {
    if (region.trunk.empty()) return digits[0] == '0' && valid(region.code, digits);
    return digits.starts_with(region.trunk) &&
           valid(region.code, digits.substr(region.trunk.size()));
  }

  bool possible_international(std::string_view digits) const noexcept {
    const int code = plans_.calling_code(digits);
    if (code == 0) return false;
    const std::string_view national = digits.substr(PhonePlans::code_size(code));
    return plans_.possible(code, national.size()) ||
           (national.starts_with('0') && plans_.possible(code, national.size() - 1));
  }
  bool valid_international(std::string_view digits) {
    const int code = plans_.calling_code(digits);
    if (code == 0) return false;
    const std::string_view national = digits.substr(PhonePlans::code_size(code));
    return valid(code, national) || (national.starts_with('0') && valid(code, national.substr(1)));
  }

  // Asks the patterns, which take a fraction of a microsecond: never for impossible lengths, and
  // only as often as the text is long. Past that a number that could be one counts as one.
  bool valid(int code, std::string_view national) {
    if (!plans_.possible(code, national.size())) return false;
    if (budget_ == 0) return true;
    --budget_;
    return plans_.valid(code, national);
  }
  bool valid_mobile(int code, std::string_view national) {
    if (!plans_.possible(code, national.size())) return false;
    if (budget_ == 0) return true;
    --budget_;
    return plans_.valid_mobile(code, national);
  }

  std::size_t lead_of(const Candidate& c) const noexcept {
    return c.first == 0 ? run_.lead : run_.groups[c.first].begin;
  }

  // Takes the opening bracket along if it closes inside the number.
  std::size_t hit_begin(const Candidate& c) const noexcept {
    if (c.first == 0)
      return c.open && !c.plus && !(c.gaps & kClose) ? run_.groups[0].begin : run_.lead;
    std::size_t begin = run_.groups[c.first].begin;
    if (c.open && (c.gaps & kClose))
      while (begin > 0 && text_[begin - 1] != '(' && text_[begin - 1] != '[') --begin;
    return begin - (c.open && (c.gaps & kClose) && begin > 0 ? 1 : 0);
  }

  std::size_t hit_end(const Candidate& c) const noexcept {
    return c.last + 1 == run_.size ? run_.end : run_.groups[c.last].end;
  }

  const PhonePlans& plans_;
  const DetectorText& seen_;
  std::size_t index_;
  std::string_view text_;
  RunReader reader_;
  Run run_;
  std::array<char, kMaxDigits> digits_;  // from the first group of a candidate on
  std::optional<PhoneContext> context_;  // of the run
  std::size_t budget_;
  std::size_t cell_begin_;
  std::size_t cell_end_;
};

}  // namespace

PhoneDetector::PhoneDetector(const std::vector<std::string>& regions)
    : plans_(std::make_unique<PhonePlans>(regions)) {}

PhoneDetector::~PhoneDetector() = default;

void PhoneDetector::find(const DetectorText& text, std::size_t index, Hits& hits) const {
  PhoneScan(*plans_, text, index).run(index, hits);
}

}  // namespace freshet
