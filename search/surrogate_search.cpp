#include "search/surrogate_search.hpp"

#include <algorithm>
#include <unordered_set>

#include "search/moves.hpp"

namespace kbench {
namespace {

// The best configurations whose neighbours are candidates.
constexpr size_t kCentres = 3;
// To look elsewhere pays once so much is told.
constexpr size_t kEnoughForElsewhere = 40;
// Steps from the best candidate to its best neighbour, while that promises more.
constexpr int kClimb = 4;

}  // namespace

std::vector<OptionSpec> SurrogateSearch::option_specs() {
  return {{"initial", "5", "spread-out configurations at the start", 1, 1000, {}},
          {"candidates", "150", "random configurations considered an ask", 1, 100000, {}},
          {"training", "400", "observations a model learns from at most", 10, 2000, {}},
          {"margin",
           "0.3",
           "every other ask: what a gain must exceed, in medians over best",
           0,
           10,
           {}},
          {"local_every", "4", "one of so many asks is next to the best; 0: none", 0, 1000, {}},
          {"elsewhere_every",
           "4",
           "one of so many asks differs from the best in most params; 0: none",
           0,
           1000,
           {}},
          {"bound", "1", "where slow ones and failures end, in medians over best", 0.01, 10, {}}};
}

SurrogateSearch::SurrogateSearch(const Space& space, uint64_t seed, const Options& options,
                                 std::unique_ptr<Surrogate> model,
                                 std::unique_ptr<Surrogate> second)
    : memory_(space, seed),
      model_(std::move(model)),
      second_(std::move(second)),
      targets_(options.number("bound")),
      candidates_(static_cast<size_t>(options.integer("candidates"))),
      training_(static_cast<size_t>(options.integer("training"))),
      margin_(options.number("margin")),
      local_every_(options.integer("local_every")),
      elsewhere_every_(options.integer("elsewhere_every")),
      start_(latin_hypercube(static_cast<size_t>(options.integer("initial")), space,
                             memory_.random())) {}

std::optional<Configuration> SurrogateSearch::ask() {
  auto chosen = choose();
  if (chosen) memory_.ask(*chosen);
  return chosen;
}

// What others tried spares it no part of its own start: it may all be in one corner.
void SurrogateSearch::tell(const Observation& observation) {
  memory_.tell(observation);
}

std::optional<Configuration> SurrogateSearch::choose() {
  while (!start_.empty()) {
    Configuration next = std::move(start_.back());
    start_.pop_back();
    if (!memory_.asked(next)) return next;
  }
  if (!memory_.best()) return memory_.unseen();
  targets_.update(memory_.told());
  const Look look = next_look();
  asked_ = look.least_distance > 0 && second_ ? second_.get() : model_.get();
  asked_->fit(training_of(memory_.told(), targets_, training_));
  for (const Look& each : {look, Look{.centres = 0, .random = candidates_, .best = look.best}}) {
    if (auto chosen = most_promising(each)) return chosen;
  }
  return memory_.unseen();
}

SurrogateSearch::Look SurrogateSearch::next_look() {
  ++asks_;
  Look look{.centres = kCentres, .random = candidates_, .best = targets_.of(memory_.best()->value)};
  if (memory_.told().size() >= kEnoughForElsewhere && elsewhere_every_ > 0 &&
      asks_ % elsewhere_every_ == elsewhere_every_ / 2) {
    look.centres = 0;
    look.least_distance = free_params(memory_.space()).size() / 2 + 1;
  } else if (local_every_ > 0 && asks_ % local_every_ == 0) {
    look.centres = 1;
    look.random = 0;
  } else if (asks_ % 2 == 0) {
    look.best -= margin_;
  }
  return look;
}

std::optional<Configuration> SurrogateSearch::most_promising(const Look& look) {
  std::vector<Configuration> from = candidates(look);
  std::optional<Configuration> chosen;
  double most = 0;
  for (int step = 0; step <= kClimb && !from.empty(); ++step) {
    const std::vector<double> promise = promise_of(from, look.best);
    const auto place = std::max_element(promise.begin(), promise.end()) - promise.begin();
    if (chosen && promise[place] <= most) break;
    most = promise[place];
    chosen = std::move(from[place]);
    from = open_neighbours(*chosen, look);
  }
  return chosen;
}

std::vector<double> SurrogateSearch::promise_of(const std::vector<Configuration>& candidates,
                                                double best) const {
  std::vector<double> promise;
  promise.reserve(candidates.size());
  for (const Prediction& prediction : asked_->predict(candidates)) {
    promise.push_back(expected_improvement(prediction, best));
  }
  return promise;
}

std::vector<Configuration> SurrogateSearch::candidates(const Look& look) {
  std::vector<Known> best(std::min(look.centres, memory_.told().size()));
  std::partial_sort_copy(memory_.told().begin(), memory_.told().end(), best.begin(), best.end(),
                         [](const Known& a, const Known& b) { return a.value < b.value; });
  std::vector<Configuration> found;
  std::unordered_set<Configuration, ConfigurationHash> seen;
  for (const Known& centre : best) {
    for (Configuration& near : open_neighbours(centre.configuration, look)) {
      if (seen.insert(near).second) found.push_back(std::move(near));
    }
  }
  // Where most are asked already a draw rarely is a new one.
  for (size_t tries = 0, drawn = 0; tries < 4 * look.random && drawn < look.random; ++tries) {
    Configuration sample = memory_.space().sample(memory_.random());
    if (!open(sample, look) || !seen.insert(sample).second) continue;
    found.push_back(std::move(sample));
    ++drawn;
  }
  return found;
}

std::vector<Configuration> SurrogateSearch::open_neighbours(const Configuration& configuration,
                                                            const Look& look) const {
  std::vector<Configuration> near = memory_.space().neighbours(configuration);
  std::erase_if(near, [&](const Configuration& each) { return !open(each, look); });
  return near;
}

bool SurrogateSearch::open(const Configuration& configuration, const Look& look) const {
  return !memory_.asked(configuration) &&
         differing(configuration, memory_.best()->configuration) >= look.least_distance;
}

}  // namespace kbench
