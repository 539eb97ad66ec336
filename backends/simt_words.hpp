#pragma once

#include <string>
#include <string_view>

namespace kbench {

// Looking through C++ text by hand: a hostile source has blanks by the million, and std::regex
// recurses with each. Everything here looks at a character once.

bool is_word(char c);
// The first position at or after `at` that holds no blank, or the end.
size_t skip_blanks(const std::string& code, size_t at);
// The word behind blanks at or after `at`, which is moved behind it; empty if something else comes.
std::string_view next_word(const std::string& code, size_t& at);
// Where `word` stands by itself, at or after `from`; npos.
size_t find_word(const std::string& code, std::string_view word, size_t from = 0);

}  // namespace kbench
