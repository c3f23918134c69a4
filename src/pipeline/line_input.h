#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace freshet {

// Lines of a file or of standard input, read front to back in bounded memory. One thread.
class LineInput {
 public:
  // A line, or a record made of several, that is longer is refused.
  static constexpr std::size_t kMaxLine = std::size_t{64} << 20;

  // "-" is standard input. Throws Error{usage} where the file cannot be opened.
  explicit LineInput(const std::filesystem::path& file);

  // The next line without its '\n'; nothing at the end. The view lives until the next call. A
  // UTF-8 byte order mark at the start is left out. Throws Error{unavailable} where the file cannot
  // be read, Error{unsupported} on a line beyond kMaxLine.
  [[nodiscard]] std::optional<std::string_view> next();

  [[nodiscard]] std::uint64_t line() const noexcept { return line_; }  // of the last one, from 1
  [[nodiscard]] std::uint64_t bytes_read() const noexcept { return bytes_; }
  // The file's size in bytes; 0 where it has none (a pipe).
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

 private:
  struct Closer {
    void operator()(std::FILE* file) const noexcept;
  };
  bool fill();
  std::string_view taken(std::string_view line) noexcept;

  std::string name_;
  std::unique_ptr<std::FILE, Closer> file_;
  std::vector<char> buffer_;
  std::string_view left_;  // of the buffer
  std::string spill_;      // a line that did not fit into the rest of the buffer
  std::uint64_t line_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace freshet
