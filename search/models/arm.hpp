#pragma once

#include "core/registry.hpp"
#include "search/models/model_campaign.hpp"

namespace kbench {

// A campaign, or a control that it has to beat at equal cost.
struct Arm {
  std::string help;
  bool asks_models = true;  // false: the tuner has all evaluations
  // What it fixes, whatever the flags say.
  void (*fix)(EvolutionSetup& evolution, int in_flight) = nullptr;
};
Registry<Arm>& arms();

}  // namespace kbench
