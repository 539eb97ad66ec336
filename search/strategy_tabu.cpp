#include <algorithm>
#include <cmath>
#include <deque>

#include "search/moves.hpp"
#include "search/walk.hpp"

namespace kbench {
namespace {

// Tabu search (Glover 1989): always to the best neighbour seen, better or not, but to none of the
// last few places; so it climbs out of the valley it is in.
class Tabu : public Walks {
 public:
  Tabu(const Space& space, const Options& options, uint64_t seed)
      : Walks(space, seed),
        neighbourhood_(options.text("neighbourhood")),
        tenure_(static_cast<size_t>(options.integer("tenure"))),
        seen_(static_cast<size_t>(options.integer("neighbours"))),
        patience_(options.integer("patience")),
        samples_(options.integer("samples")) {}

 private:
  Walk walk() override {
    for (;;) {
      FreshStart start(memory(), samples_);
      while (auto next = start.next()) start.learn(*next, co_await value(*next));
      Known at = start.at();
      double best = at.value;
      std::deque<Configuration> tabu{at.configuration};
      for (int64_t in_vain = 0; in_vain < patience_; ++in_vain) {
        Known next{{}, INFINITY};
        for (const Configuration& near : allowed(at.configuration, tabu)) {
          const double time = co_await value(near);
          if (next.configuration.empty() || time < next.value) next = {near, time};
          if (time < at.value) break;  // good enough: the rest of the neighbours would cost more
        }
        if (next.configuration.empty()) break;
        at = next;
        tabu.push_back(at.configuration);
        if (tabu.size() > tenure_) tabu.pop_front();
        if (at.value < best) in_vain = -1;
        best = std::min(best, at.value);
      }
    }
  }

  // A random part of the neighbours that are not tabu.
  std::vector<Configuration> allowed(const Configuration& from,
                                     const std::deque<Configuration>& tabu) {
    auto near = neighbourhood(space(), from, neighbourhood_);
    std::erase_if(near, [&](const Configuration& each) {
      return std::find(tabu.begin(), tabu.end(), each) != tabu.end();
    });
    shuffle(near, random());
    if (near.size() > seen_) near.resize(seen_);
    return near;
  }

  std::string neighbourhood_;
  size_t tenure_, seen_;
  int64_t patience_, samples_;
};

const bool kRegistered = strategies().add(
    "tabu",
    {.help = "to the best neighbour that was not visited lately, uphill where it must",
     .options =
         {neighbourhood_option("hamming"),
          {"tenure", "50", "last places that are tabu", 1, 100000, {}},
          {"neighbours", "15", "looked at a move, at most", 1, 100000, {}},
          {"patience", "15", "moves without a new best before it starts anew", 1, 100000, {}},
          samples_option()},
     .make = construct<Tabu>});

}  // namespace
}  // namespace kbench
