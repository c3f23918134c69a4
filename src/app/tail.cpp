#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <memory>
#include <optional>

#include "app/command.h"
#include "app/console.h"
#include "app/signals.h"
#include "base/error.h"
#include "model/dms_record.h"
#include "pipeline/config_text.h"
#include "pipeline/installation_key.h"
#include "pipeline/mask_key_source.h"
#include "pipeline/stores.h"
#include "stream/embedded_stream.h"
#include "transform/masker.h"

namespace freshet {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kExamples = R"(Examples:
  freshet tail                                             the 10 oldest records
  freshet tail --follow                                    new records as they come, until Ctrl-C
  freshet tail --table users --from timestamp:2026-11-22T17:00:00Z
  freshet tail --from sequence:120001 --limit 5 --unmasked

Records are AWS DMS JSON, one a line. The stream holds values as the source has them; here personal
data is masked by the rules of the configuration, and by verdicts on columns that the lake has so
far, unless you say --unmasked.)";

constexpr std::uint64_t kDefaultLimit = 10;

struct TailArguments {
  std::string table;
  std::string from;
  std::optional<std::uint64_t> limit;
  bool follow = false;
  bool unmasked = false;
};

// "2026-11-22T17:00:00Z", or seconds since 1970.
std::int64_t parse_timestamp(const std::string& text) {
  if (const auto seconds = parse_integer(text)) return *seconds * 1'000'000;
  std::tm parts{};
  const char* end = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  if (end == nullptr || *end != '\0')
    fail(ErrorKind::usage, "\"{}\" is no moment; write 2026-11-22T17:00:00Z or seconds since 1970",
         text);
  return static_cast<std::int64_t>(::timegm(&parts)) * 1'000'000;
}

// The change before the first one to be shown.
StreamOffset start_of(EmbeddedStream& stream, const TailArguments& arguments) {
  const std::string from =
      !arguments.from.empty() ? arguments.from : (arguments.follow ? "latest" : "trim-horizon");
  if (from == "trim-horizon") return stream.first_offset() - 1;
  if (from == "latest") return stream.last_offset();
  if (from.starts_with("timestamp:")) return stream.offset_before(parse_timestamp(from.substr(10)));
  if (from.starts_with("sequence:")) {
    const auto sequence = parse_integer(from.substr(9));
    if (sequence && *sequence > 0) return static_cast<StreamOffset>(*sequence) - 1;
  }
  fail(ErrorKind::usage,
       "\"{}\" is no place; write trim-horizon, latest, timestamp:2026-11-22T17:00:00Z or "
       "sequence:120001",
       from);
}

// Shows the changes of blocks, up to a limit.
class Printer {
 public:
  Printer(const TailArguments& arguments, std::optional<Masker> masker)
      : table_(arguments.table),
        left_(arguments.limit.value_or(arguments.follow ? UINT64_MAX : kDefaultLimit)),
        masker_(std::move(masker)) {}

  [[nodiscard]] bool done() const noexcept { return left_ == 0; }

  // Skips what stands before `start` in the block.
  void print(const StreamBlock& block, StreamReader& reader, StreamOffset start) {
    ChangeCursor changes(block.block,
                         [&](std::uint64_t fingerprint) { return reader.schema(fingerprint); });
    StreamOffset offset = block.first;
    while (!done()) {
      const std::optional<Change> change = changes.next();
      if (!change) return;
      if (offset++ > start && wanted(*change)) print(*change, block.append_micros);
    }
  }

 private:
  [[nodiscard]] bool wanted(const Change& change) const {
    if (table_.empty()) return true;
    const TableName& name = change.schema->name;
    return matches_table(table_, table_.contains('.') ? name.qualified() : name.table);
  }

  void print(Change change, std::int64_t micros) {
    Bytes before;
    Bytes after;
    if (masker_) {
      before = masked(change, change.before);
      after = masked(change, change.after);
      change.before = before;
      change.after = after;
      change.schema = masker_->masked_schema(change.schema);
      if (change.other) change.other = masker_->masked_schema(change.other);
    }
    record_.clear();
    renderer_.render(change, micros, record_);
    if (record_.empty()) return;
    if (!record_.ends_with('\n')) record_ += '\n';
    console_.write(record_);
    --left_;
  }

  Bytes masked(const Change& change, std::string_view image) {
    return image.empty() ? Bytes() : masker_->mask_image(change.schema, image);
  }

  Console console_{stdout};
  std::string table_;
  std::uint64_t left_;
  std::optional<Masker> masker_;
  DmsRenderer renderer_{{.include_table_alter_operations = true, .include_control_details = true}};
  Bytes record_;
};

// Verdicts that the lake knows at this moment are followed.
std::optional<Masker> masker_of(const Config& config, bool unmasked) {
  if (unmasked) return std::nullopt;
  std::string key = load_or_create_key(config.state_directory() / "key");
  if (config.transform.sensitive_data.mode != MaskMode::column ||
      !std::filesystem::exists(config.lake.location))
    return Masker(config.transform.sensitive_data, std::move(key));
  return Masker(config.transform.sensitive_data, std::move(key),
                [lake = std::shared_ptr<Lake>(Lake::open_read_only(lake_options(config))),
                 sink = sink_options(config)](const TableName& table) {
                  return committed_verdicts(*lake, lake_table_of(sink, table));
                });
}

int tail(const CommandLine& line, const TailArguments& arguments) {
  Config config = line.load(ConfigScope::without_source);
  if (!arguments.unmasked) load_mask_keys(config);
  const StopOnSignal signals;
  if (!std::filesystem::exists(config.stream.path))
    fail(ErrorKind::failed, "there is no stream at {} yet; `freshet run` fills it",
         config.stream.path.native());
  const std::unique_ptr<EmbeddedStream> stream = EmbeddedStream::open_reader(config.stream.path);
  const std::unique_ptr<StreamReader> reader = stream->reader();
  const StreamOffset start = start_of(*stream, arguments);
  Printer printer(arguments, masker_of(config, arguments.unmasked));

  reader->seek(start);
  while (!printer.done() && !signals.token().stop_requested()) {
    const auto block = reader->next(arguments.follow ? 200ms : 0ms, signals.token());
    if (block)
      printer.print(*block, *reader, start);
    else if (!arguments.follow)
      break;
  }
  return 0;
}

}  // namespace

void add_tail(CommandWords& app, CommandLine& line) {
  CommandWords command = app.command("tail", "Show records of the stream as AWS DMS JSON");
  const auto arguments = std::make_shared<TailArguments>();
  command.option("--table", &arguments->table, "Only this table: users, shop.users, shop.*",
                 {.value = "TABLE"});
  command.option("--from", &arguments->from,
                 "trim-horizon, latest, timestamp:MOMENT or sequence:NUMBER (trim-horizon; with "
                 "--follow latest)",
                 {.value = "PLACE"});
  command.option("--limit", &arguments->limit, "Records at most (10; with --follow no bound)",
                 {.value = "N"});
  command.flag("--follow", arguments->follow, "Wait for new records");
  command.flag("--unmasked", arguments->unmasked, "Show personal data as the stream holds it");
  command.footer(kExamples);
  command.on_choice(
      [&line, arguments] { line.action = [&line, arguments] { return tail(line, *arguments); }; });
}

}  // namespace freshet
