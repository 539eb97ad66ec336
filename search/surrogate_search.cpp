#include "search/surrogate_search.hpp"

#include <algorithm>
#include <unordered_set>

#include "search/moves.hpp"

namespace kbench {
namespace {

// The best configurations whose neighbours are candidates.
constexpr size_t kCentres = 3;
// A second opinion decides the asks with a margin, once so much is told: with less, trees have
// nothing to go by.
constexpr size_t kEnoughForSecond = 60;
// Steps from the best candidate to its best neighbour, while that promises more.
constexpr int kClimb = 4;

size_t largest(const std::vector<double>& values) {
  return static_cast<size_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

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
          {"bound", "0.5", "where slow ones and failures end, in medians over best", 0.01, 10, {}}};
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
      start_(latin_hypercube(static_cast<size_t>(options.integer("initial")), space,
                             memory_.random())) {}

std::optional<Configuration> SurrogateSearch::ask() {
  auto chosen = choose();
  if (chosen) memory_.ask(*chosen);
  return chosen;
}

void SurrogateSearch::tell(const Observation& observation) {
  // What others tried spares it a part of its own start.
  if (!memory_.asked(observation.configuration) && !start_.empty()) start_.pop_back();
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
  ++asks_;
  const bool with_margin = asks_ % 2 == 0;
  const bool second = second_ && with_margin && memory_.told().size() >= kEnoughForSecond;
  asked_ = second ? second_.get() : model_.get();
  asked_->fit(training_of(memory_.told(), targets_, training_));
  const bool local = local_every_ > 0 && asks_ % local_every_ == 0;
  std::vector<Configuration> from = candidates(local ? 1 : kCentres, local ? 0 : candidates_);
  if (from.empty()) from = candidates(0, candidates_);
  if (from.empty()) return memory_.unseen();
  const double best = targets_.of(memory_.best()->value);
  return climb(from, with_margin ? best - margin_ : best);
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

Configuration SurrogateSearch::climb(const std::vector<Configuration>& from, double best) const {
  std::vector<double> promise = promise_of(from, best);
  size_t place = largest(promise);
  Configuration chosen = from[place];
  double most = promise[place];
  for (int step = 0; step < kClimb; ++step) {
    const std::vector<Configuration> near = unasked_neighbours(chosen);
    if (near.empty()) break;
    promise = promise_of(near, best);
    place = largest(promise);
    if (promise[place] <= most) break;
    most = promise[place];
    chosen = near[place];
  }
  return chosen;
}

std::vector<Configuration> SurrogateSearch::candidates(size_t centres, size_t random) {
  std::vector<Known> best(std::min(centres, memory_.told().size()));
  std::partial_sort_copy(memory_.told().begin(), memory_.told().end(), best.begin(), best.end(),
                         [](const Known& a, const Known& b) { return a.value < b.value; });
  std::vector<Configuration> found;
  std::unordered_set<Configuration, ConfigurationHash> seen;
  for (const Known& centre : best) {
    for (Configuration& near : unasked_neighbours(centre.configuration)) {
      if (seen.insert(near).second) found.push_back(std::move(near));
    }
  }
  // Where most are asked already a draw rarely is a new one.
  for (size_t tries = 0, drawn = 0; tries < 4 * random && drawn < random; ++tries) {
    Configuration sample = memory_.space().sample(memory_.random());
    if (memory_.asked(sample) || !seen.insert(sample).second) continue;
    found.push_back(std::move(sample));
    ++drawn;
  }
  return found;
}

std::vector<Configuration> SurrogateSearch::unasked_neighbours(
    const Configuration& configuration) const {
  std::vector<Configuration> near = memory_.space().neighbours(configuration);
  std::erase_if(near, [&](const Configuration& each) { return memory_.asked(each); });
  return near;
}

}  // namespace kbench
