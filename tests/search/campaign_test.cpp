#include "search/campaign.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include "harness/environment.hpp"
#include "scripted.hpp"

namespace kbench {
namespace {

using scripted::Device;
using scripted::Silent;

class CampaignTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "kbench_campaign_XXXXXX";
    folder_ = mkdtemp(pattern.data());
    setup_.problem = {.task = "row_sum", .variant = "f32", .dims = {{"rows", 8}}, .fill = "normal"};
    setup_.kernels = {scripted::kernel("plain"), scripted::kernel("fast")};
    setup_.strategy = "random";
    setup_.seed = 7;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<Store> open(const std::string& name = "a.db") {
    auto store = Store::open(folder_ + "/" + name, OpenMode::read_write);
    EXPECT_TRUE(store) << store.error().text();
    return std::move(*store);
  }
  CampaignResult run(Device& device, Store& store) {
    device.stop = &stop_;
    auto result = run_campaign(setup_, device, store, observer_, stop_, clock(device));
    EXPECT_TRUE(result) << result.error().text();
    return result ? *result : CampaignResult{};
  }
  Result<CampaignResult> resume(Device& device, Store& store, int64_t id) {
    stop_ = false;
    device.stop = &stop_;
    auto record = store.campaign(id);
    EXPECT_TRUE(record && *record);
    CampaignSetup setup;
    setup.kernels = setup_.kernels;
    setup.smaller = setup_.smaller;
    if (auto restored = restore(**record, setup); !restored)
      return tl::unexpected(restored.error());
    return resume_campaign(**record, setup, device, store, observer_, stop_, clock(device));
  }
  static Clock clock(const Device& device) {
    return [&device] { return std::chrono::nanoseconds(device.now_ns); };
  }
  void give(const std::string& budget) {
    auto parsed = parse_budget(budget);
    ASSERT_TRUE(parsed) << parsed.error().text();
    setup_.budget = *parsed;
  }

  // The same campaign once more, stopped on its way and resumed.
  void ends_alike_when_it_goes_on(const Device& undisturbed) {
    auto store = open("b.db");
    Device first, rest;
    first.stop_after = 40;
    const CampaignResult interrupted = run(first, *store);
    ASSERT_TRUE(resume(rest, *store, interrupted.id));
    EXPECT_EQ(rest.visited.back(), undisturbed.visited.back());
  }
  void search_on_smaller() {
    give("60evals");
    setup_.strategy = "halving";
    setup_.options = {{"smaller", "rows=2"}};
    setup_.smaller = setup_.problem;
    setup_.smaller->dims["rows"] = 2;
  }

