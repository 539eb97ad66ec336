#include <gtest/gtest.h>

#include <map>

#include "search/strategy.hpp"

namespace kbench {
namespace {

Space line(int length) {
  Param param{"X", {}, 0, 0};
  for (int value = 0; value < length; ++value) param.values.push_back(std::to_string(value));
  return Space::build({param}, {}, {}).value();
}

std::unique_ptr<Strategy> halving(const Space& space) {
  return make_strategy("halving", {{"proposer", "random"}}, space, 3).value();
}

// X takes X ns; a part of a measurement says up to 5 too much.
double measured(const Configuration& at, double fidelity) {
  return at[0] + 1 + (fidelity < 1 ? at[0] * 7 % 6 : 0);
}

TEST(Halving, MeasuresAThirdOfEachRungWithThreeTimesTheSamples) {
  const Space space = line(1000);
  const auto strategy = halving(space);
  std::map<double, int> asks;
  for (int i = 0; i < 130; ++i) {
    const Configuration at = strategy->ask().value();
    ++asks[strategy->fidelity()];
    strategy->tell({at, measured(at, strategy->fidelity())});
  }
  ASSERT_EQ(asks.size(), 3u);
  EXPECT_EQ(asks.rbegin()->first, 1);
  EXPECT_DOUBLE_EQ(asks.begin()->first, 1 / 9.0);
  EXPECT_EQ(asks.begin()->second, 90);
  EXPECT_EQ(asks.rbegin()->second, 10);
}

TEST(Halving, MeasuresTheFastestInFullThoughPartsAreNoisy) {
  const Space space = line(100);
  const auto strategy = halving(space);
  std::map<int, double> in_full;
  while (const auto at = strategy->ask()) {
    const double fidelity = strategy->fidelity();
    if (fidelity == 1) in_full[(*at)[0]] = measured(*at, 1);
    strategy->tell({*at, measured(*at, fidelity)});
  }
  EXPECT_LE(in_full.size(), 12u);
  EXPECT_TRUE(in_full.contains(0)) << "the fastest";
}

TEST(Halving, PromotesNothingThatFailed) {
  const Space space = line(60);
  const auto strategy = halving(space);
  int promoted = 0;
  while (const auto at = strategy->ask()) {
    const double fidelity = strategy->fidelity();
    const bool fails = (*at)[0] % 2 == 0;
    if (fidelity > 1 / 8.0) {
      ++promoted;
      EXPECT_FALSE(fails);
    }
    strategy->tell({*at, fails ? std::nullopt : std::optional(measured(*at, fidelity))});
  }
  EXPECT_GT(promoted, 20);
}

}  // namespace
}  // namespace kbench
