#include "search/scoring.hpp"

#include <cmath>
#include <numeric>

#include "search/memory.hpp"
#include "tests/search/recorded_example.hpp"

namespace kbench {
namespace {

// Nine values; optimum 1, median 5. Worst first: 9 8 7 6 5 4 3 2 1.
const std::vector<double> kNine = {5, 9, 1, 3, 7, 8, 2, 4, 6};

// The baseline at the scored point nearest to a time.
double baseline_at(const Scoring& scoring, double ms) {
  const auto& times = scoring.times_ms();
  const auto point = std::lower_bound(times.begin(), times.end(), ms) - times.begin();
  return scoring.baseline_ms()[static_cast<size_t>(point)];
}

TEST(Scoring, ScoresFromOneToThreeEvaluationsWhereRandomSearchGetsTo95PercentInThree) {
  const Scoring scoring(recorded_line(kNine));
  EXPECT_EQ(scoring.optimum_ms(), 1);
  // 95 %: 1 + 4 * 0.05 = 1.2 is first undercut by the optimum, index 8, so 7: ceil(7 / 3) = 3.
  EXPECT_EQ(scoring.budget(), 3);
  // 1 %: 4.96 is first undercut by 4, index 5: ceil(5 / 5) = 1.
  EXPECT_DOUBLE_EQ(scoring.times_ms().front(), 10);
  EXPECT_DOUBLE_EQ(scoring.times_ms().back(), 30);
  EXPECT_EQ(scoring.times_ms().size(), 1000U);
}

TEST(Scoring, ExpectsOfRandomSearchTheBestOfAsManyDrawsAsItsTimeBuys) {
  const Scoring scoring(recorded_line(kNine));
  EXPECT_EQ(baseline_at(scoring, 10), 4) << "1 draw: index round(10 / 2) = 5";
  EXPECT_EQ(baseline_at(scoring, 20), 2) << "2 draws: index round(20 / 3) = 7";
  EXPECT_EQ(baseline_at(scoring, 29), 1) << "3 draws: index round(30 / 4) = 8";
}

TEST(Scoring, ChargesRandomSearchItsShareOfFailures) {
  auto times = kNine;
  times.push_back(0);
  const Scoring scoring(recorded_line(times));
  // An evaluation costs 10 + 1/10 * 10 = 11 ms, so 16 ms buy round(1.45) = 1 draw, not 2.
  EXPECT_EQ(baseline_at(scoring, 16), 4);
  EXPECT_EQ(baseline_at(Scoring(recorded_line(kNine)), 16), 2);
}

TEST(Scoring, RanksAmongValidValuesAndInterpolatesBack) {
  const Scoring scoring(recorded_line(kNine));
  EXPECT_EQ(scoring.rank(9), 0);
  EXPECT_EQ(scoring.rank(1), 8);
  EXPECT_EQ(scoring.at_rank(0), 9);
  EXPECT_EQ(scoring.at_rank(6.5), 2.5);
  EXPECT_EQ(scoring.at_rank(8), 1);
  EXPECT_EQ(Scoring(recorded_line({5, 5, 5, 1, 1})).rank(5), 2) << "of equal ones the highest";
}

TEST(Scoring, AveragesRanksNotValues) {
  const Scoring scoring(recorded_line({1000, 5, 4, 3, 2, 1}));
  const std::vector<double> slowest(Scoring::kPoints, 0), best(Scoring::kPoints, 5);
  EXPECT_EQ(scoring.mean_best_ms({slowest, best, best}).front(), 3 - 1.0 / 3)
      << "rank 10/3, not (1000 + 1 + 1) / 3";
}

TEST(Scoring, IsOneForTheOptimumAtOnceAndZeroForTheBaseline) {
  const Scoring scoring(recorded_line(kNine));
  EXPECT_DOUBLE_EQ(scoring.score(std::vector<double>(Scoring::kPoints, 1)), 1);
  EXPECT_DOUBLE_EQ(scoring.score(scoring.baseline_ms()), 0);
}

TEST(Scoring, GivesRandomPermutationsAboutZero) {
  std::mt19937_64 random(7);
  std::vector<double> times;
  for (int i = 0; i < 2000; ++i) times.push_back(std::exp(2 * draw_real(random)));
  const RecordedSpace recorded = recorded_line(times);
  const Scoring scoring(recorded);
  std::vector<double> mean_rank(Scoring::kPoints, 0);
  constexpr int kPermutations = 10'000;
  const auto draws = static_cast<size_t>(scoring.budget());
  for (int permutation = 0; permutation < kPermutations; ++permutation) {
    double best = 0;
    size_t point = 0;
    for (size_t done = 0; done < draws; ++done) {
      std::swap(times[done], times[done + draw(random, times.size() - done)]);
      best = std::max(best, scoring.rank(times[done]));
      // As the baseline does, a time is taken for the nearest whole number of evaluations.
      const double until = done + 1 == draws ? INFINITY : 10 * (static_cast<double>(done) + 1.5);
      for (; point < mean_rank.size() && scoring.times_ms()[point] < until; ++point) {
        mean_rank[point] += best / kPermutations;
      }
    }
  }
  EXPECT_NEAR(scoring.score(scoring.mean_best_ms({mean_rank})), 0, 0.02);
}

}  // namespace
}  // namespace kbench
