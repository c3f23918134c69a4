#include "source/row_stream.h"

#include <mysql.h>

#include <algorithm>
#include <memory>
#include <string>

#include "base/error.h"
#include "source/client_error.h"

namespace freshet {

namespace {

// mysql_net_read_packet() gives this 32-bit value widened, not ~0UL.
constexpr unsigned long kPacketError = 0xffffffff;
constexpr std::uint8_t kRowHeader = 0x00;
constexpr std::uint8_t kEndHeader = 0xfe;
constexpr std::size_t kNullBitmapOffset = 2;  // the bitmap's first two bits are reserved

struct CloseStatement {
  void operator()(MYSQL_STMT* statement) const noexcept { mysql_stmt_close(statement); }
};
using StatementPtr = std::unique_ptr<MYSQL_STMT, CloseStatement>;

[[noreturn]] void fail_statement(unsigned code, std::string_view message) {
  fail(is_broken_link(code) ? ErrorKind::unavailable : ErrorKind::failed,
       "reading rows: {} (error {})", one_line(message), code);
}

ValueKind kind_of(const Column& column) {
  using enum ColumnType;
  switch (column.type) {
    case tinyint:
    case smallint:
    case mediumint:
    case integer:
    case bigint: return column.is_unsigned ? ValueKind::uint64 : ValueKind::int64;
    case year: return ValueKind::int64;
    case bit: return ValueKind::uint64;
    case decimal: return ValueKind::decimal;
    case real32: return ValueKind::float32;
    case real64: return ValueKind::float64;
    case date: return ValueKind::date;
    case time: return ValueKind::time;
    case datetime: return ValueKind::datetime;
    case timestamp: return ValueKind::timestamp;
    case char_:
    case varchar:
    case tinytext:
    case text:
    case mediumtext:
    case longtext:
    case enumeration:
    case set:
    case uuid:
    case inet4:
    case inet6: return ValueKind::text;
    case binary:
    case varbinary:
    case tinyblob:
    case blob:
    case mediumblob:
    case longblob:
    case geometry:
    case vector: return ValueKind::bytes;
    case json: return ValueKind::json;
  }
  fail(ErrorKind::internal, "column {} has no known type", column.name);
}

CellForm form_of(int wire_type) {
  switch (wire_type) {
    case MYSQL_TYPE_TINY: return CellForm::int8;
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_YEAR: return CellForm::int16;
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG: return CellForm::int32;
    case MYSQL_TYPE_LONGLONG: return CellForm::int64;
    case MYSQL_TYPE_FLOAT: return CellForm::float4;
    case MYSQL_TYPE_DOUBLE: return CellForm::float8;
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_NEWDATE:
    case MYSQL_TYPE_TIME:
    case MYSQL_TYPE_TIME2:
    case MYSQL_TYPE_DATETIME:
    case MYSQL_TYPE_DATETIME2:
    case MYSQL_TYPE_TIMESTAMP:
    case MYSQL_TYPE_TIMESTAMP2: return CellForm::clock;
    default: return CellForm::sized;
  }
}

bool fits(CellForm form, ValueKind kind, bool is_bit) noexcept {
  switch (kind) {
    case ValueKind::int64: return form <= CellForm::int64;
    case ValueKind::uint64: return is_bit ? form == CellForm::sized : form <= CellForm::int64;
    case ValueKind::float32: return form == CellForm::float4;
    case ValueKind::float64: return form == CellForm::float8;
    case ValueKind::date:
    case ValueKind::time:
    case ValueKind::datetime:
    case ValueKind::timestamp: return form == CellForm::clock;
    default: return form == CellForm::sized;
  }
}

std::size_t width_of(CellForm form) noexcept {
  switch (form) {
    case CellForm::int8: return 1;
    case CellForm::int16: return 2;
    case CellForm::int32: return 4;
    default: return 8;
  }
}

// Length-encoded text: below 251 the byte itself, else 0xfc + 2, 0xfd + 3 or 0xfe + 8 bytes.
std::string_view take_sized(ByteReader& in) {
  const std::uint8_t first = in.u8();
  switch (first) {
    case 0xfc: return in.take(in.le(2));
    case 0xfd: return in.take(in.le(3));
    case 0xfe: return in.take(in.le(8));
    default: return in.take(first);
  }
}

Value read_integer(ByteReader& in, const WireCell& plan) {
  const std::size_t width = width_of(plan.form);
  const std::uint64_t word = in.le(width);
  if (!plan.is_signed) return Value::of_uint(word);
  const auto spare = static_cast<int>(64 - 8 * width);
  return Value::of_int(static_cast<std::int64_t>(word << spare) >> spare);
}

// DATE, DATETIME and TIMESTAMP: u8 length 0, 4, 7 or 11; absent parts are zero.
CivilTime read_civil(std::string_view bytes) {
  ByteReader in(bytes);
  CivilTime t;
  if (in.empty()) return t;
  t.year = static_cast<int>(in.le(2));
  t.month = in.u8();
  t.day = in.u8();
  if (in.empty()) return t;
  t.hour = in.u8();
  t.minute = in.u8();
  t.second = in.u8();
  if (!in.empty()) t.micros = static_cast<int>(in.le(4));
  return t;
}

// TIME: u8 length 0, 8 or 12; sign, days, hours within the day, minutes, seconds, microseconds.
std::int64_t read_duration(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.empty()) return 0;
  const bool negative = in.u8() != 0;
  std::int64_t total = static_cast<std::int64_t>(in.le(4)) * 24;
  total = total + in.u8();
  total = total * 60 + in.u8();
  total = total * 60 + in.u8();
  total *= 1'000'000;
  if (!in.empty()) total += static_cast<std::int64_t>(in.le(4));
  return negative ? -total : total;
}

std::int64_t timestamp_of(const CivilTime& t) {
  if (t == CivilTime{}) return kZeroTimestamp;
  if (!is_real_day(t)) fail(ErrorKind::corrupt, "the server sent a TIMESTAMP that is no real day");
  return micros_since_epoch(t);
}

Value read_clock(ByteReader& in, ValueKind kind) {
  const std::string_view bytes = in.take(in.u8());
  if (kind == ValueKind::time) return Value::of_int(read_duration(bytes), kind);
  const CivilTime t = read_civil(bytes);
  if (kind == ValueKind::date) return Value::of_int(pack_date(t.year, t.month, t.day), kind);
  if (kind == ValueKind::datetime) return Value::of_int(pack_datetime(t), kind);
  return Value::of_int(timestamp_of(t), kind);
}

// The server pads a ZEROFILL decimal with zeros for show; the log has the number alone.
std::string_view without_zerofill(std::string_view digits) {
  while (digits.size() > 1 && digits[0] == '0' && digits[1] != '.') digits.remove_prefix(1);
  return digits;
}

Value read_sized(ByteReader& in, const WireCell& plan) {
  const std::string_view bytes = take_sized(in);
  if (plan.is_bit) {
    ByteReader bits(bytes);
    return Value::of_uint(bits.be(std::min<std::size_t>(bytes.size(), 8)));
  }
  if (plan.kind == ValueKind::decimal) return Value::of(plan.kind, without_zerofill(bytes));
  if (plan.charset == nullptr) return Value::of(plan.kind, bytes);
  if (plan.charset->ascii_based() && ascii_prefix(bytes) == bytes.size())
    return Value::of(plan.kind, bytes);
  thread_local Bytes text;
  text.clear();
  append_utf8(text, bytes, *plan.charset);
  return Value::of(plan.kind, text);
}

Value read_cell(ByteReader& in, const WireCell& plan) {
  switch (plan.form) {
    case CellForm::int8:
    case CellForm::int16:
    case CellForm::int32:
    case CellForm::int64: return read_integer(in, plan);
    case CellForm::float4: return Value::of_float(in.fixed<float>());
    case CellForm::float8: return Value::of_double(in.fixed<double>());
    case CellForm::clock: return read_clock(in, plan.kind);
    case CellForm::sized: return read_sized(in, plan);
  }
  fail(ErrorKind::internal, "a cell has no known form");
}

StatementPtr prepare(MYSQL* mysql, std::string_view sql) {
  StatementPtr statement(mysql_stmt_init(mysql));
  if (!statement) fail(ErrorKind::internal, "libmariadb has no memory for a statement");
  if (mysql_stmt_prepare(statement.get(), sql.data(), sql.size()) != 0 ||
      mysql_stmt_execute(statement.get()) != 0)
    fail_statement(mysql_stmt_errno(statement.get()), mysql_stmt_error(statement.get()));
  return statement;
}

// JSON is announced as binary, and is UTF-8.
const Charset* charset_of_text(const Column& column, unsigned collation, bool mariadb) {
  const Charset* charset = charset_of_collation(collation, mariadb);
  if (charset == nullptr)
    fail(ErrorKind::unsupported,
         "column {} has collation {}, whose character set is unknown here: exclude the table or "
         "convert the column to utf8mb4",
         column.name, collation);
  return charset->binary() ? charset_of_name("utf8mb4") : charset;
}

}  // namespace

