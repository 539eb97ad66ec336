#pragma once

#include <string>
#include <vector>

#include "harness/evaluation.hpp"

namespace kbench {

// A figure of a screened kernel that a campaign can make small besides its time.
struct Objective {
  std::string name, unit, help;
  double (*of)(const Evaluation& evaluation);
};

// "time,code_size": what comes with time, which must be among them. An unknown name is an error
// that lists what there is.
Result<std::vector<Objective>> parse_objectives(const std::string& text);
// The other way round.
std::string text_of(const std::vector<Objective>& objectives);

// Whether the judge must measure energy for them.
bool has_energy(const std::vector<Objective>& objectives);

// Time in ns, then theirs; nothing where there are none.
std::vector<double> values_of(const std::vector<Objective>& objectives,
                              const Evaluation& evaluation);

// A kernel that none of the campaign's beats in every objective.
struct FrontRow {
  Candidate candidate = {};
  int64_t evaluation_id = 0;
  std::vector<double> values = {};  // as values_of has them
};

// Adds a row unless one there dominates or equals it, and drops those it dominates. Rows stay
// sorted by time. Without values it stays as it is.
void add_to_front(std::vector<FrontRow>& front, FrontRow row);

}  // namespace kbench
