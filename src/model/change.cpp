#include "model/change.h"

#include <limits>
#include <utility>

namespace freshet {

namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kTransaction = 0x01;
constexpr std::uint8_t kEnd = 0x02;
constexpr std::uint8_t kChange = 0x10;
constexpr std::size_t kLengthSize = sizeof(std::uint32_t);

[[noreturn]] void refuse_image(std::size_t size) {
  fail(ErrorKind::unsupported, "a row image of {} bytes is over the 4 GiB that a block can hold",
       size);
}

void patch_length(Bytes& out, std::size_t at, std::size_t length) {
  if (length > std::numeric_limits<std::uint32_t>::max()) refuse_image(length);
  const auto word = static_cast<std::uint32_t>(length);
  std::memcpy(out.data() + at, &word, kLengthSize);
}

// For a commit mark of a transaction none of whose rows were seen since the start.
SchemaPtr nameless_schema() {
  static const SchemaPtr schema = std::make_shared<const TableSchema>();
  return schema;
}

Transaction read_transaction(ByteReader& in) {
  Transaction transaction;
  transaction.gtid = in.text();
  transaction.file = in.text();
  transaction.offset = in.varint();
  transaction.commit_micros = in.zigzag();
  transaction.number = in.varint();
  return transaction;
}

bool is_op(std::uint8_t value) noexcept {
  return value >= static_cast<std::uint8_t>(Op::load) &&
         value <= static_cast<std::uint8_t>(Op::rename);
}

}  // namespace

std::string_view name_of(Op op) noexcept {
  switch (op) {
    case Op::load: return "load";
    case Op::insert: return "insert";
    case Op::update: return "update";
    case Op::remove: return "delete";
    case Op::truncate: return "truncate";
    case Op::schema: return "schema";
    case Op::snapshot_begin: return "snapshot-begin";
    case Op::snapshot_end: return "snapshot-end";
    case Op::commit: return "commit";
    case Op::snapshot_due: return "snapshot-due";
    case Op::create: return "create";
    case Op::alter: return "alter";
    case Op::rename_columns: return "rename-columns";
    case Op::drop: return "drop";
    case Op::rename: return "rename";
  }
  return "unknown";
}

void ChangeBatch::begin_transaction(const Transaction& transaction, std::uint64_t rows_before) {
  if (in_transaction_) fail(ErrorKind::internal, "a transaction begins within a transaction");
  transaction_ = transaction;
  transaction_rows_ = rows_before;
  in_transaction_ = true;
  continued_ = rows_before > 0;
  put_transaction();
}

void ChangeBatch::put_transaction() {
  put_u8(body_, kTransaction);
  put_text(body_, transaction_.gtid);
  put_text(body_, transaction_.file);
  put_varint(body_, transaction_.offset);
  put_zigzag(body_, transaction_.commit_micros);
  put_varint(body_, transaction_.number);
  put_varint(body_, transaction_rows_);
}

void ChangeBatch::end_transaction() {
  if (!in_transaction_) fail(ErrorKind::internal, "a transaction ends that has not begun");
  if (continued_) add_mark(Op::commit, last_schema_ ? last_schema_ : nameless_schema());
  put_u8(body_, kEnd);
  in_transaction_ = false;
}

std::uint32_t ChangeBatch::slot_of(const SchemaPtr& schema) {
  if (last_slot_ < schemas_.size() && schemas_[last_slot_] == schema) return last_slot_;
  for (last_slot_ = 0; last_slot_ < schemas_.size(); ++last_slot_)
    if (schemas_[last_slot_] == schema) return last_slot_;
  schemas_.push_back(schema);
  last_schema_ = schema;
  return last_slot_;
}

void ChangeBatch::add_row(Op op, const SchemaPtr& schema, std::string_view before,
                          std::string_view after) {
  open_row(op, schema);
  body_.append(before);
  next_image();
  body_.append(after);
  close_row();
}

void ChangeBatch::add_mark(Op op, const SchemaPtr& schema, const SchemaPtr& other) {
  if (!in_transaction_) fail(ErrorKind::internal, "a mark stands outside a transaction");
  if (has_other(op) != (other != nullptr))
    fail(ErrorKind::internal, "a mark {} has one schema too many or too few", name_of(op));
  put_u8(body_, static_cast<std::uint8_t>(kChange + static_cast<std::uint8_t>(op)));
  put_varint(body_, slot_of(schema));
  if (other) put_varint(body_, slot_of(other));
  ++changes_;
  continued_ = false;
}

void ChangeBatch::open_row(Op op, const SchemaPtr& schema) {
  if (!in_transaction_) fail(ErrorKind::internal, "a row stands outside a transaction");
  row_start_ = body_.size();
  put_u8(body_, static_cast<std::uint8_t>(kChange + static_cast<std::uint8_t>(op)));
  put_varint(body_, slot_of(schema));
  body_.append(kLengthSize, '\0');
  image_start_ = body_.size();
}

void ChangeBatch::next_image() {
  patch_length(body_, image_start_ - kLengthSize, body_.size() - image_start_);
  body_.append(kLengthSize, '\0');
  image_start_ = body_.size();
}

void ChangeBatch::close_row() {
  patch_length(body_, image_start_ - kLengthSize, body_.size() - image_start_);
  count_rows(1);
}

void ChangeBatch::count_rows(std::size_t rows) noexcept {
  rows_ += rows;
  changes_ += rows;
  transaction_rows_ += rows;
  if (rows > 0) continued_ = false;
}

void ChangeBatch::abandon_row() noexcept { body_.resize(row_start_); }

