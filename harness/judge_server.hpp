#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "harness/evaluation.hpp"
#include "harness/judge.hpp"

namespace kbench {

// `kbench judge`: answers JSON lines from standard input on standard output until it ends
// (docs/protocol.md). Evaluations are compiled beside the timing of those before them and answered
// in the order of the asks. Returns the exit code.
int serve_judge(const JudgeOptions& options);

// How long what takes: the paired comparison's rule as a request may state it.
struct CompareRequest {
  Candidate a, b;
  Problem problem;
  std::string device = "cpu";
  double longest_s = 5;
};

// One line of the protocol. Bytes that are no UTF-8 are replaced, never thrown at.
std::string line_of(const nlohmann::json& json);

// The judge as a child process (or, later, over a wire): JSON lines either way.
class JudgeClient final : public Evaluator {
 public:
  // `program`: this kbench; options as `kbench judge` takes them.
  static Result<std::unique_ptr<JudgeClient>> start(const JudgeOptions& options);
  ~JudgeClient() override;

  int depth() const override { return 3; }
  void ask(const EvaluationRequest& request) override;
  bool ready(std::chrono::milliseconds wait) override;
  Result<Evaluation> next() override;
  Result<Confirmation> confirm(const ConfirmationRequest& request) override;
  // A Fault names the kernel that failed.
  Result<Judged<Comparison>> compare(const CompareRequest& request);
  // Compilers found, sandbox level, ceilings for `threads`, launch latency.
  struct Device {
    std::vector<std::string> compilers;
    std::string sandbox;
    Ceilings ceilings;
    double launch_ns = 0;  // of a kernel that does nothing, from its release to its end
  };
  Result<Device> describe(int threads);

 private:
  struct State;
  explicit JudgeClient(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace kbench
