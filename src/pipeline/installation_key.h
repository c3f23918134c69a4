#pragma once

#include <filesystem>
#include <string>

namespace freshet {

// The secret of this installation: 32 random bytes, made at first use, mode 0600. Keyed hashes of
// masked values and row identities depend on it: lost, joins with older hashes are lost, and
// tables must be loaded again. Throws Error{corrupt} on a file of another size.
[[nodiscard]] std::string load_or_create_key(const std::filesystem::path& file);

}  // namespace freshet
