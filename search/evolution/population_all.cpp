#include <numeric>

#include "search/evolution/population.hpp"

namespace kbench {

Registry<PopulationKind>& populations() {
  static Registry<PopulationKind> registry("population");
  return registry;
}

namespace {

class All final : public Population {
 public:
  void add(const Members&, std::optional<int64_t>) override {}
  std::vector<size_t> pool(const Members& members, int64_t) override {
    std::vector<size_t> all(members.size());
    std::iota(all.begin(), all.end(), size_t{0});
    return all;
  }
};

const bool kRegistered = populations().add(
    "all", {"every measured kernel", {}, [](const Options&) -> std::unique_ptr<Population> {
              return std::make_unique<All>();
            }});

}  // namespace

}  // namespace kbench
