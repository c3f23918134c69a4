#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "lake/table_scan.h"
#include "pipeline/capture.h"
#include "pipeline/config.h"
#include "pipeline/ingest.h"
#include "source/snapshot_view.h"

namespace freshet {

// One table in source and lake at one and the same place of the log. Nothing is locked for it, and
// nothing is approximate:
//   1. The thread that reads the log opens a view of the source table, whose place H in the log is
//      known exactly. So the log reader cannot be past H.
//   2. It reads the log up to H. What is in the stream then, up to offset L, is all that was
//      changed before H and nothing else.
//   3. The ingest loop applies the stream up to L, and a transaction of the lake is opened there.
struct TableMeeting {
  TableMeeting(const SourceOptions& source, const ServerFacts& facts) : reader(source, facts) {}

  SnapshotReader reader;
  std::optional<SnapshotView> view;  // the source
  std::unique_ptr<TableScan> lake;
  std::vector<std::string> verdicts;  // lake columns that are masked as a whole since some row
  StreamOffset offset = 0;
};

struct Appointment;

// Where tables of source and lake can meet. One thread at a time.
class MeetingPlace {
 public:
  virtual ~MeetingPlace() = default;
  // The tables that are followed.
  [[nodiscard]] virtual std::vector<TableName> tables() = 0;
  // `lake_table` is the name in the lake. Throws Error{failed} where the two cannot be compared
  // now, with the reason: the table is still being loaded, or the source has moved on.
  [[nodiscard]] virtual std::unique_ptr<TableMeeting> meet(const TableName& table,
                                                           const std::string& lake_table,
                                                           std::stop_token stop) = 0;
};

// In a running pipeline. `capture` gives the capture of the moment, or null without a connection;
// ingest and lake must outlive it.
class RunningMeetingPlace final : public MeetingPlace {
 public:
  RunningMeetingPlace(const SourceOptions& source,
                      std::function<std::shared_ptr<Capture>()> capture, Ingest& ingest,
                      Lake& lake);

  std::vector<TableName> tables() override;
  std::unique_ptr<TableMeeting> meet(const TableName& table, const std::string& lake_table,
                                     std::stop_token stop) override;

 private:
  [[nodiscard]] PlaceRequest request(std::shared_ptr<Appointment> appointment,
                                     const TableName& table, const std::string& lake_table,
                                     const std::stop_token& stop);

  SourceOptions source_;
  ServerFacts facts_;
  std::function<std::shared_ptr<Capture>()> capture_;
  Ingest& ingest_;
  Lake& lake_;
};

// With no pipeline running: the committed lake is as of the stream's end. The log is read on from
// there to the place of the source's view, and must hold no change of the table.
class StoredMeetingPlace final : public MeetingPlace {
 public:
  // `config` must outlive it. Throws Error{failed} if the lake lacks changes that the stream has
  // (the last run was cut off), Error{lost_position} if the source cannot tell what came after.
  explicit StoredMeetingPlace(const Config& config);
  ~StoredMeetingPlace() override;

  std::vector<TableName> tables() override;
  std::unique_ptr<TableMeeting> meet(const TableName& table, const std::string& lake_table,
                                     std::stop_token stop) override;

 private:
  class LogAfter;
  class SpoolCopy;
  [[nodiscard]] LogAfter& log();

  const Config& config_;
  std::unique_ptr<Lake> lake_;
  ServerFacts facts_;
  std::string source_state_;
  std::vector<StatePart> source_parts_;
  StreamOffset offset_ = 0;  // the end of the stream
  std::map<TableName, TableProgress> tables_;
  std::unique_ptr<SpoolCopy> spool_;
  std::unique_ptr<LogAfter> log_;
};

}  // namespace freshet
