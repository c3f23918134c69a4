#include "app/made_up_users.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>
#include <string_view>

#include "base/ascii.h"
#include "base/bytes.h"
#include "base/file.h"

namespace freshet {

namespace {

constexpr std::array<std::string_view, 24> kFirstNames = {
    "Ada",   "Ben",  "Cleo", "Dora", "Emil", "Fay",  "Gus",  "Hana",
    "Ivan",  "June", "Kofi", "Lena", "Milo", "Nora", "Otto", "Pia",
    "Quinn", "Rosa", "Sami", "Tess", "Umar", "Vera", "Wim",  "Yara"};
constexpr std::array<std::string_view, 24> kLastNames = {
    "Abbott", "Bloom",  "Castillo", "Dietz", "Egan",   "Fischer", "Gupta",  "Holt",
    "Ibarra", "Jansen", "Kaya",     "Lund",  "Moreau", "Novak",   "Okafor", "Perez",
    "Quist",  "Rossi",  "Sato",     "Tran",  "Ueda",   "Vogel",   "Weber",  "Zhou"};
struct Place {
  std::string_view city, state, area;
};
constexpr std::array<Place, 10> kPlaces = {{{"Seattle", "WA", "206"},
                                            {"Portland", "OR", "503"},
                                            {"Denver", "CO", "303"},
                                            {"Austin", "TX", "512"},
                                            {"Chicago", "IL", "312"},
                                            {"Boston", "MA", "617"},
                                            {"Miami", "FL", "305"},
                                            {"Phoenix", "AZ", "602"},
                                            {"Detroit", "MI", "313"},
                                            {"Atlanta", "GA", "404"}}};
constexpr std::array<std::string_view, 3> kDomains = {"example.com", "example.org",
                                                      "mail.example.net"};

}  // namespace

MadeUpUser made_up_user(std::uint32_t userid) {
  std::mt19937 dice(userid);
  const auto pick = [&](const auto& list) { return list[dice() % list.size()]; };
  const Place place = pick(kPlaces);
  MadeUpUser user{.userid = userid,
                  .firstname = std::string(pick(kFirstNames)),
                  .lastname = std::string(pick(kLastNames))};
  user.username = fmt::format("{:.2}{:06}", lower_case(user.firstname), userid % 1'000'000);
  user.city = place.city;
  user.state = place.state;
  user.email = fmt::format("{}.{}{}@{}", lower_case(user.firstname), lower_case(user.lastname),
                           userid, pick(kDomains));
  user.phone = fmt::format("({}) {:03}-{:04}", place.area, 200 + dice() % 800, dice() % 10'000);
  user.numberofdocuments = dice() % 100;
  return user;
}

void write_made_up_users(const std::filesystem::path& csv, std::uint32_t count) {
  Bytes text;
  for (std::uint32_t userid = 1; userid <= count; ++userid) {
    const MadeUpUser user = made_up_user(userid);
    text += fmt::format("{},{},{},{},{},{},{},{},{}\n", user.userid, user.username, user.firstname,
                        user.lastname, user.city, user.state, user.email, user.phone,
                        user.numberofdocuments);
  }
  write_file(csv, text);
}

}  // namespace freshet
