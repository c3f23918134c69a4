#include "lake/key_index.h"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <numeric>
#include <tuple>

#include "base/error.h"
#include "base/file.h"

namespace freshet {

namespace {

constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kPlaceBytes = 8;
constexpr std::size_t kPrefixBytes = 4 + 1 + kIdBytes;  // table, kind, RowId: what the filters hold
constexpr std::size_t kCacheBytes = 32 << 20;
constexpr int kCacheShardBits = 2;               // few threads share it
constexpr std::size_t kMemtableBytes = 8 << 20;  // most rows come in files
constexpr int kFilterBits = 10;
constexpr std::size_t kKindAt = 4;  // in a key
constexpr std::size_t kReadAhead = 2 << 20;
constexpr std::size_t kFileRows = 4096;  // from so many on, the rows of a step are a file
constexpr std::string_view kTableNames = "tables/";  // + name -> number u32
constexpr std::string_view kLastNumber = "tables";

void check(const rocksdb::Status& status, std::string_view what) {
  if (status.ok()) return;
  const ErrorKind kind = status.IsCorruption() ? ErrorKind::corrupt : ErrorKind::unavailable;
  fail(kind, "{}: {}", what, status.ToString());
}

rocksdb::Options store_options() {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(kCacheBytes, kCacheShardBits);
  table.cache_index_and_filter_blocks = true;
  // In parts of a few kilobytes: the whole filter of a file of millions of rows has no room in the
  // cache, and would be read for every few thousand look-ups.
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kFilterBits));
  table.whole_key_filtering = false;  // a keyed row's key is all prefix
  // In one piece, those of a file of some hundred thousand rows are larger than what a shard of the
  // cache takes, and every lookup would read them anew.
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  table.format_version = 5;
  rocksdb::Options options;
  options.create_if_missing = true;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(kPrefixBytes));
  options.memtable_prefix_bloom_size_ratio = 0.1;
  options.write_buffer_size = kMemtableBytes;
  options.compression = rocksdb::kNoCompression;  // hashes
  options.max_background_jobs = 2;
  options.level0_file_num_compaction_trigger = 8;  // files of steps are small
  options.keep_log_file_num = 2;
  options.max_open_files = 256;
  return options;
}

Bytes place_bytes(RowPlace place) {
  Bytes out;
  put_be(out, place.file, 4);
  put_be(out, place.row, 4);
  return out;
}

RowPlace place_of(std::string_view bytes) {
  ByteReader in(bytes);
  const auto file = static_cast<std::uint32_t>(in.be(4));
  return {file, static_cast<std::uint32_t>(in.be(4))};
}

// What is staged of a row: whether it is there, then its value in a commit.
Bytes staged_value(bool there, std::string_view value) {
  Bytes out;
  put_u8(out, there ? 1 : 0);
  out += value;
  return out;
}

struct StagedRow {
  bool there;
  std::string_view value;
};

StagedRow staged_row(std::string_view bytes) {
  ByteReader in(bytes);
  const bool there = in.u8() != 0;
  return {there, in.rest()};
}

std::string_view view(const rocksdb::Slice& bytes) { return {bytes.data(), bytes.size()}; }

rocksdb::ReadOptions ordered() {
  rocksdb::ReadOptions options;
  options.total_order_seek = true;
  return options;
}

}  // namespace

KeyStore::KeyStore(const std::filesystem::path& directory) : steps_(directory / "steps") {
  make_directories(steps_);
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(store_options(), directory.string(), &db);
  if (status.IsIOError() && status.ToString().find("lock") != std::string::npos)
    fail(ErrorKind::unavailable, "{} is in use by another process: stop it first",
         directory.string());
  check(status, "the key index in " + directory.string() + " does not open");
  db_.reset(db);
}

KeyStore::~KeyStore() = default;

std::uint32_t KeyStore::number_of(std::string_view table) {
  const std::string name = std::string(kTableNames) + std::string(table);
  std::string found;
  rocksdb::Status status = db_->Get({}, name, &found);
  if (status.ok()) return static_cast<std::uint32_t>(ByteReader(found).be(4));
  if (!status.IsNotFound()) check(status, "the key index cannot be read");
  status = db_->Get({}, std::string(kLastNumber), &found);
  const std::uint64_t number = status.ok() ? ByteReader(found).be(4) + 1 : 1;
  Bytes encoded;
  put_be(encoded, number, 4);
  rocksdb::WriteBatch batch;
  batch.Put(name, encoded);
  batch.Put(std::string(kLastNumber), encoded);
  rocksdb::WriteOptions options;
  options.sync = true;
  check(db_->Write(options, &batch), "the key index cannot be written");
  return static_cast<std::uint32_t>(number);
}

