#include "search/evolution/model_choice.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace kbench {

Registry<ModelPickerKind>& model_pickers() {
  static Registry<ModelPickerKind> registry("choice of models");
  return registry;
}

namespace {

class Turns final : public ModelPicker {
 public:
  size_t choose(const std::vector<bool>& out) override {
    size_t model = next_++ % out.size();
    while (out[model]) model = (model + 1) % out.size();
    return model;
  }
  void tell(size_t, double, double) override {}

 private:
  size_t next_ = 0;
};

// Upper confidence bound of the gain over the mean cost of a call. Costs are relative to the mean
// of all calls; where nothing costs anything, every call costs the same. Calls under way count as
// taken, so that a round of them does not all go to one model.
class Bandit final : public ModelPicker {
 public:
  explicit Bandit(const Options& options) : exploration_(options.number("exploration")) {}

  size_t choose(const std::vector<bool>& out) override {
    models_.resize(out.size());
    size_t best = out.size();
    for (size_t m = 0; m < out.size(); ++m) {
      if (!out[m] && (best == out.size() || index(m) > index(best))) best = m;
    }
    ++models_[best].asked;
    ++asked_;
    return best;
  }
  void tell(size_t model, double gain, double cost) override {
    Model& of = models_[model];
    ++of.told;
    of.gain += gain;
    of.cost += cost;
    largest_gain_ = std::max(largest_gain_, gain);
  }

 private:
  struct Model {
    double asked = 0, told = 0, gain = 0, cost = 0;
  };
  static constexpr double kLeastCost = 0.05;  // of the mean: a free call takes its time

  double index(size_t m) const {
    const Model& of = models_[m];
    if (of.asked == 0) return std::numeric_limits<double>::infinity();
    const double told = std::max(1.0, of.told);
    const double mean = largest_gain_ > 0 ? of.gain / told / largest_gain_ : 0;
    const double bound = mean + exploration_ * std::sqrt(2 * std::log(asked_) / of.asked);
    double cost = 0, calls = 0;
    for (const Model& other : models_) {
      cost += other.cost;
      calls += other.told;
    }
    const double relative = cost > 0 ? of.cost / told / (cost / calls) : 1;
    return bound / std::max(relative, kLeastCost);
  }

  double exploration_;
  double asked_ = 0, largest_gain_ = 0;
  std::vector<Model> models_;
};

const bool kTurns = model_pickers().add(
    "turns", {"each in its turn", {}, [](const Options&) -> std::unique_ptr<ModelPicker> {
                return std::make_unique<Turns>();
              }});
const bool kBandit = model_pickers().add(
    "bandit", {"who gains most for its money",
               {{"exploration", "0.3", "weight of what was tried little", 0, 10, {}}},
               [](const Options& options) -> std::unique_ptr<ModelPicker> {
                 return std::make_unique<Bandit>(options);
               }});

}  // namespace

}  // namespace kbench
