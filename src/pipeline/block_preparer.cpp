#include "pipeline/block_preparer.h"

#include <exception>
#include <optional>
#include <utility>

namespace freshet {

namespace {

constexpr std::size_t kAheadBytes = std::size_t{8} << 20;
constexpr std::chrono::milliseconds kPatience{1'000};

}  // namespace

std::size_t PreparedBlock::bytes() const noexcept {
  return block.block.size() + rows.size() * sizeof(PreparedRow) + cells.size() * sizeof(Value) +
         arena.bytes();
}

BlockPreparer::BlockPreparer(StreamReader& reader, StreamOffset from, MakeSink make_sink)
    : reader_(reader),
      from_(from),
      make_sink_(std::move(make_sink)),
      ready_(kAheadBytes),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

std::unique_ptr<PreparedBlock> BlockPreparer::next(std::chrono::milliseconds wait,
                                                   const std::stop_token& stop) {
  return ready_.pop_for(wait, stop).value_or(nullptr);
}

void BlockPreparer::run(const std::stop_token& stop) {
  try {
    prepare_blocks(stop);
  } catch (...) {
    ready_.close(std::current_exception());
  }
}

// A block is handed over when it is known whether another one follows.
void BlockPreparer::prepare_blocks(const std::stop_token& stop) {
  std::unique_ptr<PreparedBlock> prepared;
  while (!stop.stop_requested()) {
    std::optional<StreamBlock> block = reader_.next(std::chrono::milliseconds(0), {});
    if (prepared) {
      prepared->caught_up = !block;
      const std::size_t bytes = prepared->bytes();
      if (ready_.push(std::exchange(prepared, nullptr), bytes, stop) == Pushed::refused) return;
    }
    if (!block) block = reader_.next(kPatience, stop);
    if (block) prepared = prepare(std::move(*block));
  }
}

std::unique_ptr<PreparedBlock> BlockPreparer::prepare(StreamBlock block) {
  auto prepared = std::make_unique<PreparedBlock>(
      std::move(block), [this](std::uint64_t fingerprint) { return reader_.schema(fingerprint); });
  prepared->rows.reserve(prepared->block.count);
  prepared->cells.reserve(last_cells_);
  ChangeCursor changes = prepared->changes;
  StreamOffset offset = prepared->block.first;
  for (; const auto change = changes.next(); ++offset) {
    PreparedRow& row = prepared->rows.emplace_back();
    if (offset > from_ && change->op != Op::commit)
      row = sink_of(change->schema).prepare(*change, offset, prepared->cells, prepared->arena);
  }
  last_cells_ = prepared->cells.size();
  return prepared;
}

TableSink& BlockPreparer::sink_of(const SchemaPtr& schema) {
  if (schema == last_schema_) return *last_sink_;
  auto& sink = sinks_[schema->name];
  if (!sink) sink = make_sink_(schema);
  last_schema_ = schema;
  last_sink_ = sink.get();
  return *sink;
}

}  // namespace freshet
