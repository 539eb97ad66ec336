#include "results/gate.hpp"

#include <fmt/format.h>

namespace kbench {

namespace {

constexpr std::string_view kVerdicts[] = {"passed", "improved",  "wrong",      "unproven",
                                          "slower", "undecided", "no_baseline"};

// "0.80 of the anchor's time (0.79 to 0.81)".
std::string measured(const GateReport& report) {
  return fmt::format("{:.3f} of the anchor's time ({:.3f} to {:.3f})", *report.ratio, *report.low,
                     *report.high);
}

GateReport judged_by(const GateEntry& entry, GateReport report) {
  if (!entry.ratio_to_anchor) {
    report.verdict = GateVerdict::no_baseline;
    report.explanation =
        measured(report) + "; the policy has no ratio_to_anchor yet: write it with --update";
    return report;
  }
  const double baseline = *entry.ratio_to_anchor;
  const double allowed = baseline * (1 + entry.tolerance);
  const std::string rule =
      fmt::format("; the policy says {:.3f}, at most {:.3f} with {:.1f} % tolerance", baseline,
                  allowed, entry.tolerance * 100);
  if (*report.low > allowed) {
    report.verdict = GateVerdict::slower;
    report.explanation = fmt::format("slower by {:.1f} %: ", (*report.ratio / baseline - 1) * 100) +
                         measured(report) + rule;
  } else if (*report.ratio > allowed) {
    report.verdict = GateVerdict::undecided;
    report.explanation =
        "may be slower: " + measured(report) + rule + "; run again on a quieter machine";
  } else if (*report.high < baseline / (1 + entry.tolerance)) {
    report.verdict = GateVerdict::improved;
    report.explanation = fmt::format("faster by {:.1f} %: ", (baseline / *report.ratio - 1) * 100) +
                         measured(report) + rule + "; keep it with --update";
  } else {
    report.verdict = GateVerdict::passed;
    report.explanation = measured(report) + rule;
  }
  return report;
}

}  // namespace

std::string_view name_of(GateVerdict verdict) {
  return kVerdicts[static_cast<size_t>(verdict)];
}

GateReport decide(const GateEntry& entry, const Evaluation& evaluation,
                  const std::optional<Comparison>& against_anchor) {
  GateReport report;
  if (evaluation.outcome != Outcome::ok) {
    report.verdict = GateVerdict::wrong;
    report.explanation = fmt::format("{}{}: {}", name_of(evaluation.outcome),
                                     evaluation.rule.empty() ? "" : " (" + evaluation.rule + ")",
                                     evaluation.message);
    return report;
  }
  if (evaluation.evidence < entry.evidence) {
    report.verdict = GateVerdict::unproven;
    report.explanation = fmt::format("only {}, the policy requires {}",
                                     name_of(evaluation.evidence), name_of(entry.evidence));
    return report;
  }
  const Comparison itself;
  const Comparison& against = against_anchor ? *against_anchor : itself;
  report.ratio = against.ratio;
  report.low = against.low;
  report.high = against.high;
  // Where no timing is asked for there is nothing to compare: an emulated device ends at
  // `verified`.
  if (entry.evidence < Evidence::screened && !entry.ratio_to_anchor) {
    report.verdict = GateVerdict::passed;
    report.explanation =
        fmt::format("{}; the policy asks for no time", name_of(evaluation.evidence));
    return report;
  }
  return judged_by(entry, report);
}

}  // namespace kbench
