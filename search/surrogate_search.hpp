#pragma once

#include <memory>

#include "search/memory.hpp"
#include "search/surrogate.hpp"

namespace kbench {

// Search guided by models: a spread-out start, then the candidate with the largest expected
// improvement among random ones and the neighbours of the best, as models predict it that are
// weighted by how well they foretold the answers so far.
class SurrogateSearch : public Strategy {
 public:
  struct Settings {
    size_t initial = 10;      // spread-out configurations at the start
    size_t candidates = 500;  // considered an ask
    size_t training = 200;    // observations a model learns from at most
    int local_every = 4;      // every so many asks only the neighbours of the best are considered
    double bound = 0.5;       // targets of slower than the median end here (Training)
  };
  static std::vector<OptionSpec> option_specs(const Settings& defaults);
  static Settings settings_from(const Options& options);

  SurrogateSearch(const Space& space, uint64_t seed, const Settings& settings,
                  std::vector<std::unique_ptr<Surrogate>> models);

  std::optional<Configuration> ask() override;
  void tell(const Observation& observation) override;

 private:
  std::optional<Configuration> choose();
  Training training();
  std::vector<Configuration> candidates(bool local);
  Configuration pick(std::vector<Configuration> from, double best);
  std::vector<double> acquisition(const std::vector<Configuration>& from, double best);

  Memory memory_;
  Settings settings_;
  std::vector<std::unique_ptr<Surrogate>> models_;
  std::vector<double> log_evidence_;  // of each model's predictions, older ones fading
  struct Foretold {
    Configuration configuration;
    std::vector<Prediction> predictions;  // of each model
  };
  std::vector<Foretold> foretold_;
  std::vector<Configuration> start_;
  int64_t asks_ = 0;
  double low_ = 0, middle_ = 0;  // log times of the best and the median at the last fit
};

}  // namespace kbench
