#include "app/pii_report_html.h"

#include <ctime>
#include <set>

#include "app/console.h"

namespace freshet {
namespace {

constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Personal data</title><style>
:root { --ink: #1d2733; --soft: #66727f; --line: #dfe4ea; --page: #f6f8fa; --card: #fff; --mark: #0b6bcb; --warm: #b3541e; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e9ee; --soft: #97a3af; --line: #2f3943; --page: #14191e; --card: #1c2329; --mark: #6cb2f5; --warm: #f0a070; } }
body { margin: 0 auto; max-width: 68rem; padding: 2rem 1.2rem; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .6rem; }
p { color: var(--soft); margin: .3rem 0 0; }
.figures { display: flex; flex-wrap: wrap; gap: .8rem; margin-top: 1.4rem; }
.figures div { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .7rem 1.1rem; }
.figures b { display: block; font-size: 1.5rem; font-variant-numeric: tabular-nums; } .figures span { color: var(--soft); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; } th, td { padding: .5rem .9rem; text-align: left; vertical-align: top; }
th { color: var(--soft); font-weight: 500; } tr + tr td { border-top: 1px solid var(--line); }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
code { font: 13px ui-monospace, monospace; } .type { border: 1px solid var(--mark); border-radius: 1rem; color: var(--mark);
  display: inline-block; font-size: .8rem; margin: 0 .3rem .2rem 0; padding: 0 .6rem; white-space: nowrap; }
.why { color: var(--soft); font-size: .85rem; } .open { color: var(--warm); font-weight: 600; }
</style></head><body>
)";

std::string html(std::string_view text) {
  std::string out;
  for (const char c : text) switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out.push_back(c);
    }
  return out;
}

std::string types_of(const PiiColumn& column) {
  std::string out;
  if (!column.known_as.empty() && !column.found.contains(column.known_as))
    out += fmt::format("<span class=type>{}</span>", html(column.known_as));
  for (const auto& [type, cells] : column.found)
    out += fmt::format("<span class=type>{} {}</span>", html(type), human_count(cells));
  return out;
}

std::string row_of(const PiiColumn& column) {
  return fmt::format(
      "<tr><td><code>{}</code><td>{}<td{}>{}<td class=why>{}<td class=n>{}<td class=n>{}\n",
      html(column.column), types_of(column), column.action == "keep" ? " class=open" : "",
      html(column.action), html(reason_text(column)), human_count(column.cells),
      human_count(column.masked));
}

std::string figure(std::uint64_t number, std::string_view name) {
  return fmt::format("<div><b>{}</b><span>{}</span></div>", human_count(number), name);
}

std::string figures(const PiiReport& report) {
  std::uint64_t columns = 0;
  std::uint64_t personal = 0;
  std::uint64_t masked = 0;
  std::set<std::string> types;
  for (const PiiTable& table : report.tables)
    for (const PiiColumn& column : table.columns) {
      ++columns;
      personal += column.personal();
      masked += column.masked;
      for (const auto& [type, cells] : column.found) types.insert(type);
    }
  return "<div class=figures>" + figure(report.tables.size(), "tables") +
         figure(columns, "columns") + figure(personal, "with personal data") +
         figure(types.size(), "kinds found") + figure(masked, "cells masked") + "</div>\n";
}

std::string card(const PiiTable& table) {
  std::string rows;
  std::size_t clean = 0;
  for (const PiiColumn& column : table.columns)
    column.personal() ? void(rows += row_of(column)) : void(++clean);
  std::string out = fmt::format("<h2>{}</h2>\n", html(table.table));
  if (!rows.empty())
    out +=
        "<div class=card><table><tr><th>Column<th>Holds<th>Action<th>Why<th class=n>Looked at<th "
        "class=n>Masked\n" +
        rows + "</table></div>\n";
  if (clean > 0)
    out += fmt::format("<p>Nothing personal in {} {}column{}.</p>\n", clean,
                       rows.empty() ? "" : "further ", clean == 1 ? "" : "s");
  return out;
}

}  // namespace

std::string moment_text(std::int64_t micros) {
  const std::time_t seconds = micros / 1'000'000;
  std::tm parts{};
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", ::gmtime_r(&seconds, &parts));
  return text;
}

std::string reason_text(const PiiColumn& column) {
  std::string reason;
  if (column.basis == "rule")
    reason = "rule of the configuration";
  else if (column.basis == "name")
    reason = "its name";
  else if (column.basis == "cells")
    reason = "cell by cell";
  if (!column.verdict) return reason;
  const ColumnVerdict& verdict = *column.verdict;
  const bool named = !verdict.name_type.empty();
  if (!reason.empty() && !(named && column.basis == "name")) reason += "; ";
  if (!named)
    reason += fmt::format("{} of {} cells were {}", human_count(verdict.hits),
                          human_count(verdict.cells), verdict.type);
  else if (column.basis != "name")
    reason += fmt::format("its name tells {}", verdict.type);
  reason += fmt::format(", noted {}", moment_text(verdict.since_micros));
  return column.overruled ? reason + ", overruled" : reason;
}

std::string render_html(const PiiReport& report) {
  std::string out(kHead);
  out += fmt::format(
      "<h1>Personal data</h1><p>Which columns hold it, and what becomes of it. As of {}. Values "
      "are not shown.</p>\n",
      moment_text(report.now_micros));
  out += figures(report);
  for (const PiiTable& table : report.tables) out += card(table);
  return out + "</body></html>\n";
}

}  // namespace freshet
