#include "base/temporary_directory.h"

#include <gtest/gtest.h>

#include <fstream>
#include <optional>

#include "base/error.h"

namespace freshet {
namespace {

namespace fs = std::filesystem;

TEST(TemporaryDirectory, GoesWithItsOwnerUnlessKept) {
  const TemporaryDirectory parent("test");
  std::optional<TemporaryDirectory> gone(std::in_place, "gone", parent.path());
  std::optional<TemporaryDirectory> kept(std::in_place, "kept", parent.path());
  const fs::path first = gone->path(), second = kept->path();
  EXPECT_EQ(first.parent_path(), parent.path());
  EXPECT_TRUE(first.filename().string().starts_with("freshet-gone-"));
  EXPECT_EQ(fs::status(first).permissions(), fs::perms::owner_all);
  std::ofstream(first / "file") << "content";
  kept->keep();
  gone.reset();
  kept.reset();
  EXPECT_FALSE(fs::exists(first));
  EXPECT_TRUE(fs::exists(second));
}

TEST(TemporaryDirectory, SaysWhereItCannotBeMade) {
  const TemporaryDirectory parent("test");
  try {
    const TemporaryDirectory none("test", parent.path() / "absent");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::unavailable);
    EXPECT_NE(std::string(error.what()).find("absent"), std::string::npos);
  }
}

}  // namespace
}  // namespace freshet
