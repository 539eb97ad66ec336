#include <map>

#include "core/text.hpp"
#include "search/evolution/behaviour.hpp"
#include "search/evolution/population.hpp"

namespace kbench {

namespace {

// MAP-Elites (Mouret and Clune 2015): the fastest kernel of each behaviour stays, however slow it
// is beside others.
class Archive final : public Population {
 public:
  explicit Archive(const Options& options) : axes_(split(options.text("axes"), '+')) {}

  void add(const Members& members, std::optional<int64_t>) override {
    const size_t newest = members.size() - 1;
    const Behaviour behaviour = behaviour_of(members[newest], members.front());
    std::vector<int> cell;
    for (const std::string& axis : axes_) {
      const auto found = behaviour.find(axis);
      cell.push_back(found == behaviour.end() ? 0 : found->second);
    }
    const auto [place, fresh] = elites_.try_emplace(std::move(cell), newest);
    if (!fresh && members[newest].ns < members[place->second].ns) place->second = newest;
  }
  std::vector<size_t> pool(const Members&, int64_t) override {
    std::vector<size_t> elites;
    for (const auto& [cell, elite] : elites_) elites.push_back(elite);
    return elites;
  }

 private:
  std::vector<std::string> axes_;
  std::map<std::vector<int>, size_t> elites_;
};

const bool kRegistered =
    populations().add("archive", {"MAP-Elites: the fastest of each behaviour",
                                  {{"axes",
                                    "vector+shared+size",
                                    "of vector, shared, unroll, parallel, size, shape; joined by +",
                                    0,
                                    0,
                                    {}}},
                                  [](const Options& options) -> std::unique_ptr<Population> {
                                    return std::make_unique<Archive>(options);
                                  }});

}  // namespace

}  // namespace kbench
