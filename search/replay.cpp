#include "search/replay.hpp"

#include <time.h>

#include <atomic>
#include <cmath>
#include <thread>

#include "search/scoring.hpp"
#include "search/warm_start.hpp"

namespace kbench {
namespace {

// What one repeat leaves behind.
struct Run {
  std::vector<double> ranks, ranks_no_thinking;  // best so far at the scored times
  std::vector<double> best_over_optimum;         // at kCheckpoints
  double thinking_ms = 0, thinking_max_ms = 0;
  int64_t evaluations = 0;
};

double thread_cpu_ms() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return 1e3 * static_cast<double>(now.tv_sec) + 1e-6 * static_cast<double>(now.tv_nsec);
}

// Best so far over scored time, filled in as time goes by.
class Curve {
 public:
  Curve(const Scoring& scoring, std::vector<double>& ranks) : scoring_(scoring), ranks_(ranks) {}
  // An answer that arrives at `now_ms` counts from then on.
  void add(double now_ms, double rank) {
    fill_to(now_ms);
    best_ = std::max(best_, rank);
  }
  void fill_to(double now_ms) {
    while (ranks_.size() < Scoring::kPoints && scoring_.times_ms()[ranks_.size()] < now_ms) {
      ranks_.push_back(best_);
    }
  }
  bool full() const { return ranks_.size() == Scoring::kPoints; }

 private:
  const Scoring& scoring_;
  std::vector<double>& ranks_;
  double best_ = 0;  // before the first success: the slowest
};

Run run_once(const RecordedSpace& recorded, const Scoring& scoring, const ReplaySetup& setup,
             Strategy& strategy) {
  Run run;
  Curve with(scoring, run.ranks), without(scoring, run.ranks_no_thinking);
  double cost_ms = 0, best_ms = INFINITY;
  int64_t counted = 0;
  auto record_checkpoints = [&](int64_t evaluations) {
    while (run.best_over_optimum.size() < std::size(kCheckpoints) &&
           kCheckpoints[run.best_over_optimum.size()] <= evaluations) {
      // A run without any success counts as the slowest configuration.
      const double best = std::min(best_ms, scoring.at_rank(0));
      run.best_over_optimum.push_back(best / scoring.optimum_ms());
    }
  };
  while (!with.full() || !without.full() ||
         run.best_over_optimum.size() < std::size(kCheckpoints)) {
    const double began = thread_cpu_ms();
    auto asked = strategy.ask();
    double thought = thread_cpu_ms() - began;
    if (!asked) break;
    const RecordedRow& row = recorded.rows[*recorded.space.index_of(*asked)];
    const bool ok = row.status == RecordedStatus::ok;
    const double told = thread_cpu_ms();
    strategy.tell({*asked, ok ? std::optional<double>(1e6 * row.time_ms) : std::nullopt});
    thought += thread_cpu_ms() - told;
    run.thinking_ms += thought;
    run.thinking_max_ms = std::max(run.thinking_max_ms, thought);
    ++run.evaluations;
    if (!ok && !setup.charge_failures) continue;
    cost_ms += row.cost_ms();
    if (ok) {
      best_ms = std::min(best_ms, row.time_ms);
      const double rank = scoring.rank(row.time_ms);
      with.add(cost_ms + run.thinking_ms, rank);
      without.add(cost_ms, rank);
    } else {
      with.fill_to(cost_ms + run.thinking_ms);
      without.fill_to(cost_ms);
    }
    record_checkpoints(++counted);
  }
  with.fill_to(INFINITY);
  without.fill_to(INFINITY);
  record_checkpoints(INT64_MAX);
  return run;
}

ReplayResult summarise(const RecordedSpace& recorded, const Scoring& scoring,
                       const std::vector<Run>& runs, const std::string& strategy) {
  ReplayResult result{.space = recorded.name, .strategy = strategy, .budget = scoring.budget()};
  std::vector<std::vector<double>> ranks, ranks_no_thinking;
  double thinking_ms = 0, evaluations = 0;
  std::vector<double> logs(std::size(kCheckpoints), 0);
  for (const Run& run : runs) {
    ranks.push_back(run.ranks);
    ranks_no_thinking.push_back(run.ranks_no_thinking);
    thinking_ms += run.thinking_ms;
    evaluations += static_cast<double>(run.evaluations);
    result.thinking_max_us = std::max(result.thinking_max_us, 1e3 * run.thinking_max_ms);
    for (size_t i = 0; i < logs.size(); ++i) logs[i] += std::log(run.best_over_optimum[i]);
  }
  for (double log : logs) {
    result.best_over_optimum.push_back(std::exp(log / static_cast<double>(runs.size())));
  }
  const std::vector<double> best = scoring.mean_best_ms(ranks);
  result.score = scoring.score(best);
  result.score_no_thinking = scoring.score(scoring.mean_best_ms(ranks_no_thinking));
  result.times_ms = scoring.times_ms();
  result.best_ms = best;
  result.random_ms = scoring.baseline_ms();
  result.optimum_ms = scoring.optimum_ms();
  result.thinking_us = 1e3 * thinking_ms / std::max(1.0, evaluations);
  return result;
}

}  // namespace

Result<ReplayResult> replay(const RecordedSpace& recorded, const ReplaySetup& setup) {
  auto known = make_strategy(setup.strategy, setup.options, recorded.space, setup.seed);
  if (!known) return tl::unexpected(known.error());
  if ((*strategies().find(setup.strategy))->in_parts) {
    return bad_input(
        "strategy '" + setup.strategy + "' measures in parts, a recording has only whole ones",
        recorded.name, "'kbench run --strategy " + setup.strategy + "' searches with it");
  }
  const Scoring scoring(recorded);
  const std::vector<Configuration> first = known_to(recorded.space, setup.first);
  std::vector<Run> runs(static_cast<size_t>(setup.repeats));
  std::atomic<size_t> next = 0;
  auto work = [&] {
    for (size_t i = next++; i < runs.size(); i = next++) {
      auto own = make_strategy(setup.strategy, setup.options, recorded.space, setup.seed + i);
      auto strategy = first.empty() ? std::move(*own) : warm_start(first, std::move(*own));
      runs[i] = run_once(recorded, scoring, setup, *strategy);
    }
  };
  std::vector<std::thread> others;
  for (int i = 1; i < setup.threads; ++i) others.emplace_back(work);
  work();
  for (std::thread& other : others) other.join();
  return summarise(recorded, scoring, runs, setup.strategy);
}

ReplayResult mean_of(const std::vector<ReplayResult>& results) {
  ReplayResult mean{.space = "mean", .strategy = results.front().strategy};
  const auto count = static_cast<double>(results.size());
  mean.best_over_optimum.assign(std::size(kCheckpoints), 1);
  for (const ReplayResult& result : results) {
    mean.score += result.score / count;
    mean.score_no_thinking += result.score_no_thinking / count;
    mean.thinking_us += result.thinking_us / count;
    mean.thinking_max_us = std::max(mean.thinking_max_us, result.thinking_max_us);
    for (size_t i = 0; i < std::size(kCheckpoints); ++i) {
      mean.best_over_optimum[i] *= std::pow(result.best_over_optimum[i], 1 / count);
    }
  }
  return mean;
}

}  // namespace kbench
