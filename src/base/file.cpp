#include "base/file.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

namespace freshet {
namespace {

namespace fs = std::filesystem;

std::string_view remedy(int error) noexcept {
  switch (error) {
    case EACCES:
    case EPERM: return "give this user access to it";
    case EROFS: return "the file system is mounted read-only: choose another place";
    case ENOSPC:
    case EDQUOT: return "free some space on that file system";
    case ENOENT: return "check that it exists";
    case ENOTDIR:
    case EISDIR:
    case EEXIST: return "something else stands at that path: move it away";
    case EMFILE:
    case ENFILE: return "raise the limit of open files (ulimit -n)";
    default: return "check the disk and the system log";
  }
}

[[noreturn]] void fail_io(std::string_view action, const fs::path& path, int error) {
  fail(ErrorKind::unavailable, "cannot {} {}: {}; {}", action, path.string(), std::strerror(error),
       remedy(error));
}

// An open descriptor. Closing is silent: what must be durable was synced before.
class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags)
      : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] bool is_open() const noexcept { return fd_ >= 0; }

 private:
  int fd_;
};

void write_all(int fd, std::string_view content, const fs::path& path) {
  while (!content.empty()) {
    const ssize_t n = ::write(fd, content.data(), content.size());
    if (n >= 0) {
      content.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno != EINTR) {
      fail_io("write", path, errno);
    }
  }
}

Bytes read_all(int fd, const fs::path& path) {
  struct stat info{};
  if (::fstat(fd, &info) != 0) fail_io("read", path, errno);
  Bytes content(static_cast<std::size_t>(info.st_size), '\0');
  std::size_t filled = 0;
  for (;;) {
    if (filled == content.size()) content.resize(content.size() + 4096);
    const ssize_t n = ::read(fd, content.data() + filled, content.size() - filled);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail_io("read", path, errno);
    if (n == 0) break;
    filled += static_cast<std::size_t>(n);
  }
  content.resize(filled);
  return content;
}

void write_content(const fs::path& path, std::string_view content, bool sync) {
  const Descriptor file(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file.is_open()) fail_io("create", path, errno);
  write_all(file.get(), content, path);
  if (sync && ::fsync(file.get()) != 0) fail_io("sync", path, errno);
}

void replace_content(const fs::path& path, std::string_view content, bool sync) {
  const fs::path sibling = path.string() + "." + std::to_string(::getpid()) + ".tmp";
  write_content(sibling, content, sync);
  if (::rename(sibling.c_str(), path.c_str()) == 0) return;
  const int error = errno;
  ::unlink(sibling.c_str());
  fail_io("replace", path, error);
}

bool is_same_file(const fs::path& a, const fs::path& b) noexcept {
  struct stat first{}, second{};
  return ::stat(a.c_str(), &first) == 0 && ::stat(b.c_str(), &second) == 0 &&
         first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

bool is_absent(const fs::path& path) noexcept {
  struct stat info{};
  return ::stat(path.c_str(), &info) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

bool has_no_hard_links(int error) noexcept {
  return error == EPERM || error == ENOTSUP || error == EOPNOTSUPP || error == ENOSYS ||
         error == EMLINK;
}

// The error number of taking the name exclusively; 0 when it is ours.
int take_name(const fs::path& source, const fs::path& target) noexcept {
  if (::link(source.c_str(), target.c_str()) == 0) return 0;
  int error = errno;
  if (has_no_hard_links(error)) {
    if (::syscall(SYS_renameat2, AT_FDCWD, source.c_str(), AT_FDCWD, target.c_str(),
                  RENAME_NOREPLACE) == 0)
      return 0;
    return errno;
  }
  // A network file system may repeat a link() whose answer was lost, and then reports EEXIST (or
  // a timeout) for a name that our own call took.
  return is_same_file(source, target) ? 0 : error;
}

}  // namespace

Bytes read_file(const fs::path& path) {
  const Descriptor file(path, O_RDONLY);
  if (!file.is_open()) fail_io("open", path, errno);
  return read_all(file.get(), path);
}

std::optional<Bytes> read_file_if_present(const fs::path& path) {
  const Descriptor file(path, O_RDONLY);
  if (file.is_open()) return read_all(file.get(), path);
  if (errno == ENOENT) return std::nullopt;
  fail_io("open", path, errno);
}

void write_file(const fs::path& path, std::string_view content) {
  write_content(path, content, true);
}

void replace_file(const fs::path& path, std::string_view content) {
  replace_content(path, content, true);
  sync_directory(path.parent_path());
}

void replace_file_unsynced(const fs::path& path, std::string_view content) {
  replace_content(path, content, false);
}

void sync_file(const fs::path& path) {
  const Descriptor opened(path, O_RDONLY);
  if (!opened.is_open()) fail_io("open", path, errno);
  if (::fsync(opened.get()) != 0) fail_io("sync", path, errno);
}

void sync_directory(const fs::path& directory) {
  const fs::path path = directory.empty() ? fs::path(".") : directory;
  const Descriptor opened(path, O_RDONLY | O_DIRECTORY);
  if (!opened.is_open()) fail_io("open directory", path, errno);
  if (::fsync(opened.get()) != 0) fail_io("sync directory", path, errno);
}

void make_directories(const fs::path& directory) {
  std::vector<fs::path> missing;
  std::error_code ignored;
  for (fs::path at = fs::absolute(directory); !fs::is_directory(at, ignored); at = at.parent_path())
    missing.push_back(at);
  for (auto path = missing.rbegin(); path != missing.rend(); ++path) {
    if (path->filename().empty()) continue;  // the path ends in a slash
    if (::mkdir(path->c_str(), 0777) != 0 && !(errno == EEXIST && fs::is_directory(*path, ignored)))
      fail_io("create directory", *path, errno);
    sync_directory(path->parent_path());
  }
}

void rename_file(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) fail_io("rename", from, errno);
}

void remove_file_if_present(const fs::path& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) fail_io("remove", path, errno);
}

Publication publish_file(const fs::path& source, const fs::path& target) {
  const int error = take_name(source, target);
  if (error == EEXIST) return Publication::name_taken;
  if (error != 0) {
    if (!is_absent(target))
      fail(ErrorKind::unknown_outcome, "cannot tell whether {} was published: {}; {}",
           target.string(), std::strerror(error), remedy(error));
    fail_io("publish", target, error);
  }
  ::unlink(source.c_str());  // a leftover second name does no harm
  try {
    sync_directory(target.parent_path());
  } catch (const Error& unsynced) {
    fail(ErrorKind::unknown_outcome, "{} was published, but may not survive a power cut: {}",
         target.string(), unsynced.what());
  }
  return Publication::done;
}

}  // namespace freshet
