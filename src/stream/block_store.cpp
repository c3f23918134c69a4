#include "stream/block_store.h"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>
#include <stdlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "stream/block_format.h"

namespace freshet {
namespace {

using rocksdb::ColumnFamilyDescriptor;
using rocksdb::ColumnFamilyHandle;
using rocksdb::ColumnFamilyOptions;
using rocksdb::DB;
using rocksdb::DBOptions;
using rocksdb::Slice;
using rocksdb::Status;

constexpr const char* kBlocks = "blocks";
constexpr const char* kSchemas = "schemas";
constexpr std::string_view kState = "state";
constexpr std::string_view kFirst = "first";
constexpr std::string_view kPart = "part/";

constexpr std::size_t kSmallWriteBuffer = std::size_t{4} << 20;
constexpr int kOpenFiles = 256;

Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view view(const Slice& bytes) { return {bytes.data(), bytes.size()}; }

DBOptions database_options(const EmbeddedStreamOptions& options, StoreMode mode) {
  DBOptions db;
  db.create_if_missing = mode == StoreMode::create;
  db.create_missing_column_families = mode == StoreMode::create;
  // The log is written once per flush(), not once per append.
  db.manual_wal_flush = true;
  // State and block sit in two families; neither may reach the disk without the other.
  db.atomic_flush = true;
  // A torn end of the log is what a power cut leaves. That nothing acknowledged was in it is
  // checked against the durable mark.
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  db.max_total_wal_size = 4 * options.write_buffer_bytes;
  // A follower keeps files open, so that it can finish with those that the writer deletes.
  db.max_open_files = mode == StoreMode::follow ? -1 : kOpenFiles;
  db.max_background_jobs = 2;
  db.bytes_per_sync = std::uint64_t{1} << 20;
  db.keep_log_file_num = 2;
  db.max_log_file_size = std::size_t{1} << 20;
  db.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;
  return db;
}

ColumnFamilyOptions block_options(const EmbeddedStreamOptions& options) {
  ColumnFamilyOptions family;
  family.write_buffer_size = options.write_buffer_bytes;
  family.max_write_buffer_number = 2;
  // Keys only rise, so files never overlap and compaction moves them without rewriting: blob files
  // would save nothing. One compression for all levels keeps it so. Large blocks come compressed;
  // this is for the many small ones of a quiet source.
  family.compression = rocksdb::kLZ4Compression;
  family.periodic_compaction_seconds = std::max<std::uint64_t>(
      3600, std::chrono::ceil<std::chrono::seconds>(options.retention).count());
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  table.cache_index_and_filter_blocks = true;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return family;
}

ColumnFamilyOptions small_options() {
  ColumnFamilyOptions family;
  family.write_buffer_size = kSmallWriteBuffer;
  return family;
}

bool is_damage(const Status& status) {
  return status.IsCorruption() || status.IsNotFound() || status.IsInvalidArgument() ||
         status.IsPathNotFound();
}

Status open_database(const DBOptions& options, const std::string& directory,
                     const std::string& follower_directory, StoreMode mode,
                     const std::vector<ColumnFamilyDescriptor>& families,
                     std::vector<ColumnFamilyHandle*>& handles, DB*& db) {
  switch (mode) {
    case StoreMode::create:
    case StoreMode::write: return DB::Open(options, directory, families, &handles, &db);
    case StoreMode::read_only:
      return DB::OpenForReadOnly(options, directory, families, &handles, &db);
    case StoreMode::follow: break;
  }
  return DB::OpenAsSecondary(options, directory, follower_directory, families, &handles, &db);
}

}  // namespace

BlockStore::BlockStore(std::filesystem::path directory, const EmbeddedStreamOptions& options,
                       StoreMode mode)
    : directory_(std::move(directory)) {
  if (mode == StoreMode::follow) follower_directory_.emplace("reader");
  const std::vector<ColumnFamilyDescriptor> families = {
      {rocksdb::kDefaultColumnFamilyName, small_options()},
      {kBlocks, block_options(options)},
      {kSchemas, small_options()}};
  std::vector<ColumnFamilyHandle*> handles;
  DB* db = nullptr;
  const Status status = open_database(
      database_options(options, mode), directory_.string(),
      follower_directory_ ? follower_directory_->path().string() : "", mode, families, handles, db);
  if (!status.ok()) {
    close();
    fail_with(status, "open");
  }
  db_.reset(db);
  meta_ = handles[0];
  blocks_ = handles[1];
  schemas_ = handles[2];
}

BlockStore::~BlockStore() { close(); }

void BlockStore::close() noexcept {
  if (db_) {
    for (ColumnFamilyHandle* family : {meta_, blocks_, schemas_})
      db_->DestroyColumnFamilyHandle(family);
    db_->Close();
    db_.reset();
  }
  follower_directory_.reset();
}

void BlockStore::fail_with(const Status& status, const char* doing) const {
  if (is_damage(status))
    fail(
        ErrorKind::corrupt,
        "the stream in {} is damaged ({}): nothing was changed; restore the directory from a copy, "
        "or move it away and take a new snapshot",
        directory_.string(), status.ToString());
  if (status.IsNoSpace())
    fail(ErrorKind::unavailable, "the disk of the stream in {} is full: free some space",
         directory_.string());
  fail(ErrorKind::unavailable, "cannot {} the stream in {}: {}", doing, directory_.string(),
       status.ToString());
}

void BlockStore::check(const Status& status, const char* doing) const {
  if (!status.ok()) fail_with(status, doing);
}

std::optional<Bytes> BlockStore::get(ColumnFamilyHandle* family, std::string_view key) const {
  Bytes value;
  const Status status = db_->Get(rocksdb::ReadOptions(), family, slice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  check(status, "read");
  return value;
}

StreamState BlockStore::state() const {
  StreamState state;
  const std::optional<Bytes> value = get(meta_, kState);
  if (!value) return state;
  ByteReader in(*value);
  state.last = in.fixed<StreamOffset>();
  state.append_micros = in.fixed<std::int64_t>();
  state.source_state = in.rest();
  return state;
}

StreamOffset BlockStore::first_offset() const {
  const std::optional<Bytes> value = get(meta_, kFirst);
  return value ? ByteReader(*value).fixed<StreamOffset>() : 1;
}

std::optional<StreamBlock> BlockStore::block_at(StreamOffset first) const {
  rocksdb::ReadOptions once;
  once.fill_cache = false;
  rocksdb::PinnableSlice value;
  const Status status = db_->Get(once, blocks_, slice(block_key(first)), &value);
  if (status.IsNotFound()) return std::nullopt;
  check(status, "read");
  return read_block(first, view(value));
}

// read(first, value) on the block with this change.
template <typename Read>
auto BlockStore::with_block_holding(StreamOffset offset, Read read) const
    -> std::optional<decltype(read(StreamOffset{}, std::string_view{}))> {
  rocksdb::ReadOptions once;
  once.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(once, blocks_));
  at->SeekForPrev(slice(block_key(offset)));
  if (!at->Valid()) {
    check(at->status(), "read");
    return std::nullopt;
  }
  const StreamOffset first = first_of_key(view(at->key()));
  if (first + read_block_head(view(at->value())).count <= offset) return std::nullopt;
  return read(first, view(at->value()));
}

std::optional<StreamBlock> BlockStore::block_holding(StreamOffset offset) const {
  return with_block_holding(offset, read_block);
}

std::optional<BlockPlace> BlockStore::place_of(StreamOffset offset) const {
  return with_block_holding(offset, [](StreamOffset first, std::string_view value) {
    const BlockHead head = read_block_head(value);
    return BlockPlace{first, first + head.count - 1, head.append_micros};
  });
}

SchemaPtr BlockStore::schema(std::uint64_t fingerprint) const {
  const std::lock_guard lock(schema_mutex_);
  SchemaPtr& cached = schema_cache_[fingerprint];
  if (cached) return cached;
  Bytes key;
  put_be(key, fingerprint, sizeof(fingerprint));
  const std::optional<Bytes> value = get(schemas_, key);
  if (!value) return nullptr;
  ByteReader in(*value);
  cached = std::make_shared<const TableSchema>(read_schema(in));
  return cached;
}

std::vector<std::uint64_t> BlockStore::fingerprints() const {
  std::vector<std::uint64_t> found;
  const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(rocksdb::ReadOptions(), schemas_));
  for (at->SeekToFirst(); at->Valid(); at->Next())
    found.push_back(ByteReader(view(at->key())).be(sizeof(std::uint64_t)));
  check(at->status(), "read");
  return found;
}

