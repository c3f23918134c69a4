#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "model/cell_writer.h"
#include "model/table_schema.h"
#include "model/value.h"

namespace freshet {

// What happened. Rows carry images; the others are marks that concern a whole table.
enum class Op : std::uint8_t {
  load = 1,      // a row as a snapshot found it: after image; replaces the row of the same key
  insert = 2,    // after image
  update = 3,    // before and after image
  remove = 4,    // before image (DELETE)
  truncate = 5,  // all rows of the table are gone
  schema = 6,    // the table's columns from here on are `schema`
  snapshot_begin =
      7,  // loads of the table follow; until snapshot_end a row may be changed before it is loaded
  snapshot_end = 8,
  commit = 9,  // ends a transaction whose rows all stand in earlier blocks; concerns no table
  snapshot_due = 10,  // the table has rows, or values, that no change told: until the next
                      // snapshot_begin a row may be changed that was never seen
  // Statements. Those of columns are of a kind with `schema`, the last two with `truncate`.
  create = 11,          // the table is made, with the columns `schema`
  alter = 12,           // its columns are `schema` from here on; they were `other`
  rename_columns = 13,  // the same, and only names differ, place by place
  drop = 14,            // the table is gone
  rename = 15,          // its rows belong to `other` from here on, whose name it was given
};

[[nodiscard]] std::string_view name_of(
    Op op) noexcept;  // "load", "insert", "update", "delete", ...
[[nodiscard]] constexpr bool is_row(Op op) noexcept { return op <= Op::remove; }
// Marks that leave the table without rows.
[[nodiscard]] constexpr bool empties(Op op) noexcept {
  return op == Op::truncate || op == Op::drop || op == Op::rename;
}
// Marks with a second schema.
[[nodiscard]] constexpr bool has_other(Op op) noexcept {
  return op == Op::alter || op == Op::rename_columns || op == Op::rename;
}

// The source transaction that changes belong to. Loads belong to a pseudo transaction that names
// the position of their read view.
struct Transaction {
  std::string gtid;          // "uuid:7" or "0-1-7"; empty without GTIDs
  std::string file;          // binlog file in which it begins
  std::uint64_t offset = 0;  // of its first event
  std::int64_t commit_micros =
      0;  // commit time, microseconds since the epoch; whole seconds on older servers
  std::uint64_t number = 0;  // the DMS transaction-id; rises within one server's log

  friend bool operator==(const Transaction&, const Transaction&) = default;
};

// One change as a reader sees it. A view into a block.
struct Change {
  Op op = Op::insert;
  const Transaction* transaction = nullptr;
  SchemaPtr schema;
  SchemaPtr other;            // has_other()
  std::uint64_t ordinal = 0;  // of the row within its transaction, from 1; 0 for marks
  bool last_of_transaction = false;
  std::string_view before;  // row image (value.h) or empty
  std::string_view after;
};

// Finds a schema by fingerprint; throws Error{corrupt} where it is unknown.
using SchemaByFingerprint = std::function<SchemaPtr(std::uint64_t)>;

// Changes rows that are in a batch.
class RowFilter {
 public:
  virtual ~RowFilter() = default;
  // The columns that changed images of these columns have; of those, themselves.
  virtual SchemaPtr schema(const SchemaPtr& schema) = 0;
  // Appends what stands for an image of these columns.
  virtual void append(const SchemaPtr& schema, std::string_view image, Bytes& out) = 0;
};

// An encoded run of changes: the unit that crosses threads and enters the stream, whole
// transactions or a marked part of one. The form (all integers varint unless said):
//
//   block       = version u8 (1), schema count, schema fingerprint u64 LE *, entry*
//   entry       = tag u8, body
//   tag 0x01    = a transaction: text gtid, text file, offset, zigzag commit_micros, number,
//                 rows before this block
//   tag 0x02    = its end (no body)
//   tag 0x10 + op = schema index; for marks that have one: the other schema's index;
//                 for rows: before length u32 LE (0 = none), before, after length u32 LE, after
//
// Images are self-describing (value.h), so a block needs its schemas for names only.
//
// Not thread-safe; owned by one thread at a time.
class ChangeBatch {
 public:
  // Opens a transaction; rows that follow are numbered from rows_before + 1.
  void begin_transaction(const Transaction& transaction, std::uint64_t rows_before = 0);
  // Adds an Op::commit mark if clear() took the transaction's changes so far away: its end must
  // not be lost with a batch that is empty otherwise.
  void end_transaction();

  // Appends a row whose images are already encoded. An image that the op does not have is empty.
  void add_row(Op op, const SchemaPtr& schema, std::string_view before, std::string_view after);
  // Appends a mark: whatever is_row() is false of. `other` where the op has one.
  void add_mark(Op op, const SchemaPtr& schema, const SchemaPtr& other = nullptr);

  // For decoders that write images in place, without a copy:
  //   open_row(op, schema); [encode before into out()]; next_image(); [encode after]; close_row();
  // An insert or load writes only after next_image(); a remove only before it.
  // abandon_row() takes an open row back.
  void open_row(Op op, const SchemaPtr& schema);
  void next_image();
  void close_row();
  void abandon_row() noexcept;
  [[nodiscard]] Bytes& out() noexcept { return body_; }

