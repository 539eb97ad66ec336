#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

#include "harness/plan.hpp"
#include "scripted_endpoint.hpp"
#include "search/models/model_campaign.hpp"
#include "search/models/model_replay.hpp"

namespace kbench {
namespace {

using scripted::EndpointServer;
using scripted::says;
using scripted::with;
using testing::HasSubstr;

// A kernel whose text says what the scripted judge makes of it.
std::string text_of(const std::string& fate, const std::string& params = "") {
  return "// kbench: task     row_sum\n// kbench: language cpp\n" + params +
         "// kbench: launch   sum(x, y, rows, cols)\nint " + fate + ";\n";
}
std::string fenced(const std::string& text) {
  return "It is faster because it is.\n```cpp\n" + text + "```\n";
}

SearchKernel start_of(const std::string& text) {
  auto file = parse_kernel_file(text, "naive");
  auto space = Space::build(*file, {}, {});
  return {*file, *space};
}

// Takes the time in the text, `ns_1200`, times |T - 4| + 1 where there is a param T.
class TextJudge : public Evaluator {
 public:
  int depth() const override { return 3; }
  void ask(const EvaluationRequest& request) override { open_.push_back(request); }
  Result<Evaluation> next() override {
    const EvaluationRequest request = open_.front();
    open_.pop_front();
    ++judged;
    return judge(request.candidate, request.problem, request.id);
  }
  Result<Confirmation> confirm(const ConfirmationRequest& request) override {
    Confirmation confirmation;
    confirmation.evaluation = judge(request.candidate, request.problem, request.id);
    confirmation.evaluation.evidence = Evidence::confirmed;
    auto against = [&](const std::optional<Candidate>& other) -> std::optional<Comparison> {
      if (!other) return std::nullopt;
      Comparison comparison;
      comparison.a_ns = confirmation.evaluation.timing.median_ns;
      comparison.b_ns = judge(*other, request.problem, 0).timing.median_ns;
      comparison.ratio = comparison.a_ns / comparison.b_ns;
      comparison.verdict = comparison.ratio < 1 ? Verdict::faster : Verdict::slower;
      return comparison;
    };
    confirmation.against_anchor = against(request.anchor);
    confirmation.against_incumbent = against(request.incumbent);
    return confirmation;
  }
  int judged = 0;

 private:
  static Evaluation judge(const Candidate& candidate, const Problem& problem, int64_t id) {
    const auto file = parse_kernel_file(candidate.kernel_text, candidate.kernel_name);
    Evaluation evaluation;
    evaluation.id = id;
    evaluation.params = candidate.params;
    evaluation.problem = problem;
    evaluation.device = evaluation.device_model = "scripted";
    evaluation.kernel_hash = file->hash();
    evaluation.candidate_hash = candidate_hash(*file, candidate.params, candidate.language);
    evaluation.equivalent_hash = evaluation.candidate_hash;
    std::smatch time;
    if (!std::regex_search(candidate.kernel_text, time, std::regex("ns_([0-9]+)"))) {
      evaluation.outcome = candidate.kernel_text.find("wrong") != std::string::npos
                               ? Outcome::wrong_result
                               : Outcome::compile_error;
      evaluation.message = "y[0] is 1, expected 2";
      return evaluation;
    }
    const auto tile = candidate.params.find("T");
    const int factor =
        tile == candidate.params.end() ? 1 : std::abs(std::stoi(tile->second) - 4) + 1;
    evaluation.outcome = Outcome::ok;
    evaluation.evidence = Evidence::screened;
    evaluation.timing = summarise({std::stod(time[1]) * factor});
    return evaluation;
  }
  std::deque<EvaluationRequest> open_;
};

class Watcher : public CampaignObserver {
 public:
  void on_start(int64_t) override {}
  void on_phase(CampaignPhase) override {}
  void on_confirming(const Candidate&) override {}
  void on_evaluation(const CampaignProgress&, const Candidate&, const Evaluation&) override {}
  void on_confirmation(const Candidate&, const Confirmation&, bool) override {}
  void on_proposal(const StoredProposal& proposal) override {
    outcomes.push_back(proposal.outcome);
    steps.push_back(proposal.step);
  }
  std::vector<std::string> outcomes, steps;
};

class ModelCampaignTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "kbench_models_XXXXXX";
    folder_ = mkdtemp(pattern.data());
    CampaignSetup& base = setup_.campaign;
    base.problem = {.task = "row_sum", .variant = "f32", .dims = {{"rows", 8}}, .fill = "normal"};
    base.kernels = {start_of(text_of("ns_9000"))};
    base.strategy = "random";
    base.seed = 5;
    base.lag = 2;
    setup_.task.name = "row_sum";
    setup_.prompts = *Prompts::load("");
    setup_.max_tokens = 1000;
    setup_.in_flight = 1;
    budget("100proposals");
    store_ = *Store::open(folder_ + "/a.db", OpenMode::read_write);
  }
  void TearDown() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  void budget(const std::string& text) { setup_.campaign.budget = *parse_budget(text); }
  void model_at(const EndpointServer& server, Price price = {}) {
    setup_.models = {{*parse_model("openai:m@" + server.url()), price, true}};
  }
  CampaignResult run() {
    EndpointSetup how;
    how.waiting = {[](std::chrono::milliseconds) {}, [] { return 0.0; }};
    std::vector<std::unique_ptr<Endpoint>> endpoints;
    for (const ModelChoice& model : setup_.models) {
      endpoints.push_back(*make_endpoint(model.name, how));
    }
    LiveAnswers answers(std::move(endpoints));
    auto result = run_model_campaign(setup_, answers, judge_, *store_, watcher_, stop_);
    EXPECT_TRUE(result) << result.error().text();
    return result ? *result : CampaignResult{};
  }
  Result<ReplayedModels> replay(int64_t id) {
    auto record = store_->campaign(id);
    ModelCampaignSetup again;
    again.campaign.kernels = setup_.campaign.kernels;
    again.task = setup_.task;
    again.prompts = setup_.prompts;
    Watcher silent;
    return replay_models(**record, again, *store_, silent);
  }

  std::string folder_;
  ModelCampaignSetup setup_;
  std::unique_ptr<Store> store_;
  TextJudge judge_;
  Watcher watcher_;
  std::atomic<bool> stop_ = false;
};

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
  };
  const size_t sent = answers.size();
  EndpointServer server(answers);
  model_at(server);
  budget("15proposals");
  const CampaignResult result = run();
  EXPECT_EQ(watcher_.outcomes,
            (std::vector<std::string>{"ok", "wrong_result", "ok", "patch_mismatch", "ok",
                                      "truncated", "empty", "ok", "ok", "ok", "transport",
                                      "no_code", "header_invalid", "unchanged", "transport"}));
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
