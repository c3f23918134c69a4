#include "stream/durable_mark.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace freshet {
namespace {

constexpr const char* kName = "durable";

std::string reason(int error) { return std::generic_category().message(error); }

[[noreturn]] void fail_to(const char* what, const std::filesystem::path& path, int error) {
  const bool ours = error == EACCES || error == EPERM || error == EROFS;
  fail(ours ? ErrorKind::config : ErrorKind::unavailable, "cannot {} {}: {}", what, path.string(),
       reason(error));
}

}  // namespace

DurableMark::DurableMark(std::filesystem::path path, int descriptor) noexcept
    : path_(std::move(path)), descriptor_(descriptor) {}

DurableMark::DurableMark(DurableMark&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

DurableMark::~DurableMark() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool DurableMark::present(const std::filesystem::path& directory) {
  std::error_code ignored;
  return std::filesystem::exists(directory / kName, ignored);
}

DurableMark DurableMark::lock(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / kName;
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) fail_to("open", path, errno);
  DurableMark mark(path, descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) fail_to("lock", path, errno);
    fail(ErrorKind::config,
         "the stream in {} is in use by another freshet: stop that one, or give this one a "
         "directory of its own",
         directory.string());
  }
  return mark;
}

DurableMark DurableMark::view(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / kName;
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 && errno == ENOENT)
    fail(ErrorKind::unavailable, "there is no stream in {}: start `freshet run` first",
         directory.string());
  if (descriptor < 0) fail_to("open", path, errno);
  return {path, descriptor};
}

StreamOffset DurableMark::next() const {
  StreamOffset next = 0;
  const ssize_t got = ::pread(descriptor_, &next, sizeof(next), 0);
  if (got < 0) fail_to("read", path_, errno);
  return got == sizeof(next) ? next : 0;  // shorter: just made
}

void DurableMark::set_next(StreamOffset next) {
  if (::pwrite(descriptor_, &next, sizeof(next), 0) != sizeof(next)) fail_to("write", path_, errno);
}

void DurableMark::sync() const {
  if (::fdatasync(descriptor_) != 0) fail_to("sync", path_, errno);
}

}  // namespace freshet