KeyIndex::KeyIndex(KeyStore& store, std::string_view table, bool keyed)
    : db_(&store.db()),
      steps_(store.steps()),
      table_(table),
      number_(store.number_of(table)),
      keyed_(keyed) {
  load();
  // What follows is of a process that ended before its commit.
  const auto pending = pending_commit();
  if (!pending && has_staged_rows()) erase_staged();
  drop_step_files(pending.value_or(""));
}

Bytes KeyIndex::key_of(char kind, std::string_view rest) const {
  Bytes key;
  put_be(key, number_, 4);
  key.push_back(kind);
  key.append(rest);
  return key;
}

Bytes KeyIndex::row_key(const RowId& id, char kind) const {
  Bytes key;
  key.reserve(kPrefixBytes + kPlaceBytes);
  put_be(key, number_, 4);
  key.push_back(kind);
  put_be(key, id.high, 8);
  put_be(key, id.low, 8);
  return key;
}

void KeyIndex::load() {
  commit_id_.clear();
  key_columns_.clear();
  files_.clear();
  next_file_ = 1;
  parts_ = 0;
  std::string meta;
  const rocksdb::Status status = db_->Get({}, key_of('m'), &meta);
  if (status.ok()) {
    ByteReader in(meta);
    commit_id_ = in.text();
    key_columns_ = in.text();
    next_file_ = static_cast<std::uint32_t>(in.varint());
  } else if (!status.IsNotFound()) {
    check(status, "the key index of " + table_ + " cannot be read");
  }
  const Bytes prefix = key_of('f');
  const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(ordered()));
  const Bytes parts = key_of('q');
  for (at->Seek(parts); at->Valid() && at->key().starts_with(parts); at->Next()) ++parts_;
  for (at->Seek(prefix); at->Valid() && at->key().starts_with(prefix); at->Next()) {
    ByteReader in(std::string_view(at->key().data(), at->key().size()).substr(prefix.size()));
    files_.emplace(static_cast<std::uint32_t>(in.be(4)), at->value().ToString());
  }
  check(at->status(), "the key index of " + table_ + " cannot be read");
}

// What is staged of a row is younger than the last commit.
std::vector<std::optional<RowPlace>> KeyIndex::find(std::span<const RowId> ids) const {
  std::vector<std::optional<RowPlace>> places(ids.size());
  // In key order, neighbours share blocks and RocksDB's batch need not sort.
  std::vector<std::uint32_t> wanted(ids.size());
  std::iota(wanted.begin(), wanted.end(), 0);
  std::ranges::sort(wanted, {}, [&](std::uint32_t i) { return ids[i]; });
  if (staged()) {
    std::vector<std::uint32_t> others;
    look_up('s', ids, wanted, [&](std::uint32_t i, std::optional<std::string_view> value) {
      if (!value) return others.push_back(i);
      if (const StagedRow row = staged_row(*value); row.there) places[i] = place_of(row.value);
    });
    wanted = std::move(others);
  }
  if (!files_.empty())
    look_up('r', ids, wanted, [&](std::uint32_t i, std::optional<std::string_view> value) {
      if (value) places[i] = place_of(*value);
    });
  return places;
}

// Calls found(i, value) for each of these ids, which are in order.
template <typename Found>
void KeyIndex::look_up(char kind, std::span<const RowId> ids, std::span<const std::uint32_t> wanted,
                       Found found) const {
  Bytes arena;
  arena.reserve(wanted.size() * kPrefixBytes);
  std::vector<rocksdb::Slice> keys;
  keys.reserve(wanted.size());
  for (const std::uint32_t i : wanted) {
    const std::size_t begin = arena.size();
    put_be(arena, number_, 4);
    arena.push_back(kind);
    put_be(arena, ids[i].high, 8);
    put_be(arena, ids[i].low, 8);
    keys.emplace_back(arena.data() + begin, kPrefixBytes);
  }
  std::vector<rocksdb::PinnableSlice> values(wanted.size());
  std::vector<rocksdb::Status> statuses(wanted.size());
  db_->MultiGet({}, db_->DefaultColumnFamily(), keys.size(), keys.data(), values.data(),
                statuses.data(), true);
  for (std::size_t n = 0; n < wanted.size(); ++n) {
    if (!statuses[n].IsNotFound())
      check(statuses[n], "the key index of " + table_ + " cannot be read");
    found(wanted[n], statuses[n].ok() ? std::optional(view(values[n])) : std::nullopt);
  }
}

