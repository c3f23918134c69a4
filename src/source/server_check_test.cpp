#include "source/server_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace freshet {
namespace {

using enum CheckResult::Outcome;
using testing::HasSubstr;

ServerFacts good_mysql() {
  return {.version = "9.7.4",
          .version_number = 90704,
          .identity = "uuid",
          .server_id = 1,
          .log_bin = true,
          .binlog_format = "ROW",
          .row_image = "FULL",
          .row_metadata = "FULL",
          .checksum = "CRC32",
          .gtid = true};
}

ServerFacts good_mariadb() {
  ServerFacts facts = good_mysql();
  facts.mariadb = true;
  facts.version = "10.11.19-MariaDB";
  facts.version_number = 101119;
  return facts;
}

CheckResult line(const std::vector<CheckResult>& results, std::string_view name) {
  const auto found = std::ranges::find(results, name, &CheckResult::name);
  return found == results.end() ? CheckResult{} : *found;
}

CheckResult setting(const ServerFacts& facts, const ServerSettings& settings,
                    std::string_view name) {
  return line(check_settings(facts, settings), name);
}

TEST(CheckSettings, PassesAServerThatIsSetUpWell) {
  for (const ServerFacts& facts : {good_mysql(), good_mariadb()})
    for (const CheckResult& result : check_settings(facts, {})) {
      EXPECT_EQ(result.outcome, passed) << result.name << ": " << result.detail;
      EXPECT_TRUE(result.remedy.empty()) << result.name;
    }
}

TEST(CheckSettings, KnowsTheVersionsItWasMadeFor) {
  ServerFacts facts = good_mariadb();
  facts.version_number = 100427;
  EXPECT_EQ(setting(facts, {}, "server version").outcome, failed);
  facts = good_mysql();
  facts.version_number = 50562;
  EXPECT_EQ(setting(facts, {}, "server version").outcome, failed);
  facts.version_number = 50600;
  EXPECT_EQ(setting(facts, {}, "server version").outcome, passed);
}

TEST(CheckSettings, RefusesALogThatDoesNotHoldWholeRows) {
  ServerFacts facts = good_mysql();
  facts.binlog_format = "MIXED";
  facts.row_image = "MINIMAL";
  facts.log_bin = false;
  facts.server_id = 0;
  EXPECT_EQ(setting(facts, {}, "binlog format").outcome, failed);
  EXPECT_THAT(setting(facts, {}, "binlog format").remedy,
              HasSubstr("SET PERSIST binlog_format = 'ROW';"));
  EXPECT_EQ(setting(facts, {}, "row image").outcome, failed);
  EXPECT_EQ(setting(facts, {}, "binary log").outcome, failed);
  EXPECT_EQ(setting(facts, {}, "server id").outcome, failed);
  EXPECT_EQ(setting(facts, {.partial_json = "PARTIAL_JSON"}, "JSON updates").outcome, failed);
  EXPECT_EQ(setting(good_mysql(), {.partial_json = "PARTIAL_JSON"}, "JSON updates").outcome,
            passed);
  EXPECT_EQ(setting(facts, {.aurora_reader = true}, "server role").outcome, failed);
}

TEST(CheckSettings, WarnsOfWhatWillHurtLater) {
  ServerFacts facts = good_mariadb();
  facts.row_metadata = "NO_LOG";
  facts.checksum = "NONE";
  EXPECT_EQ(setting(facts, {}, "row metadata").outcome, warning);
  EXPECT_THAT(setting(facts, {}, "row metadata").remedy,
              HasSubstr("SET GLOBAL binlog_row_metadata = 'FULL';"));
  EXPECT_EQ(setting(facts, {}, "log checksums").outcome, warning);
  EXPECT_EQ(setting(facts, {.sync_binlog = "0"}, "log durability").outcome, warning);
  EXPECT_EQ(setting(facts, {.sync_binlog = "1"}, "log durability").outcome, passed);
  EXPECT_EQ(setting(facts, {.clock_behind = 6}, "clock").outcome, warning);
  EXPECT_THAT(setting(facts, {.clock_behind = -60}, "clock").detail, HasSubstr("60 s ahead of"));
  EXPECT_EQ(setting(facts, {.clock_behind = -5}, "clock").outcome, passed);
}

TEST(CheckSettings, WantsADayOfLog) {
  const ServerFacts facts = good_mysql();
  EXPECT_EQ(setting(facts, {.expiry = {.seconds = 86399}}, "log retention").outcome, warning);
  EXPECT_EQ(setting(facts, {.expiry = {.seconds = 86400}}, "log retention").outcome, passed);
  EXPECT_EQ(setting(facts, {.expiry = {.seconds = 0}}, "log retention").outcome, passed);
  EXPECT_EQ(setting(facts, {.expiry = {.seconds = {}, .managed = true}}, "log retention").outcome,
            warning);
  EXPECT_EQ(
      setting(facts, {.expiry = {.seconds = 86400, .managed = true}}, "log retention").outcome,
      passed);
}

TEST(CheckSettings, AReplicaMustLogWhatItApplies) {
  ServerFacts facts = good_mysql();
  EXPECT_EQ(setting(facts, {.replica = true}, "server role").outcome, passed);
  facts.logs_replicated = false;
  EXPECT_EQ(setting(facts, {.replica = true}, "server role").outcome, failed);
  EXPECT_EQ(setting(facts, {}, "server role").outcome, passed);
}

TEST(CheckReaderId, TellsWhoElseHasIt) {
  const std::vector<ReplicaFacts> replicas = {{.server_id = 7, .address = "db2:3306"}};
  EXPECT_EQ(check_reader_id(good_mariadb(), 0, replicas).outcome, passed);
  EXPECT_EQ(check_reader_id(good_mariadb(), 8, replicas).outcome, passed);
  EXPECT_EQ(check_reader_id(good_mariadb(), 7, std::nullopt).outcome, passed);
  EXPECT_EQ(check_reader_id(good_mariadb(), 1, replicas).outcome, failed);
  EXPECT_EQ(check_reader_id(good_mariadb(), 7, replicas).outcome, failed);
  EXPECT_THAT(check_reader_id(good_mariadb(), 7, replicas).detail, HasSubstr("db2:3306"));
  EXPECT_EQ(check_reader_id(good_mysql(), 7, replicas).outcome, warning);
}

TEST(CheckLogFilters, RefusesDatabasesThatAreLeftOut) {
  const std::vector<TableName> tables = {{"shop", "t"}, {"crm", "t"}};
  EXPECT_EQ(check_log_filters({}, tables).outcome, passed);
  EXPECT_EQ(check_log_filters({.only = {"shop", "crm"}}, tables).outcome, passed);
  EXPECT_EQ(check_log_filters({.only = {"shop"}}, tables).outcome, failed);
  EXPECT_EQ(check_log_filters({.ignored = {"crm"}}, tables).outcome, failed);
  EXPECT_EQ(check_log_filters({.ignored = {"other"}}, tables).outcome, passed);
}

TEST(CheckLoadTime, WantsTheLogToOutlastTheLoad) {
  constexpr std::uint64_t kHourOfBytes = 3600ULL * 20'000'000;
  const ServerFacts facts = good_mysql();
  EXPECT_EQ(check_load_time(facts, {.seconds = 86400}, kHourOfBytes).outcome, passed);
  EXPECT_EQ(check_load_time(facts, {.seconds = 3600}, kHourOfBytes).outcome, warning);
  EXPECT_EQ(check_load_time(facts, {.seconds = 0}, kHourOfBytes).outcome, passed);
  const CheckResult managed =
      check_load_time(facts, {.seconds = {}, .managed = true}, kHourOfBytes);
  EXPECT_EQ(managed.outcome, warning);
  EXPECT_THAT(managed.remedy, HasSubstr("rds_set_configuration"));
  EXPECT_EQ(check_load_time(facts, {.seconds = {}, .managed = true}, 0).outcome, passed);
}

TableFacts good_table() {
  return {.name = {"d", "t"},
          .exists = true,
          .table_type = "BASE TABLE",
          .engine = "InnoDB",
          .has_key = true};
}

TEST(CheckTable, PassesWithAndWithoutAKey) {
  TableFacts table = good_table();
  EXPECT_EQ(check_table(good_mysql(), table).outcome, passed);
  table.has_key = false;
  EXPECT_EQ(check_table(good_mysql(), table).outcome, passed);
  EXPECT_THAT(check_table(good_mysql(), table).detail, HasSubstr("no primary key"));
}

TEST(CheckTable, RefusesWhatCannotBeCarried) {
  TableFacts table = good_table();
  table.exists = false;
  EXPECT_EQ(check_table(good_mysql(), table).outcome, failed);
  table = good_table();
  table.table_type = "VIEW";
  EXPECT_EQ(check_table(good_mysql(), table).outcome, failed);
  table = good_table();
  table.read_error = "denied";
  EXPECT_THAT(check_table(good_mysql(), table).remedy, HasSubstr("GRANT SELECT ON `d`.`t`"));
  table = good_table();
  table.lock_error = "denied";
  EXPECT_THAT(check_table(good_mysql(), table).remedy, HasSubstr("GRANT LOCK TABLES ON `d`.*"));
}

TEST(CheckTable, WarnsOfEnginesWithoutTransactions) {
  TableFacts table = good_table();
  table.engine = "MyISAM";
  EXPECT_EQ(check_table(good_mariadb(), table).outcome, warning);
  EXPECT_THAT(check_table(good_mariadb(), table).remedy, HasSubstr("lock_non_transactional"));
  table.locked = true;
  EXPECT_EQ(check_table(good_mariadb(), table).outcome, passed);
  EXPECT_THAT(check_table(good_mariadb(), table).detail, HasSubstr("locked against writing"));
  table.lock_error = "denied";
  EXPECT_EQ(check_table(good_mariadb(), table).outcome, failed);
}

TEST(CheckTable, WarnsOfCascadesThatTheServerDoesNotLog) {
  TableFacts table = good_table();
  table.cascades = {"fk (ON DELETE CASCADE, ON UPDATE RESTRICT)"};
  EXPECT_EQ(check_table(good_mysql(), table).outcome, passed);
  EXPECT_EQ(check_table(good_mariadb(), table).outcome, warning);
  ServerFacts older = good_mysql();
  older.version_number = 80400;
  EXPECT_EQ(check_table(older, table).outcome, warning);
}

}  // namespace
}  // namespace freshet
