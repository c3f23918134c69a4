#include "pipeline/line_input.h"

#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/error.h"

namespace freshet {
namespace {

constexpr std::size_t kBuffer = std::size_t{256} << 10;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

}  // namespace

void LineInput::Closer::operator()(std::FILE* file) const noexcept {
  if (file != stdin) std::fclose(file);
}

LineInput::LineInput(const std::filesystem::path& file)
    : name_(file == "-" ? "standard input" : file.native()),
      file_(file == "-" ? stdin : std::fopen(file.c_str(), "rb")),
      buffer_(kBuffer) {
  if (!file_) fail(ErrorKind::usage, "cannot open {}: {}", name_, std::strerror(errno));
  std::error_code unknown;
  if (file != "-" && std::filesystem::is_regular_file(file, unknown))
    size_ = std::filesystem::file_size(file, unknown);
}

bool LineInput::fill() {
  const std::size_t got = std::fread(buffer_.data(), 1, buffer_.size(), file_.get());
  if (got == 0 && std::ferror(file_.get()) != 0)
    fail(ErrorKind::unavailable, "cannot read {}: {}", name_, std::strerror(errno));
  left_ = {buffer_.data(), got};
  bytes_ += got;
  return got > 0;
}

std::string_view LineInput::taken(std::string_view line) noexcept {
  if (++line_ == 1 && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  return line;
}

std::optional<std::string_view> LineInput::next() {
  spill_.clear();
  while (!left_.empty() || fill()) {
    const std::size_t end = left_.find('\n');
    if (end == left_.npos) {
      spill_ += left_;
      left_ = {};
      if (spill_.size() > kMaxLine)
        fail(ErrorKind::unsupported, "{}: line {} is longer than {} MiB", name_, line_ + 1,
             kMaxLine >> 20);
      continue;
    }
    const std::string_view piece = left_.substr(0, end);
    left_.remove_prefix(end + 1);
    if (spill_.empty()) return taken(piece);
    return taken(spill_ += piece);
  }
  if (spill_.empty()) return std::nullopt;
  return taken(spill_);
}

}  // namespace freshet
