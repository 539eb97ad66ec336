#include "harness/candidate_life.hpp"

#include <algorithm>
#include <chrono>
#include <string>

#include "harness/call_energy.hpp"
#include "harness/duel.hpp"
#include "harness/verify.hpp"

namespace kbench {
namespace {

TimerRule timer_rule(const Problem& problem) {
  TimerRule rule;
  rule.whole_ring = problem.cache == CacheMode::cold;
  return rule;
}

// An honest kernel far slower than the incumbent may be stopped early; without one, half a minute.
std::chrono::milliseconds deadline_for(double incumbent_ns, int sets) {
  if (incumbent_ns <= 0) return std::chrono::milliseconds{30'000};
  const double ms = incumbent_ns * 1e-6 * 100 * sets;
  return std::chrono::milliseconds{static_cast<int64_t>(std::clamp(ms, 1'000.0, 30'000.0))};
}

// Tensors to a GPU and back.
constexpr std::chrono::milliseconds kCopying{10'000};

// Margin under a measured ceiling before a time counts as impossible: ceilings are noisy too.
constexpr double kFloorMargin = 1.5;

// Operations and bytes of a problem that the emulated device still runs, beside the ladder.
constexpr double kMostEmulatedWork = 1e8;
constexpr std::chrono::milliseconds kEmulatedDeadline{60'000};

}  // namespace

size_t CandidateLife::timed_part() const {
  size_t part = 0;
  for (size_t rung = 0; rung < ladder_.size(); ++rung) {
    part += build_.ladder[rung] && build_.ladder_images[rung] == build_.image.path ? 1 : 0;
  }
  return part;
}

Judged<void> CandidateLife::load(double incumbent_ns) {
  auto ladder = session_.ladder(task_, problem_);
  if (!ladder) return tl::unexpected(environment_fault(ladder.error()));
  ladder_ = std::move(*ladder);
  auto timed = session_.timed(task_, problem_);
  if (!timed) return tl::unexpected(environment_fault(timed.error()));
  timed_ = *timed;
  evaluation_.seed = timed_->seed(0);
  auto kernel = load_build(session_.arena(), session_.server(), build_, ladder_, timed_, limits_);
  if (!kernel) return tl::unexpected(kernel.error());
  kernel_ = std::move(*kernel);
  const bool copies = session_.device().is_gpu();
  kernel_->set_deadline(deadline_for(incumbent_ns, timed_->ring().sets()) +
                        (copies ? kCopying : std::chrono::milliseconds{0}));
  evaluation_.prepare_ns = kernel_->prepare_ns();
  return {};
}

Judged<void> CandidateLife::verify(bool screen_follows) {
  auto found =
      verify_ladder(session_.arena(), session_.server(), build_, ladder_, *kernel_, limits_);
  if (!found) return tl::unexpected(found.error());
  kernel_ns_ += found->kernel_ns;
  evaluation_.rms_error = found->deviation.rms();
  if (!screen_follows) {
    auto right = verify_timed(*kernel_, timed_part(), session_.random());
    if (!right) return right;
  }
  evaluation_.notes.push_back("verified on " + std::to_string(found->problems + 1) +
                              " problems with " + std::to_string(task_.fills.size()) + " fills");
  if (found->unsupported > 0) {
    evaluation_.notes.push_back("its header excludes " + std::to_string(found->unsupported) +
                                " of the task's verification problems");
  }
  return {};
}

Judged<void> CandidateLife::emulate() {
  limits_ = session_.emulated_limits();
  auto ladder = session_.ladder(task_, problem_);
  if (!ladder) return tl::unexpected(environment_fault(ladder.error()));
  ladder_ = std::move(*ladder);
  std::unique_ptr<ProblemContext> asked;
  if (work_of(task_, problem_) <= kMostEmulatedWork) {
    auto opened = session_.open_once(task_, problem_, {1, {problem_.fill}});
    if (!opened) return tl::unexpected(environment_fault(opened.error()));
    asked = std::move(*opened);
  }
  auto kernel =
      load_build(session_.arena(), session_.server(), build_, ladder_, asked.get(), limits_);
  if (!kernel) return tl::unexpected(kernel.error());
  kernel_ = std::move(*kernel);
  kernel_->set_deadline(kEmulatedDeadline);
  auto found =
      verify_ladder(session_.arena(), session_.server(), build_, ladder_, *kernel_, limits_);
  if (found && asked) {
    auto last = verify_part(*kernel_, timed_part());
    if (!last) return tl::unexpected(last.error());
    found->problems += last->problems;
    found->deviation += last->deviation;
  }
  kernel_.reset();
  if (!found) return tl::unexpected(found.error());
  evaluation_.rms_error = found->deviation.rms();
  evaluation_.notes.push_back("verified on " + std::to_string(found->problems) + " problems with " +
                              std::to_string(task_.fills.size()) + " fills");
  if (!asked) {
    evaluation_.notes.push_back("the problem itself is too large to emulate: not run");
  }
  return {};
}

Judged<void> CandidateLife::screen(double incumbent_ns, double fidelity) {
  NativeDevice device(*kernel_, timed_part(), session_.random()());
  Timer<NativeDevice> timer(device, in_part(timer_rule(problem_), fidelity), session_.random()());
  kernel_->gpu_notes();  // of the verification
  auto timing = timer.screen(incumbent_ns);
  kernel_ns_ += timer.kernel_ns();
  for (std::string& note : kernel_->gpu_notes()) evaluation_.notes.push_back(std::move(note));
  if (!timing) return tl::unexpected(timing.error());
  evaluation_.timing = std::move(*timing);
  return weigh(evaluation_.timing.median_ns);
}

void CandidateLife::measure_energy() {
  kernel_->set_deadline(deadline_for(0, 0));
  evaluation_.call_joules =
      call_joules(session_, *kernel_, timed_part(), evaluation_.timing.median_ns);
}

Judged<void> CandidateLife::weigh(double ns) {
  evaluation_.flops = flops_of(task_, problem_).value_or(0);
  evaluation_.bytes = bytes_of(task_, problem_).value_or(0);
  auto ceilings = session_.ceilings(problem_.threads);
  if (!ceilings || ns <= 0) return {};
  Floor floor = roofline_floor(*ceilings, task_, problem_);
  if (ns < floor.ns) {  // the machine may have been busy when it was measured
    if (auto raised = session_.raise_ceilings(problem_.threads)) {
      floor = roofline_floor(*raised, task_, problem_);
    }
  }
  evaluation_.roofline_share = floor.ns / ns;
  if (ns * kFloorMargin >= floor.ns) return {};
  const bool gpu = session_.device().is_gpu();
  const std::string what = std::to_string(floor.ns / ns).substr(0, 4) + " times faster than " +
                           (gpu ? "the GPU's " : "this machine's measured ") +
                           (floor.by_memory ? "bandwidth" : "arithmetic") + " allows";
  // The floor binds where every byte must come from memory, or for plain f32 and f64 arithmetic;
  // small types have wider units than the probe measures, and warm data may sit in a nearer cache.
  // On a GPU matrix units may do f32 arithmetic in parts.
  const Variant* variant = task_.variant(problem_.variant);
  const bool plain = !gpu && variant != nullptr && variant->name.starts_with("f32");
  const bool binds = floor.by_memory ? problem_.cache == CacheMode::cold : plain;
  if (binds) return fault(Outcome::suspicious, "floor", what);
  evaluation_.notes.push_back(what);
  return {};
}

}  // namespace kbench
