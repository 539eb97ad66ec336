#include "search/line_search.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace kbench {
namespace {

Space grid(const std::vector<Constraint>& constraints = {}) {
  std::vector<Param> params;
  for (const char* name : {"X", "Y"}) {
    Param param{name, {}, 0, 0};
    for (int value = 0; value < 10; ++value) param.values.push_back(std::to_string(value));
    params.push_back(std::move(param));
  }
  return Space::build(std::move(params), constraints, {}).value();
}

// Where it ends, and how many values it asked for.
std::pair<Configuration, int> search(const Space& space, const Configuration& from, auto&& value) {
  std::mt19937_64 random(1);
  LineSearch search(space, {from, value(from)}, random);
  int asked = 0;
  while (auto next = search.next()) {
    EXPECT_TRUE(space.valid(*next));
    search.learn(*next, value(*next));
    ++asked;
  }
  return {search.at().configuration, asked};
}

double bowl(const Configuration& at) {
  return std::pow(at[0] - 3, 2) + std::pow(at[1] - 7, 2);
}

TEST(LineSearch, WalksDownToTheOptimumOfASmoothSpace) {
  const auto [at, asked] = search(grid(), {9, 0}, bowl);
  EXPECT_EQ(at, (Configuration{3, 7}));
  EXPECT_LT(asked, 40) << "it walks, it does not try everything";
}

TEST(LineSearch, EndsWhereNoLineLeadsDown) {
  const auto [at, asked] = search(grid(), {5, 5}, [](const Configuration&) { return 1.0; });
  EXPECT_EQ(at, (Configuration{5, 5}));
  EXPECT_EQ(asked, 4) << "one step to each side of each param";
}

TEST(LineSearch, StepsOverWhatIsNotValid) {
  const Space gap = grid({{Expr::parse("X != 4 && X != 5").value(), 1}});
  const auto [at, asked] = search(gap, {8, 7}, bowl);
  EXPECT_EQ(at, (Configuration{3, 7}));
}

}  // namespace
}  // namespace kbench
