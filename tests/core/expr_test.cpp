#include "core/expr.hpp"

#include <gtest/gtest.h>

#include <random>

namespace kbench {
namespace {

int64_t value(std::string_view text, const Bindings& names = {}) {
  const auto expression = Expr::parse(text);
  EXPECT_TRUE(expression.has_value()) << text << ": " << expression.error().text();
  if (!expression) return -999;
  const auto result = expression->eval(names);
  EXPECT_TRUE(result.has_value()) << text << ": " << result.error().text();
  return result.value_or(-999);
}

std::string parse_error(std::string_view text) {
  const auto expression = Expr::parse(text, "k.cpp:7", 11);
  return expression ? "no error" : expression.error().text();
}

std::string eval_error(std::string_view text, const Bindings& names = {}) {
  const auto result = Expr::parse(text, "k.cpp:7", 11).value().eval(names);
  return result ? "no error" : result.error().text();
}

TEST(Expr, HasThePrecedenceOfC) {
  EXPECT_EQ(value("1 + 2 * 3"), 7);
  EXPECT_EQ(value("(1 + 2) * 3"), 9);
  EXPECT_EQ(value("10 - 4 - 3"), 3);
  EXPECT_EQ(value("100 / 7 / 2 % 4"), 3);
  EXPECT_EQ(value("1 << 2 + 1"), 8);
  EXPECT_EQ(value("1 < 2 == 1"), 1);
  EXPECT_EQ(value("0 == 1 < 2"), 0);
  EXPECT_EQ(value("1 || 0 && 0"), 1);
  EXPECT_EQ(value("0 ? 1 : 0 ? 2 : 3"), 3);
  EXPECT_EQ(value("1 ? 2 ? 3 : 4 : 5"), 3);
  EXPECT_EQ(value("-3 * -2"), 6);
  EXPECT_EQ(value("!0 + !5"), 1);
  EXPECT_EQ(value("--3"), 3);
  EXPECT_EQ(value("1 != 2"), 1);
  EXPECT_EQ(value("0xff >> 4"), 15);
  EXPECT_EQ(value("true + true + false"), 2);
}

TEST(Expr, DividesAsCAndItsFunctionsRound) {
  EXPECT_EQ(value("-7 / 2"), -3);
  EXPECT_EQ(value("-7 % 2"), -1);
  EXPECT_EQ(value("ceil_div(7, 2)"), 4);
  EXPECT_EQ(value("ceil_div(8, 2)"), 4);
  EXPECT_EQ(value("ceil_div(-7, 2)"), -3);
  EXPECT_EQ(value("log2(1023)"), 9);
  EXPECT_EQ(value("log2(1024)"), 10);
  EXPECT_EQ(value("pow2(10)"), 1024);
  EXPECT_EQ(value("min(3, 1, 2) + max(4, 5)"), 6);
}

TEST(Expr, LogicGivesZeroOrOneAndSkipsWhatDoesNotCount) {
  EXPECT_EQ(value("5 && 7"), 1);
  EXPECT_EQ(value("0 || 7"), 1);
  EXPECT_EQ(value("7 || 1 / 0"), 1);
  EXPECT_EQ(value("0 && 1 / 0"), 0);
  EXPECT_EQ(value("1 ? 4 : 1 / 0"), 4);
  EXPECT_EQ(value("0 ? 1 / 0 : 4"), 4);
  EXPECT_EQ(value("(0 || 3) + (2 && 2)"), 2);
}

TEST(Expr, ReadsNamesFromBindingsOrPositions) {
  const auto expression = Expr::parse("rows * BLOCK + rows").value();
  EXPECT_EQ(expression.names(), (std::vector<std::string>{"BLOCK", "rows"}));
  EXPECT_EQ(expression.eval({{"rows", 3}, {"BLOCK", 10}, {"other", 1}}).value(), 33);
  const std::vector<int64_t> values = {10, 3};
  EXPECT_EQ(expression.eval(std::span<const int64_t>(values)).value(), 33);
  EXPECT_EQ(expression.text(), "rows * BLOCK + rows");
}

TEST(Expr, SaysWhereParsingFailed) {
  EXPECT_EQ(parse_error("1 +"), "k.cpp:7:14: expected a number, a name or '(' in '1 +'");
  EXPECT_EQ(parse_error("(1 + 2"), "k.cpp:7:17: expected ')' in '(1 + 2'");
  EXPECT_EQ(parse_error("1 2"), "k.cpp:7:13: unexpected '2' after an expression in '1 2'");
  EXPECT_EQ(parse_error("mim(1, 2)"),
            "k.cpp:7:11: unknown function 'mim' in 'mim(1, 2)' (did you mean 'min'?)");
  EXPECT_EQ(parse_error("log2(1, 2)"), "k.cpp:7:11: log2 takes 1 argument, not 2 in 'log2(1, 2)'");
  EXPECT_EQ(parse_error("max(1)"), "k.cpp:7:11: max takes 2 or more arguments, not 1 in 'max(1)'");
  EXPECT_EQ(parse_error("1 ? 2"), "k.cpp:7:16: expected ':' of a '?' in '1 ? 2'");
  EXPECT_EQ(parse_error("1.5"), "k.cpp:7:11: not an integer in '1.5'");
  EXPECT_EQ(parse_error("99999999999999999999"),
            "k.cpp:7:11: the number does not fit 64 bits in '99999999999999999999'");
  EXPECT_EQ(parse_error("a = 1"), "k.cpp:7:13: unexpected '=' after an expression in 'a = 1'");
  EXPECT_EQ(parse_error("a & b"), "k.cpp:7:13: unexpected '&' after an expression in 'a & b'");
}

TEST(Expr, SaysWhereEvaluatingFailed) {
  EXPECT_EQ(eval_error("8 / (n - n)", {{"n", 3}}), "k.cpp:7:13: division by zero in '8 / (n - n)'");
  EXPECT_EQ(eval_error("rowz", {{"rows", 3}}),
            "k.cpp:7: unknown name 'rowz' in 'rowz' (did you mean 'rows'?)");
  EXPECT_NE(eval_error("9223372036854775807 + 1").find("does not fit 64 bits"), std::string::npos);
  EXPECT_NE(eval_error("4611686018427387904 * 2").find("does not fit 64 bits"), std::string::npos);
  EXPECT_NE(eval_error("(-9223372036854775807 - 1) / -1").find("64 bits"), std::string::npos);
  EXPECT_NE(eval_error("-(-9223372036854775807 - 1)").find("64 bits"), std::string::npos);
  EXPECT_NE(eval_error("1 << 63").find("64 bits"), std::string::npos);
  EXPECT_NE(eval_error("1 << -1").find("shift"), std::string::npos);
  EXPECT_NE(eval_error("5 % 0").find("zero"), std::string::npos);
  EXPECT_NE(eval_error("log2(0)").find("log2"), std::string::npos);
  EXPECT_EQ(value("(-9223372036854775807 - 1) % -1"), 0);
}

TEST(Expr, RefusesWhatNestsTooDeep) {
  EXPECT_NE(parse_error(std::string(1000, '(') + "1" + std::string(1000, ')')).find("too deep"),
            std::string::npos);
  EXPECT_EQ(value(std::string(20, '(') + "1" + std::string(20, ')')), 1);
  EXPECT_EQ(value(std::string(1000, '!') + "0"), 0);
}

TEST(Expr, NeverCrashesOnRandomText) {
  std::mt19937_64 random(1);
  const std::string_view alphabet = "01 9ab()+-*/%<>=!&|?:,.minlog2pow\t\x80";
  const Bindings names = {{"a", 3}, {"b", -2}};
  int valid = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text;
    for (size_t n = random() % 24; n > 0; --n) text += alphabet[random() % alphabet.size()];
    if (const auto expression = Expr::parse(text)) {
      ++valid;
      (void)expression->eval(names);
    }
  }
  EXPECT_GT(valid, 100);
}

}  // namespace
}  // namespace kbench
