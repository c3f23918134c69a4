#include "transform/table_transform.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json_text.h"
#include "transform/column_policy.h"
#include "transform/json_tokens.h"
#include "transform/masked_rows.h"
#include "transform/masker.h"
#include "transform/row_identity.h"

namespace freshet {
namespace {

const std::string kKey(32, 'k');

Bytes image(std::initializer_list<Value> cells) {
  Bytes out;
  for (const Value& cell : cells) put_value(out, cell);
  return out;
}
Value text(std::string_view t) { return Value::of(ValueKind::text, t); }
Value json(std::string_view t) { return Value::of(ValueKind::json, t); }

SchemaPtr table(std::vector<Column> columns, std::vector<std::uint32_t> key = {}) {
  auto schema = std::make_shared<TableSchema>();
  schema->name = {"shop", "users"};
  schema->columns = std::move(columns);
  schema->key = std::move(key);
  return schema;
}

// A transform with what a test needs to look at its rows.
struct Fixture {
  explicit Fixture(SchemaPtr source, const TransformOptions& options = {},
                   const std::vector<LakeColumn>& existing = {})
      : transform(std::move(source), options, kKey, existing) {}

  void apply(std::initializer_list<Value> cells) {
    arena.clear();
    bytes = image(cells);
    transform.apply(bytes, row, arena);
    ASSERT_EQ(row.size(), transform.schema().columns.size());
  }
  std::string at(std::string_view column) const {
    const auto found = transform.schema().find(column);
    if (!found) return "(no column)";
    const Value& v = row[*found];
    switch (v.kind) {
      case ValueKind::null: return "(null)";
      case ValueKind::int64: return fmt::to_string(v.integer);
      case ValueKind::float64: return fmt::to_string(v.real);
      default: return std::string(v.text);
    }
  }
  std::string names() const {
    std::string result;
    for (const LakeColumn& column : transform.schema().columns)
      result += (result.empty() ? "" : " ") + column.name;
    return result;
  }
  LakeType type_of(std::string_view column) const {
    return transform.schema().columns[transform.schema().find(column).value()].type;
  }

