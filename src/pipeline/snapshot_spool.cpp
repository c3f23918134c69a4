#include "pipeline/snapshot_spool.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/file.h"
#include "pipeline/capture_masker.h"

namespace freshet {

SpoolWriter::SpoolWriter(std::filesystem::path path, std::string seal)
    : path_(std::move(path)),
      seal_(std::move(seal)),
      file_(path_, std::ios::binary | std::ios::trunc) {
  if (!file_)
    fail(ErrorKind::unavailable, "cannot create {}: {}", path_.string(), std::strerror(errno));
}

void SpoolWriter::append(const ChangeBatch& batch) {
  const Bytes clear = batch.encode();
  const Bytes block = seal_.empty() ? clear : freshet::seal(clear, seal_);
  Bytes head;
  put_fixed(head, static_cast<std::uint32_t>(block.size()));
  file_.write(head.data(), static_cast<std::streamsize>(head.size()));
  file_.write(block.data(), static_cast<std::streamsize>(block.size()));
  if (!file_) fail(ErrorKind::unavailable, "cannot write {}: is the disk full?", path_.string());
}

void SpoolWriter::seal() && {
  Bytes end;
  put_fixed(end, std::uint32_t{0});
  file_.write(end.data(), static_cast<std::streamsize>(end.size()));
  file_.close();
  if (!file_) fail(ErrorKind::unavailable, "cannot write {}: is the disk full?", path_.string());
  sync_file(path_);
  sync_directory(path_.parent_path());
}

SpoolReader::SpoolReader(std::filesystem::path path, std::uint64_t skip_blocks)
    : path_(std::move(path)), file_(path_, std::ios::binary) {
  if (!file_)
    fail(ErrorKind::corrupt,
         "the snapshot spool {} is missing: restore it, or load the table again", path_.string());
  for (; skip_blocks > 0; --skip_blocks)
    if (!next())
      fail(ErrorKind::corrupt, "the snapshot spool {} is shorter than what was read of it",
           path_.string());
}

std::optional<Bytes> SpoolReader::next() {
  std::uint32_t length = 0;
  file_.read(reinterpret_cast<char*>(&length), sizeof length);
  if (file_ && length == 0) return std::nullopt;
  Bytes block(file_ ? length : 0, '\0');
  file_.read(block.data(), static_cast<std::streamsize>(block.size()));
  if (!file_) fail(ErrorKind::corrupt, "the snapshot spool {} is cut short", path_.string());
  return block;
}

}  // namespace freshet
