#include "search/confirmations.hpp"

#include <algorithm>
#include <limits>

namespace kbench {

namespace {

// Below this a screened time does not promise a win worth a confirmation (the minimum effect).
constexpr double kWorthConfirming = 0.995;
// Percents of a time budget kept for the end of the campaign, at least and at most.
constexpr int kLeastReserve = 15, kLargestReserve = 40;

// Time of it / time of the anchor, from pairs: times of different moments do not compare.
double ratio_of(const Confirmed& confirmed) {
  const auto& against = confirmed.confirmation.against_anchor;
  return against ? against->ratio : 1;
}

bool holds(const auto& list, const std::string& kernel_text, auto&& candidate_in) {
  return std::any_of(list.begin(), list.end(), [&](const auto& entry) {
    return candidate_in(entry).kernel_text == kernel_text;
  });
}

}  // namespace

Result<void> Confirmations::restore() {
  return with_.store.for_each(
      [&](const StoredEvaluation& row) {
        Confirmed confirmed{
            {row.source, row.kernel_name, row.evaluation.params, row.language, row.compiler},
            row.id,
            {}};
        confirmed.confirmation.evaluation = row.evaluation;
        confirmed.confirmation.against_anchor = row.against_anchor;
        confirmed.confirmation.against_incumbent = row.against_incumbent;
        confirmed.confirmation.shrinkage = row.shrinkage.value_or(0);
        if (holds(with_.setup.baselines, row.source, [](const auto& entry) { return entry; })) {
          result_.baselines.push_back(std::move(confirmed));
        } else {
          admit(std::move(confirmed));
        }
        return true;
      },
      Selection{.campaign = result_.id, .evidence = Evidence::confirmed});
}

void Confirmations::add(const Candidate& candidate, const Evaluation& evaluation,
                        int64_t evaluation_id, bool anchor) {
  finalists_.add(candidate, evaluation, evaluation_id);
  if (anchor) {
    anchor_ =
        Screened{candidate, evaluation_id, evaluation.timing.median_ns, evaluation.equivalent_hash};
  }
}

Result<void> Confirmations::confirm_anchor(int64_t sequence) {
  if (!anchor_waits() || with_.stop) return {};
  const Screened screened = *anchor_;
  anchor_.reset();  // one that cannot be confirmed is none
  return confirm(screened, {}, sequence);
}

Result<void> Confirmations::confirm_best(int count, int64_t sequence) {
  double below = std::numeric_limits<double>::infinity();
  if (result_.incumbent) {
    below = kWorthConfirming * result_.incumbent->confirmation.evaluation.timing.median_ns;
  }
  for (const Screened& screened : finalists_.unconfirmed(static_cast<size_t>(count), below)) {
    const bool one_found = result_.finalists.size() > 1;
    const auto baselines = static_cast<int64_t>(with_.setup.baselines.size());
    if (with_.stop || (one_found && !time_for(1 + baselines))) break;
    ConfirmationRequest request;
    request.finalists = count;
    if (result_.anchor) {
      request.anchor = result_.anchor->candidate;
      if (result_.incumbent->evaluation_id != result_.anchor->evaluation_id) {
        request.incumbent = result_.incumbent->candidate;
      }
    }
    auto done = confirm(screened, std::move(request), sequence);
    if (!done) return done;
  }
  return {};
}

Result<void> Confirmations::confirm(const Screened& screened, ConfirmationRequest request,
                                    int64_t sequence) {
  request.candidate = screened.candidate;
  request.screen_ns = screened.median_ns;
  auto done = run(std::move(request), sequence, screened.evaluation_id);
  if (!done) return tl::unexpected(done.error());
  const Confirmation confirmation = done->confirmation;
  const bool promoted = admit(std::move(*done));
  with_.observer.on_confirmation(screened.candidate, confirmation, promoted);
  return {};
}

Result<void> Confirmations::compare_baselines(int64_t sequence) {
  if (!result_.incumbent) return {};
  for (const Candidate& baseline : with_.setup.baselines) {
    const bool restored = holds(result_.baselines, baseline.kernel_text,
                                [](const Confirmed& entry) { return entry.candidate; });
    if (restored) continue;
    if (with_.stop || !time_for(1)) break;
    ConfirmationRequest request;
    request.candidate = baseline;
    request.incumbent = result_.incumbent->candidate;
    auto done = run(std::move(request), sequence, 0);
    if (!done) return tl::unexpected(done.error());
    with_.observer.on_confirmation(baseline, done->confirmation, false);
    result_.baselines.push_back(std::move(*done));
  }
  return {};
}

std::chrono::nanoseconds Confirmations::reserve(std::chrono::nanoseconds under_way) const {
  const CampaignSetup& setup = with_.setup;
  if (!setup.budget.wall) return {};
  const std::chrono::nanoseconds wall = *setup.budget.wall;
  const auto left = setup.finalists + static_cast<int64_t>(setup.baselines.size());
  const auto wanted = std::max(wall * kLeastReserve / 100, longest_ * left);
  return std::min(wanted + under_way, wall * kLargestReserve / 100);
}

Result<CampaignResult> Confirmations::finish(Result<void> worked, int64_t sequence) {
  if (worked && !with_.stop) worked = confirm_anchor(sequence);
  if (worked && !with_.stop) worked = confirm_best(with_.setup.finalists, sequence);
  if (worked && !with_.stop) worked = compare_baselines(sequence);
  if (with_.stop) result_.ended_by = "interrupted";
  auto ended = with_.store.end_campaign(result_.id, with_.stop || !worked ? "interrupted" : "done");
  if (!worked) return tl::unexpected(worked.error());
  if (!ended) return tl::unexpected(ended.error());
  std::stable_sort(
      result_.finalists.begin(), result_.finalists.end(),
      [](const Confirmed& a, const Confirmed& b) { return ratio_of(a) < ratio_of(b); });
  result_.progress.spent.wall = with_.now() - started_;
  return result_;
}

// Whether so many as long as the longest so far still fit in the time budget.
bool Confirmations::time_for(int64_t confirmations) const {
  const auto& wall = with_.setup.budget.wall;
  return !wall || with_.now() - started_ + confirmations * longest_ <= *wall;
}

// Judged and stored, whatever came of it.
Result<Confirmed> Confirmations::run(ConfirmationRequest request, int64_t sequence,
                                     int64_t parent) {
  request.id = sequence;
  with_.observer.on_confirming(request.candidate);
  request.problem = with_.setup.problem;
  request.device = with_.setup.device;
  const auto began = with_.now();
  auto confirmation = with_.evaluator.confirm(request);
  if (!confirmation) return tl::unexpected(confirmation.error());
  longest_ = std::max(longest_, with_.now() - began);
  const auto& repeat = with_.setup.repeat_command;
  auto id = with_.store.record(result_.id, request.candidate, *confirmation,
                               repeat ? repeat(request.candidate, request.problem) : std::string(),
                               parent);
  if (!id) return tl::unexpected(id.error());
  return Confirmed{std::move(request.candidate), *id, std::move(*confirmation)};
}

// True when it takes the incumbent's place: FASTER than it in pairs, not merely on the screen.
bool Confirmations::admit(Confirmed confirmed) {
  const Confirmation& confirmation = confirmed.confirmation;
  finalists_.mark_confirmed(confirmation.evaluation);
  if (confirmation.evaluation.outcome != Outcome::ok ||
      confirmation.evaluation.evidence != Evidence::confirmed) {
    return false;
  }
  const std::optional<Comparison>& decides =
      confirmation.against_incumbent ? confirmation.against_incumbent : confirmation.against_anchor;
  const bool first = !result_.incumbent;
  if (first) result_.anchor = confirmed;
  const bool promoted = first || (decides && decides->verdict == Verdict::faster);
  if (promoted) result_.incumbent = confirmed;
  result_.finalists.push_back(std::move(confirmed));
  return promoted;
}

}  // namespace kbench
