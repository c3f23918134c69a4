#pragma once

#include <rocksdb/write_batch.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "model/lake_schema.h"

namespace rocksdb {
class Cache;
class DB;
}  // namespace rocksdb

namespace freshet {

// Where a committed row lies.
struct RowPlace {
  std::uint32_t file = 0;  // number of the file in the index, not its place in a list
  std::uint32_t row = 0;   // position in it
  friend auto operator<=>(const RowPlace&, const RowPlace&) = default;
};

// The RocksDB of a state directory, shared by the key indexes of all tables. One process holds it.
class KeyStore {
 public:
  // Throws Error{unavailable} if another process holds it, Error{corrupt} on damage.
  explicit KeyStore(const std::filesystem::path& directory);
  ~KeyStore();
  [[nodiscard]] rocksdb::DB& db() const noexcept { return *db_; }
  // For sorted rows on their way into the database.
  [[nodiscard]] const std::filesystem::path& steps() const noexcept { return steps_; }
  // Number of a table, given once and for ever.
  [[nodiscard]] std::uint32_t number_of(std::string_view table);

 private:
  std::filesystem::path steps_;
  std::unique_ptr<rocksdb::DB> db_;
};

// For one table: which row of which file holds the row of a RowId. It belongs to exactly one
// commit of the Iceberg table, whose id (summary key freshet.commit-id) it keeps.
//
// Form, all numbers big-endian, all keys after the table's number u32:
//   'm' meta     -> text commit id, text key columns, varint next file number
//   'f' file u32 -> path
//   'p' pending  -> text commit id, u8 1 if its rows are in a file, part: the step to the next
//                   commit, or what follows its staged parts
//   'q' number u32 -> part: an earlier part of that step, but for its rows
//   's' as 'r'   -> u8 1 if the row is there, then as 'r': the last word of the earlier parts on it
// where part = u8 1 if all rows and files go first, WriteBatch
//
// The rows of a large step go into the database as a sorted file, steps/<table>-<commit id>.sst: a
// third of the work of as many single writes.
//   'r' RowId    -> file u32, row u32                      table with a key
//   'r' RowId, file u32, row u32 -> nothing                table without one (a multiset)
class KeyIndex {
 public:
  KeyIndex(KeyStore& store, std::string_view table, bool keyed);

  [[nodiscard]] const std::string& commit_id() const noexcept { return commit_id_; }  // "" = new
  [[nodiscard]] const std::string& key_columns() const noexcept { return key_columns_; }
  [[nodiscard]] const std::map<std::uint32_t, std::string>& files() const noexcept {
    return files_;
  }
  [[nodiscard]] std::uint32_t next_file() const noexcept { return next_file_; }

  // Tables with a key: one answer per id.
  [[nodiscard]] std::vector<std::optional<RowPlace>> find(std::span<const RowId> ids) const;
  // Tables without: the first place of the id that is greater than `after`.
  [[nodiscard]] std::optional<RowPlace> next_place(const RowId& id,
                                                   std::optional<RowPlace> after) const;

  // Whether rows have a key; changes only while there are no rows.
  void set_keyed(bool keyed) noexcept { keyed_ = keyed; }

  // The step from one commit to the next.
  class Delta {
   public:
    void remove_all() { all_removed_ = true; }  // before whatever else
    void remove(const RowId& id, RowPlace place);
    void put(const RowId& id, RowPlace place);
    void add_file(std::uint32_t number, std::string_view path);
    void set_key_columns(std::string_view names) { key_columns_ = names; }
    void reserve(std::size_t rows) { rows_.reserve(rows); }

   private:
    friend class KeyIndex;
    explicit Delta(const KeyIndex& index) : index_(index), key_columns_(index.key_columns_) {}
    struct Row {
      RowId id;
      RowPlace place;
      bool there;  // or removed
    };

    void sort_rows();

    const KeyIndex& index_;
    std::vector<Row> rows_;
    rocksdb::WriteBatch batch_;  // all else
    bool all_removed_ = false;
    std::string key_columns_;
    std::optional<std::uint32_t> last_file_;
  };
  [[nodiscard]] Delta delta() const { return Delta(*this); }

  // For a step that is too large for one Delta: keeps a part of it aside, on disk. Rows are found
  // from now on as it says. An id stands in a Delta once.
  void stage(Delta delta);
  // Forgets the parts that were staged.
  void drop_staged();
  [[nodiscard]] bool staged() const noexcept { return parts_ > 0; }
  // Keeps the step, or what follows its staged parts, durably, aside. It takes effect with
  // apply_pending().
  void store_pending(std::string_view commit_id, Delta delta);
  [[nodiscard]] std::optional<std::string> pending_commit() const;
  void apply_pending();
  void drop_pending();  // and what is staged
  // Forgets rows, files and commit.
  void reset();

 private:
  class StepFile;

  [[nodiscard]] Bytes key_of(char kind, std::string_view rest = {}) const;
  [[nodiscard]] Bytes row_key(const RowId& id, char kind = 'r') const;
  [[nodiscard]] Bytes key_of(const Delta::Row& row, char kind = 'r') const;
  [[nodiscard]] Bytes value_of(const Delta::Row& row) const;
  template <typename Found>
  void look_up(char kind, std::span<const RowId> ids, std::span<const std::uint32_t> wanted,
               Found found) const;
  [[nodiscard]] std::optional<RowPlace> next_place(char kind, const RowId& id,
                                                   std::optional<RowPlace> after) const;
  void put_rows(rocksdb::WriteBatch& batch, std::span<const Delta::Row> rows) const;
  void put_staged_rows(rocksdb::WriteBatch& batch, std::span<const Delta::Row> rows) const;
  void ingest_staged(std::span<const Delta::Row> rows) const;
  [[nodiscard]] bool has_staged_rows() const;
  void erase_staged();
  void put_pending(std::string_view commit_id, Delta delta);
  [[nodiscard]] std::filesystem::path step_file(std::string_view commit_id) const;
  void write_step_file(const std::filesystem::path& path, std::span<const Delta::Row> rows) const;
  void drop_step_files(std::string_view but_of) const;
  void apply_staged(const std::filesystem::path& file);
  [[nodiscard]] bool write_staged_rows(const std::filesystem::path& path) const;
  void ingest(const std::filesystem::path& file) const;
  void load();
  void put_meta(rocksdb::WriteBatch& batch, std::string_view commit_id,
                std::string_view key_columns, std::uint32_t next_file) const;
  void erase_rows_and_files() const;
  void write(rocksdb::WriteBatch& batch, bool sync) const;

  rocksdb::DB* db_;
  std::filesystem::path steps_;
  std::string table_;
  std::uint32_t number_;
  bool keyed_;
  std::string commit_id_;
  std::string key_columns_;
  std::map<std::uint32_t, std::string> files_;
  std::uint32_t next_file_ = 1;
  std::uint32_t parts_ = 0;  // staged
};

}  // namespace freshet
