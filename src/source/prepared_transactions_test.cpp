#include "source/prepared_transactions.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>

#include "base/file.h"

namespace freshet {
namespace {

namespace fs = std::filesystem;

const LogCoordinate kStart{"bin.000001", 100};

class PreparedTransactionsTest : public testing::Test {
 protected:
  PreparedTransactionsTest() {
    std::string name = testing::TempDir() + "prepared.XXXXXX";
    directory_ = mkdtemp(name.data());
    restart();
  }
  ~PreparedTransactionsTest() override { fs::remove_all(directory_); }

  void restart(const LogCoordinate& start = kStart) {
    store_.reset();
    store_.emplace(Spool{.directory = directory_, .seal = seal_, .unseal = unseal_}, start);
  }
  // `count` events of `size` bytes each.
  void hold(const std::string& xid, int count, std::size_t size) {
    store_->open(xid);
    for (int i = 0; i < count; ++i) {
      const Bytes body(size, static_cast<char>('a' + i % 26));
      Event event;
      event.type = EventType::write_rows;
      event.timestamp = static_cast<std::uint32_t>(i);
      event.server_id = 7;
      event.flags = 3;
      event.body = body;
      store_->add(event);
    }
  }
  static int count(HeldEvents& events, std::size_t size) {
    int n = 0;
    while (const auto event = events.next()) {
      EXPECT_EQ(event->type, EventType::write_rows);
      EXPECT_EQ(event->timestamp, static_cast<std::uint32_t>(n));
      EXPECT_EQ(event->server_id, 7U);
      EXPECT_EQ(event->flags, 3);
      EXPECT_EQ(event->body, Bytes(size, static_cast<char>('a' + n % 26)));
      ++n;
    }
    return n;
  }
  int commit(const std::string& xid, std::size_t size, const LogCoordinate& end) {
    std::optional<HeldEvents> events = store_->commit(xid);
    if (!events) return -1;
    const int n = count(*events, size);
    store_->finish(end);
    return n;
  }
  [[nodiscard]] std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(directory_), fs::directory_iterator()));
  }

  fs::path directory_;
  std::function<std::string(std::string_view)> seal_, unseal_;
  std::optional<PreparedTransactions> store_;
};

constexpr std::size_t kSmall = 100, kLarge = 300'000;

TEST_F(PreparedTransactionsTest, SmallOnesNeedNoFile) {
  hold("x", 3, kSmall);
  store_->prepare();
  EXPECT_EQ(commit("x", kSmall, {"bin.000001", 200}), 3);
  EXPECT_EQ(commit("x", kSmall, {"bin.000001", 200}), -1);
  EXPECT_EQ(files(), 0U);
}

TEST_F(PreparedTransactionsTest, LargeOnesGoThroughAFile) {
  hold("x", 10, kLarge);
  EXPECT_EQ(files(), 1U);
  store_->prepare();
  EXPECT_EQ(commit("x", kLarge, {"bin.000001", 200}), 10);
  hold("y", 10, kLarge);
  HeldEvents events = store_->take();
  EXPECT_EQ(files(), 0U);
  EXPECT_EQ(count(events, kLarge), 10);
}

TEST_F(PreparedTransactionsTest, SurviveARestart) {
  for (const auto& [xid, size] : {std::pair("small", kSmall), std::pair("large", kLarge)}) {
    hold(xid, 10, size);
    store_->prepare();
  }
  store_->persist();
  hold("unfinished", 10, kLarge);
  restart();
  EXPECT_EQ(files(), 2U);
  EXPECT_EQ(commit("unfinished", kLarge, {"bin.000001", 200}), -1);
  EXPECT_EQ(commit("small", kSmall, {"bin.000001", 200}), 10);
  EXPECT_EQ(commit("large", kLarge, {"bin.000001", 300}), 10);
  // A restart before the commit meets it again, one behind it does not.
  restart({"bin.000001", 250});
  EXPECT_EQ(commit("small", kSmall, {"bin.000001", 200}), -1);
  EXPECT_EQ(commit("large", kLarge, {"bin.000001", 300}), 10);
  store_->forget_before({"bin.000001", 299});
  EXPECT_EQ(files(), 1U);
  store_->forget_before({"bin.000001", 300});
  EXPECT_EQ(files(), 0U);
}

TEST_F(PreparedTransactionsTest, SurviveARestartWhileBeingGivenOut) {
  for (const auto& [xid, size] : {std::pair("small", kSmall), std::pair("large", kLarge)}) {
    hold(xid, 10, size);
    store_->prepare();
    std::optional<HeldEvents> events = store_->commit(xid);
    ASSERT_TRUE(events->next());
    store_->persist();
    ASSERT_TRUE(events->next());
    restart();
    EXPECT_EQ(commit(xid, size, {"bin.000001", 200}), 10);
  }
}

TEST_F(PreparedTransactionsTest, TheFirstOfEqualNamesComesFirst) {
  for (int n = 1; n <= 2; ++n) {
    hold("x", n, kSmall);
    store_->prepare();
    store_->persist();
    EXPECT_EQ(commit("x", kSmall, {"bin.000002", static_cast<std::uint64_t>(100 * n)}), n);
  }
  restart();
  EXPECT_EQ(commit("x", kSmall, {"bin.000002", 100}), 1);
}

// As a spool demands, nothing of the events stands in a file as it is.
TEST_F(PreparedTransactionsTest, AreSealedInTheSpool) {
  seal_ = [](std::string_view bytes) {
    std::string sealed = "sealed";
    for (const char c : bytes) sealed += static_cast<char>(c ^ 0x55);
    return sealed;
  };
  unseal_ = [](std::string_view bytes) {
    EXPECT_TRUE(bytes.starts_with("sealed"));
    std::string opened;
    for (const char c : bytes.substr(6)) opened += static_cast<char>(c ^ 0x55);
    return opened;
  };
  restart();
  for (const auto& [xid, size] : {std::pair("small", kSmall), std::pair("large", kLarge)}) {
    hold(xid, 10, size);
    store_->prepare();
  }
  store_->persist();
  for (const auto& entry : fs::directory_iterator(directory_))
    EXPECT_FALSE(read_file(entry.path()).contains("aaaa")) << entry.path();
  restart();
  EXPECT_EQ(commit("small", kSmall, {"bin.000001", 200}), 10);
  EXPECT_EQ(commit("large", kLarge, {"bin.000001", 300}), 10);
}

TEST_F(PreparedTransactionsTest, RollBack) {
  hold("memory", 1, kSmall);
  store_->prepare();
  store_->roll_back("memory");
  hold("file", 1, kSmall);
  store_->prepare();
  store_->persist();
  store_->roll_back("file");
  store_->roll_back("unknown");
  EXPECT_EQ(files(), 0U);
  EXPECT_FALSE(store_->commit("memory"));
  EXPECT_FALSE(store_->commit("file"));
}

TEST_F(PreparedTransactionsTest, RefusesACutFile) {
  hold("x", 2, kSmall);
  store_->prepare();
  store_->persist();
  const fs::path file = fs::directory_iterator(directory_)->path();
  const Bytes whole = read_file(file);
  const Spool spool{.directory = directory_};
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    write_file(file, std::string_view(whole).substr(0, size));
    EXPECT_THROW(
        {
          HeldEvents events(spool, file, "x");
          while (events.next()) {
          }
        },
        Error)
        << size;
  }
  EXPECT_THROW(HeldEvents(spool, file, "y"), Error);
}

}  // namespace
}  // namespace freshet
