#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/temporary_directory.h"
#include "lake/lake.h"
#include "model/lake_schema.h"
#include "model/value.h"

namespace freshet {

// A lake in a folder of its own, for tests.
class LakeFolder {
 public:
  [[nodiscard]] LakeOptions options() const;
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return directory_.path(); }
  // Opens it anew, as a process does that starts after the last one ended.
  Lake& reopen();
  void close() { lake_.reset(); }
  [[nodiscard]] Lake& lake() { return lake_ ? *lake_ : reopen(); }
  // Rows of a query as text, cells joined by '|', null as "-".
  [[nodiscard]] std::vector<std::string> rows(const std::string& sql);

 private:
  TemporaryDirectory directory_{"lake"};  // outlives the lake
  std::unique_ptr<Lake> lake_;
};

[[nodiscard]] std::vector<std::string> rows_of(Lake& lake, const std::string& sql);

[[nodiscard]] LakeSchema people_schema(bool keyed);  // id int64, name string, age int32
[[nodiscard]] std::vector<Value> person(std::int64_t id, std::string_view name, std::int64_t age);
[[nodiscard]] RowId row_id(std::uint64_t number);  // spread like a hash

}  // namespace freshet
