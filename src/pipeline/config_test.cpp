#include "pipeline/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "base/error.h"
#include "pipeline/config_text.h"
#include "pipeline/settings.h"

namespace freshet {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kSmallest =
    "source: {url: \"mysql://cdc:pw@db:3307\", tables: [\"shop.users\"]}\n";

Config parse(std::string_view yaml, std::vector<std::string> overrides = {}) {
  return parse_config(yaml, "freshet.yaml", "/etc/freshet", overrides);
}

Config with(std::string_view yaml) { return parse(std::string(kSmallest) + std::string(yaml)); }

std::string error_of(std::string_view yaml, std::vector<std::string> overrides = {}) {
  try {
    (void)parse(yaml, std::move(overrides));
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::config);
    return error.what();
  }
  return "no error";
}

TEST(Config, SmallestUsefulHasADefaultForEverythingElse) {
  const Config config = parse(kSmallest);
  EXPECT_EQ(config.source.connection.host, "db");
  EXPECT_EQ(config.source.connection.port, 3307);
  EXPECT_EQ(config.source.connection.user, "cdc");
  EXPECT_EQ(config.source.connection.password, "pw");
  EXPECT_THAT(config.source.tables, ElementsAre("shop.users"));
  EXPECT_EQ(config.source.snapshot.chunk_rows, 50'000U);
  EXPECT_EQ(config.directory, "/etc/freshet/freshet-data");
  EXPECT_EQ(config.state_directory(), "/etc/freshet/freshet-data/state");
  EXPECT_EQ(config.stream.path, "/etc/freshet/freshet-data/stream");
  EXPECT_EQ(config.stream.retention, 24h);
  EXPECT_EQ(config.lake.location, "/etc/freshet/freshet-data/lake");
  EXPECT_EQ(config.lake.database, "default");
  EXPECT_EQ(config.lake.flush_interval, 5s);
  EXPECT_TRUE(config.lake.mirror);
  EXPECT_TRUE(config.lake.history);
  EXPECT_THAT(config.transform.sensitive_data.detect, ElementsAre("PHONE_NUMBER", "EMAIL"));
}

TEST(Config, ReadsEverySection) {
  const Config config = parse(R"(
directory: /var/lib/freshet
source:
  url: mysql://cdc@db
  tables: [shop.users, "crm.*"]
  password: secret
  tls: verify_ca
  tls_ca: certs/ca.pem
  connect_timeout: 3s
  read_timeout: 2m
  server_id: 4001
  snapshot: {chunk_rows: 1000}
stream: {type: embedded, path: /fast/stream, retention: 7d, max_size: 10GB}
transform:
  zero_dates: error
  zero_dates_in: [shop.*]
  flatten: {enabled: yes, separator: "__", max_levels: 3, max_columns: 40}
  sensitive_data:
    detect: [email, Phone]
    action: hash
    text: "[gone]"
    whole_value: true
    phone_regions: [DE, CH]
    at: ingest
    columns:
      users.email: keep
      "*.notes": drop
      phone: {action: partial, keep_left: 2, keep_right: 4}
      card: {keep_right: 4}
      secret: null
lake: {location: file:///lake, catalog: filesystem, database: raw, flush_interval: 250ms, history: no, mirror: on, memory: 1GB, spill: 3GB, threads: 4}
)");
  const SourceOptions& source = config.source.connection;
  EXPECT_EQ(source.password, "secret");
  EXPECT_EQ(source.tls, TlsMode::verify_ca);
  EXPECT_EQ(source.tls_ca, "/etc/freshet/certs/ca.pem");
  EXPECT_EQ(source.connect_timeout, 3U);
  EXPECT_EQ(source.read_timeout, 120U);
  EXPECT_EQ(source.server_id, 4001U);
  EXPECT_THAT(config.source.tables, ElementsAre("shop.users", "crm.*"));
  EXPECT_EQ(config.source.snapshot.chunk_rows, 1000U);
  EXPECT_EQ(config.state_directory(), "/var/lib/freshet/state");
  EXPECT_EQ(config.stream.path, "/fast/stream");
  EXPECT_EQ(config.stream.retention, 7 * 24h);
  EXPECT_EQ(config.stream.max_bytes, 10ULL << 30);
  EXPECT_EQ(config.transform.zero_dates, ZeroDatePolicy::error);
  EXPECT_EQ(config.transform.zero_dates_in, std::vector<std::string>{"shop.*"});
  EXPECT_EQ(config.transform.flatten.separator, "__");
  EXPECT_EQ(config.transform.flatten.max_levels, 3);
  EXPECT_EQ(config.transform.flatten.max_columns, 40U);
  const SensitiveDataOptions& sensitive = config.transform.sensitive_data;
  EXPECT_THAT(sensitive.detect, ElementsAre("EMAIL", "PHONE_NUMBER"));
  EXPECT_EQ(sensitive.action.action, MaskAction::hash);
  EXPECT_EQ(sensitive.mask, "[gone]");
  EXPECT_TRUE(sensitive.whole_value);
  EXPECT_THAT(sensitive.phone_regions, ElementsAre("DE", "CH"));
  EXPECT_EQ(sensitive.columns.at("users.email").action, MaskAction::keep);
  EXPECT_EQ(sensitive.columns.at("*.notes").action, MaskAction::drop);
  EXPECT_EQ(sensitive.columns.at("phone").keep_left, 2U);
  EXPECT_EQ(sensitive.columns.at("phone").keep_right, 4U);
  EXPECT_EQ(sensitive.columns.at("card").action, MaskAction::partial);
  EXPECT_EQ(sensitive.columns.at("secret").action, MaskAction::null);
  EXPECT_EQ(config.lake.location, "/lake");
  EXPECT_EQ(config.lake.database, "raw");
  EXPECT_EQ(config.lake.flush_interval, 250ms);
  EXPECT_FALSE(config.lake.history);
  EXPECT_TRUE(config.lake.mirror);
  EXPECT_EQ(config.lake.memory_bytes, 1ULL << 30);
  EXPECT_EQ(config.lake.spill_bytes, 3ULL << 30);
  EXPECT_EQ(config.lake.threads, 4);
}

struct BadConfig {
  std::string_view yaml;
  std::string_view message;
};

TEST(Config, NamesLineAndSettingOfWhatIsWrong) {
  const BadConfig cases[] = {
      {"", "freshet.yaml: source.url: no source server and user are given"},
      {"source: {url: 'mysql://a@b'}", "freshet.yaml: source.tables: no table is given"},
      {"- a", "freshet.yaml:1: a configuration is a map"},
      {"source:\n  url: [\n", "freshet.yaml:3: this is not YAML: "},
      {"lake:\n  locaton: x\n",
       "freshet.yaml:2: unknown setting lake.locaton: did you mean lake.location?"},
      {"\n\nsorce: {}\n", "freshet.yaml:3: unknown setting sorce: did you mean source?"},
      {"flush_interval: 1s",
       "freshet.yaml:1: unknown setting flush_interval: did you mean lake.flush_interval?"},
      {"source:\n  snapshot:\n    parallelism: 3\n",
       "freshet.yaml:3: unknown setting source.snapshot.parallelism: known here are chunk_rows"},
      {"lake:\n  history: true\n  history: false\n",
       "freshet.yaml:3: lake.history stands here a second time"},
      {"lake: here", "freshet.yaml:1: lake is a section"},
      {"source:\n  url: postgres://x\n",
       "freshet.yaml:2: source.url: a source URL begins with mysql:// or mariadb://"},
      {"source:\n  url: mysql://u:topsecret@h:99999\n",
       "freshet.yaml:2: source.url: the port of a source URL"},
      {"source:\n  url: mysql://u:topsecret@h?ssl=1\n",
       "freshet.yaml:2: source.url: a source URL takes the parameters socket, tls and tls_ca, not "
       "ssl"},
      {"source:\n  url: mysql://u:%zz@h\n", "freshet.yaml:2: source.url: a % in a URL"},
      {"source:\n  url:\n", "freshet.yaml:2: source.url: has no value"},
      {"source:\n  url: mysql://${FRESHET_TEST_ABSENT}@h\n",
       "freshet.yaml:2: source.url: the environment variable FRESHET_TEST_ABSENT is not set"},
      {"source:\n  password: ${oh no}\n",
       "freshet.yaml:2: source.password: ${oh no} is not a variable"},
      {"source:\n  password: ${oh\n", "freshet.yaml:2: source.password: a ${ has no closing brace"},
      {"source:\n  password_file: /nowhere/at/all\n", "freshet.yaml:2: source.password_file: "},
      {"source:\n  tables: [users]\n",
       "freshet.yaml:2: source.tables: \"users\" is not schema.table"},
      {"source:\n  tables: []\n", "freshet.yaml:2: source.tables: the list is empty"},
      {"source:\n  tls: maybe\n", "freshet.yaml:2: source.tls: maybe is no TLS mode"},
      {"source:\n  port: 0\n",
       "freshet.yaml:2: source.port: \"0\" is not a whole number from 1 to 65535"},
      {"source:\n  port: [1]\n", "freshet.yaml:2: source.port: takes one value"},
      {"source:\n  connect_timeout: 10\n",
       "freshet.yaml:2: source.connect_timeout: \"10\" is no duration"},
      {"source:\n  snapshot:\n    chunk_rows: 5\n",
       "freshet.yaml:3: source.snapshot.chunk_rows: \"5\" is not a whole number from 100"},
      {"stream:\n  type: kinesis\n",
       "freshet.yaml:2: stream.type: streams of type kinesis are not available in this version"},
      {"stream:\n  type: kafka\n", "freshet.yaml:2: stream.type: streams of type kafka are not"},
      {"stream:\n  type: tape\n", "freshet.yaml:2: stream.type: \"tape\" is no type of stream"},
      {"stream:\n  shards: 2\n", "freshet.yaml:2: stream.shards: not available in this version"},
      {"stream:\n  max_size: many\n", "freshet.yaml:2: stream.max_size: \"many\" is no size"},
      {"endpoints:\n  kinesis: 127.0.0.1:4566\n",
       "freshet.yaml:2: endpoints.kinesis: not available in this version"},
      {"endpoints:\n  metrics: 9464\n",
       "freshet.yaml:2: endpoints.metrics: \"9464\" is not an address and a port, such as "
       "127.0.0.1:9464"},
      {"endpoints:\n  metrics: 127.0.0.1:70000\n", "freshet.yaml:2: endpoints.metrics: "},
      {"endpoints:\n  metrics: ::1:9464\n", "freshet.yaml:2: endpoints.metrics: "},
      {"endpoints:\n  metrics: []\n", "freshet.yaml:2: endpoints.metrics: takes one value"},
      {"lake:\n  location: s3://bucket/x\n",
       "freshet.yaml:2: lake.location: a lake on S3 is not available"},
      {"lake:\n  catalog: glue\n",
       "freshet.yaml:2: lake.catalog: the glue catalog is not available"},
      {"lake:\n  database: My-Lake\n",
       "freshet.yaml:2: lake.database: \"My-Lake\" is no database name"},
      {"lake:\n  history: maybe\n",
       "freshet.yaml:2: lake.history: \"maybe\" is neither true nor false"},
      {"lake:\n  flush_interval: 1ms\n",
       "freshet.yaml:2: lake.flush_interval: 1ms is outside 50ms to 1h"},
      {"lake:\n  memory: 1MB\n", "freshet.yaml:2: lake.memory: write at least 64MB"},
      {"transform:\n  zero_dates: never\n",
       "freshet.yaml:2: transform.zero_dates: \"never\" is no policy"},
      {"transform:\n  sensitive_data:\n    detect: [phones]\n",
       "freshet.yaml:3: transform.sensitive_data.detect: "},
      {"transform:\n  sensitive_data:\n    phone_regions: [XX]\n",
       "freshet.yaml:3: transform.sensitive_data.phone_regions: "},
      {"transform:\n  sensitive_data:\n    mode: column\n    at: capture\n",
       "freshet.yaml:4: transform.sensitive_data.at: verdicts on columns"},
      {"transform:\n  sensitive_data:\n    action: drop\n",
       "freshet.yaml:3: transform.sensitive_data.action: drop is for columns only"},
      {"transform:\n  sensitive_data:\n    action: redakt\n",
       "freshet.yaml:3: transform.sensitive_data.action: \"redakt\" is no action (did you mean "
       "redact?)"},
      {"transform:\n  sensitive_data:\n    columns:\n      a: hash\n      b: encrypt\n",
       "freshet.yaml:5: transform.sensitive_data.columns: \"encrypt\" is no action"},
      {"transform:\n  sensitive_data:\n    columns:\n      a: {keep: 3}\n",
       "freshet.yaml:4: transform.sensitive_data.columns: unknown key \"keep\""},
      {"transform:\n  sensitive_data:\n    columns:\n      a: {action: hash, keep_left: 3}\n",
       "freshet.yaml:4: transform.sensitive_data.columns: keep_left belongs to the action"},
      {"transform:\n  sensitive_data:\n    actions:\n      EMAL: hash\n",
       "freshet.yaml:4: transform.sensitive_data.actions: EMAL is not among"},
      {"transform:\n  sensitive_data:\n    actions:\n      EMAIL: drop\n",
       "freshet.yaml:4: transform.sensitive_data.actions: drop is for columns"},
      {"transform:\n  sensitive_data:\n    keys:\n      k1: {kms: a}\n",
       "freshet.yaml:4: transform.sensitive_data.keys: keys encrypted by AWS KMS are not"},
      {"transform:\n  sensitive_data:\n    keys:\n      K1: {file: a}\n",
       "freshet.yaml:3: transform.sensitive_data.keys: \"K1\""},
      {"transform:\n  sensitive_data:\n    columns: [a]\n",
       "freshet.yaml:3: transform.sensitive_data.columns: takes a map"},
  };
  for (const BadConfig& bad : cases) {
    const std::string message = error_of(bad.yaml);
    EXPECT_TRUE(message.starts_with(bad.message)) << message << "\n  wanted: " << bad.message;
    EXPECT_THAT(message, Not(HasSubstr("topsecret")));
    EXPECT_THAT(message, Not(HasSubstr("\n")));
  }
}

TEST(Config, RefusesWhatContradictsItself) {
  EXPECT_THAT(error_of(std::string(kSmallest) + "lake: {mirror: off, history: off}"),
              HasSubstr("both off"));
  const std::string file = testing::TempDir() + "config-test-password";
  std::ofstream(file) << "p";
  EXPECT_THAT(error_of("source: {url: 'mysql://a@b/c', password: x, password_file: " + file + "}"),
              HasSubstr("exclude each other"));
}

TEST(Config, VariablesStandForOnePartOfTheUrl) {
  ::setenv("FRESHET_TEST_PASSWORD", "p@ss:w/rd%?#", 1);
  const Config config =
      parse("source: {url: 'mysql://cdc:${FRESHET_TEST_PASSWORD}@db', tables: a.b}");
  EXPECT_EQ(config.source.connection.password, "p@ss:w/rd%?#");
  EXPECT_EQ(config.source.connection.host, "db");

  ::setenv("FRESHET_TEST_URL", "mysql://u:p%40@h:1/shop", 1);
  const Config whole = parse("source: {url: '${FRESHET_TEST_URL}'}");
  EXPECT_EQ(whole.source.connection.password, "p@");
  EXPECT_EQ(whole.source.connection.port, 1);
  EXPECT_THAT(whole.source.tables, ElementsAre("shop.*"));
}

TEST(Config, VariablesHaveDefaultsAndEscapes) {
  ::unsetenv("FRESHET_TEST_ABSENT");
  EXPECT_EQ(with("lake: {database: '${FRESHET_TEST_ABSENT:-raw}'}").lake.database, "raw");
  EXPECT_EQ(expand_variables("a$${b}c", Expansion::plain), "a${b}c");
  EXPECT_EQ(expand_variables("${FRESHET_TEST_ABSENT:-}", Expansion::plain), "");
}

TEST(Config, ReadsThePasswordFromAFile) {
  const std::string file = testing::TempDir() + "config-test-password";
  std::ofstream(file) << "from file\n";
  const Config config = parse("source: {url: 'mysql://cdc@db/shop', password_file: " + file + "}");
  EXPECT_EQ(config.source.connection.password, "from file");
}

TEST(Config, OverridesWin) {
  const Config config =
      parse(std::string(kSmallest) + "lake: {flush_interval: 9s}",
            {"lake.flush_interval=1s", "source.tables=[\"a.b\", \"c.*\"]", "source.password=#x: y",
             "transform.sensitive_data.columns={a.b: keep}"});
  EXPECT_EQ(config.lake.flush_interval, 1s);
  EXPECT_THAT(config.source.tables, ElementsAre("a.b", "c.*"));
  EXPECT_EQ(config.source.connection.password, "#x: y");
  EXPECT_EQ(config.transform.sensitive_data.columns.at("a.b").action, MaskAction::keep);
}

TEST(Config, RelativePathsOfOverridesStartInTheWorkingDirectory) {
  EXPECT_EQ(parse(kSmallest, {"directory=data"}).directory,
            std::filesystem::current_path() / "data");
}

TEST(Config, RefusesBadOverrides) {
  EXPECT_EQ(error_of(kSmallest, {"lake.histroy=false"}),
            "--set: unknown setting lake.histroy: did you mean lake.history?");
  EXPECT_THAT(error_of(kSmallest, {"lake.history"}),
              HasSubstr("--set: \"lake.history\" is not setting=value"));
  EXPECT_EQ(error_of(kSmallest, {"lake.threads=x"}),
            "--set: lake.threads: \"x\" is not a whole number from 1 to 256");
  EXPECT_THAT(error_of(kSmallest, {"nowhere.at.all=1"}),
              HasSubstr("--set: unknown setting nowhere.at.all"));
}

TEST(Config, CommandsWithoutASourceNeedNoPassword) {
  const std::string yaml =
      "source: {url: 'mysql://u:${FRESHET_TEST_ABSENT}@h'}\nlake: {database: raw}\n";
  const Config config = parse_config(yaml, "f", "/", {}, ConfigScope::without_source);
  EXPECT_EQ(config.lake.database, "raw");
  EXPECT_THROW(parse_config("source: {ulr: x}", "f", "/", {}, ConfigScope::without_source), Error);
}

TEST(Config, MissingFileNamesTheCommandThatWritesOne) {
  try {
    (void)load_config("/nowhere/freshet.yaml");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::config);
    EXPECT_THAT(error.what(), HasSubstr("freshet init"));
  }
}

TEST(SourceUrl, ReadsItsParts) {
  const SourceConfig config = parse_source_url(
      "mariadb://us%40er:p%3Aw@[::1]:33/shop?socket=/run/s.sock&tls=required&tls_ca=/ca");
  EXPECT_EQ(config.connection.user, "us@er");
  EXPECT_EQ(config.connection.password, "p:w");
  EXPECT_EQ(config.connection.host, "::1");
  EXPECT_EQ(config.connection.port, 33);
  EXPECT_EQ(config.connection.socket, "/run/s.sock");
  EXPECT_EQ(config.connection.tls, TlsMode::required);
  EXPECT_EQ(config.connection.tls_ca, "/ca");
  EXPECT_THAT(config.tables, ElementsAre("shop.*"));
  EXPECT_EQ(describe_source(parse_source_url("mysql://u:p@[::1]:33").connection), "u@[::1]:33");
  EXPECT_EQ(describe_source(parse_source_url("mysql://u@?socket=/s").connection), "u@/s");
}

TEST(ConfigTemplate, IsAConfiguration) {
  const std::vector<std::string> tables{"shop.users", "shop.or\"ders"};
  const std::string yaml = render_config_template("mysql://cdc:hunter2@db:3307", tables);
  EXPECT_THAT(yaml, Not(HasSubstr("hunter2")));
  ::setenv("FRESHET_PASSWORD", "env", 1);
  const Config config = parse(yaml);
  EXPECT_EQ(config.source.connection.password, "env");
  EXPECT_EQ(config.source.connection.port, 3307);
  EXPECT_EQ(config.source.tables, tables);
}

TEST(ConfigTemplate, NeverWritesAPasswordDown) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"mysql://cdc:hunter2@db/shop", "mysql://cdc:${FRESHET_PASSWORD}@db/shop"},
      {"mysql://cdc@db/shop", "mysql://cdc:${FRESHET_PASSWORD:-}@db/shop"},
      {"mysql://cdc:${OTHER}@db/shop", "mysql://cdc:${OTHER}@db/shop"},
      {"mysql://db/shop", "mysql://db/shop"},
  };
  for (const auto& [given, written] : cases)
    EXPECT_THAT(render_config_template(given, std::vector<std::string>{"shop.*"}),
                HasSubstr(fmt::format("url: \"{}\"\n", written)));
  EXPECT_THROW((void)render_config_template("postgres://x", {}), Error);
}

