#include <algorithm>
#include <cmath>
#include <deque>

#include "search/memory.hpp"

namespace kbench {
namespace {

// Strategies that search very differently and think little.
constexpr const char* kArms[] = {"differential_evolution", "genetic", "iterated_local_search",
                                 "simulated_annealing", "tpe"};

// A portfolio: each ask goes to one of several strategies, all of which are told every answer. Asks
// go where they lately led to a new best: credit is the area under each strategy's curve of
// improvements in a window, plus what is due to those seldom asked (Ansel et al. 2014, OpenTuner).
class Bandit : public Strategy {
 public:
  Bandit(const Space& space, const Options& options, uint64_t seed)
      : memory_(space, seed),
        window_(static_cast<size_t>(options.integer("window"))),
        exploration_(options.number("exploration")) {
    for (const char* name : kArms) {
      arms_.push_back(make_strategy(name, {}, space, memory_.random()()).value());
    }
  }

  std::optional<Configuration> ask() override {
    for (const size_t arm : by_credit()) {
      // An arm does not know what others asked and wait for; after a few such, the next arm's turn.
      for (int tries = 0; tries < 10; ++tries) {
        auto next = arms_[arm]->ask();
        if (!next) break;
        if (memory_.asked(*next)) continue;
        memory_.ask(*next);
        open_.push_back({*next, arm});
        return next;
      }
    }
    auto next = memory_.unseen();
    if (next) memory_.ask(*next);
    return next;
  }

  void tell(const Observation& observation) override {
    const bool better =
        observation.value && (!memory_.best() || *observation.value < memory_.best()->value);
    memory_.tell(observation);
    for (auto& arm : arms_) arm->tell(observation);
    const auto asked = std::find_if(open_.begin(), open_.end(), [&](const Open& open) {
      return open.configuration == observation.configuration;
    });
    if (asked == open_.end()) return;
    history_.push_back({asked->arm, better});
    if (history_.size() > window_) history_.pop_front();
    open_.erase(asked);
  }

 private:
  struct Open {
    Configuration configuration;
    size_t arm;
  };
  struct Past {
    size_t arm;
    bool better;
  };

  // Arms, the one whose turn it is first.
  std::vector<size_t> by_credit() const {
    std::vector<double> uses(arms_.size(), 0), area(arms_.size(), 0), credit(arms_.size());
    for (const Past& past : history_) {
      ++uses[past.arm];
      if (past.better) area[past.arm] += uses[past.arm];
    }
    for (const Open& open : open_) ++uses[open.arm];
    const double all = static_cast<double>(history_.size() + open_.size());
    std::vector<size_t> order(arms_.size());
    for (size_t arm = 0; arm < arms_.size(); ++arm) {
      order[arm] = arm;
      credit[arm] = uses[arm] == 0 ? INFINITY
                                   : 2 * area[arm] / (uses[arm] * (uses[arm] + 1)) +
                                         exploration_ * std::sqrt(2 * std::log2(all) / uses[arm]);
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return credit[a] > credit[b]; });
    return order;
  }

  Memory memory_;
  size_t window_;
  double exploration_;
  std::vector<std::unique_ptr<Strategy>> arms_;
  std::deque<Open> open_;
  std::deque<Past> history_;
};

const bool kRegistered = strategies().add(
    "bandit",
    {.help = "a portfolio of strategies, each asked as often as it lately found something better",
     .options = {{"window", "100", "past asks that count", 1, 100000, {}},
                 {"exploration", "0.05", "credit for being asked seldom", 0, 10, {}}},
     .make = construct<Bandit>});

}  // namespace
}  // namespace kbench
