#include "transform/masked_rows.h"

#include "base/error.h"
#include "model/value.h"

namespace freshet {
namespace {

constexpr std::size_t kIdBytes = 16;
// BINARY columns of a source have no labels: by this one ours cannot be mistaken.
constexpr std::string_view kLabel = "id of the row before masking";

}  // namespace

TableSchema with_row_id(TableSchema columns) {
  columns.columns.push_back({.name = std::string(kRowIdColumn),
                             .type = ColumnType::binary,
                             .nullable = false,
                             .length = kIdBytes,
                             .labels = {std::string(kLabel)}});
  return columns;
}

bool is_masked(const TableSchema& schema) noexcept {
  if (schema.columns.empty()) return false;
  const Column& last = schema.columns.back();
  return last.name == kRowIdColumn && last.type == ColumnType::binary && last.labels.size() == 1 &&
         last.labels[0] == kLabel;
}

void put_row_id(Bytes& image, const RowId& id) {
  Bytes bytes;
  put_fixed(bytes, id.high);
  put_fixed(bytes, id.low);
  put_value(image, Value::of(ValueKind::bytes, bytes));
}

RowId row_id_of_masked(std::string_view image) {
  Bytes head;
  put_value(head, Value::of(ValueKind::bytes, std::string(kIdBytes, '\0')));
  if (image.size() < head.size() ||
      image.substr(image.size() - head.size(), head.size() - kIdBytes) !=
          std::string_view(head).substr(0, head.size() - kIdBytes))
    fail(ErrorKind::corrupt, "a masked row image does not end with the id of its row");
  ByteReader in(image.substr(image.size() - kIdBytes));
  RowId id;
  id.high = in.fixed<std::uint64_t>();
  id.low = in.fixed<std::uint64_t>();
  return id;
}

}  // namespace freshet
