#include "source/json_diff.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "source/binlog_event.h"
#include "source/json_binary.h"

namespace freshet {

namespace {

enum class Operation : std::uint8_t { replace = 0, insert = 1, remove = 2 };

// A document that is opened only along the paths that lead into it: all else stays as bytes.
struct Node {
  struct Member {
    std::string key;
    Node* value() noexcept { return &nodes.front(); }
    std::vector<Node> nodes;  // exactly one: a Node cannot hold a Node
  };

  BinaryJson raw;               // while it is closed
  std::vector<Member> members;  // once it is open
  bool open = false;
  bool object = false;
};

[[noreturn]] void refuse(std::string_view why) {
  fail(ErrorKind::corrupt, "a partial JSON update {}", why);
}

Node closed(const BinaryJson& value) {
  Node node;
  node.raw = value;
  return node;
}

Node::Member member_of(std::string_view key, const BinaryJson& value) {
  Node::Member member{std::string(key), {}};
  member.nodes.push_back(closed(value));
  return member;
}

// One step of a path: a member's name, or a cell's number.
struct Leg {
  std::optional<std::size_t> cell;
  std::string name;
};

void append_escape(std::string& name, std::string_view& text) {
  if (text.empty()) refuse("has a path that ends within a name");
  const char c = text.front();
  text.remove_prefix(1);
  switch (c) {
    case 'b': name += '\b'; return;
    case 'f': name += '\f'; return;
    case 'n': name += '\n'; return;
    case 'r': name += '\r'; return;
    case 't': name += '\t'; return;
    case 'u': {
      // The server escapes control characters so, which are one byte each.
      unsigned code = 0;
      const std::string_view digits = text.substr(0, 4);
      const auto [end, error] = std::from_chars(digits.begin(), digits.end(), code, 16);
      if (digits.size() < 4 || end != digits.end() || code >= 0x80)
        refuse("has a path with an escape that no server writes");
      name += static_cast<char>(code);
      text.remove_prefix(4);
      return;
    }
    default: name += c;
  }
}

std::string take_quoted(std::string_view& text) {
  std::string name;
  while (true) {
    if (text.empty()) refuse("has a path that ends within a name");
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '"') return name;
    if (c == '\\')
      append_escape(name, text);
    else
      name += c;
  }
}

Leg take_leg(std::string_view& text) {
  Leg leg;
  const char kind = text.front();
  text.remove_prefix(1);
  if (kind == '[') {
    std::size_t cell = 0;
    const auto [end, error] = std::from_chars(text.begin(), text.end(), cell);
    if (error != std::errc() || end == text.end() || *end != ']')
      refuse("has a path with a cell that is no number");
    text.remove_prefix(static_cast<std::size_t>(end - text.begin()) + 1);
    leg.cell = cell;
  } else if (kind != '.') {
    refuse("has a path that is none");
  } else if (text.starts_with('"')) {
    text.remove_prefix(1);
    leg.name = take_quoted(text);
  } else {
    leg.name = text.substr(0, std::min(text.find('.'), text.find('[')));
    text.remove_prefix(leg.name.size());
  }
  return leg;
}

std::vector<Leg> read_path(std::string_view text) {
  if (!text.starts_with('$')) refuse("has a path that does not begin with $");
  text.remove_prefix(1);
  std::vector<Leg> legs;
  while (!text.empty()) legs.push_back(take_leg(text));
  return legs;
}

class Document {
 public:
  Document(std::string_view document, std::size_t diffs)
      : root_(closed(json_root(document))), budget_(document.size() + diffs) {}

