#include "search/models/asking.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "search/evolution/named.hpp"
#include "search/models/arm.hpp"
#include "search/models/precheck.hpp"
#include "search/models/prompt_values.hpp"

namespace kbench {

namespace {

// How many of the fastest hand down their params to whatever comes after them.
constexpr size_t kExamples = 2;

// What a new kernel's tuner tries early: the params of those it starts from, then of the fastest.
std::vector<Params> params_for(const Turn& turn, const Evolution& evolution) {
  std::vector<Params> params;
  for (const auto& parent : {turn.member, turn.other}) {
    if (parent) params.push_back(evolution.members()[*parent].params);
  }
  std::vector<size_t> fastest = evolution.by_time();
  fastest.resize(std::min(fastest.size(), kExamples));
  for (const size_t index : fastest) params.push_back(evolution.members()[index].params);
  return params;
}

}  // namespace

Result<Asking> Asking::make(const ModelCampaignSetup& setup) {
  Asking asking(setup);
  auto arm = arms().find(setup.arm);
  if (!arm) return tl::unexpected(arm.error());
  EvolutionSetup how = setup.evolution;
  (*arm)->fix(how, setup.in_flight);
  auto evolution = Evolution::make(how, setup.campaign.seed);
  if (!evolution) return tl::unexpected(evolution.error());
  asking.evolution_ = std::move(*evolution);
  auto picker = make_named(model_pickers(), setup.model_choice, "--model-choice");
  if (!picker) return tl::unexpected(picker.error());
  asking.picker_ = std::move(*picker);
  asking.out_.assign(setup.models.size(), false);
  if (setup.precheck) {
    auto worst = worst_precheck_cost(setup);
    if (!worst) return tl::unexpected(worst.error());
    asking.precheck_nano_usd_ = *worst;
  }
  return asking;
}

// The stored campaign's next proposal; null: it had no more.
const StoredProposal* Asking::pace() const {
  const auto number = static_cast<size_t>(proposed_);
  const bool paced = number < setup_.paced_by.size() && setup_.paced_by[number].told;
  return paced ? &setup_.paced_by[number] : nullptr;
}

bool Asking::nobody_left() const {
  return std::find(out_.begin(), out_.end(), false) == out_.end();
}

int64_t Asking::take_sequence(int64_t evaluations) {
  const int64_t first = next_sequence_;
  next_sequence_ += evaluations + static_cast<int64_t>(setup_.shapes.size());
  return first;
}

Result<Slot> Asking::plan(int64_t told) {
  Slot slot;
  slot.model = picker_->choose(out_);
  slot.turn = evolution_->next(proposed_);
  slot.told_before = told;
  slot.handed_down = params_for(slot.turn, *evolution_);
  const Prompts::Values values = prompt_values(setup_, *evolution_, slot.turn);
  auto system = setup_.prompts.fill("system", values);
  auto prompt = setup_.prompts.fill(slot.turn.name, values);
  if (!system) return tl::unexpected(system.error());
  if (!prompt) return tl::unexpected(prompt.error());
  slot.request.system = std::move(*system);
  slot.request.messages = {{ChatMessage::Role::user, std::move(*prompt)}};
  slot.request.max_tokens = setup_.max_tokens;
  slot.request.temperature = setup_.temperature;
  slot.request.seed = (setup_.campaign.seed + static_cast<uint64_t>(proposed_)) & INT32_MAX;
  slot.worst_nano_usd =
      worst_cost(setup_.models[slot.model].price, slot.request) + precheck_nano_usd_;
  return slot;
}

bool Asking::affordable(Slot& slot, const std::deque<Slot>& open, const Spent& spent) {
  const Budget& budget = setup_.campaign.budget;
  const auto shapes = static_cast<int64_t>(setup_.shapes.size());
  int64_t reserved = slot.worst_nano_usd, promised = shapes;
  for (const Slot& other : open) {
    reserved += other.worst_nano_usd;
    promised += other.share + shapes;
  }
  if (budget.nano_usd && spent.nano_usd + reserved > *budget.nano_usd) {
    obstacle_ = fmt::format("{}: the next call could cost {:.4f} usd", budget.text(),
                            static_cast<double>(slot.worst_nano_usd) / 1e9);
    return false;
  }
  slot.share = setup_.share;
  if (budget.evaluations) {
    slot.share = std::min(slot.share, *budget.evaluations - spent.evaluations - promised);
    // What is open may leave some over.
    obstacle_ = fmt::format("{} evaluations", *budget.evaluations);
  }
  return slot.share >= 1;
}

Result<std::optional<Slot>> Asking::propose(const std::deque<Slot>& open, const Spent& spent,
                                            int64_t told) {
  const StoredProposal* paced = pace();
  if (nobody_left() || (paced != nullptr && told < *paced->told)) return std::nullopt;
  if (!next_) {
    auto planned = plan(told);
    if (!planned) return tl::unexpected(planned.error());
    next_ = std::move(*planned);
  }
  if (paced != nullptr) {
    next_->share = paced->share;
  } else if (!affordable(*next_, open, spent)) {
    return std::nullopt;
  }
  Slot slot = std::move(*next_);
  next_.reset();
  slot.first_sequence = take_sequence(slot.share);
  StoredProposal& record = slot.record;
  record.number = proposed_++;
  record.step = slot.turn.name;
  record.model = setup_.models[slot.model].name.text();
  record.parent = slot.turn.parent;
  if (slot.turn.other) record.other_parent = evolution_->members()[*slot.turn.other].evaluation_id;
  record.about = slot.turn.about;
  record.prompt = slot.request.text();
  record.told = slot.told_before;
  record.share = slot.share;
  return slot;
}

// One in another language than models are to write is the anchor, and nothing to start from.
void Asking::told_start(const Slot& slot) {
  if (slot.tuner->kernel().language != setup_.language) return;
  if (auto member = member_of(slot)) evolution_->start(std::move(*member));
}

void Asking::told(Slot& slot) {
  if (slot.miss && is_final(slot.miss->kind)) out_[slot.model] = true;
  if (!slot.lesson.empty()) evolution_->learn(slot.lesson);
  double gain = 0;
  auto failure = note_outcome(slot);
  if (failure) evolution_->failed(slot.turn, *failure);
  if (slot.plan) evolution_->planned(slot.turn, *slot.plan);
  if (auto member = member_of(slot)) {
    if (slot.turn.reference_ns > 0) gain = std::log(slot.turn.reference_ns / member->ns);
    const auto same = evolution_->measured(slot.turn, std::move(*member));
    if (same) {
      slot.record.message = "the same machine code as " + evolution_->members()[*same].name;
      gain = 0;
    }
  }
  picker_->tell(slot.model, std::max(0.0, gain), static_cast<double>(slot.record.nano_usd));
}

}  // namespace kbench
