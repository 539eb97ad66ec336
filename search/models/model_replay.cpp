#include "search/models/model_replay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

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

// A verdict for this candidate and no other.
Result<void> check(const Candidate& candidate, const StoredEvaluation& stored) {
  const auto file = parse_kernel_file(candidate.kernel_text, candidate.kernel_name);
  if (!file) return tl::unexpected(file.error());
  const std::string hash = candidate_hash(*file, candidate.params, candidate.language);
  if (candidate.kernel_text == stored.source && candidate.params == stored.evaluation.params) {
    return {};
  }
  return bad_input(fmt::format("ask {} is now {} of {} ({}), was {} of {} ({})", stored.sequence,
                               canonical(candidate.params), candidate.kernel_name,
                               hash.substr(0, 12), canonical(stored.evaluation.params),
                               stored.kernel_name, stored.evaluation.candidate_hash.substr(0, 12)),
                   fmt::format("campaign {}", stored.campaign));
}

Exchange exchange_of(const StoredProposal& stored) {
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
  for (int kind = 0; kind <= static_cast<int>(ModelFailure::unchanged); ++kind) {
    const auto failure = static_cast<ModelFailure>(kind);
    if (name_of(failure) == stored.outcome) exchange.reply = miss(failure, stored.message);
  }
  return exchange;
}

// A database that lasts as long as the replay.
class Scratch {
 public:
  Scratch() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "kbench_replay_XXXXXX").string();
    if (mkdtemp(pattern.data()) != nullptr) folder_ = pattern;
  }
  ~Scratch() {
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }
  Result<std::unique_ptr<Store>> open() const {
    return Store::open(folder_ + "/replay.db", OpenMode::read_write);
  }

 private:
  std::string folder_;
};

// What became of every proposal, then and now.
Result<void> compare(const std::vector<StoredProposal>& now,
                     const std::vector<StoredProposal>& then) {
  for (size_t i = 0; i < std::min(now.size(), then.size()); ++i) {
    if (now[i].outcome != then[i].outcome || now[i].kernel_hash != then[i].kernel_hash ||
        now[i].nano_usd != then[i].nano_usd) {
      return bad_input(
          fmt::format("proposal {} is now {}, was {}", i, now[i].outcome, then[i].outcome));
    }
  }
  if (now.size() == then.size()) return {};
  return bad_input(fmt::format("{} proposals now, {} in the record", now.size(), then.size()));
}

}  // namespace

Result<void> RecordedAnswers::ask(const StoredProposal& proposal, size_t, const ChatRequest&) {
  const auto number = static_cast<size_t>(proposal.number);
  if (number >= proposals_.size()) {
    return bad_input(fmt::format("proposal {} is not in the record", number));
  }
  const StoredProposal& stored = proposals_[number];
  if (proposal.step != stored.step || proposal.model != stored.model) {
    return bad_input(fmt::format("proposal {} is now {} by {}, was {} by {}", number, proposal.step,
                                 proposal.model, stored.step, stored.model));
  }
  if (proposal.prompt != stored.prompt) {
    return bad_input(fmt::format("the prompt of proposal {} is not the recorded one: {}", number,
                                 difference(proposal.prompt, stored.prompt)),
                     fmt::format("campaign {}", stored.campaign),
                     "prompt parts, device or kbench are not those it ran with");
  }
  open_.push_back(number);
  return {};
}

std::optional<Answers::Taken> RecordedAnswers::take(std::chrono::milliseconds) {
  if (open_.empty()) return {};
  const size_t number = open_.front();
  open_.pop_front();
  return Taken{static_cast<int64_t>(number), exchange_of(proposals_[number])};
}

