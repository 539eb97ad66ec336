#include "search/space.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "search/configuration_tree.hpp"

namespace kbench {
namespace {

std::vector<Param> axes(const std::vector<std::pair<std::string, int>>& sizes) {
  std::vector<Param> params;
  for (const auto& [name, size] : sizes) {
    Param param{name, {}, 0, static_cast<int>(params.size()) + 1};
    for (int i = 0; i < size; ++i) param.values.push_back(std::to_string(i));
    params.push_back(param);
  }
  return params;
}

std::vector<Constraint> constraints(const std::vector<std::string>& texts) {
  std::vector<Constraint> parsed;
  for (const std::string& text : texts) {
    const int line = static_cast<int>(parsed.size()) + 10;
    parsed.push_back({Expr::parse(text, "k.cpp:" + std::to_string(line), 1).value(), line});
  }
  return parsed;
}

// Every valid configuration, found by trying all in lexicographic order.
std::vector<Configuration> by_brute_force(const std::vector<Param>& params,
                                          const std::vector<Constraint>& all) {
  std::vector<Configuration> valid;
  Configuration current(params.size(), 0);
  for (;;) {
    Bindings names;
    for (size_t i = 0; i < params.size(); ++i) {
      names[params[i].name] = std::stoll(params[i].values[current[i]]);
    }
    if (std::all_of(all.begin(), all.end(),
                    [&](const Constraint& c) { return c.expression.eval(names).value() != 0; })) {
      valid.push_back(current);
    }
    size_t axis = params.size();
    while (axis > 0 && ++current[axis - 1] == params[axis - 1].values.size()) current[--axis] = 0;
    if (axis == 0) return valid;
  }
}

TEST(Space, HoldsWhatBruteForceFindsInTheSameOrder) {
  std::mt19937_64 random(3);
  const std::vector<std::string> templates = {"A + B <= 4",
                                              "A % (B + 1) == C % 2",
                                              "D * E < 7",
                                              "A == E || C > 1",
                                              "B + C + D + E > 3",
                                              "(C ? A : D) <= 2",
                                              "!(A == 1 && E == 1)",
                                              "F >= A",
                                              "A * B * C * D * E * F < 40"};
  for (int trial = 0; trial < 60; ++trial) {
    std::vector<std::pair<std::string, int>> sizes;
    for (const char* name : {"A", "B", "C", "D", "E", "F"}) {
      sizes.emplace_back(name, 1 + static_cast<int>(random() % 4));
    }
    std::shuffle(sizes.begin(), sizes.end(), random);
    std::vector<std::string> chosen;
    for (const std::string& text : templates) {
      if (random() % 2 == 0) chosen.push_back(text);
    }
    const auto params = axes(sizes);
    const auto all = constraints(chosen);
    const auto expected = by_brute_force(params, all);
    const auto space = Space::build(params, all, {});
    if (expected.empty()) {
      EXPECT_FALSE(space.has_value());
      continue;
    }
    ASSERT_TRUE(space.has_value()) << space.error().text();
    ASSERT_EQ(space->size(), expected.size());
    for (uint64_t i = 0; i < expected.size(); ++i) {
      ASSERT_EQ(space->at(i), expected[i]);
      ASSERT_EQ(space->index_of(expected[i]), i);
    }
  }
}

TEST(Space, CountsBeyondWhatCanBeListedAndSamplesItUniformly) {
  std::vector<std::pair<std::string, int>> sizes;
  for (char name = 'A'; name < 'A' + 12; ++name) sizes.emplace_back(std::string(1, name), 10);
  const auto space =
      Space::build(axes(sizes), constraints({"A + B == 9", "C < D", "K == A % 2", "L >= F"}), {});
  ASSERT_TRUE(space.has_value()) << space.error().text();
  EXPECT_EQ(space->raw_size(), 1'000'000'000'000U);
  // 10 pairs A, B; 45 pairs C, D; one K each; 55 pairs F, L; 10^5 for E, G, H, I, J.
  EXPECT_EQ(space->size(), 10U * 45 * 55 * 100'000);
  std::mt19937_64 random(5);
  int c_is_zero = 0;
  constexpr int kDraws = 9000;
  for (int i = 0; i < kDraws; ++i) {
    const Configuration drawn = space->sample(random);
    ASSERT_TRUE(space->valid(drawn));
    ASSERT_EQ(drawn[0] + drawn[1], 9);
    c_is_zero += drawn[2] == 0 ? 1 : 0;
  }
  EXPECT_NEAR(c_is_zero, kDraws * 9 / 45, 200) << "9 of 45 pairs have C = 0, not 1 of 10";
  EXPECT_EQ(space->at(*space->index_of(space->at(12'345'678))), space->at(12'345'678));
}

TEST(Space, SharesEqualSubtrees) {
  std::vector<Axis> three;
  for (const Param& param : axes({{"A", 100}, {"B", 100}, {"C", 100}})) {
    three.push_back({param.name, {}});
    for (const std::string& value : param.values)
      three.back().values.emplace_back(std::stoll(value));
  }
  const auto tree = ConfigurationTree::build(three, constraints({"A < C"}), {});
  EXPECT_EQ(tree->size(), 495'000U);
  EXPECT_LT(tree->edges(), 25'000U) << "one subtree for each A, not for each A and B";
}

TEST(Space, NeighboursDifferInOneParamAndAreValid) {
  const auto space =
      Space::build(axes({{"A", 3}, {"B", 3}}), constraints({"A != 1 || B != 1"}), {}).value();
  EXPECT_EQ(space.neighbours({1, 0}), (std::vector<Configuration>{{0, 0}, {2, 0}, {1, 2}}));
  EXPECT_FALSE(space.valid({1, 1}));
  EXPECT_FALSE(space.valid({1, 7}));
  EXPECT_FALSE(space.valid({1}));
}

TEST(Space, WordsAreValuesToo) {
  const auto kernel = parse_kernel_file(
      "// kbench: task t\n// kbench: language cpp\n// kbench: param MODE slow *fast\n"
      "// kbench: param VECTOR false true\n// kbench: param N 4 8\n"
      "// kbench: require VECTOR || N == 4\n// kbench: require N <= n\n// kbench: launch f(x)\n",
      "k.cpp");
  const auto space = Space::build(*kernel, {{"n", 100}}, {});
  ASSERT_TRUE(space.has_value()) << space.error().text();
  EXPECT_EQ(space->size(), 6U);
  EXPECT_EQ(canonical(space->to_params(space->defaults())), "MODE=fast,N=4,VECTOR=false");
  EXPECT_EQ(space->from_params({{"N", "8"}}).value(), (Configuration{1, 0, 1}));
  EXPECT_EQ(space->from_params({{"M", "8"}}).error().hint, "did you mean 'N'?");
  EXPECT_FALSE(space->from_params({{"N", "9"}}).has_value());
  EXPECT_EQ(Space::build(*kernel, {{"n", 4}}, {})->size(), 4U);

  const auto wrong = Space::build(axes({{"A", 2}}), constraints({"MODE == 1"}), {});
  EXPECT_NE(wrong.error().text().find("unknown name 'MODE'"), std::string::npos);
}

TEST(Space, AnEmptyOneNamesTheConstraintsThatEmptyIt) {
  const auto space =
      Space::build(axes({{"A", 4}, {"B", 4}, {"C", 4}}),
                   constraints({"A < 3", "B > A + 1", "C < 2", "B < 2", "A + C >= 0"}), {});
  ASSERT_FALSE(space.has_value());
  EXPECT_EQ(space.error().what,
            "no configuration satisfies 'B > A + 1' (line 11) and 'B < 2' (line 13)");
  const auto fixed = Space::build(axes({{"A", 4}}), constraints({"n > 5"}), {{"n", 3}});
  EXPECT_EQ(fixed.error().what, "no configuration satisfies 'n > 5' (line 10)");
}

TEST(Space, AConstraintThatDividesByZeroIsAnErrorWithItsLine) {
  const auto space = Space::build(axes({{"A", 4}, {"B", 4}}), constraints({"B % A == 0"}), {});
  ASSERT_FALSE(space.has_value());
  EXPECT_EQ(space.error().text(),
            "k.cpp:10:3: remainder of a division by zero in 'B % A == 0' (at A = 0, B = 0)");
}

TEST(Space, OneWithoutParamsHasOneConfiguration) {
  const auto space = Space::build(std::vector<Param>{}, {}, {});
  EXPECT_EQ(space->size(), 1U);
  EXPECT_EQ(space->at(0), Configuration{});
}

}  // namespace
}  // namespace kbench
