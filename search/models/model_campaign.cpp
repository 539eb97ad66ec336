#include "search/models/model_campaign.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "search/confirmations.hpp"
#include "search/models/arm.hpp"
#include "search/models/asking.hpp"
#include "search/models/judging.hpp"
#include "search/models/precheck.hpp"
#include "search/models/recorded_answers.hpp"
#include "search/models/reply.hpp"
#include "search/models/slot.hpp"
#include "search/standing.hpp"

namespace kbench {

namespace {

// Where only time bounds a campaign without models.
constexpr int64_t kManyProposals = 100'000;
constexpr std::chrono::milliseconds kNoWait{0}, kPause{50};

class ModelCampaign {
 public:
  ModelCampaign(const ModelCampaignSetup& setup, Asking asking, Answers& answers,
                Evaluator& evaluator, Store& store, CampaignObserver& observer,
                const std::atomic<bool>& stop, Clock now)
      : setup_(setup),
        base_(setup.campaign),
        answers_(answers),
        store_(store),
        observer_(observer),
        stop_(stop),
        now_(std::move(now)),
        started_(now_()),
        asking_(std::move(asking)),
        judging_(setup, evaluator, store),
        prechecking_(setup, answers, store),
        confirmations_({base_, evaluator, store, observer, stop, now_}, started_, result_) {}

  Result<void> begin();
  Result<void> resume(int64_t campaign);
  Result<CampaignResult> run();

 private:
  Result<void> enter_kernels();
  Result<void> work();
  Result<void> settle();
  Result<bool> propose();
  Result<void> take(std::chrono::milliseconds wait);
  Result<void> tell();
  Result<void> tell_measured(Slot& slot);
  Result<void> tell_proposal(Slot& slot);
  std::string over() const;
  std::chrono::nanoseconds elapsed() const { return now_() - started_; }
  bool asks_models() const { return (*arms().find(setup_.arm))->asks_models; }

  const ModelCampaignSetup& setup_;
  const CampaignSetup& base_;
  Answers& answers_;
  Store& store_;
  CampaignObserver& observer_;
  const std::atomic<bool>& stop_;
  Clock now_;
  std::chrono::nanoseconds started_;

