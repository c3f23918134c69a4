#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lake/iceberg_table.h"
#include "model/lake_schema.h"

namespace freshet {

// Columns as Iceberg has them, and their evolution by field id (Iceberg spec, "Schemas and Data
// Types", "Schema Evolution").

// The spec's name of a column's type: "long", "decimal(12, 2)"; and back, nothing for types that we
// do not have. `type_of` sets type, precision and scale only.
[[nodiscard]] std::string iceberg_type(const LakeColumn& column);
[[nodiscard]] std::optional<LakeColumn> type_of(std::string_view name);

// Whether files with a column of type `from` can be read as `to` (promotions of format version 2);
// equal types included.
[[nodiscard]] bool can_promote(const LakeColumn& from, const LakeColumn& to) noexcept;

// The schema of a new table: ids 1..n, schema id 0. Throws Error{unsupported} where two columns
// have one name.
[[nodiscard]] IcebergSchema first_schema(const LakeSchema& columns);

// What `columns` makes of `current`, under the same schema id; nothing if that is no change.
// Columns are matched by name; new ids follow last_column_id.
[[nodiscard]] std::optional<IcebergSchema> evolve_schema(const IcebergSchema& current,
                                                         const LakeSchema& columns,
                                                         std::int32_t last_column_id);

// What data files call the columns. Ids are what readers go by, but some look a name up, and do so
// under Avro's rule (a letter or `_`, then also digits), with any other UTF-16 unit as `_x` and its
// hexadecimal digits: "body.who" is "body_x2Ewho". So do Iceberg's own writers. A name that is
// taken, without regard to letter case, gets `_` and the field's id.
[[nodiscard]] std::vector<std::string> file_column_names(const IcebergSchema& schema);

[[nodiscard]] std::string to_json(const IcebergSchema& schema);
// Property "schema.name-mapping.default": for files that carry no field ids.
[[nodiscard]] std::string name_mapping_json(const IcebergSchema& schema);

}  // namespace freshet
