#include <algorithm>

#include "backends/device.hpp"
#include "harness/bench_session.hpp"
#include "harness/call_energy.hpp"
#include "harness/duel.hpp"
#include "harness/environment.hpp"
#include "harness/held_out.hpp"
#include "harness/judge.hpp"
#include "harness/verify.hpp"

namespace kbench {

namespace {

constexpr int kHeldOutProblems = 2;

// Most of a pair on a GPU is copying tensors there and back: large ones are compared on fewer.
int most_pairs(const Task& task, const Problem& problem, bool gpu) {
  constexpr double kCopiedBytes = 4e9, kFewest = 4;
  const double most = PairingRule().most_pairs;
  const double bytes = bytes_of(task, problem).value_or(0);
  if (!gpu || bytes <= 0) return static_cast<int>(most);
  return static_cast<int>(std::clamp(kCopiedBytes / bytes, kFewest, most));
}

PairingRule pairing_rule(const Problem& problem, int finalists) {
  PairingRule rule;
  rule.comparison.comparisons = finalists;
  rule.timer.whole_ring = problem.cache == CacheMode::cold;
  return rule;
}

void refuse(Evaluation& evaluation, const Fault& fault) {
  evaluation.outcome = fault.outcome;
  evaluation.rule = fault.rule;
  evaluation.message = fault.message;
}

// As call_joules, in a worker of its own.
double joules_of(BenchSession& session, const Build& build, ProblemContext& problem,
                 double call_ns) {
  if (!may_count_energy(session.device())) return 0;
  const WorkerLimits limits = session.worker_limits(problem.problem().threads, build.kernel);
  auto kernel = LoadedKernel::load(session.arena(), session.server(), build.image.path,
                                   {{&problem, &build.timed}}, limits);
  return kernel ? call_joules(session, **kernel, 0, call_ns) : 0;
}

}  // namespace

Judged<std::vector<Problem>> Judge::verify_held_out(const Task& task, const Candidate& candidate,
                                                    const Problem& problem, const Device& device) {
  std::vector<Problem> drawn = draw_held_out(task, problem, kHeldOutProblems, session_->random());
  CompiledImage image;
  auto build = make_build(session_->compiler(device, candidate.language), candidate, task, problem,
                          drawn, bindings_of(device, candidate.language), image);
  if (!build) return tl::unexpected(build.error());
  std::vector<Problem> held_out;
  const WorkerLimits limits = session_->worker_limits(problem.threads, build->kernel);
  for (size_t i = 0; i < drawn.size(); ++i) {
    if (!build->ladder[i]) continue;  // the header excludes this shape
    const Arena::Mark mark = session_->arena().mark();
    {
      auto context = session_->open_once(task, drawn[i], {});
      if (!context) return tl::unexpected(environment_fault(context.error()));
      auto kernel =
          LoadedKernel::load(session_->arena(), session_->server(), build->ladder_images[i],
                             {{context->get(), &*build->ladder[i]}}, limits);
      if (!kernel) return tl::unexpected(kernel.error());
      if (auto right = verify_part(**kernel, 0); !right) return tl::unexpected(right.error());
    }
    session_->arena().release(mark);
    held_out.push_back(drawn[i]);
  }
  return held_out;
}

tl::expected<Comparison, PairFault> Judge::duel_of(const Build& candidate, const Candidate& other,
                                                   const Task& task, const Problem& problem,
                                                   const std::string& device, PairingRule rule) {
  Prepared prepared = prepare(other, problem, device);
  if (!prepared.build) return tl::unexpected(PairFault{PairFault::Side::b, prepared.build.error()});
  rule.most_pairs =
      std::min(rule.most_pairs, most_pairs(task, problem, session_->device().is_gpu()));
  auto timed = session_->timed(task, problem);
  if (!timed) {
    return tl::unexpected(PairFault{PairFault::Side::b, environment_fault(timed.error())});
  }
  return duel(*session_, candidate, *prepared.build, **timed, rule);
}

Confirmation Judge::confirm(const ConfirmationRequest& request) {
  Confirmation confirmation;
  confirmation.id = request.id;
  Evaluation& evaluation = confirmation.evaluation;
  auto task = session_->task(request.problem.task);
  const auto device = parse_device(request.device);
  const bool times = device && device->times();
  if (task && times) {
    if (auto ready = session_->use_device(*device); !ready) task = tl::unexpected(ready.error());
  }
  if (task && times) {
    // Renewed first, so that even a kernel that learned this judge's inputs meets unknown ones.
    if (auto renewed = session_->renew(**task, request.problem); !renewed) {
      task = tl::unexpected(renewed.error());
    }
  }
  if (!task) {
    refuse(evaluation, environment_fault(task.error()));
    return confirmation;
  }
  Prepared prepared = prepare(request.candidate, request.problem, request.device);
  EvaluationRequest screen{.id = request.id,
                           .candidate = request.candidate,
                           .problem = request.problem,
                           .device = request.device};
  evaluation = evaluate(screen, prepared);
  if (evaluation.outcome != Outcome::ok || !times) return confirmation;

  auto held_out = verify_held_out(**task, request.candidate, request.problem, *device);
  if (!held_out) {
    evaluation.evidence = Evidence::compiled;
    refuse(evaluation, held_out.error());
    return confirmation;
  }
  confirmation.held_out = std::move(*held_out);

  const PairingRule rule = pairing_rule(request.problem, request.finalists);
  auto against = [&](const std::optional<Candidate>& other, std::optional<Comparison>& result) {
    if (!other) return true;
    auto compared = duel_of(*prepared.build, *other, **task, request.problem, request.device, rule);
    if (compared) {
      result = std::move(*compared);
      const double screened_ns = evaluation.timing.median_ns;
      evaluation.timing = summarise(result->a_samples_ns);
      evaluation.roofline_share *= screened_ns / evaluation.timing.median_ns;
    } else if (compared.error().side == PairFault::Side::a) {
      refuse(evaluation, compared.error().fault);
      return false;
    } else {
      evaluation.notes.push_back("the kernel it was compared with failed: " +
                                 compared.error().fault.message);
    }
    return true;
  };
  if (!against(request.anchor, confirmation.against_anchor)) return confirmation;
  if (!against(request.incumbent, confirmation.against_incumbent)) return confirmation;
  evaluation.evidence = Evidence::confirmed;
  if (auto timed = session_->timed(**task, request.problem)) {
    evaluation.call_joules =
        joules_of(*session_, *prepared.build, **timed, evaluation.timing.median_ns);
  }
  const double screened = request.screen_ns > 0 ? request.screen_ns : evaluation.timing.median_ns;
  if (screened > 0) confirmation.shrinkage = evaluation.timing.median_ns / screened - 1;
  return confirmation;
}

Judged<Comparison> Judge::compare(const Candidate& a, const Candidate& b, const Problem& problem,
                                  const std::string& device, const PairingRule& rule) {
  auto task = session_->task(problem.task);
  if (!task) return tl::unexpected(environment_fault(task.error()));
  Prepared prepared;
  for (const Candidate* candidate : {&b, &a}) {
    prepared = prepare(*candidate, problem, device);
    const Evaluation verified =
        evaluate({0, *candidate, problem, device, Evidence::verified, 0}, prepared);
    if (verified.outcome != Outcome::ok) {
      return fault(verified.outcome, verified.rule,
                   candidate->kernel_name + ": " + verified.message);
    }
  }
  auto compared = duel_of(*prepared.build, b, **task, problem, device, rule);
  if (compared) return *compared;
  const bool a_failed = compared.error().side == PairFault::Side::a;
  Fault failed = compared.error().fault;
  failed.message = (a_failed ? a : b).kernel_name + ": " + failed.message;
  return tl::unexpected(failed);
}

}  // namespace kbench
