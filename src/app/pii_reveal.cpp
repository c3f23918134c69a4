#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>

#include "app/console.h"
#include "app/pii.h"
#include "app/standard_input.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json_text.h"
#include "pipeline/mask_key_source.h"
#include "transform/mask_keys.h"

namespace freshet {
namespace {

constexpr std::string_view kExamples = R"(Examples:
  freshet pii reveal tok_0_vK3c...                 the value behind a token
  freshet query "SELECT email FROM users WHERE id = 7" --format csv | freshet pii reveal -
                                                   text with its tokens replaced by values

Needs read permission for the keys. Each call adds a line to reveal.log in the state directory (who,
when, how many tokens, no values) before anything is shown; without that line nothing is.)";

struct Outcome {
  std::string text;
  std::size_t revealed = 0;
  std::size_t refused = 0;
  std::string problem;  // why the first one was refused
};

// The text with the values of its tokens in their place.
Outcome reveal_in(const MaskKeys& keys, std::string_view text) {
  Outcome outcome;
  std::size_t done = 0;
  for (auto place = find_token(text, 0); place; place = find_token(text, place->end)) {
    outcome.text += text.substr(done, place->begin - done);
    done = place->end;
    try {
      outcome.text += keys.reveal(text.substr(place->begin, place->end - place->begin));
      ++outcome.revealed;
    } catch (const Error& error) {
      if (outcome.refused++ == 0) outcome.problem = error.what();
    }
  }
  outcome.text += text.substr(done);
  return outcome;
}

std::string user_name() {
  const passwd* const entry = ::getpwuid(::getuid());
  return entry == nullptr ? std::to_string(::getuid()) : entry->pw_name;
}

std::string audit_line(const Outcome& outcome) {
  const std::time_t now = std::time(nullptr);
  char when[32];
  std::strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&now));
  const char* const behind = std::getenv("SUDO_USER");
  return fmt::format(
      "{{\"when\":\"{}\",\"user\":{},\"sudo_user\":{},\"revealed\":{},\"refused\":{}}}\n", when,
      json_quote(user_name()), behind == nullptr ? "null" : json_quote(behind), outcome.revealed,
      outcome.refused);
}

// Durable once this returns.
void append_audit(const std::filesystem::path& file, const std::string& line) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  const bool written = fd >= 0 &&
                       ::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
                       ::fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (!written)
    fail(ErrorKind::unavailable, "cannot write {}: {}; nothing is revealed without a record",
         file.native(), std::strerror(error));
}

// `tokens` as one text, a line each; "-" stands for standard input.
std::string text_of(const std::vector<std::string>& tokens) {
  if (tokens.size() == 1 && tokens[0] == "-") return read_standard_input("reveal it in parts");
  std::string text;
  for (const std::string& token : tokens) {
    const auto place = find_token(token, 0);
    if (!place || place->begin != 0 || place->end != token.size())
      fail(ErrorKind::usage, "an argument is no token; tokens begin with tok_");
    text.append(token).push_back('\n');
  }
  return text;
}

int reveal(const CommandLine& line, const std::vector<std::string>& tokens) {
  Config config = line.load(ConfigScope::without_source);
  load_mask_keys(config);
  const std::filesystem::path own = config.state_directory() / "key";
  const auto key = read_file_if_present(own);
  if (!key) fail(ErrorKind::failed, "{} is missing: nothing was masked here", own.native());
  const MaskKeys keys(config.transform.sensitive_data.keys, *key);
  const Outcome outcome = reveal_in(keys, text_of(tokens));
  append_audit(config.state_directory() / "reveal.log", audit_line(outcome));
  if (outcome.refused > 0)
    fail(ErrorKind::usage, "{} of {} tokens cannot be revealed, so none is: {}", outcome.refused,
         outcome.refused + outcome.revealed, outcome.problem);
  Console(stdout).write(outcome.text);
  return 0;
}

}  // namespace

void add_pii_reveal(CommandWords& pii, CommandLine& line) {
  CommandWords command = pii.command("reveal", "The values behind tokens, on the record");
  const auto tokens = std::make_shared<std::vector<std::string>>();
  command.option("tokens", tokens.get(),
                 "Tokens, or - for a text on standard input that holds them",
                 {.value = "TOKEN", .required = true});
  command.footer(kExamples);
  command.on_choice(
      [&line, tokens] { line.action = [&line, tokens] { return reveal(line, *tokens); }; });
}

}  // namespace freshet
