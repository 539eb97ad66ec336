#include "results/precheck_scores.hpp"

#include <boost/math/distributions/binomial.hpp>
#include <map>

namespace kbench {

namespace {

// Outcomes stand in the order of a kernel's life.
bool compiled(const JudgedPrecheck& it) {
  return it.outcome == Outcome::ok || !it.outcome || *it.outcome > Outcome::compile_timeout;
}

bool cheated(const JudgedPrecheck& it) {
  return it.outcome == Outcome::suspicious;
}

struct Question {
  const char* name;
  bool (*asked)(const JudgedPrecheck&);  // whether it makes sense of this kernel
  bool (*said)(const Foretold&);         // that the kernel is bad
  bool (*found)(const JudgedPrecheck&);  // the same, by the judge
};
constexpr Question kQuestions[] = {
    {"passes", [](const JudgedPrecheck&) { return true; },
     [](const Foretold& foretold) { return !foretold.passes(); },
     [](const JudgedPrecheck& it) { return it.outcome != Outcome::ok; }},
    {"compiles", [](const JudgedPrecheck&) { return true; },
     [](const Foretold& foretold) { return !foretold.compiles; },
     [](const JudgedPrecheck& it) { return !compiled(it); }},
    {"right", compiled, [](const Foretold& foretold) { return !foretold.right; },
     [](const JudgedPrecheck& it) { return it.outcome != Outcome::ok && !cheated(it); }},
    {"cheats", compiled, [](const Foretold& foretold) { return foretold.cheats; }, cheated},
};

PrecheckScore score_of(const Question& question, const std::vector<JudgedPrecheck>& prechecks) {
  int64_t said = 0, found = 0, both = 0;
  for (const JudgedPrecheck& it : prechecks) {
    if (!question.asked(it)) continue;
    const bool no = question.said(it.foretold), bad = question.found(it);
    said += no ? 1 : 0;
    found += bad ? 1 : 0;
    both += no && bad ? 1 : 0;
  }
  return {question.name, share_of(both, said), share_of(both, found)};
}

}  // namespace

Share share_of(int64_t hits, int64_t all, double confidence) {
  Share share{hits, all, {}, {}, {}};
  if (all == 0) return share;
  using Binomial = boost::math::binomial_distribution<>;
  const auto n = static_cast<double>(all), k = static_cast<double>(hits);
  const double tail = (1 - confidence) / 2;
  share.value = k / n;
  share.low = Binomial::find_lower_bound_on_p(n, k, tail);
  share.high = hits == all ? 1 : Binomial::find_upper_bound_on_p(n, k, tail);
  return share;
}

std::vector<PrecheckGroup> precheck_scores(const std::vector<JudgedPrecheck>& prechecks) {
  std::map<std::string, std::vector<JudgedPrecheck>> by_model;
  for (const JudgedPrecheck& one : prechecks) by_model[one.model].push_back(one);
  std::vector<PrecheckGroup> groups;
  for (const auto& [model, judged] : by_model) {
    PrecheckGroup& group = groups.emplace_back();
    group.model = model;
    group.judged = static_cast<int64_t>(judged.size());
    for (const Question& question : kQuestions) group.scores.push_back(score_of(question, judged));
  }
  return groups;
}

}  // namespace kbench
