#include "models_lab.hpp"
#include "results/sqlite.hpp"
#include "search/model_attempts.hpp"

namespace kbench {
namespace {

using scripted::EndpointServer;
using scripted::fenced;
using scripted::ModelCampaignTest;
using scripted::says;
using scripted::text_of;
using testing::HasSubstr;

TEST_F(ModelCampaignTest, AReplayTakesEveryDecisionAgainWithoutEndpointOrDevice) {
  int64_t id = 0;
  {
    EndpointServer server;
    std::atomic<int> calls = 0;
    server.always = [&](const httplib::Request& request, httplib::Response& response) {
      const int call = ++calls;
      std::string fate = call % 3 == 0 ? "wrong" : "ns_" + std::to_string(9000 - 100 * call);
      // Answers overtake each other.
      std::this_thread::sleep_for(std::chrono::milliseconds(request.body.size() % 7));
      response.set_content(
          scripted::completion(fenced(text_of(fate, "// kbench: param T *1 2 3 4\n"))),
          "application/json");
    };
    model_at(server);
    setup_.in_flight = 8;
    setup_.share = 3;
    budget("30proposals,10usd");
    id = run().id;
  }
  const auto replayed = replay(id);
  ASSERT_TRUE(replayed) << replayed.error().text();
  EXPECT_EQ(replayed->prompts, 30u);
  EXPECT_GT(replayed->verdicts, 30u);
}

TEST_F(ModelCampaignTest, AReplayStopsAtTheFirstPromptThatDiffersAndShowsWhere) {
  EndpointServer server;
  server.always = says(fenced(text_of("ns_5000")));
  model_at(server);
  budget("3proposals");
  const int64_t id = run().id;
  setup_.task.formula = "another formula";
  const auto replayed = replay(id);
  ASSERT_FALSE(replayed);
  EXPECT_THAT(replayed.error().text(), HasSubstr("the prompt of proposal 0"));
  EXPECT_THAT(replayed.error().text(), HasSubstr("another formula"));
}

TEST_F(ModelCampaignTest, APlanIsNoAttemptAndItsMoneyIsThatOfTheStepAfterIt) {
  setup_.evolution.operators = "plan:1,repair:0";
  EndpointServer server({says("strategy: tiling\nstep: tile rows\nstep: unroll"),
                         says(fenced(text_of("ns_5000"))), says(fenced(text_of("ns_4000"))),
                         says("strategy: hope\nstep: pray")});
  model_at(server, {.input = 10, .output = 10});
  budget("4proposals");
  const CampaignResult result = run();
  const auto attempts = scored_attempts(*store_, {result.id});
  ASSERT_TRUE(attempts) << attempts.error().text();
  ASSERT_EQ(attempts->size(), 2u) << "the two steps";
  const double call_usd = (100 + 20) * 10e-9;
  EXPECT_NEAR(*attempts->at(0).usd, 2 * call_usd, 1e-12) << "the plan and the first step";
  EXPECT_NEAR(*attempts->at(1).usd, 2 * call_usd, 1e-12) << "and the plan that nothing came after";
}

// Answers by what it is asked: the same prompt, the same reply.
EndpointServer::Answer by_the_prompt() {
  return [](const httplib::Request& request, httplib::Response& response) {
    const size_t hash = std::hash<std::string>()(request.body) % 1000;
    const std::string fate = hash % 4 == 0 ? "wrong" : "ns_" + std::to_string(1000 + hash);
    response.set_content(
        scripted::completion(fenced(text_of(fate, "// kbench: param T *1 2 3 4\n"))),
        "application/json");
  };
}

// What a campaign decided and what came of it.
std::vector<std::string> path_of(const Store& store, int64_t campaign) {
  std::vector<std::string> path;
  const auto proposals = *store.proposals(campaign);
  const auto asks = *store.asks(campaign);
  for (const StoredProposal& proposal : proposals) {
    path.push_back(proposal.step + " " + proposal.kernel_hash + " " + proposal.outcome + " " +
                   proposal.prompt);
  }
  for (const LoggedAsk& ask : asks) {
    path.push_back(std::to_string(ask.sequence) + " " + ask.kernel_hash + " " +
                   canonical(ask.params) + " " + std::to_string(ask.value_ns.value_or(0)));
  }
  return path;
}

TEST_F(ModelCampaignTest, AnInterruptedCampaignGoesOnAsIfItHadNotBeen) {
  EndpointServer server;
  server.always = by_the_prompt();
  model_at(server, {.input = 10, .output = 10});
  setup_.in_flight = 4;
  setup_.share = 3;
  budget("24proposals,1usd");
  const CampaignResult undisturbed = run();
  const auto path = path_of(*store_, undisturbed.id);
  const size_t asked = server.requests().size();
  watcher_.outcomes.clear();
  watcher_.stop_after = 5;
  int64_t id = run().id;
  for (const size_t further : {9, 17, 0}) {
    watcher_.outcomes.clear();
    watcher_.stop_after = further;
    stop_ = false;
    EXPECT_EQ((*store_->campaign(id))->state, "interrupted");
    const auto resumed = resume(id);
    ASSERT_TRUE(resumed) << resumed.error().text();
    EXPECT_EQ(resumed->ended_by, further == 0 ? "24 proposals" : "interrupted");
    if (further == 0) {
      EXPECT_EQ(resumed->progress.spent.nano_usd, undisturbed.progress.spent.nano_usd);
      EXPECT_EQ(resumed->incumbent->candidate.kernel_text,
                undisturbed.incumbent->candidate.kernel_text);
    }
  }
  EXPECT_EQ(path_of(*store_, id), path);
  EXPECT_EQ(server.requests().size(), 2 * asked) << "none was asked twice";
  const auto replayed = replay(id);
  EXPECT_TRUE(replayed) << replayed.error().text();
}

TEST_F(ModelCampaignTest, ACallLostWhenKbenchWasKilledIsNotAskedAgainAndChargedAtItsWorst) {
  EndpointServer server;
  server.always = by_the_prompt();
  model_at(server, {.input = 0, .output = 1'000'000});
  budget("6proposals");
  const int64_t id = run().id;
  {  // as if it had been killed while the last two were asked
    Database database(folder_ + "/a.db", folder_ + "/a.db", SQLITE_OPEN_READWRITE);
    ASSERT_TRUE(
        database.execute("UPDATE proposals SET outcome = NULL, reply = NULL, attempts = NULL, "
                         "input_tokens = NULL, output_tokens = NULL WHERE number > 3; "
                         "DELETE FROM asks WHERE sequence >= 33"));
  }
  const size_t asked = server.requests().size();
  budget("8proposals");
  const auto resumed = resume(id);
  ASSERT_TRUE(resumed) << resumed.error().text();
  const auto proposals = *store_->proposals(id);
  ASSERT_EQ(proposals.size(), 8u);
  for (size_t lost : {4, 5}) {
    EXPECT_EQ(proposals[lost].outcome, "transport");
    EXPECT_EQ(proposals[lost].nano_usd, 1000 * 1'000'000);
  }
  EXPECT_NE(proposals[7].outcome, "transport");
  EXPECT_EQ(server.requests().size(), asked + 2);
}

}  // namespace
}  // namespace kbench
