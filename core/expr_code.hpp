#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/expr.hpp"

namespace kbench {

// An expression as a stack program: operands push, operators pop theirs and push the result. Jumps
// give && || ?: their laziness.
enum class Opcode : uint8_t {
  number,  // push operand
  name,    // push the value of names[operand]
  negate,
  logical_not,
  truth,  // any value but 0 becomes 1
  multiply,
  divide,
  remainder,
  add,
  subtract,
  shift_left,
  shift_right,
  less,
  less_equal,
  greater,
  greater_equal,
  equal,
  not_equal,
  minimum,
  maximum,
  ceil_div,
  log2,
  pow2,
  jump,          // to operand
  jump_if_zero,  // pops
  and_jump,      // 0 on top: make it the result and jump; else pop
  or_jump,       // not 0 on top: make it 1 and jump; else pop
};

struct Instruction {
  Opcode code;
  int column;       // 1-based, of the operator in its line
  int64_t operand;  // number, index of a name, target of a jump
};

// Deeper programs are refused by the parser, so that the stack has a fixed size.
inline constexpr size_t kExprStack = 64;

struct Expr::Code {
  std::vector<Instruction> instructions;
  std::vector<std::string> names;
};

}  // namespace kbench
