#include "search/models/slot.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.hpp"
#include "search/evolution/plan.hpp"
#include "search/models/reply.hpp"
#include "search/warm_start.hpp"

namespace kbench {

namespace {

constexpr size_t kLongestLog = 3000;

bool can_be_repaired(ModelFailure kind) {
  return kind == ModelFailure::header_invalid || kind == ModelFailure::patch_mismatch;
}

const char* ending_of(const std::string& language) {
  if (language == "cuda") return "cu";
  if (language == "opencl") return "cl";
  return language == "hip" ? "hip" : "cpp";
}

Answered<Tuner> tuner_of(Slot& slot, const ModelCampaignSetup& setup, const KnownKernels& known) {
  const CampaignSetup& base = setup.campaign;
  auto file = parse_kernel_file(
      slot.source, fmt::format("proposal-{}.{}", slot.record.number, ending_of(setup.language)));
  if (!file) return miss(ModelFailure::header_invalid, file.error().text());
  slot.record.kernel_hash = file->hash();
  const auto& languages = file->languages;
  if (file->task != setup.task.name || file->baseline ||
      std::find(languages.begin(), languages.end(), setup.language) == languages.end()) {
    return miss(ModelFailure::header_invalid, "the header must have: task " + setup.task.name +
                                                  ", language " + setup.language + ", no baseline");
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
  const SearchKernel& first = base.kernels.front();
  const std::string compiler = setup.language == first.language ? first.compiler : "";
  auto early = known_to(*space, slot.handed_down);
  auto tuner =
      Tuner::start({std::move(*file), std::move(*space), setup.language, compiler}, base.strategy,
                   base.options, seed, slot.share, std::max(1, base.lag), std::move(early));
  if (!tuner) return miss(ModelFailure::header_invalid, tuner.error().text());
  return std::move(*tuner);
}

}  // namespace

void note_reply(StoredCall& record, const ChatRequest& request, const Exchange& exchange,
                const Price& price) {
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
  record.nano_usd = cost_of(price, request, exchange);
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
  const std::string& reply = exchange.reply->text;
  slot.lesson = lesson_of(reply);
  if (slot.turn.asks_plan) {
    slot.plan = parse_plan(without_thinking(reply).text);
    if (!slot.plan) slot.miss = Miss{ModelFailure::no_plan, "no strategy of the list, or no step"};
    return;
  }
  auto text = kernel_text(reply, slot.turn.base);
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

const Tried* failed_shape(const Slot& slot) {
  const auto found = std::find_if(slot.on_shapes.begin(), slot.on_shapes.end(),
                                  [](const Tried& one) { return !measured_ns(one.evaluation); });
  return found == slot.on_shapes.end() ? nullptr : &*found;
}

std::optional<Member> member_of(const Slot& slot) {
  const Tried* fastest = nullptr;
  for (const Tried& one : slot.measured) {
    const auto value = measured_ns(one.evaluation);
    if (!value || (fastest != nullptr && *value >= fastest->evaluation.timing.median_ns)) continue;
    fastest = &one;
  }
  if (fastest == nullptr || failed_shape(slot) != nullptr) return {};
  const Evaluation& evaluation = fastest->evaluation;
  Member member;
  member.name = fastest->candidate.kernel_name;
  member.source = slot.source;
  member.step = slot.turn.name;
  member.params = evaluation.params;
  member.ns = evaluation.timing.median_ns;
  member.roofline_share = evaluation.roofline_share;
  member.evaluation_id = fastest->id;
  member.code_bytes = evaluation.code_bytes;
  member.notes = evaluation.notes;
  member.identity = evaluation.equivalent_hash;
  member.surface = slot.tuner->surface();
  member.shapes_ns.push_back(member.ns);
  for (const Tried& one : slot.on_shapes) {
    member.shapes_ns.push_back(one.evaluation.timing.median_ns);
  }
  return member;
}

std::optional<Failure> note_outcome(Slot& slot) {
  StoredProposal& record = slot.record;
  Failure failure{slot.source, "", slot.turn.parent};
  if (slot.miss) {
    record.outcome = name_of(slot.miss->kind);
    record.message = failure.why = slot.miss->message;
    if (slot.miss->kind == ModelFailure::patch_mismatch) failure.source = slot.turn.base;
    if (!can_be_repaired(slot.miss->kind)) return {};
    return failure;
  }
  if (slot.plan) {
    record.message = slot.plan->strategy + ": " + join(slot.plan->steps, "; ");
    return {};
  }
  const Tried* failed = &slot.measured.front();
  if (measured_ns(failed->evaluation)) failed = failed_shape(slot);
  if (failed == nullptr) return {};
  const Evaluation& evaluation = failed->evaluation;
  record.outcome = name_of(evaluation.outcome);
  record.message = evaluation.message;
  if (evaluation.outcome == Outcome::internal_error) return {};
  failure.evaluation_id = failed->id;
  failure.why = fmt::format("{}: {}\n{}", name_of(evaluation.outcome), evaluation.message,
                            evaluation.log.substr(0, kLongestLog));
  return failure;
}

}  // namespace kbench
