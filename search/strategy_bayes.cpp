#include "search/forest.hpp"
#include "search/gaussian_process.hpp"
#include "search/mixture.hpp"
#include "search/surrogate_search.hpp"

namespace kbench {
namespace {

std::unique_ptr<Surrogate> process(const Space& space, uint64_t) {
  return std::make_unique<GaussianProcess>(space);
}

std::unique_ptr<Surrogate> forest(const Space& space, uint64_t seed) {
  return std::make_unique<Forest>(space, seed);
}

std::unique_ptr<Surrogate> both(const Space& space, uint64_t seed) {
  std::vector<std::unique_ptr<Surrogate>> models;
  models.push_back(process(space, seed));
  models.push_back(forest(space, seed));
  return std::make_unique<Mixture>(std::move(models));
}

std::unique_ptr<Surrogate> none(const Space&, uint64_t) {
  return nullptr;
}

using Model = std::unique_ptr<Surrogate> (*)(const Space&, uint64_t);

template <Model model, Model second = none>
bool add(const std::string& name, const std::string& help) {
  return strategies().add(name, {.help = help,
                                 .options = SurrogateSearch::option_specs(),
                                 .make = [](const Space& space, const Options& given,
                                            uint64_t seed) -> std::unique_ptr<Strategy> {
                                   return std::make_unique<SurrogateSearch>(
                                       space, seed, given, model(space, seed), second(space, seed));
                                 }});
}

const bool kRegistered[] = {
    add<process, forest>("bayes",
                         "expected improvement under a Gaussian process, and far from the best "
                         "under a forest: the default"),
    add<process>("process", "expected improvement under a Gaussian process alone"),
    add<forest>("forest", "expected improvement under a random forest"),
    add<both>("mixture", "expected improvement under the mixture of a process and a forest"),
};

}  // namespace
}  // namespace kbench
