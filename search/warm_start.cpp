#include "search/warm_start.hpp"

#include <algorithm>
#include <unordered_set>

#include "search/memory.hpp"
#include "search/moves.hpp"

namespace kbench {
namespace {

class WarmStart : public Strategy {
 public:
  WarmStart(std::vector<Configuration> first, std::unique_ptr<Strategy> inner)
      : first_(std::move(first)), asked_(first_.begin(), first_.end()), inner_(std::move(inner)) {}

  std::optional<Configuration> ask() override {
    inners_ = next_ == first_.size();
    if (!inners_) return first_[next_++];
    // What was asked and not told yet is unknown to it.
    while (auto next = inner_->ask()) {
      if (!asked_.contains(*next)) return next;
    }
    return std::nullopt;
  }
  void tell(const Observation& observation) override { inner_->tell(observation); }
  Fidelity fidelity() const override { return inners_ ? inner_->fidelity() : Fidelity{}; }

 private:
  std::vector<Configuration> first_;
  std::unordered_set<Configuration, ConfigurationHash> asked_;
  std::unique_ptr<Strategy> inner_;
  size_t next_ = 0;
  bool inners_ = false;  // the last ask
};

}  // namespace

std::vector<Params> fastest_of(const RecordedSpace& elsewhere, size_t count) {
  std::vector<size_t> order;
  for (size_t row = 0; row < elsewhere.rows.size(); ++row) {
    if (elsewhere.rows[row].status == RecordedStatus::ok) order.push_back(row);
  }
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return elsewhere.rows[a].time_ms < elsewhere.rows[b].time_ms;
  });
  std::vector<Configuration> chosen;
  for (size_t i = 0; i < order.size() && chosen.size() < count; ++i) {
    Configuration candidate = elsewhere.space.at(order[i]);
    const bool near = std::any_of(chosen.begin(), chosen.end(), [&](const Configuration& other) {
      return differing(candidate, other) < 2;
    });
    if (!near) chosen.push_back(std::move(candidate));
  }
  std::vector<Params> params;
  for (const Configuration& each : chosen) params.push_back(elsewhere.space.to_params(each));
  return params;
}

Result<std::vector<Params>> winners_of(const Store& store, const std::string& task, size_t count) {
  std::vector<Params> winners;
  const auto visited = store.for_each(
      [&](const StoredEvaluation& stored) {
        const Params& params = stored.evaluation.params;
        const bool won = stored.against_anchor && stored.against_anchor->verdict == Verdict::faster;
        if (won && std::find(winners.begin(), winners.end(), params) == winners.end()) {
          winners.push_back(params);
        }
        return winners.size() < count;
      },
      {.task = task, .evidence = Evidence::confirmed, .newest_first = true});
  if (!visited) return tl::unexpected(visited.error());
  return winners;
}

std::vector<Configuration> known_to(const Space& space, const std::vector<Params>& params) {
  std::vector<Configuration> known;
  for (const Params& each : params) {
    Params shared;
    for (const Param& param : space.params()) {
      const auto found = each.find(param.name);
      if (found != each.end()) shared.insert(*found);
    }
    const auto configuration = space.from_params(shared);
    if (!configuration || !space.valid(*configuration)) continue;
    if (std::find(known.begin(), known.end(), *configuration) == known.end()) {
      known.push_back(*configuration);
    }
  }
  return known;
}

std::unique_ptr<Strategy> warm_start(std::vector<Configuration> first,
                                     std::unique_ptr<Strategy> inner) {
  return std::make_unique<WarmStart>(std::move(first), std::move(inner));
}

}  // namespace kbench
