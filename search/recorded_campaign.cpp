#include "search/recorded_campaign.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "search/recorded_table.hpp"

namespace kbench {
namespace {

RecordedStatus status_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok:
      return RecordedStatus::ok;
    case Outcome::compile_error:
    case Outcome::compile_timeout:
      return RecordedStatus::compile;
    case Outcome::launch_error:
    case Outcome::resource_limit:
    case Outcome::timeout:
    case Outcome::crashed:
      return RecordedStatus::runtime;
    default:
      return RecordedStatus::invalid;
  }
}

double figure_of(const Evaluation& evaluation, Figure figure) {
  return figure == Figure::time ? evaluation.timing.median_ns / 1e6 : evaluation.call_joules * 1e3;
}

RecordedRow row_of(const Evaluation& evaluation, Figure figure) {
  RecordedRow row{.status = status_of(evaluation.outcome)};
  if (row.status == RecordedStatus::ok) row.time_ms = figure_of(evaluation, figure);
  const Costs& costs = evaluation.costs;
  row.costs = {costs.compile_ms, costs.verify_ms, costs.screen_ms, 0};
  const double after_compiling = costs.kernel_ms + costs.harness_ms;
  row.costs.framework_ms = std::max(0.0, after_compiling - costs.verify_ms - costs.screen_ms);
  return row;
}

// The problem and the device as params of the kernel.
Params surroundings(const Evaluation& evaluation) {
  const Problem& problem = evaluation.problem;
  Params params = {{"device", evaluation.device_model},
                   {"problem.cache", problem.cache == CacheMode::cold ? "cold" : "warm"},
                   {"problem.fill", problem.fill},
                   {"problem.threads", std::to_string(problem.threads)},
                   {"problem.variant", problem.variant}};
  for (const auto& [dim, value] : problem.dims) params["problem." + dim] = std::to_string(value);
  return params;
}

// One kernel's configurations, each once.
struct Recording {
  std::string name;
  RecordedTable table = {};
  std::set<Params> seen = {}, own = {};  // with and without problem and device
  bool any_ran = false;

  void add(const StoredEvaluation& stored, const Params& params, Figure figure) {
    if (!seen.insert(params).second) return;
    own.insert(stored.evaluation.params);
    RecordedTable::Row row{.recorded = row_of(stored.evaluation, figure),
                           .where = fmt::format("evaluation {}", stored.id)};
    any_ran = any_ran || row.recorded.status == RecordedStatus::ok;
    const bool first = table.params.empty();
    for (const auto& [param, value] : params) {
      if (first) table.params.push_back(param);
      row.values.push_back(value);
    }
    table.rows.push_back(std::move(row));
  }
};

bool was_judged(const Evaluation& evaluation, Figure figure) {
  if (figure == Figure::energy) return figure_of(evaluation, figure) > 0;
  if (evaluation.outcome != Outcome::ok) return evaluation.outcome != Outcome::internal_error;
  return evaluation.evidence == Evidence::screened && figure_of(evaluation, figure) > 0;
}

using ParamsOf = Params (*)(const Evaluation&);

Result<std::vector<RecordedSpace>> recorded(const Store& store, const Selection& selection,
                                            const std::string& suffix, ParamsOf params_of,
                                            Figure figure = Figure::time) {
  std::map<std::string, Recording> of_kernel;  // by hash
  const auto visited = store.for_each(
      [&](const StoredEvaluation& stored) {
        const Evaluation& evaluation = stored.evaluation;
        if (!was_judged(evaluation, figure)) return true;
        Recording& recording = of_kernel[evaluation.kernel_hash];
        recording.name =
            fmt::format("{}-{}{}", evaluation.problem.task,
                        std::filesystem::path(stored.kernel_name).stem().string(), suffix);
        recording.add(stored, params_of(evaluation), figure);
        return true;
      },
      selection);
  if (!visited) return tl::unexpected(visited.error());
  std::vector<RecordedSpace> spaces;
  for (auto& [hash, recording] : of_kernel) {
    if (recording.own.size() < 2 || !recording.any_ran) continue;
    auto space = to_recorded_space(std::move(recording.table), recording.name);
    if (!space) return tl::unexpected(space.error());
    spaces.push_back(std::move(*space));
  }
  return spaces;
}

}  // namespace

Result<std::vector<RecordedSpace>> recorded_campaign(const Store& store, int64_t campaign) {
  auto spaces = recorded(store, {.campaign = campaign}, fmt::format("-{}", campaign),
                         [](const Evaluation& evaluation) { return evaluation.params; });
  if (spaces && spaces->empty()) {
    return bad_input("no kernel of it was judged with two configurations",
                     fmt::format("campaign {}", campaign), "there is nothing to search in it");
  }
  return spaces;
}

Result<std::vector<RecordedSpace>> recorded_task(const Store& store, const std::string& task,
                                                 Figure figure) {
  auto params_of = [](const Evaluation& evaluation) {
    Params params = surroundings(evaluation);
    params.insert(evaluation.params.begin(), evaluation.params.end());
    return params;
  };
  auto spaces = recorded(store, {.task = task, .newest_first = true}, "", params_of, figure);
  if (spaces && spaces->empty()) {
    const bool energy = figure == Figure::energy;
    return bad_input(
        "no kernel of " + task + " was judged with two configurations" +
            (energy ? " and its energy measured" : ""),
        {}, "'kbench run " + task + (energy ? " --objectives time,energy" : "") + "' does that");
  }
  return spaces;
}

}  // namespace kbench
