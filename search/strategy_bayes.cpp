#include <fmt/format.h>

#include "search/forest.hpp"
#include "search/gaussian_process.hpp"
#include "search/mixture.hpp"
#include "search/surrogate_search.hpp"

namespace kbench {
namespace {

std::unique_ptr<Surrogate> process(const Space& space, const Options& options, uint64_t) {
  return std::make_unique<GaussianProcess>(space, options.number("derived"));
}

std::unique_ptr<Surrogate> forest(const Space& space, const Options&, uint64_t seed) {
  return std::make_unique<Forest>(space, seed);
}

std::unique_ptr<Surrogate> both(const Space& space, const Options& options, uint64_t seed) {
  std::vector<std::unique_ptr<Surrogate>> models;
  models.push_back(process(space, options, seed));
  models.push_back(forest(space, options, seed));
  return std::make_unique<Mixture>(std::move(models));
}

// Of a search under a process.
std::vector<OptionSpec> with_process() {
  std::vector<OptionSpec> specs = SurrogateSearch::option_specs();
  specs.push_back({"derived",
                   fmt::format("{}", GaussianProcess::kDerived),
                   "log length scale of derived features a priori",
                   -3,
                   3,
                   {}});
  return specs;
}

std::unique_ptr<Surrogate> none(const Space&, const Options&, uint64_t) {
  return nullptr;
}

using Model = std::unique_ptr<Surrogate> (*)(const Space&, const Options&, uint64_t);

template <Model model, Model second = none>
bool add(const std::string& name, const std::string& help, const std::vector<OptionSpec>& options) {
  return strategies().add(name, {.help = help,
                                 .options = options,
                                 .make = [](const Space& space, const Options& given,
                                            uint64_t seed) -> std::unique_ptr<Strategy> {
                                   return std::make_unique<SurrogateSearch>(
                                       space, seed, given, model(space, given, seed),
                                       second(space, given, seed));
                                 }});
}

const bool kRegistered[] = {
    add<process, forest>("bayes",
                         "expected improvement under a Gaussian process, later under a forest by "
                         "turns: the default",
                         with_process()),
    add<process>("process", "expected improvement under a Gaussian process alone", with_process()),
    add<forest>("forest", "expected improvement under a random forest",
                SurrogateSearch::option_specs()),
    add<both>("mixture", "expected improvement under the mixture of a process and a forest",
              with_process()),
};

}  // namespace
}  // namespace kbench
