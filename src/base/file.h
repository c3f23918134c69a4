#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace freshet {

// Whole files on a local disk, written so that they are still there after a power cut. Every
// function throws Error{unavailable} naming the path, the system's reason and what to do.

[[nodiscard]] Bytes read_file(const std::filesystem::path& path);
// Nothing where there is no such file; other errors throw.
[[nodiscard]] std::optional<Bytes> read_file_if_present(const std::filesystem::path& path);

// Creates or overwrites the file and syncs its content. Its name is durable only after
// sync_directory(), so that several files of one directory share that call.
void write_file(const std::filesystem::path& path, std::string_view content);
// The old content or the new one, never a mixture: writes a sibling, then renames it over `path`.
void replace_file(const std::filesystem::path& path, std::string_view content);
// The same without a sync: after a power cut the file may be old, empty or missing.
void replace_file_unsynced(const std::filesystem::path& path, std::string_view content);

// Makes the content of a file that was written by other means durable.
void sync_file(const std::filesystem::path& path);
// Makes the names in a directory durable.
void sync_directory(const std::filesystem::path& directory);
// Creates what is missing of the path, durably.
void make_directories(const std::filesystem::path& directory);

// rename(): replaces a file of that name. Durable only after sync_directory().
void rename_file(const std::filesystem::path& from, const std::filesystem::path& to);
void remove_file_if_present(const std::filesystem::path& path);

enum class Publication {
  done,        // `target` is our file, durably
  name_taken,  // somebody else's file has that name; it was not touched
};

// Moves `source`, a synced file, to the name `target` in the same file system, only if no file has
// that name: link() and unlink(), or renameat2(RENAME_NOREPLACE) where there are no hard links.
// (Plain rename() silently replaces.) On name_taken and on Error{unavailable} the source stays.
// Throws Error{unknown_outcome} if the new name may or may not be durable.
[[nodiscard]] Publication publish_file(const std::filesystem::path& source,
                                       const std::filesystem::path& target);

}  // namespace freshet
