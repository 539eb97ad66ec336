#include "search/models/precheck.hpp"

#include "core/text.hpp"
#include "search/models/prompt_values.hpp"
#include "search/models/reply.hpp"

namespace kbench {

namespace {

// A longer one is judged without being asked about: what a call can cost has to be known before.
constexpr size_t kLongestKernel = size_t{32} << 10;
constexpr size_t kLongestReason = 300;

Result<ChatRequest> request_for(const ModelCampaignSetup& setup, const std::string& kernel) {
  Prompts::Values values = task_values(setup);
  values["kernel_source"] = kernel;
  auto system = setup.prompts.fill("precheck_system", values);
  if (!system) return tl::unexpected(system.error());
  auto prompt = setup.prompts.fill("precheck", values);
  if (!prompt) return tl::unexpected(prompt.error());
  ChatRequest request;
  request.system = std::move(*system);
  request.messages = {{ChatMessage::Role::user, std::move(*prompt)}};
  request.max_tokens = setup.max_tokens;
  request.temperature = setup.temperature;
  return request;
}

std::string why_not(const Foretold& foretold) {
  if (!foretold.compiles) return "it is said not to compile";
  return foretold.right ? "it is said to cheat" : "it is said to be wrong";
}

}  // namespace

Result<int64_t> worst_precheck_cost(const ModelCampaignSetup& setup) {
  auto request = request_for(setup, std::string(kLongestKernel, 'x'));
  if (!request) return tl::unexpected(request.error());
  return worst_cost(setup.precheck->model.price, *request);
}

std::optional<ForetoldReply> parse_foretold(const std::string& reply) {
  std::optional<bool> compiles, right, cheats;
  ForetoldReply found;
  for (const std::string& line : split(without_thinking(reply).text, '\n')) {
    for (const auto& [name, said] :
         {std::pair{"compiles", &compiles}, {"right", &right}, {"cheats", &cheats}}) {
      const auto value = field_of(line, name);
      if (!value) continue;
      const std::string word = lower_case(*value);
      if (word.starts_with("yes") || word.starts_with("no")) *said = word.starts_with("yes");
    }
    if (auto because = field_of(line, "because")) {
      found.because = because->substr(0, utf8_prefix(because->substr(0, kLongestReason)));
    }
  }
  if (!compiles || !right || !cheats) return {};
  found.foretold = {*compiles, *right, *cheats};
  return found;
}

Result<void> Prechecking::ask(Slot& slot) {
  if (!setup_.precheck || !slot.tuner || slot.source.size() > kLongestKernel) return {};
  auto request = request_for(setup_, slot.source);
  if (!request) return tl::unexpected(request.error());
  request->seed = slot.request.seed;
  StoredPrecheck& record = slot.precheck.emplace();
  record.campaign = slot.record.campaign;
  record.number = slot.record.number;
  record.model = setup_.precheck->model.name.text();
  record.prompt = request->text();
  if (auto stored = store_.record_prompt(record); !stored) return stored;
  slot.foretelling = true;
  slot.precheck_request = std::move(*request);
  return answers_.ask(record, setup_.models.size(), slot.precheck_request);
}

Result<void> Prechecking::take(Slot& slot, const Exchange& exchange, bool stopped) {
  slot.foretelling = false;
  StoredPrecheck& record = *slot.precheck;
  note_reply(record, slot.precheck_request, exchange, setup_.precheck->model.price);
  // Nobody worked on it, and nobody will now: whoever resumes the campaign asks again.
  if (stopped && !exchange.reply && !exchange.delivered) record.outcome.clear();
  std::string because;
  if (exchange.reply) {
    if (auto said = parse_foretold(exchange.reply->text)) {
      record.foretold = said->foretold;
      because = std::move(said->because);
    } else {
      record.outcome = name_of(ModelFailure::no_verdict);
      record.message = "compiles, right and cheats are to be yes or no";
    }
  }
  if (auto stored = store_.record_reply(record); !stored) return stored;
  if (setup_.precheck->filters && record.foretold && !record.foretold->passes()) {
    slot.miss = Miss{ModelFailure::filtered, why_not(*record.foretold) + ": " + because};
  }
  return {};
}

}  // namespace kbench
