#include "search/forest.hpp"
#include "search/gaussian_process.hpp"
#include "search/surrogate_search.hpp"

namespace kbench {
namespace {

using Settings = SurrogateSearch::Settings;
template <int kind>
std::unique_ptr<Strategy> make(const Space& space, const Options& options, uint64_t seed) {
  std::vector<std::unique_ptr<Surrogate>> models;
  if (kind & 1) models.push_back(std::make_unique<GaussianProcess>(space));
  if (kind & 2) models.push_back(std::make_unique<Forest>(space, seed));
  return std::make_unique<SurrogateSearch>(space, seed, SurrogateSearch::settings_from(options),
                                           std::move(models));
}

const bool kA = strategies().add(
    "gp", {.help = "", .options = SurrogateSearch::option_specs({}), .make = make<1>});
const bool kB = strategies().add(
    "forest", {.help = "", .options = SurrogateSearch::option_specs({}), .make = make<2>});
const bool kC = strategies().add(
    "default", {.help = "", .options = SurrogateSearch::option_specs({}), .make = make<3>});

}  // namespace
}  // namespace kbench