  TableTransform transform;
  Arena arena;
  Bytes bytes;
  std::vector<Value> row;
};

const Column kId{.name = "id", .type = ColumnType::integer, .nullable = false};
const Column kProfile{.name = "profile", .type = ColumnType::json};

TEST(TableTransform, MasksByNameAndByCell) {
  Fixture f(table({kId,
                   {.name = "email", .type = ColumnType::varchar},
                   {.name = "phone", .type = ColumnType::char_},
                   {.name = "mobile_no", .type = ColumnType::bigint},
                   {.name = "note", .type = ColumnType::text},
                   {.name = "blob", .type = ColumnType::blob}},
                  {0}));
  f.apply({Value::of_int(7), text("a@b"), text("n/a"), Value::of_int(5551234567),
           text("Mail ann@example.com or call 212-555-0142!"),
           Value::of(ValueKind::bytes, "ann@example.com")});
  EXPECT_EQ(f.at("id"), "7");
  EXPECT_EQ(f.at("email"), "#####");
  EXPECT_EQ(f.at("phone"), "#####");
  EXPECT_EQ(f.at("mobile_no"), "(null)");
  EXPECT_EQ(f.at("note"), "Mail ##### or call #####!");
  EXPECT_EQ(f.at("blob"), "#####");
  f.apply({Value::of_int(8), Value::null(), text(""), Value::null(), text("clean"),
           Value::of(ValueKind::bytes, std::string_view("\xff\x00\x01", 3))});
  EXPECT_EQ(f.at("email"), "(null)");
  EXPECT_EQ(f.at("phone"), "");
  EXPECT_EQ(f.at("note"), "clean");
  EXPECT_EQ(f.at("note").size(), 5u);
  EXPECT_EQ(f.at("blob").size(), 3u);

  const auto findings = f.transform.findings();
  EXPECT_EQ(findings[1].basis, ColumnFinding::Basis::name);
  EXPECT_EQ(findings[1].known_as, "EMAIL");
  EXPECT_EQ(findings[1].masked, 1u);
  EXPECT_EQ(findings[4].cells, 2u);
  EXPECT_EQ(findings[4].masked, 1u);
  EXPECT_EQ(findings[4].hits.size(), 2u);
}

TEST(TableTransform, PhonesInNumbersOfAnyWidth) {
  for (const ColumnType type : {ColumnType::smallint, ColumnType::integer, ColumnType::bigint}) {
    Fixture f(table({{.name = "phone", .type = type}}));
    f.apply({Value::of_int(5142)});
    EXPECT_EQ(f.at("phone"), "(null)") << name_of(type);
  }
  Fixture real(table({{.name = "phone", .type = ColumnType::real32}}));
  real.apply({Value::of_float(5551234)});
  EXPECT_EQ(real.at("phone"), "(null)");
  Fixture flag(table({{.name = "phone", .type = ColumnType::tinyint}}));
  flag.apply({Value::of_int(1)});
  EXPECT_EQ(flag.at("phone"), "1");
}

// Rows of a table whose columns `contact` and `profile.reach` hold e-mail addresses, mostly.
void feed(Fixture& f, int from, int to) {
  for (int n = from; n < to; ++n) {
    const std::string mail = n % 3 == 0 ? "unlisted" : fmt::format("ann{}@example.com", n);
    f.apply({text(mail), text(fmt::format("write to {} of order {}", mail, n)),
             json(fmt::format(R"({{"reach":"{}","tags":["{}"]}})", mail, mail))});
  }
}
const std::vector<Column> kContacts = {{.name = "contact", .type = ColumnType::varchar},
                                       {.name = "note", .type = ColumnType::text},
                                       kProfile};

TEST(TableTransform, VerdictsOnColumns) {
  TransformOptions options;
  options.sensitive_data.mode = MaskMode::column;
  Fixture f(table(kContacts), options);
  feed(f, 0, 3);
  f.transform.decide();
  EXPECT_EQ(f.transform.verdicts().version(), 0u) << "two cells are no evidence";
  feed(f, 0, 30);
  f.transform.decide();
  ASSERT_EQ(f.transform.verdicts().version(), 2u);
  const ColumnVerdict* verdict = f.transform.verdicts().find("Contact");
  ASSERT_NE(verdict, nullptr);
  EXPECT_EQ(verdict->type, "EMAIL");
  EXPECT_EQ(verdict->cells, 33u);
  EXPECT_EQ(verdict->hits, 22u);
  EXPECT_EQ(verdict->source_type, "varchar");
  EXPECT_EQ(f.transform.verdicts().find("note"), nullptr) << "it mentions addresses, is none";

  feed(f, 0, 1);
  EXPECT_EQ(f.at("contact"), "#####");
  EXPECT_EQ(f.at("profile.reach"), "#####");
  EXPECT_EQ(f.at("profile.tags"), R"(["unlisted"])");
  EXPECT_EQ(f.at("note"), "write to unlisted of order 0");
  f.apply({Value::null(), text(""), Value::null()});
  EXPECT_EQ(f.at("contact"), "(null)");
  EXPECT_EQ(f.transform.findings()[0].basis, ColumnFinding::Basis::verdict);

  // A restart, a rule, and the other mode.
  const TableVerdicts stored = TableVerdicts::from_json(f.transform.verdicts().to_json());
  EXPECT_EQ(stored, f.transform.verdicts());
  const auto contact_after = [&](const TransformOptions& with) {
    TableTransform transform(table(kContacts), with, kKey, {}, stored);
    Arena arena;
    std::vector<Value> row;
    const Bytes bytes = image({text("unlisted"), Value::null(), Value::null()});
    transform.apply(bytes, row, arena);
    return std::string(row[0].text) + (transform.overruled().empty() ? "" : " overruled");
  };
  EXPECT_EQ(contact_after(options), "#####");
  options.sensitive_data.columns = {{"contact", {MaskAction::keep}}};
  EXPECT_EQ(contact_after(options), "unlisted overruled");
  EXPECT_EQ(contact_after({}), "unlisted");
}

TEST(TableTransform, VerdictsFollowARename) {
  TransformOptions options;
  options.sensitive_data.mode = MaskMode::column;
  Fixture f(table(kContacts), options);
  feed(f, 0, 64);
  std::vector<Column> renamed = kContacts;
  renamed[0].name = "reach";
  f.transform.change_schema(table(renamed));
  f.apply({text("unlisted"), Value::null(), Value::null()});
  EXPECT_EQ(f.at("reach"), "#####");
}

TEST(TableTransform, NamesAreVerdictsToo) {
  TransformOptions options;
  options.sensitive_data.mode = MaskMode::column;
  Fixture f(table({{.name = "email", .type = ColumnType::varchar}, kProfile}), options);
  f.apply({text("x"), json(R"({"phone":5})")});
  ASSERT_EQ(f.transform.verdicts().version(), 2u);
  EXPECT_EQ(f.transform.verdicts().all()[0].name_type, "EMAIL");
  EXPECT_EQ(f.transform.verdicts().all()[1].column, "profile.phone");
}

// Columns of numbers that no name tells of: phones and cards, beside what looks like them.
TEST(TableTransform, VerdictsOnNumbers) {
  TransformOptions options;
  options.sensitive_data.mode = MaskMode::column;
  options.sensitive_data.detect = {"PHONE_NUMBER", "CREDIT_CARD"};
  options.sensitive_data.action.action = MaskAction::hash;
  const auto number = [](const char* name) {
    return Column{.name = name, .type = ColumnType::bigint};
  };
  const std::vector<Column> columns = {number("id"),     number("reach"), number("full"),
                                       number("pay"),    number("epoch"), number("hour"),
                                       number("random"), number("nanos")};
  const SchemaPtr source = table(columns, {0});
  Fixture f(source, options);
  std::uint64_t seed = 7;
  const auto below = [&](std::uint64_t most) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::int64_t>((seed >> 33) % most);
  };
  const auto feed = [&] {
    const std::int64_t card = 411111000000000 + below(111111111);
    int sum = 0;
    bool twice = true;
    for (std::int64_t left = card; left > 0; left /= 10, twice = !twice) {
      const int digit = static_cast<int>(left % 10) * (twice ? 2 : 1);
      sum += digit % 10 + digit / 10;
    }
    f.apply({Value::of_int(2125550000 + below(1) + static_cast<std::int64_t>(f.row.size())),
             Value::of_int(6502000000 + below(9000000)),
             Value::of_int(491700000000 + below(99999999)),
             Value::of_int(card * 10 + (10 - sum % 10) % 10),
             Value::of_int(1704067200 + below(60000000)), Value::of_int(2024010100 + below(24)),
             Value::of_int(1000000000 + below(9000000000)),
             Value::of_int(1704067200000 + below(60000000000))});
  };
  for (int i = 0; i < 15; ++i) feed();
  f.transform.decide();
  EXPECT_EQ(f.transform.verdicts().version(), 0u) << "too few";
  for (int i = 0; i < 60; ++i) feed();
  f.transform.decide();
  std::string found;
  for (const ColumnVerdict& verdict : f.transform.verdicts().all())
    found += verdict.column + ":" + verdict.type + " ";
  EXPECT_EQ(found, "reach:PHONE_NUMBER full:PHONE_NUMBER pay:CREDIT_CARD ");
  feed();
  EXPECT_EQ(f.at("reach"), "(null)");
  EXPECT_EQ(f.at("pay"), "(null)");
  EXPECT_NE(f.at("random"), "(null)");
  EXPECT_EQ(f.type_of("reach"), LakeType::int64);

