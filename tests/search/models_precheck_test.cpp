#include <fstream>

#include "models_lab.hpp"
#include "search/model_attempts.hpp"
#include "search/models/precheck.hpp"

namespace kbench {
namespace {

using scripted::EndpointServer;
using scripted::fenced;
using scripted::ModelCampaignTest;
using scripted::says;
using scripted::text_of;
using scripted::with;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kYes = "compiles: yes\nright: yes\ncheats: no\nbecause: it is plain";

// One model writes, and another is asked what it thinks of that.
class ModelPrecheckTest : public ModelCampaignTest {
 protected:
  void SetUp() override {
    ModelCampaignTest::SetUp();
    setup_.arm = "best_of_n";
  }
  void models_at(const EndpointServer& server, bool filters, Price price = {}) {
    model_at(server, price);
    setup_.precheck = {{*parse_model("openai:checker@" + server.url()), price, true}, filters};
  }
  // Kernels of these fates in turn; the other model says of each what `foretells` has for it.
  EndpointServer::Answer writing(std::vector<std::string> fates,
                                 std::map<std::string, EndpointServer::Answer> foretells) {
    return [=, this](const httplib::Request& request, httplib::Response& response) {
      if (nlohmann::json::parse(request.body).at("model") == "checker") {
        for (const auto& [fate, answer] : foretells) {
          if (request.body.find("int " + fate + ";") == std::string::npos) continue;
          return answer(request, response);
        }
        return says(kYes)(request, response);
      }
      says(fenced(text_of(fates.at(written_++ % fates.size()))))(request, response);
    };
  }
  std::atomic<size_t> written_ = 0;
};

TEST_F(ModelPrecheckTest, WhatIsForetoldToFailIsNotJudgedAndSaysWhy) {
  EndpointServer server;
  server.always = writing({"wrong", "ns_5000", "cheat"},
                          {{"wrong", says("- **compiles**: yes\n- **right**: No, it is not.\n"
                                          "- **cheats**: no\nbecause: it adds one")},
                           {"cheat", says("compiles: yes\nright: yes\ncheats: yes")}});
  models_at(server, true);
  budget("3proposals");
  const CampaignResult result = run();
  EXPECT_THAT(watcher_.outcomes, ElementsAre("filtered", "ok", "filtered"));
  EXPECT_EQ(judge_.judged, 2) << "the starting kernel and the one that passed";
  const auto proposals = *store_->proposals(result.id);
  EXPECT_EQ(proposals[0].message, "it is said to be wrong: it adds one");
  const auto prechecks = *store_->prechecks(result.id);
  ASSERT_EQ(prechecks.size(), 3u);
  EXPECT_THAT(prechecks[0].prompt, AllOf(HasSubstr("int wrong;"), HasSubstr("row_sum")));
  EXPECT_THAT(prechecks[0].request, HasSubstr("int wrong;"));
  EXPECT_THAT(prechecks[0].response, HasSubstr("it adds one"));
  EXPECT_FALSE(prechecks[0].foretold->right);
  EXPECT_TRUE(prechecks[2].foretold->cheats);
}

TEST_F(ModelPrecheckTest, WhereItIsOnlyMeasuredEverythingIsJudgedAndItsPrecisionAndRecallAreKnown) {
  const auto wrong = says("compiles: yes\nright: no\ncheats: no");
  EndpointServer server;
  server.always = writing({"wrong_a", "wrong_b", "ns_5000", "ns_6000", "broken", "cheat"},
                          {{"wrong_a", wrong},
                           {"ns_5000", wrong},
                           {"broken", says("compiles: no\nright: no\ncheats: no")}});
  models_at(server, false);
  budget("6proposals");
  const int64_t id = run().id;
  EXPECT_THAT(watcher_.outcomes, ElementsAre("wrong_result", "wrong_result", "ok", "ok",
                                             "compile_error", "suspicious"));
  const auto judged = judged_prechecks(*store_, {id});
  ASSERT_TRUE(judged) << judged.error().text();
  const auto groups = precheck_scores(*judged);
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].judged, 6);
  auto counts = [&](size_t question) {
    const PrecheckScore& score = groups[0].scores.at(question);
    return std::vector<int64_t>{score.precision.hits, score.precision.all, score.recall.hits,
                                score.recall.all};
  };
  EXPECT_THAT(counts(0), ElementsAre(2, 3, 2, 4)) << "passes: said no to three, four failed";
  EXPECT_THAT(counts(1), ElementsAre(1, 1, 1, 1)) << "compiles";
  EXPECT_THAT(counts(2), ElementsAre(1, 2, 1, 2)) << "right, of what compiled";
  EXPECT_THAT(counts(3), ElementsAre(0, 0, 0, 1)) << "cheats";
}

