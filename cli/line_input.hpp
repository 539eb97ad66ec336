#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <string>

namespace kbench {

// Lines of a descriptor, of any length, of which no more than `longest` bytes are kept. Reading
// ends at the input's end, or soon after `stop` becomes true.
class LineInput {
 public:
  struct Line {
    std::string text;       // without its end
    bool too_long = false;  // the text is cut off
    int64_t number = 0;     // from 1
  };

  LineInput(int descriptor, size_t longest, const std::atomic<bool>& stop)
      : descriptor_(descriptor), longest_(longest), stop_(stop) {}

  std::optional<Line> next();

 private:
  bool fill();

  int descriptor_;
  size_t longest_;
  const std::atomic<bool>& stop_;
  std::string buffer_;
  size_t at_ = 0;  // in the buffer: where the next line goes on
  int64_t number_ = 0;
};

}  // namespace kbench
