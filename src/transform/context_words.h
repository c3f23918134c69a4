#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace freshet {

// Detectors of a set, by index.
inline constexpr std::size_t kMaxDetectors = 254;
using DetectorBits = std::bitset<kMaxDetectors + 2>;

// Words that speak for a detector when they stand near a match, or in a column's name: "ssn",
// "born". Immutable once all are added.
class ContextWords {
 public:
  ContextWords();

  // Words in lower case, separated by spaces. ASCII words count as whole words only.
  void add(std::string_view words, std::size_t detector);

  // The detectors that a name (of a column, or of a JSON member) speaks for; kOther if it tells of
  // something else that is numbered, kIdentifier if it ends with "id".
  [[nodiscard]] DetectorBits of_name(std::string_view name) const;
  static constexpr std::size_t kOther = kMaxDetectors;
  static constexpr std::size_t kIdentifier = kMaxDetectors + 1;

  struct Entry {
    std::string word;
    DetectorBits detectors;
  };
  // Memory of a Reader that is kept for reuse: places of known words.
  using Found = std::vector<std::pair<std::size_t, const Entry*>>;

  // Looks at the words of one text. Who asks for places front to back has each word looked up once
  // at most.
  class Reader {
   public:
    // `ascii`: the text is known to have no other bytes.
    Reader(const ContextWords& words, std::string_view folded, const DetectorBits& name,
           Found& found, bool ascii = false)
        : words_(words), text_(folded), name_(name), found_(found), ascii_(ascii) {}

    // True if the column's name, or a word near [begin, end), speaks for the detector.
    [[nodiscard]] bool speaks_for(std::size_t detector, std::size_t begin, std::size_t end);
    // That word, in lower case; empty if there is none.
    [[nodiscard]] std::string_view word_for(std::size_t detector, std::size_t begin,
                                            std::size_t end);

    // True if the word before `begin` tells of something else that is numbered: "order no. 1234".
    [[nodiscard]] bool is_other(std::size_t begin) const noexcept;
    // True if the column's name does: "order_no", "created_epoch".
    [[nodiscard]] bool is_other_name() const noexcept { return name_[kOther]; }
    // True if it names identifiers: "customer_id", but "national_id" too.
    [[nodiscard]] bool is_identifier_name() const noexcept { return name_[kIdentifier]; }

   private:
    friend class ContextWords;
    void read(std::size_t first, std::size_t limit);
    void skip_part() noexcept;
    template <typename Use>
    void for_each_near(std::size_t begin, std::size_t end, const Use& use);
    [[nodiscard]] std::string_view unspaced_word_for(std::size_t detector, std::size_t begin,
                                                     std::size_t end) const;

    const ContextWords& words_;
    std::string_view text_;
    const DetectorBits& name_;
    Found& found_;
    bool ascii_;
    // What has been read: found_ has the known words that begin in [start_, at_).
    std::size_t start_ = 0;
    std::size_t at_ = 0;
    // For whom the words near the last place speak that was asked for: most are asked for again.
    std::size_t near_begin_ = 0;
    std::size_t near_end_ = 0;
    DetectorBits near_;
  };

 private:
  static constexpr std::size_t kLongest = 24;

  void set_numbered(std::string_view name, DetectorBits& bits) const;
  void add_word(std::string_view word, std::size_t detector);
  [[nodiscard]] const Entry* look_up(std::string_view word) const noexcept;
  // Where in slots_ the word stands, or may stand.
  [[nodiscard]] std::size_t slot_of(std::string_view word) const noexcept;
  [[nodiscard]] bool may_know(char first, std::size_t size) const noexcept {
    return size <= kLongest && lengths_[static_cast<unsigned char>(first)] >> size & 1;
  }

  std::vector<Entry> entries_;
  std::vector<std::uint16_t> slots_;          // by hash: places in entries_, from 1 on; 0 = free
  std::vector<Entry> wide_;                   // sorted; of scripts without spaces between words
  std::array<std::uint32_t, 256> lengths_{};  // by first byte: most words fail on it
};

}  // namespace freshet
