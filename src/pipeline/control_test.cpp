#include "pipeline/control.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <latch>
#include <thread>

#include "base/error.h"
#include "base/temporary_directory.h"

namespace freshet {
namespace {

using std::chrono_literals::operator""ms;

class ControlTest : public testing::Test {
 protected:
  std::string ask(std::string_view request) {
    return ControlClient::connect(socket_).value().call(request);
  }

  const TemporaryDirectory temporary_{"control"};
  const std::filesystem::path directory_ = temporary_.path();
  const std::filesystem::path socket_ = control_socket(directory_);
};

void echo(std::string_view request, const ControlReply& reply, const std::stop_token&) {
  reply.write(request);
}

TEST_F(ControlTest, GivesNothingWhereNobodyListens) {
  EXPECT_FALSE(ControlClient::connect(socket_).has_value());
  EXPECT_FALSE(ControlClient::connect(directory_ / "absent" / "control.sock").has_value());
}

TEST_F(ControlTest, AnswersOneRequestAfterAnother) {
  const ControlServer server(socket_, echo);
  for (int i = 0; i < 40; ++i)
    EXPECT_EQ(ask("{\"n\":" + std::to_string(i) + "}"), "{\"n\":" + std::to_string(i) + "}");
}

TEST_F(ControlTest, KeepsOthersOut) {
  const ControlServer server(socket_, echo);
  struct stat facts{};
  ASSERT_EQ(::stat(socket_.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600U);
}

TEST_F(ControlTest, StreamsLongRepliesInPieces) {
  const std::string megabytes(5U << 20, 'x');
  const ControlServer server(socket_, [&](auto, const ControlReply& reply, auto) {
    reply.write(megabytes);
    reply.write({});
    reply.write("end");
  });
  std::string got;
  std::size_t pieces = 0;
  ControlClient::connect(socket_).value().call("{}", [&](std::string_view piece) {
    got.append(piece);
    ++pieces;
  });
  EXPECT_EQ(got, megabytes + "end");
  EXPECT_EQ(pieces, 6U);
}

TEST_F(ControlTest, CarriesErrorsWithTheirKind) {
  const ControlServer server(socket_, [](auto, const ControlReply& reply, auto) {
    reply.write("partial");
    fail(ErrorKind::usage, "no such table");
  });
  std::string got;
  try {
    ControlClient::connect(socket_).value().call("{}",
                                                 [&](std::string_view piece) { got += piece; });
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_STREQ(error.what(), "no such table");
  }
  EXPECT_EQ(got, "partial");
}

TEST_F(ControlTest, CarriesForeignExceptionsAsInternal) {
  const ControlServer server(socket_, [](auto, auto&, auto) { throw std::runtime_error("odd"); });
  try {
    (void)ask("{}");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::internal);
    EXPECT_STREQ(error.what(), "odd");
  }
}

struct Enough {};  // what a client throws to leave in the middle of a reply

TEST_F(ControlTest, StopsARequestWhoseClientLeft) {
  std::latch stopped(1);
  const ControlServer server(socket_,
                             [&](auto, const ControlReply& reply, const std::stop_token& stop) {
                               reply.write("begun");
                               while (!stop.stop_requested()) std::this_thread::sleep_for(1ms);
                               stopped.count_down();
                             });
  EXPECT_THROW(ControlClient::connect(socket_).value().call("{}", [](auto) { throw Enough(); }),
               Enough);
  stopped.wait();
}

TEST_F(ControlTest, StopsAWriterWhoseClientLeft) {
  std::atomic<bool> refused = false;
  std::latch ended(1);
  {
    const ControlServer server(socket_, [&](auto, const ControlReply& reply, auto) {
      try {
        const std::string piece(1U << 20, 'x');
        while (true) reply.write(piece);
      } catch (const Error&) {
        refused = true;
        ended.count_down();
        throw;
      }
    });
    EXPECT_THROW(ControlClient::connect(socket_).value().call("{}", [](auto) { throw Enough(); }),
                 Enough);
    ended.wait();
  }
  EXPECT_TRUE(refused);
}

TEST_F(ControlTest, ClosesWhileRequestsAreUnderWay) {
  std::latch begun(1);
  auto server =
      std::make_unique<ControlServer>(socket_, [&](auto, auto&, const std::stop_token& stop) {
        begun.count_down();
        while (!stop.stop_requested()) std::this_thread::sleep_for(1ms);
        fail(ErrorKind::unavailable, "stopped");
      });
  std::jthread client([&] { EXPECT_THROW((void)ask("{}"), Error); });
  begun.wait();
  server.reset();
  client.join();
  EXPECT_FALSE(std::filesystem::exists(socket_));
}

TEST_F(ControlTest, TellsFurtherClientsToComeAgain) {
  std::latch begun(ControlServer::kMostRequests);
  std::latch go(1);
  const ControlServer server(socket_, [&](auto, const ControlReply& reply, auto) {
    begun.count_down();
    go.wait();
    reply.write("served");
  });
  std::vector<std::jthread> clients;
  for (int i = 0; i < ControlServer::kMostRequests; ++i)
    clients.emplace_back([&] { EXPECT_EQ(ask("{}"), "served"); });
  begun.wait();
  try {
    (void)ask("{}");
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::unavailable);
  }
  go.count_down();
}

TEST_F(ControlTest, ReplacesASocketLeftBehind) {
  {
    std::ofstream left(socket_);
  }
  const ControlServer server(socket_, echo);
  EXPECT_EQ(ask("{}"), "{}");
}

TEST_F(ControlTest, RefusesASecondServer) {
  const ControlServer server(socket_, echo);
  try {
    const ControlServer second(socket_, echo);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::conflict);
  }
  EXPECT_EQ(ask("{}"), "{}");
}

TEST_F(ControlTest, ServesPathsOfAnyLength) {
  std::filesystem::path deep = directory_;
  for (int i = 0; i < 4; ++i) deep /= std::string(100, 'd');
  std::filesystem::create_directories(deep);
  const ControlServer server(control_socket(deep), echo);
  EXPECT_EQ(ControlClient::connect(control_socket(deep)).value().call("{}"), "{}");
}

TEST_F(ControlTest, RefusesADirectoryThatIsNotThere) {
  EXPECT_THROW(ControlServer(directory_ / "absent" / "control.sock", echo), Error);
}

}  // namespace
}  // namespace freshet
