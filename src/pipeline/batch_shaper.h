#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/arena.h"
#include "model/change.h"
#include "pipeline/row_expressions.h"
#include "pipeline/table_mapping.h"

namespace freshet {

// Brings changes into the shape that a TableMapping wants before they enter the stream: unwanted
// rows go, columns are left out, renamed, computed, tables get other names. An update whose row
// leaves the filter becomes a delete, one whose row enters it an insert. One thread.
class BatchShaper {
 public:
  // `mapping` must outlive it.
  explicit BatchShaper(const TableMapping& mapping);
  ~BatchShaper();

  // The changes of `batch`, shaped. What is returned lives until the next call; a transaction that
  // goes on in the next batch goes on there as well. Throws Error{config} where a rule does not fit
  // a table, Error{unsupported} where a row cannot be evaluated.
  [[nodiscard]] const ChangeBatch& shape(const ChangeBatch& batch);
  // Row changes that the last call left out.
  [[nodiscard]] std::uint64_t left_out() const noexcept { return left_out_; }

  // How the table's rows look in the stream.
  [[nodiscard]] SchemaPtr target_of(const SchemaPtr& source) {
    return table_of(source).plan.schema;
  }

 private:
  struct Answer {
    bool wanted = true;
    Bytes made;  // values of the computed columns, in order
  };
  struct Table {
    TablePlan plan;
    std::vector<std::size_t> inputs;  // source columns that expressions read
    std::unique_ptr<RowExpressions> expressions;
    std::vector<Answer> answers;  // of this batch's images, in order
    std::size_t next_answer = 0;
  };

  [[nodiscard]] Table& table_of(const SchemaPtr& source);
  [[nodiscard]] Table make_table(const SchemaPtr& source);
  void claim_name(const TableName& source, const TableName& target);
  void gather(Table& table, const TableSchema& source, std::string_view image);
  void evaluate(Table& table);
  void take_answer(Table& table, std::span<const Value> outputs);
  void put_change(const Change& change);
  void put_row(Table& table, Op op, const Change& change, const Answer& before,
               const Answer& after);
  void put_image(const Table& table, std::string_view image, const Answer& answer);
  [[nodiscard]] const Answer& next_answer(Table& table, std::string_view image);

  const TableMapping& mapping_;
  std::unique_ptr<ExpressionDatabase> database_;  // once there is an expression
  std::map<std::uint64_t, Table> tables_;         // by fingerprint of the source's schema
  std::map<TableName, TableName> targets_;        // target -> source
  SchemaPtr last_schema_;
  Table* last_table_ = nullptr;
  ChangeBatch shaped_;
  std::uint64_t left_out_ = 0;
  std::vector<Value> cells_;
  Arena arena_;
};

}  // namespace freshet
