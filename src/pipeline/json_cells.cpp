#include "pipeline/json_cells.h"

#include <fmt/format.h>

namespace freshet {

using Kind = JsonTokens::Kind;

void JsonCells::walk(std::string_view json, std::string_view root, CellSink& sink) {
  column_ = root;
  place_ = root;
  containers_.clear();
  if (walk_tokens(json, sink)) return;
  sink.cell({.column = root, .place = root, .text = json});
}

// False if the text is no JSON.
bool JsonCells::walk_tokens(std::string_view json, CellSink& sink) {
  JsonTokens tokens(json, stack_);
  for (;;) {
    const JsonTokens::Token token = tokens.next();
    switch (token.kind) {
      case Kind::bad: return false;
      case Kind::end: return true;
      case Kind::key: key(token, sink); continue;
      case Kind::end_object:
      case Kind::end_array: containers_.pop_back(); continue;
      default: break;
    }
    begin_value();
    if (containers_.size() == kMaxDepth) return false;
    if (token.kind == Kind::begin_object || token.kind == Kind::begin_array)
      containers_.push_back({.array = token.kind == Kind::begin_array,
                             .column = column_.size(),
                             .place = place_.size()});
    else if (token.kind == Kind::string)
      sink.cell({.column = column_, .place = place_, .text = plain(token)});
    else if (token.kind == Kind::number)
      sink.cell({.column = column_, .place = place_, .text = token.raw, .number = true});
  }
}

void JsonCells::key(const JsonTokens::Token& token, CellSink& sink) {
  const Container& object = containers_.back();
  column_.resize(object.column);
  place_.resize(object.place);
  const std::string_view name = plain(token);
  sink.cell({.column = column_, .place = place_, .text = name, .key = true});
  if (place_.size() >= kMaxPath) return;
  const std::string shown = sink.shown_name(name);
  for (std::string* path : {&column_, &place_}) {
    if (!path->empty()) *path += '.';
    *path += shown.substr(0, kMaxPath);
  }
}

// Within an array, the path goes on to the next element.
void JsonCells::begin_value() {
  if (containers_.empty() || !containers_.back().array) return;
  Container& array = containers_.back();
  column_.resize(array.column);
  place_.resize(array.place);
  if (place_.size() < kMaxPath) {
    column_ += "[]";
    place_ += fmt::format("[{}]", array.index);
  }
  ++array.index;
}

std::string_view JsonCells::plain(const JsonTokens::Token& token) {
  if (!token.escaped) return token.raw;
  unescape_json(token.raw, plain_);
  return plain_;
}

}  // namespace freshet
