#include "transform/shape_matcher.h"

#include <algorithm>
#include <bitset>
#include <map>
#include <numeric>
#include <string>
#include <utility>

#include "base/error.h"
#include "transform/text_scan.h"

namespace freshet {
namespace {

using Symbols = std::bitset<128>;

struct Item {
  Symbols symbols;
  bool optional = false;
};
using Sequence = std::vector<Item>;

Symbols symbols_of(char c) {
  Symbols set;
  for (int i = 0; i < 128; ++i) {
    const char other = static_cast<char>(i);
    bool in = false;
    switch (c) {
      case '#': in = is_digit(other); break;
      case '@': in = is_letter(other); break;
      case '*': in = is_alnum(other); break;
      case '%': in = is_hex(other); break;
      case '~': in = other == ' ' || other == '-' || other == '.'; break;
      default: in = lower(other) == lower(c);
    }
    if (in) set.set(static_cast<std::size_t>(i));
  }
  return set;
}

// Reads a shape into the sequences it stands for: one per number of repeats of its groups.
class ShapeReader {
 public:
  explicit ShapeReader(std::string_view shape) : shape_(shape) {}

  std::vector<Sequence> read() {
    std::vector<Sequence> all = read_part();
    if (at_ != shape_.size()) refuse();
    return all;
  }

 private:
  [[noreturn]] void refuse() const {
    fail(ErrorKind::internal, "the shape '{}' is not well formed", shape_);
  }
  bool take(char c) {
    if (at_ >= shape_.size() || shape_[at_] != c) return false;
    ++at_;
    return true;
  }

  std::vector<Sequence> read_part() {
    std::vector<Sequence> all(1);
    while (at_ < shape_.size() && shape_[at_] != ')') {
      if (shape_.substr(at_).starts_with("(?:"))
        read_group(all);
      else
        read_item(all);
    }
    return all;
  }

  void read_group(std::vector<Sequence>& all) {
    at_ += 3;
    const std::vector<Sequence> group = read_part();
    if (!take(')')) refuse();
    const auto [least, most] = read_repeats();
    std::vector<Sequence> grown;
    std::vector<Sequence> some = all;
    for (int n = 0; n <= most; ++n) {
      if (n >= least) grown.insert(grown.end(), some.begin(), some.end());
      some = product(some, group);
    }
    all = std::move(grown);
  }

  static std::vector<Sequence> product(const std::vector<Sequence>& heads,
                                       const std::vector<Sequence>& tails) {
    std::vector<Sequence> result;
    for (const Sequence& head : heads)
      for (const Sequence& tail : tails) {
        result.push_back(head);
        result.back().insert(result.back().end(), tail.begin(), tail.end());
      }
    return result;
  }

  void read_item(std::vector<Sequence>& all) {
    const Symbols symbols = take('[') ? read_set() : symbols_of(shape_[at_++]);
    const auto [least, most] = read_repeats();
    for (Sequence& sequence : all)
      for (int n = 0; n < most; ++n) sequence.push_back({symbols, n >= least});
  }

  Symbols read_set() {
    Symbols set;
    while (at_ < shape_.size() && shape_[at_] != ']') set |= symbols_of(shape_[at_++]);
    if (!take(']')) refuse();
    return set;
  }

  std::pair<int, int> read_repeats() {
    if (take('?')) return {0, 1};
    if (!take('{')) return {1, 1};
    const int least = read_number();
    const int most = take(',') ? read_number() : least;
    if (!take('}') || most < least) refuse();
    return {least, most};
  }

  int read_number() {
    int value = 0;
    if (at_ >= shape_.size() || !is_digit(shape_[at_])) refuse();
    while (at_ < shape_.size() && is_digit(shape_[at_])) value = value * 10 + (shape_[at_++] - '0');
    return value;
  }

  std::string_view shape_;
  std::size_t at_ = 0;
};

}  // namespace

// Determinises: a state is the set of places in all sequences that the text so far leads to.
struct ShapeMatcher::Builder {
  using Places = std::vector<std::uint32_t>;  // sorted; sequence << 8 | index

