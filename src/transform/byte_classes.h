#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace freshet {

// What the bytes of a stretch of text are, one bit per byte.
struct ByteClasses {
  static constexpr std::size_t kStretch = 64;

  std::uint64_t digit = 0;
  std::uint64_t letter = 0;
  std::uint64_t capital = 0;
  std::uint64_t hyphen = 0;
  std::uint64_t dot = 0;
  std::uint64_t high = 0;  // not ASCII
  // Seldom in text.
  std::uint64_t at = 0;
  std::uint64_t colon = 0;
  std::uint64_t underscore = 0;
  std::uint64_t percent = 0;
  std::uint64_t filler = 0;

  [[nodiscard]] std::uint64_t word() const noexcept { return digit | letter; }
  [[nodiscard]] std::uint64_t run() const noexcept { return word() | hyphen | underscore; }

  // Puts a block to the bytes from `place` on.
  void add(const ByteClasses& block, std::size_t place) noexcept {
    digit |= block.digit << place;
    letter |= block.letter << place;
    capital |= block.capital << place;
    hyphen |= block.hyphen << place;
    dot |= block.dot << place;
    high |= block.high << place;
    if ((block.at | block.colon | block.underscore | block.percent | block.filler) == 0) return;
    at |= block.at << place;
    colon |= block.colon << place;
    underscore |= block.underscore << place;
    percent |= block.percent << place;
    filler |= block.filler << place;
  }

  // Leaves out the first bytes.
  void cut(std::size_t count) noexcept {
    for (std::uint64_t* bits : {&digit, &letter, &capital, &hyphen, &dot, &high, &at, &colon,
                                &underscore, &percent, &filler})
      *bits >>= count;
  }

  static constexpr char kFiller = '\x01';
};

// Reads classes with what every processor of the architecture has: GCC's and Clang's vector
// extensions are SSE2 on x86-64 and NEON on arm64.
struct PortableReader {
  static constexpr std::size_t kBlock = 16;
  using Block = unsigned char __attribute__((vector_size(kBlock)));

  static Block load(const char* from) noexcept {
    Block block;
    std::memcpy(&block, from, kBlock);
    return block;
  }

  // Classes of `kSize` bytes, which are whole blocks.
  template <std::size_t kSize>
  static ByteClasses read(const char* from) noexcept {
    ByteClasses c;
    Block any{};  // of those that are seldom
    for (std::size_t i = 0; i < kSize; i += kBlock) {
      const Block b = load(from + i);
      const Block letter = as_block((b | 0x20) - 'a' < 26);
      c.digit |= bits_of(as_block(b - '0' < 10)) << i;
      c.letter |= bits_of(letter) << i;
      c.capital |= bits_of(letter & as_block((b & 0x20) == 0)) << i;
      c.hyphen |= bits_of(as_block(b == '-')) << i;
      c.dot |= bits_of(as_block(b == '.')) << i;
      c.high |= bits_of(b) << i;
      any |= as_block(b == '@') | as_block(b == ':') | as_block(b == '_') | as_block(b == '%') |
             as_block(b == ByteClasses::kFiller);
    }
    if (bits_of(any) != 0) read_seldom<kSize>(from, c);
    return c;
  }

  // Digits, '@', '%', fillers and what is not ASCII alone.
  template <std::size_t kSize>
  static ByteClasses read_lean(const char* from) noexcept {
    ByteClasses c;
    Block any{};
    for (std::size_t i = 0; i < kSize; i += kBlock) {
      const Block b = load(from + i);
      c.digit |= bits_of(as_block(b - '0' < 10)) << i;
      c.high |= bits_of(b) << i;
      any |= as_block(b == '@') | as_block(b == '%') | as_block(b == ByteClasses::kFiller);
    }
    if (bits_of(any) != 0) read_seldom<kSize>(from, c);
    return c;
  }

 private:
  using Halves = std::uint64_t __attribute__((vector_size(kBlock)));

  // The highest bit of each byte.
  static std::uint64_t bits_of(Block block) noexcept {
#if defined(__x86_64__)
    return static_cast<unsigned>(_mm_movemask_epi8(reinterpret_cast<const __m128i&>(block)));
#else
    constexpr Block kBit = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    constexpr std::uint64_t kSum = 0x0101010101010101;
    const Block bits = as_block(block > 127) & kBit;
    const auto halves = reinterpret_cast<const Halves&>(bits);
    return (halves[0] * kSum) >> 56 | (halves[1] * kSum) >> 56 << 8;
#endif
  }

