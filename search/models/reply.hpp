#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "search/models/chat.hpp"

namespace kbench {

// A reply without its thinking, however that leaked: <think>, <thinking>, <reasoning> and their
// ends (a lone end closes what the endpoint's template had opened; one never closed leaves
// nothing), and the channels of `<|channel|>`. CR LF becomes LF.
struct PlainReply {
  std::string text, thinking;
};
PlainReply without_thinking(std::string text);

// The content of the last complete fenced block (CommonMark: ``` or ~~~, three or more); none:
// nothing.
std::optional<std::string> last_fence(std::string_view text);

// Edits: lines "<<<<<<< SEARCH", old lines, "=======", new lines, ">>>>>>> REPLACE", in fences or
// not. Each must match whole lines of what the edits before it left, exactly once.
bool has_edits(std::string_view text);
// A `patch_mismatch` says which edit, and the nearest text there is.
Answered<std::string> apply_edits(std::string_view reply, const std::string& parent);

// The kernel text of a reply: `parent` with the reply's edits, else the last fence.
Answered<std::string> kernel_text(const std::string& reply, const std::string& parent);

// The last line `lesson: TEXT` outside of code, at most 300 bytes; empty: none.
std::string lesson_of(const std::string& reply);

// What a line says of `name`, marks of lists and emphasis left out: "- **Step 2:** tile the rows"
// is a line `step` with "tile the rows".
std::optional<std::string> field_of(std::string_view line, std::string_view name);
std::string lower_case(std::string_view text);

// A source with comments and layout taken out of its code: two that agree are the same kernel.
std::string normalised(const std::string& source);

}  // namespace kbench
