// Rows: first byte: event type offset and dialect; u16 length of a TABLE_MAP body, that, a rows
// event's body.
#include "fuzz_target.h"
#include "source/compression.h"
#include "source/row_decoder.h"

namespace freshet::fuzz {

void run_one(std::string_view input) {
  constexpr EventType kTypes[] = {EventType::write_rows,
                                  EventType::update_rows,
                                  EventType::delete_rows,
                                  EventType::write_rows_v1,
                                  EventType::update_rows_v1,
                                  EventType::partial_update_rows,
                                  EventType::mariadb_update_rows_compressed_v1};
  if (input.empty()) return;
  const auto first = static_cast<std::uint8_t>(input[0]);
  ByteReader in(input.substr(1));
  const TableMap map = parse_table_map(in.take(in.fixed<std::uint16_t>()), (first & 0x80) != 0);
  SchemaTracker schemas;
  const RowPlan plan = plan_rows(map, schemas.resolve(map, {"bin.000001", 4}));
  const EventType type = kTypes[first % std::size(kTypes)];
  RowsEvent event = parse_rows_event(type, in.rest());
  Bytes plain;
  if (is_compressed_rows_event(type)) event.rows = plain = inflate_event_part(event.rows);
  ChangeBatch batch;
  batch.begin_transaction({});
  RowWriter out(batch, event.op, plan.schema);
  int decoded = 0;
  for (ByteReader rows(event.rows); !rows.empty();) {
    const std::size_t before = rows.left();
    decode_row(rows, event, plan, out);
    if (rows.left() == before || ++decoded > 1000) return;
  }
}

}  // namespace freshet::fuzz
