#pragma once

#include <string>
#include <tl/expected.hpp>

namespace kbench {

// Why something failed; the value is the exit code of a command that ends with it.
enum class ErrorKind { rejected = 1, bad_input = 2, environment = 3, interrupted = 130 };

// What failed, where (`file:line:column` for files people write) and what to do about it.
struct Error {
  ErrorKind kind = ErrorKind::bad_input;
  std::string what;
  std::string where = {};
  std::string hint = {};

  // "where: what (hint)", the parts that are empty left out.
  std::string text() const;
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> bad_input(std::string what, std::string where = {},
                                       std::string hint = {}) {
  return tl::unexpected(
      Error{ErrorKind::bad_input, std::move(what), std::move(where), std::move(hint)});
}
inline tl::unexpected<Error> environment_error(std::string what, std::string where = {},
                                               std::string hint = {}) {
  return tl::unexpected(
      Error{ErrorKind::environment, std::move(what), std::move(where), std::move(hint)});
}

}  // namespace kbench
