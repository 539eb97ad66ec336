#include <algorithm>
#include <cmath>

#include "search/evolution/selection.hpp"

namespace kbench {

namespace {

// Upper confidence bounds on the tree of descent (Kocsis and Szepesvari 2006): from the root down
// to the branch with the greatest fastest / (branch's fastest) + exploration * sqrt(ln N / n), n
// being the steps taken in it; a kernel itself is one of the branches that end.
class Uct final : public ParentSelection {
 public:
  explicit Uct(const Options& options) : exploration_(options.number("exploration")) {}

  size_t choose(const Members& members, const std::vector<size_t>& pool,
                std::mt19937_64&) const override {
    Tree tree(members, pool);
    std::vector<Branch> branches;
    for (const size_t root : tree.roots) branches.push_back(tree.below(root));
    for (;;) {
      const Branch best = best_of(branches, members[pool.front()].ns);
      if (best.ends) return best.member;
      branches.clear();
      if (tree.eligible[best.member]) branches.push_back(tree.itself(best.member));
      for (const size_t child : tree.children[best.member]) {
        if (tree.below(child).fastest_ns > 0) branches.push_back(tree.below(child));
      }
    }
  }

 private:
  struct Branch {
    size_t member = 0;
    bool ends = false;
    double fastest_ns = 0;  // of those that may be chosen; 0: there is none
    int64_t steps = 0;
  };

  // What lies below each member, itself included.
  struct Tree {
    Tree(const Members& all, const std::vector<size_t>& pool)
        : members(all), eligible(all.size()), children(all.size()), whole(all.size()) {
      for (const size_t i : pool) eligible[i] = true;
      for (size_t i = all.size(); i-- > 0;) {  // children come after their parents
        Branch& own = whole[i];
        own.member = i;
        own.steps += all[i].offspring + 1;
        if (eligible[i]) take(own, all[i].ns);
        if (const auto parent = all[i].parent) {
          children[*parent].push_back(i);
          whole[*parent].steps += own.steps;
          if (own.fastest_ns > 0) take(whole[*parent], own.fastest_ns);
        } else if (own.fastest_ns > 0) {
          roots.push_back(i);
        }
      }
    }
    static void take(Branch& branch, double ns) {
      if (branch.fastest_ns == 0 || ns < branch.fastest_ns) branch.fastest_ns = ns;
    }
    const Branch& below(size_t i) const { return whole[i]; }
    Branch itself(size_t i) const { return {i, true, members[i].ns, members[i].offspring + 1}; }

    const Members& members;
    std::vector<bool> eligible;
    std::vector<std::vector<size_t>> children;
    std::vector<Branch> whole;
    std::vector<size_t> roots;
  };

  Branch best_of(const std::vector<Branch>& branches, double fastest_ns) const {
    int64_t all = 0;
    for (const Branch& branch : branches) all += branch.steps;
    auto score = [&](const Branch& branch) {
      return fastest_ns / branch.fastest_ns +
             exploration_ *
                 std::sqrt(std::log(static_cast<double>(all)) / static_cast<double>(branch.steps));
    };
    return *std::max_element(branches.begin(), branches.end(),
                             [&](const Branch& a, const Branch& b) { return score(a) < score(b); });
  }

  double exploration_;
};

const bool kRegistered =
    selections().add("uct", {"tree search over the lineage by upper confidence bounds",
                             {{"exploration", "0.5", "weight of what was tried little", 0, 10, {}}},
                             [](const Options& options) -> std::unique_ptr<ParentSelection> {
                               return std::make_unique<Uct>(options);
                             }});

}  // namespace

}  // namespace kbench