  std::string folder_;
  CampaignSetup setup_;
  Silent observer_;
  std::atomic<bool> stop_ = false;
};

TEST_F(CampaignTest, StartsWithTheDefaultOfEveryKernelAndTheFirstIsTheAnchor) {
  give("10evals");
  Device device;
  auto store = open();
  const CampaignResult result = run(device, *store);
  ASSERT_GE(device.visited.size(), 2u);
  EXPECT_EQ(device.visited[0], "plain.cpp A=0,B=0");
  EXPECT_EQ(device.visited[1], "fast.cpp A=0,B=0");
  ASSERT_TRUE(result.anchor);
  EXPECT_EQ(result.anchor->candidate.kernel_name, "plain.cpp");
}

// What was measured in part is neither confirmed nor answered from the store.
TEST_F(CampaignTest, MeasuresTheBestOfARungAgainInFull) {
  give("60evals");
  setup_.strategy = "halving";
  Device device;
  auto store = open();
  const CampaignResult result = run(device, *store);
  EXPECT_GT(device.in_part, 30);
  EXPECT_LT(device.in_part, 55);
  ASSERT_TRUE(result.incumbent);
  EXPECT_EQ(result.progress.spent.evaluations, 60);
  for (const std::string& params : device.confirmed) {
    const auto times = [&](const std::string& kernel) {
      return std::count(device.visited.begin(), device.visited.end(), kernel + ".cpp " + params);
    };
    EXPECT_TRUE(times("fast") > 1 || times("plain") > 1 || params == "A=0,B=0") << params;
  }
}

TEST_F(CampaignTest, GoesThroughRungsAgainWhenItGoesOn) {
  give("60evals");
  setup_.strategy = "halving";
  Device undisturbed;
  auto store = open();
  run(undisturbed, *store);
  ends_alike_when_it_goes_on(undisturbed);
}

TEST_F(CampaignTest, MeasuresTheFirstRungOnTheSmallerProblemWhenItGoesOnAsWell) {
  search_on_smaller();
  Device undisturbed;
  auto store = open();
  const CampaignResult result = run(undisturbed, *store);
  const auto smaller = std::count(undisturbed.rows.begin(), undisturbed.rows.end(), 2);
  EXPECT_GT(smaller, 30);
  EXPECT_LT(smaller, undisturbed.in_part) << "the second rung is of the whole problem";
  EXPECT_EQ(undisturbed.rows.front(), 8) << "and so is a default";
  for (size_t i = 0; i < undisturbed.rows.size(); ++i) {
    if (undisturbed.rows[i] == 2) {
      EXPECT_EQ(undisturbed.to_beat_ns[i], 0) << "of another problem";
    }
  }
  ASSERT_TRUE(result.incumbent);
  EXPECT_EQ(result.incumbent->confirmation.evaluation.problem, setup_.problem);
  ends_alike_when_it_goes_on(undisturbed);
}

TEST_F(CampaignTest, ATimeOfTheSmallerProblemFromTheStoreIsNoTimeOfTheWholeOne) {
  search_on_smaller();
  setup_.environment_json = R"({"task_hash": "t"})";
  setup_.reuse = Conditions{"scripted model", kJudgeVersion, "", "", "t"};
  auto store = open();
  CampaignSetup whole = setup_;
  setup_.problem = *whole.smaller;
  setup_.smaller.reset();
  setup_.strategy = "exhaustive";
  setup_.options.clear();
  setup_.budget = {};
  Device before;
  run(before, *store);
  setup_ = whole;
  Device device;
  const CampaignResult result = run(device, *store);
  EXPECT_GT(result.progress.from_store, 30);
  EXPECT_EQ(std::count(device.rows.begin(), device.rows.end(), 2), 0) << "all are known";
  EXPECT_GE(result.progress.best_screened_ns, 100'000.0 / 7 / 2) << "the fastest of all";
}

TEST_F(CampaignTest, KeepsTheFrontOfItsObjectives) {
  give("128evals");
  setup_.kernels = {scripted::kernel("plain")};
  setup_.strategy = "nsga2";
  setup_.objectives = *parse_objectives("time,code_size");
  Device device;
  auto store = open();
  const CampaignResult result = run(device, *store);
  EXPECT_EQ(result.ended_by, "space exhausted");
  ASSERT_GT(result.front.size(), 3u);
  EXPECT_EQ(canonical(result.front.front().candidate.params), "A=6,B=0") << "the fastest";
  EXPECT_EQ(canonical(result.front.back().candidate.params), "A=0,B=7") << "the smallest";
}

TEST_F(CampaignTest, TriesWhatWasFastElsewhereRightAfterTheDefaults) {
  give("10evals");
  setup_.first = {{{"A", "6"}, {"B", "2"}}, {{"A", "9"}, {"B", "0"}}};
  Device device;
  auto store = open();
  run(device, *store);
  EXPECT_EQ(device.visited[2], "plain.cpp A=6,B=2");
  EXPECT_EQ(device.visited[3], "fast.cpp A=6,B=2");
  const auto record = store->campaign(1);
  CampaignSetup again;
  again.kernels = setup_.kernels;
  ASSERT_TRUE(restore(**record, again));
  EXPECT_EQ(again.first, setup_.first) << "or a resumed one would take another path";
}

TEST_F(CampaignTest, AsksForFullScreensWhereEveryTimeIsKept) {
  give("10evals");
  auto store = open();
  Device hurried, thorough;
  run(hurried, *store);
  EXPECT_GT(hurried.to_beat_ns.back(), 0);
  setup_.full_screens = true;
  run(thorough, *store);
  EXPECT_EQ(thorough.to_beat_ns, std::vector<double>(10, 0));
}

TEST_F(CampaignTest, SpendsExactlyTheEvaluationsOfItsBudget) {
  give("37evals");
  Device device;
  auto store = open();
  const CampaignResult result = run(device, *store);
  EXPECT_EQ(device.visited.size(), 37u);
  EXPECT_EQ(result.progress.spent.evaluations, 37);
  EXPECT_EQ(observer_.evaluations, 37);
  EXPECT_EQ(result.ended_by, "37 evaluations");
  EXPECT_EQ(store->asks(result.id)->size(), 37u);
}

TEST_F(CampaignTest, WithoutABudgetVisitsEveryConfigurationOnceAndToldOfFailures) {
  Device device;
  auto store = open();
  const CampaignResult result = run(device, *store);
  EXPECT_EQ(std::set<std::string>(device.visited.begin(), device.visited.end()).size(), 128u);
  EXPECT_EQ(device.visited.size(), 128u);
  EXPECT_EQ(result.ended_by, "space exhausted");
  EXPECT_EQ(result.progress.failures, 16);
  EXPECT_EQ(observer_.failures, 16);
  ASSERT_TRUE(result.incumbent);
  EXPECT_EQ(canonical(result.incumbent->candidate.params), "A=6,B=0");
  EXPECT_EQ(result.incumbent->candidate.kernel_name, "fast.cpp");
}

TEST_F(CampaignTest, TheSameSeedTakesTheSamePathAndAnotherSeedAnother) {
  give("40evals");
  for (const std::string strategy : {"random", "genetic"}) {
    setup_.strategy = strategy;
    Device first, second, other;
    auto a = open(strategy + "a.db"), b = open(strategy + "b.db"), c = open(strategy + "c.db");
    setup_.seed = 7;
    run(first, *a);
    run(second, *b);
    setup_.seed = 8;
    run(other, *c);
    EXPECT_EQ(first.visited, second.visited) << strategy;
    EXPECT_NE(first.visited, other.visited) << strategy;
  }
}

TEST_F(CampaignTest, ThePathDependsOnTheLagNotOnHowManyAsksTheDeviceTakes) {
  give("40evals");
  setup_.strategy = "genetic";
  setup_.lag = 3;
  Device wide(3), narrow(1);
  auto a = open("a.db"), b = open("b.db");
  run(wide, *a);
  run(narrow, *b);
  EXPECT_EQ(wide.visited, narrow.visited);
}

TEST_F(CampaignTest, InterruptedAnywhereAndResumedVisitsWhatAnUndisturbedOneDoes) {
  give("40evals");
  for (const std::string strategy : {"random", "genetic"}) {
    setup_.strategy = strategy;
    stop_ = false;
    Device undisturbed;
    auto whole = open(strategy + "whole.db");
    run(undisturbed, *whole);
    const std::multiset<std::string> expected(undisturbed.visited.begin(),
                                              undisturbed.visited.end());
    for (int after = 0; after < 40; after += 3) {
      auto store = open(strategy + std::to_string(after) + ".db");
      Device first, second;
      first.stop_after = after;
      stop_ = false;
      const CampaignResult cut = run(first, *store);
      EXPECT_EQ(cut.ended_by, "interrupted");
      store.reset();  // as kill -9 leaves it: nothing but the file
      store = open(strategy + std::to_string(after) + ".db");
      auto resumed = resume(second, *store, cut.id);
      ASSERT_TRUE(resumed) << resumed.error().text();
      // Evaluations stored before the cut are not run again; those left open are.
      std::multiset<std::string> logged;
      const auto asks = store->asks(cut.id);
      for (const LoggedAsk& ask : *asks) {
        const bool plain = ask.kernel_hash == setup_.kernels[0].file.hash();
        logged.insert((plain ? "plain.cpp " : "fast.cpp ") + canonical(ask.params));
        EXPECT_TRUE(ask.evaluation_id) << "ask " << ask.sequence << " was left open";
      }
      EXPECT_EQ(logged, expected) << strategy << " cut after " << after;
      ASSERT_TRUE(resumed->incumbent);
    }
  }
}

TEST_F(CampaignTest, KilledAnywhereAndResumedVisitsWhatAnUndisturbedOneDoes) {
  give("40evals");
  for (const std::string strategy : {"exhaustive", "random", "genetic"}) {
    setup_.strategy = strategy;
    Device undisturbed;
    auto whole = open(strategy + "whole.db");
    run(undisturbed, *whole);
    const auto expected = whole->asks(1);
    for (int after = 0; after < 40; after += 3) {
      const std::string file = strategy + std::to_string(after) + ".db";
      const pid_t process = fork();
      if (process == 0) {
        auto store = open(file);
        Device device;
        device.stop_after = after;
        device.dies = true;
        run(device, *store);
        _exit(0);
      }
      int status = 0;
      waitpid(process, &status, 0);
      ASSERT_TRUE(WIFSIGNALED(status)) << "it was to die";
      auto store = open(file);
      Device device;
      auto resumed = resume(device, *store, 1);
      ASSERT_TRUE(resumed) << resumed.error().text();
      const auto asks = store->asks(1);
      ASSERT_EQ(asks->size(), expected->size());
      for (size_t i = 0; i < asks->size(); ++i) {
        const LoggedAsk &a = (*asks)[i], &b = (*expected)[i];
        EXPECT_EQ(a.kernel_hash, b.kernel_hash) << strategy << " killed after " << after;
        EXPECT_EQ(a.params, b.params) << strategy << " killed after " << after;
        EXPECT_EQ(a.value_ns, b.value_ns) << strategy << " killed after " << after;
      }
    }
  }
}

TEST_F(CampaignTest, ALogThatTheSearchWouldNotHaveWrittenStopsTheResumeAndSaysWhere) {
  give("20evals");
  Device device;
  device.stop_after = 10;
  auto store = open();
  const CampaignResult cut = run(device, *store);
  CampaignRecord record = **store->campaign(cut.id);
  record.seed = 8;
  setup_.seed = 8;
  stop_ = false;
  auto resumed = resume_campaign(record, setup_, device, *store, observer_, stop_, clock(device));
  ASSERT_FALSE(resumed);
  EXPECT_NE(resumed.error().what.find("but the log has"), std::string::npos);
}

TEST_F(CampaignTest, OtherKernelsThanTheRecordedOnesAreRefused) {
  give("20evals");
  Device device;
  device.stop_after = 5;
  auto store = open();
  const CampaignResult cut = run(device, *store);
  setup_.kernels.pop_back();
  auto resumed = resume(device, *store, cut.id);
  ASSERT_FALSE(resumed);
  EXPECT_NE(resumed.error().what.find("kernels"), std::string::npos);
}

TEST_F(CampaignTest, AStoredAnswerIsToldWithoutAskingTheDeviceAgain) {
  give("40evals");
  setup_.strategy = "genetic";
  setup_.reuse = Conditions{"scripted model", kJudgeVersion, "", "", "f00d"};
  setup_.environment_json = R"({"task_hash": "f00d"})";
  Device first, second;
  auto store = open();
  const CampaignResult before = run(first, *store);
  const CampaignResult after = run(second, *store);
  EXPECT_EQ(after.progress.from_store + static_cast<int64_t>(second.visited.size()), 40);
  EXPECT_GT(after.progress.from_store, 0);
  const auto a = store->asks(before.id), b = store->asks(after.id);
  ASSERT_EQ(a->size(), b->size());
  for (size_t i = 0; i < a->size(); ++i) EXPECT_EQ((*a)[i].params, (*b)[i].params) << "ask " << i;
}

TEST_F(CampaignTest, OnlyAVerdictOfFasterReplacesTheIncumbent) {
  give("60evals");
  Device device;
  device.never_faster = true;
  auto store = open();
  const CampaignResult result = run(device, *store);
  EXPECT_GT(observer_.confirmations, 1);
  ASSERT_TRUE(result.incumbent);
  EXPECT_EQ(result.incumbent->evaluation_id, result.anchor->evaluation_id);
}

TEST_F(CampaignTest, TheFinalConfirmationFitsInATimeBudget) {
  give("20s");
  setup_.kernels = {scripted::kernel("plain",
                                     "0 1 2 3 4 5 6 8 9 10 11 12 13 14 15 16 17 18 19 20 "
                                     "21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36")};
  Device device;
  auto store = open();
  const CampaignResult result = run(device, *store);
  EXPECT_LE(device.now_ns, 20'500'000'000);
  EXPECT_GT(result.progress.spent.evaluations, 500);
  EXPECT_GE(result.finalists.size(), 2u);
}

TEST_F(CampaignTest, EndsWhenNothingFasterCameForAsLongAsTheStallAllows) {
  give("stall=20");
  Device device;
  auto store = open();
  const CampaignResult result = run(device, *store);
  EXPECT_GE(result.progress.spent.since_improvement, 20);
  EXPECT_LT(device.visited.size(), 128u);
}

}  // namespace
}  // namespace kbench
