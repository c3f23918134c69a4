#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace freshet {

// A person who does not exist; equal numbers give equal persons.
struct MadeUpUser {
  std::uint32_t userid = 0;
  std::string username, firstname, lastname, city, state, email, phone;
  std::uint32_t numberofdocuments = 0;
};

[[nodiscard]] MadeUpUser made_up_user(std::uint32_t userid);

// Users 1..count as CSV lines without a header, in the order of the demo's table.
void write_made_up_users(const std::filesystem::path& csv, std::uint32_t count);

}  // namespace freshet