  template <typename Mask>
  static Block as_block(Mask mask) noexcept {
    return reinterpret_cast<const Block&>(mask);
  }

  template <std::size_t kSize>
  static void read_seldom(const char* from, ByteClasses& c) noexcept {
    for (std::size_t i = 0; i < kSize; i += kBlock) {
      const Block b = load(from + i);
      c.at |= bits_of(as_block(b == '@')) << i;
      c.colon |= bits_of(as_block(b == ':')) << i;
      c.underscore |= bits_of(as_block(b == '_')) << i;
      c.percent |= bits_of(as_block(b == '%')) << i;
      c.filler |= bits_of(as_block(b == ByteClasses::kFiller)) << i;
    }
  }
};

#if defined(__x86_64__)

#define FRESHET_AVX2 __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt")))

// The same with AVX2. Only where has_avx2().
struct Avx2Reader {
  static constexpr std::size_t kBlock = 32;

  template <std::size_t kSize>
  FRESHET_AVX2 static ByteClasses read(const char* from) noexcept {
    ByteClasses c;
    __m256i any = _mm256_setzero_si256();
    for (std::size_t i = 0; i < kSize; i += kBlock) {
      const __m256i b = load(from + i);
      const std::uint64_t letter = within(either(b, _mm256_set1_epi8(0x20)), 'a', 26);
      c.digit |= within(b, '0', 10) << i;
      c.letter |= letter << i;
      c.capital |= (letter & ~bits_of(_mm256_slli_epi16(b, 2))) << i;  // 0x20 is the highest bit
      c.hyphen |= bits_of(equal(b, '-')) << i;
      c.dot |= bits_of(equal(b, '.')) << i;
      c.high |= bits_of(b) << i;
      any = either(any, either(either(equal(b, '@'), equal(b, ':')),
                               either(either(equal(b, '_'), equal(b, '%')),
                                      equal(b, ByteClasses::kFiller))));
    }
    if (!_mm256_testz_si256(any, any)) read_seldom<kSize>(from, c);
    return c;
  }

  template <std::size_t kSize>
  FRESHET_AVX2 static ByteClasses read_lean(const char* from) noexcept {
    ByteClasses c;
    __m256i any = _mm256_setzero_si256();
    for (std::size_t i = 0; i < kSize; i += kBlock) {
      const __m256i b = load(from + i);
      c.digit |= within(b, '0', 10) << i;
      c.high |= bits_of(b) << i;
      any =
          either(any, either(either(equal(b, '@'), equal(b, '%')), equal(b, ByteClasses::kFiller)));
    }
    if (!_mm256_testz_si256(any, any)) read_seldom<kSize>(from, c);
    return c;
  }

 private:
  FRESHET_AVX2 static __m256i load(const char* from) noexcept {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  }
  FRESHET_AVX2 static std::uint64_t bits_of(__m256i block) noexcept {
    return static_cast<unsigned>(_mm256_movemask_epi8(block));
  }
  FRESHET_AVX2 static __m256i equal(__m256i block, char c) noexcept {
    return _mm256_cmpeq_epi8(block, _mm256_set1_epi8(c));
  }
  // Bytes from `first` on, `count` of them.
  FRESHET_AVX2 static std::uint64_t within(__m256i block, char first, char count) noexcept {
    const __m256i from_zero = _mm256_sub_epi8(block, _mm256_set1_epi8(first));
    const __m256i most = _mm256_set1_epi8(static_cast<char>(count - 1));
    return bits_of(_mm256_cmpeq_epi8(_mm256_min_epu8(from_zero, most), from_zero));
  }
  FRESHET_AVX2 static __m256i either(__m256i a, __m256i b) noexcept {
    return _mm256_or_si256(a, b);
  }
  template <std::size_t kSize>
  FRESHET_AVX2 static void read_seldom(const char* from, ByteClasses& c) noexcept {
    for (std::size_t i = 0; i < kSize; i += kBlock) {
      const __m256i b = load(from + i);
      c.at |= bits_of(equal(b, '@')) << i;
      c.colon |= bits_of(equal(b, ':')) << i;
      c.underscore |= bits_of(equal(b, '_')) << i;
      c.percent |= bits_of(equal(b, '%')) << i;
      c.filler |= bits_of(equal(b, ByteClasses::kFiller)) << i;
    }
  }
};

inline bool has_avx2() noexcept {
  static const bool has = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                          __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt") &&
                          __builtin_cpu_supports("lzcnt");
  return has;
}

#endif

}  // namespace freshet