  // After a restart the column keeps its type and stays masked.
  TableTransform next(source, options, kKey, f.transform.schema().columns, f.transform.verdicts());
  std::vector<Value> row;
  Arena arena;
  next.apply(f.bytes, row, arena);
  EXPECT_EQ(next.schema(), f.transform.schema());
  EXPECT_TRUE(row[1].is_null());
}

TEST(TableVerdicts, RefusesWhatItCannotRead) {
  for (const char* json :
       {"", "{}", R"({"version":2,"columns":[]})", R"({"version":1,"columns":[{"column":"a"}]})"})
    EXPECT_THROW((void)TableVerdicts::from_json(json), Error) << json;
}

TEST(TableTransform, CleanTextIsNotCopied) {
  Fixture f(table({kId, {.name = "note", .type = ColumnType::text}}));
  f.apply({Value::of_int(1), text("nothing to see")});
  EXPECT_GE(f.row[1].text.data(), f.bytes.data());
  EXPECT_LT(f.row[1].text.data(), f.bytes.data() + f.bytes.size());
}

// Bytes that are no text: what can be read in them is judged, and nothing else changes.
TEST(TableTransform, BinaryCells) {
  using namespace std::string_literals;
  const auto written = [](const std::string& bytes, MaskAction action = MaskAction::redact) {
    TransformOptions options;
    options.sensitive_data.action.action = action;
    Fixture f(table({{.name = "raw", .type = ColumnType::blob}}), options);
    f.apply({Value::of(ValueKind::bytes, bytes)});
    return f.at("raw");
  };
  EXPECT_EQ(written("mail ann@example.com"), "#####") << "text is masked whole";
  EXPECT_EQ(written("\xff\xd8 Exif\0 ann@example.com \x91\x92\x93"s),
            "\xff\xd8 Exif\0 ############### \x91\x92\x93"s);
  EXPECT_EQ(written("\x0a\xfe\xfe\xfe\xfe\xfe\xfe\xfe\x0d+49 30 901820\x12\xfe\xfe\xfe"s),
            "\x0a\xfe\xfe\xfe\xfe\xfe\xfe\xfe\x0d#############\x12\xfe\xfe\xfe"s);
  EXPECT_EQ(written("call jos\xe9@example.de"), "call ###############") << "Latin-1";
  EXPECT_EQ(written("t\0o\0 \0a\0@\0b\0.\0d\0e\0"s), "t\0o\0 \0#\0#\0#\0#\0#\0#\0"s) << "UTF-16";
  EXPECT_EQ(written("\xff ann@example.com", MaskAction::hash).size(), 64u);
  EXPECT_EQ(written("\xff ann@example.com", MaskAction::null), "(null)");
  // An identifier of sixteen bytes that holds "a@b.de" by chance.
  const std::string uuid =
      "\x80\x81\x82\x83\x84\x85"
      "a@b.de"
      "\xf0\x86\x87\x88"s;
  EXPECT_EQ(written(uuid), uuid);
}

TEST(TableTransform, KeysAreHashed) {
  Fixture f(table({{.name = "email", .type = ColumnType::varchar, .nullable = false}}, {0}));
  f.apply({text("ann@example.com")});
  const std::string first = f.at("email");
  EXPECT_EQ(first.size(), 64u);
  f.apply({text("bob@example.com")});
  EXPECT_NE(f.at("email"), first);
  EXPECT_TRUE(f.transform.schema().columns[0].required);

  Fixture number(table({{.name = "msisdn", .type = ColumnType::bigint, .nullable = false}}, {0}));
  EXPECT_EQ(number.type_of("msisdn"), LakeType::string);
  number.apply({Value::of_int(5551234567)});
  EXPECT_EQ(number.at("msisdn").size(), 64u);
}

TEST(TableTransform, RulesOverrule) {
  TransformOptions options;
  options.sensitive_data.columns = {
      {"users.email", {MaskAction::keep}},       {"name", {MaskAction::partial, 1, 1}},
      {"shop.users.secret", {MaskAction::drop}}, {"*_token", {MaskAction::hash}},
      {"salary", {MaskAction::redact}},          {"profile.city", {MaskAction::null}}};
  Fixture f(table({{.name = "email", .type = ColumnType::varchar},
                   {.name = "name", .type = ColumnType::varchar},
                   {.name = "secret", .type = ColumnType::varchar},
                   {.name = "api_token", .type = ColumnType::integer},
                   {.name = "salary", .type = ColumnType::integer},
                   kProfile}),
            options);
  f.apply({text("ann@example.com"), text("\u00c5sa"), text("x"), Value::of_int(3), Value::of_int(9),
           json(R"({"city":"Rome","zip":1})")});
  EXPECT_EQ(f.at("email"), "ann@example.com");
  EXPECT_EQ(f.at("name"), "\u00c5*a");
  EXPECT_EQ(f.at("secret"), "(no column)");
  EXPECT_EQ(f.at("api_token").size(), 64u);
  EXPECT_EQ(f.at("salary"), "(null)");
  EXPECT_EQ(f.at("profile.city"), "(null)");
  EXPECT_EQ(f.at("profile.zip"), "1");
}

TEST(TableTransform, ActionsByType) {
  TransformOptions options;
  options.sensitive_data.actions = {{"EMAIL", {.action = MaskAction::tokenise}},
                                    {"PHONE_NUMBER", {MaskAction::partial, 2, 2}}};
  Fixture f(table({{.name = "email", .type = ColumnType::varchar},
                   {.name = "phone", .type = ColumnType::bigint},
                   {.name = "note", .type = ColumnType::text},
                   kProfile}),
            options);
  EXPECT_EQ(f.type_of("phone"), LakeType::string);
  f.apply({text("ann@example.com"), Value::of_int(4930901820),
           text("ann@example.com, +49 (30) 901820-12"), json(R"({"tel":"+49 30 901820"})")});
  const std::string token = f.at("email");
  EXPECT_TRUE(token.starts_with("tok_0_")) << token;
  EXPECT_EQ(f.at("phone"), "49******20");
  EXPECT_EQ(f.at("note"), token + ", +49 (**) ******-12");
  EXPECT_EQ(f.at("profile.tel"), "+49 ** ****20");

  options.sensitive_data.actions = {{"EMAIL", {.action = MaskAction::null}},
                                    {"PHONE_NUMBER", {.action = MaskAction::keep}}};
  Fixture g(table({{.name = "phone", .type = ColumnType::varchar},
                   {.name = "note", .type = ColumnType::text}}),
            options);
  g.apply({text("+49 30 901820"), text("ann@example.com, +49 30 901820")});
  EXPECT_EQ(g.at("phone"), "+49 30 901820");
  EXPECT_EQ(g.at("note"), "(null)");
  g.apply({text("mail ann@example.com"), text("call +49 30 901820")});
  EXPECT_EQ(g.at("phone"), "(null)") << "what is kept is the phone number, not the column";
  EXPECT_EQ(g.at("note"), "call +49 30 901820");
}

TEST(TableTransform, TextsWithinTexts) {
  TransformOptions options;
  options.sensitive_data.look_into.base64 = true;
  Fixture f(table({{.name = "t", .type = ColumnType::text}}), options);
  const std::pair<std::string_view, std::string_view> cases[] = {
      {R"({"email":"x","n":1,"s":"{\"phone\":\"5\",\"k\":[\"ann@example.com\"]}"})",
       R"({"email":"#####","n":1,"s":"{\"phone\":\"#####\",\"k\":[\"#####\"]}"})"},
      {R"({"ann@example.com":1})", R"({"key_52ecd7806231652c":1})"},
      {R"([ "ann\u0040example.com" ] )", R"([ "#####" ])"},
      {R"({"a":"ann\u0040example.com")", R"({"a":"#####")"},
      {"q=1&mail=ann%40example.com&tel=%2B49%2030%20901820&x=2", "q=1&mail=#####&tel=#####&x=2"},
      {"<a href='mailto:ann&#64;example.com'>", "<a href='mailto:#####'>"},
      {"7;ann@example.com;\"+49 30 901820\";x", "7;#####;\"#####\";x"},
      {"k=d3JpdGUgdG8gYW5uQGV4YW1wbGUub3Jn;", "k=#####;"},
      {"{not json} 100% & more \\ clean", "{not json} 100% & more \\ clean"},
      {R"({"a":1})", R"({"a":1})"},
  };
  for (const auto& [before, after] : cases) {
    f.apply({text(before)});
    EXPECT_EQ(f.at("t"), after);
  }
  // A document is one cell, which says nothing of the column.
  EXPECT_EQ(f.transform.findings()[0].hits.size(), 2u);

  std::string nested = "ann@example.com";
  for (int i = 0; i < 7; ++i) nested = "{\"a\":" + json_quote(nested) + "}";
  f.apply({text(nested)});
  EXPECT_EQ(f.at("t").find("ann"), std::string::npos);
  f.apply({text(std::string(1'000'000, '{') + "ann@example.com")});
  EXPECT_EQ(f.at("t").find("ann"), std::string::npos);
}

TEST(TableTransform, RefusesRulesThatKeysCannotFollow) {
  TransformOptions options;
  options.sensitive_data.columns = {{"id", {MaskAction::drop}}};
  EXPECT_THROW(Fixture(table({kId}, {0}), options), Error);
  EXPECT_THROW(TableTransform(table({kId}), {}, "short"), Error);
}

TEST(TableTransform, FlattensJson) {
  Fixture f(table({kId, kProfile}));
  EXPECT_EQ(f.names(), "id");
  f.apply({Value::of_int(1), json(R"({"a":{"b":1,"c":"x\u00e9"},"ok":true,"f":1.5,"n":null,
            "items":[1, {"x":2}],"big":123456789012345678901})")});
  EXPECT_EQ(f.names(), "id profile.a.b profile.a.c profile.ok profile.f profile.items profile.big");
  EXPECT_EQ(f.at("profile.a.b"), "1");
  EXPECT_EQ(f.at("profile.a.c"), "x\u00e9");
  EXPECT_EQ(f.at("profile.ok"), "1");
  EXPECT_EQ(f.type_of("profile.ok"), LakeType::boolean);
  EXPECT_EQ(f.at("profile.f"), "1.5");
  EXPECT_EQ(f.at("profile.items"), R"([1, {"x":2}])");
  EXPECT_EQ(f.at("profile.big"), "123456789012345678901");
  const auto version = f.transform.version();
  f.apply({Value::of_int(2), json(R"({"f":2,"a":{"c":"y","b":5}})")});
  EXPECT_EQ(f.transform.version(), version);
  EXPECT_EQ(f.at("profile.f"), "2");
  EXPECT_EQ(f.at("profile.a.c"), "y");
  EXPECT_EQ(f.at("profile.ok"), "(null)");
}

TEST(TableTransform, TypesNeverChange) {
  Fixture f(table({kProfile}));
  f.apply({json(R"({"a":1})")});
  f.apply({json(R"({"a":"one"})")});
  EXPECT_EQ(f.at("profile.a"), "(null)");
  EXPECT_EQ(f.at("profile.a_string"), "one");
  f.apply({json(R"({"a":1.5})")});
  EXPECT_EQ(f.at("profile.a_double"), "1.5");
  f.apply({json(R"({"a":true})")});
  EXPECT_EQ(f.at("profile.a_boolean"), "1");
  f.apply({json(R"({"a":[1]})")});
  EXPECT_EQ(f.at("profile.a_string"), "[1]");
  f.apply({json(R"({"a":2})")});
  EXPECT_EQ(f.at("profile.a"), "2");
  EXPECT_EQ(f.names(), "profile.a profile.a_string profile.a_double profile.a_boolean");
}

TEST(TableTransform, NamesSurviveARestart) {
  const SchemaPtr source = table({kId, kProfile}, {0});
  Fixture f(source);
  f.apply({Value::of_int(1), json(R"({"Name":"x","name":"y","a":1})")});
  f.apply({Value::of_int(1), json(R"({"a":"z"})")});
  EXPECT_EQ(f.names(), "id profile.Name profile.name_2 profile.a profile.a_string");

  Fixture again(source, {}, f.transform.schema().columns);
  EXPECT_EQ(again.transform.schema(), f.transform.schema());
  again.apply({Value::of_int(1), json(R"({"a":"z","name":"y","Name":"x"})")});
  EXPECT_EQ(again.transform.schema(), f.transform.schema());
  EXPECT_EQ(again.at("profile.Name"), "x");
  EXPECT_EQ(again.at("profile.name_2"), "y");
  EXPECT_EQ(again.at("profile.a_string"), "z");
}

TEST(TableTransform, DocumentsThatAreNoObjects) {
  Fixture f(table({kProfile}));
  f.apply({json("[1,\"ann@example.com\"]")});
  EXPECT_EQ(f.at("profile"), "[1,\"#####\"]");
  f.apply({json("\"x\"")});
  EXPECT_EQ(f.at("profile"), "\"x\"");
  f.apply({json("null")});
  EXPECT_EQ(f.at("profile"), "null");
  f.apply({json("{\"a\":1} trailing ann@example.com")});
  EXPECT_EQ(f.at("profile"), "{\"a\":1} trailing #####");
  EXPECT_EQ(f.at("profile.a"), "(null)");
  f.apply({Value::null()});
  EXPECT_EQ(f.at("profile"), "(null)");
}

TEST(TableTransform, PersonalDataInJson) {
  Fixture f(table({kProfile}));
  f.apply({json(
      R"({"email":"x","contact":{"phone":{"home":"1"}},"n":2125550142,"s":"ann\u0040example.com",
     "list":[{"phone":12345,"email":{"a":"b","ok":true}},"+1 555 123 4567",2125550142,{"ann@example.com":1}],
     "bob@example.com":5})")});
  EXPECT_EQ(f.at("profile.email"), "#####");
  EXPECT_EQ(f.at("profile.contact.phone.home"), "#####");
  EXPECT_EQ(f.at("profile.n"), "(null)");
  EXPECT_EQ(f.at("profile.s"), "#####");
  const std::string list = f.at("profile.list");
  EXPECT_TRUE(list.starts_with(
      R"([{"phone":"#####","email":{"a":"#####","ok":true}},"#####","#####",{"key_)"))
      << list;
  EXPECT_EQ(f.names().find("bob"), std::string::npos);
  EXPECT_NE(f.names().find("profile.key_"), std::string::npos);
}

TEST(TableTransform, BoundsOfFlattening) {
  TransformOptions options;
  options.flatten.max_columns = 2;
  Fixture f(table({kProfile}), options);
  f.apply({json(R"({"a":1,"b":2,"c":{"d":"ann@example.com"},"e":[3]})")});
  EXPECT_EQ(f.names(), "profile.a profile.b profile._rest");
  EXPECT_EQ(f.at("profile._rest"), R"({"c.d":"#####","e":[3]})");
  options.flatten = {.max_levels = 1};
  Fixture shallow(table({kProfile}), options);
  shallow.apply({json(R"({"a":{"b":1}})")});
  EXPECT_EQ(shallow.at("profile.a"), R"({"b":1})");
  options.flatten = {.enabled = false};
  Fixture none(table({kProfile}), options);
  none.apply({json(R"({"a":{"email":"q"}})")});
  EXPECT_EQ(none.at("profile"), R"({"a":{"email":"#####"}})");

  std::string deep;
  for (int i = 0; i < 10000; ++i) deep += "{\"a\":";
  deep += "\"ann@example.com\"";
  deep.append(10000, '}');
  Fixture d(table({kProfile}));
  d.apply({json(deep)});
  ASSERT_EQ(d.row.size(), 1u);
  EXPECT_NE(d.row[0].text.find("#####"), std::string_view::npos);
}

TEST(TableTransform, MapsDoNotGrowWithoutBound) {
  TransformOptions options;
  options.flatten.max_columns = 10;
  Fixture f(table({kProfile}), options);
  for (int i = 0; i < 1000; ++i) f.apply({json(fmt::format(R"({{"k{}":{}}})", i, i))});
  EXPECT_EQ(f.transform.schema().columns.size(), 11u);
  EXPECT_EQ(f.at("profile._rest"), R"({"k999":999})");
}

TEST(TableTransform, TypesOfColumns) {
  struct Case {
    Column column;
    LakeType type;
    Value value;
    std::string expected;
  };
  const CivilTime moment{2024, 2, 29, 1, 2, 3, 4};
  const Case cases[] = {
      {{.name = "c", .type = ColumnType::tinyint, .length = 1},
       LakeType::int32,
       Value::of_int(-1),
       "-1"},
      {{.name = "c", .type = ColumnType::integer, .is_unsigned = true},
       LakeType::int64,
       Value::of_uint(4294967295),
       "4294967295"},
      {{.name = "c", .type = ColumnType::bigint, .is_unsigned = true},
       LakeType::decimal,
       Value::of_uint(~std::uint64_t{0}),
       "18446744073709551615"},
      {{.name = "c", .type = ColumnType::decimal, .length = 10, .scale = 2},
       LakeType::decimal,
       Value::of(ValueKind::decimal, "1.50"),
       "1.50"},
      {{.name = "c", .type = ColumnType::decimal, .length = 65},
       LakeType::string,
       Value::of(ValueKind::decimal, "15"),
       "15"},
      {{.name = "c", .type = ColumnType::bit, .length = 1},
       LakeType::boolean,
       Value::of_uint(1),
       "1"},
      {{.name = "c", .type = ColumnType::bit, .length = 12},
       LakeType::binary,
       Value::of_uint(0x141),
       "\x01\x41"},
      {{.name = "c", .type = ColumnType::date},
       LakeType::date,
       Value::of_int(pack_date(1970, 1, 3), ValueKind::date),
       "2"},
      {{.name = "c", .type = ColumnType::date},
       LakeType::date,
       Value::of_int(0, ValueKind::date),
       "(null)"},
      {{.name = "c", .type = ColumnType::datetime},
       LakeType::timestamp,
       Value::of_int(pack_datetime(moment), ValueKind::datetime),
       fmt::to_string(micros_since_epoch(moment))},
      {{.name = "c", .type = ColumnType::timestamp},
       LakeType::timestamptz,
       Value::of_int(5, ValueKind::timestamp),
       "5"},
      {{.name = "c", .type = ColumnType::timestamp},
       LakeType::timestamptz,
       Value::of_int(kZeroTimestamp, ValueKind::timestamp),
       "(null)"},
      {{.name = "c", .type = ColumnType::time},
       LakeType::string,
       Value::of_int(-1000000, ValueKind::time),
       "-00:00:01"},
      {{.name = "c", .type = ColumnType::year}, LakeType::int32, Value::of_int(2024), "2024"},
      {{.name = "c", .type = ColumnType::uuid},
       LakeType::string,
       text("12345678-1234-1234-1234-123456789012"),
       "12345678-1234-1234-1234-123456789012"},
  };
  for (const Case& c : cases) {
    Fixture f(table({c.column}));
    EXPECT_EQ(f.type_of("c"), c.type) << name_of(c.column.type);
    f.apply({c.value});
    EXPECT_EQ(f.at("c"), c.expected) << name_of(c.column.type);
  }
}

TEST(TableTransform, RefusesWhatItCannotCarry) {
  Fixture absent(table({kId}));
  EXPECT_THROW(absent.apply({Value::absent()}), Error);
  Fixture zero(table({{.name = "d", .type = ColumnType::date}}, {0}));
  EXPECT_THROW(zero.apply({Value::of_int(0, ValueKind::date)}), Error);
  TransformOptions options;
  options.zero_dates = ZeroDatePolicy::error;
  Fixture strict(table({{.name = "d", .type = ColumnType::date}}), options);
  EXPECT_THROW(strict.apply({Value::of_int(0, ValueKind::date)}), Error);
  Fixture wrong(table({kId}));
  EXPECT_THROW(wrong.apply({text("x")}), Error);
}

TEST(TableTransform, MomentsThatAreNoneAsText) {
  const Column day{.name = "d", .type = ColumnType::date};
  const Column moment{.name = "m", .type = ColumnType::datetime, .scale = 3};
  const Column stamp{.name = "s", .type = ColumnType::timestamp};
  TransformOptions options;
  options.zero_dates = ZeroDatePolicy::text;
  for (const std::vector<std::string>& tables :
       {std::vector<std::string>{}, {"SHOP.*"}, {"other", "user*"}}) {
    options.zero_dates_in = tables;
    Fixture f(table({day, moment, stamp}, {0}), options);
    for (const char* name : {"d", "m", "s"}) EXPECT_EQ(f.type_of(name), LakeType::string);
    f.apply({Value::of_int(0, ValueKind::date), Value::of_int(0, ValueKind::datetime),
             Value::of_int(kZeroTimestamp, ValueKind::timestamp)});
    EXPECT_EQ(f.at("d"), "0000-00-00");
    EXPECT_EQ(f.at("m"), "0000-00-00 00:00:00.000");
    EXPECT_EQ(f.at("s"), "0000-00-00 00:00:00");
    f.apply({Value::of_int(0, ValueKind::date), Value::null(),
             Value::of_int(1'000'000, ValueKind::timestamp)});
    EXPECT_EQ(f.at("m"), "(null)");
    EXPECT_EQ(f.at("s"), "1970-01-01 00:00:01");
  }
  options.zero_dates_in = {"other", "shop.u"};
  Fixture others(table({day, moment, stamp}), options);
  EXPECT_EQ(others.type_of("d"), LakeType::date);
  others.apply({Value::of_int(0, ValueKind::date), Value::null(), Value::null()});
  EXPECT_EQ(others.at("d"), "(null)");
}

TEST(TableTransform, ChangesOfTheSource) {
  const Column note{.name = "note", .type = ColumnType::text};
  Fixture f(table({kId, note, kProfile}, {0}));
  f.apply({Value::of_int(1), text("x"), json(R"({"a":1})")});
  const auto version = f.transform.version();
  f.transform.change_schema(
      table({{.name = "added", .type = ColumnType::date}, kId, kProfile}, {1}));
  EXPECT_GT(f.transform.version(), version);
  EXPECT_EQ(f.names(), "id profile.a added");
  EXPECT_EQ(f.transform.schema().key, std::vector<std::uint32_t>{0});
  f.apply({Value::null(), Value::of_int(1), json(R"({"a":2})")});
  EXPECT_EQ(f.at("profile.a"), "2");
  f.transform.change_schema(table({kId}, {0}));
  EXPECT_EQ(f.names(), "id");
}

TEST(JsonTokens, AgreesWithSimdjson) {
  simdjson::dom::parser parser;
  std::string stack;
  for (const std::string_view text : {"{}",
                                      "[]",
                                      "1",
                                      "-0",
                                      "01",
                                      "1.",
                                      "1.5e+3",
                                      "1e",
                                      "[1,]",
                                      "[,1]",
                                      "{\"a\":1,}",
                                      "{\"a\"}",
                                      "{a:1}",
                                      "\"\\u12\"",
                                      "\"\\ud83d\\ude00\"",
                                      "\"a\nb\"",
                                      "tru",
                                      "true",
                                      "nul",
                                      "[1 2]",
                                      "[}",
                                      "{]",
                                      "{\"a\":[{}]}",
                                      "\"",
                                      "[[[",
                                      "",
                                      " ",
                                      "1 1",
                                      "\"\\x\"",
                                      "[true,false,null]",
                                      "-",
                                      "+1",
                                      ".5"}) {
    JsonTokens tokens(text, stack);
    JsonTokens::Token token = tokens.next();
    while (token.kind != JsonTokens::Kind::end && token.kind != JsonTokens::Kind::bad)
      token = tokens.next();
    EXPECT_EQ(token.kind == JsonTokens::Kind::end,
              parser.parse(simdjson::padded_string(text)).error() == simdjson::SUCCESS)
        << text;
  }
}

TEST(Masker, NumbersThatMasksMakeText) {
  SensitiveDataOptions options;
  options.action.action = MaskAction::hash;
  Masker masker(options, kKey);
  const SchemaPtr schema = table({{.name = "phone", .type = ColumnType::bigint, .nullable = false},
                                  {.name = "n", .type = ColumnType::integer}},
                                 {0});
  EXPECT_EQ(masker.masked_schema(schema)->columns[0].type, ColumnType::varchar);
  EXPECT_EQ(masker.masked_schema(schema)->columns[1], schema->columns[1]);
  const Bytes masked = masker.mask_image(schema, image({Value::of_int(5551234), Value::of_int(1)}));
  ByteReader in(masked);
  EXPECT_EQ(read_value(in).text.size(), 64u);
  EXPECT_EQ(read_value(in), Value::of_int(1));
}

TEST(TableTransform, RowsMaskedAtCaptureStayAsTheyAre) {
  const auto masked = std::make_shared<const TableSchema>(
      with_row_id(*table({{.name = "email", .type = ColumnType::varchar}, kProfile}, {0})));
  TransformOptions options;
  options.sensitive_data.columns = {{"profile.x", {MaskAction::drop}}};
  Fixture f(masked, options);
  EXPECT_EQ(f.names(), "email");
  const Value id = Value::of(ValueKind::bytes, "0123456789abcdef");
  f.apply({text("ann@example.com"), json(R"({"a":"bob@example.com","x":1})"), id});
  EXPECT_EQ(f.at("email"), "ann@example.com");
  EXPECT_EQ(f.at("profile.a"), "bob@example.com");
  EXPECT_EQ(f.names(), "email profile.a");
  f.transform.change_schema(table({{.name = "email", .type = ColumnType::varchar}, kProfile}, {0}));
  f.apply({text("ann@example.com"), json(R"({"a":"bob@example.com"})")});
  EXPECT_EQ(f.at("profile.a"), "#####") << "rows that came clear are masked";
}

TEST(MaskedRows, IdsTravelWithTheRow) {
  const RowIdentity identity(kKey);
  const SchemaPtr schema = table({{.name = "email", .type = ColumnType::varchar}}, {0});
  const Bytes clear = image({text("ann@example.com")});
  Bytes masked = image({text("#####")});
  put_row_id(masked, identity.row_id(*schema, clear));
  const TableSchema columns = with_row_id(*schema);
  EXPECT_TRUE(is_masked(columns));
  EXPECT_EQ(identity.row_id(columns, masked), identity.row_id(*schema, clear));
  EXPECT_THROW((void)identity.row_id(columns, clear), Error);
  EXPECT_FALSE(is_masked(*schema));
  EXPECT_FALSE(
      is_masked(*table({{.name = "_freshet_row_id", .type = ColumnType::binary, .length = 16}})))
      << "a table of the source may have a column of that name";
}

TEST(Masker, KeepsTheShape) {
  Masker masker({}, kKey);
  const SchemaPtr schema = table({kId,
                                  {.name = "email", .type = ColumnType::varchar},
                                  {.name = "phone", .type = ColumnType::bigint},
                                  kProfile},
                                 {0});
  const Bytes masked = masker.mask_image(
      schema,
      image({Value::of_int(1), text("x"), Value::of_int(5), json(R"({"m":"ann@example.com"})")}));
  EXPECT_EQ(masked,
            image({Value::of_int(1), text("#####"), Value::null(), json(R"({"m":"#####"})")}));
  const Bytes gaps = image({Value::absent(), Value::null(), Value::absent(), Value::null()});
  EXPECT_EQ(masker.mask_image(schema, gaps), gaps);
  EXPECT_EQ(masker.mask_text("call 212-555-0142"), "call #####");
}

}  // namespace
}  // namespace freshet
