#pragma once

#include <set>
#include <string>
#include <vector>

#include "harness/evaluation.hpp"

namespace kbench {

// A screened candidate that could win.
struct Screened {
  Candidate candidate;
  int64_t evaluation_id = 0;
  double median_ns = 0;
  std::string identity;  // of its code and launches; equal: the same kernel under other params
};

// The fastest screened candidates, each machine code once, and which of them were confirmed
// already.
class Finalists {
 public:
  explicit Finalists(size_t keep) : keep_(keep) {}

  void add(const Candidate& candidate, const Evaluation& evaluation, int64_t evaluation_id);
  void mark_confirmed(const Evaluation& evaluation);
  // Fastest first, at most `count`, those confirmed left out; all faster than `below_ns`.
  std::vector<Screened> unconfirmed(size_t count, double below_ns) const;
  const std::vector<Screened>& fastest() const { return screened_; }

 private:
  size_t keep_;
  std::vector<Screened> screened_;
  std::set<std::string> confirmed_;
};

}  // namespace kbench
