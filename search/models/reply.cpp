#include "search/models/reply.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "core/text.hpp"

namespace kbench {

namespace {

constexpr std::array<std::string_view, 4> kTags = {"think", "thinking", "reasoning", "thought"};

void fold_line_ends(std::string& text) {
  size_t to = 0;
  for (size_t from = 0; from < text.size(); ++from) {
    if (text[from] == '\r' && from + 1 < text.size() && text[from + 1] == '\n') continue;
    text[to++] = text[from];
  }
  text.resize(to);
}

// The answer is the last channel called `final`; whatever stands before is thinking.
void take_final_channel(PlainReply& reply) {
  constexpr std::string_view kFinal = "<|channel|>final<|message|>";
  const size_t at = reply.text.rfind(kFinal);
  if (at == std::string::npos) {
    const size_t channel = reply.text.find("<|channel|>");
    if (channel == std::string::npos) return;
    reply.thinking += reply.text.substr(channel);
    reply.text.resize(channel);
    return;
  }
  reply.thinking += reply.text.substr(0, at);
  reply.text.erase(0, at + kFinal.size());
  if (const size_t end = reply.text.find("<|"); end != std::string::npos) reply.text.resize(end);
}

void take_tag(PlainReply& reply, std::string_view tag) {
  const std::string open = "<" + std::string(tag) + ">", close = "</" + std::string(tag) + ">";
  for (;;) {
    const size_t from = reply.text.find(open), to = reply.text.find(close);
    if (from == std::string::npos && to == std::string::npos) return;
    // A lone end: the endpoint's template had opened it.
    const size_t start =
        from < to && from != std::string::npos ? from : (to != std::string::npos ? 0 : from);
    const size_t end = to == std::string::npos ? reply.text.size() : to + close.size();
    reply.thinking += reply.text.substr(start, end - start);
    reply.text.erase(start, end - start);
  }
}

// A fence line: its character, length and whether anything follows; length 0: none.
struct Fence {
  char mark = 0;
  size_t length = 0;
  bool bare = true;
};
Fence fence_of(std::string_view line) {
  size_t at = line.find_first_not_of(' ');
  if (at == std::string_view::npos || at > 3) return {};
  const char mark = line[at];
  if (mark != '`' && mark != '~') return {};
  size_t end = line.find_first_not_of(mark, at);
  if (end == std::string_view::npos) end = line.size();
  if (end - at < 3) return {};
  const std::string_view rest = trim(line.substr(end));
  if (mark == '`' && rest.find('`') != std::string_view::npos) return {};
  return {mark, end - at, rest.empty()};
}

}  // namespace

PlainReply without_thinking(std::string text) {
  fold_line_ends(text);
  PlainReply reply{std::move(text), ""};
  take_final_channel(reply);
  for (const std::string_view tag : kTags) take_tag(reply, tag);
  return reply;
}

std::optional<std::string> last_fence(std::string_view text) {
  std::optional<std::string> last;
  Fence open;
  std::string content;
  for (const std::string& line : split(text, '\n')) {
    const Fence fence = fence_of(line);
    if (open.length == 0) {
      open = fence;
      content.clear();
    } else if (fence.bare && fence.mark == open.mark && fence.length >= open.length) {
      last = content;
      open = {};
    } else {
      content += line + "\n";
    }
  }
  return last;
}

Answered<std::string> kernel_text(const std::string& reply, const std::string& parent) {
  const PlainReply plain = without_thinking(reply);
  if (trim(plain.text).empty()) {
    return miss(ModelFailure::empty, "the reply is nothing but thinking");
  }
  if (has_edits(plain.text)) return apply_edits(plain.text, parent);
  if (auto code = last_fence(plain.text); code && !trim(*code).empty()) return std::move(*code);
  return miss(ModelFailure::no_code, "the reply has no complete ``` block");
}

std::string lesson_of(const std::string& reply) {
  constexpr size_t kLongest = 300;
  constexpr std::string_view kMark = "lesson:";
  std::string lesson;
  Fence open;
  for (const std::string& line : split(without_thinking(reply).text, '\n')) {
    const Fence fence = fence_of(line);
    if (open.length == 0 && fence.length > 0) {
      open = fence;
    } else if (fence.bare && fence.mark == open.mark && fence.length >= open.length) {
      open = {};
    }
    std::string_view text = trim(line);
    while (!text.empty() && std::string_view("-*`# ").find(text.front()) != std::string_view::npos)
      text.remove_prefix(1);
    if (open.length > 0 || text.size() <= kMark.size()) continue;
    const bool marked = std::equal(kMark.begin(), kMark.end(), text.begin(), [](char a, char b) {
      return a == std::tolower(static_cast<unsigned char>(b));
    });
    if (!marked) continue;
    text = trim(text.substr(kMark.size()));
    text = text.substr(0, kLongest);
    lesson = as_text(text.substr(0, utf8_prefix(text)));
  }
  return lesson;
}

std::string normalised(const std::string& source) {
  std::string text;
  bool space = false;
  char quote = 0;
  for (size_t at = 0; at < source.size(); ++at) {
    const char c = source[at];
    if (quote != 0) {
      text += c;
      if (c == '\\' && at + 1 < source.size()) text += source[++at];
      if (c == quote || c == '\n') quote = 0;
      continue;
    }
    const std::string_view rest = std::string_view(source).substr(at);
    if (rest.starts_with("//") && !rest.starts_with("// kbench:")) {
      at = std::min(source.find('\n', at), source.size()) - 1;
      space = true;
    } else if (rest.starts_with("/*")) {
      const size_t end = source.find("*/", at + 2);
      at = end == std::string::npos ? source.size() : end + 1;
      space = true;
    } else if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      space = true;
    } else {
      if (space && !text.empty()) text += ' ';
      space = false;
      text += c;
      if (c == '"' || c == '\'') quote = c;
    }
  }
  return text;
}

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

std::optional<std::string> field_of(std::string_view line, std::string_view name) {
  constexpr std::string_view kMarks = " \t-*#>_0123456789.)";
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return {};
  std::string_view key = line.substr(0, colon);
  while (!key.empty() && kMarks.find(key.front()) != std::string_view::npos) key.remove_prefix(1);
  while (!key.empty() && kMarks.find(key.back()) != std::string_view::npos) key.remove_suffix(1);
  if (lower_case(key) != name) return {};
  std::string_view value = line.substr(colon + 1);
  while (!value.empty() && std::string_view(" \t*_`").find(value.front()) != std::string_view::npos)
    value.remove_prefix(1);
  while (!value.empty() && std::string_view(" \t*_`.").find(value.back()) != std::string_view::npos)
    value.remove_suffix(1);
  return std::string(value);
}

}  // namespace kbench