// Every default that the template shows is what the program does without it.
TEST(ConfigTemplate, ShowsTheRealDefaults) {
  std::vector<std::string> overrides;
  for (const Setting& setting : settings()) {
    if (setting.fallback.empty()) continue;
    std::string_view text = setting.fallback;
    if (text.starts_with('"')) text = text.substr(1, text.size() - 2);
    overrides.push_back(fmt::format("{}={}", setting.path, text));
  }
  const std::string url = "source: {url: 'mysql://cdc:pw@127.0.0.1', tables: [shop.users]}";
  const Config shown = parse_config(url, "f", std::filesystem::current_path(), overrides);
  const Config real = parse_config(url, "f", std::filesystem::current_path());
  EXPECT_EQ(shown.directory, real.directory);
  EXPECT_EQ(shown.stream.path, real.stream.path);
  EXPECT_EQ(shown.stream.retention, real.stream.retention);
  EXPECT_EQ(shown.stream.max_bytes, real.stream.max_bytes);
  EXPECT_EQ(shown.lake.location, real.lake.location);
  EXPECT_EQ(shown.lake.database, real.lake.database);
  EXPECT_EQ(shown.lake.flush_interval, real.lake.flush_interval);
  EXPECT_EQ(shown.lake.memory_bytes, real.lake.memory_bytes);
  EXPECT_EQ(shown.lake.spill_bytes, real.lake.spill_bytes);
  EXPECT_EQ(shown.lake.threads, real.lake.threads);
  EXPECT_EQ(shown.lake.mirror, real.lake.mirror);
  EXPECT_EQ(shown.lake.history, real.lake.history);
  EXPECT_EQ(shown.source.snapshot.chunk_rows, real.source.snapshot.chunk_rows);
  EXPECT_EQ(shown.source.connection.port, real.source.connection.port);
  EXPECT_EQ(shown.source.connection.tls, real.source.connection.tls);
  EXPECT_EQ(shown.source.connection.server_id, real.source.connection.server_id);
  EXPECT_EQ(shown.source.connection.connect_timeout, real.source.connection.connect_timeout);
  EXPECT_EQ(shown.source.connection.read_timeout, real.source.connection.read_timeout);
  EXPECT_EQ(shown.transform.zero_dates, real.transform.zero_dates);
  EXPECT_EQ(shown.transform.zero_dates_in, real.transform.zero_dates_in);
  EXPECT_EQ(shown.transform.flatten.enabled, real.transform.flatten.enabled);
  EXPECT_EQ(shown.transform.flatten.separator, real.transform.flatten.separator);
  EXPECT_EQ(shown.transform.flatten.max_levels, real.transform.flatten.max_levels);
  EXPECT_EQ(shown.transform.flatten.max_columns, real.transform.flatten.max_columns);
  const SensitiveDataOptions& a = shown.transform.sensitive_data;
  const SensitiveDataOptions& b = real.transform.sensitive_data;
  EXPECT_EQ(a.detect, b.detect);
  EXPECT_EQ(a.mask, b.mask);
  EXPECT_EQ(a.action.action, b.action.action);
  EXPECT_EQ(a.phone_regions, b.phone_regions);
  EXPECT_EQ(a.whole_value, b.whole_value);
  EXPECT_EQ(a.columns.size(), b.columns.size());
}