void ChangeBatch::rewrite_rows(RowFilter& filter) {
  const Bytes before = std::exchange(body_, {});
  const std::vector<SchemaPtr> schemas = std::exchange(schemas_, {});
  ByteReader in(before);
  while (!in.empty()) {
    const std::size_t start = in.offset();
    const std::uint8_t tag = in.u8();
    if (tag == kTransaction) {
      (void)read_transaction(in);
      (void)in.varint();
    }
    if (tag < kChange) {
      body_.append(before, start, in.offset() - start);
      continue;
    }
    const SchemaPtr& schema = schemas.at(in.varint());
    put_u8(body_, tag);
    put_varint(body_, slot_of(filter.schema(schema)));
    const auto op = static_cast<Op>(tag - kChange);
    if (has_other(op)) put_varint(body_, slot_of(filter.schema(schemas.at(in.varint()))));
    if (!is_row(op)) continue;
    rewrite_image(schema, in.take(in.fixed<std::uint32_t>()), filter);
    rewrite_image(schema, in.take(in.fixed<std::uint32_t>()), filter);
  }
}

void ChangeBatch::rewrite_image(const SchemaPtr& schema, std::string_view image,
                                RowFilter& filter) {
  body_.append(kLengthSize, '\0');
  const std::size_t start = body_.size();
  if (!image.empty()) filter.append(schema, image, body_);
  patch_length(body_, start - kLengthSize, body_.size() - start);
}

Bytes ChangeBatch::encode() const {
  Bytes block = encode_head();
  block.reserve(block.size() + body_.size());
  block.append(body_);
  return block;
}

Bytes ChangeBatch::encode_head() const {
  Bytes head;
  put_u8(head, kVersion);
  put_varint(head, schemas_.size());
  for (const SchemaPtr& schema : schemas_) put_fixed(head, schema->fingerprint());
  return head;
}

ChangeBatch ChangeBatch::decode(std::string_view block, const SchemaByFingerprint& lookup) {
  ChangeBatch batch;
  ChangeCursor cursor(block, lookup);
  batch.schemas_ = cursor.schemas();
  batch.body_ = block.substr(cursor.offset());
  while (const auto change = cursor.next()) {
    ++batch.changes_;
    if (is_row(change->op)) ++batch.rows_;
  }
  if (cursor.in_transaction())
    fail(ErrorKind::corrupt, "a block of changes ends within a transaction");
  return batch;
}

ChangeBatch ChangeBatch::take(Bytes memory) {
  ChangeBatch taken;
  taken.body_ = std::exchange(body_, std::move(memory));
  taken.schemas_ = schemas_;
  taken.rows_ = rows_;
  taken.changes_ = changes_;
  clear();
  return taken;
}

void ChangeBatch::clear() {
  body_.clear();
  schemas_.clear();
  rows_ = 0;
  changes_ = 0;
  continued_ = in_transaction_;
  if (in_transaction_) put_transaction();
}

RowWriter::RowWriter(ChangeBatch& batch, Op op, const SchemaPtr& schema)
    : batch_(batch), cells_(batch.body_), end_(cells_.offset()) {
  if (!batch.in_transaction()) fail(ErrorKind::internal, "rows stand outside a transaction");
  put_u8(head_, static_cast<std::uint8_t>(kChange + static_cast<std::uint8_t>(op)));
  put_varint(head_, batch.slot_of(schema));
  head_.append(kLengthSize, '\0');
}

RowWriter::~RowWriter() {
  cells_.cut(end_);
  batch_.count_rows(rows_);
}

void RowWriter::refuse(std::size_t size) { refuse_image(size); }

ChangeCursor::ChangeCursor(std::string_view block, const SchemaByFingerprint& lookup) : in_(block) {
  const std::uint8_t version = in_.u8();
  if (version != kVersion)
    fail(ErrorKind::corrupt, "a block of changes has version {}, this program reads {}", version,
         kVersion);
  for (std::uint64_t n = in_.varint(); n > 0; --n)
    schemas_.push_back(lookup(in_.fixed<std::uint64_t>()));
}

std::optional<Change> ChangeCursor::next() {
  while (!in_.empty()) {
    const std::uint8_t tag = in_.u8();
    if (tag == kTransaction) {
      read_transaction();
      continue;
    }
    if (tag == kEnd) {
      in_transaction_ = false;
      continue;
    }
    return read_change(tag);
  }
  return std::nullopt;
}

void ChangeCursor::read_transaction() {
  transaction_ = freshet::read_transaction(in_);
  ordinal_ = in_.varint();
  in_transaction_ = true;
}

SchemaPtr ChangeCursor::read_schema() {
  const std::uint64_t slot = in_.varint();
  if (slot >= schemas_.size())
    fail(ErrorKind::corrupt, "a block of changes names schema {} of {}", slot, schemas_.size());
  return schemas_[slot];
}

Change ChangeCursor::read_change(std::uint8_t tag) {
  if (tag < kChange || !is_op(tag - kChange) || !in_transaction_)
    fail(ErrorKind::corrupt, "a block of changes has tag {:#x} at byte {}", tag, in_.offset() - 1);
  Change change;
  change.op = static_cast<Op>(tag - kChange);
  change.schema = read_schema();
  if (has_other(change.op)) change.other = read_schema();
  change.transaction = &transaction_;
  if (is_row(change.op)) {
    change.before = in_.take(in_.fixed<std::uint32_t>());
    change.after = in_.take(in_.fixed<std::uint32_t>());
    change.ordinal = ++ordinal_;
  }
  change.last_of_transaction = !in_.empty() && in_.peek() == kEnd;
  return change;
}

}  // namespace freshet