Result<RecordedJudge> RecordedJudge::load(const Store& store, int64_t campaign) {
  auto asks = store.asks(campaign);
  if (!asks) return tl::unexpected(asks.error());
  std::map<int64_t, int64_t> sequences;  // by evaluation
  for (const LoggedAsk& ask : *asks) {
    if (ask.evaluation_id) sequences[*ask.evaluation_id] = ask.sequence;
  }
  RecordedJudge judge;
  auto read = store.for_each(
      [&](const StoredEvaluation& row) {
        const auto asked = sequences.find(row.id);
        if (asked == sequences.end()) {
          judge.confirmations_.push_back(row);
        } else {
          judge.asks_[asked->second] = row;
        }
        return true;
      },
      Selection{.campaign = campaign});
  if (!read) return tl::unexpected(read.error());
  return judge;
}

size_t RecordedJudge::baselines(const std::vector<Candidate>& among) const {
  return static_cast<size_t>(
      std::count_if(confirmations_.begin(), confirmations_.end(), [&](const auto& stored) {
        return std::any_of(among.begin(), among.end(), [&](const Candidate& baseline) {
          return baseline.kernel_text == stored.source;
        });
      }));
}

Result<Evaluation> RecordedJudge::next() {
  const EvaluationRequest request = std::move(open_.front());
  open_.pop_front();
  const auto stored = asks_.find(request.id);
  if (stored == asks_.end()) {
    return bad_input(fmt::format("ask {} is not in the record", request.id));
  }
  if (auto same = check(request.candidate, stored->second); !same) {
    return tl::unexpected(same.error());
  }
  Evaluation evaluation = stored->second.evaluation;
  evaluation.id = request.id;
  return evaluation;
}

Result<Confirmation> RecordedJudge::confirm(const ConfirmationRequest& request) {
  if (confirmed_ == confirmations_.size()) {
    return bad_input("one more confirmation than in the record");
  }
  const StoredEvaluation& stored = confirmations_[confirmed_++];
  if (auto same = check(request.candidate, stored); !same) return tl::unexpected(same.error());
  Confirmation confirmation;
  confirmation.id = request.id;
  confirmation.evaluation = stored.evaluation;
  confirmation.against_anchor = stored.against_anchor;
  confirmation.against_incumbent = stored.against_incumbent;
  confirmation.shrinkage = stored.shrinkage.value_or(0);
  confirmation.held_out = stored.held_out;
  return confirmation;
}

Result<ReplayedModels> replay_models(const CampaignRecord& record, ModelCampaignSetup setup,
                                     const Store& store, CampaignObserver& observer) {
  if (auto restored = restore(record, setup); !restored) return tl::unexpected(restored.error());
  if (record.state != "done") {
    return bad_input("it did not come to its end, nor would its replay",
                     fmt::format("campaign {}", record.id));
  }
  auto proposals = store.proposals(record.id);
  if (!proposals) return tl::unexpected(proposals.error());
  auto judge = RecordedJudge::load(store, record.id);
  if (!judge) return tl::unexpected(judge.error());
  // Time went as it did: its limits are where the record ends.
  CampaignSetup& base = setup.campaign;
  base.budget.wall.reset();
  base.budget.proposals = static_cast<int64_t>(proposals->size());
  const size_t baselines = std::min(base.baselines.size(), judge->baselines(base.baselines));
  base.baselines.resize(baselines);
  const size_t others = judge->confirmations() - std::min(judge->confirmations(), baselines + 1);
  base.finalists = static_cast<int>(others);

  const Scratch scratch;
  auto copy = scratch.open();
  if (!copy) return tl::unexpected(copy.error());
  RecordedAnswers answers(*proposals);
  const std::atomic<bool> stop = false;
  auto result = run_model_campaign(setup, answers, *judge, **copy, observer, stop);
  if (!result) return tl::unexpected(result.error());
  auto again = (*copy)->proposals(result->id);
  if (!again) return tl::unexpected(again.error());
  if (auto same = compare(*again, *proposals); !same) return tl::unexpected(same.error());
  return ReplayedModels{proposals->size(), judge->verdicts(), std::move(*result)};
}

}  // namespace kbench
