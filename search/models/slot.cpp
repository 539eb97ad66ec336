#include "search/models/slot.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "search/models/reply.hpp"

namespace kbench {

namespace {

constexpr size_t kLongestLog = 3000;

bool can_be_repaired(ModelFailure kind) {
  return kind == ModelFailure::header_invalid || kind == ModelFailure::patch_mismatch;
}

Answered<Tuner> tuner_of(Slot& slot, const ModelCampaignSetup& setup, const KnownKernels& known) {
  const CampaignSetup& base = setup.campaign;
  auto file = parse_kernel_file(slot.source, fmt::format("proposal-{}.cpp", slot.record.number));
  if (!file) return miss(ModelFailure::header_invalid, file.error().text());
  slot.record.kernel_hash = file->hash();
  const auto& languages = file->languages;
  if (file->task != setup.task.name || file->baseline ||
      std::find(languages.begin(), languages.end(), "cpp") == languages.end()) {
    return miss(ModelFailure::header_invalid,
                "the header must have: task " + setup.task.name + ", language cpp, no baseline");
  }
  // Only what was told when it was asked counts, or the path would depend on who answers first.
  const auto same = known.find(normalised(slot.source));
  if (same != known.end() && same->second < slot.told_before) {
    return miss(ModelFailure::unchanged, "this kernel was there before");
  }
  const Bindings dims(base.problem.dims.begin(), base.problem.dims.end());
  auto space = Space::build(*file, dims, setup.device);
  if (!space) return miss(ModelFailure::header_invalid, space.error().text());
  const uint64_t seed = base.seed ^ std::stoull(file->hash().substr(0, 16), nullptr, 16);
  auto tuner =
      Tuner::start({std::move(*file), std::move(*space), "cpp", base.kernels.front().compiler},
                   base.strategy, base.options, seed, slot.share, std::max(1, base.lag));
  if (!tuner) return miss(ModelFailure::header_invalid, tuner.error().text());
  return std::move(*tuner);
}

}  // namespace

void note_reply(Slot& slot, const Exchange& exchange, const Price& price) {
  StoredProposal& record = slot.record;
  record.request = exchange.request;
  record.response = exchange.response;
  if (exchange.reply) record.reply = exchange.reply->text;
  record.attempts = exchange.attempts;
  record.delivered = exchange.delivered;
  record.milliseconds = exchange.milliseconds;
  if (exchange.use) {
    record.input_tokens = exchange.use->input;
    record.output_tokens = exchange.use->output;
  }
  record.nano_usd = cost_of(price, slot.request, exchange);
  record.outcome = exchange.reply ? "ok" : name_of(exchange.reply.error().kind);
  record.message = exchange.reply ? "" : exchange.reply.error().message;
}

void read_reply(Slot& slot, const Exchange& exchange, const ModelCampaignSetup& setup,
                const KnownKernels& known) {
  slot.replied = true;
  if (!exchange.reply) {
    slot.miss = exchange.reply.error();
    return;
  }
  auto text = kernel_text(exchange.reply->text, slot.turn.base);
  if (!text) {
    slot.miss = text.error();
    return;
  }
  slot.source = std::move(*text);
  if (auto tuner = tuner_of(slot, setup, known)) {
    slot.tuner = std::move(*tuner);
  } else {
    slot.miss = tuner.error();
  }
}

std::optional<Member> member_of(const Slot& slot) {
  Member best;
  best.source = slot.source;
  best.step = slot.turn.name;
  for (const Tried& one : slot.measured) {
    const auto value = measured_ns(one.evaluation);
    if (!value || (best.ns > 0 && *value >= best.ns)) continue;
    best.name = one.candidate.kernel_name;
    best.ns = *value;
    best.params = one.evaluation.params;
    best.roofline_share = one.evaluation.roofline_share;
    best.evaluation_id = one.id;
  }
  if (best.ns == 0) return {};
  best.surface = slot.tuner->surface();
  return best;
}

std::optional<Failure> note_outcome(Slot& slot) {
  StoredProposal& record = slot.record;
  Failure failure;
  failure.source = slot.source;
  failure.repairs = slot.turn.repairs;
  failure.evaluation_id = slot.turn.parent;
  if (slot.miss) {
    record.outcome = name_of(slot.miss->kind);
    record.message = failure.why = slot.miss->message;
    if (slot.miss->kind == ModelFailure::patch_mismatch) failure.source = slot.turn.base;
    if (!can_be_repaired(slot.miss->kind)) return {};
    return failure;
  }
  const Evaluation& first = slot.measured.front().evaluation;
  if (measured_ns(first)) return {};
  record.outcome = name_of(first.outcome);
  record.message = first.message;
  if (first.outcome == Outcome::internal_error) return {};
  failure.evaluation_id = slot.measured.front().id;
  failure.why = fmt::format("{}: {}\n{}", name_of(first.outcome), first.message,
                            first.log.substr(0, kLongestLog));
  return failure;
}

}  // namespace kbench
