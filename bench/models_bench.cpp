#include <benchmark/benchmark.h>

#include <filesystem>

#include "../tests/search/scripted_endpoint.hpp"
#include "../tests/search/scripted_models.hpp"
#include "search/models/model_campaign.hpp"

// What a campaign of models costs beside its models and its judge: eight calls in flight over HTTP
// on loopback, prompts of a real length, a database on disk.
namespace kbench {
namespace {

using scripted::EndpointServer;

constexpr int kProposals = 100;

// Takes its time over every kernel, one after the other, as a process of its own does: while
// nobody waits for it as well.
class SlowJudge final : public scripted::TextJudge {
 public:
  explicit SlowJudge(std::chrono::microseconds each) : each_(each) {}
  void ask(const EvaluationRequest& request) override {
    last_ = std::max(last_, std::chrono::steady_clock::now()) + each_;
    verdicts_.push_back(last_);
    TextJudge::ask(request);
  }
  bool ready(std::chrono::milliseconds wait) override {
    const auto until = std::chrono::steady_clock::now() + wait;
    std::this_thread::sleep_until(std::min(until, verdicts_.front()));
    return verdicts_.front() <= until;
  }
  Result<Evaluation> next() override {
    std::this_thread::sleep_until(verdicts_.front());
    verdicts_.pop_front();
    return TextJudge::next();
  }

 private:
  std::chrono::microseconds each_;
  std::chrono::steady_clock::time_point last_{};
  std::deque<std::chrono::steady_clock::time_point> verdicts_;
};

class Silent final : public CampaignObserver {
 public:
  void on_start(int64_t) override {}
  void on_phase(CampaignPhase) override {}
  void on_confirming(const Candidate&) override {}
  void on_evaluation(const CampaignProgress&, const Candidate&, const Evaluation&) override {}
  void on_confirmation(const Candidate&, const Confirmation&, bool) override {}
};

// A whole campaign; seconds.
double run(std::chrono::milliseconds endpoint, std::chrono::microseconds judge) {
  EndpointServer server;
  std::atomic<int> calls = 0;
  server.always = [&](const httplib::Request&, httplib::Response& response) {
    std::this_thread::sleep_for(endpoint);
    const std::string text = scripted::text_of("ns_" + std::to_string(100'000 - ++calls));
    response.set_content(scripted::completion(scripted::fenced(text)), "application/json");
  };
  std::string folder = (std::filesystem::temp_directory_path() / "kbench_bench_XXXXXX").string();
  mkdtemp(folder.data());
  auto store = *Store::open(folder + "/a.db", OpenMode::read_write);
  ModelCampaignSetup setup;
  setup.campaign.problem = {
      .task = "row_sum", .variant = "f32", .dims = {{"rows", 8}}, .fill = "normal"};
  setup.campaign.kernels = {scripted::start_of(scripted::text_of("ns_900000"))};
  setup.campaign.strategy = "random";
  setup.campaign.budget = *parse_budget(std::to_string(kProposals) + "proposals");
  setup.task.name = "row_sum";
  setup.prompts = *Prompts::load("");
  setup.knowledge = std::string(3000, 'x');
  setup.models = {{*parse_model("openai:m@" + server.url()), {}, true}};
  setup.in_flight = 8;
  setup.campaign.finalists = 0;
  const std::atomic<bool> stop = false;
  EndpointSetup how;
  how.waiting = real_waiting(stop);
  std::vector<std::unique_ptr<Endpoint>> endpoints;
  endpoints.push_back(*make_endpoint(setup.models[0].name, how));
  LiveAnswers answers(std::move(endpoints));
  SlowJudge slow(judge);
  Silent silent;
  const auto began = std::chrono::steady_clock::now();
  auto result = run_model_campaign(setup, answers, slow, *store, silent, stop);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  if (!result) std::abort();
  store.reset();
  std::filesystem::remove_all(folder);
  return took.count();
}

// Endpoint and judge take no time: what is left is kbench's, HTTP and the database included.
void overhead_of_a_proposal(benchmark::State& state) {
  for (auto _ : state) {
    state.SetIterationTime(run(std::chrono::milliseconds(0), std::chrono::microseconds(0)) /
                           kProposals);
  }
}
BENCHMARK(overhead_of_a_proposal)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(5);

// Replies come every 6 ms, the judge takes 20 ms: it should never wait.
void judge_busy_while_replies_wait(benchmark::State& state) {
  constexpr std::chrono::microseconds kJudge{20'000};
  double seconds = 0;
  for (auto _ : state) {
    seconds = run(std::chrono::milliseconds(50), kJudge);
    state.SetIterationTime(seconds);
  }
  // The first reply has to come first.
  state.counters["busy"] =
      (kProposals + 1) * std::chrono::duration<double>(kJudge).count() / (seconds - 0.05);
}
BENCHMARK(judge_busy_while_replies_wait)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(3);

}  // namespace
}  // namespace kbench
