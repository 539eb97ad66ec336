#include "search/pareto.hpp"

#include <algorithm>
#include <limits>

namespace kbench {

bool dominates(const std::vector<double>& a, const std::vector<double>& b) {
  bool better = false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] > b[i]) return false;
    better = better || a[i] < b[i];
  }
  return better;
}

std::vector<size_t> front_of(const std::vector<std::vector<double>>& points) {
  constexpr size_t kNone = std::numeric_limits<size_t>::max();
  std::vector<size_t> front(points.size(), kNone);
  size_t placed = 0;
  for (size_t level = 0; placed < points.size(); ++level) {
    for (size_t i = 0; i < points.size(); ++i) {
      if (front[i] != kNone) continue;
      bool dominated = false;
      for (size_t j = 0; j < points.size() && !dominated; ++j) {
        // Those placed on this level are still rivals of the others.
        dominated = front[j] >= level && dominates(points[j], points[i]);
      }
      if (dominated) continue;
      front[i] = level;
      ++placed;
    }
  }
  return front;
}

std::vector<double> crowding(const std::vector<std::vector<double>>& points,
                             const std::vector<size_t>& fronts) {
  std::vector<double> distance(points.size(), 0);
  if (points.empty()) return distance;
  const size_t levels = 1 + *std::max_element(fronts.begin(), fronts.end());
  for (size_t level = 0; level < levels; ++level) {
    std::vector<size_t> front;
    for (size_t i = 0; i < points.size(); ++i) {
      if (fronts[i] == level) front.push_back(i);
    }
    for (size_t objective = 0; objective < points[0].size(); ++objective) {
      auto value = [&](size_t i) { return points[i][objective]; };
      std::stable_sort(front.begin(), front.end(),
                       [&](size_t a, size_t b) { return value(a) < value(b); });
      const double range = value(front.back()) - value(front.front());
      distance[front.front()] = distance[front.back()] = std::numeric_limits<double>::infinity();
      for (size_t i = 1; range > 0 && i + 1 < front.size(); ++i) {
        distance[front[i]] += (value(front[i + 1]) - value(front[i - 1])) / range;
      }
    }
  }
  return distance;
}

}  // namespace kbench
