#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "results/score_estimators.hpp"
#include "results/scores.hpp"

namespace kbench {
namespace {

// The mean over all subsets of k of what `of` makes of a subset.
double over_all_subsets(const std::vector<double>& values, int k,
                        double (*of)(const std::vector<double>&)) {
  double sum = 0;
  int count = 0;
  for (unsigned mask = 0; mask < 1U << values.size(); ++mask) {
    if (std::popcount(mask) != k) continue;
    std::vector<double> subset;
    for (size_t i = 0; i < values.size(); ++i) {
      if ((mask >> i & 1U) != 0) subset.push_back(values[i]);
    }
    sum += of(subset);
    ++count;
  }
  return sum / count;
}
double largest(const std::vector<double>& subset) {
  return *std::max_element(subset.begin(), subset.end());
}

TEST(Score, PassAtKIsTheShareOfAllSubsetsThatHoldARightOne) {
  constexpr int kN = 8;
  for (int c = 0; c <= kN; ++c) {
    std::vector<double> right(kN, 0);
    std::fill_n(right.begin(), c, 1);
    for (int k = 1; k <= kN; ++k) {
      EXPECT_NEAR(pass_at_k(kN, c, k), over_all_subsets(right, k, largest), 1e-12) << c << " " << k;
    }
  }
}

TEST(Score, PassAtKOfManyAttemptsDoesNotOverflow) {
  EXPECT_NEAR(pass_at_k(100'000, 1, 50'000), 0.5, 1e-9);
  EXPECT_DOUBLE_EQ(pass_at_k(1000, 999, 2), 1);
  EXPECT_DOUBLE_EQ(pass_at_k(1000, 0, 1000), 0);
}

TEST(Score, BestOfKIsTheMeanOfTheLargestOverAllSubsetsTiesAndZerosIncluded) {
  const std::vector<std::vector<double>> lists = {
      {0.3, 0, 1.2, 1.2, 0.7, 0, 0.05, 1.9}, {0, 0, 0, 0, 0, 0, 0, 0}, {8, 7, 6, 5, 4, 3, 2, 1}};
  for (const auto& values : lists) {
    for (int k = 1; k <= 8; ++k) {
      EXPECT_NEAR(best_of_k(values, k), over_all_subsets(values, k, largest), 1e-12) << k;
    }
  }
}

TEST(Score, BestOfKOfRightAndWrongIsPassAtK) {
  EXPECT_NEAR(best_of_k({1, 0, 0, 1, 0}, 3), pass_at_k(5, 2, 3), 1e-12);
}

TEST(Score, EfficiencyIsOneAtTheAnchorAndNothingFromTheCensoredTimeOn) {
  EXPECT_DOUBLE_EQ(efficiency(1, 2), 1);
  EXPECT_DOUBLE_EQ(efficiency(0.5, 2), 0);
  EXPECT_DOUBLE_EQ(efficiency(0.1, 2), 0);
  EXPECT_DOUBLE_EQ(efficiency(2, 2), 1.5);
  EXPECT_DOUBLE_EQ(efficiency(0.8, 2), 0.75);
  EXPECT_DOUBLE_EQ(efficiency(0.5, 3), 0.5);
}

TEST(Score, PerformanceLevelsGiveTheShareOfKernelsThatAreNotFaster) {
  // Levels: {1, 1.04}, {2}, {4, 4.1}.
  const PerformanceLevels levels({4.1, 1, 2, 1.04, 4}, 0.05);
  EXPECT_DOUBLE_EQ(levels.score(0.9), 0);
  EXPECT_DOUBLE_EQ(levels.score(1), 40);
  EXPECT_DOUBLE_EQ(levels.score(1.9), 40);
  EXPECT_DOUBLE_EQ(levels.score(2), 60);
  EXPECT_DOUBLE_EQ(levels.score(4), 100);
  EXPECT_DOUBLE_EQ(levels.score(9), 100);
  EXPECT_DOUBLE_EQ(PerformanceLevels({}, 0.05).score(3), 0);
}

TEST(Score, ProficiencyHasFiveLevels) {
  const Suggestion right{true, true, true}, again{true, true, false}, wrong{false, true, true},
      foreign{false, false, true};
  EXPECT_EQ(proficiency({}), 0);
  EXPECT_EQ(proficiency({wrong, foreign}), 0);
  EXPECT_EQ(proficiency({right, wrong, foreign}), 0.25);
  EXPECT_EQ(proficiency({wrong, right}), 0.5);
  EXPECT_EQ(proficiency({right, right, again}), 0.75);
  EXPECT_EQ(proficiency({right, again}), 1);
  EXPECT_EQ(proficiency({right}), 1);
}

TEST(Score, TheRewardOfARightKernelIsAboveAWrongOnesAndBounded) {
  EXPECT_EQ(reward_of_right(0.01), kLeastReward);
  EXPECT_EQ(reward_of_right(1), kLeastReward);
  EXPECT_DOUBLE_EQ(reward_of_right(2), 1);
  EXPECT_DOUBLE_EQ(reward_of_right(1e9), kLargestReward);
}

// An attempt at an exercise; a speed-up of 0: wrong.
Attempt attempt(const std::string& exercise, int64_t number, double speedup,
                std::optional<double> usd = 1.0) {
  Attempt it;
  it.task = it.exercise = exercise;
  it.model = "m";
  it.number = number;
  it.question = "write";
  it.code = speedup > 0 ? std::to_string(speedup) : "wrong" + std::to_string(number);
  it.in_form = true;
  it.right = speedup > 0;
  it.speedup = it.low = it.high = speedup;
  it.dps = 50;
  it.usd = usd;
  return it;
}

const Score& score(const ScoreGroup& group, const std::string& name) {
  const auto found = std::find_if(group.scores.begin(), group.scores.end(),
                                  [&](const Score& one) { return one.name == name; });
  if (found == group.scores.end()) throw std::runtime_error("no score " + name);
  return *found;
}
ScoreGroup scored(const std::vector<Attempt>& attempts, const ScoreOptions& options = {}) {
  return scores_by(
             attempts, [](const Attempt& one) { return one.model; }, options)
      .front();
}

// Two exercises: one right of four (4x), two right of two (1x, 2x).
std::vector<Attempt> two_exercises() {
  return {attempt("a", 0, 0), attempt("a", 1, 4), attempt("a", 2, 0),
          attempt("a", 3, 0), attempt("b", 4, 1), attempt("b", 5, 2)};
}

TEST(Score, FiguresOfTwoExercisesAreThoseOfTheHandCalculation) {
  const ScoreGroup group = scored(two_exercises(), {.ks = {1, 2, 3}, .ps = {0, 1, 2}});
  EXPECT_EQ(group.exercises, 2);
  EXPECT_EQ(group.solved, 2);
  EXPECT_EQ(group.attempts, 6);
  EXPECT_EQ(group.right, 3);
  EXPECT_EQ(group.lone, 0);
  EXPECT_DOUBLE_EQ(*score(group, "pass@1").value, (0.25 + 1) / 2);
  EXPECT_DOUBLE_EQ(*score(group, "pass@2").value, (0.5 + 1) / 2);
  EXPECT_FALSE(score(group, "pass@3").value) << "b has two attempts";
  EXPECT_DOUBLE_EQ(*score(group, "fast_0").value, (0.25 + 1) / 2);
  EXPECT_DOUBLE_EQ(*score(group, "fast_1").value, (0.25 + 0.5) / 2);
  EXPECT_DOUBLE_EQ(*score(group, "fast_2").value, (0.25 + 0) / 2);
  // Efficiencies: 0 0 0 1.75 and 1 1.5.
  EXPECT_DOUBLE_EQ(*score(group, "eff@1").value, (1.75 / 4 + 1.25) / 2);
  EXPECT_DOUBLE_EQ(*score(group, "eff@2").value, (1.75 / 2 + 1.5) / 2);
  EXPECT_NEAR(*score(group, "speedup").value, std::sqrt(4 * std::sqrt(2.0)), 1e-12);
  EXPECT_NEAR(*score(group, "best_speedup").value, std::sqrt(8.0), 1e-12);
  EXPECT_DOUBLE_EQ(*score(group, "dps").value, 50);
  EXPECT_DOUBLE_EQ(*score(group, "proficiency").value, (0.5 + 0.75) / 2);
  EXPECT_DOUBLE_EQ(*score(group, "cost_of_pass").value, (4.0 + 1.0) / 2);
  EXPECT_DOUBLE_EQ(*score(group, "cost_pooled").value, 6.0 / 3);
}

TEST(Score, ACostIsInfiniteWhereNothingWasRightAndUnknownWithoutAPrice) {
  auto attempts = two_exercises();
  attempts.push_back(attempt("c", 6, 0));
  EXPECT_TRUE(std::isinf(*score(scored(attempts), "cost_of_pass").value));
  EXPECT_DOUBLE_EQ(*score(scored(attempts), "cost_pooled").value, 7.0 / 3);
  attempts[0].usd.reset();
  EXPECT_FALSE(score(scored(attempts), "cost_of_pass").value);
  EXPECT_FALSE(score(scored(attempts), "cost_pooled").value);
}

TEST(Score, WithNothingRightThereIsNoSpeedup) {
  const ScoreGroup group = scored({attempt("a", 0, 0), attempt("a", 1, 0)});
  EXPECT_EQ(*score(group, "pass@1").value, 0);
  EXPECT_FALSE(score(group, "speedup").value);
  EXPECT_FALSE(score(group, "dps").value);
  EXPECT_EQ(*score(group, "best_speedup").value, 1) << "the anchor stays";
  EXPECT_EQ(group.solved, 0);
}

TEST(Score, IntervalsHoldTheValueAndRepeatWithTheSeed) {
  const ScoreGroup first = scored(two_exercises()), again = scored(two_exercises());
  for (size_t i = 0; i < first.scores.size(); ++i) {
    const Score& one = first.scores[i];
    EXPECT_EQ(one.low, again.scores[i].low) << one.name;
    EXPECT_EQ(one.high, again.scores[i].high) << one.name;
    if (!one.value) continue;
    EXPECT_LE(*one.low, *one.value) << one.name;
    EXPECT_GE(*one.high, *one.value) << one.name;
  }
  EXPECT_LT(*score(first, "pass@1").low, *score(first, "pass@1").high);
}

// 30 of 100 right: the normal approximation gives 0.3 +- 1.96 sqrt(0.21 / 100) = 0.21 to 0.39.
TEST(Score, TheIntervalOfAShareIsThatOfTheBinomial) {
  std::vector<Attempt> attempts;
  for (int i = 0; i < 100; ++i) attempts.push_back(attempt("a", i, i % 10 < 3 ? 2 : 0));
  const ScoreGroup group = scored(attempts);
  EXPECT_NEAR(*score(group, "pass@1").low, 0.21, 0.02);
  EXPECT_NEAR(*score(group, "pass@1").high, 0.39, 0.02);
}

TEST(Score, AttemptsAtQuestionsAskedOnceAreCounted) {
  auto attempts = two_exercises();
  attempts[2].question = "improve 1";
  attempts[5].question = "improve 2";
  EXPECT_EQ(scored(attempts).lone, 3) << "b has two questions now, each asked once";
}

TEST(Score, GroupsAreThoseOfTheKey) {
  auto attempts = two_exercises();
  for (Attempt& one : attempts) one.category = one.task;
  const auto groups = scores_by(attempts, [](const Attempt& one) { return one.category; });
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].name, "a");
  EXPECT_EQ(*score(groups[0], "pass@1").value, 0.25);
  EXPECT_EQ(*score(groups[1], "pass@1").value, 1);
}

}  // namespace
}  // namespace kbench
