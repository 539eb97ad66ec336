#pragma once

#include <memory>
#include <random>
#include <string>

#include "harness/build.hpp"
#include "harness/ceilings.hpp"
#include "harness/evaluation.hpp"
#include "harness/loaded_kernel.hpp"
#include "harness/pairing.hpp"

namespace kbench {

class BenchSession;
struct Device;

struct JudgeOptions {
  std::string tasks;  // folder of tasks; empty: data_root()/tasks
  std::string cache;  // compiled images; empty: cache_folder()
  uint64_t seed = 0;  // of inputs; 0: drawn from the system, so that no kernel can know it
};

// Owns inputs, expected outputs, clocks and the verdict for one device. Everything but build() is
// for one thread.
class Judge {
 public:
  // Binds the calling thread, and what it starts, to the cores that kernels are not timed on: a
  // judge that shares a core with its worker reads waits as work.
  static Result<std::unique_ptr<Judge>> start(const JudgeOptions& options);
  ~Judge();

  // Parses, plans and compiles a candidate; thread-safe, beside the timing of others.
  struct Prepared {
    Judged<Build> build;
    CompiledImage image;
  };
  Prepared prepare(const Candidate& candidate, const Problem& problem,
                   const std::string& device = "cpu");

  // Verifies and screens, as far as request.until.
  Evaluation evaluate(const EvaluationRequest& request, Prepared prepared);
  // Fresh inputs, held-out shapes, outputs against the incumbent's and the anchor's, paired timing.
  Confirmation confirm(const ConfirmationRequest& request);
  // Pairs a against b; both are verified first.
  Judged<Comparison> compare(const Candidate& a, const Candidate& b, const Problem& problem,
                             const std::string& device, const PairingRule& rule);

  Result<Ceilings> ceilings(int threads);
  // Median time of releasing and awaiting a kernel that does nothing, as the clock of results has
  // it.
  Result<double> launch_ns();
  Compiler& compiler();
  std::string sandbox() const;

 private:
  explicit Judge(std::unique_ptr<BenchSession> session);
  std::string sandbox_for(const std::string& device) const;
  Judged<std::vector<Problem>> verify_held_out(const Task& task, const Candidate& candidate,
                                               const Problem& problem, const Device& device);
  tl::expected<Comparison, PairFault> duel_of(const Build& candidate, const Candidate& other,
                                              const Task& task, const Problem& problem,
                                              const std::string& device, PairingRule rule);

  std::unique_ptr<BenchSession> session_;
};

}  // namespace kbench
