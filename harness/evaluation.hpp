#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/kernel_file.hpp"
#include "harness/outcome.hpp"
#include "harness/task.hpp"

namespace kbench {

// A source with its params: what is judged.
struct Candidate {
  std::string kernel_text;
  std::string kernel_name;  // file name for messages
  Params params;            // complete
  std::string language = "cpp";
  std::string compiler;  // "g++", "clang++"; empty: the backend's first
};

// Ask: judge one candidate on one problem, up to a stage.
struct EvaluationRequest {
  int64_t id = 0;  // the campaign's sequence number
  Candidate candidate;
  Problem problem;
  std::string device = "cpu";
  Evidence until = Evidence::screened;
  double incumbent_ns = 0;  // >0: the screen stops early when clearly slower
  double fidelity = 1;      // <1: that share of a screen's samples; evidence stays `verified`
  bool energy = false;      // measure a screened call's as well
};

struct Timing {
  std::vector<double> samples_ns;  // per call, one a batch pair; nothing dropped
  double median_ns = 0;
  double min_ns = 0, q1_ns = 0, q3_ns = 0, max_ns = 0;
  int outliers = 0;  // flagged (beyond 1.5 IQR), kept
};
// Quartiles interpolate linearly between order statistics.
Timing summarise(std::vector<double> samples_ns);

// Where the harness's own time went, in ms; kernel and compile time apart.
struct Costs {
  double compile_ms = 0, verify_ms = 0, screen_ms = 0;
  double kernel_ms = 0;   // inside the candidate
  double harness_ms = 0;  // everything else after compiling
};

struct Evaluation {
  int64_t id = 0;
  Outcome outcome = Outcome::internal_error;
  std::string rule, message;
  Evidence evidence = Evidence::none;
  std::string kernel_hash, candidate_hash, build_hash, equivalent_hash;
  Params params;
  Problem problem;
  std::string device, device_model, compiler, target, sandbox;
  Timing timing;
  Costs costs;
  double flops = 0, bytes = 0;  // the problem's work
  double roofline_share = 0;    // 0: unknown
  int64_t code_bytes = 0;
  std::optional<int64_t> workspace_bytes;  // its buffers, for one tensor set; none: never built
  double prepare_ns = 0;
  double call_joules = 0;  // of the whole package or board; 0: not counted
  // Root mean square of the outputs' errors on the verification problems, each as a share of what
  // is allowed there; none: not verified, or all outputs must be equal.
  std::optional<double> rms_error;
  std::string log;  // compiler messages, paths shortened
  std::vector<std::string> notes;
  uint64_t seed = 0;
};

// Paired comparison of a with b on shared pages (DESIGN 6). ratio = time of a / time of b.
enum class Verdict { faster, slower, same, inconclusive };
std::string_view name_of(Verdict verdict);
Result<Verdict> parse_verdict(std::string_view name);
struct Comparison {
  Verdict verdict = Verdict::inconclusive;
  double ratio = 1, low = 1, high = 1;  // geometric, with the interval at `confidence`
  double confidence = 0.99;
  int launches = 0, pairs = 0;
  double a_ns = 0, b_ns = 0;         // medians of the pairs
  std::vector<double> log_ratios;    // per pair, launch by launch
  std::vector<double> a_samples_ns;  // what a took in each pair; stays inside the judge
};

// Confirm a candidate that could win: verified on fresh and held-out problems, outputs compared in
// full with the incumbent's and the anchor's, timed in pairs against both.
struct ConfirmationRequest {
  int64_t id = 0;
  Candidate candidate;
  std::optional<Candidate> incumbent;  // none: only against the anchor
  std::optional<Candidate> anchor;     // none: candidate is the anchor
  Problem problem;
  std::string device = "cpu";
  int finalists = 1;  // the interval is widened for this many comparisons
  double screen_ns = 0;
};
struct Confirmation {
  int64_t id = 0;
  Evaluation evaluation;  // outcome ok, evidence confirmed, or what went wrong
  std::optional<Comparison> against_incumbent, against_anchor;
  double shrinkage = 0;  // confirmed median / screened median - 1
  std::vector<Problem> held_out;
};

// Objects with the fields' own names, enums by name, absent optionals left out. Reading ignores
// unknown fields, keeps the default of missing ones and throws nlohmann::json::exception, which
// names the field, for a value of the wrong type.
void to_json(nlohmann::json& json, const Problem& problem);
void from_json(const nlohmann::json& json, Problem& problem);
void to_json(nlohmann::json& json, const Candidate& candidate);
void from_json(const nlohmann::json& json, Candidate& candidate);
void to_json(nlohmann::json& json, const EvaluationRequest& request);
void from_json(const nlohmann::json& json, EvaluationRequest& request);
void to_json(nlohmann::json& json, const Timing& timing);
void from_json(const nlohmann::json& json, Timing& timing);
void to_json(nlohmann::json& json, const Costs& costs);
void from_json(const nlohmann::json& json, Costs& costs);
void to_json(nlohmann::json& json, const Evaluation& evaluation);
void from_json(const nlohmann::json& json, Evaluation& evaluation);
void to_json(nlohmann::json& json, const Comparison& comparison);
void from_json(const nlohmann::json& json, Comparison& comparison);
void to_json(nlohmann::json& json, const ConfirmationRequest& request);
void from_json(const nlohmann::json& json, ConfirmationRequest& request);
void to_json(nlohmann::json& json, const Confirmation& confirmation);
void from_json(const nlohmann::json& json, Confirmation& confirmation);

// Who answers: the judge process, a replay of recorded results, a scripted device in tests.
// Requests are pipelined: ask() returns at once; answers come in the order of the asks.
class Evaluator {
 public:
  virtual ~Evaluator() = default;
  // How many asks may be open so that compiling overlaps timing.
  virtual int depth() const = 0;
  virtual void ask(const EvaluationRequest& request) = 0;
  // Whether next() would not block, within `wait`; one who cannot tell says so at once.
  virtual bool ready([[maybe_unused]] std::chrono::milliseconds wait) { return true; }
  // Blocks for the oldest open ask. An Error means the judge itself is gone, not that a kernel is
  // bad.
  virtual Result<Evaluation> next() = 0;
  // Only with no ask open.
  virtual Result<Confirmation> confirm(const ConfirmationRequest& request) = 0;
};

}  // namespace kbench
