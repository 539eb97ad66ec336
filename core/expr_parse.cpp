#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <iterator>
#include <optional>

#include "core/expr_code.hpp"
#include "core/text.hpp"

namespace kbench {
namespace {

struct Operator {
  std::string_view text;
  int precedence;
  Opcode code;
};
// Longer spellings first. C's precedence.
constexpr std::array<Operator, 15> kOperators = {{{"<<", 6, Opcode::shift_left},
                                                  {">>", 6, Opcode::shift_right},
                                                  {"<=", 5, Opcode::less_equal},
                                                  {">=", 5, Opcode::greater_equal},
                                                  {"==", 4, Opcode::equal},
                                                  {"!=", 4, Opcode::not_equal},
                                                  {"&&", 3, Opcode::and_jump},
                                                  {"||", 2, Opcode::or_jump},
                                                  {"*", 8, Opcode::multiply},
                                                  {"/", 8, Opcode::divide},
                                                  {"%", 8, Opcode::remainder},
                                                  {"+", 7, Opcode::add},
                                                  {"-", 7, Opcode::subtract},
                                                  {"<", 5, Opcode::less},
                                                  {">", 5, Opcode::greater}}};
constexpr int kLowestBinary = 2;

struct Function {
  std::string_view name;
  int arguments;  // -1: two or more
  Opcode code;
};
constexpr std::array<Function, 5> kFunctions = {{{"min", -1, Opcode::minimum},
                                                 {"max", -1, Opcode::maximum},
                                                 {"ceil_div", 2, Opcode::ceil_div},
                                                 {"log2", 1, Opcode::log2},
                                                 {"pow2", 1, Opcode::pow2}}};

bool starts_name(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_';
}
bool continues_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// Recursive descent; the first error is kept and stops everything.
class Parser {
 public:
  Parser(std::string_view text, std::string_view where, int column)
      : text_(text), where_(where), column_(column) {}

  Result<Expr::Code> parse() {
    conditional();
    skip_blanks();
    if (at_ < text_.size()) fail(fmt::format("unexpected '{}' after an expression", text_[at_]));
    if (error_) return tl::unexpected(*error_);
    sort_names();
    return std::move(code_);
  }

 private:
  static constexpr int kDepth = 32;  // of parentheses and the like

  // condition ? a : b, right to left.
  void conditional() {
    if (++depth_ > kDepth) return fail("the expression is nested too deep");
    binary(kLowestBinary);
    if (accept("?")) {
      const size_t to_else = emit(Opcode::jump_if_zero, -1);
      conditional();
      if (!accept(":")) return fail("expected ':' of a '?'");
      const size_t to_end = emit(Opcode::jump, -1);  // one of the two values stays
      land(to_else);
      conditional();
      land(to_end);
    }
    --depth_;
  }

  void binary(int lowest) {
    unary();
    for (;;) {
      const size_t column = at_after_blanks();
      const Operator* op = accept_operator(lowest);
      if (op == nullptr || error_) return;
      const bool lazy = op->code == Opcode::and_jump || op->code == Opcode::or_jump;
      const size_t jump = lazy ? emit(op->code, -1, column) : 0;
      binary(op->precedence + 1);
      if (lazy) {
        emit(Opcode::truth, 0, column);
        land(jump);
      } else {
        emit(op->code, -1, column);
      }
    }
  }

  void unary() {
    const size_t column = at_after_blanks();
    std::vector<Opcode> prefixes;
    while (!error_) {
      if (accept("-")) {
        prefixes.push_back(Opcode::negate);
      } else if (peek("!") && !peek("!=")) {
        accept("!");
        prefixes.push_back(Opcode::logical_not);
      } else {
        break;
      }
    }
    primary();
    std::for_each(prefixes.rbegin(), prefixes.rend(),
                  [&](Opcode prefix) { emit(prefix, 0, column); });
  }

  void primary() {
    if (error_) return;
    skip_blanks();
    if (at_ >= text_.size()) return fail("expected a number, a name or '('");
    if (accept("(")) {
      conditional();
      if (!accept(")")) fail("expected ')'");
    } else if (std::isdigit(static_cast<unsigned char>(text_[at_])) != 0) {
      number();
    } else if (starts_name(text_[at_])) {
      name();
    } else {
      fail(fmt::format("expected a number, a name or '(' instead of '{}'", text_[at_]));
    }
  }

  void number() {
    const bool hex = text_.substr(at_, 2) == "0x" || text_.substr(at_, 2) == "0X";
    const char* begin = text_.data() + at_ + (hex ? 2 : 0);
    const char* end = text_.data() + text_.size();
    int64_t value = 0;
    const auto [stop, error] = std::from_chars(begin, end, value, hex ? 16 : 10);
    if (error == std::errc::result_out_of_range) return fail("the number does not fit 64 bits");
    if (error != std::errc{} || (stop != end && (continues_name(*stop) || *stop == '.'))) {
      return fail("not an integer");
    }
    const size_t column = at_;
    at_ = static_cast<size_t>(stop - text_.data());
    emit(Opcode::number, 1, column, value);
  }

