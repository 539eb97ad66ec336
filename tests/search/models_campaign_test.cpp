#include <fstream>
#include <random>
#include <set>

#include "models_lab.hpp"

namespace kbench {
namespace {

using scripted::EndpointServer;
using scripted::fenced;
using scripted::ModelCampaignTest;
using scripted::says;
using scripted::start_of;
using scripted::text_of;
using scripted::with;
using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(ModelCampaignTest, AFasterProposalIsConfirmedAndItsLineageStored) {
  EndpointServer server;
  std::atomic<int> calls = 0;
  server.always = [&](const httplib::Request&, httplib::Response& response) {
    const int ns = 8000 - 100 * ++calls;
    response.set_content(scripted::completion(fenced(text_of("ns_" + std::to_string(ns)))),
                         "application/json");
  };
  model_at(server);
  budget("12proposals");
  const CampaignResult result = run();
  ASSERT_TRUE(result.incumbent);
  EXPECT_EQ(result.incumbent->candidate.kernel_name, "proposal-11.cpp");
  EXPECT_EQ(result.ended_by, "12 proposals");
  EXPECT_EQ(server.requests().size(), 12u);
  const auto proposals = *store_->proposals(result.id);
  ASSERT_EQ(proposals.size(), 12u);
  int improved = 0;
  for (const StoredProposal& proposal : proposals) {
    EXPECT_EQ(proposal.outcome, "ok");
    EXPECT_EQ(proposal.request, server.requests()[static_cast<size_t>(proposal.number)].body);
    EXPECT_THAT(proposal.reply, HasSubstr("because it is"));
    if (proposal.step != "improve") continue;
    ++improved;
    const auto parent = *store_->evaluation(proposal.parent);
    ASSERT_TRUE(parent);
    EXPECT_THAT(proposal.prompt, HasSubstr("int ns_")) << "its parent's source";
  }
  EXPECT_GT(improved, 3);
}

TEST_F(ModelCampaignTest, EveryCaseOfTheEndpointEndsAsItsFailureOrASuccess) {
  setup_.arm = "best_of_n";
  std::deque<EndpointServer::Answer> answers = {
      says(fenced(text_of("ns_5000"))),
      says(fenced(text_of("wrong"))),
      says(fenced(text_of("ns_20000"))),
      says("<<<<<<< SEARCH\nnothing\n=======\nx\n>>>>>>> REPLACE\n"),
      says("<think>" + fenced(text_of("ns_1")) + "</think>" + fenced(text_of("ns_4000"))),
      says("```cpp\nint", "length"),
      says(nullptr),
      says(std::regex_replace(fenced(text_of("ns_4500")), std::regex("\n"), "\r\n")),
      with(400, R"({"error":{"message":"unknown field 'seed'"}})"),
      says(fenced(text_of("ns_4600"))),
      with(429, "", "1"),
      with(529, ""),
      says(fenced(text_of("ns_4700"))),
      with(200, R"({"error":{"message":"inside"}})"),
      says("words"),
      says(fenced("// kbench: task other\nint x;\n")),
      says(fenced(text_of("ns_5000") + "// only a comment\n")),
      with(200, "{\"choices\""),
      says(fenced(text_of("cheat"))),
  };
  const size_t sent = answers.size();
  EndpointServer server(answers);
  model_at(server);
  budget("16proposals");
  const CampaignResult result = run();
  EXPECT_EQ(watcher_.outcomes, (std::vector<std::string>{
                                   "ok", "wrong_result", "ok", "patch_mismatch", "ok", "truncated",
                                   "empty", "ok", "ok", "ok", "transport", "no_code",
                                   "header_invalid", "unchanged", "transport", "suspicious"}));
  EXPECT_EQ(server.requests().size(), sent) << "none twice, none lost";
  ASSERT_TRUE(result.incumbent);
  EXPECT_EQ(result.incumbent->confirmation.evaluation.timing.median_ns, 4000);
}

TEST_F(ModelCampaignTest, WhatFailedIsSentBackWithTheReason) {
  EndpointServer server({says(fenced(text_of("wrong"))), says(fenced(text_of("ns_100")))});
  server.always = says("no more");
  model_at(server);
  budget("2proposals");
  run();
  EXPECT_EQ(watcher_.steps.at(1), "repair");
  const std::string prompt = server.bodies().at(1)["messages"][1]["content"];
  EXPECT_THAT(prompt, HasSubstr("wrong_result: y[0] is 1, expected 2"));
  EXPECT_THAT(prompt, HasSubstr("int wrong;"));
}

TEST_F(ModelCampaignTest, ParamsOfAProposalAreTunedWithinItsShareAndBeatTheSameRepliesUntuned) {
  const std::string kernel = text_of("ns_1000", "// kbench: param T *1 2 3 4 5 6\n");
  auto best_with = [&](int64_t share) {
    EndpointServer server;
    server.always = says(fenced(kernel));
    model_at(server);
    setup_.share = share;
    budget("1proposals");
    return run().incumbent->confirmation.evaluation.timing.median_ns;
  };
  EXPECT_EQ(best_with(1), 4000);
  EXPECT_EQ(best_with(6), 1000);
  EXPECT_EQ(judge_.judged, (1 + 1) + (1 + 6)) << "the starting kernel and the share, no more";
}

TEST_F(ModelCampaignTest, WhatWasGoodForOneKernelIsTriedEarlyForTheNext) {
  const std::string values = "// kbench: param T *0 1 2 3 4 5 6 7 8 9\n";
  EndpointServer server({says(fenced(text_of("ns_900", "// kbench: param T 0 1 2 3 *4 5 6 7\n"))),
                         says(fenced(text_of("ns_500", values)))});
  model_at(server);
  setup_.campaign.kernels = {start_of(text_of("ns_90000"))};
  setup_.in_flight = 1;
  setup_.share = 2;
  budget("2proposals");
  const CampaignResult result = run();
  EXPECT_EQ(result.incumbent->candidate.kernel_name, "proposal-1.cpp");
  EXPECT_EQ(result.incumbent->candidate.params, (Params{{"T", "4"}}))
      << "the second of its two evaluations";
}

// A reply for a kernel of these params, each from 0 to 31, whose defaults a model guesses.
std::string guess(const std::vector<std::string>& params, std::mt19937& random) {
  std::string header;
  for (const std::string& name : params) {
    header += "// kbench: param " + name;
    const unsigned chosen = random() % 32;
    for (unsigned value = 0; value < 32; ++value) {
      header += (value == chosen ? " *" : " ") + std::to_string(value);
    }
    header += "\n";
  }
  return fenced(text_of("ns_1000", header));
}

TEST_F(ModelCampaignTest, AtEqualEvaluationsTheSameRepliesAreFasterTunedThanNot) {
  setup_.arm = "best_of_n";
  setup_.campaign.strategy = "hill_climbing";
  setup_.campaign.kernels = {start_of(text_of("ns_900000"))};
  const std::vector<std::string> kTasks[] = {
      {"P", "Q"}, {"P", "Q", "R"}, {"P", "Q", "R", "S", "T"}};
  for (const auto& params : kTasks) {
    auto best_with = [&](int64_t share) {
      std::mt19937 random(3);
      EndpointServer server;
      server.always = [&](const httplib::Request&, httplib::Response& response) {
        response.set_content(scripted::completion(guess(params, random)), "application/json");
      };
      model_at(server);
      setup_.share = share;
      judge_.judged = 0;
      budget("49evals,500proposals");
      const double best = run().incumbent->confirmation.evaluation.timing.median_ns;
      EXPECT_EQ(judge_.judged, 49) << "the starting kernel's and what both may take";
      return best;
    };
    EXPECT_LT(best_with(16), best_with(1)) << params.size() << " params";
  }
}

TEST_F(ModelCampaignTest, MoneyHoldsWithEveryCallInFlightAtItsWorst) {
  EndpointServer server;
  server.always = says(fenced(text_of("ns_5000")));
  const Price price{.input = 1'000, .output = 1'000'000};  // a worst case above 1 usd a call
  model_at(server, price);
  setup_.in_flight = 4;
  budget("2.5usd");
  const CampaignResult result = run();
  int64_t charged = 0;
  const auto proposals = *store_->proposals(result.id);
  for (const StoredProposal& proposal : proposals) charged += proposal.nano_usd;
  EXPECT_EQ(charged, result.progress.spent.nano_usd);
  // Each call came to 100 * 1,000 + 20 * 1,000,000: the last one goes out while the worst case
  // fits.
  const int64_t each = 20'100'000;
  EXPECT_EQ(charged % each, 0);
  EXPECT_LE(charged, 2'500'000'000);
  EXPECT_GT(charged + 1'100'000'000, 2'500'000'000) << "it ended before it had to";
  EXPECT_EQ(server.requests().size(), static_cast<size_t>(charged / each));
  EXPECT_THAT(result.ended_by, HasSubstr("could cost"));
}

TEST_F(ModelCampaignTest, ACallThatBrokeIsChargedAtItsWorst) {
  EndpointServer server({with(500, "oops")});
  model_at(server, {.input = 1, .output = 1'000'000});
  budget("1proposals");
  const CampaignResult result = run();
  EXPECT_GE(result.progress.spent.nano_usd, 1'000 * 1'000'000);
}

TEST_F(ModelCampaignTest, AnEmptyPurseEndsItAndIsSaid) {
  EndpointServer server({with(402, R"({"error":"pay"})")});
  model_at(server);
  const CampaignResult result = run();
  EXPECT_EQ(result.ended_by, "no model answers");
  EXPECT_EQ(watcher_.outcomes, std::vector<std::string>{"quota"});
}

TEST_F(ModelCampaignTest, ALessonIsShownToWhoeverWritesNext) {
  EndpointServer server({says(fenced(text_of("ns_5000")) + "Lesson: rows are short here\n")});
  server.always = says("no more");
  model_at(server);
  budget("2proposals");
  run();
  EXPECT_THAT(server.bodies().at(1)["messages"][1]["content"],
              HasSubstr("- rows are short here\n"));
}

TEST_F(ModelCampaignTest, APlanIsAskedForAndFollowedWithItsStepsInTheRecord) {
  setup_.evolution.operators = "plan:1,repair:0";
  EndpointServer server({says("Memory bounds it.\nstrategy: tiling\nstep: tile rows\nstep: unroll"),
                         says(fenced(text_of("ns_5000"))), says(fenced(text_of("ns_4000"))),
                         says("strategy: hope\nstep: pray")});
  model_at(server);
  budget("4proposals");
  const CampaignResult result = run();
  EXPECT_THAT(watcher_.steps, ElementsAre("plan", "step", "step", "plan"));
  EXPECT_THAT(watcher_.outcomes, ElementsAre("ok", "ok", "ok", "no_plan"));
  const auto proposals = *store_->proposals(result.id);
  EXPECT_EQ(proposals[0].message, "tiling: tile rows; unroll");
  EXPECT_EQ(proposals[2].about, "tiling: unroll");
  EXPECT_THAT(proposals[2].prompt, HasSubstr("Done: tile rows"));
  EXPECT_THAT(proposals[2].prompt, HasSubstr("int ns_5000;"));
  const auto replayed = replay(result.id);
  EXPECT_TRUE(replayed) << replayed.error().text();
}

TEST_F(ModelCampaignTest, TheBestOfAProposalIsTimedOnOtherShapesAndWhatFailsThereHasFailed) {
  Problem other = setup_.campaign.problem;
  other.dims["rows"] = 64;
  setup_.shapes = {other};
  setup_.evolution.selection = "pareto";
  EndpointServer server({says(fenced(text_of("narrow_ns_100"))), says(fenced(text_of("ns_5000")))});
  model_at(server);
  budget("2proposals");
  const CampaignResult result = run();
  EXPECT_THAT(watcher_.outcomes, ElementsAre("wrong_result", "ok"));
  EXPECT_EQ(watcher_.steps[1], "repair");
  EXPECT_EQ(result.progress.spent.evaluations, 6) << "three kernels on two shapes";
  EXPECT_EQ(result.incumbent->candidate.kernel_name, "proposal-1.cpp");
  const auto replayed = replay(result.id);
  EXPECT_TRUE(replayed) << replayed.error().text();
}

TEST_F(ModelCampaignTest, TheTunerAloneHasAllEvaluationsAndAsksNobody) {
  EndpointServer server;
  model_at(server);
  setup_.arm = "tuner_only";
  setup_.campaign.kernels = {start_of(text_of("ns_1000", "// kbench: param T *1 2 3 4 5 6\n"))};
  setup_.share = 3;
  budget("2proposals");
  const CampaignResult result = run();
  EXPECT_EQ(result.progress.spent.evaluations, 6) << "two proposals' shares";
  EXPECT_EQ(result.incumbent->confirmation.evaluation.timing.median_ns, 1000);
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(ModelCampaignTest, RandomRestartsBeginAgainFromTheTask) {
  setup_.arm = "random_restarts";
  EndpointServer server;
  std::atomic<int> calls = 0;
  server.always = [&](const httplib::Request&, httplib::Response& response) {
    const std::string text = text_of("ns_" + std::to_string(8000 - ++calls));
    response.set_content(scripted::completion(fenced(text)), "application/json");
  };
  model_at(server);
  budget("7proposals");
  run();
  EXPECT_THAT(watcher_.steps,
              ElementsAre("write", "improve", "improve", "improve", "improve", "write", "improve"));
}

TEST_F(ModelCampaignTest, ProposalsWithoutAFasterKernelEndIt) {
  EndpointServer server({says(fenced(text_of("ns_5000")))});
  server.always = says("no idea");
  model_at(server);
  budget("stall=3proposals,50proposals");
  const CampaignResult result = run();
  EXPECT_EQ(result.ended_by, "3 proposals without a faster kernel");
  EXPECT_EQ(result.progress.spent.proposals, 4);
}

TEST_F(ModelCampaignTest, ConfirmedButNotProvedFasterIsNotNamedBest) {
  EndpointServer server({says(fenced(text_of("ns_5000")))});
  model_at(server);
  budget("1proposals");
  judge_.undecided = true;
  const CampaignResult result = run();
  ASSERT_EQ(result.finalists.size(), 2u) << "the anchor and the proposal, both confirmed";
  EXPECT_EQ(result.incumbent->candidate.kernel_name, "naive");
}

TEST_F(ModelCampaignTest, TheControlWritesFromTheTaskAloneEveryTime) {
  setup_.arm = "best_of_n";
  EndpointServer server;
  server.always = says(fenced(text_of("wrong")));
  model_at(server);
  budget("4proposals");
  run();
  EXPECT_EQ(watcher_.steps, (std::vector<std::string>(4, "write")));
  std::set<std::string> prompts;
  for (const auto& body : server.bodies()) prompts.insert(body["messages"].dump());
  EXPECT_EQ(prompts.size(), 1u);
}

TEST(Prompts, APartOfTheUsersReplacesItsNamesakeAndABoundCutsWholeLines) {
  const std::string folder = testing::TempDir() + "kbench_prompts";
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/write.md") << "Mine: {{device}}{{history}}";
  std::ofstream(folder + "/device.md") << "{{! at most 3 tokens }}\n{{device_facts}}";
  auto prompts = Prompts::load(folder);
  ASSERT_TRUE(prompts) << prompts.error().text();
  const Prompts::Values values = {{"device_facts", "one\ntwo\nthree\nfour\n"},
                                  {"history_lines", ""}};
  EXPECT_EQ(*prompts->fill("write", values), "Mine: one\ntwo\n[2 more lines left out]\n");
  std::ofstream(folder + "/write.md") << "{{histroy}}";
  EXPECT_THAT(Prompts::load(folder)->fill("write", values).error().text(),
              HasSubstr("did you mean 'history'"));
  std::filesystem::remove_all(folder);
}

TEST(Prices, AreReadInNanoDollarsATokenAndWrongOnesAreNamed) {
  const std::string file = testing::TempDir() + "kbench_prices.json";
  std::ofstream(file) << R"({"_": "as of a day", "m": {"input_usd_per_million": 0.15,
    "output_usd_per_million": 60}})";
  const auto prices = read_prices(file);
  ASSERT_TRUE(prices) << prices.error().text();
  EXPECT_EQ(prices->at("m").input, 150);
  EXPECT_EQ(prices->at("m").output, 60'000);
  std::ofstream(file) << R"({"m": {"input_usd_per_million": -1}})";
  EXPECT_THAT(read_prices(file).error().text(), HasSubstr("input_usd_per_million"));
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace kbench
