#include <cmath>
#include <map>
#include <unordered_map>

#include "search/memory.hpp"

namespace kbench {
namespace {

// Asynchronous successive halving over fidelity (Li et al. 2020): every configuration another
// strategy proposes is measured cheaply; of what a rung has measured the best 1 / keep are measured
// again on the next, with `keep` times as many samples. Nothing waits for a rung to be full, so the
// pipeline stays so. Where there is a smaller problem the first rung measures on that.
class Halving : public Strategy {
 public:
  Halving(const Space& space, const Options& options, uint64_t seed)
      : keep_(options.integer("keep")),
        rungs_(static_cast<size_t>(options.integer("rungs"))),
        smaller_(!options.text("smaller").empty() && rungs_.size() > 1),
        proposer_(*make_strategy(options.text("proposer"), {}, space, seed)) {}

  std::optional<Configuration> ask() override {
    for (asked_rung_ = rungs_.size() - 1; asked_rung_ > 0; --asked_rung_) {
      Rung& below = rungs_[asked_rung_ - 1];
      if (below.waiting.empty() || (below.promoted + 1) * keep_ > below.told) continue;
      ++below.promoted;
      Configuration best = std::move(below.waiting.extract(below.waiting.begin()).mapped());
      open_[best] = asked_rung_;
      return best;
    }
    auto fresh = proposer_->ask();
    if (fresh) open_[*fresh] = 0;
    return fresh;
  }

  Fidelity fidelity() const override {
    const size_t above = rungs_.size() - 1 - asked_rung_;
    return {.samples = std::pow(static_cast<double>(keep_), -static_cast<double>(above)),
            .smaller = smaller_ && asked_rung_ == 0};
  }

  void tell(const Observation& observation) override {
    const auto asked = open_.find(observation.configuration);
    const bool own = asked != open_.end();
    const size_t at = own ? asked->second : rungs_.size() - 1;  // of others: measured in full
    if (own) open_.erase(asked);
    // It learns from one kind of time.
    if (at == 0 || (!own && !smaller_)) proposer_->tell(observation);
    Rung& rung = rungs_[at];
    ++rung.told;
    if (observation.value) rung.waiting.emplace(*observation.value, observation.configuration);
  }

 private:
  struct Rung {
    int64_t told = 0, promoted = 0;
    std::multimap<double, Configuration> waiting;  // not promoted, by time
  };

  int64_t keep_;
  std::vector<Rung> rungs_;  // the last measures in full
  bool smaller_;             // the first on another problem
  std::unique_ptr<Strategy> proposer_;
  size_t asked_rung_ = 0;
  std::unordered_map<Configuration, size_t, ConfigurationHash> open_;  // their rungs
};

const bool kRegistered = strategies().add(
    "halving",
    {.help = "successive halving: all with few samples, the best again with more",
     .options =
         {{"keep", "3", "one of so many goes on to the next rung", 2, 100, {}},
          {"rungs", "3", "measurements of the best, each with `keep` times the samples", 1, 10, {}},
          {"smaller",
           "",
           "dims of a smaller problem, on which the first rung measures: m=512,n=512",
           0,
           0,
           {}},
          {"proposer",
           "bayes",
           "the strategy whose configurations are measured",
           0,
           0,
           {"bayes", "genetic", "random", "tpe"}}},
     .make = construct<Halving>,
     .in_parts = true});

}  // namespace
}  // namespace kbench