TEST(ConfigText, Durations) {
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("2m"), 2min);
  EXPECT_EQ(parse_duration("0"), 0ms);
  for (const std::string_view bad : {"", "5", "s", "-1s", "5 s", "1.5s", "9223372036854775807d"})
    EXPECT_FALSE(parse_duration(bad)) << bad;
  for (const std::string_view text : {"0", "250ms", "5s", "90s", "2m", "23h", "7d"})
    EXPECT_EQ(format_duration(*parse_duration(text)), text);
}

TEST(ConfigText, Sizes) {
  EXPECT_EQ(parse_size("512"), 512U);
  EXPECT_EQ(parse_size("256MB"), 256ULL << 20);
  EXPECT_EQ(parse_size("1T"), 1ULL << 40);
  for (const std::string_view bad : {"", "MB", "-1", "1XB", "1.5GB", "9999999999TB"})
    EXPECT_FALSE(parse_size(bad)) << bad;
}

TEST(ConfigText, NearestName) {
  const std::string_view names[] = {"host", "port", "socket"};
  EXPECT_EQ(nearest_name("prot", names), "port");
  EXPECT_EQ(nearest_name("sokcet", names), "socket");
  EXPECT_FALSE(nearest_name("completely", names));
}

TEST(MatchesTable, Wildcards) {
  EXPECT_TRUE(matches_table("shop.users", "shop.users"));
  EXPECT_FALSE(matches_table("shop.users", "shop.users2"));
  EXPECT_TRUE(matches_table("shop.*", "shop.users"));
  EXPECT_TRUE(matches_table("*.users", "shop.users"));
  EXPECT_TRUE(matches_table("*", "shop.users"));
  EXPECT_TRUE(matches_table("s*p.u*s*", "shop.users"));
  EXPECT_FALSE(matches_table("s*p.u*x", "shop.users"));
  EXPECT_FALSE(matches_table("shop.*", "shops.users"));
  EXPECT_FALSE(matches_table("", "shop.users"));
}

}  // namespace
}  // namespace freshet
