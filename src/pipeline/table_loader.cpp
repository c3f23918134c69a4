#include "pipeline/table_loader.h"

#include <algorithm>
#include <bit>
#include <future>
#include <utility>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "pipeline/snapshot_spool.h"

namespace freshet {

namespace {

constexpr std::chrono::seconds kFirstRetry{1};
constexpr std::chrono::seconds kLongestRetry{10};

Transaction pseudo_transaction(const SnapshotView& view) {
  return {.gtid = view.gtid(),
          .file = view.log().file,
          .offset = view.log().offset,
          .commit_micros = now_micros()};
}

void put_mark(ChangeBatch& batch, Op op, const SnapshotView& view) {
  batch.begin_transaction(pseudo_transaction(view));
  batch.add_mark(op, view.schema());
  batch.end_transaction();
}

// The marks before the first row and after the last; rows chosen by a condition have none.
void put_begin(ChangeBatch& batch, const SnapshotView& view, bool empty_first, bool chosen) {
  if (chosen) return;
  if (empty_first) put_mark(batch, Op::truncate, view);
  put_mark(batch, Op::snapshot_begin, view);
}

void put_end(ChangeBatch& batch, const SnapshotView& view, bool chosen) {
  if (!chosen) put_mark(batch, Op::snapshot_end, view);
}

// The last key of a chunk, told as soon as it is known; nothing: the chunk ends with the table.
using ChunkEnd = std::optional<std::string>;

LoadedChunk read_keyed(SnapshotView& view, LoadedChunk chunk, ChunkRange range, bool empty_first,
                       const LoadLimits& limits, std::promise<ChunkEnd>& end) {
  const bool chosen = !range.where.empty();
  range.to = view.chunk_end(range, limits.chunk_rows, limits.chunk_bytes);
  end.set_value(range.to);
  if (!range.after) put_begin(chunk.rows, view, empty_first, chosen);
  chunk.result = view.read_chunk(range, limits.chunk_rows, limits.chunk_bytes, chunk.rows);
  chunk.result.done = chunk.result.done && !range.to;
  if (chunk.result.done) put_end(chunk.rows, view, chosen);
  return chunk;
}

LoadedChunk read_spooled(SnapshotView& view, LoadedChunk chunk, const ChunkRange& range,
                         bool empty_first, const std::filesystem::path& directory,
                         std::size_t max_bytes, const std::string& seal) {
  const bool chosen = !range.where.empty();
  SpoolWriter spool(directory / chunk.spool, seal);
  ChangeBatch batch;
  put_begin(batch, view, empty_first, chosen);
  if (!batch.empty()) spool.append(batch);
  batch.clear();
  chunk.result.rows =
      view.read_all(range.where, max_bytes, batch, [&](ChangeBatch& rows) { spool.append(rows); });
  batch.clear();
  put_end(batch, view, chosen);
  if (!batch.empty()) spool.append(batch);
  std::move(spool).seal();
  chunk.result.done = true;
  return chunk;
}

}  // namespace

// A view that is read, or a place of the log that is to be reached before a table is looked for
// again.
struct TableLoader::Task {
  TableName table;
  std::string where;
  LogCoordinate at;
  std::unique_ptr<SnapshotReader> reader;
  std::optional<SnapshotView> view;
  std::shared_future<ChunkEnd> end;
  std::future<LoadedChunk> reading;
  std::filesystem::path spool;  // removed with the task unless its rows were taken

  // The rows are there, or reading has failed.
  [[nodiscard]] bool read(std::chrono::milliseconds wait = {}) const {
    return !has_view() || reading.wait_for(wait) == std::future_status::ready;
  }
  [[nodiscard]] bool has_view() const noexcept { return reading.valid(); }
  [[nodiscard]] bool knows_end() const { return told_end() || read(); }
  // Nothing also where reading has failed: take() tells why.
  [[nodiscard]] ChunkEnd last_key() const { return told_end() ? end.get() : std::nullopt; }

  [[nodiscard]] bool told_end() const {
    return end.valid() && end.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }

  ~Task() {
    if (has_view()) {
      reader->cancel();
      reading.wait();
    }
    if (!spool.empty()) remove_file_if_present(spool);
  }
};

TableLoader::TableLoader(SourceOptions source, ServerFacts facts, LoadLimits limits,
                         std::filesystem::path spool_directory, std::string seal)
    : source_(std::move(source)),
      facts_(std::move(facts)),
      limits_(std::move(limits)),
      spool_directory_(std::move(spool_directory)),
      seal_(std::move(seal)),
      pace_(limits_.rows_per_second) {
  limits_.chunk_rows = pace_.chunk_rows(limits_.chunk_rows);
  limits_.views.open_attempts = 1;  // the log waits while a view is opened
}

TableLoader::~TableLoader() = default;

std::optional<LogCoordinate> TableLoader::until() const {
  if (tasks_.empty()) return std::nullopt;
  return tasks_.front()->at;
}

const TableName& TableLoader::next_table() const { return tasks_.front()->table; }

void TableLoader::advance(const CaptureState& state) {
  if (!has_room() || paced() || std::chrono::steady_clock::now() < retry_at_) return;
  if (!tasks_.empty() && !tasks_.back()->knows_end()) return;
  const std::optional<Plan> next = plan(state);
  if (!next) return;
  try {
    open(*next);
    failures_ = 0;
    missed_.erase(next->table);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::config) return look_into_log(next->table, error);
    if (error.kind() != ErrorKind::conflict) throw;
    wait_for(next->table, error);
  }
}

