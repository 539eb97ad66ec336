#pragma once

#include <deque>
#include <memory>

#include "search/campaign.hpp"
#include "search/strategy.hpp"

namespace kbench {

// Fills in one kernel's params within a share of the budget: its default first, then values that
// were good for others, then what a strategy asks for. Asks are told in their order with a fixed
// lag, so that the path does not depend on when the judge gets to them.
class Tuner {
 public:
  // `share`: evaluations at most, from 1. `first`: valid configurations, each once.
  static Result<Tuner> start(const SearchKernel& kernel, const std::string& strategy,
                             const std::map<std::string, std::string>& options, uint64_t seed,
                             int64_t share, int lag, std::vector<Configuration> first = {});

  // The next configuration for the judge; none: nothing until more is told, or ever.
  std::optional<Configuration> next();
  void tell(const Configuration& configuration, const Evaluation& evaluation);
  // Asks nothing more.
  void stop() {
    exhausted_ = true;
    queue_.clear();
  }
  bool done() const { return queue_.empty() && under_way_ == 0; }
  int64_t sent() const { return sent_; }

  const SearchKernel& kernel() const { return *kernel_; }
  // Of the fastest one told; 0: none was measured.
  double best_ns() const { return best_ns_; }
  const Params& best() const { return best_; }
  // The first evaluation: what went wrong when nothing was measured.
  const std::optional<Evaluation>& first() const { return first_; }
  // "BLOCK: 64 1.20 us, 128 0.90 us", a line a param: the best time told for each value.
  std::string surface() const;

 private:
  void ask();

  std::unique_ptr<SearchKernel> kernel_;  // its space stays where the strategy knows it
  std::unique_ptr<Strategy> strategy_;
  std::deque<Configuration> queue_;
  Configuration defaults_;
  int64_t share_ = 1, asked_ = 0, sent_ = 0, under_way_ = 0;
  int lag_ = 1;
  bool exhausted_ = false;
  double best_ns_ = 0;
  Params best_;
  std::optional<Evaluation> first_;
  std::map<std::string, std::map<std::string, double>> times_;
};

// The time that counts; none: it was not measured.
std::optional<double> measured_ns(const Evaluation& evaluation);

}  // namespace kbench
