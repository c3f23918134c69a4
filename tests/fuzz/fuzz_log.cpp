// A whole log: first byte 1 for MariaDB's dialect; then the events, without the file's magic
// number. Lengths are mended and checksums are off, so that mutations come as far as the rows.
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "fuzz_target.h"
#include "source/binlog_source.h"
#include "source/event_reader.h"

namespace freshet::fuzz {

namespace {

class MemoryReader : public EventReader {
 public:
  explicit MemoryReader(std::string_view events)
      : EventReader({"bin.000001", 4}, false), left_(events) {}

 private:
  std::optional<std::string_view> do_next(std::chrono::milliseconds) override {
    if (left_.size() < kEventHeaderSize) return std::nullopt;
    std::uint32_t size = 0;
    std::memcpy(&size, left_.data() + 9, sizeof size);
    size =
        std::clamp<std::uint32_t>(size, kEventHeaderSize, static_cast<std::uint32_t>(left_.size()));
    event_ = left_.substr(0, size);
    left_.remove_prefix(size);
    std::memcpy(event_.data() + 9, &size, sizeof size);
    return event_;
  }

  std::string_view left_;
  Bytes event_;
};

// In memory where there is such a place; wholly new for each input would cost more than the
// reading.
const std::filesystem::path& spool() {
  static const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("freshet-fuzz-" + std::to_string(getpid()));
  return path;
}

}  // namespace

void run_one(std::string_view input) {
  if (input.empty()) return;
  ServerFacts facts;
  facts.mariadb = (input[0] & 1) != 0;
  facts.identity = "here";
  SchemaTracker schemas;
  BinlogSource source(
      std::make_unique<MemoryReader>(input.substr(1)), facts, {},
      [](const TableName& name) { return name.table != "a"; }, schemas, {.directory = spool()});
  ChangeBatch batch;
  for (int reads = 0; reads < 1000; ++reads) {
    batch.clear();
    const ReadResult result =
        source.read(batch, 4096, std::chrono::milliseconds(0), std::nullopt, {});
    if (result.events == 0 && batch.empty()) return;
  }
}

}  // namespace freshet::fuzz
