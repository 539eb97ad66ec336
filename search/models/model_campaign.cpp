#include "search/models/model_campaign.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "search/confirmations.hpp"
#include "search/memory.hpp"
#include "search/models/prompt_values.hpp"
#include "search/models/reply.hpp"
#include "search/models/slot.hpp"

namespace kbench {

namespace {

// Percents of a time budget kept for the end of the campaign, at least and at most.
constexpr int kLeastReserve = 15, kLargestReserve = 40;
constexpr int kMostUnjudged = 8;
constexpr std::chrono::milliseconds kNoWait{0}, kPause{50};

struct UnderWay {
  Slot* slot = nullptr;
  Configuration configuration;
  Candidate candidate;
  int64_t sequence = 0;
};

class ModelCampaign {
 public:
  ModelCampaign(const ModelCampaignSetup& setup, Answers& answers, Evaluator& evaluator,
                Store& store, CampaignObserver& observer, const std::atomic<bool>& stop, Clock now)
      : setup_(setup),
        base_(setup.campaign),
        answers_(answers),
        evaluator_(evaluator),
        store_(store),
        observer_(observer),
        stop_(stop),
        now_(std::move(now)),
        started_(now_()),
        random_(setup.campaign.seed),
        confirmations_({base_, evaluator, store, observer, stop, now_}, started_, result_) {}

  Result<CampaignResult> run();

 private:
  Result<void> begin();
  Result<void> work();
  Result<void> settle();
  Result<bool> propose();
  Result<void> plan();
  Result<void> take(std::chrono::milliseconds wait);
  Result<void> send();
  Result<void> receive();
  Result<void> tell();
  Result<void> tell_proposal(Slot& slot);
  std::string over() const;
  std::chrono::nanoseconds elapsed() const { return now_() - started_; }
  Slot* find(int64_t number);

  const ModelCampaignSetup& setup_;
  const CampaignSetup& base_;
  Answers& answers_;
  Evaluator& evaluator_;
  Store& store_;
  CampaignObserver& observer_;
  const std::atomic<bool>& stop_;
  Clock now_;
  std::chrono::nanoseconds started_;
  std::mt19937_64 random_;