  // What it holds; itself is then as after clear(). `memory` is for what comes next.
  [[nodiscard]] ChangeBatch take(Bytes memory = {});
  // The memory that it has, for another batch.
  [[nodiscard]] Bytes release() && { return std::move(body_); }

  // Puts all changes through the filter; an open transaction stays open. No row may be open.
  void rewrite_rows(RowFilter& filter);

  [[nodiscard]] std::size_t rows() const noexcept { return rows_; }        // row changes
  [[nodiscard]] std::size_t changes() const noexcept { return changes_; }  // rows and marks
  [[nodiscard]] std::size_t bytes() const noexcept { return body_.size(); }
  [[nodiscard]] bool empty() const noexcept { return changes_ == 0; }
  [[nodiscard]] bool in_transaction() const noexcept { return in_transaction_; }
  [[nodiscard]] const std::vector<SchemaPtr>& schemas() const noexcept { return schemas_; }

  // The block: head and body.
  [[nodiscard]] Bytes encode() const;
  // The two by themselves, which spares a copy of the body.
  [[nodiscard]] Bytes encode_head() const;
  [[nodiscard]] std::string_view body() const noexcept { return body_; }
  // The inverse, for a block that holds whole transactions; checks it wholly. Throws
  // Error{corrupt}.
  [[nodiscard]] static ChangeBatch decode(std::string_view block,
                                          const SchemaByFingerprint& lookup);
  // Empties it for reuse, keeping its memory. An open transaction stays open: the next block
  // repeats it with the rows counted so far.
  void clear();

 private:
  friend class RowWriter;

  std::uint32_t slot_of(const SchemaPtr& schema);
  void count_rows(std::size_t rows) noexcept;
  void put_transaction();
  void rewrite_image(const SchemaPtr& schema, std::string_view image, RowFilter& filter);

  Bytes body_;
  std::vector<SchemaPtr> schemas_;
  SchemaPtr last_schema_;  // of the last change, kept over clear()
  Transaction transaction_;
  std::uint64_t transaction_rows_ = 0;
  std::size_t rows_ = 0;
  std::size_t changes_ = 0;
  std::size_t row_start_ = 0;
  std::size_t image_start_ = 0;
  std::uint32_t last_slot_ = 0;
  bool in_transaction_ = false;
  bool continued_ = false;  // the transaction has changes in earlier blocks and none in this one
};

// Writes rows of one kind into a batch, in place and one after the other:
//   begin_row(); [before image into cells()]; next_image(); [after image]; end_row();
// An insert or load has cells only after next_image(); a remove only before it. While a writer
// lives nothing else may touch the batch. A row without an end is taken back with the writer.
class RowWriter {
 public:
  RowWriter(ChangeBatch& batch, Op op, const SchemaPtr& schema);
  ~RowWriter();
  RowWriter(const RowWriter&) = delete;
  RowWriter& operator=(const RowWriter&) = delete;

  void begin_row() {
    cells_.put_raw(head_);
    image_ = cells_.offset();
  }
  void next_image() {
    end_image();
    cells_.put_raw({kNoLength, sizeof kNoLength});
    image_ = cells_.offset();
  }
  void end_row() {
    end_image();
    end_ = cells_.offset();
    ++rows_;
  }
  [[nodiscard]] CellWriter& cells() noexcept { return cells_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return cells_.offset(); }  // of the batch

 private:
  static constexpr char kNoLength[sizeof(std::uint32_t)] = {};

  void end_image() {
    const std::size_t size = cells_.offset() - image_;
    if (size > std::numeric_limits<std::uint32_t>::max()) [[unlikely]]
      refuse(size);
    cells_.patch(image_ - sizeof kNoLength, static_cast<std::uint32_t>(size));
  }
  [[noreturn]] static void refuse(std::size_t size);

  ChangeBatch& batch_;
  Bytes head_;  // of each row, with an open length
  CellWriter cells_;
  std::size_t end_;  // of the last whole row
  std::size_t image_ = 0;
  std::size_t rows_ = 0;
};

// Walks the changes of an encoded block front to back. The block must outlive the cursor and
// every Change it gave. Throws Error{corrupt} on a malformed block.
class ChangeCursor {
 public:
  ChangeCursor(std::string_view block, const SchemaByFingerprint& lookup);
  // The next change, or nothing at the end of the block.
  [[nodiscard]] std::optional<Change> next();
  // True after next() gave nothing, if the block's last transaction goes on in the next block.
  [[nodiscard]] bool in_transaction() const noexcept { return in_transaction_; }
  [[nodiscard]] const std::vector<SchemaPtr>& schemas() const noexcept { return schemas_; }
  [[nodiscard]] std::size_t offset() const noexcept { return in_.offset(); }  // bytes read so far

 private:
  void read_transaction();
  SchemaPtr read_schema();
  Change read_change(std::uint8_t tag);

  ByteReader in_;
  std::vector<SchemaPtr> schemas_;
  Transaction transaction_;
  std::uint64_t ordinal_ = 0;
  bool in_transaction_ = false;
};

}  // namespace freshet
