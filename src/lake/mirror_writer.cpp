#include "lake/mirror_writer.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/file.h"
#include "lake/commit_summary.h"
#include "lake/hot_rows.h"
#include "lake/ids.h"
#include "lake/key_index.h"
#include "lake/parquet_writer.h"
#include "lake/row_map.h"
#include "lake/table_view.h"

namespace freshet {

namespace {

// Changes gathered before their rows are looked up in the key index, in one batch.
constexpr std::size_t kLookupBatch = 4096;
constexpr std::size_t kAhead = 8;  // changes whose places in memory are on their way meanwhile
constexpr std::uint32_t kNoRow = 0xffffffff;
// What a change takes beside its cells: its id, its place in the map, its line of the index's step.
constexpr std::size_t kChangeBytes = 80;

enum class Step : std::uint8_t { insert, update, remove, load };

// A change whose new row is hot already and whose old row is still to be found.
struct Pending {
  Step step;
  bool lenient;
  std::uint32_t hot_id = 0;  // of the new row
  RowId before, after;
  std::optional<RowPlace> before_place, after_place;  // in the lake, of tables with a key
};

struct PlacedRow {
  RowId id;
  RowPlace place;
};

std::string key_names(const LakeSchema& schema) {
  std::string names;
  for (const std::uint32_t i : schema.key) names += quote_name(schema.columns[i].name) + ",";
  return names;
}

struct RowIdHash {
  std::size_t operator()(const RowId& id) const noexcept { return id.low; }
};

}  // namespace

struct MirrorWriter::State {
  State(Lake& lake_in, std::string table_in, const LakeSchema& schema, bool rebuild);

  void settle_index(bool rebuild);
  void check_files() const;
  void check_key(const LakeSchema& schema, bool discard);
  void load_files();
  void evolve(const LakeSchema& schema);
  void change_key(const LakeSchema& schema);

  void add_row(Step step, const RowId& before, const RowId& after, std::span<const Value> cells);
  void add(Pending change);
  void resolve();
  void look_up();
  void execute(const Pending& change);
  bool kill(const RowId& id, const std::optional<RowPlace>& place);
  bool kill_instance(const RowId& id);
  bool kill_place(const RowId& id, RowPlace place);
  void enter(const RowId& id, std::uint32_t hot_id);
  [[noreturn]] void refuse(std::string_view what) const;

  void truncate();
  void publish();
  void stage();
  void commit(const CommitPoint& point);
  [[nodiscard]] std::vector<DataFile> write_files();
  [[nodiscard]] DataFile write_rows();
  [[nodiscard]] DataFile write_deletes();
  [[nodiscard]] KeyIndex::Delta index_delta(std::span<const DataFile> added) const;
  void publish_commit(const CommitPoint& point, std::span<const DataFile> added,
                      const std::string& commit_id);
  void adopt(std::span<const DataFile> added);
  void forget_window();
  void show();

  [[nodiscard]] std::uint64_t live_hot() const { return hot_ids.size() - hot_dead.size(); }
  void step_done(std::string_view step) const {
    if (hook) hook(step);
  }

  Lake& lake;
  std::string name;
  TableClaim claim;
  bool keyed;
  std::string key_columns;
  IcebergTable table;
  KeyIndex index;
  DuckConnection views;       // of queries
  DuckConnection connection;  // a writer's
  HotRows hot;
  std::function<void(std::string_view)> hook;
  bool lenient = false;

  // The lake's rows.
  std::vector<LiveFile> files;
  std::vector<std::uint32_t> file_numbers;                    // of files[i] in the index
  std::unordered_map<std::uint32_t, std::size_t> file_slots;  // and back
  std::vector<DataFile> staged;                               // of them, what is not committed
  std::vector<PlacedRow> dead_places;                         // since the last commit or stage()
  bool truncated = false;                                     // since the last commit

