#include "cli/source_judge.hpp"

#include "cli/sources.hpp"

namespace kbench {

namespace {

Result<Candidate> candidate_from(const SourceRequest& request, const std::string& name) {
  auto chosen = parse_params(request.params);
  if (!chosen) return tl::unexpected(chosen.error());
  auto kernel = parse_kernel_file(request.source, name);
  if (!kernel) {  // the judge says so, as an outcome
    Candidate candidate;
    candidate.kernel_text = request.source;
    candidate.kernel_name = name;
    return candidate;
  }
  auto params = complete_params(*kernel, *chosen);
  if (!params) return tl::unexpected(params.error());
  return candidate_of(*kernel, *params);
}

}  // namespace

Result<SourceJudge::Subject> SourceJudge::subject(const SourceRequest& request,
                                                  const std::string& name) const {
  auto task = find_task(tasks_folder(tasks_), request.task);
  if (!task) return tl::unexpected(task.error());
  auto problem = parse_problem(*task, request.problem);
  if (!problem) return tl::unexpected(problem.error());
  if (auto fits = check_threads(*problem); !fits) return tl::unexpected(fits.error());
  if (auto shapes = shapes_of(*task, *problem); !shapes) return tl::unexpected(shapes.error());
  auto anchor = candidate_of("naive", &*task, problem->variant);
  if (!anchor) return tl::unexpected(anchor.error());
  // By name, as campaigns have it, so that what is stored ranks beside theirs.
  anchor->compiler = compiler_names().front();
  if (request.source == "naive") return Subject{*anchor, *anchor, *problem};
  auto candidate = candidate_from(request, name);
  if (!candidate) return tl::unexpected(candidate.error());
  candidate->compiler = anchor->compiler;
  return Subject{std::move(*candidate), std::move(*anchor), std::move(*problem)};
}

template <class Ask>
auto SourceJudge::with_judge(Ask ask) -> decltype(ask(std::declval<JudgeClient&>())) {
  if (!judge_) {
    auto started = JudgeClient::start({tasks_, "", 0});
    if (!started) return tl::unexpected(started.error());
    judge_ = std::move(*started);
  }
  auto answer = ask(*judge_);
  if (!answer) judge_.reset();
  return answer;
}

Result<Evaluation> SourceJudge::evaluate(const Subject& subject) {
  return with_judge([&](JudgeClient& judge) {
    judge.ask({1, subject.candidate, subject.problem, "cpu", Evidence::screened, 0});
    return judge.next();
  });
}

Result<Confirmation> SourceJudge::confirm(const Subject& subject) {
  ConfirmationRequest request;
  request.candidate = subject.candidate;
  request.anchor = subject.anchor;
  request.problem = subject.problem;
  return with_judge([&](JudgeClient& judge) { return judge.confirm(request); });
}

Result<Confirmation> SourceJudge::confirm_anchor(const Subject& subject) {
  ConfirmationRequest request;
  request.candidate = subject.anchor;
  request.problem = subject.problem;
  return with_judge([&](JudgeClient& judge) { return judge.confirm(request); });
}

Result<Judged<Comparison>> SourceJudge::compare(const Candidate& a, const Candidate& b,
                                                const Problem& problem, double longest_s) {
  return with_judge([&](JudgeClient& judge) {
    return judge.compare({a, b, problem, "cpu", longest_s});
  });
}

Result<JudgeClient::Device> SourceJudge::describe(int threads) {
  return with_judge([&](JudgeClient& judge) { return judge.describe(threads); });
}

}  // namespace kbench