TEST_F(ModelPrecheckTest, WhereNoAnswerComesTheKernelIsJudged) {
  EndpointServer server;
  server.always = writing({"ns_5000", "ns_5001", "ns_5002", "ns_5003"},
                          {{"ns_5000", with(500, "oops")},
                           {"ns_5001", says("It looks good to me.")},
                           {"ns_5002", says("compiles: yes\nright:", "length")},
                           {"ns_5003", with(401, "no key")}});
  models_at(server, true);
  budget("4proposals");
  const CampaignResult result = run();
  EXPECT_EQ(watcher_.outcomes, std::vector<std::string>(4, "ok"));
  std::vector<std::string> outcomes;
  const auto prechecks = *store_->prechecks(result.id);
  for (const StoredPrecheck& precheck : prechecks) outcomes.push_back(precheck.outcome);
  EXPECT_THAT(outcomes, ElementsAre("transport", "no_verdict", "truncated", "rejected"));
}

TEST_F(ModelPrecheckTest, WhatWasForetoldToFailIsNotPaidForAgain) {
  EndpointServer server;
  server.always = writing({"wrong"}, {{"wrong", says("compiles: yes\nright: no\ncheats: no")}});
  models_at(server, true);
  budget("3proposals");
  const CampaignResult result = run();
  EXPECT_THAT(watcher_.outcomes, ElementsAre("filtered", "unchanged", "unchanged"));
  EXPECT_EQ(store_->prechecks(result.id)->size(), 1u);
}

