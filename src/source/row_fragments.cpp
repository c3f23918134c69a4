#include "source/row_fragments.h"

#include <zlib.h>

#include <utility>

#include "source/row_decoder.h"

namespace freshet {

namespace {

constexpr std::uint8_t kTellsSize = 1;
constexpr std::size_t kKeptCapacity = std::size_t{16} << 20;

bool ends_with_checksum(std::string_view raw) {
  const std::string_view covered = raw.substr(0, raw.size() - kChecksumSize);
  const auto actual = static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(covered.data()), covered.size()));
  return ByteReader(raw.substr(covered.size())).fixed<std::uint32_t>() == actual;
}

void demand_size(std::uint64_t bytes) {
  if (bytes > kMaxEventSize)
    fail(ErrorKind::unsupported, "a rows event in fragments has {} bytes, of which 1 GiB is read",
         bytes);
}

}  // namespace

void RowFragments::begin(std::uint32_t total) {
  if (whole_.capacity() > kKeptCapacity) Bytes().swap(whole_);
  whole_.clear();
  total_ = total;
  told_size_.reset();
}

std::optional<Event> RowFragments::add(const Event& fragment) {
  ByteReader in(fragment.body);
  const auto total = in.fixed<std::uint32_t>();
  const auto number = in.fixed<std::uint32_t>();
  const std::uint8_t flags = in.u8();
  if (number != taken_ + 1 || number > total || (pending() && total != total_))
    fail(ErrorKind::corrupt, "fragment {} of {} of a rows event comes after {} of {}", number,
         total, taken_, total_);
  if (number == 1) begin(total);
  if ((flags & kTellsSize) != 0) told_size_ = in.le(8);
  demand_size(told_size_.value_or(0));
  demand_size(whole_.size() + in.left());
  whole_ += in.rest();
  taken_ = number;
  if (number < total) return std::nullopt;
  taken_ = 0;
  return nested_event(checked(), fragment);
}

// The rows event without checksum. Whether it has one, where its header counts one in, is not
// documented: it has if it is right.
std::string_view RowFragments::checked() const {
  std::string_view raw = whole_;
  const std::optional<std::size_t> size = told_size(raw);
  const bool whole = size && (*size == raw.size() || *size == raw.size() + kChecksumSize);
  if (!whole || told_size_.value_or(raw.size()) != raw.size())
    fail(ErrorKind::corrupt, "the fragments of a rows event make {} bytes where {} are told",
         raw.size(), told_size_.value_or(size.value_or(0)));
  if (*size == raw.size() && ends_with_checksum(raw)) raw.remove_suffix(kChecksumSize);
  const EventType type = nested_event(raw, {}).type;
  if (!is_rows_event(type))
    fail(ErrorKind::unsupported, "an event of type {} stands in fragments: only rows events do",
         static_cast<int>(type));
  return raw;
}

}  // namespace freshet
