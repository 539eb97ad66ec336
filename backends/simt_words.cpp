#include "backends/simt_words.hpp"

#include <algorithm>
#include <cctype>

namespace kbench {

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

size_t skip_blanks(const std::string& code, size_t at) {
  return std::min(code.find_first_not_of(" \t\r\n\v\f", at), code.size());
}

std::string_view next_word(const std::string& code, size_t& at) {
  const size_t begin = skip_blanks(code, at);
  for (at = begin; at < code.size() && is_word(code[at]);) ++at;
  return std::string_view(code).substr(begin, at - begin);
}

size_t find_word(const std::string& code, std::string_view word, size_t from) {
  for (size_t at = from; (at = code.find(word, at)) != std::string::npos; at += word.size()) {
    const bool begins = at == 0 || !is_word(code[at - 1]);
    const bool ends = at + word.size() == code.size() || !is_word(code[at + word.size()]);
    if (begins && ends) return at;
  }
  return std::string::npos;
}

}  // namespace kbench
