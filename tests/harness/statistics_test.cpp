#include "harness/statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <set>

#include "harness/timer.hpp"

namespace kbench {
namespace {

std::vector<std::vector<double>> launches_around(double ratio, double noise, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> jitter(std::log(ratio), noise);
  std::vector<std::vector<double>> launches(6);
  for (auto& pairs : launches) {
    for (int i = 0; i < 20; ++i) pairs.push_back(jitter(random));
  }
  return launches;
}

TEST(Comparison, FindsAPlantedDifferenceOfTwoPercent) {
  const Comparison found = compare_pairs(launches_around(0.98, 0.01, 1), {}, 7);
  EXPECT_EQ(found.verdict, Verdict::faster);
  EXPECT_NEAR(found.ratio, 0.98, 0.005);
}

TEST(Comparison, CallsAKernelTheSameAsItself) {
  const Comparison found = compare_pairs(launches_around(1.0, 0.005, 2), {}, 7);
  EXPECT_EQ(found.verdict, Verdict::same);
}

TEST(Comparison, SeldomFindsADifferenceWhereThereIsNone) {
  int wrong = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const Verdict verdict = compare_pairs(launches_around(1.0, 0.03, seed), {}, seed).verdict;
    wrong += verdict == Verdict::faster || verdict == Verdict::slower;
  }
  EXPECT_LE(wrong, 4);
}

TEST(Comparison, NeverDecidesFromOneLaunch) {
  EXPECT_EQ(compare_pairs({{-1, -1, -1}}, {}, 7).verdict, Verdict::inconclusive);
}

TEST(Comparison, FewLaunchesTellPlainDifferencesOnly) {
  auto three = [](double ratio) {
    auto launches = launches_around(ratio, 0.001, 4);
    launches.resize(3);
    return compare_pairs(launches, {}, 7).verdict;
  };
  EXPECT_EQ(three(0.5), Verdict::faster);
  EXPECT_EQ(three(0.98), Verdict::inconclusive);
  EXPECT_EQ(three(1.0), Verdict::inconclusive);
}

TEST(Comparison, WidensTheIntervalForSeveralFinalists) {
  ComparisonRule many;
  many.comparisons = 50;
  const auto launches = launches_around(1.0, 0.02, 3);
  const Comparison one = compare_pairs(launches, {}, 7), fifty = compare_pairs(launches, many, 7);
  EXPECT_GT(fifty.high - fifty.low, one.high - one.low);
}

// A device whose calls take what the script says, and which writes down what is done to it.
struct ScriptedDevice {
  double call_ns = 10'000, empty_ns = 500;
  int total_sets = 16;
  std::string log;
  bool wrong = false;

  Judged<double> run(std::span<const int> sets) {
    log += 'r';
    return empty_ns + call_ns * static_cast<double>(sets.size());
  }
  void refresh(std::span<const int>, uint64_t) { log += 'f'; }
  Judged<void> audit(std::span<const int>) {
    log += 'a';
    return {};
  }
  int audits() { return 1; }
  Judged<void> check(std::span<const int>) {
    log += 'c';
    if (wrong) return fault(Outcome::wrong_result, "bound", "scripted");
    return {};
  }
  int sets() const { return total_sets; }
};

TEST(Timer, SubtractsTheCostOfAnEmptyBatch) {
  ScriptedDevice device;
  auto timing = Timer<ScriptedDevice>(device, {}, 1).screen(0);
  ASSERT_TRUE(timing);
  EXPECT_DOUBLE_EQ(timing->median_ns, 10'000);
}

TEST(Timer, TakesOffNoMoreThanAnHonestWorkerNeeds) {
  ScriptedDevice device;
  device.empty_ns = 100'000;
  device.call_ns = 1e6;
  auto timing = Timer<ScriptedDevice>(device, {}, 1).screen(0);
  ASSERT_TRUE(timing);
  EXPECT_DOUBLE_EQ(timing->median_ns, 1'095'000);
}

std::string log_of_screen(double call_ns) {
  ScriptedDevice device;
  device.call_ns = call_ns;
  TimerRule rule;
  rule.samples = 2;
  EXPECT_TRUE(Timer<ScriptedDevice>(device, rule, 1).screen(0));
  std::erase(device.log, 'a');
  return device.log;
}

TEST(Timer, RefreshesBeforeAndChecksAfterEveryBatch) {
  const std::string empty = "rrrrrrrr", batch = "frc", samples = batch + batch;
  EXPECT_EQ(log_of_screen(10'000), empty + batch + batch + samples);
}

TEST(Timer, TakesACallThatFillsABatchForASample) {
  const std::string empty = "rrrrrrrr", samples = "frcfrc";
  EXPECT_EQ(log_of_screen(1e6), empty + samples);
}

TEST(Timer, AuditsOnceAScreenAtAMomentThatDiffers) {
  std::set<size_t> moments;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    ScriptedDevice device;
    ASSERT_TRUE(Timer<ScriptedDevice>(device, {}, seed).screen(0));
    ASSERT_EQ(std::count(device.log.begin(), device.log.end(), 'a'), 1);
    moments.insert(device.log.find('a'));
  }
  EXPECT_GT(moments.size(), 3u);
}

TEST(Timer, AuditsAlsoWhereTheScreenStopsEarly) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    ScriptedDevice device;
    ASSERT_TRUE(Timer<ScriptedDevice>(device, {}, seed).screen(1'000));
    EXPECT_NE(device.log.find('a'), std::string::npos);
  }
}

TEST(Timer, UsesEverySetAtMostOnceABatch) {
  ScriptedDevice device;
  device.call_ns = 1;
  Timer<ScriptedDevice> timer(device, {}, 1);
  ASSERT_TRUE(timer.calibrate());
  EXPECT_EQ(timer.calls(), 16);
  std::vector<int> drawn = timer.draw();
  std::sort(drawn.begin(), drawn.end());
  EXPECT_TRUE(std::adjacent_find(drawn.begin(), drawn.end()) == drawn.end());
}

size_t samples_against(double incumbent_ns) {
  ScriptedDevice device;
  auto timing = Timer<ScriptedDevice>(device, {}, 1).screen(incumbent_ns);
  return timing->samples_ns.size();
}

TEST(Timer, StopsTheEarlierTheMoreItLosesToTheIncumbent) {
  EXPECT_EQ(samples_against(0), 5u);
  EXPECT_EQ(samples_against(1'000), 2u);
  EXPECT_EQ(samples_against(10'000 / 1.4), 3u);
  EXPECT_EQ(samples_against(10'000 / 1.3), 4u);
  EXPECT_EQ(samples_against(10'000 / 1.2), 5u);
}

TEST(Timer, TakesAShareOfTheSamplesAndAtLeastOne) {
  for (const auto& [fidelity, samples] : {std::pair{1.0, 5u}, {0.5, 3u}, {1 / 9.0, 1u}}) {
    ScriptedDevice device;
    auto timing = Timer<ScriptedDevice>(device, in_part({}, fidelity), 1).screen(0);
    EXPECT_EQ(timing->samples_ns.size(), samples);
  }
}

TEST(Timer, ReportsAWrongResultOfATimedCall) {
  ScriptedDevice device;
  device.wrong = true;
  auto timing = Timer<ScriptedDevice>(device, {}, 1).screen(0);
  ASSERT_FALSE(timing);
  EXPECT_EQ(timing.error().outcome, Outcome::wrong_result);
}

}  // namespace
}  // namespace kbench
