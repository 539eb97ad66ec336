#pragma once

#include <deque>
#include <random>
#include <string>
#include <vector>

#include "core/registry.hpp"
#include "harness/kernel_file.hpp"

namespace kbench {

// A kernel of a campaign that was measured, at its tuned best.
struct Member {
  std::string name, source, step;
  Params params;
  double ns = 0, roofline_share = 0;
  int64_t evaluation_id = 0;
  std::string surface;  // how the time depends on its params
};

// One that was not, and why.
struct Failure {
  std::string source;  // what it was, or what its edits were for
  std::string why;
  int64_t evaluation_id = 0;  // of it, or of what it came from
  int repairs = 0;            // that led to it, in a row
};

// What to ask a model for next.
struct Turn {
  std::string name = {};     // a prompt part: "write", "improve", "repair"
  std::string base = {};     // the source that edits are for; empty: none
  int64_t parent = 0;        // the evaluation it starts from
  std::string failure = {};  // repair: what was wrong with `base`
  size_t member = 0;         // improve: which
  int repairs = 0;
};

// How the next step is chosen: "evolve" repairs what can be, writes afresh one time in four, else
// improves a measured kernel, the k-th fastest with weight 1/k; "best_of_n" always writes from the
// task alone, which is what evolving has to beat.
struct Arm {
  std::string help;
  bool evolves = true;
};
Registry<Arm>& arms();

class Population {
 public:
  void add(Member member);
  void add(Failure failure) { failures_.push_back(std::move(failure)); }

  // Fastest first.
  const std::vector<Member>& members() const { return members_; }
  Turn next(const Arm& arm, std::mt19937_64& random);

 private:
  std::vector<Member> members_;
  std::deque<Failure> failures_;
};

}  // namespace kbench
