#include "cli/verdict.hpp"

#include <fmt/core.h>

#include "cli/terminal.hpp"
#include "core/text.hpp"

namespace kbench {

std::string advice_for(const Evaluation& evaluation) {
  switch (evaluation.outcome) {
    case Outcome::ok:
      return "";
    case Outcome::invalid_header:
      return "see docs/kernel-file.md for the header's rules";
    case Outcome::constraint_violated:
      return "choose params that satisfy the 'require' lines";
    case Outcome::unsupported:
      return "use another problem or variant, or widen the kernel";
    case Outcome::compile_error:
      return "the compiler's messages stand below";
    case Outcome::compile_timeout:
      return "compile less: fewer instantiations, less unrolling";
    case Outcome::resource_limit:
      return "use less memory; docs/sandbox.md lists the limits";
    case Outcome::launch_error:
      return "check that every function it calls is in the file";
    case Outcome::timeout:
      return "look for a loop that does not end on this shape";
    case Outcome::crashed:
      return "run it under a debugger on the shape named above";
    case Outcome::wrong_result:
      return "compare with the naive kernel on that shape; the bound is the reference's own "
             "rounding error";
    case Outcome::out_of_bounds:
      return "check the tail of the last row or tile";
    case Outcome::input_modified:
      return "copy what must change into a buffer";
    case Outcome::nondeterministic:
      if (evaluation.device == "emulated") return "docs/emulated.md says what orders two accesses";
      return "the task asks for the same bits in every run";
    case Outcome::suspicious:
      return "the time cannot be real: see docs/timing.md";
    case Outcome::internal_error:
      return "this is the machine's or kbench's failure, not the kernel's";
  }
  return "";
}

std::string comparison_text(const Comparison& comparison) {
  const Colour colour = comparison.verdict == Verdict::faster   ? Colour::green
                        : comparison.verdict == Verdict::slower ? Colour::red
                                                                : Colour::yellow;
  std::string word(name_of(comparison.verdict));
  for (char& letter : word) letter = static_cast<char>(std::toupper(letter));
  // Three decimals only where they could decide.
  const int digits = comparison.ratio > 0.9 && comparison.ratio < 1.1 ? 3 : 2;
  return fmt::format("{:.{}f}x [{:.{}f}, {:.{}f}] {}", 1 / comparison.ratio, digits,
                     1 / comparison.high, digits, 1 / comparison.low, digits, paint(word, colour));
}

Comparison reversed(const Comparison& comparison) {
  Comparison other = comparison;
  other.ratio = 1 / comparison.ratio;
  other.low = 1 / comparison.high;
  other.high = 1 / comparison.low;
  std::swap(other.a_ns, other.b_ns);
  for (double& ratio : other.log_ratios) ratio = -ratio;
  if (comparison.verdict == Verdict::faster) other.verdict = Verdict::slower;
  if (comparison.verdict == Verdict::slower) other.verdict = Verdict::faster;
  return other;
}

std::string verdict_text(const Evaluation& evaluation, const std::string& kernel_name) {
  const bool good = evaluation.outcome == Outcome::ok;
  std::string text =
      fmt::format("{} {} on {} {}\n",
                  paint(good ? "ok" : std::string(name_of(evaluation.outcome)),
                        good ? Colour::green : Colour::red),
                  kernel_name, evaluation.problem.task, evaluation.problem.canonical());
  auto line = [&](const char* label, const std::string& value) {
    if (!value.empty()) text += fmt::format("  {:<10} {}\n", label, value);
  };
  line("params", canonical(evaluation.params));
  line("evidence", std::string(name_of(evaluation.evidence)));
  if (!good) {
    line("rule", evaluation.rule);
    line("why", evaluation.message);
    line("advice", advice_for(evaluation));
  }
  if (!evaluation.timing.samples_ns.empty()) {
    const Timing& timing = evaluation.timing;
    line("time",
         fmt::format("{} median of {} (min {}, max {}{})", format_time(timing.median_ns),
                     timing.samples_ns.size(), format_time(timing.min_ns),
                     format_time(timing.max_ns),
                     timing.outliers > 0 ? fmt::format(", {} outliers", timing.outliers) : ""));
    if (evaluation.bytes > 0) {
      line("rate", format_rate(evaluation.bytes / timing.median_ns * 1e9, "B") + ", " +
                       format_rate(evaluation.flops / timing.median_ns * 1e9, "FLOP"));
    }
    if (evaluation.roofline_share > 0) {
      const bool gpu =
          evaluation.device.starts_with("cuda") || evaluation.device.starts_with("hip");
      line("roofline",
           fmt::format("{:.0f} % of {}", 100 * evaluation.roofline_share,
                       gpu ? "what the GPU's clocks allow" : "this machine's measured ceiling"));
    }
  }
  if (evaluation.code_bytes == 0) {  // it was never built
    for (const std::string& note : evaluation.notes) line("note", note);
    return text + (good ? "" : evaluation.log);
  }
  if (evaluation.rms_error) {
    line("error",
         fmt::format("{:.2g} % of what is allowed, root mean square", 100 * *evaluation.rms_error));
  }
  line("costs",
       fmt::format("compile {:.0f} ms, verify {:.0f} ms, screen {:.0f} ms; harness {:.1f} ms "
                   "beside {:.1f} ms of kernel",
                   evaluation.costs.compile_ms, evaluation.costs.verify_ms,
                   evaluation.costs.screen_ms, evaluation.costs.harness_ms,
                   evaluation.costs.kernel_ms));
  line("code", fmt::format("{} bytes, {} for {}", evaluation.code_bytes, evaluation.compiler,
                           evaluation.target));
  if (evaluation.call_joules > 0) {
    line("energy",
         fmt::format("{:.3g} J a call, of the whole package or board", evaluation.call_joules));
  }
  if (evaluation.workspace_bytes.value_or(0) > 0) {
    line("workspace", fmt::format("{} bytes beside the tensors", *evaluation.workspace_bytes));
  }
  line("sandbox", evaluation.sandbox);
  for (const std::string& note : evaluation.notes) line("note", note);
  if (!good && !evaluation.log.empty()) text += evaluation.log;
  return text;
}

}  // namespace kbench
