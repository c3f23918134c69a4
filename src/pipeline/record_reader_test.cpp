#include "pipeline/record_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "pipeline/json_cells.h"

namespace freshet {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Renders what it is given: "1 name=value", numbers with '#', keys with '$' before the place.
class Listing : public CellSink {
 public:
  void begin_record() override { ++record_; }
  void cell(const SourceCell& cell) override {
    std::string line = std::to_string(record_) + " ";
    if (cell.number) line += '#';
    if (cell.key) line += '$';
    line.append(cell.place).append("=").append(cell.text);
    lines.push_back(std::move(line));
    if (cell.place != cell.column) columns.emplace_back(cell.column);
  }
  std::string shown_name(std::string_view name) override {
    return name == "secret" ? "hidden" : std::string(name);
  }

  std::vector<std::string> lines;
  std::vector<std::string> columns;  // of cells that stand in arrays

 private:
  int record_ = 0;
};

class RecordReaderTest : public testing::Test {
 protected:
  ~RecordReaderTest() override { std::filesystem::remove(file_); }

  Listing read(std::string_view content, const RecordOptions& options) {
    write_file(file_, content);
    LineInput input(file_);
    const auto reader = make_record_reader(input, options);
    Listing listing;
    while (reader->next(listing)) continue;
    return listing;
  }
  std::vector<std::string> csv(std::string_view content, bool header = false) {
    return read(content, {.format = RecordFormat::csv, .header = header}).lines;
  }
  std::vector<std::string> json(std::string_view content) {
    return read(content, {.format = RecordFormat::json_lines}).lines;
  }
  std::string refusal(std::string_view content) {
    try {
      csv(content);
    } catch (const Error& error) {
      return error.what();
    }
    return "none";
  }

  std::filesystem::path file_ =
      std::filesystem::temp_directory_path() / ("freshet-records-" + std::to_string(::getpid()));
};

TEST_F(RecordReaderTest, TextLines) {
  const RecordOptions text;
  EXPECT_THAT(read("one\r\n\ntwo", text).lines, ElementsAre("1 line=one", "3 line=two"));
  EXPECT_THAT(read("\xef\xbb\xbfone\n", text).lines, ElementsAre("1 line=one"));
  EXPECT_THAT(read("", text).lines, IsEmpty());
  const std::string long_line(1'000'000, 'x');
  EXPECT_THAT(read("a\n" + long_line + "\nb\n", text).lines,
              ElementsAre("1 line=a", "2 line=" + long_line, "3 line=b"));
}

TEST_F(RecordReaderTest, CsvByRfc4180) {
  EXPECT_THAT(csv("a,b\r\nc,,d\r\n"),
              ElementsAre("1 column 1=a", "1 column 2=b", "2 column 1=c", "2 column 3=d"));
  EXPECT_THAT(csv("id,\"no\"\"te\"\n1,\"x, \"\"y\"\"\"\n", true),
              ElementsAre("1 id=1", "1 no\"te=x, \"y\""));
  EXPECT_THAT(csv("\"two\r\nlines\",z\r\n\"\"\n"),
              ElementsAre("1 column 1=two\r\nlines", "1 column 2=z"));
  EXPECT_THAT(csv("5\" disk,b"), ElementsAre("1 column 1=5\" disk", "1 column 2=b"));
  EXPECT_THAT(csv("secret\nx\n", true), ElementsAre("1 hidden=x"));
  EXPECT_THAT(csv("only,header\n", true), IsEmpty());
}

TEST_F(RecordReaderTest, BrokenCsvIsRefusedByLine) {
  EXPECT_THAT(refusal("a\n\"b\" c,d\n"), testing::HasSubstr("line 2: text stands behind"));
  EXPECT_THAT(refusal("a\n\"b\nc\n"), testing::HasSubstr("quotes that begin on line 2"));
  EXPECT_THAT(refusal(std::string(200'000, ',')), testing::HasSubstr("more than 100000 fields"));
}

TEST_F(RecordReaderTest, JsonPaths) {
  EXPECT_THAT(json(R"({"a":{"b":"x","secret":7},"t":["y",[true,"z"],{"k":null}]})"),
              ElementsAre("1 $=a", "1 $a=b", "1 a.b=x", "1 $a=secret", "1 #a.hidden=7", "1 $=t",
                          "1 t[0]=y", "1 t[1][1]=z", "1 $t[2]=k"));
  EXPECT_THAT(read(R"({"t":[{"k":"x"}]})", {.format = RecordFormat::json_lines}).columns,
              ElementsAre("t[]", "t[].k"));
  EXPECT_THAT(json("\"\\u0041\\n\"\n12"), ElementsAre("1 =A\n", "2 #=12"));
}

TEST_F(RecordReaderTest, WhatIsNoJsonIsText) {
  EXPECT_THAT(json("{\"a\":\"x\",}\n"), ElementsAre("1 $=a", "1 a=x", "1 ={\"a\":\"x\",}"));
  const std::string deep = std::string(JsonCells::kMaxDepth + 1, '[');
  EXPECT_THAT(json(deep), ElementsAre("1 =" + deep));
}

TEST_F(RecordReaderTest, DeepPathsAreCut) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += "{\"abc\":[";
  text += "\"x\"";
  for (int i = 0; i < 10'000; ++i) text += "]}";
  const auto lines = json(text);
  ASSERT_EQ(lines.size(), 10'001);
  EXPECT_LT(lines.back().size(), 2 * JsonCells::kMaxPath);
}

}  // namespace
}  // namespace freshet