TEST_F(ModelPrecheckTest, MoneyHoldsWithBothCallsAtTheirWorst) {
  EndpointServer server;
  server.always = [](const httplib::Request& request, httplib::Response& response) {
    static std::atomic<int> calls = 0;
    const bool checks = nlohmann::json::parse(request.body).at("model") == "checker";
    const std::string text = text_of("ns_" + std::to_string(5000 + ++calls));
    says(checks ? kYes : fenced(text))(request, response);
  };
  // A worst case above 1 usd a call; each comes to 100 * 1,000 + 20 * 1,000,000.
  models_at(server, true, {.input = 1'000, .output = 1'000'000});
  setup_.in_flight = 4;
  budget("4usd");
  const CampaignResult result = run();
  int64_t charged = 0;
  const auto proposals = *store_->proposals(result.id);
  const auto prechecks = *store_->prechecks(result.id);
  for (const StoredProposal& proposal : proposals) charged += proposal.nano_usd;
  for (const StoredPrecheck& precheck : prechecks) charged += precheck.nano_usd;
  EXPECT_EQ(charged, result.progress.spent.nano_usd);
  EXPECT_EQ(charged, 20'100'000 * static_cast<int64_t>(server.requests().size()));
  EXPECT_LE(charged, 4'000'000'000);
  EXPECT_THAT(result.ended_by, HasSubstr("could cost"));
  const auto attempts = scored_attempts(*store_, {result.id});
  ASSERT_TRUE(attempts);
  EXPECT_DOUBLE_EQ(*attempts->front().usd, 2 * 0.0201) << "an attempt is charged for both";
}

TEST_F(ModelPrecheckTest, AReplayReproducesItAndAnInterruptedCampaignGoesOnAskingNothingTwice) {
  EndpointServer server;
  server.always = [](const httplib::Request& request, httplib::Response& response) {
    const size_t hash = std::hash<std::string>()(request.body) % 1000;
    std::this_thread::sleep_for(std::chrono::milliseconds(hash % 7));
    if (nlohmann::json::parse(request.body).at("model") == "checker") {
      return says(hash % 3 == 0 ? "compiles: yes\nright: no\ncheats: no" : kYes)(request, response);
    }
    const std::string fate = hash % 4 == 0 ? "wrong" : "ns_" + std::to_string(1000 + hash);
    says(fenced(text_of(fate)))(request, response);
  };
  models_at(server, true, {.input = 10, .output = 10});
  setup_.arm = "evolve";
  setup_.in_flight = 4;
  budget("24proposals,1usd");
  const CampaignResult undisturbed = run();
  const auto outcomes = watcher_.outcomes;
  EXPECT_THAT(outcomes, testing::Contains("filtered"));
  const size_t asked = server.requests().size();
  const auto replayed = replay(undisturbed.id);
  EXPECT_TRUE(replayed) << replayed.error().text();
  EXPECT_EQ(server.requests().size(), asked);

  watcher_.outcomes.clear();
  watcher_.stop_after = 5;
  const int64_t id = run().id;
  stop_ = false;
  watcher_.outcomes.clear();
  watcher_.stop_after = 0;
  const auto resumed = resume(id);
  ASSERT_TRUE(resumed) << resumed.error().text();
  EXPECT_EQ(watcher_.outcomes, outcomes);
  EXPECT_EQ(resumed->progress.spent.nano_usd, undisturbed.progress.spent.nano_usd);
  EXPECT_EQ(server.requests().size(), 2 * asked) << "none was asked twice";
}

TEST_F(ModelPrecheckTest, AReplayStopsAtAPrecheckThatDiffers) {
  EndpointServer server;
  server.always = writing({"ns_5000"}, {});
  models_at(server, true);
  budget("1proposals");
  const int64_t id = run().id;
  const std::string own = folder_ + "/prompts";
  std::filesystem::create_directories(own);
  std::ofstream(own + "/precheck.md") << "Is this good? {{kernel_source}}";
  setup_.prompts = *Prompts::load(own);
  const auto replayed = replay(id);
  ASSERT_FALSE(replayed);
  EXPECT_THAT(replayed.error().text(), HasSubstr("the pre-check of proposal 0"));
}

TEST(Foretold, TheLastOfEachAnswerCountsAndAllThreeAreWanted) {
  const auto found = parse_foretold(
      "<think>compiles: no</think>compiles: no\nOn a second look:\n1. Compiles: **yes**\n"
      "right: yes, also for tails\ncheats: no\nbecause: nothing is wrong");
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->foretold.passes());
  EXPECT_EQ(found->because, "nothing is wrong");
  EXPECT_FALSE(parse_foretold("compiles: yes\nright: yes"));
  EXPECT_FALSE(parse_foretold("compiles: perhaps\nright: yes\ncheats: no"));
}

TEST(PrecheckScores, IntervalsAreThoseOfClopperAndPearson) {
  const Share none = share_of(0, 10), half = share_of(5, 10), all = share_of(10, 10);
  EXPECT_NEAR(*none.low, 0, 1e-12);
  EXPECT_NEAR(*none.high, 0.3085, 1e-4);
  EXPECT_NEAR(*half.low, 0.1871, 1e-4);
  EXPECT_NEAR(*half.high, 0.8129, 1e-4);
  EXPECT_NEAR(*all.low, 0.6915, 1e-4);
  EXPECT_EQ(*all.high, 1);
  EXPECT_FALSE(share_of(0, 0).value);
}

}  // namespace
}  // namespace kbench