  std::deque<Slot> slots_;
  std::optional<Slot> next_;  // planned, and waiting for money
  std::deque<UnderWay> under_way_;
  Population population_;
  KnownKernels known_;
  std::vector<bool> out_;  // models that will not answer any more
  int64_t told_ = 0, proposed_ = 0, asked_ = 0;
  int unjudged_ = 0;
  CampaignResult result_;
  Confirmations confirmations_;
};

Result<void> ModelCampaign::begin() {
  if (base_.kernels.empty()) return bad_input("there is no kernel to start from");
  if (auto arm = arms().find(setup_.arm); !arm) return tl::unexpected(arm.error());
  out_.assign(setup_.models.size(), false);
  auto id = store_.begin_campaign(record_of(setup_));
  if (!id) return tl::unexpected(id.error());
  result_.id = *id;
  observer_.on_start(result_.id);
  observer_.on_phase(CampaignPhase::searching);
  for (size_t i = 0; i < base_.kernels.size(); ++i) {
    // Only measured, never tuned: the share is for what models write.
    auto tuner = Tuner::start(base_.kernels[i], base_.strategy, base_.options, base_.seed, 1, 1);
    if (!tuner) return tl::unexpected(tuner.error());
    Slot slot;
    slot.index = static_cast<int64_t>(i);
    slot.start = slot.replied = true;
    slot.turn.name = "start";
    slot.source = base_.kernels[i].file.source;
    slot.tuner = std::move(*tuner);
    slots_.push_back(std::move(slot));
  }
  return {};
}

Result<CampaignResult> ModelCampaign::run() {
  if (auto begun = begin(); !begun) return tl::unexpected(begun.error());
  auto worked = work();
  if (worked && !stop_) worked = confirmations_.confirm_anchor(asked_);
  if (worked && !stop_) worked = confirmations_.confirm_best(base_.finalists, asked_);
  if (worked && !stop_) worked = confirmations_.compare_baselines(asked_);
  if (stop_) result_.ended_by = "interrupted";
  auto ended = store_.end_campaign(result_.id, stop_ || !worked ? "interrupted" : "done");
  if (!worked) return tl::unexpected(worked.error());
  if (!ended) return tl::unexpected(ended.error());
  auto ratio = [](const Confirmed& confirmed) {
    const auto& against = confirmed.confirmation.against_anchor;
    return against ? against->ratio : 1;
  };
  std::stable_sort(result_.finalists.begin(), result_.finalists.end(),
                   [&](const Confirmed& a, const Confirmed& b) { return ratio(a) < ratio(b); });
  result_.progress.spent.wall = elapsed();
  return result_;
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
    if (auto sent = send(); !sent) return sent;
    Result<void> done;
    if (slots_.front().finished()) {
      done = tell();
    } else if (!under_way_.empty()) {
      done = receive();
    } else {
      done = take(kPause);
    }
    if (!done) return done;
  }
  return settle();
}

// After Ctrl-C: endpoints give up what is under way; answers and evaluations are stored as they
// are.
Result<void> ModelCampaign::settle() {
  while (!under_way_.empty()) {
    if (auto received = receive(); !received) return received;
  }
  auto waits = [](const Slot& slot) { return !slot.replied; };
  while (std::any_of(slots_.begin(), slots_.end(), waits)) {
    if (auto taken = take(kPause); !taken) return taken;
  }
  return {};
}

// What ends the asking, going by what was told; empty: nothing.
std::string ModelCampaign::over() const {
  if (std::find(out_.begin(), out_.end(), false) == out_.end()) return "no model answers";
  Spent spent = result_.progress.spent;
  spent.wall = elapsed();
  std::chrono::nanoseconds reserve{0};
  if (base_.budget.wall) {
    const std::chrono::nanoseconds wall = *base_.budget.wall;
    reserve = std::min(std::max(wall * kLeastReserve / 100, confirmations_.still_needed()),
                       wall * kLargestReserve / 100);
  }
  return exhausted(base_.budget, spent, reserve);
}

// Decides on the next prompt, once, from what was told up to now.
Result<void> ModelCampaign::plan() {
  auto arm = arms().find(setup_.arm);
  Slot slot;
  slot.index = proposed_ + static_cast<int64_t>(base_.kernels.size());
  slot.model = static_cast<size_t>(proposed_) % setup_.models.size();
  while (out_[slot.model]) slot.model = (slot.model + 1) % setup_.models.size();
  slot.turn = population_.next(**arm, random_);
  const Prompts::Values values = prompt_values(setup_, population_, slot.turn);
  auto system = setup_.prompts.fill("system", values);
  auto prompt = setup_.prompts.fill(slot.turn.name, values);
  if (!system) return tl::unexpected(system.error());
  if (!prompt) return tl::unexpected(prompt.error());
  slot.request.system = std::move(*system);
  slot.request.messages = {{ChatMessage::Role::user, std::move(*prompt)}};
  slot.request.max_tokens = setup_.max_tokens;
  slot.request.temperature = setup_.temperature;
  slot.request.seed = (base_.seed + static_cast<uint64_t>(proposed_)) & INT32_MAX;
  slot.worst_nano_usd = worst_cost(setup_.models[slot.model].price, slot.request);
  next_ = std::move(slot);
  return {};
}

// True when a prompt went out; false: not now.
Result<bool> ModelCampaign::propose() {
  if (const std::string why = over(); !why.empty()) {
    if (slots_.empty()) result_.ended_by = why;
    return false;
  }
  if (!next_ || out_[next_->model]) {
    if (auto planned = plan(); !planned) return tl::unexpected(planned.error());
  }
  int64_t reserved = next_->worst_nano_usd, promised = 0;
  for (const Slot& slot : slots_) {
    reserved += slot.worst_nano_usd;
    promised += slot.share;
  }
  const Spent& spent = result_.progress.spent;
  if (base_.budget.nano_usd && spent.nano_usd + reserved > *base_.budget.nano_usd) {
    if (slots_.empty()) {
      result_.ended_by = fmt::format("{}: the next call could cost {:.4f} usd", base_.budget.text(),
                                     static_cast<double>(next_->worst_nano_usd) / 1e9);
    }
    return false;
  }
  next_->share = setup_.share;
  if (base_.budget.evaluations) {
    next_->share = std::min(setup_.share, *base_.budget.evaluations - spent.evaluations - promised);
    if (next_->share < 1) return false;  // what is open may leave some over
  }
  next_->told_before = told_;
  StoredProposal& record = next_->record;
  record.campaign = result_.id;
  record.number = proposed_++;
  result_.progress.spent.proposals = proposed_;
  record.step = next_->turn.name;
  record.model = setup_.models[next_->model].name.text();
  record.parent = next_->turn.parent;
  record.prompt = next_->request.text();
  if (auto stored = store_.record_prompt(record); !stored) return tl::unexpected(stored.error());
  slots_.push_back(std::move(*next_));
  next_.reset();
  const Slot& slot = slots_.back();
  if (auto asked = answers_.ask(slot.record, slot.model, slot.request); !asked) {
    return tl::unexpected(asked.error());
  }
  return true;
}

Slot* ModelCampaign::find(int64_t number) {
  const auto found = std::find_if(slots_.begin(), slots_.end(), [&](const Slot& slot) {
    return !slot.start && slot.record.number == number;
  });
  return found == slots_.end() ? nullptr : &*found;
}

// Every answer that has come, each stored before it is read.
Result<void> ModelCampaign::take(std::chrono::milliseconds wait) {
  while (auto taken = answers_.take(wait)) {
    wait = kNoWait;
    Slot* slot = find(taken->number);
    if (slot == nullptr) return environment_error("an answer to no prompt");
    note_reply(*slot, taken->exchange, setup_.models[slot->model].price);
    if (auto stored = store_.record_reply(slot->record); !stored) return stored;
    read_reply(*slot, taken->exchange, setup_, known_);
  }
  return {};
}

// The oldest kernels first.
Result<void> ModelCampaign::send() {
  for (Slot& slot : slots_) {
    while (slot.tuner && static_cast<int>(under_way_.size()) < evaluator_.depth()) {
      const int64_t sequence = slot.index * std::max<int64_t>(setup_.share, 1) + slot.tuner->sent();
      auto configuration = slot.tuner->next();
      if (!configuration) break;
      const SearchKernel& kernel = slot.tuner->kernel();
      Candidate candidate{kernel.file.source, kernel.file.name,
                          kernel.space.to_params(*configuration), kernel.language, kernel.compiler};
      auto intent =
          store_.record_intent(result_.id, sequence, kernel.file.hash(), candidate.params);
      if (!intent) return intent;
      asked_ = std::max(asked_, sequence + 1);
      evaluator_.ask({.id = sequence,
                      .candidate = candidate,
                      .problem = base_.problem,
                      .device = base_.device,
                      .until = Evidence::screened,
                      .incumbent_ns = result_.progress.best_screened_ns});
      under_way_.push_back({&slot, std::move(*configuration), std::move(candidate), sequence});
    }
  }
  return {};
}

Result<void> ModelCampaign::receive() {
  auto evaluation = evaluator_.next();
  if (!evaluation) return tl::unexpected(evaluation.error());
  UnderWay done = std::move(under_way_.front());
  under_way_.pop_front();
  if (evaluation->id != done.sequence) {
    return environment_error(fmt::format("the judge answered ask {} out of turn", evaluation->id));
  }
  const std::string command = base_.repeat_command ? base_.repeat_command(done.candidate) : "";
  auto id = store_.record(result_.id, done.sequence, done.candidate, *evaluation, command,
                          done.slot->turn.parent);
  if (!id) return tl::unexpected(id.error());
  done.slot->tuner->tell(done.configuration, *evaluation);
  done.slot->measured.push_back({std::move(done.candidate), std::move(*evaluation), *id});
  return {};
}

Result<void> ModelCampaign::tell() {
  Slot slot = std::move(slots_.front());
  slots_.pop_front();
  ++told_;
  CampaignProgress& progress = result_.progress;
  for (Tried& one : slot.measured) {
    ++progress.spent.evaluations;
    ++progress.spent.since_improvement;
    unjudged_ = one.evaluation.outcome == Outcome::internal_error ? unjudged_ + 1 : 0;
    if (const auto value = measured_ns(one.evaluation); !value) {
      ++progress.failures;
    } else {
      confirmations_.add(one.candidate, one.evaluation, one.id, slot.start && slot.index == 0);
      if (progress.best_screened_ns == 0 || *value < progress.best_screened_ns) {
        progress.best_screened_ns = *value;
        progress.spent.since_improvement = 0;
        progress.spent.roofline_share = one.evaluation.roofline_share;
      }
    }
    progress.spent.wall = elapsed();
    progress.budget_used = kbench::progress(base_.budget, progress.spent);
    observer_.on_evaluation(progress, one.candidate, one.evaluation);
  }
  if (unjudged_ >= kMostUnjudged) {
    return environment_error(fmt::format("{} candidates in a row could not be judged: {}",
                                         unjudged_, slot.measured.back().evaluation.message),
                             base_.problem.canonical());
  }
  if (auto best = member_of(slot)) population_.add(std::move(*best));
  if (slot.tuner) known_.try_emplace(normalised(slot.source), told_ - 1);
  if (!slot.start) return tell_proposal(slot);
  const bool last = told_ == static_cast<int64_t>(base_.kernels.size());
  return last ? confirmations_.confirm_anchor(asked_) : Result<void>{};
}

Result<void> ModelCampaign::tell_proposal(Slot& slot) {
  result_.progress.spent.nano_usd += slot.record.nano_usd;
  if (slot.miss && is_final(slot.miss->kind)) out_[slot.model] = true;
  if (auto failure = note_outcome(slot)) population_.add(std::move(*failure));
  observer_.on_proposal(slot.record);
  return store_.record_outcome(slot.record);
}

}  // namespace

Result<CampaignResult> run_model_campaign(const ModelCampaignSetup& setup, Answers& answers,
                                          Evaluator& evaluator, Store& store,
                                          CampaignObserver& observer, const std::atomic<bool>& stop,
                                          const Clock& now) {
  ModelCampaign campaign(setup, answers, evaluator, store, observer, stop, now);
  return campaign.run();
}

}  // namespace kbench
