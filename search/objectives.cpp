#include "search/objectives.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/text.hpp"
#include "search/pareto.hpp"

namespace kbench {
namespace {

// Of what was judged before the figure was kept.
constexpr double kUnknown = INFINITY;
constexpr std::string_view kEnergy = "energy";

// Inputs of a verification are others from candidate to candidate, which moves an error by a few
// percent, and so does a busy machine an energy: a front shall not be of such differences.
double rounded(double value, int digits) {
  if (!(value > 0) || !std::isfinite(value)) return value;
  const double unit = std::pow(10, std::floor(std::log10(value)) + 1 - digits);
  return std::round(value / unit) * unit;
}

const std::array kObjectives = {
    Objective{"code_size", "bytes", "machine code of the kernel",
              [](const Evaluation& evaluation) -> double {
                return static_cast<double>(evaluation.code_bytes);
              }},
    Objective{std::string(kEnergy), "J", "energy of a call, of the whole package or board",
              [](const Evaluation& evaluation) -> double {
                return evaluation.call_joules > 0 ? rounded(evaluation.call_joules, 2) : kUnknown;
              }},
    Objective{"memory", "bytes", "its buffers, the workspace beside the tensors",
              [](const Evaluation& evaluation) -> double {
                const auto bytes = evaluation.workspace_bytes;
                return bytes ? static_cast<double>(*bytes) : kUnknown;
              }},
    Objective{"prepare_time", "ns", "what a kernel does once before its calls, such as packing",
              [](const Evaluation& evaluation) -> double { return evaluation.prepare_ns; }},
    Objective{"error", "% of the bound", "rounding error of its outputs, root mean square",
              [](const Evaluation& evaluation) -> double {
                return rounded(100 * evaluation.rms_error.value_or(kUnknown), 1);
              }},
};

std::string all_names() {
  std::string names = "time";
  for (const Objective& each : kObjectives) names += ", " + each.name;
  return names;
}

}  // namespace

Result<std::vector<Objective>> parse_objectives(const std::string& text) {
  std::vector<Objective> objectives;
  bool time = false;
  for (const std::string& name : split(text, ',')) {
    auto named = [&](const Objective& each) { return each.name == name; };
    const auto found = std::find_if(kObjectives.begin(), kObjectives.end(), named);
    const bool twice = std::any_of(objectives.begin(), objectives.end(), named);
    if (name == "time" && !time) {
      time = true;
    } else if (found != kObjectives.end() && !twice) {
      objectives.push_back(*found);
    } else {
      return bad_input("'" + name + "' is no objective, or one twice", "--objectives",
                       "there are " + all_names());
    }
  }
  if (!time) return bad_input("time must be among the objectives", "--objectives", "time," + text);
  return objectives;
}

std::string text_of(const std::vector<Objective>& objectives) {
  std::string text = "time";
  for (const Objective& each : objectives) text += "," + each.name;
  return text;
}

bool has_energy(const std::vector<Objective>& objectives) {
  return std::any_of(objectives.begin(), objectives.end(),
                     [](const Objective& each) { return each.name == kEnergy; });
}

std::vector<double> values_of(const std::vector<Objective>& objectives,
                              const Evaluation& evaluation) {
  if (objectives.empty()) return {};
  std::vector<double> values = {evaluation.timing.median_ns};
  for (const Objective& each : objectives) values.push_back(each.of(evaluation));
  return values;
}

void add_to_front(std::vector<FrontRow>& front, FrontRow row) {
  if (row.values.empty()) return;
  for (const FrontRow& other : front) {
    if (other.values == row.values || dominates(other.values, row.values)) return;
  }
  std::erase_if(front, [&](const FrontRow& other) { return dominates(row.values, other.values); });
  const auto slower = std::upper_bound(
      front.begin(), front.end(), row,
      [](const FrontRow& a, const FrontRow& b) { return a.values[0] < b.values[0]; });
  front.insert(slower, std::move(row));
}

}  // namespace kbench