  void name() {
    const size_t begin = at_;
    while (at_ < text_.size() && continues_name(text_[at_])) ++at_;
    const std::string_view word = text_.substr(begin, at_ - begin);
    if (peek("(")) return call(word, begin);
    if (word == "true" || word == "false") {
      emit(Opcode::number, 1, begin, word == "true" ? 1 : 0);
      return;
    }
    auto known = std::find(code_.names.begin(), code_.names.end(), word);
    const int64_t index = known - code_.names.begin();
    if (known == code_.names.end()) code_.names.emplace_back(word);
    emit(Opcode::name, 1, begin, index);
  }

  void call(std::string_view word, size_t begin) {
    const auto* function = std::find_if(kFunctions.begin(), kFunctions.end(),
                                        [&](const Function& f) { return f.name == word; });
    if (function == kFunctions.end()) {
      at_ = begin;
      std::vector<std::string> known;
      std::transform(kFunctions.begin(), kFunctions.end(), std::back_inserter(known),
                     [](const Function& f) { return std::string(f.name); });
      return fail(fmt::format("unknown function '{}'", word), suggestion(word, known));
    }
    accept("(");
    int count = 0;
    do {
      conditional();
      if (++count > 1) emit(function->code, -1, begin);
    } while (!error_ && accept(","));
    if (!accept(")")) return fail(fmt::format("expected ',' or ')' in a call of {}", word));
    if (function->arguments == 1 && count == 1) emit(function->code, 0, begin);
    if (function->arguments < 0 ? count < 2 : count != function->arguments) {
      at_ = begin;
      fail(fmt::format("{} takes {} {}argument{}, not {}", word,
                       std::abs(function->arguments) + (function->arguments < 0 ? 1 : 0),
                       function->arguments < 0 ? "or more " : "",
                       function->arguments == 1 ? "" : "s", count));
    }
  }

  // Appends an instruction that changes the stack's height by `effect`; returns where it is.
  size_t emit(Opcode code, int effect, size_t column = 0, int64_t operand = 0) {
    height_ += effect;
    if (height_ > static_cast<int>(kExprStack)) fail("the expression is too complex");
    code_.instructions.push_back({code, column_ + static_cast<int>(column), operand});
    return code_.instructions.size() - 1;
  }
  void land(size_t jump) {
    if (jump < code_.instructions.size()) {
      code_.instructions[jump].operand = static_cast<int64_t>(code_.instructions.size());
    }
  }

  void sort_names() {
    std::vector<std::string> sorted = code_.names;
    std::sort(sorted.begin(), sorted.end());
    for (Instruction& op : code_.instructions) {
      if (op.code != Opcode::name) continue;
      const std::string& word = code_.names[static_cast<size_t>(op.operand)];
      op.operand = std::lower_bound(sorted.begin(), sorted.end(), word) - sorted.begin();
    }
    code_.names = std::move(sorted);
  }

  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }
  size_t at_after_blanks() {
    skip_blanks();
    return at_;
  }
  bool peek(std::string_view token) {
    skip_blanks();
    return text_.substr(at_, token.size()) == token;
  }
  bool accept(std::string_view token) {
    if (error_ || !peek(token)) return false;
    at_ += token.size();
    return true;
  }
  const Operator* accept_operator(int lowest) {
    for (const Operator& op : kOperators) {
      if (!peek(op.text)) continue;
      if (op.precedence < lowest) return nullptr;
      at_ += op.text.size();
      return &op;
    }
    return nullptr;
  }

  void fail(std::string what, std::string hint = {}) {
    if (error_) return;
    const int column = column_ + static_cast<int>(at_);
    error_ = Error{
        ErrorKind::bad_input, fmt::format("{} in '{}'", what, trim(text_)),
        where_.empty() ? fmt::format("column {}", column) : fmt::format("{}:{}", where_, column),
        std::move(hint)};
  }

  std::string_view text_, where_;
  int column_;
  size_t at_ = 0;
  int depth_ = 0, height_ = 0;
  Expr::Code code_;
  std::optional<Error> error_;
};

}  // namespace

Result<Expr> Expr::parse(std::string_view text, std::string_view where, int column) {
  auto code = Parser(text, where, column).parse();
  if (!code) return tl::unexpected(code.error());
  Expr expression;
  expression.text_ = trim(text);
  expression.where_ = where;
  expression.code_ = std::make_shared<const Code>(std::move(*code));
  return expression;
}

}  // namespace kbench
