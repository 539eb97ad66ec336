#pragma once

#include <memory>
#include <string>

#include "harness/judge_server.hpp"

namespace kbench {

// What programs send to be judged: a kernel's text, never a path.
struct SourceRequest {
  std::string task, problem, source, params;  // problem and params as the commands take them
};

// A judge that lives as long as its owner and takes kernels as text, one at a time. A judge process
// that dies is replaced for the next call.
class SourceJudge {
 public:
  explicit SourceJudge(std::string tasks) : tasks_(std::move(tasks)) {}

  struct Subject {
    Candidate candidate, anchor;  // the anchor is the task's reference as a kernel
    Problem problem;
  };
  // An error: no such task or problem, or params that the kernel does not have. A bad header is the
  // judge's to refuse. `source` "naive" is the reference.
  Result<Subject> subject(const SourceRequest& request, const std::string& name) const;

  Result<Evaluation> evaluate(const Subject& subject);
  // On fresh inputs and held-out shapes, and in pairs against the anchor.
  Result<Confirmation> confirm(const Subject& subject);
  // The anchor alone, as what others are compared with.
  Result<Confirmation> confirm_anchor(const Subject& subject);
  Result<Judged<Comparison>> compare(const Candidate& a, const Candidate& b, const Problem& problem,
                                     double longest_s);
  Result<JudgeClient::Device> describe(int threads);

  const std::string& tasks() const { return tasks_; }

 private:
  template <class Ask>
  auto with_judge(Ask ask) -> decltype(ask(std::declval<JudgeClient&>()));

  std::string tasks_;  // as --tasks has it
  std::unique_ptr<JudgeClient> judge_;
};

}  // namespace kbench