  ShapeMatcher& matcher;
  std::vector<Sequence> sequences;
  std::vector<std::uint16_t> shape_of;  // a sequence
  std::vector<char> symbol_of;          // a class: one of its symbols
  std::map<Places, std::uint16_t> states;
  std::vector<Places> open;
  std::map<std::vector<std::uint16_t>, std::uint16_t> accepts;

  void read(const std::vector<std::string_view>& shapes) {
    for (std::size_t i = 0; i < shapes.size(); ++i)
      for (Sequence& sequence : ShapeReader(shapes[i]).read()) {
        if (sequence.size() > 255)
          fail(ErrorKind::internal, "the shape '{}' is too long", shapes[i]);
        sequences.push_back(std::move(sequence));
        shape_of.push_back(static_cast<std::uint16_t>(i));
      }
  }

  // Bytes that all shapes treat alike share a class.
  void classify() {
    std::map<std::string, std::uint8_t> known;
    symbol_of.push_back('\0');
    for (std::size_t symbol = 2; symbol < 128; ++symbol) {
      std::string column;
      for (const Sequence& sequence : sequences)
        for (const Item& item : sequence) column.push_back(item.symbols[symbol] ? '1' : '0');
      if (column.find('1') == column.npos) continue;
      const auto [at, fresh] =
          known.emplace(std::move(column), static_cast<std::uint8_t>(symbol_of.size()));
      if (fresh) symbol_of.push_back(static_cast<char>(symbol));
      matcher.class_of_[symbol] = at->second;
    }
    matcher.classes_ = symbol_of.size();
  }

  void add_place(Places& places, std::size_t sequence, std::size_t index) const {
    for (;; ++index) {
      places.push_back(static_cast<std::uint32_t>(sequence << 8 | index));
      if (index >= sequences[sequence].size() || !sequences[sequence][index].optional) return;
    }
  }

  std::uint16_t state(Places places) {
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());
    const auto [at, fresh] = states.emplace(places, static_cast<std::uint16_t>(states.size()));
    if (fresh) {
      if (states.size() > 60000) fail(ErrorKind::internal, "the shapes make too many states");
      open.push_back(std::move(places));
    }
    return at->second;
  }

  Places step(const Places& from, char symbol) const {
    Places places;
    for (const std::uint32_t place : from) {
      const std::size_t sequence = place >> 8;
      const std::size_t index = place & 255;
      if (index < sequences[sequence].size() &&
          sequences[sequence][index].symbols[static_cast<std::size_t>(symbol)])
        add_place(places, sequence, index + 1);
    }
    return places;
  }

  std::uint16_t accept_of(const Places& places) {
    std::vector<std::uint16_t> shapes;
    for (const std::uint32_t place : places)
      if ((place & 255) == sequences[place >> 8].size()) shapes.push_back(shape_of[place >> 8]);
    if (shapes.empty()) return 0;
    std::sort(shapes.begin(), shapes.end());
    shapes.erase(std::unique(shapes.begin(), shapes.end()), shapes.end());
    const auto [at, fresh] =
        accepts.emplace(shapes, static_cast<std::uint16_t>(matcher.accepted_.size()));
    if (fresh) matcher.accepted_.push_back(std::move(shapes));
    return at->second;
  }

  void build() {
    matcher.accepted_.emplace_back();
    state({});  // the dead one
    Places first;
    for (std::size_t i = 0; i < sequences.size(); ++i) add_place(first, i, 0);
    state(std::move(first));
    for (std::size_t i = 0; i < open.size(); ++i) {
      const Places places = open[i];
      matcher.accept_.push_back(accept_of(places));
      matcher.next_.push_back(kDead);
      for (std::size_t c = 1; c < matcher.classes_; ++c)
        matcher.next_.push_back(state(step(places, symbol_of[c])));
    }
  }
};

ShapeMatcher::ShapeMatcher(const std::vector<std::string_view>& shapes) {
  Builder builder{.matcher = *this};
  builder.read(shapes);
  builder.classify();
  builder.build();
  part_accepting();
}