std::vector<StatePart> BlockStore::parts() const {
  std::vector<StatePart> found;
  const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(rocksdb::ReadOptions(), meta_));
  for (at->Seek(slice(kPart)); at->Valid() && view(at->key()).starts_with(kPart); at->Next())
    found.emplace_back(view(at->key()).substr(kPart.size()), view(at->value()));
  check(at->status(), "read");
  return found;
}

std::uint64_t BlockStore::size_bytes() const {
  std::uint64_t total = 0;
  for (const std::string& property :
       {DB::Properties::kTotalSstFilesSize, DB::Properties::kSizeAllMemTables}) {
    std::uint64_t part = 0;
    if (db_->GetAggregatedIntProperty(property, &part)) total += part;
  }
  return total;
}

std::uint64_t BlockStore::bytes_from(StreamOffset first) const {
  const Bytes begin = block_key(first);
  const Bytes end = block_key(UINT64_MAX);
  const rocksdb::Range range(slice(begin), slice(end));
  rocksdb::SizeApproximationOptions what;
  what.include_memtables = true;
  std::uint64_t bytes = 0;
  check(db_->GetApproximateSizes(what, blocks_, &range, 1, &bytes), "measure");
  return bytes;
}

void BlockStore::put_state(rocksdb::WriteBatch& batch, const StreamState& state) const {
  Bytes value;
  put_fixed(value, state.last);
  put_fixed(value, state.append_micros);
  value.append(state.source_state);
  check(batch.Put(meta_, slice(kState), value), "write");
}

