#include <map>

#include "search/evolution/population.hpp"

namespace kbench {

namespace {

// Chains that know nothing of each other: each begins from nothing, works on what it has made
// itself, and begins again after `length` proposals.
class Restarts final : public Population {
 public:
  explicit Restarts(const Options& options)
      : chains_(options.integer("chains")), length_(options.integer("length")) {}

  void add(const Members& members, std::optional<int64_t> proposal) override {
    if (proposal) lives_[life_of(*proposal)].push_back(members.size() - 1);
  }
  std::vector<size_t> pool(const Members&, int64_t proposal) override {
    return lives_[life_of(proposal)];
  }

 private:
  // Of a chain, and of which of its beginnings.
  int64_t life_of(int64_t proposal) const {
    return proposal / (chains_ * length_) * chains_ + proposal % chains_;
  }

  int64_t chains_, length_;
  std::map<int64_t, std::vector<size_t>> lives_;
};

const bool kRegistered =
    populations().add("restarts", {"chains that begin again from nothing: a control",
                                   {{"chains", "4", "at a time", 1, 64, {}},
                                    {"length", "5", "proposals of a chain", 1, 1000, {}}},
                                   [](const Options& options) -> std::unique_ptr<Population> {
                                     return std::make_unique<Restarts>(options);
                                   }});

}  // namespace

}  // namespace kbench
