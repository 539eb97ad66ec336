#include "cli/line_input.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace kbench {

namespace {

constexpr size_t kChunk = size_t{1} << 16;
constexpr int kLookEveryMs = 100;  // at `stop`

}  // namespace

// More bytes into the empty buffer; false: there are none any more.
bool LineInput::fill() {
  buffer_.resize(kChunk);
  at_ = 0;
  while (!stop_) {
    pollfd waiting{descriptor_, POLLIN, 0};
    const int ready = poll(&waiting, 1, kLookEveryMs);
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    const ssize_t got = ready < 0 ? -1 : read(descriptor_, buffer_.data(), buffer_.size());
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) break;
    buffer_.resize(static_cast<size_t>(got));
    return true;
  }
  buffer_.clear();
  return false;
}

std::optional<LineInput::Line> LineInput::next() {
  if (stop_) return std::nullopt;  // whatever was read ahead
  Line line;
  bool begun = false;
  for (;;) {
    if (at_ == buffer_.size() && !fill()) {
      if (!begun || stop_) return std::nullopt;
      break;  // a last line without its end
    }
    begun = true;
    const size_t end = std::min(buffer_.find('\n', at_), buffer_.size());
    const size_t room = longest_ - line.text.size();
    if (end - at_ > room) line.too_long = true;
    line.text.append(buffer_, at_, std::min(end - at_, room));
    at_ = end;
    if (end < buffer_.size()) {
      ++at_;
      break;
    }
  }
  line.number = ++number_;
  if (line.text.ends_with('\r')) line.text.pop_back();
  return line;
}

}  // namespace kbench
