#pragma once

#include <gtest/gtest.h>

#include <csignal>
#include <deque>
#include <filesystem>
#include <set>

#include "harness/plan.hpp"
#include "search/campaign.hpp"

namespace kbench::scripted {

// A kernel with params A and B, 64 configurations, of which A = 7 never compiles.
inline SearchKernel kernel(const std::string& name, const std::string& values = "0 1 2 3 4 5 6 7") {
  auto file = parse_kernel_file(
      "// kbench: task     row_sum\n"
      "// kbench: language cpp\n"
      "// kbench: param    A " +
          values +
          "\n"
          "// kbench: param    B " +
          values +
          "\n"
          "// kbench: launch   " +
          name + "(x, y, rows, cols)\n",
      name + ".cpp");
  if (!file) throw std::runtime_error(file.error().text());
  auto space = Space::build(*file, {}, {});
  if (!space) throw std::runtime_error(space.error().text());
  return {*file, *space};
}

// A device with fixed times for 8 rows: 100 us / (1 + A) + B us, halved for kernels called "fast".
class Device : public Evaluator {
 public:
  static constexpr double kWatts = 50;

  explicit Device(int depth = 3) : depth_(depth) {}

  int depth() const override { return depth_; }
  void ask(const EvaluationRequest& request) override {
    ASSERT_LT(static_cast<int>(open_.size()), depth_) << "more asks open than the device takes";
    open_.push_back(request);
    to_beat_ns.push_back(request.incumbent_ns);
    rows.push_back(rows_of(request.problem));
    visited.push_back(request.candidate.kernel_name + " " + canonical(request.candidate.params));
  }
  Result<Evaluation> next() override {
    const EvaluationRequest request = open_.front();
    open_.pop_front();
    if (stop_after >= 0 && static_cast<int>(visited.size()) > stop_after) {
      if (dies) raise(SIGKILL);
      if (stop) *stop = true;
    }
    now_ns += 10'000'000;
    Evaluation evaluation = judge(request.candidate, request.problem, request.id);
    if (request.energy) evaluation.call_joules = kWatts * evaluation.timing.median_ns * 1e-9;
    if (request.fidelity < 1 && evaluation.outcome == Outcome::ok) {
      evaluation.evidence = Evidence::verified;
      ++in_part;
    }
    return evaluation;
  }
  Result<Confirmation> confirm(const ConfirmationRequest& request) override {
    EXPECT_TRUE(open_.empty()) << "a confirmation wants the device for itself";
    now_ns += 500'000'000;
    confirmed.push_back(canonical(request.candidate.params));
    Confirmation confirmation;
    confirmation.evaluation = judge(request.candidate, request.problem, request.id);
    confirmation.evaluation.evidence = Evidence::confirmed;
    const double own = confirmation.evaluation.timing.median_ns;
    confirmation.shrinkage = own / request.screen_ns - 1;
    auto against = [&](const std::optional<Candidate>& other) -> std::optional<Comparison> {
      if (!other) return std::nullopt;
      Comparison comparison;
      comparison.a_ns = own;
      comparison.b_ns = judge(*other, request.problem, 0).timing.median_ns;
      comparison.ratio = comparison.a_ns / comparison.b_ns;
      comparison.verdict = never_faster            ? Verdict::inconclusive
                           : comparison.ratio < 1  ? Verdict::faster
                           : comparison.ratio == 1 ? Verdict::same
                                                   : Verdict::slower;
      return comparison;
    };
    confirmation.against_incumbent = against(request.incumbent);
    confirmation.against_anchor = against(request.anchor);
    return confirmation;
  }

  std::vector<std::string> visited, confirmed;
  std::vector<double> to_beat_ns;  // as asked with each visit
  std::vector<int64_t> rows;       // of its problem
  std::atomic<bool>* stop = nullptr;
  int stop_after = -1;  // evaluations, then `stop` is set as Ctrl-C would
  bool dies = false;    // ... or the whole process is killed
  bool never_faster = false;
  int in_part = 0;     // answers to asks for a part of a screen
  int64_t now_ns = 0;  // what a clock of this device shows

 private:
  static int64_t rows_of(const Problem& problem) {
    const auto rows = problem.dims.find("rows");
    return rows == problem.dims.end() ? 8 : rows->second;
  }
  static Evaluation judge(const Candidate& candidate, const Problem& problem, int64_t id) {
    const auto file = parse_kernel_file(candidate.kernel_text, candidate.kernel_name);
    const int a = std::stoi(candidate.params.at("A")), b = std::stoi(candidate.params.at("B"));
    Evaluation evaluation;
    evaluation.id = id;
    evaluation.params = candidate.params;
    evaluation.problem = problem;
    evaluation.device = "scripted";
    evaluation.device_model = "scripted model";
    evaluation.costs = {
        .compile_ms = 5, .verify_ms = 1, .screen_ms = 2, .kernel_ms = 0.5, .harness_ms = 3};
    evaluation.kernel_hash = file->hash();
    evaluation.candidate_hash = candidate_hash(*file, candidate.params, candidate.language);
    evaluation.build_hash = evaluation.equivalent_hash = evaluation.candidate_hash;
    if (a == 7) {
      evaluation.outcome = Outcome::compile_error;
      evaluation.rule = "compiler";
      return evaluation;
    }
    const double speed = (candidate.kernel_name.starts_with("fast") ? 16.0 : 8.0) /
                         static_cast<double>(rows_of(problem));
    evaluation.outcome = Outcome::ok;
    evaluation.evidence = Evidence::screened;
    evaluation.code_bytes = 100 * (8 + a - b);
    evaluation.timing = summarise({(100'000.0 / (1 + a) + 1000.0 * b) / speed});
    return evaluation;
  }

  int depth_;
  std::deque<EvaluationRequest> open_;
};

class Silent : public CampaignObserver {
 public:
  void on_start(int64_t) override {}
  void on_confirming(const Candidate&) override {}
  void on_phase(CampaignPhase phase) override { phases.push_back(phase); }
  void on_evaluation(const CampaignProgress& progress, const Candidate&,
                     const Evaluation& evaluation) override {
    ++evaluations;
    failures += evaluation.outcome != Outcome::ok;
    last = progress;
  }
  void on_confirmation(const Candidate&, const Confirmation&, bool promoted) override {
    ++confirmations;
    promotions += promoted;
  }
  std::vector<CampaignPhase> phases;
  int evaluations = 0, failures = 0, confirmations = 0, promotions = 0;
  CampaignProgress last;
};

}  // namespace kbench::scripted
