#include "backends/simt_source.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <regex>

#include "backends/simt_ptx.hpp"
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

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

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

size_t find_word(const std::string& code, const std::string& word) {
  for (size_t at = 0; (at = code.find(word, at)) != std::string::npos; at += word.size()) {
    const bool begins = at == 0 || !is_word(code[at - 1]);
    const bool ends = at + word.size() == code.size() || !is_word(code[at + word.size()]);
    if (begins && ends) return at;
  }
  return std::string::npos;
}

// "float tile" -> "float *const tile = reinterpret_cast<float *>(...)".
std::string pointer_to(const std::string& type, const std::string& name) {
  return type + "* const " + name + " = reinterpret_cast<" + type +
         "*>(::kbench_simt::dynamic_shared)";
}

// `static __shared__ float part[32];` says twice what the C++ behind __shared__ says once.
std::string without_second_static(std::string source, const std::string& code) {
  static const std::regex kTwice(R"(\bstatic(?=\s+__shared__\b)|\b__shared__\s+(static)\b)");
  for (std::sregex_iterator it(code.begin(), code.end(), kTwice), end; it != end; ++it) {
    const int group = (*it)[1].matched ? 1 : 0;
    source.replace(static_cast<size_t>(it->position(group)), 6, 6, ' ');
  }
  return source;
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
  static const std::regex kDynamic(
      R"(extern\s+__shared__\s+((?:__align__\s*\([^()]*\)|alignas\s*\([^()]*\))\s*)?([^;{}()]*?)\s*\b(\w+)\s*\[\s*\]\s*;)");
  std::string text;
  size_t copied = 0;
  for (std::sregex_iterator it(code.begin(), code.end(), kDynamic), end; it != end; ++it) {
    const auto at = static_cast<size_t>(it->position());
    const std::string found = it->str();
    const auto lines = std::count(found.begin(), found.end(), '\n');
    text += source.substr(copied, at - copied) + "[[maybe_unused]] " +
            pointer_to(it->str(2), it->str(3)) + ";" +
            std::string(static_cast<size_t>(lines), '\n');
    copied = at + static_cast<size_t>(it->length());
  }
  return text + source.substr(copied);
}

}  // namespace kbench