// Staged files have the higher numbers.
std::optional<RowPlace> KeyIndex::next_place(const RowId& id, std::optional<RowPlace> after) const {
  const auto place = next_place('r', id, after);
  return place || !staged() ? place : next_place('s', id, after);
}

std::optional<RowPlace> KeyIndex::next_place(char kind, const RowId& id,
                                             std::optional<RowPlace> after) const {
  const Bytes prefix = row_key(id, kind);
  const Bytes end = prefix + Bytes(kPlaceBytes + 1, '\xff');  // after every place
  const rocksdb::Slice bound(end);
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &bound;
  const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(options));
  if (after) {
    const Bytes last = prefix + place_bytes(*after);
    at->Seek(last);
    if (at->Valid() && at->key() == rocksdb::Slice(last)) at->Next();
  } else {
    at->Seek(prefix);
  }
  while (kind == 's' && at->Valid() && !staged_row(view(at->value())).there) at->Next();
  check(at->status(), "the key index of " + table_ + " cannot be read");
  if (!at->Valid() || !at->key().starts_with(prefix)) return std::nullopt;
  return place_of(std::string_view(at->key().data(), at->key().size()).substr(prefix.size()));
}

// RocksDB takes sorted keys in half the time, and a sorted file demands them. Ids are hashes: their
// first half decides nearly always.
void KeyIndex::Delta::sort_rows() {
  std::ranges::sort(rows_, [](const Row& a, const Row& b) {
    if (a.id.high != b.id.high) return a.id.high < b.id.high;
    return std::tie(a.id.low, a.place) < std::tie(b.id.low, b.place);
  });
}

void KeyIndex::Delta::remove(const RowId& id, RowPlace place) {
  rows_.push_back({id, place, false});
}

void KeyIndex::Delta::put(const RowId& id, RowPlace place) { rows_.push_back({id, place, true}); }

void KeyIndex::Delta::add_file(std::uint32_t number, std::string_view path) {
  Bytes rest;
  put_be(rest, number, 4);
  batch_.Put(index_.key_of('f', rest), rocksdb::Slice(path.data(), path.size()));
  last_file_ = std::max(last_file_.value_or(0), number);
}

void KeyIndex::erase_rows_and_files() const {
  rocksdb::WriteBatch batch;
  for (const char kind : {'r', 'f'})
    batch.DeleteRange(key_of(kind), key_of(static_cast<char>(kind + 1)));
  write(batch, false);
}

void KeyIndex::put_meta(rocksdb::WriteBatch& batch, std::string_view commit_id,
                        std::string_view key_columns, std::uint32_t next_file) const {
  Bytes meta;
  put_text(meta, commit_id);
  put_text(meta, key_columns);
  put_varint(meta, next_file);
  batch.Put(key_of('m'), meta);
}

void KeyIndex::write(rocksdb::WriteBatch& batch, bool sync) const {
  rocksdb::WriteOptions options;
  options.sync = sync;
  options.memtable_insert_hint_per_batch = true;  // steps come in key order
  check(db_->Write(options, &batch), "the key index of " + table_ + " cannot be written");
}

namespace {

// The removal of everything goes first, so it is kept as a mark, not as part of the batch.
void put_part(Bytes& out, bool all_removed, const rocksdb::WriteBatch& batch) {
  put_u8(out, all_removed ? 1 : 0);
  out += batch.Data();
}

struct Part {
  bool all_removed;
  std::string_view batch;
};

Part part_of(std::string_view bytes) {
  ByteReader in(bytes);
  const bool all_removed = in.u8() != 0;
  return {all_removed, in.rest()};
}

}  // namespace

Bytes KeyIndex::key_of(const Delta::Row& row, char kind) const {
  Bytes key = row_key(row.id, kind);
  if (!keyed_) key += place_bytes(row.place);
  return key;
}

Bytes KeyIndex::value_of(const Delta::Row& row) const {
  return keyed_ && row.there ? place_bytes(row.place) : Bytes();
}