WireCell plan_wire_cell(const Column& column, int wire_type, unsigned collation, bool mariadb) {
  WireCell plan;
  plan.form = form_of(wire_type);
  plan.kind = kind_of(column);
  plan.is_signed = plan.kind == ValueKind::int64;
  plan.is_bit = column.type == ColumnType::bit;
  if (!fits(plan.form, plan.kind, plan.is_bit))
    fail(ErrorKind::unsupported, "column {} of type {} comes with type code {} of the protocol",
         column.name, name_of(column.type), wire_type);
  if (plan.kind == ValueKind::text || plan.kind == ValueKind::json)
    plan.charset = charset_of_text(column, collation, mariadb);
  return plan;
}

void append_image(Bytes& out, std::string_view row, const std::vector<WireCell>& plan) {
  ByteReader in(row);
  if (in.u8() != kRowHeader) fail(ErrorKind::corrupt, "a row of the server has no row header");
  const std::string_view nulls = in.take((plan.size() + kNullBitmapOffset + 7) / 8);
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const std::size_t bit = i + kNullBitmapOffset;
    const bool null = (static_cast<std::uint8_t>(nulls[bit / 8]) >> (bit % 8) & 1) != 0;
    put_value(out, null ? Value::null() : read_cell(in, plan[i]));
  }
  if (!in.empty()) fail(ErrorKind::corrupt, "a row of the server is longer than its columns");
}

