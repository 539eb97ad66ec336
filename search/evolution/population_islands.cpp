#include <algorithm>

#include "search/evolution/population.hpp"

namespace kbench {

namespace {

// Proposals go round the islands; a kernel lives where it was proposed, a starting one everywhere.
// After every so many new kernels the fastest of each island appears on the next one, too.
class Islands final : public Population {
 public:
  explicit Islands(const Options& options)
      : islands_(static_cast<size_t>(options.integer("count"))), every_(options.integer("every")) {}

  void add(const Members& members, std::optional<int64_t> proposal) override {
    const size_t newest = members.size() - 1;
    if (!proposal) {
      for (auto& island : islands_) island.push_back(newest);
      return;
    }
    islands_[island_of(*proposal)].push_back(newest);
    if (every_ > 0 && ++born_ % every_ == 0) migrate(members);
  }
  std::vector<size_t> pool(const Members&, int64_t proposal) override {
    return islands_[island_of(proposal)];
  }

 private:
  size_t island_of(int64_t proposal) const {
    return static_cast<size_t>(proposal) % islands_.size();
  }
  void migrate(const Members& members) {
    std::vector<size_t> fastest;
    for (const auto& island : islands_) {
      fastest.push_back(
          island.empty() ? members.size()
                         : *std::min_element(island.begin(), island.end(), [&](size_t a, size_t b) {
                             return members[a].ns < members[b].ns;
                           }));
    }
    for (size_t from = 0; from < islands_.size(); ++from) {
      auto& to = islands_[(from + 1) % islands_.size()];
      const bool there = std::find(to.begin(), to.end(), fastest[from]) != to.end();
      if (fastest[from] < members.size() && !there) to.push_back(fastest[from]);
    }
  }

  std::vector<std::vector<size_t>> islands_;
  int64_t every_, born_ = 0;
};

const bool kRegistered = populations().add(
    "islands", {"islands with migration of their fastest in a ring",
                {{"count", "4", "islands", 1, 64, {}},
                 {"every", "12", "new kernels between migrations; 0: none", 0, 10'000, {}}},
                [](const Options& options) -> std::unique_ptr<Population> {
                  return std::make_unique<Islands>(options);
                }});

}  // namespace

}  // namespace kbench
