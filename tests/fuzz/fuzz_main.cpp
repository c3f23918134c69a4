// Feeds a target with the files of its corpus and with mutations of them, until the time is over.
//
//   fuzz_TARGET SECONDS CORPUS... [--seed N]
//
// Prints the seed. What the sanitizers stop at is left as crash-TARGET-SEED in the working folder,
// to be run again (SECONDS 0, that file as the corpus) and kept in the corpus once it is mended.

#include <sanitizer/common_interface_defs.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "base/error.h"
#include "fuzz_target.h"

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxInput = std::size_t{1} << 16;

std::string g_current;     // being run
std::string g_crash_name;  // where it goes

void keep_current() { std::ofstream(g_crash_name, std::ios::binary) << g_current; }

std::vector<std::string> read_corpus(const std::vector<fs::path>& paths) {
  std::vector<std::string> inputs;
  const auto read = [&](const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    inputs.push_back(text.str().substr(0, kMaxInput));
  };
  for (const fs::path& path : paths) {
    if (!fs::is_directory(path)) {
      read(path);
      continue;
    }
    for (const fs::directory_entry& entry : fs::directory_iterator(path))
      if (entry.is_regular_file()) read(entry.path());
  }
  return inputs;
}

class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t n) { return n == 0 ? 0 : random_() % n; }

  // A few changes; `other` is spliced in now and then.
  std::string mutate(std::string input, const std::string& other) {
    for (std::size_t n = 1 + below(4); n > 0; --n) change(input, other);
    if (input.size() > kMaxInput) input.resize(kMaxInput);
    return input;
  }

 private:
  void change(std::string& input, const std::string& other) {
    const std::size_t at = below(input.size());
    switch (below(8)) {
      case 0:
        if (!input.empty()) input[at] = static_cast<char>(input[at] ^ 1 << below(8));
        return;
      case 1:
        if (!input.empty()) input[at] = static_cast<char>(random_());
        return;
      case 2: input.insert(at, 1 + below(8), static_cast<char>(random_())); return;
      case 3: input.erase(at, 1 + below(16)); return;
      case 4: return put_number(input, at);
      case 5: {  // a part again
        const std::string part = input.substr(at, 1 + below(64));
        input.insert(below(input.size()), part);
        return;
      }
      case 6: input.insert(at, other.substr(below(other.size()), 1 + below(128))); return;
      default: input.resize(at); return;
    }
  }

  // Numbers at which lengths and counts go wrong.
  void put_number(std::string& input, std::size_t at) {
    constexpr std::uint64_t kEdges[] = {0,        1,          0x7f,       0x80,       0xfb,
                                        0xff,     0x7fff,     0x8000,     0xffff,     0x10000,
                                        0xffffff, 0x7fffffff, 0x80000000, 0xffffffff, UINT64_MAX};
    const std::uint64_t number = kEdges[below(std::size(kEdges))];
    const std::size_t width = std::size_t{1} << below(4);
    for (std::size_t i = 0; i < width && at + i < input.size(); ++i)
      input[at + i] = static_cast<char>(number >> 8 * i);
  }

  std::mt19937_64 random_;
};

void run(const std::string& input) {
  g_current = input;
  try {
    freshet::fuzz::run_one(input);
  } catch (const freshet::Error&) {
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<fs::path> paths;
  std::uint64_t seed = std::random_device{}();
  for (int i = 2; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--seed" && i + 1 < argc)
      seed = std::strtoull(argv[++i], nullptr, 10);
    else
      paths.emplace_back(argv[i]);
  }
  const std::vector<std::string> corpus = read_corpus(paths);
  if (argc < 3 || corpus.empty()) {
    std::fprintf(stderr, "usage: %s SECONDS CORPUS... [--seed N]\n", argv[0]);
    return 2;
  }
  const std::string name = fs::path(argv[0]).filename().string();
  g_crash_name = "crash-" + name + "-" + std::to_string(seed);
  __sanitizer_set_death_callback(keep_current);
  std::set_terminate([] {
    keep_current();
    std::abort();
  });
  std::printf("%s: seed %llu, %zu files\n", name.c_str(), static_cast<unsigned long long>(seed),
              corpus.size());
  std::fflush(stdout);

  for (const std::string& input : corpus) run(input);
  Mutator mutator(seed);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(std::atoi(argv[1]));
  std::uint64_t runs = 0;
  while (std::chrono::steady_clock::now() < end) {
    run(mutator.mutate(corpus[mutator.below(corpus.size())], corpus[mutator.below(corpus.size())]));
    ++runs;
  }
  std::printf("%s: %llu inputs, nothing found\n", name.c_str(),
              static_cast<unsigned long long>(runs));
  return 0;
}