  void apply(Operation operation, std::string_view path, const BinaryJson& value) {
    std::vector<Leg> legs = read_path(path);
    if (legs.empty()) {
      if (operation != Operation::replace) refuse("adds or removes the whole document");
      root_ = closed(value);
      return;
    }
    const Leg last = std::move(legs.back());
    legs.pop_back();
    Node* node = &root_;
    for (const Leg& leg : legs) node = existing(open(*node), leg)->value();
    Node& parent = open(*node);
    switch (operation) {
      case Operation::replace: *existing(parent, last)->value() = closed(value); return;
      case Operation::remove: parent.members.erase(existing(parent, last)); return;
      case Operation::insert: return insert(parent, last, value);
    }
  }

  void append(Bytes& out) { append(out, root_, 1); }

 private:
  using Place = std::vector<Node::Member>::iterator;

  Node& open(Node& node) {
    if (node.open) return node;
    if (!node.raw.is_object() && !node.raw.is_array())
      refuse("has a path that leads into a value without members");
    node.object = node.raw.is_object();
    for (const BinaryJson::Member& member : node.raw.members()) {
      opened_.pay(1);
      node.members.push_back(member_of(member.key, {member.type, member.bytes}));
    }
    node.open = true;
    return node;
  }

  // Where a member of the name is, or would be: the server orders by length, then by bytes.
  static Place place_of(Node& object, const std::string& name) {
    return std::ranges::lower_bound(
        object.members, name,
        [](const std::string& a, const std::string& b) {
          return a.size() != b.size() ? a.size() < b.size() : a < b;
        },
        &Node::Member::key);
  }

  static Place existing(Node& node, const Leg& leg) {
    if (node.object == leg.cell.has_value()) refuse("has a path of another kind than its document");
    if (leg.cell) {
      if (*leg.cell >= node.members.size()) refuse("has a path to a cell that is not there");
      return node.members.begin() + static_cast<std::ptrdiff_t>(*leg.cell);
    }
    const Place place = place_of(node, leg.name);
    if (place == node.members.end() || place->key != leg.name)
      refuse("has a path to a member that is not there");
    return place;
  }

  static void insert(Node& node, const Leg& leg, const BinaryJson& value) {
    if (node.object == leg.cell.has_value()) refuse("has a path of another kind than its document");
    if (leg.cell) {
      const std::size_t cell = std::min(*leg.cell, node.members.size());
      node.members.insert(node.members.begin() + static_cast<std::ptrdiff_t>(cell),
                          member_of({}, value));
      return;
    }
    const Place place = place_of(node, leg.name);
    if (place != node.members.end() && place->key == leg.name)
      refuse("adds a member that is there already");
    node.members.insert(place, member_of(leg.name, value));
  }

  void append(Bytes& out, Node& node, int depth) {
    if (!node.open) return append_json_value(out, node.raw, budget_, depth);
    if (depth > kMaxJsonDepth)
      fail(ErrorKind::corrupt, "a JSON document has more than {} levels", kMaxJsonDepth);
    out += node.object ? '{' : '[';
    bool first = true;
    for (Node::Member& member : node.members) {
      if (!std::exchange(first, false)) out += ", ";
      if (node.object) {
        append_json_string(out, member.key);
        out += ": ";
      }
      append(out, *member.value(), depth + 1);
    }
    out += node.object ? '}' : ']';
  }

  Node root_;
  JsonBudget budget_;
  JsonBudget opened_ = budget_;  // members of a sound document have bytes of their own, too
};

}  // namespace

void append_patched_json(Bytes& out, std::string_view document, std::string_view diffs) {
  Document patched(document, diffs.size());
  ByteReader in(diffs);
  while (!in.empty()) {
    const std::uint8_t operation = in.u8();
    if (operation > static_cast<std::uint8_t>(Operation::remove))
      refuse(fmt::format("has an operation of unknown kind {}", operation));
    const std::string_view path = in.take(read_lenenc(in));
    const bool valued = static_cast<Operation>(operation) != Operation::remove;
    const BinaryJson value = valued ? json_root(in.take(read_lenenc(in))) : BinaryJson{};
    patched.apply(static_cast<Operation>(operation), path, value);
  }
  patched.append(out);
}

}  // namespace freshet
