#include <simdjson.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <map>
#include <optional>
#include <thread>
#include <vector>

#include "app/child_process.h"
#include "app/command.h"
#include "app/console.h"
#include "app/made_up_users.h"
#include "app/private_server.h"
#include "app/signals.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/temporary_directory.h"
#include "model/value.h"
#include "pipeline/control.h"
#include "pipeline/control_request.h"
#include "stream/embedded_stream.h"

namespace freshet {

namespace {

using namespace std::chrono_literals;

struct DemoOptions {
  std::uint32_t users = 10'000;
  bool keep = false;  // leave server and pipeline running until the user ends them
};

constexpr auto kPatience = 60s;
constexpr std::size_t kColumns = 78;  // of a title
constexpr std::string_view kDatabase = "product_platform";
constexpr std::string_view kCreateUsers =
    "CREATE TABLE users (userid INTEGER NOT NULL, username CHAR(8), firstname VARCHAR(30), "
    "lastname VARCHAR(30), "
    "city VARCHAR(30), state CHAR(2), email VARCHAR(100), phone CHAR(14), numberofdocuments "
    "INTEGER)";

double percentile(std::vector<double> values, double share) {
  std::ranges::sort(values);
  return values.empty()
             ? 0
             : values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

class Tour {
 public:
  Tour(const DemoOptions& options, std::stop_token stop)
      : options_(options), stop_(std::move(stop)) {}

  void run() {
    start_server();
    load_users();
    preflight();
    start_pipeline();
    show_stream();
    change_one();
    change_many();
    insert_and_delete();
    show_lake();
    show_history();
    show_delays();
    prove();
    finish();
  }

 private:
  void title(std::string_view text) {
    if (stop_.stop_requested()) fail(ErrorKind::failed, "the demo was interrupted");
    const std::string head = fmt::format("\n── {}. {} ", ++step_, text);
    std::string rule;
    for (std::size_t width = painted_width(head); width < kColumns; ++width) rule += "─";
    console_.line(head + rule);
  }
  void say(std::string_view text) { console_.line(text); }

  // A command as a user would type it, and its output.
  void command(std::vector<std::string> words) {
    std::string line = "$ freshet";
    for (const std::string& word : words)
      line += word.find(' ') == std::string::npos ? " " + word : " '" + word + "'";
    say(line);
    words.insert(words.begin(), own_binary());
    words.insert(words.end(), {"-c", config_.string()});
    if (const int status = run_to_end(words); status != 0)
      fail(ErrorKind::failed, "freshet {} ended with status {}", words[1], status);
  }

  void source(const std::string& sql) {
    say("mysql> " + sql + ";");
    server_sql_->execute(sql);
  }

  void start_server() {
    title("A private MariaDB");
    server_.emplace(folder_.path());
    server_sql_.emplace(Connection::open(server_->administrator()));
    say(fmt::format("listens on 127.0.0.1:{}, in {}", server_->port(), folder_.path().string()));
  }

  void load_users() {
    title(
        fmt::format("{} made-up users, by LOAD DATA, into a table without a key", options_.users));
    const auto csv = folder_.path() / "users.csv";
    write_made_up_users(csv, options_.users);
    source(fmt::format("CREATE DATABASE {}", kDatabase));
    source(fmt::format("USE {}", kDatabase));
    source(std::string(kCreateUsers));
    source(fmt::format("LOAD DATA INFILE '{}' INTO TABLE users FIELDS TERMINATED BY ','",
                       csv.string()));
  }

  void preflight() {
    title("Preflight");
    config_ = folder_.path() / "freshet.yaml";
    write_file(
        config_,
        fmt::format(
            "source:\n  url: \"{}\"\n  tables: [\"{}.users\"]\nlake:\n  flush_interval: 2s\n",
            server_->url(), kDatabase));
    command({"check"});
  }

  void start_pipeline() {
    title("Full load, then the binlog from exactly there");
    log_ = folder_.path() / "freshet.log";
    say("$ freshet run &");
    const Stopwatch watch;
    pipeline_.emplace(std::vector<std::string>{own_binary(), "run", "-c", config_.string()}, log_);
    wait_for(
        "the full load", [this] { return source_status().caught_up; }, [this] { draw_progress(); });
    console_.clear_drawn();
    say(progress());
    say(fmt::format("loaded and visible in SQL after {:.2f} s", watch.seconds()));
  }

  void show_stream() {
    title("The first records of the stream, as AWS DMS writes them (shown masked)");
    command({"tail", "--limit", "10"});
  }

  void change_one() {
    title("One change");
    change("UPDATE users SET userid = 70007 WHERE userid = 7", "userid = 70007", 1);
    command(
        {"query", "SELECT userid, firstname, city, email FROM users WHERE userid IN (7, 70007)"});
  }

  void change_many() {
    title("Twenty changes, one after another: how long until SQL shows each");
    for (std::uint32_t userid = 101; userid <= 120; ++userid)
      change(fmt::format("UPDATE users SET numberofdocuments = {} WHERE userid = {}", 1000 + userid,
                         userid),
             fmt::format("userid = {0} AND numberofdocuments = {1}", userid, 1000 + userid), 1);
  }

  void insert_and_delete() {
    title("Inserts and deletes");
    const MadeUpUser user = made_up_user(options_.users + 1);
    change(fmt::format("INSERT INTO users VALUES ({}, '{}', '{}', '{}', '{}', '{}', '{}', '{}', 1)",
                       user.userid, user.username, user.firstname, user.lastname, user.city,
                       user.state, user.email, user.phone),
           fmt::format("userid = {}", user.userid), 1);
    change("DELETE FROM users WHERE userid BETWEEN 201 AND 205", "userid BETWEEN 201 AND 205", 0);
  }

  void show_lake() {
    title("The classic query");
    command({"query", R"(SELECT * FROM "AwsDataCatalog"."default"."users" limit 10)"});
  }

  void show_history() {
    title("The history of one user");
    command({"query",
             "SELECT _op, _commit_ts, _binlog_pos, userid, firstname, email, phone FROM "
             "users_history WHERE userid IN (7, 70007) ORDER BY _offset"});
  }

  void show_delays() {
    title("Measured delays");
    const std::vector<double> to_stream = stream_delays();
    say(fmt::format(
        "commit → in the stream           p50 {:6.1f} ms   p99 {:6.1f} ms   ({} changes)",
        percentile(to_stream, 0.5), percentile(to_stream, 0.99), to_stream.size()));
    say(fmt::format(
        "commit → visible in SQL          p50 {:6.1f} ms   p99 {:6.1f} ms   ({} changes)",
        percentile(sql_delays_, 0.5), percentile(sql_delays_, 0.99), sql_delays_.size()));
  }

  // Every row of the source, masked as the pipeline masks, against every row of the lake.
  void prove() {
    title("Source and lake agree");
    command({"verify"});
    const auto unmasked = query(
        "SELECT count(*)::VARCHAR AS n FROM users WHERE email <> '#####' OR phone <> '#####'");
    if (unmasked != std::vector<std::string>{"0"})
      fail(ErrorKind::failed, "{} rows of the lake are not masked", unmasked.front());
    say("every phone number and e-mail address in the lake is #####");
  }

  void finish() {
    if (!options_.keep) {
      pipeline_->stop();
      return say("\nDone. `make demo ARGS=--keep` leaves everything running to look around.");
    }
    folder_.keep();
    say(fmt::format("\nStill running; end both with: kill {} {}", pipeline_->pid(),
                    server_->process().pid()));
    say(fmt::format("  source    mysql -h 127.0.0.1 -P {} -u cdc -pdemo {}", server_->port(),
                    kDatabase));
    say(fmt::format("  queries   {} query -c {} 'SELECT * FROM users LIMIT 10'", own_binary(),
                    config_.string()));
    say(fmt::format("  lake      {}", (folder_.path() / "freshet-data" / "lake").string()));
    pipeline_->release();
    server_->process().release();
  }

  // ---- what the steps are made of ----

  struct SourceStatus {
    bool caught_up = false;
    std::uint64_t loaded = 0;
    std::uint64_t estimate = 0;
  };

  std::optional<std::string> ask(const ControlRequest& request) {
    auto client = ControlClient::connect(control_socket(folder_.path() / "freshet-data" / "state"));
    if (!client) return std::nullopt;
    return std::move(*client).call(to_json(request));
  }

  SourceStatus source_status() {
    const auto reply = ask({.command = "status"});
    if (!reply) return {};
    simdjson::dom::parser parser;
    const simdjson::dom::element root = parser.parse(*reply);
    SourceStatus status{.caught_up = bool(root["caught_up"])};
    for (const simdjson::dom::element table : root["source"]["tables"]) {
      status.loaded += std::uint64_t(table["loaded"]);
      status.estimate += std::uint64_t(table["estimate"]);
    }
    status.caught_up = status.caught_up && status.loaded > 0;
    return status;
  }

  std::string progress() {
    const SourceStatus status = source_status();
    const double share = static_cast<double>(status.loaded) / std::max<double>(1, options_.users);
    return fmt::format("users {} {:3.0f} %  {} rows", bar(share, 40), std::min(1.0, share) * 100,
                       human_count(status.loaded));
  }

  void draw_progress() {
    if (console_.interactive()) console_.redraw(progress());
  }

  template <typename Condition, typename Meanwhile>
  void wait_for(std::string_view what, Condition condition, Meanwhile meanwhile,
                std::chrono::milliseconds pause = 50ms) {
    const Stopwatch watch;
    while (!condition()) {
      if (stop_.stop_requested()) fail(ErrorKind::failed, "the demo was interrupted");
      if (!pipeline_->alive()) fail(ErrorKind::failed, "freshet run has ended: {}", last_line());
      if (watch.elapsed() > kPatience)
        fail(ErrorKind::failed, "waited too long for {}: see {}", what, log_.string());
      meanwhile();
      std::this_thread::sleep_for(pause);
    }
  }

  std::string last_line() {
    Bytes text = read_file_if_present(log_).value_or("");
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text.substr(text.rfind('\n') + 1);
  }

  // First column of a result, as text.
  std::vector<std::string> query(const std::string& sql) {
    const auto reply = ask({.command = "query", .sql = sql, .format = ResultFormat::json});
    if (!reply) fail(ErrorKind::failed, "freshet run has ended: {}", last_line());
    std::vector<std::string> values;
    simdjson::dom::parser parser;
    for (const simdjson::dom::object row : parser.parse(*reply).get_array())
      values.emplace_back(std::string_view((*row.begin()).value));
    return values;
  }

  // Runs a statement on the source and waits until SQL over the lake counts `rows` for `condition`.
  void change(const std::string& sql, const std::string& condition, int rows) {
    server_sql_->execute(sql);
    const std::int64_t committed = now_micros();
    const std::string count =
        fmt::format("SELECT count(*)::VARCHAR AS n FROM users WHERE {}", condition);
    wait_for(
        "the change", [&] { return query(count).front() == std::to_string(rows); }, [] {}, 1ms);
    const double delay = static_cast<double>(now_micros() - committed) / 1000;
    sql_delays_.push_back(delay);
    commits_.push_back(committed);
    say(fmt::format("{:<96} {:6.1f} ms", sql.substr(0, 95), delay));
  }

  // From each statement's return to the moment its block was appended to the stream.
  std::vector<double> stream_delays() {
    const auto stream = EmbeddedStream::open_reader(folder_.path() / "freshet-data" / "stream");
    const auto reader = stream->reader();
    std::vector<double> delays;
    std::vector<std::int64_t> appended;
    while (const auto block = reader->next(100ms, stop_)) appended.push_back(block->append_micros);
    // The blocks of the changes are the last ones: one a change, in order.
    if (appended.size() < commits_.size())
      fail(ErrorKind::failed, "the stream holds fewer blocks than changes were made");
    const auto first = appended.end() - static_cast<std::ptrdiff_t>(commits_.size());
    for (std::size_t i = 0; i < commits_.size(); ++i)
      delays.push_back(std::max(
          0.0, static_cast<double>(first[static_cast<std::ptrdiff_t>(i)] - commits_[i]) / 1000));
    return delays;
  }

  DemoOptions options_;
  Console console_{stdout};
  std::stop_token stop_;
  int step_ = 0;
  TemporaryDirectory folder_{"demo"};
  std::filesystem::path config_;
  std::filesystem::path log_;
  std::optional<PrivateServer> server_;
  std::optional<Connection> server_sql_;
  std::optional<ChildProcess> pipeline_;
  std::vector<double> sql_delays_;
  std::vector<std::int64_t> commits_;
};

constexpr std::string_view kAbout = R"(Examples:
  freshet demo                   ten thousand users; a minute at most
  freshet demo --users 200000
  freshet demo --keep            leaves server and pipeline running, and prints the addresses

Needs Debian's mariadb-server-core. Everything lives in a temporary folder; no service is started.)";

int run_demo(const DemoOptions& options) {
  std::signal(SIGPIPE, SIG_IGN);
  const StopOnSignal signals;
  Tour(options, signals.token()).run();
  return 0;
}

}  // namespace

void add_demo(CommandWords& app, CommandLine& line) {
  CommandWords command =
      app.command("demo", "The whole tour on a private MariaDB with made-up users");
  const auto options = std::make_shared<DemoOptions>();
  command.option("--users", &options->users, "How many users are made up",
                 {.value = "N", .between = {{300, 10'000'000}}});
  command.flag("--keep", options->keep, "Leave server and pipeline running");
  command.footer(kAbout);
  command.on_choice([&line, options] { line.action = [options] { return run_demo(*options); }; });
}

}  // namespace freshet
