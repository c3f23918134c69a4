#include "pipeline/masking_import.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "transform/column_policy.h"

namespace freshet {
namespace {

using testing::ElementsAre;

SensitiveDataOptions import(std::string_view json) {
  SensitiveDataOptions options;
  import_masking(json, options);
  return options;
}

TEST(MaskingImport, DmsTableMappings) {
  const SensitiveDataOptions options = import(R"({"rules":[
    {"rule-type":"selection","rule-id":"1","rule-name":"1","rule-action":"include",
     "object-locator":{"schema-name":"shop","table-name":"%"}},
    {"rule-type":"transformation","rule-id":"2","rule-name":"2","rule-target":"column",
     "object-locator":{"schema-name":"%","table-name":"users","column-name":"card_no"},
     "rule-action":"data-masking-digits-mask","value":"#"},
    {"rule-type":"transformation","rule-id":"3","rule-name":"3","rule-target":"column",
     "object-locator":{"schema-name":"shop","table-name":"users","column-name":"pin"},
     "rule-action":"data-masking-digits-randomize"},
    {"rule-type":"transformation","rule-id":"4","rule-name":"4","rule-target":"column",
     "object-locator":{"schema-name":"shop","table-name":"u[_]s","column-name":"email"},
     "rule-action":"data-masking-hash-mask"}]})");
  ASSERT_EQ(options.columns.size(), 3u);
  const ColumnRule& card = options.columns.at("*.users.card?no");
  EXPECT_EQ(card.action, MaskAction::partial);
  EXPECT_EQ(card.fill, "#");
  EXPECT_TRUE(card.digits_only);
  EXPECT_TRUE(options.columns.at("shop.users.pin").random_fill);
  EXPECT_EQ(options.columns.at("shop.u_s.email").action, MaskAction::hash);
  const ColumnRules rules(options, {"crm", "users"});
  EXPECT_NE(rules.find("card_no"), nullptr);
  EXPECT_EQ(rules.find("cardno"), nullptr);
}

TEST(MaskingImport, GlueJobs) {
  SensitiveDataOptions options = import(R"({"Job":{"Name":"j","CodeGenConfigurationNodes":{
    "node-1":{"S3CatalogSource":{"Name":"s"}},
    "node-2":{"PIIDetection":{"Name":"p","Inputs":["node-1"],"PiiType":"ColumnMasking",
      "EntityTypesToDetect":["EMAIL","PHONE_NUMBER"],"SampleFraction":1.0,
      "ThresholdFraction":0.2,"MaskValue":"########"}}}}})");
  EXPECT_THAT(options.detect, ElementsAre("EMAIL", "PHONE_NUMBER"));
  EXPECT_EQ(options.mode, MaskMode::column);
  EXPECT_EQ(options.verdict_percent, 20u);
  EXPECT_EQ(options.action.text, "########");

  options =
      import(R"({"PIIDetection":{"PiiType":"RowPartialMasking","EntityTypesToDetect":["EMAIL"],
    "NumLeftCharsToExclude":1,"NumRightCharsToExclude":2,"RedactChar":"x"}})");
  EXPECT_EQ(options.mode, MaskMode::cell);
  EXPECT_EQ(options.action.keep_left, 1u);
  EXPECT_EQ(options.action.keep_right, 2u);
  EXPECT_EQ(options.action.fill, "x");
}

TEST(MaskingImport, GlueDetectionParameters) {
  const SensitiveDataOptions options = import(R"({
    "EMAIL":[{"action":"REDACT","actionOptions":{"redactText":"#####"},"sourceColumns":["*"]}],
    "PHONE_NUMBER":[{"action":"PARTIAL_REDACT","actionOptions":{"numLeftCharsToExclude":"3",
      "numRightCharsToExclude":"4","redactChar":"#"}}]})");
  EXPECT_THAT(options.detect, ElementsAre("EMAIL", "PHONE_NUMBER"));
  EXPECT_EQ(options.actions.at("EMAIL").text, "#####");
  EXPECT_EQ(options.actions.at("PHONE_NUMBER").keep_left, 3u);
  EXPECT_EQ(options.actions.at("PHONE_NUMBER").keep_right, 4u);
}

TEST(MaskingImport, RefusesWhatItCannotFollow) {
  for (const char* json :
       {"", "[]", "{}", R"({"rules":[]})", R"({"rules":[{"rule-action":"include"}]})",
        R"({"rules":[{"rule-action":"data-masking-new","object-locator":{"column-name":"a"}}]})",
        R"({"rules":[{"rule-action":"data-masking-hash-mask","object-locator":{}}]})",
        R"({"PIIDetection":{"PiiType":"RowAudit","EntityTypesToDetect":["EMAIL"]}})",
        R"({"PIIDetection":{"PiiType":"RowMasking","EntityTypesToDetect":[]}})",
        R"({"PIIDetection":{"PiiType":"Other","EntityTypesToDetect":["EMAIL"]}})",
        R"({"EMAIL":[{"action":"DETECT"}]})",
        R"({"EMAIL":[{"action":"REDACT","sourceColumns":["data.email"]}]})",
        R"({"EMAIL":[{"action":"PARTIAL_REDACT","actionOptions":{"matchPattern":"a+"}}]})",
        R"({"a":{"PIIDetection":{}},"b":{"PIIDetection":{}}})"})
    EXPECT_THROW((void)import(json), Error) << json;
}

}  // namespace
}  // namespace freshet
