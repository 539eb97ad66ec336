#include "backends/simt_source.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "backends/simt_ptx.hpp"
#include "backends/simt_words.hpp"
#include "core/text.hpp"

namespace kbench {

namespace {

constexpr std::array kNotEmulated = {std::pair{"coalesced_threads", "the lanes that are active"},
                                     std::pair{"cluster_group", "clusters"},
                                     std::pair{"memcpy_async", "asynchronous copies"},
                                     std::pair{"asm", "inline PTX"},
                                     std::pair{"__asm__", "inline PTX"},
                                     std::pair{"__asm", "inline PTX"},
                                     std::pair{"cudaLaunchDevice", "dynamic parallelism"}};

// The source with the text of comments and literals blanked, so that words can be looked for.
std::string code_only(const std::string& source) {
  std::string code = source;
  auto blank = [&](size_t from, size_t to) {
    for (size_t i = from; i < std::min(to, code.size()); ++i) {
      if (code[i] != '\n') code[i] = ' ';
    }
    return to;
  };
  for (size_t i = 0; i < source.size();) {
    if (source.compare(i, 2, "//") == 0) {
      i = blank(i, std::min(source.find('\n', i), source.size()));
    } else if (source.compare(i, 2, "/*") == 0) {
      const size_t end = source.find("*/", i + 2);
      i = blank(i, end == std::string::npos ? source.size() : end + 2);
    } else if (source[i] == '"' || (source[i] == '\'' && (i == 0 || !is_word(source[i - 1])))) {
      size_t end = i + 1;
      while (end < source.size() && source[end] != source[i] && source[end] != '\n') {
        end += source[end] == '\\' ? 2 : 1;
      }
      i = blank(i + 1, end) + 1;
    } else {
      ++i;
    }
  }
  return code;
}

size_t line_of(const std::string& text, size_t at) {
  return static_cast<size_t>(
             std::count(text.begin(), text.begin() + static_cast<ptrdiff_t>(at), '\n')) +
         1;
}

// "float tile" -> "float *const tile = reinterpret_cast<float *>(...)".
std::string pointer_to(const std::string& type, const std::string& name) {
  return type + "* const " + name + " = reinterpret_cast<" + type +
         "*>(::kbench_simt::dynamic_shared)";
}

// `static __shared__ float part[32];` says twice what the C++ behind __shared__ says once.
std::string without_second_static(std::string source, const std::string& code) {
  constexpr std::string_view kStatic = "static", kShared = "__shared__";
  for (const auto& [first, second] : {std::pair{kStatic, kShared}, std::pair{kShared, kStatic}}) {
    for (size_t at = 0; (at = find_word(code, first, at)) != std::string::npos;) {
      const size_t begin = at;
      at += first.size();
      size_t behind = at;
      if (next_word(code, behind) != second) continue;
      const size_t word = first == kStatic ? begin : behind - kStatic.size();
      source.replace(word, kStatic.size(), kStatic.size(), ' ');
    }
  }
  return source;
}

// `extern __shared__ __align__(16) float tile[];`
struct DynamicArray {
  size_t begin = 0, end = 0;  // in the source; the end is behind the semicolon
  std::string type, name;
};

// The one whose `extern` is at `begin`; nothing if that declares something else. `looked_at` is
// moved as far as no other can begin.
std::optional<DynamicArray> read_dynamic(const std::string& code, size_t begin, size_t& looked_at) {
  looked_at = begin + std::string_view("extern").size();
  if (next_word(code, looked_at) != "__shared__") return std::nullopt;
  size_t declared = looked_at;
  if (const auto word = next_word(code, declared); word == "__align__" || word == "alignas") {
    const size_t open = skip_blanks(code, declared);
    const size_t close = code.find_first_of("()", open + 1);
    if (code.compare(open, 1, "(") != 0 || close == std::string::npos || code[close] != ')') {
      return std::nullopt;
    }
    looked_at = close + 1;
  }
  const size_t from = looked_at;
  looked_at = std::min(code.find_first_of(";{}()", from), code.size());
  if (looked_at == code.size() || code[looked_at] != ';') return std::nullopt;
  std::string_view rest = trim(std::string_view(code).substr(from, looked_at - from));
  for (const char bracket : {']', '['}) {
    if (!rest.ends_with(bracket)) return std::nullopt;
    rest = trim(rest.substr(0, rest.size() - 1));
  }
  const auto last = std::find_if_not(rest.rbegin(), rest.rend(), is_word).base() - rest.begin();
  const auto name = static_cast<size_t>(last);
  DynamicArray array{begin, looked_at + 1, std::string(trim(rest.substr(0, name))),
                     std::string(rest.substr(name))};
  std::replace(array.type.begin(), array.type.end(), '\n', ' ');
  if (array.type.empty() || array.name.empty()) return std::nullopt;
  return array;
}

}  // namespace

Result<std::string> simt_source(const std::string& written, const std::string& name) {
  auto translated = emulate_ptx(written, code_only(written), name);
  if (!translated) return translated;
  const std::string code = code_only(*translated);
  const std::string source = without_second_static(*translated, code);
  for (const auto& [word, what] : kNotEmulated) {
    const size_t at = find_word(code, word);
    if (at == std::string::npos) continue;
    return tl::unexpected(Error{ErrorKind::rejected,
                                std::string(what) + " cannot be emulated ('" + word + "')",
                                name + ":" + std::to_string(line_of(source, at)),
                                "keep a portable form of the kernel beside it"});
  }
  std::string text;
  size_t copied = 0;
  for (size_t at = 0; (at = find_word(code, "extern", at)) != std::string::npos;) {
    const auto array = read_dynamic(code, at, at);
    if (!array) continue;
    const auto lines = std::count(code.begin() + static_cast<ptrdiff_t>(array->begin),
                                  code.begin() + static_cast<ptrdiff_t>(array->end), '\n');
    text += source.substr(copied, array->begin - copied) + "[[maybe_unused]] " +
            pointer_to(array->type, array->name) + ";" +
            std::string(static_cast<size_t>(lines), '\n');
    copied = array->end;
  }
  return text + source.substr(copied);
}

}  // namespace kbench