void BlockStore::put_part(rocksdb::WriteBatch& batch, std::string_view key,
                          std::string_view content) const {
  const Bytes name = Bytes(kPart).append(key);
  check(content.empty() ? batch.Delete(meta_, name) : batch.Put(meta_, name, slice(content)),
        "write");
}

void BlockStore::put_schema(rocksdb::WriteBatch& batch, std::uint64_t fingerprint,
                            const TableSchema& schema) const {
  Bytes key;
  put_be(key, fingerprint, sizeof(fingerprint));
  Bytes value;
  freshet::put_schema(value, schema);
  check(batch.Put(schemas_, key, value), "write");
}

void BlockStore::put_block(rocksdb::WriteBatch& batch, StreamOffset first,
                           std::string_view value) const {
  check(batch.Put(blocks_, block_key(first), slice(value)), "write");
}

void BlockStore::write(rocksdb::WriteBatch& batch) {
  check(db_->Write(rocksdb::WriteOptions(), &batch), "write");
}

void BlockStore::sync() { check(db_->FlushWAL(true), "sync"); }

void BlockStore::drop_before(StreamOffset first) {
  const Bytes begin = block_key(0);
  const Bytes end = block_key(first);
  Bytes value;
  put_fixed(value, first);
  rocksdb::WriteBatch batch;
  check(batch.Put(meta_, slice(kFirst), value), "trim");
  check(batch.DeleteRange(blocks_, slice(begin), slice(end)), "trim");
  write(batch);
  // Files go at once, so the line that says "gone" has to be durable before them.
  sync();
  const Slice from = slice(begin);
  const Slice to = slice(end);
  check(rocksdb::DeleteFilesInRange(db_.get(), blocks_, &from, &to, false), "trim");
}

void BlockStore::rewrite_before(StreamOffset first) {
  check(db_->Flush(rocksdb::FlushOptions(), {meta_, blocks_, schemas_}), "trim");
  rocksdb::CompactRangeOptions how;
  how.exclusive_manual_compaction = false;
  how.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  const Bytes end = block_key(first);
  const Slice to = slice(end);
  check(db_->CompactRange(how, blocks_, nullptr, &to), "trim");
}

void BlockStore::catch_up() { check(db_->TryCatchUpWithPrimary(), "follow"); }

}  // namespace freshet
