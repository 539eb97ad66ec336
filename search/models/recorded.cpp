#include "search/models/recorded.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.hpp"
#include "harness/plan.hpp"

namespace kbench {

namespace {

constexpr size_t kShown = 60;

// Where two texts part, with a little of each.
std::string difference(const std::string& now, const std::string& then) {
  const auto at = static_cast<size_t>(
      std::mismatch(now.begin(), now.end(), then.begin(), then.end()).first - now.begin());
  const size_t from = at < kShown / 2 ? 0 : at - kShown / 2;
  return fmt::format("at byte {} it is now '{}', was '{}'", at,
                     as_text(now.substr(std::min(from, now.size()), kShown)),
                     as_text(then.substr(std::min(from, then.size()), kShown)));
}

std::string place_of(int64_t campaign) {
  return fmt::format("campaign {}", campaign);
}

}  // namespace

Result<RecordedEvaluations> recorded_evaluations(const Store& store, int64_t campaign) {
  auto asks = store.asks(campaign);
  if (!asks) return tl::unexpected(asks.error());
  std::map<int64_t, int64_t> sequences;  // by evaluation
  for (const LoggedAsk& ask : *asks) {
    if (ask.evaluation_id) sequences[*ask.evaluation_id] = ask.sequence;
  }
  RecordedEvaluations recorded;
  auto read = store.for_each(
      [&](const StoredEvaluation& row) {
        const auto asked = sequences.find(row.id);
        if (asked == sequences.end()) {
          recorded.confirmations.push_back(row);
        } else {
          recorded.asks[asked->second] = row;
        }
        return true;
      },
      Selection{.campaign = campaign});
  if (!read) return tl::unexpected(read.error());
  return recorded;
}

Result<void> check_same(const Candidate& candidate, const StoredEvaluation& stored) {
  if (candidate.kernel_text == stored.source && candidate.params == stored.evaluation.params) {
    return {};
  }
  const auto file = parse_kernel_file(candidate.kernel_text, candidate.kernel_name);
  if (!file) return tl::unexpected(file.error());
  const std::string hash = candidate_hash(*file, candidate.params, candidate.language);
  return bad_input(fmt::format("ask {} is now {} of {} ({}), was {} of {} ({})", stored.sequence,
                               canonical(candidate.params), candidate.kernel_name,
                               hash.substr(0, 12), canonical(stored.evaluation.params),
                               stored.kernel_name, stored.evaluation.candidate_hash.substr(0, 12)),
                   place_of(stored.campaign));
}

Result<RecordedCalls> recorded_calls(const Store& store, int64_t campaign) {
  auto proposals = store.proposals(campaign);
  if (!proposals) return tl::unexpected(proposals.error());
  auto prechecks = store.prechecks(campaign);
  if (!prechecks) return tl::unexpected(prechecks.error());
  RecordedCalls calls;
  for (StoredCall& call : *proposals) calls[key_of(call)] = std::move(call);
  for (StoredCall& call : *prechecks) calls[key_of(call)] = std::move(call);
  return calls;
}

Result<void> check_same(const StoredCall& call, const StoredCall& stored) {
  if (call.step != stored.step || call.model != stored.model) {
    return bad_input(fmt::format("proposal {} is now {} by {}, was {} by {}", stored.number,
                                 call.step, call.model, stored.step, stored.model),
                     place_of(stored.campaign));
  }
  if (call.prompt == stored.prompt) return {};
  const char* what = key_of(call).precheck ? "pre-check" : "prompt";
  return bad_input(fmt::format("the {} of proposal {} is not the recorded one: {}", what,
                               stored.number, difference(call.prompt, stored.prompt)),
                   place_of(stored.campaign),
                   "prompt parts, device or kbench are not those it ran with");
}

Exchange exchange_of(const StoredCall& stored) {
  Exchange exchange;
  exchange.request = stored.request;
  exchange.response = stored.response;
  exchange.attempts = stored.attempts;
  exchange.milliseconds = stored.milliseconds;
  exchange.delivered = stored.delivered;
  if (stored.input_tokens) {
    exchange.use = TokenUse{*stored.input_tokens, stored.output_tokens.value_or(0)};
  }
  if (!stored.reply.empty()) {
    exchange.reply = ChatReply{stored.reply, ""};
    return exchange;
  }
  for (int kind = 0; kind <= static_cast<int>(ModelFailure::filtered); ++kind) {
    const auto failure = static_cast<ModelFailure>(kind);
    if (name_of(failure) == stored.outcome) exchange.reply = miss(failure, stored.message);
  }
  return exchange;
}

}  // namespace kbench
