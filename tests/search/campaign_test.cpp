#include "search/campaign.hpp"

#include "campaign_fixture.hpp"
#include "harness/environment.hpp"

namespace kbench {
namespace {

using scripted::Device;

class CampaignTest : public CampaignFixture {};

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
