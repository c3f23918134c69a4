#include "lake/athena_functions.h"

#include <string>

namespace freshet {

namespace {

// Athena's format is MySQL's: %i minutes, %s seconds, %M month name, %W weekday name, %T time.
// A marker keeps the letters apart while they change places.
constexpr std::string_view kFormat =
    "replace(replace(replace(replace(replace(replace(replace(f, '%M', '%\x01'), '%W', '%A'), "
    "'%T', '%H:%M:%S'), '%s', '%S'), '%i', '%M'), '%\x01', '%B'), '%h', '%I')";

struct Macro {
  std::string_view head;
  std::string_view body;
};

constexpr Macro kMacros[] = {
    {"approx_distinct(x)", "approx_count_distinct(x)"},
    {"approx_percentile(x, p)", "approx_quantile(x, p)"},
    {"from_unixtime(n)", "to_timestamp(n)"},
    {"to_unixtime(t)", "epoch(t)"},
    {"from_iso8601_timestamp(s)", "s::TIMESTAMPTZ"},
    {"from_iso8601_date(s)", "s::DATE"},
    {"day_of_week(d)", "isodow(d)"},
    {"day_of_year(d)", "dayofyear(d)"},
    {"at_timezone(t, z)", "timezone(z, t)"},
    {"json_extract_scalar(j, p)", "json_extract_string(j, p)"},
    {"json_parse(s)", "s::JSON"},
    {"json_format(j)", "j::VARCHAR"},
    {"regexp_like(s, p)", "regexp_matches(s, p)"},
    {"cardinality(a)", "len(a)"},
    {"slice(a, b, n)", "list_slice(a, b, b + n - 1)"},
    {"array_join(a, s)", "array_to_string(a, s)"},
    {"sequence(a, b)", "generate_series(a, b)"},
    {"map_agg(k, v)", "map(list(k), list(v))"},
    {"to_utf8(s)", "encode(s)"},
    {"from_utf8(b)", "decode(b)"},
    {"bitwise_and(a, b)", "(a & b)"},
    {"bitwise_or(a, b)", "(a | b)"},
    {"bitwise_xor(a, b)", "xor(a, b)"},
    {"date_add(unit, n, t)",
     "CASE lower(unit) WHEN 'millisecond' THEN t + to_milliseconds(n) "
     "WHEN 'second' THEN t + to_seconds(n) WHEN 'minute' THEN t + to_minutes(n) "
     "WHEN 'hour' THEN t + to_hours(n) WHEN 'day' THEN t + to_days(n::INTEGER) "
     "WHEN 'week' THEN t + to_days((7 * n)::INTEGER) "
     "WHEN 'month' THEN t + to_months(n::INTEGER) "
     "WHEN 'quarter' THEN t + to_months((3 * n)::INTEGER) "
     "WHEN 'year' THEN t + to_years(n::INTEGER) ELSE error('unknown unit of time: ' || unit) END"},
    // DuckDB's own date_diff counts boundaries crossed; Athena counts whole units passed.
    {"date_diff(unit, a, b)", "date_sub(unit, a, b)"},
};

// DuckDB wants the format of strptime as a constant when the macro is made, so the common formats
// are spelled out: each form of a date, alone or before each form of a time.
struct Format {
  std::string_view athena, duckdb;
};
constexpr std::string_view kDates[] = {"%Y-%m-%d", "%Y/%m/%d", "%Y%m%d",
                                       "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y"};
constexpr Format kTimes[] = {{"", ""},
                             {" %H:%i:%s", " %H:%M:%S"},
                             {"T%H:%i:%s", "T%H:%M:%S"},
                             {" %T", " %H:%M:%S"},
                             {" %H:%i", " %H:%M"},
                             {" %H:%i:%s.%f", " %H:%M:%S.%f"},
                             {" %h:%i:%s %p", " %I:%M:%S %p"}};

std::string date_parse() {
  std::string body = "CASE f";
  for (const std::string_view date : kDates)
    for (const Format& time : kTimes)
      body +=
          fmt::format(" WHEN '{0}{1}' THEN strptime(s, '{0}{2}')", date, time.athena, time.duckdb);
  return body + " ELSE error('date_parse does not know the format ' || f) END";
}

}  // namespace

void create_athena_functions(DuckConnection& connection) {
  for (const Macro& macro : kMacros)
    connection.run(fmt::format("CREATE MACRO {} AS {}", macro.head, macro.body));
  connection.run(fmt::format("CREATE MACRO date_format(t, f) AS strftime(t, {})", kFormat));
  connection.run("CREATE MACRO date_parse(s, f) AS " + date_parse());
}

}  // namespace freshet
