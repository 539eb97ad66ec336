#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/evaluation.hpp"

namespace kbench {

// One kernel that must stay right and fast: an entry of the policy file (docs/gate.md).
struct GateEntry {
  std::string task, problem;  // the problem as on the command line; empty: the task's first
  std::string kernel;         // path of its file, from the policy file's folder
  Params params;              // empty: the file's defaults
  std::string anchor;         // path of the kernel it is compared with in the same run
  std::string device = "cpu";
  // Its time / the anchor's time, that it must keep; none yet: `--update` writes it.
  std::optional<double> ratio_to_anchor;
  double tolerance = 0.05;  // share by which the ratio may be worse
  Evidence evidence = Evidence::confirmed;
};

struct GatePolicy {
  std::string path;
  std::vector<GateEntry> entries;
};

// A JSON object {"kernels": [entry, ...]}. Errors name file:line:column for what is no JSON, and
// file and entry for unknown names (near misses suggested), wrong types and values out of range.
// Fields that begin with "_" are comments.
Result<GatePolicy> parse_policy(const std::string& text, const std::string& path);
Result<GatePolicy> read_policy(const std::string& path);

enum class GateVerdict { passed, improved, wrong, unproven, slower, undecided, no_baseline };
std::string_view name_of(GateVerdict verdict);

struct GateReport {
  GateVerdict verdict = GateVerdict::unproven;
  std::string explanation;  // a sentence with the figures
  std::optional<double> ratio, low, high;
  // Improved counts as passed: nothing broke.
  bool passed() const { return verdict == GateVerdict::passed || verdict == GateVerdict::improved; }
};

// What the policy says of a judged kernel. Slower and improved need the whole interval beyond the
// allowed ratio; one that reaches across it is undecided when its middle lies beyond, else passed.
// Without a comparison (the anchor judged against itself) the ratio counts as exactly 1.
GateReport decide(const GateEntry& entry, const Evaluation& evaluation,
                  const std::optional<Comparison>& against_anchor);

// The policy's text with the entry's ratio replaced or added and every other byte's meaning kept:
// the same fields in the same order, indented by two.
Result<std::string> updated_policy(const std::string& text, const std::string& path,
                                   const std::vector<std::optional<double>>& ratios);
// Replaces the file in one step. `ratios` are by entry; none: left as it is.
Result<void> update_policy(const GatePolicy& policy,
                           const std::vector<std::optional<double>>& ratios);

}  // namespace kbench
