#pragma once

#include <deque>
#include <regex>
#include <string>

#include "harness/plan.hpp"
#include "search/campaign.hpp"

namespace kbench::scripted {

// A kernel whose text says what the scripted judge makes of it.
inline std::string text_of(const std::string& fate, const std::string& params = "") {
  return "// kbench: task     row_sum\n// kbench: language cpp\n" + params +
         "// kbench: launch   sum(x, y, rows, cols)\nint " + fate + ";\n";
}
inline std::string fenced(const std::string& text) {
  return "It is faster because it is.\n```cpp\n" + text + "```\n";
}

inline SearchKernel start_of(const std::string& text) {
  auto file = parse_kernel_file(text, "naive");
  auto space = Space::build(*file, {}, {});
  return {*file, *space};
}

// Takes the time in the text, `ns_1200`, times 1 + the sum of |P - 4| over the params P; `narrow`
// is right for 8 rows only.
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
      comparison.verdict = undecided              ? Verdict::inconclusive
                           : comparison.ratio < 1 ? Verdict::faster
                                                  : Verdict::slower;
      return comparison;
    };
    confirmation.against_anchor = against(request.anchor);
    confirmation.against_incumbent = against(request.incumbent);
    return confirmation;
  }
  int judged = 0;
  bool undecided = false;  // no comparison proves anything

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
      auto says = [&](const char* word) {
        return candidate.kernel_text.find(word) != std::string::npos;
      };
      evaluation.outcome = says("wrong")   ? Outcome::wrong_result
                           : says("cheat") ? Outcome::suspicious
                                           : Outcome::compile_error;
      evaluation.message = "y[0] is 1, expected 2";
      return evaluation;
    }
    if (problem.dims.at("rows") != 8 && candidate.kernel_text.find("narrow") != std::string::npos) {
      evaluation.outcome = Outcome::wrong_result;
      evaluation.message = "only right for 8 rows";
      return evaluation;
    }
    int factor = 1;
    for (const auto& [name, value] : candidate.params) factor += std::abs(std::stoi(value) - 4);
    evaluation.outcome = Outcome::ok;
    evaluation.evidence = Evidence::screened;
    evaluation.timing = summarise({std::stod(time[1]) * factor});
    return evaluation;
  }
  std::deque<EvaluationRequest> open_;
};

}  // namespace kbench::scripted
