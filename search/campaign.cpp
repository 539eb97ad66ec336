#include "search/campaign.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "harness/plan.hpp"
#include "search/campaign_record.hpp"
#include "search/confirmations.hpp"
#include "search/race.hpp"
#include "search/standing.hpp"
#include "search/warm_start.hpp"

namespace kbench {
namespace {

// An ask that was not told yet.
struct Open {
  int64_t sequence = 0;
  size_t kernel = 0;
  Configuration configuration;
  Fidelity fidelity = {};
  Candidate candidate = {};
  bool sent = false;
  std::optional<Evaluation> answer = {};
  int64_t evaluation_id = 0;
};

// Of a part of a screen as well.
std::optional<double> value_of(const Evaluation& evaluation) {
  if (evaluation.outcome != Outcome::ok || evaluation.timing.median_ns <= 0) return {};
  return evaluation.timing.median_ns;
}

class Campaign {
 public:
  Campaign(const CampaignSetup& setup, Evaluator& evaluator, Store& store,
           CampaignObserver& observer, const std::atomic<bool>& stop, Clock now)
      : setup_(setup),
        evaluator_(evaluator),
        store_(store),
        observer_(observer),
        stop_(stop),
        now_(std::move(now)),
        started_(now_()),
        confirmations_({setup_, evaluator, store, observer, stop, now_}, started_, result_) {}

  Result<void> begin();
  Result<void> resume(const CampaignRecord& record);
  Result<CampaignResult> run();

 private:
  Result<void> enter_kernels();
  Result<void> search();
  Result<bool> ask();
  Result<void> check(const LoggedAsk& logged, const Open& open) const;
  Result<void> answer_from_store(Open& open);
  Result<void> send();
  Result<void> receive();
  Result<void> tell();
  Result<void> confirm_on_the_way();
  Result<void> drain();
  void phase(CampaignPhase phase);
  bool replaying() const { return result_.progress.spent.evaluations < logged_evaluations_; }
  // What a screen ends early against; 0: it does not.
  double to_beat(const Open& open) const {
    const bool whole = setup_.full_screens || open.fidelity.smaller;
    return whole ? 0 : result_.progress.best_screened_ns;
  }
  std::chrono::nanoseconds elapsed() const { return now_() - started_; }
  std::string over();
  const Problem& problem_of(const Open& open) const {
    return open.fidelity.smaller ? *setup_.smaller : setup_.problem;
  }
  std::string repeat(const Open& open) const {
    return setup_.repeat_command ? setup_.repeat_command(open.candidate, problem_of(open))
                                 : std::string();
  }

  CampaignSetup setup_;
  Evaluator& evaluator_;
  Store& store_;
  CampaignObserver& observer_;
  const std::atomic<bool>& stop_;
  Clock now_;
  std::chrono::nanoseconds started_;

