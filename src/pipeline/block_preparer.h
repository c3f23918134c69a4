#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <thread>
#include <vector>

#include "base/arena.h"
#include "base/queue.h"
#include "model/change.h"
#include "pipeline/table_sink.h"
#include "stream/stream.h"

namespace freshet {

// A block of the stream, and the rows that the lake takes of it. Does not move: its parts point at
// one another.
struct PreparedBlock {
  PreparedBlock(StreamBlock from, const SchemaByFingerprint& lookup)
      : block(std::move(from)), changes(block.block, lookup) {}
  PreparedBlock(const PreparedBlock&) = delete;
  PreparedBlock& operator=(const PreparedBlock&) = delete;

  [[nodiscard]] std::size_t bytes() const noexcept;

  StreamBlock block;
  ChangeCursor changes;           // before the first one
  std::vector<PreparedRow> rows;  // one for each change
  std::vector<Value> cells;       // of all rows
  Arena arena;                    // texts that the block does not hold
  bool caught_up = false;         // no further block was in the stream then
};

// The first half of ingest, in a thread of its own: takes blocks from the stream and prepares their
// rows, some way ahead of the thread that asks for them; how far is bounded in bytes.
class BlockPreparer {
 public:
  using MakeSink = std::function<std::unique_ptr<TableSink>(const SchemaPtr&)>;

  // The reader gives the change after `from` next, and is this object's alone from now on. Sinks
  // are made, by `make_sink` in this object's thread, when a table is met; they go with this
  // object.
  BlockPreparer(StreamReader& reader, StreamOffset from, MakeSink make_sink);

  // The next block; waits for one. Nothing on time-out or stop. Throws what ended the preparation.
  [[nodiscard]] std::unique_ptr<PreparedBlock> next(std::chrono::milliseconds wait,
                                                    const std::stop_token& stop);

 private:
  void run(const std::stop_token& stop);
  void prepare_blocks(const std::stop_token& stop);
  [[nodiscard]] std::unique_ptr<PreparedBlock> prepare(StreamBlock block);
  [[nodiscard]] TableSink& sink_of(const SchemaPtr& schema);

  StreamReader& reader_;
  const StreamOffset from_;
  const MakeSink make_sink_;
  std::map<TableName, std::unique_ptr<TableSink>> sinks_;
  TableSink* last_sink_ = nullptr;
  SchemaPtr last_schema_;
  std::size_t last_cells_ = 0;  // of the last block: the next one will have about as many
  ByteQueue<std::unique_ptr<PreparedBlock>> ready_;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace freshet
