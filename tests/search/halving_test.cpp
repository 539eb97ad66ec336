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
    ++asks[strategy->fidelity().samples];
    strategy->tell({at, measured(at, strategy->fidelity().samples)});
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
    const double fidelity = strategy->fidelity().samples;
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
    const double fidelity = strategy->fidelity().samples;
    const bool fails = (*at)[0] % 2 == 0;
    if (fidelity > 1 / 8.0) {
      ++promoted;
      EXPECT_FALSE(fails);
    }
    strategy->tell({*at, fails ? std::nullopt : std::optional(measured(*at, fidelity))});
  }
  EXPECT_GT(promoted, 20);
}

std::unique_ptr<Strategy> with_smaller(const Space& space) {
  return make_strategy("halving", {{"proposer", "tpe"}, {"smaller", "rows=2"}}, space, 3).value();
}

TEST(Halving, MeasuresTheFirstRungOnTheSmallerProblem) {
  const Space space = line(1000);
  const auto strategy = with_smaller(space);
  int smaller = 0;
  for (int i = 0; i < 130; ++i) {
    const Configuration at = strategy->ask().value();
    const auto [samples, on_smaller] = strategy->fidelity();
    EXPECT_EQ(on_smaller, samples < 1 / 8.0) << samples;
    smaller += on_smaller;
    strategy->tell({at, measured(at, samples) * (on_smaller ? 1 : 16)});
  }
  EXPECT_EQ(smaller, 90);
}

// A kernel's default and a warm start are measured whole: among times of the smaller problem they
// would look slow.
TEST(Halving, ProposesByTimesOfTheSmallerProblemAlone) {
  const Space space = line(1000);
  auto proposals = [&](bool told_of_others) {
    const auto strategy = with_smaller(space);
    std::vector<Configuration> asked;
    for (uint16_t i = 0; i < 60; ++i) {
      if (told_of_others) strategy->tell({{i}, 1e6});
      const Configuration at = strategy->ask().value();
      const auto [samples, on_smaller] = strategy->fidelity();
      if (on_smaller) asked.push_back(at);
      strategy->tell({at, measured(at, samples)});
    }
    return asked;
  };
  const auto undisturbed = proposals(false), disturbed = proposals(true);
  ASSERT_GT(disturbed.size(), 20u);
  EXPECT_TRUE(std::equal(disturbed.begin(), disturbed.end(), undisturbed.begin()));
}

}  // namespace
}  // namespace kbench
