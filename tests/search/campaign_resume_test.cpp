#include <sys/wait.h>
#include <unistd.h>

#include "campaign_fixture.hpp"

namespace kbench {
namespace {

using scripted::Device;

class CampaignResumeTest : public CampaignFixture {
 protected:
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

  CampaignResult stopped_after(int evaluations, Store& store) {
    Device device;
    device.stop_after = evaluations;
    return run(device, store);
  }
  // The same campaign once more, stopped on its way and resumed.
  void ends_alike_when_it_goes_on(const Device& undisturbed) {
    auto store = open("b.db");
    Device rest;
    ASSERT_TRUE(resume(rest, *store, stopped_after(40, *store).id));
    EXPECT_EQ(rest.visited.back(), undisturbed.visited.back());
  }
};

TEST_F(CampaignResumeTest, GoesThroughRungsAgainWhenItGoesOn) {
  give("60evals");
  setup_.strategy = "halving";
  Device undisturbed;
  auto store = open();
  run(undisturbed, *store);
  ends_alike_when_it_goes_on(undisturbed);
}

TEST_F(CampaignResumeTest, MeasuresTheFirstRungOnTheSmallerProblemWhenItGoesOnAsWell) {
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

TEST_F(CampaignResumeTest, InterruptedAnywhereAndResumedVisitsWhatAnUndisturbedOneDoes) {
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

TEST_F(CampaignResumeTest, KilledAnywhereAndResumedVisitsWhatAnUndisturbedOneDoes) {
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

TEST_F(CampaignResumeTest, ALogThatTheSearchWouldNotHaveWrittenStopsTheResumeAndSaysWhere) {
  give("20evals");
  Device device;
  auto store = open();
  const CampaignResult cut = stopped_after(10, *store);
  CampaignRecord record = **store->campaign(cut.id);
  record.seed = 8;
  setup_.seed = 8;
  stop_ = false;
  auto resumed = resume_campaign(record, setup_, device, *store, observer_, stop_, clock(device));
  ASSERT_FALSE(resumed);
  EXPECT_NE(resumed.error().what.find("but the log has"), std::string::npos);
}

TEST_F(CampaignResumeTest, OtherKernelsThanTheRecordedOnesAreRefused) {
  give("20evals");
  Device device;
  auto store = open();
  const CampaignResult cut = stopped_after(5, *store);
  setup_.kernels.pop_back();
  auto resumed = resume(device, *store, cut.id);
  ASSERT_FALSE(resumed);
  EXPECT_NE(resumed.error().what.find("kernels"), std::string::npos);
}

}  // namespace
}  // namespace kbench
