#include "search/forest.hpp"
#include "search/gaussian_process.hpp"
#include "search/surrogate_search.hpp"

namespace kbench {
namespace {

enum Models { kProcess = 1, kForest = 2 };

template <int models>
std::unique_ptr<Strategy> make(const Space& space, const Options& options, uint64_t seed) {
  std::vector<std::unique_ptr<Surrogate>> chosen;
  if (models & kProcess) chosen.push_back(std::make_unique<GaussianProcess>(space));
  if (models & kForest) chosen.push_back(std::make_unique<Forest>(space, seed));
  return std::make_unique<SurrogateSearch>(space, seed, options, std::move(chosen));
}

template <int models>
bool add(const std::string& name, const std::string& help) {
  return strategies().add(
      name, {.help = help, .options = SurrogateSearch::option_specs(), .make = make<models>});
}

const bool kRegistered[] = {
    add<kProcess>("gaussian_process", "expected improvement under a Gaussian process"),
    add<kForest>("forest", "expected improvement under a random forest"),
    add<kProcess | kForest>("bayes", "both, weighted by how well they foretold the answers"),
};

}  // namespace
}  // namespace kbench
