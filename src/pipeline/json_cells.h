#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipeline/cell_sink.h"
#include "transform/json_tokens.h"

namespace freshet {

// Walks a JSON text and gives its strings, numbers and keys to a sink, named by their path:
// "contact.mail", "tags[]". No recursion; paths are cut at about kMaxPath bytes. One thread.
class JsonCells {
 public:
  static constexpr std::size_t kMaxPath = 500;
  static constexpr std::size_t kMaxDepth = 100'000;  // what is deeper counts as no JSON

  // Paths begin with `root`, which may be empty. A text that is no JSON is one cell, of the column
  // `root`, behind what could be read of it.
  void walk(std::string_view json, std::string_view root, CellSink& sink);

 private:
  struct Container {
    bool array = false;
    std::size_t column = 0;  // lengths of the paths of the container itself
    std::size_t place = 0;
    std::size_t index = 0;  // of the next element
  };

  bool walk_tokens(std::string_view json, CellSink& sink);
  void key(const JsonTokens::Token& token, CellSink& sink);
  void begin_value();
  std::string_view plain(const JsonTokens::Token& token);

  std::string column_;
  std::string place_;
  std::vector<Container> containers_;
  std::string stack_;
  std::string plain_;
};

}  // namespace freshet