// A table may be locked, or changed just now, or a transaction of hours may be in the way: the log
// goes on meanwhile.
void TableLoader::wait_for(const TableName& table, const Error& error) {
  ++failures_;
  if (std::has_single_bit(failures_))
    log_warn("snapshot of {} waits, attempt {}: {}", table.qualified(), failures_, error.what());
  const std::chrono::seconds pause =
      std::min<std::chrono::seconds>(kFirstRetry * failures_, kLongestRetry);
  retry_at_ = std::chrono::steady_clock::now() + pause;
}

bool TableLoader::paced() const { return !pace_.ready(std::chrono::steady_clock::now()); }

bool TableLoader::has_room() const {
  const auto count = [&](auto which) {
    return static_cast<std::size_t>(std::ranges::count_if(tasks_, which));
  };
  return count([](const auto& task) { return task->has_view(); }) <= limits_.workers &&
         count([](const auto& task) { return !task->read(); }) < limits_.workers;
}

// The chunk behind the last one that is under way, else the first table with rows to load.
std::optional<TableLoader::Plan> TableLoader::plan(const CaptureState& state) const {
  if (!tasks_.empty()) {
    const Task& last = *tasks_.back();
    if (const ChunkEnd end = last.last_key())
      return Plan{.table = last.table, .range = {.after = end, .where = last.where}};
  }
  const TableName* first = nullptr;
  std::int64_t highest = 0;
  for (const auto& [table, progress] : state.tables) {
    const bool to_load =
        progress.phase == SnapshotPhase::pending || progress.phase == SnapshotPhase::loading;
    const bool under_way =
        std::ranges::any_of(tasks_, [&](const auto& task) { return task->table == table; });
    if (!to_load || progress.paused || under_way) continue;
    const std::int64_t order = limits_.order ? limits_.order(table) : 0;
    if (first && order <= highest) continue;
    first = &table;
    highest = order;
  }
  if (!first) return std::nullopt;
  const TableProgress& progress = state.tables.at(*first);
  Plan plan{
      .table = *first, .range = {.where = progress.where}, .empty_first = progress.empty_first};
  if (progress.phase == SnapshotPhase::loading) plan.range.after = progress.last_key;
  return plan;
}

void TableLoader::open(const Plan& plan) {
  auto task = std::make_unique<Task>();
  task->table = plan.table;
  task->where = plan.range.where;
  task->reader = free_reader();
  task->view.emplace(task->reader->open(plan.table));
  task->at = task->view->log();
  LoadedChunk chunk;
  chunk.table = plan.table;
  chunk.at = task->at;
  chunk.schema = task->view->schema();
  chunk.definition = task->view->definition();
  chunk.first = !plan.range.after;
  if (!task->view->chunkable()) {
    chunk.spool = fmt::format("{}.{}.spool", plan.table.qualified(), now_micros());
    task->spool = spool_directory_ / chunk.spool;
  }
  std::promise<ChunkEnd> end;
  task->end = end.get_future().share();
  if (chunk.spool.empty())
    pace_.spend(limits_.chunk_rows, std::chrono::steady_clock::now());
  else
    end.set_value(std::nullopt);
  task->reading = std::async(
      std::launch::async,
      [this, &view = task->view, chunk = std::move(chunk), plan, end = std::move(end)]() mutable {
        const bool spooled = !chunk.spool.empty();
        LoadedChunk loaded =
            spooled
                ? read_spooled(*view, std::move(chunk), plan.range, plan.empty_first,
                               spool_directory_, limits_.chunk_bytes, seal_)
                : read_keyed(*view, std::move(chunk), plan.range, plan.empty_first, limits_, end);
        view.reset();  // ends the transaction on the server as soon as may be
        return loaded;
      });
  tasks_.push_back(std::move(task));
}

// The table is gone now, and the log reader is not there yet: it goes on to where the log ends.
void TableLoader::look_into_log(const TableName& table, const Error& error) {
  if (missed_.contains(table))
    fail(
        ErrorKind::config,
        "{}; it is to be loaded, and the log does not tell that it was dropped or renamed: restore "
        "it, or GRANT SELECT on it; to go on without it put {} into source.exclude",
        error.what(), table.qualified());
  auto reader = free_reader();
  auto task = std::make_unique<Task>();
  task->table = table;
  task->at = reader->log_end();
  readers_.push_back(std::move(reader));
  log_info("{}: its load waits until the log is read to {}", error.what(), to_string(task->at));
  tasks_.push_back(std::move(task));
}

std::unique_ptr<SnapshotReader> TableLoader::free_reader() {
  if (readers_.empty()) return std::make_unique<SnapshotReader>(source_, facts_, limits_.views);
  auto reader = std::move(readers_.back());
  readers_.pop_back();
  return reader;
}

std::optional<LoadedChunk> TableLoader::take(std::chrono::milliseconds wait) {
  if (tasks_.empty() || !tasks_.front()->read(wait)) return std::nullopt;
  if (!tasks_.front()->has_view()) {
    missed_.insert(tasks_.front()->table);
    tasks_.pop_front();
    return std::nullopt;
  }
  LoadedChunk chunk = tasks_.front()->reading.get();
  const auto task = std::move(tasks_.front());
  tasks_.pop_front();
  readers_.push_back(std::move(task->reader));
  task->spool.clear();
  if (chunk.spool.empty()) pace_.give_back(limits_.chunk_rows - chunk.result.rows);
  // Rows that are wider than expected end a chunk early: what was opened behind it is in vain.
  if (!chunk.result.done && chunk.result.last_key != task->last_key()) forget(chunk.table);
  return chunk;
}

void TableLoader::forget(const TableName& table) {
  missed_.erase(table);
  std::erase_if(tasks_, [&](const auto& task) { return task->table == table; });
}

}  // namespace freshet
