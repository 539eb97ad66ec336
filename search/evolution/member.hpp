#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/kernel_file.hpp"

namespace kbench {

// A kernel of a campaign that was measured, at its tuned best.
struct Member {
  std::string name, source, step;
  Params params;
  double ns = 0, roofline_share = 0;
  int64_t evaluation_id = 0, code_bytes = 0;
  std::vector<std::string> notes;     // the judge's, of registers and spills where it knows them
  std::string surface;                // how the time depends on its params
  std::string identity;               // of its machine code and launches
  std::vector<double> shapes_ns;      // on every shape of the campaign, the timed one first
  std::optional<size_t> parent = {};  // the member it came from
  int64_t offspring = 0;              // steps that started from it
  int64_t measured = 1;               // proposals with this machine code; `ns` is their mean
};

// In the order they were told: an index is a name for good.
using Members = std::vector<Member>;

// A way to a faster kernel that a model laid out, followed one step at a time.
struct Plan {
  std::string strategy;
  std::vector<std::string> steps;
  size_t next = 0;
  bool done() const { return next >= steps.size(); }
};

// One that was not measured, and why.
struct Failure {
  std::string source;  // what it was, or what its edits were for
  std::string why;
  int64_t evaluation_id = 0;  // of it, or of what it came from
};

// A kernel from elsewhere that can be translated.
struct ForeignKernel {
  std::string name, language, source;
  std::string speed;  // what is known of it, in words
};

// What to ask a model for next.
struct Turn {
  std::string name = {};               // a prompt part: "write", "improve", "repair"
  std::string base = {};               // the source that edits are for; empty: none
  int64_t parent = 0;                  // the evaluation it starts from
  std::string about = {};              // for the record: a plan's step, what is translated
  std::string failure = {};            // repair: what was wrong with `base`
  std::optional<size_t> member = {};   // it starts from
  std::optional<size_t> other = {};    // cross: the second one
  std::optional<size_t> foreign = {};  // translate: which
  std::optional<Plan> plan = {};       // step, and repairs on the way
  int64_t place = 0;                   // the proposal whose island or chain it works in
  int repairs = 0;                     // in a row
  double reference_ns = 0;             // what a gain counts from
  bool asks_plan = false;              // the reply is to be a plan, no kernel
};

}  // namespace kbench
