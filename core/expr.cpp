#include "core/expr.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

#include "core/expr_code.hpp"
#include "core/text.hpp"

namespace kbench {
namespace {

// What can go wrong in one operation; empty text: nothing.
using Trouble = const char*;
constexpr Trouble kOverflow = "the result does not fit 64 bits";

Trouble divide(int64_t a, int64_t b, int64_t& result) {
  if (b == 0) return "division by zero";
  if (a == std::numeric_limits<int64_t>::min() && b == -1) return kOverflow;
  result = a / b;
  return nullptr;
}

Trouble remainder(int64_t a, int64_t b, int64_t& result) {
  if (b == 0) return "remainder of a division by zero";
  result = b == -1 ? 0 : a % b;
  return nullptr;
}

Trouble ceil_div(int64_t a, int64_t b, int64_t& result) {
  if (Trouble trouble = divide(a, b, result)) return trouble;
  if (a % b != 0 && (a < 0) == (b < 0)) ++result;
  return nullptr;
}

Trouble shift_left(int64_t a, int64_t by, int64_t& result) {
  if (by < 0 || by > 63) return "a shift must be by 0 to 63";
  result = static_cast<int64_t>(static_cast<uint64_t>(a) << by);
  return result >> by == a ? nullptr : kOverflow;
}

Trouble shift_right(int64_t a, int64_t by, int64_t& result) {
  if (by < 0 || by > 63) return "a shift must be by 0 to 63";
  result = a >> by;
  return nullptr;
}

Trouble log2(int64_t a, int64_t& result) {
  if (a <= 0) return "log2 of a number that is not positive";
  result = std::bit_width(static_cast<uint64_t>(a)) - 1;
  return nullptr;
}

Trouble pow2(int64_t a, int64_t& result) {
  if (a < 0 || a > 62) return "pow2 of a number outside 0 to 62";
  result = int64_t{1} << a;
  return nullptr;
}

Trouble apply(Opcode code, int64_t a, int64_t b, int64_t& result) {
  switch (code) {
    case Opcode::multiply:
      return __builtin_mul_overflow(a, b, &result) ? kOverflow : nullptr;
    case Opcode::divide:
      return divide(a, b, result);
    case Opcode::remainder:
      return remainder(a, b, result);
    case Opcode::add:
      return __builtin_add_overflow(a, b, &result) ? kOverflow : nullptr;
    case Opcode::subtract:
      return __builtin_sub_overflow(a, b, &result) ? kOverflow : nullptr;
    case Opcode::shift_left:
      return shift_left(a, b, result);
    case Opcode::shift_right:
      return shift_right(a, b, result);
    case Opcode::less:
      result = a < b;
      break;
    case Opcode::less_equal:
      result = a <= b;
      break;
    case Opcode::greater:
      result = a > b;
      break;
    case Opcode::greater_equal:
      result = a >= b;
      break;
    case Opcode::equal:
      result = a == b;
      break;
    case Opcode::not_equal:
      result = a != b;
      break;
    case Opcode::minimum:
      result = std::min(a, b);
      break;
    case Opcode::maximum:
      result = std::max(a, b);
      break;
    case Opcode::ceil_div:
      return ceil_div(a, b, result);
    default:
      return "unknown operation";
  }
  return nullptr;
}

struct Failure {
  Trouble trouble = nullptr;
  int column = 0;
};

// The value, or the failure and where it happened.
Failure run(const Expr::Code& code, std::span<const int64_t> values, int64_t& value) {
  std::array<int64_t, kExprStack> stack;  // NOLINT: filled before it is read
  size_t top = 0;                         // elements in use
  const size_t end = code.instructions.size();
  for (size_t at = 0; at < end; ++at) {
    const Instruction& op = code.instructions[at];
    const auto target = static_cast<size_t>(op.operand) - 1;  // ++at follows
    Trouble trouble = nullptr;
    switch (op.code) {
      case Opcode::number:
        stack[top++] = op.operand;
        break;
      case Opcode::name:
        stack[top++] = values[static_cast<size_t>(op.operand)];
        break;
      case Opcode::negate:
        if (__builtin_sub_overflow(int64_t{0}, stack[top - 1], &stack[top - 1]))
          trouble = kOverflow;
        break;
      case Opcode::logical_not:
        stack[top - 1] = stack[top - 1] == 0;
        break;
      case Opcode::truth:
        stack[top - 1] = stack[top - 1] != 0;
        break;
      case Opcode::log2:
        trouble = log2(stack[top - 1], stack[top - 1]);
        break;
      case Opcode::pow2:
        trouble = pow2(stack[top - 1], stack[top - 1]);
        break;
      case Opcode::jump:
        at = target;
        break;
      case Opcode::jump_if_zero:
        if (stack[--top] == 0) at = target;
        break;
      case Opcode::and_jump:
        if (stack[top - 1] == 0)
          at = target;
        else
          --top;
        break;
      case Opcode::or_jump:
        if (stack[top - 1] != 0) {
          stack[top - 1] = 1;
          at = target;
        } else {
          --top;
        }
        break;
      default:
        --top;
        trouble = apply(op.code, stack[top - 1], stack[top], stack[top - 1]);
    }
    if (trouble != nullptr) return {trouble, op.column};
  }
  value = stack[0];
  return {};
}

}  // namespace

Expr Expr::constant(int64_t value) {
  Expr expression;
  expression.text_ = std::to_string(value);
  expression.code_ = std::make_shared<Code>(Code{{{Opcode::number, 1, value}}, {}});
  return expression;
}

Result<int64_t> Expr::eval(std::span<const int64_t> values) const {
  if (empty()) return bad_input("an empty expression has no value", where_);
  int64_t value = 0;
  const Failure failure = run(*code_, values, value);
  if (failure.trouble == nullptr) return value;
  return bad_input(fmt::format("{} in '{}'", failure.trouble, text_),
                   where_.empty() ? "" : fmt::format("{}:{}", where_, failure.column));
}

Result<int64_t> Expr::eval(const Bindings& bindings) const {
  if (empty()) return bad_input("an empty expression has no value", where_);
  std::vector<int64_t> values;
  for (const std::string& name : code_->names) {
    const auto found = bindings.find(name);
    if (found == bindings.end()) {
      std::vector<std::string> known;
      for (const auto& [known_name, unused] : bindings) known.push_back(known_name);
      return bad_input(fmt::format("unknown name '{}' in '{}'", name, text_), where_,
                       suggestion(name, known));
    }
    values.push_back(found->second);
  }
  return eval(std::span<const int64_t>(values));
}

const std::vector<std::string>& Expr::names() const {
  static const std::vector<std::string> kNone;
  return empty() ? kNone : code_->names;
}

}  // namespace kbench