  std::deque<Slot> slots_;
  Asking asking_;
  Judging judging_;
  Prechecking prechecking_;
  KnownKernels known_;
  int64_t told_ = 0;
  CampaignResult result_;
  Standing standing_{base_, result_.progress};
  Confirmations confirmations_;
};

Result<void> ModelCampaign::begin() {
  auto id = store_.begin_campaign(record_of(setup_));
  if (!id) return tl::unexpected(id.error());
  result_.id = *id;
  judging_.begin(*id);
  observer_.on_start(*id);
  observer_.on_phase(CampaignPhase::searching);
  return enter_kernels();
}

Result<void> ModelCampaign::resume(int64_t campaign) {
  result_.id = campaign;
  observer_.on_start(campaign);
  observer_.on_phase(CampaignPhase::replaying);
  if (auto resumed = judging_.resume(campaign); !resumed) return resumed;
  if (auto restored = confirmations_.restore(); !restored) return restored;
  return enter_kernels();
}

// They are only measured: the share is for what models write, and where there is none, for them.
Result<void> ModelCampaign::enter_kernels() {
  if (base_.kernels.empty()) return bad_input("there is no kernel to start from");
  int64_t share = 1;
  if (!asks_models()) {
    const int64_t proposals = base_.budget.proposals.value_or(kManyProposals) * setup_.share;
    share =
        base_.budget.evaluations.value_or(proposals) / static_cast<int64_t>(base_.kernels.size());
  }
  for (const SearchKernel& kernel : base_.kernels) {
    auto tuner = Tuner::start(kernel, base_.strategy, base_.options, base_.seed,
                              std::max<int64_t>(share, 1), std::max(1, base_.lag));
    if (!tuner) return tl::unexpected(tuner.error());
    Slot slot;
    slot.start = slot.replied = true;
    slot.turn.name = "start";
    slot.share = std::max<int64_t>(share, 1);
    slot.first_sequence = asking_.take_sequence(slot.share);
    slot.source = kernel.file.source;
    slot.tuner = std::move(*tuner);
    slots_.push_back(std::move(slot));
  }
  return {};
}

Result<CampaignResult> ModelCampaign::run() {
  auto worked = work();
  return confirmations_.finish(std::move(worked), judging_.asked());
}

Result<void> ModelCampaign::work() {
  const auto starts = static_cast<int64_t>(base_.kernels.size());
  while (!stop_) {
    // The first prompts want the starting kernels' times.
    while (told_ >= starts && slots_.size() < static_cast<size_t>(setup_.in_flight)) {
      auto proposed = propose();
      if (!proposed) return tl::unexpected(proposed.error());
      if (!*proposed) break;
    }
    if (slots_.empty()) return {};
    if (auto taken = take(kNoWait); !taken) return taken;
    auto sent = judging_.send(slots_, result_.progress.best_screened_ns);
    if (!sent) return sent;
    Result<void> done;
    if (slots_.front().finished(setup_.shapes.size())) {
      done = tell();
    } else if (!judging_.idle()) {
      // Replies that come meanwhile are compiled beside what is timed.
      if (judging_.ready(kPause)) done = judging_.receive();
    } else {
      done = take(kPause);
    }
    if (!done) return done;
    if (!asks_models() && base_.budget.wall && !over().empty()) {
      for (Slot& slot : slots_) slot.tuner->stop();
    }
  }
  return settle();
}

// After Ctrl-C: what is under way has been paid for, and is stored when it comes.
Result<void> ModelCampaign::settle() {
  while (!judging_.idle()) {
    if (auto received = judging_.receive(); !received) return received;
  }
  auto waits = [](const Slot& slot) { return !slot.replied || slot.foretelling; };
  while (std::any_of(slots_.begin(), slots_.end(), waits)) {
    if (auto taken = take(kPause); !taken) return taken;
  }
  return {};
}

// What ends the asking, going by what was told; empty: nothing.
std::string ModelCampaign::over() const {
  if (asks_models() && asking_.nobody_left()) return "no model answers";
  Spent spent = result_.progress.spent;
  spent.wall = elapsed();
  return exhausted(base_.budget, spent, confirmations_.reserve());
}

// True when a prompt went out; false: not now.
Result<bool> ModelCampaign::propose() {
  std::string why = asking_.paced() ? "" : over();
  if (!asks_models() && why.empty()) why = "the tuner had its share";
  std::optional<Slot> slot;
  if (why.empty()) {
    auto proposed = asking_.propose(slots_, result_.progress.spent, told_);
    if (!proposed) return tl::unexpected(proposed.error());
    slot = std::move(*proposed);
    why = asking_.obstacle();
  }
  if (!slot) {
    if (slots_.empty()) result_.ended_by = why;
    return false;
  }
  slot->record.campaign = result_.id;
  if (auto stored = store_.record_prompt(slot->record); !stored) {
    return tl::unexpected(stored.error());
  }
  result_.progress.spent.proposals = asking_.proposed();
  if (asking_.proposed() == static_cast<int64_t>(setup_.paced_by.size())) {
    observer_.on_phase(CampaignPhase::searching);
  }
  slots_.push_back(std::move(*slot));
  const Slot& last = slots_.back();
  if (auto asked = answers_.ask(last.record, last.model, last.request); !asked) {
    return tl::unexpected(asked.error());
  }
  return true;
}

// Every answer that has come, each stored before it is read.
Result<void> ModelCampaign::take(std::chrono::milliseconds wait) {
  while (auto taken = answers_.take(wait)) {
    wait = kNoWait;
    const auto slot = std::find_if(slots_.begin(), slots_.end(), [&](const Slot& open) {
      return !open.start && open.record.number == taken->key.number;
    });
    if (slot == slots_.end()) return environment_error("an answer to no prompt");
    if (taken->key.precheck) {
      if (auto told = prechecking_.take(*slot, taken->exchange, stop_); !told) return told;
      continue;
    }
    note_reply(slot->record, slot->request, taken->exchange, setup_.models[slot->model].price);
    // Nobody worked on it, and nobody will now: whoever resumes the campaign asks again.
    if (stop_ && !taken->exchange.reply && !taken->exchange.delivered) slot->record.outcome.clear();
    if (auto stored = store_.record_reply(slot->record); !stored) return stored;
    read_reply(*slot, taken->exchange, setup_, known_);
    if (stop_) continue;  // whoever resumes the campaign asks about it
    if (auto asked = prechecking_.ask(*slot); !asked) return asked;
  }
  return {};
}

Result<void> ModelCampaign::tell() {
  Slot slot = std::move(slots_.front());
  slots_.pop_front();
  if (auto told = tell_measured(slot); !told) return told;
  if (slot.tuner) known_.try_emplace(normalised(slot.source), told_);
  ++told_;
  if (!slot.start) return tell_proposal(slot);
  asking_.told_start(slot);
  const bool last = told_ == static_cast<int64_t>(base_.kernels.size());
  return last ? confirmations_.confirm_anchor(judging_.asked()) : Result<void>{};
}

Result<void> ModelCampaign::tell_measured(Slot& slot) {
  auto tell = [&](const Tried& one, bool counts) -> Result<void> {
    const auto value = measured_ns(one.evaluation);
    auto told = standing_.told(one.evaluation, value, counts, elapsed());
    if (!told) return told;
    if (value && counts) {
      confirmations_.add(one.candidate, one.evaluation, one.id, slot.start && told_ == 0);
    }
    observer_.on_evaluation(result_.progress, one.candidate, one.evaluation);
    return {};
  };
  if (!slot.start) ++result_.progress.spent.proposals_told;
  const bool right = failed_shape(slot) == nullptr;
  for (const Tried& one : slot.measured) {
    if (auto told = tell(one, right); !told) return told;
  }
  for (const Tried& one : slot.on_shapes) {
    if (auto told = tell(one, false); !told) return told;
  }
  return {};
}

Result<void> ModelCampaign::tell_proposal(Slot& slot) {
  result_.progress.spent.nano_usd += slot.record.nano_usd;
  if (slot.precheck) {
    result_.progress.spent.nano_usd += slot.precheck->nano_usd;
    observer_.on_precheck(*slot.precheck);
  }
  asking_.told(slot);
  observer_.on_proposal(slot.record);
  return store_.record_outcome(slot.record);
}

}  // namespace

Result<CampaignResult> run_model_campaign(const ModelCampaignSetup& setup, Answers& answers,
                                          Evaluator& evaluator, Store& store,
                                          CampaignObserver& observer, const std::atomic<bool>& stop,
                                          const Clock& now) {
  auto asking = Asking::make(setup);
  if (!asking) return tl::unexpected(asking.error());
  ModelCampaign campaign(setup, std::move(*asking), answers, evaluator, store, observer, stop, now);
  if (auto begun = campaign.begin(); !begun) return tl::unexpected(begun.error());
  return campaign.run();
}

Result<CampaignResult> resume_model_campaign(const CampaignRecord& record, ModelCampaignSetup setup,
                                             Answers& answers, Evaluator& evaluator, Store& store,
                                             CampaignObserver& observer,
                                             const std::atomic<bool>& stop, const Clock& now) {
  auto proposals = store.proposals(record.id);
  if (!proposals) return tl::unexpected(proposals.error());
  setup.paced_by = *proposals;
  auto calls = recorded_calls(store, record.id);
  if (!calls) return tl::unexpected(calls.error());
  ResumedAnswers resumed(std::move(*calls), answers);
  auto asking = Asking::make(setup);
  if (!asking) return tl::unexpected(asking.error());
  ModelCampaign campaign(setup, std::move(*asking), resumed, evaluator, store, observer, stop, now);
  if (auto begun = campaign.resume(record.id); !begun) return tl::unexpected(begun.error());
  return campaign.run();
}

}  // namespace kbench