  Race race_;
  std::deque<Open> open_;
  int in_flight_ = 0;
  int64_t asked_ = 0;
  std::vector<LoggedAsk> log_;
  int64_t logged_evaluations_ = 0;
  int64_t told_at_confirmation_ = 0;
  std::optional<CampaignPhase> phase_;
  CampaignResult result_;
  Standing standing_{setup_, result_.progress};
  Confirmations confirmations_;
};

Result<void> Campaign::enter_kernels() {
  if (setup_.lag <= 0) setup_.lag = std::max(1, evaluator_.depth());
  if (setup_.kernels.empty()) return bad_input("there is no kernel to search");
  for (const SearchKernel& kernel : setup_.kernels) {
    // Kernels get seeds of their own, so that adding one leaves the others' paths alone.
    uint64_t seed = setup_.seed ^ std::stoull(kernel.file.hash().substr(0, 16), nullptr, 16);
    auto strategy = make_strategy(setup_.strategy, setup_.options, kernel.space, seed);
    if (!strategy) return tl::unexpected(strategy.error());
    auto first = known_to(kernel.space, setup_.first);
    if (!first.empty()) *strategy = warm_start(std::move(first), std::move(*strategy));
    race_.enter(kernel.space, std::move(*strategy));
  }
  return {};
}

Result<void> Campaign::begin() {
  if (auto entered = enter_kernels(); !entered) return entered;
  auto id = store_.begin_campaign(record_of(setup_));
  if (!id) return tl::unexpected(id.error());
  result_.id = *id;
  observer_.on_start(result_.id);
  return {};
}

Result<void> Campaign::resume(const CampaignRecord& record) {
  if (auto entered = enter_kernels(); !entered) return entered;
  auto log = store_.asks(record.id);
  if (!log) return tl::unexpected(log.error());
  log_ = std::move(*log);
  result_.id = record.id;
  for (const LoggedAsk& logged : log_) logged_evaluations_ += logged.evaluation_id ? 1 : 0;
  observer_.on_start(result_.id);
  return confirmations_.restore();
}

Result<CampaignResult> Campaign::run() {
  auto searched = search();
  if (searched && !stop_) searched = drain();
  return confirmations_.finish(std::move(searched), asked_);
}

Result<void> Campaign::search() {
  bool exhausted_space = false;
  while (!stop_) {
    phase(replaying() ? CampaignPhase::replaying : CampaignPhase::searching);
    while (!exhausted_space && open_.size() < static_cast<size_t>(setup_.lag)) {
      const bool logged = asked_ < static_cast<int64_t>(log_.size());
      if (!logged && !(result_.ended_by = over()).empty()) break;
      auto asked = ask();
      if (!asked) return tl::unexpected(asked.error());
      if (!*asked) {
        exhausted_space = true;
        result_.ended_by = "space exhausted";
      }
    }
    if (open_.empty()) break;
    while (!open_.front().answer && !stop_) {
      if (auto received = receive(); !received) return received;
    }
    if (stop_) break;
    if (auto told = tell(); !told) return told;
    if (auto confirmed = confirm_on_the_way(); !confirmed) return confirmed;
  }
  return {};
}

std::string Campaign::over() {
  Spent spent = result_.progress.spent;
  spent.evaluations = asked_;  // those still open are paid for as well
  spent.wall = elapsed();
  const auto told = std::max<int64_t>(1, result_.progress.spent.evaluations);
  const auto under_way = spent.wall / told * static_cast<int64_t>(open_.size());
  return exhausted(setup_.budget, spent, confirmations_.reserve(under_way));
}

// False when every space is exhausted.
Result<bool> Campaign::ask() {
  auto next = race_.ask();
  if (!next) {
    if (asked_ < static_cast<int64_t>(log_.size())) {
      return bad_input(fmt::format("the log has {} asks, the search only {}", log_.size(), asked_),
                       fmt::format("campaign {}", result_.id), "start a new campaign");
    }
    return false;
  }
  const SearchKernel& kernel = setup_.kernels[next->kernel];
  Open open{asked_, next->kernel, next->configuration, next->fidelity};
  open.candidate = {kernel.file.source, kernel.file.name,
                    kernel.space.to_params(next->configuration), kernel.language, kernel.compiler};
  if (asked_ < static_cast<int64_t>(log_.size())) {
    const LoggedAsk& logged = log_[static_cast<size_t>(asked_)];
    if (auto same = check(logged, open); !same) return tl::unexpected(same.error());
    if (logged.evaluation_id) {
      auto stored = store_.evaluation(*logged.evaluation_id);
      if (!stored) return tl::unexpected(stored.error());
      if (*stored) {
        open.answer = (*stored)->evaluation;
        open.evaluation_id = *logged.evaluation_id;
      }
    }
  } else {
    auto intent =
        store_.record_intent(result_.id, open.sequence, kernel.file.hash(), open.candidate.params);
    if (!intent) return tl::unexpected(intent.error());
  }
  ++asked_;
  if (!open.answer) {
    if (auto looked = answer_from_store(open); !looked) return tl::unexpected(looked.error());
  }
  open_.push_back(std::move(open));
  if (auto sent = send(); !sent) return tl::unexpected(sent.error());
  return true;
}

Result<void> Campaign::check(const LoggedAsk& logged, const Open& open) const {
  const SearchKernel& kernel = setup_.kernels[open.kernel];
  if (logged.sequence == open.sequence && logged.kernel_hash == kernel.file.hash() &&
      logged.params == open.candidate.params) {
    return {};
  }
  return bad_input(
      fmt::format("ask {} would be {} of {}, but the log has {}", open.sequence,
                  canonical(open.candidate.params), kernel.file.name, canonical(logged.params)),
      fmt::format("campaign {}", result_.id),
      "kbench, the device or the problem is not the one it was started with; start a new campaign");
}

Result<void> Campaign::answer_from_store(Open& open) {
  if (!setup_.reuse) return {};
  const SearchKernel& kernel = setup_.kernels[open.kernel];
  auto found = store_.find(candidate_hash(kernel.file, open.candidate.params, kernel.language),
                           problem_of(open), *setup_.reuse);
  if (!found) return tl::unexpected(found.error());
  // What went wrong in the machinery may go right the next time.
  if (!*found || (*found)->evaluation.outcome == Outcome::internal_error) return {};
  Evaluation evaluation = (*found)->evaluation;
  const bool energy_known = evaluation.call_joules > 0 || !has_energy(setup_.objectives);
  const bool known = evaluation.evidence >= Evidence::screened && energy_known;
  if (evaluation.outcome == Outcome::ok && !known) return {};
  evaluation.id = open.sequence;
  evaluation.evidence = std::min(evaluation.evidence,
                                 open.fidelity.smaller ? Evidence::verified : Evidence::screened);
  evaluation.notes.push_back(fmt::format("answered from evaluation {}", (*found)->id));
  auto id = store_.record(result_.id, open.sequence, open.candidate, evaluation, repeat(open));
  if (!id) return tl::unexpected(id.error());
  ++result_.progress.from_store;
  open.answer = std::move(evaluation);
  open.evaluation_id = *id;
  return {};
}

Result<void> Campaign::send() {
  for (Open& open : open_) {
    if (in_flight_ >= evaluator_.depth()) break;
    if (open.sent || open.answer) continue;
    evaluator_.ask({.id = open.sequence,
                    .candidate = open.candidate,
                    .problem = problem_of(open),
                    .device = setup_.device,
                    .until = Evidence::screened,
                    .incumbent_ns = to_beat(open),
                    .fidelity = open.fidelity.samples,
                    .energy = has_energy(setup_.objectives)});
    open.sent = true;
    ++in_flight_;
  }
  return {};
}

// The oldest answer under way, stored as soon as it is here.
Result<void> Campaign::receive() {
  auto evaluation = evaluator_.next();
  if (!evaluation) return tl::unexpected(evaluation.error());
  auto waiting = std::find_if(open_.begin(), open_.end(),
                              [](const Open& open) { return open.sent && !open.answer; });
  if (waiting == open_.end() || waiting->sequence != evaluation->id) {
    return environment_error(fmt::format("the judge answered ask {} out of turn", evaluation->id));
  }
  --in_flight_;
  auto id = store_.record(result_.id, waiting->sequence, waiting->candidate, *evaluation,
                          repeat(*waiting));
  if (!id) return tl::unexpected(id.error());
  waiting->evaluation_id = *id;
  waiting->answer = std::move(*evaluation);
  return send();
}

Result<void> Campaign::tell() {
  const bool replayed = replaying();
  Open open = std::move(open_.front());
  open_.pop_front();
  const Evaluation& evaluation = *open.answer;
  const std::optional<double> value = value_of(evaluation);
  const std::vector<double> objectives = values_of(setup_.objectives, evaluation);
  race_.tell(open.kernel, {open.configuration, value, objectives});

  const bool screened = value && evaluation.evidence >= Evidence::screened;
  if (auto told = standing_.told(evaluation, value, screened, elapsed()); !told) return told;
  if (screened) {
    add_to_front(result_.front, {open.candidate, open.evaluation_id, objectives});
    confirmations_.add(open.candidate, evaluation, open.evaluation_id, open.sequence == 0);
  }
  if (!replayed) observer_.on_evaluation(result_.progress, open.candidate, evaluation);
  return {};
}

Result<void> Campaign::confirm_on_the_way() {
  if (replaying()) return {};
  const int64_t told = result_.progress.spent.evaluations;
  const bool due = setup_.confirm_every > 0 && told - told_at_confirmation_ >= setup_.confirm_every;
  if (due) told_at_confirmation_ = told;
  if (!due && !confirmations_.anchor_waits()) return {};
  if (auto drained = drain(); !drained) return drained;
  if (auto anchored = confirmations_.confirm_anchor(asked_); !anchored) return anchored;
  return due ? confirmations_.confirm_best(1, asked_) : Result<void>{};
}

// Confirmations want the judge for themselves: what is under way is received and stored before,
// and told in its turn.
Result<void> Campaign::drain() {
  while (in_flight_ > 0) {
    if (auto received = receive(); !received) return received;
  }
  return {};
}

void Campaign::phase(CampaignPhase phase) {
  if (phase_ == phase) return;
  phase_ = phase;
  observer_.on_phase(phase);
}

}  // namespace

std::string_view name_of(CampaignPhase phase) {
  constexpr std::string_view kNames[] = {"replaying", "searching"};
  return kNames[static_cast<size_t>(phase)];
}

Clock steady_clock() {
  return [] {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::steady_clock::now().time_since_epoch());
  };
}

Result<CampaignResult> run_campaign(const CampaignSetup& setup, Evaluator& evaluator, Store& store,
                                    CampaignObserver& observer, const std::atomic<bool>& stop,
                                    const Clock& now) {
  Campaign campaign(setup, evaluator, store, observer, stop, now);
  if (auto begun = campaign.begin(); !begun) return tl::unexpected(begun.error());
  return campaign.run();
}

Result<CampaignResult> resume_campaign(const CampaignRecord& record, const CampaignSetup& setup,
                                       Evaluator& evaluator, Store& store,
                                       CampaignObserver& observer, const std::atomic<bool>& stop,
                                       const Clock& now) {
  Campaign campaign(setup, evaluator, store, observer, stop, now);
  if (auto resumed = campaign.resume(record); !resumed) return tl::unexpected(resumed.error());
  return campaign.run();
}

}  // namespace kbench