  // The hot rows.
  std::vector<RowId> hot_ids;  // by hot id
  DeadRows hot_dead;
  RowMap hot_rows;  // RowId -> hot id of its live row; of several, the last one
  std::vector<std::uint32_t> same_before;  // without a key: next live hot row of the same RowId
  std::unordered_map<RowId, RowPlace, RowIdHash> consumed;  // without a key: last place killed

  std::vector<Pending> pending;
  std::size_t changes = 0;  // since the last commit
  std::size_t held = 0;     // of these, since stage()
  bool unseen = false;      // the view lacks changes or columns
};

MirrorWriter::State::State(Lake& lake_in, std::string table_in, const LakeSchema& schema,
                           bool rebuild)
    : lake(lake_in),
      name(std::move(table_in)),
      claim(lake.claim(name)),
      keyed(!schema.key.empty()),
      key_columns(key_names(schema)),
      table(IcebergTable::open_or_create(lake.table_directory(name), schema)),
      index(lake.keys(), name, keyed),
      views(lake.connect()),
      connection(lake.connect_writer()),
      hot(name, table.schema()) {
  settle_index(rebuild);
  check_key(schema, rebuild);
  if (const auto next = table.evolve(schema)) {
    table.commit({.schema = next});
    hot.change_columns(table.schema(), connection, lake.versions());
  }
  if (rebuild)
    truncated = true;
  else
    load_files();
  show();
}

// Brings the index to the table's commit: a crash between the publication of a commit and the
// index's step to it leaves that step pending.
void MirrorWriter::State::settle_index(bool rebuild) {
  if (rebuild) {
    index.reset();
    return;
  }
  const std::string committed = table.summary(kCommitIdKey).value_or("");
  if (const auto waiting = index.pending_commit()) {
    if (*waiting == committed)
      index.apply_pending();
    else
      index.drop_pending();
  }
  if (index.commit_id() != committed)
    fail(ErrorKind::corrupt,
         "table {} is at commit '{}', its key index at '{}': restore the state directory that "
         "belongs to the lake, or take a new snapshot of the table",
         name, committed, index.commit_id());
  check_files();
}

// Commits of other programs keep our commit id in an ancestor, but may have replaced files.
void MirrorWriter::State::check_files() const {
  std::vector<std::string> expected, found;
  for (const auto& [number, path] : index.files()) expected.push_back(path);
  for (const DataFile& file : table.files())
    if (file.content == FileContent::data) found.push_back(file.path);
  std::ranges::sort(expected);
  std::ranges::sort(found);
  if (expected != found)
    fail(ErrorKind::corrupt,
         "another program replaced files of table {}: take a new snapshot of the table", name);
}

// RowIds are made of the key's cells: with another key, old rows cannot be found.
void MirrorWriter::State::check_key(const LakeSchema& schema, bool discard) {
  if (discard || index.files().empty() || index.key_columns() == key_names(schema)) return;
  fail(ErrorKind::unsupported,
       "the primary key of {} is not the one its lake table was built with: take a new snapshot "
       "of the table",
       name);
}

void MirrorWriter::State::load_files() {
  std::unordered_map<std::string, std::uint32_t> numbers;
  for (const auto& [number, path] : index.files()) numbers.emplace(path, number);
  files = live_files(connection, table);
  for (std::size_t i = 0; i < files.size(); ++i) {
    file_numbers.push_back(numbers.at(files[i].path));
    file_slots.emplace(file_numbers.back(), i);
  }
}

void MirrorWriter::State::add_row(Step step, const RowId& before, const RowId& after,
                                  std::span<const Value> cells) {
  const std::uint32_t hot_id = hot.append({}, cells);
  hot_ids.push_back(after);
  if (!keyed) same_before.push_back(kNoRow);
  add({.step = step, .lenient = false, .hot_id = hot_id, .before = before, .after = after});
}

void MirrorWriter::State::add(Pending change) {
  change.lenient = lenient;
  pending.push_back(change);
  unseen = true;
  ++changes;
  ++held;
  if (pending.size() >= kLookupBatch) resolve();
}

void MirrorWriter::State::resolve() {
  if (pending.empty()) return;
  if (keyed && !files.empty()) look_up();
  for (std::size_t i = 0; i < pending.size(); ++i) {
    if (i + kAhead < pending.size()) hot_rows.prefetch(pending[i + kAhead].after);
    execute(pending[i]);
  }
  pending.clear();
}

// A row that is hot when the batch begins needs no look: if the lake has one of its key, that one
// is dead.
void MirrorWriter::State::look_up() {
  std::vector<RowId> ids;
  std::vector<std::optional<RowPlace>*> answers;
  const auto want = [&](const RowId& id, std::optional<RowPlace>& answer) {
    if (hot_rows.find(id)) return;
    ids.push_back(id);
    answers.push_back(&answer);
  };
  for (Pending& change : pending) {
    const bool has_before = change.step == Step::update || change.step == Step::remove;
    if (has_before) want(change.before, change.before_place);
    if (change.step != Step::remove && !(has_before && change.before == change.after))
      want(change.after, change.after_place);
  }
  if (ids.empty()) return;
  const auto places = index.find(ids);
  for (std::size_t i = 0; i < places.size(); ++i) *answers[i] = places[i];
}

void MirrorWriter::State::execute(const Pending& change) {
  const bool strict = !change.lenient;
  switch (change.step) {
    case Step::remove:
      if (!kill(change.before, change.before_place) && strict) refuse("a removal of no row");
      return;
    case Step::load:
      if (keyed) kill(change.after, change.after_place);
      break;
    case Step::insert:
      if (keyed && kill(change.after, change.after_place) && strict)
        refuse("an insert of a row whose key is there");
      break;
    case Step::update:
      if (!kill(change.before, change.before_place) && strict) refuse("an update of no row");
      if (keyed && change.before != change.after && kill(change.after, change.after_place) &&
          strict)
        refuse("an update to a key that is there");
      break;
  }
  enter(change.after, change.hot_id);
}

void MirrorWriter::State::refuse(std::string_view what) const {
  fail(ErrorKind::corrupt,
       "table {} met {}: lake and source have parted; take a new snapshot of the table", name,
       what);
}

bool MirrorWriter::State::kill(const RowId& id, const std::optional<RowPlace>& place) {
  if (!keyed) return kill_instance(id);
  if (const auto hot_id = hot_rows.find(id)) {
    hot_rows.erase(id);
    hot_dead.add(*hot_id);
    return true;
  }
  return place && kill_place(id, *place);
}

// Any one row of this RowId: a hot one, else the first live one of the lake. Places are consumed
// in order, so each search goes on where the last one ended.
bool MirrorWriter::State::kill_instance(const RowId& id) {
  if (const auto hot_id = hot_rows.find(id)) {
    const std::uint32_t next = same_before[*hot_id];
    if (next == kNoRow)
      hot_rows.erase(id);
    else
      hot_rows.set(id, next);
    hot_dead.add(*hot_id);
    return true;
  }
  if (files.empty()) return false;
  std::optional<RowPlace> after;
  if (const auto at = consumed.find(id); at != consumed.end()) after = at->second;
  while (const auto place = index.next_place(id, after)) {
    after = place;
    if (!kill_place(id, *place)) continue;
    consumed[id] = *place;
    return true;
  }
  return false;
}

bool MirrorWriter::State::kill_place(const RowId& id, RowPlace place) {
  const auto slot = file_slots.find(place.file);
  if (slot == file_slots.end() || !files[slot->second].dead.add(place.row)) return false;
  dead_places.push_back({id, place});
  return true;
}

void MirrorWriter::State::enter(const RowId& id, std::uint32_t hot_id) {
  if (!keyed) same_before[hot_id] = hot_rows.find(id).value_or(kNoRow);
  hot_rows.set(id, hot_id);
}

void MirrorWriter::State::truncate() {
  resolve();
  hot_dead.add_range(0, hot.rows());
  hot_rows.clear();
  files.clear();
  file_numbers.clear();
  file_slots.clear();
  staged.clear();  // the files are left to be cleaned up, as those of a process that ended
  index.drop_staged();
  dead_places.clear();
  consumed.clear();
  truncated = true;
  unseen = true;
  ++changes;
}

void MirrorWriter::State::show() {
  lake.show(views, name, table.schema(), files, hot.snapshot(), hot_dead.freeze());
  unseen = false;
}

void MirrorWriter::State::publish() {
  resolve();
  if (unseen) show();
}

void MirrorWriter::State::forget_window() {
  hot.clear();
  hot_ids.clear();
  hot_dead = {};
  hot_rows.clear();
  same_before.clear();
  consumed.clear();
  dead_places.clear();
  held = 0;
}

// RowIds are made of the key's cells, so no row from before may be left.
void MirrorWriter::State::change_key(const LakeSchema& schema) {
  if (live_hot() > 0 || !files.empty())
    fail(ErrorKind::unsupported, "the primary key of {} changed: take a new snapshot of the table",
         name);
  keyed = !schema.key.empty();
  key_columns = key_names(schema);
  index.set_keyed(keyed);
  same_before.assign(hot_ids.size(), kNoRow);
}

void MirrorWriter::State::evolve(const LakeSchema& schema) {
  resolve();
  if (key_names(schema) != key_columns) change_key(schema);
  const auto next = table.evolve(schema);
  if (!next) return;
  table.commit({.schema = next});
  hot.change_columns(table.schema(), connection, lake.versions());
  unseen = true;
}

DataFile MirrorWriter::State::write_rows() {
  std::string columns;
  for (const IcebergField& field : table.schema().fields)
    columns += (columns.empty() ? "" : ",") + column_of(field.id);
  const ScopedVersion version(lake.versions(),
                              {.dead = {}, .hot = hot.snapshot(), .hot_dead = hot_dead.freeze()});
  DataFile file = write_parquet(
      connection, fmt::format("SELECT {} FROM freshet_hot({})", columns, version.number()),
      table.schema(), table.new_data_path(), row_group_rows(hot.rows(), hot.bytes()));
  if (static_cast<std::uint64_t>(file.records) != live_hot())
    fail(ErrorKind::internal, "{} rows of {} were written where {} are live", file.records, name,
         live_hot());
  return file;
}

DataFile MirrorWriter::State::write_deletes() {
  std::vector<DeletedRow> deleted;
  deleted.reserve(dead_places.size());
  for (const PlacedRow& dead : dead_places)
    deleted.push_back({static_cast<std::uint32_t>(file_slots.at(dead.place.file)), dead.place.row});
  std::vector<std::string> paths;
  for (const LiveFile& file : files) paths.push_back(file.path);
  return write_position_deletes(connection, lake.versions(), std::move(deleted), paths,
                                table.new_data_path("-deletes.parquet"));
}

std::vector<DataFile> MirrorWriter::State::write_files() {
  std::vector<DataFile> added;
  if (live_hot() > 0) added.push_back(write_rows());
  if (!dead_places.empty()) added.push_back(write_deletes());
  if (!added.empty()) sync_directory(IcebergTable::local_of(added.front().path).parent_path());
  return added;
}

KeyIndex::Delta MirrorWriter::State::index_delta(std::span<const DataFile> added) const {
  KeyIndex::Delta delta = index.delta();
  delta.set_key_columns(key_columns);
  delta.reserve(dead_places.size() + live_hot());
  if (truncated && !index.staged()) delta.remove_all();
  for (const PlacedRow& dead : dead_places) {
    const bool replaced = keyed && hot_rows.find(dead.id);
    if (!replaced) delta.remove(dead.id, dead.place);
  }
  if (added.empty() || added.front().content != FileContent::data) return delta;
  const std::uint32_t number = index.next_file();
  delta.add_file(number, added.front().path);
  // A hot row's position in its file is its rank among the live ones.
  std::uint32_t row = 0;
  for (std::uint32_t hot_id = 0; hot_id < hot_ids.size(); ++hot_id)
    if (!hot_dead.contains(hot_id)) delta.put(hot_ids[hot_id], {number, row++});
  return delta;
}

void MirrorWriter::State::publish_commit(const CommitPoint& point, std::span<const DataFile> added,
                                         const std::string& commit_id) {
  TableCommit change{.added = std::move(staged),
                     .replace_all = truncated,
                     .summary = commit_summary(point, commit_id)};
  change.added.insert(change.added.end(), added.begin(), added.end());
  commit_table(table, change, commit_id);
  staged.clear();
}

void MirrorWriter::State::adopt(std::span<const DataFile> added) {
  if (added.empty() || added.front().content != FileContent::data) return;
  file_numbers.push_back(index.next_file() - 1);
  file_slots.emplace(file_numbers.back(), files.size());
  files.push_back({added.front().path, added.front().records, {}});
}

// A commit without its publication: the rows become a file that the next view names, with a part of
// the index's step to the next commit.
void MirrorWriter::State::stage() {
  resolve();
  if (live_hot() == 0 && dead_places.empty()) return forget_window();
  std::vector<DataFile> added = write_files();
  step_done("files staged");
  index.stage(index_delta(added));
  adopt(added);
  std::ranges::move(added, std::back_inserter(staged));
  forget_window();
  unseen = true;
}

void MirrorWriter::State::commit(const CommitPoint& point) {
  resolve();
  const bool nothing = live_hot() == 0 && dead_places.empty() && staged.empty() && !truncated;
  if (nothing) {
    forget_window();
    changes = 0;
    return publish();
  }
  const std::vector<DataFile> added = write_files();
  step_done("files written");
  const std::string commit_id = new_uuid();
  index.store_pending(commit_id, index_delta(added));
  step_done("delta stored");
  publish_commit(point, added, commit_id);
  step_done("published");
  index.apply_pending();
  step_done("index applied");
  adopt(added);
  truncated = false;
  forget_window();
  changes = 0;
  show();
}

MirrorWriter::MirrorWriter(Lake& lake, std::string table, const LakeSchema& schema,
                           MirrorStart start)
    : state_(
          std::make_unique<State>(lake, std::move(table), schema, start == MirrorStart::rebuild)) {}
MirrorWriter::~MirrorWriter() = default;
MirrorWriter::MirrorWriter(MirrorWriter&&) noexcept = default;

void MirrorWriter::insert(const RowId& id, std::span<const Value> cells) {
  state_->add_row(Step::insert, {}, id, cells);
}

void MirrorWriter::update(const RowId& before, const RowId& after, std::span<const Value> cells) {
  state_->add_row(Step::update, before, after, cells);
}

void MirrorWriter::load(const RowId& id, std::span<const Value> cells) {
  state_->add_row(Step::load, {}, id, cells);
}

void MirrorWriter::remove(const RowId& id) {
  state_->add({.step = Step::remove, .lenient = false, .before = id});
}

void MirrorWriter::set_lenient(bool lenient) { state_->lenient = lenient; }
void MirrorWriter::truncate() { state_->truncate(); }
void MirrorWriter::evolve(const LakeSchema& schema) { state_->evolve(schema); }
void MirrorWriter::publish() { state_->publish(); }
void MirrorWriter::stage() { state_->stage(); }
void MirrorWriter::commit(const CommitPoint& point) { state_->commit(point); }

std::uint64_t MirrorWriter::committed_offset() const { return committed_offset_of(state_->table); }
std::size_t MirrorWriter::pending_rows() const noexcept { return state_->changes; }
std::size_t MirrorWriter::held_rows() const noexcept { return state_->held; }
std::size_t MirrorWriter::held_bytes() const noexcept {
  return state_->hot.bytes() + state_->held * kChangeBytes;
}

std::int64_t MirrorWriter::rows() {
  state_->resolve();
  auto rows = static_cast<std::int64_t>(state_->live_hot());
  for (const LiveFile& file : state_->files)
    rows += file.records - static_cast<std::int64_t>(file.dead.size());
  return rows;
}

void MirrorWriter::set_commit_hook(std::function<void(std::string_view)> hook) {
  state_->hook = std::move(hook);
}

}  // namespace freshet
