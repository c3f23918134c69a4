#pragma once

#include "lake/duckdb_session.h"

namespace freshet {

// Functions that Athena (Trino) has and DuckDB calls otherwise, as macros in the connection's
// current schema, so that queries written for Athena run unchanged. Not to be had as macros: lambda
// forms (transform, reduce), LISTAGG ... WITHIN GROUP.
void create_athena_functions(DuckConnection& connection);

}  // namespace freshet