void KeyIndex::put_rows(rocksdb::WriteBatch& batch, std::span<const Delta::Row> rows) const {
  for (const Delta::Row& row : rows) {
    if (row.there)
      batch.Put(key_of(row), value_of(row));
    else
      batch.Delete(key_of(row));
  }
}

void KeyIndex::put_staged_rows(rocksdb::WriteBatch& batch, std::span<const Delta::Row> rows) const {
  for (const Delta::Row& row : rows)
    batch.Put(key_of(row, 's'), staged_value(row.there, value_of(row)));
}

std::filesystem::path KeyIndex::step_file(std::string_view commit_id) const {
  return steps_ / fmt::format("{}-{}.sst", number_, commit_id);
}

// A file of sorted rows on its way into the database.
class KeyIndex::StepFile {
 public:
  StepFile(const KeyIndex& index, std::filesystem::path path)
      : path_(std::move(path)),
        steps_(index.steps_),
        writer_(rocksdb::EnvOptions(), index.db_->GetOptions()) {
    done(writer_.Open(path_.string()));
  }
  void put(std::string_view key, std::string_view value) { done(writer_.Put(key, value)); }
  void remove(std::string_view key) { done(writer_.Delete(key)); }
  void finish() {
    done(writer_.Finish());
    sync_directory(steps_);
  }

 private:
  void done(const rocksdb::Status& status) const { check(status, path_.string()); }

  std::filesystem::path path_;
  std::filesystem::path steps_;
  rocksdb::SstFileWriter writer_;
};

void KeyIndex::write_step_file(const std::filesystem::path& path,
                               std::span<const Delta::Row> rows) const {
  StepFile file(*this, path);
  for (const Delta::Row& row : rows) {
    if (row.there)
      file.put(key_of(row), value_of(row));
    else
      file.remove(key_of(row));
  }
  file.finish();
}

void KeyIndex::drop_step_files(std::string_view but_of) const {
  const std::filesystem::path kept = step_file(but_of);
  const std::string ours = fmt::format("{}-", number_);
  for (const auto& entry : std::filesystem::directory_iterator(steps_)) {
    const bool is_ours = entry.path().filename().string().starts_with(ours);
    if (is_ours && entry.path() != kept) std::filesystem::remove(entry.path());
  }
}

// Not synced: store_pending() syncs all that was written before it, too.
void KeyIndex::stage(Delta delta) {
  delta.sort_rows();
  rocksdb::WriteBatch batch;
  if (delta.rows_.size() >= kFileRows)
    ingest_staged(delta.rows_);
  else
    put_staged_rows(batch, delta.rows_);
  Bytes number, part;
  put_be(number, parts_, 4);
  put_part(part, delta.all_removed_, delta.batch_);
  batch.Put(key_of('q', number), part);
  write(batch, false);
  ++parts_;
  if (delta.last_file_) next_file_ = *delta.last_file_ + 1;
}

void KeyIndex::ingest_staged(std::span<const Delta::Row> rows) const {
  const std::filesystem::path path = step_file("staged");
  StepFile file(*this, path);
  for (const Delta::Row& row : rows)
    file.put(key_of(row, 's'), staged_value(row.there, value_of(row)));
  file.finish();
  ingest(path);
}

bool KeyIndex::has_staged_rows() const {
  const Bytes prefix = key_of('s');
  const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(ordered()));
  at->Seek(prefix);
  check(at->status(), "the key index of " + table_ + " cannot be read");
  return staged() || (at->Valid() && at->key().starts_with(prefix));
}

void KeyIndex::drop_staged() {
  if (staged()) erase_staged();
}

// Their files go as they are; synced before, so that no step is left that wants them.
void KeyIndex::erase_staged() {
  rocksdb::WriteBatch batch;
  batch.DeleteRange(key_of('q'), key_of('r'));
  batch.DeleteRange(key_of('s'), key_of('t'));
  write(batch, true);
  const Bytes begin = key_of('s'), end = key_of('t');
  const rocksdb::Slice from(begin), to(end);
  check(rocksdb::DeleteFilesInRange(db_, db_->DefaultColumnFamily(), &from, &to, false),
        "the key index of " + table_ + " cannot be written");
  parts_ = 0;
}

// After staged parts the last one is staged, too: all their rows are one step then.
void KeyIndex::store_pending(std::string_view commit_id, Delta delta) {
  if (!staged()) return put_pending(commit_id, std::move(delta));
  Delta rest = this->delta();
  rest.set_key_columns(delta.key_columns_);
  stage(std::move(delta));
  put_pending(commit_id, std::move(rest));
}

