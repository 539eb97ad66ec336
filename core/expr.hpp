#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace kbench {

// Names with their values; transparent comparison so that string_views find them.
using Bindings = std::map<std::string, int64_t, std::less<>>;

// An integer expression of kernel headers and task files: checked 64-bit arithmetic with
// + - * / % << >> == != < <= > >= && || ! ?: and min max ceil_div log2 pow2 (docs/kernel-file.md).
class Expr {
 public:
  struct Code;

  Expr() = default;
  // `where` prefixes error positions; `column` is the 1-based column of text[0] in its line.
  static Result<Expr> parse(std::string_view text, std::string_view where = {}, int column = 1);
  static Expr constant(int64_t value);

  // Fails on an unknown name (near misses named), overflow, division by zero or a shift outside
  // 0..63. Of && || ?: only the side that counts is evaluated, but every name must be known.
  Result<int64_t> eval(const Bindings& names) const;
  // The same with values by position, values[i] for names()[i]; for evaluating in bulk.
  Result<int64_t> eval(std::span<const int64_t> values) const;

  // Names used, sorted, each once.
  const std::vector<std::string>& names() const;
  // The text it was parsed from.
  const std::string& text() const { return text_; }
  bool empty() const { return code_ == nullptr; }

 private:
  std::string text_;
  std::string where_;
  std::shared_ptr<const Code> code_;  // immutable, shared by copies
};

}  // namespace kbench
