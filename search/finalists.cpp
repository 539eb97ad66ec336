#include "search/finalists.hpp"

#include <algorithm>

namespace kbench {
namespace {

std::string identity_of(const Evaluation& evaluation) {
  return evaluation.equivalent_hash.empty() ? evaluation.candidate_hash
                                            : evaluation.equivalent_hash;
}

}  // namespace

void Finalists::add(const Candidate& candidate, const Evaluation& evaluation,
                    int64_t evaluation_id) {
  Screened entry{candidate, evaluation_id, evaluation.timing.median_ns, identity_of(evaluation)};
  auto same = std::find_if(screened_.begin(), screened_.end(),
                           [&](const Screened& other) { return other.identity == entry.identity; });
  if (same != screened_.end()) {
    if (same->median_ns <= entry.median_ns) return;
    screened_.erase(same);
  }
  auto place = std::upper_bound(
      screened_.begin(), screened_.end(), entry,
      [](const Screened& a, const Screened& b) { return a.median_ns < b.median_ns; });
  screened_.insert(place, std::move(entry));
  if (screened_.size() > keep_) screened_.pop_back();
}

void Finalists::mark_confirmed(const Evaluation& evaluation) {
  confirmed_.insert(identity_of(evaluation));
}

std::vector<Screened> Finalists::unconfirmed(size_t count, double below_ns) const {
  std::vector<Screened> chosen;
  for (const Screened& entry : screened_) {
    if (chosen.size() == count || entry.median_ns >= below_ns) break;
    if (!confirmed_.contains(entry.identity)) chosen.push_back(entry);
  }
  return chosen;
}

}  // namespace kbench
