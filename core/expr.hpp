#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace kbench {

// Names with their values; transparent comparison so that string_views find them.
using Bindings = std::map<std::string, int64_t, std::less<>>;

// An integer expression of kernel headers and task files: checked 64-bit arithmetic with
// + - * / % << >> == != < <= > >= && || ! ?: and min max ceil_div log2 pow2.
class Expr {
 public:
  struct Node;

  Expr() = default;
  // `where` prefixes error positions; `column` is the 1-based column of text[0] in its line.
  static Result<Expr> parse(std::string_view text, std::string_view where = {}, int column = 1);
  static Expr constant(int64_t value);

  // Fails on an unknown name (near misses named), overflow, division by zero or a negative shift.
  // Both sides of && || ?: are evaluated only when needed.
  Result<int64_t> eval(const Bindings& names) const;

  // Names used, sorted, each once.
  std::vector<std::string> names() const;
  // The text it was parsed from.
  const std::string& text() const { return text_; }
  bool empty() const { return root_ == nullptr; }

 private:
  std::string text_;
  std::string where_;
  std::shared_ptr<const Node> root_;
};

}  // namespace kbench