void KeyIndex::put_pending(std::string_view commit_id, Delta delta) {
  const std::uint32_t next = delta.last_file_ ? *delta.last_file_ + 1 : next_file_;
  const bool in_file = delta.rows_.size() >= kFileRows;
  delta.sort_rows();
  if (in_file)
    write_step_file(step_file(commit_id), delta.rows_);
  else
    put_rows(delta.batch_, delta.rows_);
  put_meta(delta.batch_, commit_id, delta.key_columns_, next);
  delta.batch_.Delete(key_of('p'));
  Bytes pending;
  put_text(pending, commit_id);
  put_u8(pending, in_file ? 1 : 0);
  put_part(pending, delta.all_removed_, delta.batch_);
  rocksdb::WriteBatch batch;
  batch.Put(key_of('p'), pending);
  write(batch, true);
}

std::optional<std::string> KeyIndex::pending_commit() const {
  std::string pending;
  const rocksdb::Status status = db_->Get({}, key_of('p'), &pending);
  if (status.IsNotFound()) return std::nullopt;
  check(status, "the key index of " + table_ + " cannot be read");
  return std::string(ByteReader(pending).text());
}

// Needs no sync at its end: until this is durable the pending step is, and will be applied again. A
// file that is no longer there has entered the database, and so has all that goes before it.
void KeyIndex::apply_pending() {
  std::string pending;
  check(db_->Get({}, key_of('p'), &pending), "the key index of " + table_ + " has no pending step");
  ByteReader in(pending);
  const std::filesystem::path file = step_file(in.text());
  const bool in_file = in.u8() != 0;
  const Part last = part_of(in.rest());
  if (staged()) {
    apply_staged(file);
  } else if (!in_file || std::filesystem::exists(file)) {
    if (last.all_removed) erase_rows_and_files();
    if (in_file) ingest(file);
  }
  rocksdb::WriteBatch batch{std::string(last.batch)};
  write(batch, false);
  drop_staged();
  load();
}

// May be done again: nothing of what is staged is gone before the step has been done.
void KeyIndex::apply_staged(const std::filesystem::path& file) {
  const Bytes parts = key_of('q');
  const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(ordered()));
  for (at->Seek(parts); at->Valid() && at->key().starts_with(parts); at->Next()) {
    const Part part = part_of(view(at->value()));
    if (part.all_removed) erase_rows_and_files();
    rocksdb::WriteBatch batch{std::string(part.batch)};
    write(batch, false);
  }
  check(at->status(), "the key index of " + table_ + " cannot be read");
  if (write_staged_rows(file)) ingest(file);
}

// The staged rows as those of a commit. False, and no file, if there are none.
bool KeyIndex::write_staged_rows(const std::filesystem::path& path) const {
  const Bytes prefix = key_of('s');
  rocksdb::ReadOptions once = ordered();
  once.fill_cache = false;
  once.readahead_size = kReadAhead;
  const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(once));
  std::optional<StepFile> file;
  Bytes key;
  for (at->Seek(prefix); at->Valid() && at->key().starts_with(prefix); at->Next()) {
    if (!file) file.emplace(*this, path);
    key.assign(view(at->key()));
    key[kKindAt] = 'r';
    const StagedRow row = staged_row(view(at->value()));
    if (row.there)
      file->put(key, row.value);
    else
      file->remove(key);
  }
  check(at->status(), "the key index of " + table_ + " cannot be read");
  if (file) file->finish();
  return file.has_value();
}

void KeyIndex::ingest(const std::filesystem::path& file) const {
  const std::string what = "the key index of " + table_ + " cannot be written";
  check(db_->SyncWAL(), what);
  rocksdb::IngestExternalFileOptions options;
  options.move_files = true;
  options.write_global_seqno = false;
  check(db_->IngestExternalFile({file.string()}, options), what);
}

void KeyIndex::drop_pending() {
  rocksdb::WriteBatch batch;
  batch.Delete(key_of('p'));
  write(batch, true);
  drop_staged();
  drop_step_files({});
}

void KeyIndex::reset() {
  erase_rows_and_files();
  rocksdb::WriteBatch batch;
  batch.Delete(key_of('p'));
  batch.Delete(key_of('m'));
  write(batch, true);
  drop_staged();
  load();
}

}  // namespace freshet
