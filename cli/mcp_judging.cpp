#include <fmt/format.h>

#include "cli/mcp_tools.hpp"
#include "cli/verdict.hpp"
#include "harness/environment.hpp"

namespace kbench {

using nlohmann::json;

namespace {

constexpr size_t kLongestSource = size_t{256} << 10, kLongestLog = 4000;
constexpr double kComparingSeconds = 5;

const json kName = {{"type", "string"}, {"maxLength", 200}};
const json kSource = {{"type", "string"},
                      {"maxLength", kLongestSource},
                      {"description",
                       "The text of a kernel file, header lines included (describe_task explains "
                       "it), or the word naive for the task's reference"}};
const json kProblem = {
    {"type", "string"},
    {"maxLength", 1000},
    {"description", "Such as rows=4096,cols=1000; what is left out comes from the task"}};
const json kParams = {
    {"type", "string"},
    {"maxLength", 1000},
    {"description", "Such as BLOCK=64,UNROLL=2; those left out have their defaults"}};

std::string text(const json& arguments, const char* name) {
  return arguments.value(name, std::string());
}

Result<SourceJudge::Subject> subject_of(const McpBench& bench, const json& arguments,
                                        const char* source, const char* params) {
  return bench.judge.subject({text(arguments, "task"), text(arguments, "problem"),
                              text(arguments, source), text(arguments, params)},
                             fmt::format("{}.cpp", source));
}

json comparison_of(const Comparison& comparison) {
  return {{"verdict", name_of(comparison.verdict)},
          {"speedup", 1 / comparison.ratio},
          {"low", 1 / comparison.high},
          {"high", 1 / comparison.low},
          {"confidence", comparison.confidence},
          {"launches", comparison.launches},
          {"pairs", comparison.pairs},
          {"a_ns", comparison.a_ns},
          {"b_ns", comparison.b_ns}};
}

json evaluation_of(const Evaluation& it) {
  json found = {{"outcome", name_of(it.outcome)},
                {"evidence", name_of(it.evidence)},
                {"problem", it.problem.canonical()},
                {"params", canonical(it.params)}};
  if (it.outcome != Outcome::ok) {
    found["rule"] = it.rule;
    found["message"] = it.message;
    found["advice"] = advice_for(it);
    if (!it.log.empty()) found["log"] = it.log.substr(0, kLongestLog);
  }
  if (!it.timing.samples_ns.empty()) {
    found["median_ns"] = it.timing.median_ns;
    found["min_ns"] = it.timing.min_ns;
    found["max_ns"] = it.timing.max_ns;
  }
  if (it.roofline_share > 0) found["roofline_share"] = it.roofline_share;
  if (!it.notes.empty()) found["notes"] = it.notes;
  return found;
}

// Where a confirmed kernel is in the database, or why it is not there.
json stored(McpBench& bench, const SourceJudge::Subject& subject,
            const Confirmation& confirmation) {
  if (confirmation.evaluation.evidence != Evidence::confirmed || !confirmation.against_anchor) {
    return {{"why_not", "it was not confirmed"}};
  }
  if (subject.candidate.kernel_text == subject.anchor.kernel_text) {
    return {{"why_not", "it is the reference"}};
  }
  std::optional<Confirmation> anchor;
  if (bench.record.wants_anchor(subject.problem)) {
    auto confirmed = bench.judge.confirm_anchor(subject);
    if (!confirmed) return {{"why_not", confirmed.error().text()}};
    anchor = std::move(*confirmed);
  }
  auto kept = bench.record.keep(subject, confirmation, anchor);
  if (!kept) return {{"why_not", kept.error().text()}};
  return {{"evaluation", *kept}};
}

Result<json> evaluate(McpBench& bench, const json& arguments, const McpProgress& progress) {
  auto subject = subject_of(bench, arguments, "source", "params");
  if (!subject) return tl::unexpected(subject.error());
  if (!arguments.value("confirm", false)) {
    progress(0, 1, "judging");
    auto evaluation = bench.judge.evaluate(*subject);
    if (!evaluation) return tl::unexpected(evaluation.error());
    return evaluation_of(*evaluation);
  }
  progress(0, 1, "confirming");
  auto confirmation = bench.judge.confirm(*subject);
  if (!confirmation) return tl::unexpected(confirmation.error());
  json found = evaluation_of(confirmation->evaluation);
  found["stored"] = stored(bench, *subject, *confirmation);
  if (confirmation->against_anchor) {
    found["against_reference"] = comparison_of(*confirmation->against_anchor);
  }
  std::vector<std::string> held_out;
  for (const Problem& problem : confirmation->held_out) held_out.push_back(problem.canonical());
  found["held_out"] = held_out;
  return found;
}

Result<json> compare(McpBench& bench, const json& arguments, const McpProgress& progress) {
  auto a = subject_of(bench, arguments, "a", "a_params");
  if (!a) return tl::unexpected(a.error());
  auto b = subject_of(bench, arguments, "b", "b_params");
  if (!b) return tl::unexpected(b.error());
  progress(0, 1, "comparing");
  auto compared = bench.judge.compare(a->candidate, b->candidate, a->problem, kComparingSeconds);
  if (!compared) return tl::unexpected(compared.error());
  if (*compared) return comparison_of(**compared);
  const Fault& failed = compared->error();
  return json{
      {"outcome", name_of(failed.outcome)}, {"rule", failed.rule}, {"message", failed.message}};
}

Result<json> device_facts(McpBench& bench, const json& arguments, const McpProgress& progress) {
  progress(0, 1, "measuring what was not measured before");
  auto device = bench.judge.describe(arguments.value("threads", 1));
  if (!device) return tl::unexpected(device.error());
  json facts = device->ceilings;
  facts["compilers"] = device->compilers;
  facts["sandbox"] = device->sandbox;
  facts["launch_ns"] = device->launch_ns;
  return facts;
}

}  // namespace

std::vector<McpTool> mcp_judging_tools() {
  const int cores = this_cpu().cores;
  return {
      {"evaluate", "Judge a kernel",
       "Compiles a kernel, proves it right against a double-precision reference on many shapes and "
       "times it. With confirm it is also tried on fresh inputs and shapes drawn anew, and timed "
       "in pairs against the reference: only then does a speed-up count, and is it kept among "
       "the best known kernels.",
       tool_schema({{"task", kName},
                    {"source", kSource},
                    {"problem", kProblem},
                    {"params", kParams},
                    {"confirm", {{"type", "boolean"}}}},
                   {"task", "source"}),
       evaluate, true},
      {"compare", "Compare two kernels",
       "Verifies two kernels and times them in pairs on the same memory, in several launches. "
       "speedup is how much faster a is than b, with its interval.",
       tool_schema({{"task", kName},
                    {"a", kSource},
                    {"b", kSource},
                    {"problem", kProblem},
                    {"a_params", kParams},
                    {"b_params", kParams}},
                   {"task", "a", "b"}),
       compare},
      {"device_facts", "What this machine can do",
       "Processor, compilers, sandbox, and measured ceilings: arithmetic by type, copying by "
       "footprint in bytes a second.",
       tool_schema({{"threads", {{"type", "integer"}, {"minimum", 1}, {"maximum", cores}}}}, {}),
       device_facts},
  };
}

}  // namespace kbench
