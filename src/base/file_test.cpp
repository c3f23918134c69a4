#include "base/file.h"

#include <gtest/gtest.h>

#include <string>

#include "base/temporary_directory.h"

namespace freshet {
namespace {

namespace fs = std::filesystem;

class FileTest : public testing::Test {
 protected:
  const TemporaryDirectory temporary_{"file"};
  const fs::path dir_ = temporary_.path();
};

ErrorKind kind_of(auto&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.kind();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorKind::internal;
}

TEST_F(FileTest, ReadsBackWhatWasWritten) {
  const std::string content("a\0b\n", 4);
  write_file(dir_ / "f", content);
  EXPECT_EQ(read_file(dir_ / "f"), content);
  write_file(dir_ / "f", "");
  EXPECT_EQ(read_file(dir_ / "f"), "");
}

TEST_F(FileTest, TellsAMissingFileFromAnUnreadableOne) {
  EXPECT_EQ(read_file_if_present(dir_ / "none"), std::nullopt);
  EXPECT_EQ(kind_of([&] { (void)read_file(dir_ / "none"); }), ErrorKind::unavailable);
  EXPECT_EQ(kind_of([&] { (void)read_file_if_present(dir_); }), ErrorKind::unavailable);
}

TEST_F(FileTest, ErrorsNameThePathTheReasonAndTheRemedy) {
  try {
    write_file(dir_ / "no" / "f", "x");
    FAIL();
  } catch (const Error& error) {
    const std::string what = error.what();
    EXPECT_EQ(what, "cannot create " + (dir_ / "no" / "f").string() +
                        ": No such file or directory; check that it exists");
  }
}

TEST_F(FileTest, ReplacesWholeAndLeavesNoSibling) {
  replace_file(dir_ / "f", "old");
  replace_file(dir_ / "f", "new");
  EXPECT_EQ(read_file(dir_ / "f"), "new");
  EXPECT_EQ(std::distance(fs::directory_iterator(dir_), {}), 1);
}

TEST_F(FileTest, PublishesOnceUnderAName) {
  write_file(dir_ / "a", "first");
  write_file(dir_ / "b", "second");
  EXPECT_EQ(publish_file(dir_ / "a", dir_ / "v1"), Publication::done);
  EXPECT_EQ(publish_file(dir_ / "b", dir_ / "v1"), Publication::name_taken);
  EXPECT_EQ(read_file(dir_ / "v1"), "first");
  EXPECT_FALSE(fs::exists(dir_ / "a"));
  EXPECT_TRUE(fs::exists(dir_ / "b"));
}

TEST_F(FileTest, RecognisesItsOwnFileAfterALostAnswer) {
  write_file(dir_ / "a", "first");
  fs::create_hard_link(dir_ / "a", dir_ / "v1");  // what a repeated link() finds
  EXPECT_EQ(publish_file(dir_ / "a", dir_ / "v1"), Publication::done);
}

TEST_F(FileTest, PublishOfAMissingFileIsAnErrorAndLeavesNothing) {
  EXPECT_EQ(kind_of([&] { (void)publish_file(dir_ / "none", dir_ / "v1"); }),
            ErrorKind::unavailable);
  EXPECT_FALSE(fs::exists(dir_ / "v1"));
}

TEST_F(FileTest, MakesDirectoriesOnceAndRefusesAFileInTheWay) {
  make_directories(dir_ / "x" / "y/");
  make_directories(dir_ / "x" / "y");
  EXPECT_TRUE(fs::is_directory(dir_ / "x" / "y"));
  write_file(dir_ / "f", "");
  EXPECT_EQ(kind_of([&] { make_directories(dir_ / "f" / "z"); }), ErrorKind::unavailable);
}

TEST_F(FileTest, RemovesWhatIsThere) {
  write_file(dir_ / "f", "");
  remove_file_if_present(dir_ / "f");
  remove_file_if_present(dir_ / "f");
  EXPECT_FALSE(fs::exists(dir_ / "f"));
}

}  // namespace
}  // namespace freshet
