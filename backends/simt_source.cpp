#include "backends/simt_source.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <regex>
#include <string_view>

#include "backends/simt_ptx.hpp"
#include "backends/simt_words.hpp"
#include "core/text.hpp"

namespace kbench {

namespace {

constexpr std::array kNotEmulated = {
    std::pair{"cluster_group", "clusters"},
    std::pair{"this_cluster", "clusters"},
    std::pair{"pipeline_role", "pipelines of producers and consumers"},
    std::pair{"cub", "CUB"},
    std::pair{"cuda/ptx", "cuda::ptx"},
    std::pair{"cutlass", "CUTLASS"},
    std::pair{"cute", "CuTe"},
    std::pair{"curand_kernel", "cuRAND"},
    std::pair{"cuda_fp8", "numbers of 8 bits"},
    std::pair{"cuda_fp6", "numbers of 6 bits"},
    std::pair{"cuda_fp4", "numbers of 4 bits"},
    std::pair{"cudaTextureObject_t", "textures"},
    std::pair{"cudaSurfaceObject_t", "surfaces"},
    std::pair{"CUtensorMap", "tensor maps"},
    std::pair{"thrust", "Thrust"},
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

// Behind `alignas(16)` or `__align__(16)`, if that stands at `at`; else `at`.
size_t skip_alignment(const std::string& code, size_t at) {
  size_t open = at;
  const std::string_view word = next_word(code, open);
  open = skip_blanks(code, open);
  if ((word != "__align__" && word != "alignas") || code.compare(open, 1, "(") != 0) return at;
  int depth = 0;
  for (size_t i = open; i < std::min(open + 256, code.size()); ++i) {
    if (code[i] == '(') ++depth;
    if (code[i] == ')' && --depth == 0) return i + 1;
  }
  return at;
}

// `__shared__ alignas(16) float part[32];`, which C++ wants the other way round.
std::string alignment_first(const std::string& source) {
  constexpr std::string_view kShared = "__shared__";
  const std::string code = code_only(source);
  std::string text;
  size_t copied = 0;
  for (size_t at = 0; (at = find_word(code, kShared, at)) != std::string::npos;) {
    const size_t behind = at + kShared.size(), end = skip_alignment(code, behind);
    if (end != behind) {
      text += source.substr(copied, at - copied) + source.substr(behind, end - behind) + " " +
              std::string(kShared);
      copied = end;
    }
    at = behind;
  }
  return text + source.substr(copied);
}

// `extern __shared__ __align__(16) float tile[][32];`
struct DynamicArray {
  size_t begin = 0, end = 0;        // in the source; the end is behind the semicolon
  std::string type, name, extents;  // but the first extent
};

// What the array becomes: a pointer to where dynamic shared memory begins.
std::string pointer_of(const DynamicArray& array) {
  const bool nested = !array.extents.empty();
  const std::string type = array.type + (nested ? " (*)" : "*") + array.extents;
  const std::string declared = array.type + (nested ? " (* const " : "* const ") + array.name +
                               (nested ? ")" : "") + array.extents;
  return "[[maybe_unused]] " + declared + " = reinterpret_cast<" + type +
         ">(::kbench_simt::dynamic_shared);";
}

// The one whose `extern` is at `begin`; nothing if that declares something else. `looked_at` is
// moved as far as no other can begin.
std::optional<DynamicArray> read_dynamic(const std::string& code, size_t begin, size_t& looked_at) {
  looked_at = skip_alignment(code, begin + std::string_view("extern").size());
  std::string qualifier;
  size_t behind = looked_at;
  if (next_word(code, behind) == "volatile") {
    qualifier = "volatile ";
    looked_at = behind;
  }
  if (next_word(code, looked_at) != "__shared__") return std::nullopt;
  const size_t from = looked_at = skip_alignment(code, looked_at);
  looked_at = std::min(code.find_first_of(";{}()", from), code.size());
  if (looked_at == code.size() || code[looked_at] != ';') return std::nullopt;
  const std::string_view all = trim(std::string_view(code).substr(from, looked_at - from));
  const size_t bracket = all.find('['), close = all.find(']');
  if (bracket >= close || close == std::string_view::npos || !all.ends_with(']') ||
      !trim(all.substr(bracket + 1, close - bracket - 1)).empty()) {
    return std::nullopt;
  }
  const std::string_view rest = trim(all.substr(0, bracket));
  const auto last = std::find_if_not(rest.rbegin(), rest.rend(), is_word).base() - rest.begin();
  const auto name = static_cast<size_t>(last);
  DynamicArray array{begin, looked_at + 1, qualifier + std::string(trim(rest.substr(0, name))),
                     std::string(rest.substr(name)), std::string(all.substr(close + 1))};
  std::replace(array.type.begin(), array.type.end(), '\n', ' ');
  if (array.type.empty() || array.name.empty()) return std::nullopt;
  return array;
}

// Headers that the vendors' compilers have: libcu++'s are the standard library's under other names,
// and all else is in kbench.h.
std::string with_known_headers(const std::string& source) {
  static const std::regex kHeaders(
      R"((#[ \t]*include[ \t]*<)(cuda/std/(?:detail/libcxx/include/)?)?((?:cuda|hip)/[\w./]+|\w+)>)");
  std::string text;
  for (size_t at = 0; at < source.size();) {
    const size_t end = std::min(source.find('\n', at), source.size() - 1) + 1;
    std::string line = source.substr(at, end - at);
    std::smatch match;
    constexpr size_t kLongest = 200;  // of such a line
    if (line.size() < kLongest && std::regex_search(line, match, kHeaders)) {
      const std::string name = match[3];
      const bool known = name.starts_with("cuda/") || name.starts_with("hip/");
      if (match[2].matched || known) {
        const bool standard = match[2].matched && name != "atomic" && name != "barrier";
        const std::string header = standard ? name : "kbench.h";
        line.replace(static_cast<size_t>(match.position(0)), static_cast<size_t>(match.length(0)),
                     match[1].str() + header + ">");
      }
    }
    text += line;
    at = end;
  }
  return text;
}

}  // namespace

Result<std::string> simt_source(const std::string& written, const std::string& name) {
  auto translated = emulate_ptx(written, code_only(written), name);
  if (!translated) return translated;
  std::string code = code_only(*translated);
  std::string source = without_second_static(*translated, code);
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
    text += source.substr(copied, array->begin - copied) + pointer_of(*array) +
            std::string(static_cast<size_t>(lines), '\n');
    copied = array->end;
  }
  text += source.substr(copied);
  return alignment_first(with_known_headers(text));
}

}  // namespace kbench