RowStream::RowStream(Connection& connection, std::string_view sql, const TableSchema& schema)
    : connection_(connection), statement_(nullptr) {
  connection.execute("SET character_set_results = NULL");
  StatementPtr statement = prepare(connection.handle(), sql);
  if (statement->field_count != schema.columns.size())
    fail(ErrorKind::internal, "table {}: {} columns asked for, {} given", schema.name.qualified(),
         schema.columns.size(), statement->field_count);
  plan_.reserve(schema.columns.size());
  for (std::size_t i = 0; i < schema.columns.size(); ++i)
    plan_.push_back(plan_wire_cell(schema.columns[i], statement->fields[i].type,
                                   statement->fields[i].charsetnr,
                                   mariadb_connection(connection.handle()) != 0));
  statement_ = statement.release();
}

RowStream::~RowStream() {
  // Told that the result is over, the library does not read on to its end: for an unfinished
  // stream that could be the whole table.
  connection_.handle()->status = MYSQL_STATUS_READY;
  mysql_stmt_close(statement_);
}

// The packets are read directly: mysql_stmt_fetch() would copy each cell into a buffer of its own.
std::string_view RowStream::fetch() {
  if (finished_) return {};
  MYSQL* mysql = connection_.handle();
  const unsigned long length = mysql_net_read_packet(mysql);
  if (length == kPacketError || length == 0) fail_statement(mysql_errno(mysql), mysql_error(mysql));
  const auto* bytes = reinterpret_cast<const char*>(mysql->net.read_pos);
  finished_ = static_cast<std::uint8_t>(bytes[0]) == kEndHeader;
  return finished_ ? std::string_view{} : std::string_view(bytes, length);
}

bool RowStream::next(Bytes& out) {
  const std::string_view row = fetch();
  if (row.empty()) return false;
  append_image(out, row, plan_);
  return true;
}

void RowStream::skip_rest() {
  while (!fetch().empty()) {
  }
}

}  // namespace freshet
