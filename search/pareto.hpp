#pragma once

#include <cstddef>
#include <vector>

namespace kbench {

// Several objectives, all to minimise: nowhere worse and somewhere better.
bool dominates(const std::vector<double>& a, const std::vector<double>& b);

// Of each point, the number of fronts before its own: 0 where nothing dominates it, 1 where only
// those do, and so on (Deb et al. 2002).
std::vector<size_t> front_of(const std::vector<std::vector<double>>& points);

// How far apart the neighbours of each point are within its front, summed over the objectives as
// shares of the front's range; infinite at its ends.
std::vector<double> crowding(const std::vector<std::vector<double>>& points,
                             const std::vector<size_t>& fronts);

}  // namespace kbench