// Moves the states that accept behind the others, so that a comparison tells them.
void ShapeMatcher::part_accepting() {
  const std::size_t size = accept_.size();
  std::vector<std::uint16_t> order(size);  // new -> old; 0 and 1 stay
  std::iota(order.begin(), order.end(), std::uint16_t{0});
  const auto accepting = std::stable_partition(order.begin(), order.end(),
                                               [&](auto state) { return accept_[state] == 0; });
  first_accepting_ = static_cast<std::size_t>(accepting - order.begin());
  std::vector<std::uint16_t> place(size);  // old -> new
  for (std::size_t i = 0; i < size; ++i) place[order[i]] = static_cast<std::uint16_t>(i);
  std::vector<std::uint16_t> next(next_.size());
  std::vector<std::uint16_t> accept(size);
  for (std::size_t i = 0; i < size; ++i) {
    accept[i] = accept_[order[i]];
    for (std::size_t c = 0; c < classes_; ++c)
      next[i * classes_ + c] = place[next_[order[i] * classes_ + c]];
  }
  next_ = std::move(next);
  accept_ = std::move(accept);
}

// Follows the automaton by the kinds of bytes, from one set of states to the next.
class ShapeMatcher::FormReader {
 public:
  FormReader(const ShapeMatcher& matcher, WordForms& forms) : matcher_(matcher), forms_(forms) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const char c = static_cast<char>(byte);
      const Kind kind = is_letter(c) ? kLetter : is_digit(c) ? kDigit : kOther;
      const std::uint8_t symbols = matcher.class_of_[byte];
      if (symbols != 0 && std::ranges::find(classes_[kind], symbols) == classes_[kind].end())
        classes_[kind].push_back(symbols);
    }
  }

  void read() { read({1}, 0, 0, 0); }

 private:
  enum Kind : std::size_t { kLetter, kDigit, kOther };
  using States = std::vector<std::uint16_t>;  // sorted

  // Adds the forms that begin with `size` bytes, behind which `states` are.
  void read(const States& states, std::size_t size, unsigned letters, unsigned digits) {
    if (states.empty()) return;
    if (size == WordForms::kBytes)
      return forms_.add(static_cast<std::uint8_t>(letters), static_cast<std::uint8_t>(digits));
    const unsigned bit = 1u << size;
    read(behind(states, kLetter), size + 1, letters | bit, digits);
    read(behind(states, kDigit), size + 1, letters, digits | bit);
    if (std::ranges::any_of(states, [&](auto state) { return matcher_.accept_[state] != 0; }))
      add_all(size + 1, letters, digits);
    else
      read(behind(states, kOther), size + 1, letters, digits);
  }

  // ... whatever follows.
  void add_all(std::size_t size, unsigned letters, unsigned digits) {
    if (size >= WordForms::kBytes)
      return forms_.add(static_cast<std::uint8_t>(letters), static_cast<std::uint8_t>(digits));
    add_all(size + 1, letters | 1u << size, digits);
    add_all(size + 1, letters, digits | 1u << size);
    add_all(size + 1, letters, digits);
  }

  States behind(const States& states, Kind kind) const {
    States next;
    for (const std::uint16_t state : states)
      for (const std::uint8_t symbols : classes_[kind])
        next.push_back(matcher_.next_[state * matcher_.classes_ + symbols]);
    std::ranges::sort(next);
    const auto rest = std::ranges::unique(next);
    next.erase(rest.begin(), rest.end());
    if (!next.empty() && next.front() == kDead) next.erase(next.begin());
    return next;
  }

  const ShapeMatcher& matcher_;
  WordForms& forms_;
  std::array<std::vector<std::uint8_t>, 3> classes_;
};

WordForms ShapeMatcher::begins() const {
  WordForms forms;
  FormReader(*this, forms).read();
  return forms;
}

void ShapeMatcher::match(std::string_view folded, std::size_t begin,
                         Accepts& accepts) const noexcept {
  accepts.size = 0;
  std::size_t state = 1;
  for (std::size_t at = begin; at < folded.size(); ++at) {
    if (folded[at] == kFiller) continue;
    state = next_[state * classes_ + class_of_[static_cast<unsigned char>(folded[at])]];
    if (state < first_accepting_) {
      if (state == kDead) return;
      continue;
    }
    if (accepts.size == kMaxAccepts) --accepts.size;
    accepts.items[accepts.size++] = {at + 1, accept_[state]};
  }
}

}  // namespace freshet
