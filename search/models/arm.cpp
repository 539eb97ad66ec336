#include "search/models/arm.hpp"

#include <fmt/format.h>

namespace kbench {

Registry<Arm>& arms() {
  static Registry<Arm> registry("arm");
  return registry;
}

namespace {

const bool kEvolve = arms().add("evolve", {"what --operators, --population and --selection say",
                                           true, [](EvolutionSetup&, int) {}});
const bool kBestOfN = arms().add(
    "best_of_n", {"always write from the task alone", true, [](EvolutionSetup& evolution, int) {
                    evolution.operators = "write:1,repair:0";
                    evolution.population = "all";
                  }});
const bool kRandomRestarts = arms().add(
    "random_restarts",
    {"chains that begin again from the task", true, [](EvolutionSetup& evolution, int in_flight) {
       evolution.operators = "improve:1";
       evolution.population = fmt::format("restarts:chains={}", in_flight);
       evolution.selection = "greedy";
     }});
const bool kTunerOnly = arms().add(
    "tuner_only",
    {"no model: the tuner alone on the starting kernels", false, [](EvolutionSetup&, int) {}});

}  // namespace

}  // namespace kbench
