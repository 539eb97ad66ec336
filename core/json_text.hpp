#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "core/error.hpp"
#include "core/text.hpp"

namespace kbench {

// What JSON that people write holds; `//` and `/* */` comments are legal. `what` says what it is
// not ("the policy is no JSON"), the error adds file:line:column.
template <class Json = nlohmann::json>
Result<Json> parse_json(const std::string& text, const std::string& path, const std::string& what,
                        const std::string& hint = {}) {
  try {
    return Json::parse(text, nullptr, true, /*ignore_comments=*/true);
  } catch (const typename Json::parse_error& error) {
    return bad_input(what, place_in(path, text, error.byte), hint);
  } catch (const typename Json::exception&) {  // the library tells no place
    return bad_input(what + ": a number in it is too large", path, hint);
  }
}

}  // namespace kbench
