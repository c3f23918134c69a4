#include "query/query_engine.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "app/command.h"
#include "app/console.h"
#include "app/signals.h"
#include "app/standard_input.h"
#include "base/error.h"
#include "base/file.h"
#include "lake/lake.h"
#include "pipeline/control.h"
#include "pipeline/control_request.h"
#include "pipeline/stores.h"

namespace freshet {
namespace {

constexpr std::string_view kExamples = R"(Examples:
  freshet query 'SELECT * FROM "AwsDataCatalog"."default"."users" limit 10'
  freshet query --format csv 'SELECT _op, _commit_ts, userid FROM users_history' > history.csv
  freshet query --format parquet -o users.parquet 'SELECT * FROM users'
  freshet query -f report.sql --format json
  echo 'SHOW TABLES' | freshet query

While `freshet run` is alive the statement runs there and sees every applied change; otherwise it
reads the committed tables. For each table of the source there is <table>, the current rows, and
<table>_history, one row per change. Only statements that read are let in.)";

struct QueryArguments {
  std::string sql;
  std::filesystem::path sql_file;
  std::filesystem::path output;
  std::string format = "table";
};

std::string statement_of(const QueryArguments& arguments) {
  if (!arguments.sql.empty() && !arguments.sql_file.empty())
    fail(ErrorKind::usage, "give the statement as an argument or with -f, not both");
  if (!arguments.sql_file.empty()) return read_file(arguments.sql_file);
  if (!arguments.sql.empty() && arguments.sql != "-") return arguments.sql;
  if (arguments.sql.empty() && ::isatty(STDIN_FILENO) == 1)
    fail(ErrorKind::usage, "a statement is missing, such as freshet query 'SHOW TABLES'");
  return read_standard_input("give the statement as an argument or with -f");
}

// Where the result goes. A file appears under its name only when it is whole.
class Output {
 public:
  explicit Output(const std::filesystem::path& target) : target_(target) {
    if (target_.empty()) return;
    part_ = target_;
    part_ += ".part";
    file_ = std::fopen(part_.c_str(), "wb");
    if (file_ == nullptr) refuse();
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() {
    if (file_ != nullptr && !part_.empty()) {
      std::fclose(file_);
      ::unlink(part_.c_str());
    }
  }

  void write(std::string_view bytes) {
    std::FILE* file = file_ != nullptr ? file_ : stdout;
    if (std::fwrite(bytes.data(), 1, bytes.size(), file) != bytes.size()) refuse();
  }

  void finish() {
    if (file_ == nullptr) {
      if (std::fflush(stdout) != 0) refuse();
      return;
    }
    const bool closed = std::fclose(std::exchange(file_, nullptr)) == 0;
    if (!closed || std::rename(part_.c_str(), target_.c_str()) != 0) {
      const int reason = errno;
      ::unlink(part_.c_str());
      errno = reason;
      refuse();
    }
  }

 private:
  [[noreturn]] void refuse() const {
    fail(ErrorKind::unavailable, "cannot write {}: {}",
         target_.empty() ? "the output" : target_.native(), std::strerror(errno));
  }

  std::filesystem::path target_;
  std::filesystem::path part_;
  std::FILE* file_ = nullptr;
};

// Without a running pipeline: the committed files.
void query_files(const Config& config, const std::string& sql, ResultFormat format,
                 Output& output) {
  const StopOnSignal signals;
  const std::unique_ptr<Lake> lake = Lake::open_read_only(lake_options(config));
  QueryEngine(*lake).run(sql, {.format = format, .row_limit = {}, .stop = signals.token()},
                         [&](std::string_view piece) { output.write(piece); });
}

int query(const CommandLine& line, const QueryArguments& arguments) {
  const auto format = result_format_of(arguments.format);
  if (!format)
    fail(ErrorKind::usage, "there is no result format {}; write table, csv, json or parquet",
         arguments.format);
  const std::string sql = statement_of(arguments);
  if (*format == ResultFormat::parquet && arguments.output.empty() && ::isatty(STDOUT_FILENO) == 1)
    fail(ErrorKind::usage, "parquet is not for terminals; name a file with -o");

  const Config config = line.load(ConfigScope::without_source);
  Output output(arguments.output);
  if (auto running = ControlClient::connect(control_socket(config.state_directory()))) {
    const ControlRequest request{
        .command = "query", .sql = sql, .format = *format, .row_limit = {}};
    std::move(*running).call(to_json(request),
                             [&](std::string_view piece) { output.write(piece); });
  } else {
    query_files(config, sql, *format, output);
  }
  output.finish();
  return 0;
}

}  // namespace

void add_query(CommandWords& app, CommandLine& line) {
  CommandWords command =
      app.command("query", "Run SQL over the lake, and the hot rows of a running pipeline");
  const auto arguments = std::make_shared<QueryArguments>();
  command.option("sql", &arguments->sql, "The statement; - or nothing reads standard input",
                 {.value = "SQL"});
  command.option("-f,--file", &arguments->sql_file, "Read the statement from a file",
                 {.value = "FILE"});
  command.option("--format", &arguments->format, "table, csv, json or parquet",
                 {.value = "FORMAT", .shows_default = true});
  command.option("-o,--output", &arguments->output, "Write the result to a file",
                 {.value = "FILE"});
  command.footer(kExamples);
  command.on_choice(
      [&line, arguments] { line.action = [&line, arguments] { return query(line, *arguments); }; });
}

}  // namespace freshet
