#include "search/recorded_campaign.hpp"

#include <gmock/gmock.h>

#include "harness/environment.hpp"
#include "scripted.hpp"
#include "search/objectives.hpp"
#include "search/warm_start.hpp"

namespace kbench {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

// Exhaustive campaigns over two kernels of 64 configurations, of which those with A = 7 fail.
class RecordedCampaignTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "kbench_recorded_XXXXXX";
    folder_ = mkdtemp(pattern.data());
    auto store = Store::open(folder_ + "/a.db", OpenMode::read_write);
    ASSERT_TRUE(store) << store.error().text();
    store_ = std::move(*store);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  int64_t run(int64_t rows, const std::string& values = "0 1 2 3 4 5 6 7",
              const std::string& objectives = "time") {
    CampaignSetup setup;
    setup.objectives = parse_objectives(objectives).value();
    setup.environment_json = R"({"task_hash": "f00d"})";
    setup.reuse = Conditions{"scripted model", kJudgeVersion, "", "", "f00d"};
    setup.problem = {
        .task = "row_sum", .variant = "f32", .dims = {{"rows", rows}}, .fill = "normal"};
    setup.kernels = {scripted::kernel("plain", values), scripted::kernel("fast", values)};
    setup.strategy = "exhaustive";
    scripted::Device device;
    scripted::Silent observer;
    std::atomic<bool> stop = false;
    auto result = run_campaign(setup, device, *store_, observer, stop);
    EXPECT_TRUE(result) << result.error().text();
    return result ? result->id : 0;
  }

  std::string folder_;
  std::unique_ptr<Store> store_;
};

const RecordedRow& row_of(const RecordedSpace& recorded, const Params& params) {
  return recorded.rows[*recorded.space.index_of(*recorded.space.from_params(params))];
}

TEST_F(RecordedCampaignTest, AnExhaustiveOneIsASpaceForEachKernel) {
  const int64_t id = run(8);
  const auto spaces = recorded_campaign(*store_, id);
  ASSERT_TRUE(spaces) << spaces.error().text();
  ASSERT_EQ(spaces->size(), 2u);
  for (const RecordedSpace& space : *spaces) {
    const double speed = space.name == "row_sum-fast-1" ? 2 : 1;
    EXPECT_EQ(space.space.size(), 64u);
    const RecordedRow& ran = row_of(space, {{"A", "4"}, {"B", "1"}});
    EXPECT_DOUBLE_EQ(ran.time_ms, 0.021 / speed);
    EXPECT_EQ(ran.costs.compile_ms, 5);
    EXPECT_EQ(ran.costs.verify_ms, 1);
    EXPECT_EQ(ran.costs.bench_ms, 2);
    EXPECT_EQ(ran.cost_ms(), 8.5) << "the kernel's time and the harness's, after compiling";
    EXPECT_EQ(row_of(space, {{"A", "7"}, {"B", "1"}}).status, RecordedStatus::compile);
  }
}

TEST_F(RecordedCampaignTest, WinnersAreWhatWasConfirmedFasterThanTheStart) {
  run(8);
  const auto winners = winners_of(*store_, "row_sum", 10);
  ASSERT_TRUE(winners) << winners.error().text();
  EXPECT_THAT(*winners, Contains(Params{{"A", "6"}, {"B", "0"}}));
  EXPECT_THAT(*winners, Not(Contains(Params{{"A", "0"}, {"B", "0"}}))) << "the start";
  EXPECT_EQ(winners_of(*store_, "row_sum", 1)->size(), 1u);
  EXPECT_TRUE(winners_of(*store_, "softmax", 10)->empty());
}

TEST_F(RecordedCampaignTest, OneWithoutAChoiceHasNothingToRecord) {
  const auto spaces = recorded_campaign(*store_, run(8, "3"));
  ASSERT_FALSE(spaces);
  EXPECT_THAT(spaces.error().text(), HasSubstr("campaign 1: no kernel of it was judged with two"));
}

TEST_F(RecordedCampaignTest, ATasksCampaignsAreOneSpaceWithTheProblemAsParams) {
  run(8);
  run(16);
  run(16);
  const auto spaces = recorded_task(*store_, "row_sum");
  ASSERT_TRUE(spaces) << spaces.error().text();
  ASSERT_EQ(spaces->size(), 2u);
  for (const RecordedSpace& space : *spaces) {
    EXPECT_EQ(space.space.size(), 128u) << "each configuration once";
    EXPECT_EQ(space.space.to_params(space.space.at(0)).at("device"), "scripted model");
    const auto large = space.space.from_params({{"A", "1"}, {"B", "0"}, {"problem.rows", "16"}});
    ASSERT_TRUE(large) << large.error().text();
    EXPECT_TRUE(space.space.valid(*large));
  }
}

TEST_F(RecordedCampaignTest, EnergyIsOfThoseOfWhichItWasMeasuredThoughTheirTimesWereKnown) {
  run(8);
  const auto none = recorded_task(*store_, "row_sum", Figure::energy);
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().text(), HasSubstr("--objectives time,energy"));
  run(8, "0 1 2 3 4 5 6 7", "time,energy");
  const auto spaces = recorded_task(*store_, "row_sum", Figure::energy);
  ASSERT_TRUE(spaces) << spaces.error().text();
  ASSERT_EQ(spaces->size(), 2u);
  EXPECT_EQ(spaces->front().rows.size(), 56u) << "all that ran";
  const bool fast = spaces->front().name == "row_sum-fast";
  const double ms = row_of(spaces->front(), {{"A", "4"}, {"B", "1"}}).time_ms;
  EXPECT_NEAR(ms, scripted::Device::kWatts * (fast ? 0.0105 : 0.021), 1e-9) << "mJ";
}

TEST_F(RecordedCampaignTest, AKernelWithoutAChoiceIsNoSpaceHoweverManyProblemsItSaw) {
  run(8, "3");
  run(16, "3");
  const auto spaces = recorded_task(*store_, "row_sum");
  ASSERT_FALSE(spaces);
  EXPECT_THAT(spaces.error().text(), HasSubstr("no kernel of row_sum was judged with two"));
}

}  // namespace
}  // namespace kbench
