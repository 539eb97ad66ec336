#include "search/scoring_check.hpp"

#include <algorithm>
#include <numeric>

#include "search/memory.hpp"
#include "search/scoring.hpp"

namespace kbench {
namespace {

// Best so far at each point in time, summed over searches.
struct Sums {
  std::vector<double> of_point = std::vector<double>(Scoring::kPoints, 0);
  size_t next = 0;  // of the search under way

  template <class Before>
  void fill(double best, Before&& before) {
    for (; next < of_point.size() && before(next); ++next) of_point[next] += best;
  }
};

}  // namespace

ScoringCheck check_scoring(const RecordedSpace& recorded, int permutations, uint64_t seed) {
  const Scoring scoring(recorded);
  std::vector<double> ranks;
  for (const RecordedRow& row : recorded.rows) {
    ranks.push_back(row.status == RecordedStatus::ok ? scoring.rank(row.time_ms) : 0);
  }
  std::mt19937_64 random(seed);
  std::vector<size_t> order(recorded.rows.size());
  std::iota(order.begin(), order.end(), size_t{0});
  Sums counted, costs;
  for (int i = 0; i < permutations; ++i) {
    counted.next = costs.next = 0;
    double now_ms = 0, best = 0;
    for (size_t drawn = 0; drawn < order.size(); ++drawn) {
      std::swap(order[drawn], order[drawn + draw(random, order.size() - drawn)]);
      const size_t row = order[drawn];
      now_ms += recorded.rows[row].cost_ms();
      const auto before = [&](size_t point) {
        return scoring.draws()[point] <= static_cast<double>(drawn);
      };
      counted.fill(best, before);
      costs.fill(best, [&](size_t point) { return scoring.times_ms()[point] < now_ms; });
      best = std::max(best, ranks[row]);
      if (counted.next == Scoring::kPoints && costs.next == Scoring::kPoints) break;
    }
    counted.fill(best, [](size_t) { return true; });
    costs.fill(best, [](size_t) { return true; });
  }
  const auto score = [&](const Sums& sums) {
    std::vector<double> best_ms;
    for (const double sum : sums.of_point) best_ms.push_back(scoring.at_rank(sum / permutations));
    return scoring.score(best_ms);
  };
  return {score(counted), score(costs)};
}

}  // namespace kbench
