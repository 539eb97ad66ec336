#include "search/replay.hpp"

#include <gmock/gmock.h>

#include "search/replay_svg.hpp"
#include "tests/search/recorded_example.hpp"

namespace kbench {
namespace {

using testing::HasSubstr;

ReplayResult replay_of(const std::vector<double>& times, const std::string& strategy = "exhaustive",
                       bool charge_failures = true) {
  ReplaySetup setup{.strategy = strategy, .repeats = 3, .charge_failures = charge_failures};
  return replay(recorded_line(times), setup).value();
}

// `exhaustive` tries X = 0, 1, 2, ... at 10 ms each; scored from 10 to 30 ms, where random search
// is expected to have 4 (until 15 ms), 2 (until 25 ms) and 1, the optimum, which leaves nothing to
// win.
TEST(Replay, ScoresTheBestSoFarAtEachPointOfTime) {
  const ReplayResult first = replay_of({1, 2, 3, 4, 5, 6, 7, 8, 9});
  EXPECT_EQ(first.budget, 3);
  EXPECT_DOUBLE_EQ(first.score_no_thinking, 1);
  // 5 until 30 ms: -1/3 over 250 points, -3 over 500.
  const ReplayResult late = replay_of({5, 9, 1, 3, 7, 8, 2, 4, 6});
  EXPECT_NEAR(late.score_no_thinking, (250 * (-1.0 / 3) + 500 * -3.0) / 750, 1e-9);
  EXPECT_EQ(late.best_ms.front(), 9) << "thinking makes the answer of 10 ms late";
  EXPECT_EQ(late.best_ms[1], 5);
}

TEST(Replay, HasNoPartsOfMeasurements) {
  const auto refused = replay(recorded_line({1, 2, 3}), {.strategy = "halving", .repeats = 1});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text(), HasSubstr("measures in parts"));
}

TEST(Replay, CountsThinkingTimeAsTimeThatPasses) {
  const ReplayResult result = replay_of({1, 2, 3, 4, 5, 6, 7, 8, 9});
  EXPECT_GT(result.thinking_us, 0);
  EXPECT_GE(result.thinking_max_us, result.thinking_us);
  EXPECT_LT(result.score, result.score_no_thinking) << "the answer of 10 ms is late for that point";
}

TEST(Replay, ChargesFailuresOrNot) {
  // Scored from 10 to 30 ms, as above; now random search is charged for the failure as well and has
  // 4 until 16.5 ms, 2 until 27.5 ms.
  const std::vector<double> times = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  const ReplayResult charged = replay_of(times), free = replay_of(times, "exhaustive", false);
  EXPECT_EQ(charged.best_ms.front(), 9) << "nothing runs before 20 ms: as the slowest";
  EXPECT_EQ(charged.best_ms.back(), 1);
  EXPECT_DOUBLE_EQ(free.score_no_thinking, 1);
}

TEST(Replay, ReportsBestOverOptimumAfterItsCheckpoints) {
  std::vector<double> times;
  for (int i = 0; i < 300; ++i) times.push_back(400 - i);
  const ReplayResult result = replay_of(times);
  ASSERT_EQ(result.best_over_optimum.size(), std::size(kCheckpoints));
  for (size_t i = 0; i < std::size(kCheckpoints); ++i) {
    EXPECT_NEAR(result.best_over_optimum[i], (401 - kCheckpoints[i]) / 101.0, 1e-9);
  }
  const ReplayResult small = replay_of({3, 2, 1});
  EXPECT_EQ(small.best_over_optimum, (std::vector<double>{1, 1, 1, 1})) << "the space is exhausted";
}

TEST(Replay, GivesTheSameForTheSameSeedOnAnyNumberOfThreads) {
  std::vector<double> times;
  for (int i = 0; i < 500; ++i) times.push_back(1 + (i * 37) % 500);
  const RecordedSpace recorded = recorded_line(times);
  ReplaySetup setup{.strategy = "genetic", .repeats = 8};
  const ReplayResult one = *replay(recorded, setup);
  setup.threads = 3;
  const ReplayResult three = *replay(recorded, setup);
  EXPECT_EQ(one.score_no_thinking, three.score_no_thinking);
  setup.seed = 99;
  EXPECT_NE(one.score_no_thinking, replay(recorded, setup)->score_no_thinking);
}

TEST(Replay, AnUnknownStrategyOrOptionNamesTheNearest) {
  const RecordedSpace recorded = recorded_line({1, 2, 3});
  EXPECT_THAT(replay(recorded, {.strategy = "genetics"}).error().text(),
              HasSubstr("did you mean 'genetic'?"));
  EXPECT_THAT(
      replay(recorded, {.strategy = "genetic", .options = {{"popluation", "9"}}}).error().text(),
      HasSubstr("did you mean 'population'?"));
}

TEST(Replay, MeansAreArithmeticForScoresAndGeometricForRatios) {
  const ReplayResult mean =
      mean_of({{.score = 0.2, .best_over_optimum = {1, 1, 1, 1}, .thinking_max_us = 3},
               {.score = 0.6, .best_over_optimum = {4, 1, 1, 1}, .thinking_max_us = 2}});
  EXPECT_DOUBLE_EQ(mean.score, 0.4);
  EXPECT_DOUBLE_EQ(mean.best_over_optimum[0], 2);
  EXPECT_EQ(mean.thinking_max_us, 3);
}

TEST(ReplaySvg, DrawsOnePanelASpaceWithRandomSearchOnceAndALineAStrategy) {
  ReplayResult a = replay_of({5, 9, 1, 3, 7, 8, 2, 4, 6}), b = a;
  b.strategy = "a<b";
  const std::string svg = replay_svg({a, b});
  auto count = [&](const std::string& text) {
    int found = 0;
    for (size_t at = svg.find(text); at != std::string::npos; at = svg.find(text, at + 1)) ++found;
    return found;
  };
  EXPECT_EQ(count("class=\"title\""), 1);
  EXPECT_EQ(count("<path class=\"random\""), 2) << "one curve, one in the legend";
  EXPECT_EQ(count("<path stroke="), 4) << "two curves, two in the legend";
  EXPECT_EQ(count("a&lt;b"), 1);
  EXPECT_EQ(count("nan"), 0);
}

}  // namespace
}  // namespace kbench
