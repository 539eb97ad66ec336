#include "search/model_attempts.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <utility>

#include "core/hash.hpp"
#include "core/text.hpp"
#include "results/score_estimators.hpp"
#include "search/models/reply.hpp"

namespace kbench {

namespace {

constexpr double kLevelGap = 0.05;  // between two levels of performance
constexpr const char* kRefuted = "refuted";

// No campaign named: all are.
bool asked_for(const CampaignRecord& record, const std::vector<int64_t>& campaigns) {
  return campaigns.empty() ||
         std::find(campaigns.begin(), campaigns.end(), record.id) != campaigns.end();
}

// What the judge found of one kernel, whichever params.
struct Found {
  std::string source, language;
  bool measured = false, refuted = false;
  Timing best;
  Params params;
  std::optional<Comparison> confirmed;  // to the anchor, of the fastest confirmed
  double call_joules = 0;               // the same one's; 0: not measured
  Outcome outcome = Outcome::internal_error;
};

bool refutes(Outcome outcome) {
  return outcome != Outcome::ok && outcome != Outcome::internal_error &&
         outcome != Outcome::compile_timeout;
}

void take(Found& found, const StoredEvaluation& row) {
  const Evaluation& it = row.evaluation;
  const bool confirmation = row.shrinkage.has_value();
  if (found.source.empty()) {
    found.source = row.source;
    found.language = row.language;
    found.outcome = it.outcome;
    found.params = it.params;
  }
  if (confirmation && refutes(it.outcome)) found.refuted = true;
  if (it.outcome != Outcome::ok) return;
  if (row.against_anchor) {
    if (!found.confirmed || row.against_anchor->ratio < found.confirmed->ratio) {
      found.confirmed = row.against_anchor;
      found.call_joules = it.call_joules;
      found.params = it.params;
    }
    return;
  }
  if (confirmation || it.timing.samples_ns.empty()) return;
  if (!found.measured || it.timing.median_ns < found.best.median_ns) {
    found.best = it.timing;
    if (!found.confirmed) found.params = it.params;
  }
  found.measured = true;
}

// A campaign's evaluations, by kernel and by number.
struct Judgements {
  std::map<std::string, Found> by_kernel;       // by its hash
  std::map<std::string, const Found*> by_code;  // by its normalised source
  std::map<int64_t, std::string> source_of;     // hash of an evaluation's kernel
  std::string device_model;
  const Found* anchor = nullptr;
  std::string anchor_hash;
};

Result<Judgements> judgements_of(const Store& store, const CampaignRecord& campaign) {
  Judgements all;
  const auto kernels = nlohmann::json::parse(campaign.kernels_json, nullptr, false);
  if (kernels.is_array() && !kernels.empty()) all.anchor_hash = kernels[0].value("hash", "");
  auto read = store.for_each(
      [&](const StoredEvaluation& row) {
        all.source_of[row.id] = row.evaluation.kernel_hash;
        all.device_model = row.evaluation.device_model;
        // Other shapes (--also) have times of their own; a kernel that fails there is wrong.
        const bool timed_here = row.evaluation.problem.canonical() == campaign.problem.canonical();
        if (!timed_here && row.evaluation.outcome == Outcome::ok) return true;
        take(all.by_kernel[row.evaluation.kernel_hash], row);
        return true;
      },
      Selection{.campaign = campaign.id});
  if (!read) return tl::unexpected(read.error());
  for (const auto& [hash, found] : all.by_kernel) {
    all.by_code.try_emplace(normalised(found.source), &found);
    if (hash == all.anchor_hash) all.anchor = &found;
  }
  return all;
}

// The prompt without what is drawn for each.
std::string question_of(const std::string& prompt) {
  auto json = nlohmann::json::parse(prompt, nullptr, false);
  if (!json.is_object()) return sha256(prompt);
  json.erase("seed");
  return sha256(json.dump());
}

nlohmann::json options_of(const CampaignRecord& campaign) {
  auto options = nlohmann::json::parse(campaign.options_json, nullptr, false);
  return options.is_object() ? options : nlohmann::json::object();
}

// What a campaign's models cost, for the attempts that it was paid for.
class Bill {
 public:
  Bill(const CampaignRecord& campaign, const std::vector<StoredPrecheck>& prechecks) {
    for (const auto& model : options_of(campaign).value("models", nlohmann::json::array())) {
      if (!model.is_object() || !model.contains("input_nano_usd")) continue;
      open_[model.value("model", "")] = 0;
    }
    for (const StoredPrecheck& precheck : prechecks) {
      prechecks_[precheck.number] = precheck.nano_usd;
    }
  }
  void add(const StoredProposal& proposal) {
    const auto open = open_.find(proposal.model);
    if (open == open_.end()) return;
    open->second += proposal.nano_usd;
    const auto precheck = prechecks_.find(proposal.number);
    if (precheck != prechecks_.end()) open->second += precheck->second;
  }
  // What was added of a model since it was taken last, in US dollars; none: it has no price.
  std::optional<double> take(const std::string& model) {
    const auto open = open_.find(model);
    if (open == open_.end()) return {};
    return static_cast<double>(std::exchange(open->second, 0)) / 1e9;
  }

 private:
  std::map<std::string, int64_t> open_;  // in 1e-9 US dollars, of models with a price
  std::map<int64_t, int64_t> prechecks_;
};

// Not those that asked for a plan, that nobody answered or nobody judged.
bool counts(const StoredProposal& proposal) {
  if (proposal.step == "plan") return false;
  static const std::set<std::string, std::less<>> kNoAnswer = {"transport", "rate_limit", "quota",
                                                               "rejected", "internal_error"};
  return proposal.answered && !kNoAnswer.contains(proposal.outcome);
}

void rate(Attempt& attempt, const Found& found, const Judgements& all) {
  attempt.right = !found.refuted && found.outcome == Outcome::ok && all.anchor != nullptr &&
                  (found.confirmed || found.measured);
  if (found.refuted) attempt.outcome = kRefuted;
  if (!attempt.right) return;
  attempt.confirmed = found.confirmed.has_value();
  if (found.call_joules > 0) attempt.call_joules = found.call_joules;
  if (&found == all.anchor) {
    attempt.speedup = attempt.low = attempt.high = 1;
  } else if (found.confirmed) {
    attempt.speedup = 1 / found.confirmed->ratio;
    attempt.low = 1 / found.confirmed->high;
    attempt.high = 1 / found.confirmed->low;
  } else {
    const Timing &anchor = all.anchor->best, &own = found.best;
    attempt.speedup = anchor.median_ns / own.median_ns;
    attempt.low = anchor.q1_ns / own.q3_ns;
    attempt.high = anchor.q3_ns / own.q1_ns;
  }
}

std::string exercise_of(const CampaignRecord& campaign, const Judgements& all) {
  return campaign.task + " " + campaign.problem.canonical() + " | " + all.device_model + " | " +
         all.anchor_hash.substr(0, 12);
}

// What the model thought: in a field of its own, as endpoints have it, or leaked into the reply.
std::string reasoning_of(const StoredProposal& proposal) {
  using nlohmann::json;
  std::string apart;
  const json response = json::parse(proposal.response, nullptr, false);
  auto add = [&](const json& from, const char* field) {
    if (!from.is_object() || !from.contains(field) || !from[field].is_string()) return;
    apart += from[field].get<std::string>();
  };
  if (response.is_object() && response.contains("choices")) {
    for (const json& choice : response["choices"]) {
      if (!choice.is_object() || !choice.contains("message")) continue;
      add(choice["message"], "reasoning_content");
      add(choice["message"], "reasoning");
    }
  } else if (response.is_object() && response.contains("content")) {
    for (const json& block : response["content"]) add(block, "thinking");
  }
  if (!apart.empty()) return apart;
  static const std::regex kTag("</?(think|thinking|reasoning|thought)>");
  const std::string leaked = without_thinking(proposal.reply).thinking;
  return std::string(trim(std::regex_replace(leaked, kTag, "")));
}

// The kernel file of a reply; empty: none. What was judged is known to the byte.
std::string kernel_of(const StoredProposal& proposal, const Judgements& all) {
  if (const auto judged = all.by_kernel.find(proposal.kernel_hash); judged != all.by_kernel.end()) {
    return judged->second.source;
  }
  std::string base;
  if (const auto from = all.source_of.find(proposal.parent); from != all.source_of.end()) {
    base = all.by_kernel.at(from->second).source;
  }
  return kernel_text(proposal.reply, base).value_or("");
}

RecordedAttempt read(const StoredProposal& proposal, const CampaignRecord& campaign,
                     const Judgements& all) {
  RecordedAttempt recorded;
  recorded.prompt = proposal.prompt;
  recorded.reply = proposal.reply;
  recorded.reasoning = reasoning_of(proposal);
  recorded.problem = campaign.problem.canonical();
  recorded.kernel = kernel_of(proposal, all);

  Attempt& attempt = recorded.attempt;
  attempt.task = campaign.task;
  attempt.model = proposal.model;
  attempt.language = all.anchor != nullptr ? all.anchor->language : "";
  attempt.exercise = exercise_of(campaign, all);
  attempt.campaign = campaign.id;
  attempt.number = proposal.number;
  attempt.outcome = proposal.outcome;
  attempt.question = question_of(proposal.prompt);
  if (recorded.kernel.empty()) return recorded;
  attempt.code = sha256(normalised(recorded.kernel));
  const auto known = all.by_code.find(normalised(recorded.kernel));
  if (known == all.by_code.end()) return recorded;  // it never came to the judge
  attempt.in_form = true;
  attempt.language = known->second->language;
  rate(attempt, *known->second, all);
  if (attempt.right) recorded.params = canonical(known->second->params);
  return recorded;
}

}  // namespace

Result<std::vector<RecordedAttempt>> recorded_attempts(const Store& store,
                                                       const CampaignRecord& campaign) {
  auto proposals = store.proposals(campaign.id);
  if (!proposals) return tl::unexpected(proposals.error());
  std::vector<RecordedAttempt> attempts;
  if (proposals->empty()) return attempts;
  auto judgements = judgements_of(store, campaign);
  if (!judgements) return tl::unexpected(judgements.error());
  auto prechecks = store.prechecks(campaign.id);
  if (!prechecks) return tl::unexpected(prechecks.error());
  Bill bill(campaign, *prechecks);
  std::map<std::string, size_t> last;  // attempt of each model
  for (const StoredProposal& proposal : *proposals) {
    bill.add(proposal);
    if (!counts(proposal)) continue;
    last[proposal.model] = attempts.size();
    attempts.push_back(read(proposal, campaign, *judgements));
    attempts.back().attempt.usd = bill.take(proposal.model);
  }
  for (const auto& [model, index] : last) {
    if (const auto rest = bill.take(model)) *attempts[index].attempt.usd += *rest;
  }
  return attempts;
}

Result<std::vector<JudgedPrecheck>> judged_prechecks(const Store& store,
                                                     const std::vector<int64_t>& campaigns) {
  auto records = store.campaigns();
  if (!records) return tl::unexpected(records.error());
  std::vector<JudgedPrecheck> judged;
  for (const CampaignRecord& record : *records) {
    const nlohmann::json options = options_of(record);
    const auto precheck = options.find("precheck");
    if (!asked_for(record, campaigns) || precheck == options.end()) continue;
    if (!precheck->is_object() || precheck->value("filters", true)) continue;
    auto attempts = recorded_attempts(store, record);
    if (!attempts) return tl::unexpected(attempts.error());
    std::map<int64_t, std::string> outcomes;
    for (const RecordedAttempt& one : *attempts) {
      outcomes[one.attempt.number] = one.attempt.outcome;
    }
    auto prechecks = store.prechecks(record.id);
    if (!prechecks) return tl::unexpected(prechecks.error());
    for (const StoredPrecheck& one : *prechecks) {
      const auto found = outcomes.find(one.number);
      if (!one.foretold || found == outcomes.end()) continue;
      const auto outcome = parse_outcome(found->second);
      if (!outcome && found->second != kRefuted) continue;
      judged.push_back(
          {one.model, *one.foretold, outcome ? std::optional(*outcome) : std::nullopt});
    }
  }
  return judged;
}

Result<std::vector<Attempt>> scored_attempts(const Store& store,
                                             const std::vector<int64_t>& campaigns) {
  auto records = store.campaigns();
  if (!records) return tl::unexpected(records.error());
  std::vector<Attempt> attempts;
  std::map<std::string, std::map<std::string, double>> pools;  // speed-ups by exercise and code
  for (const CampaignRecord& record : *records) {
    if (!asked_for(record, campaigns)) continue;
    auto recorded = recorded_attempts(store, record);
    if (!recorded) return tl::unexpected(recorded.error());
    for (RecordedAttempt& one : *recorded) {
      Attempt& attempt = one.attempt;
      if (attempt.right) {
        double& best = pools[attempt.exercise][attempt.code];
        best = std::max(best, attempt.speedup);
      }
      attempts.push_back(std::move(attempt));
    }
  }
  if (attempts.empty()) {
    return bad_input("no model was asked for a kernel in these campaigns", {},
                     "'kbench run TASK --model ...' asks one; 'kbench campaigns' lists what ran");
  }
  std::map<std::string, PerformanceLevels> levels;
  for (const auto& [exercise, pool] : pools) {
    std::vector<double> speedups = {1};  // the anchor
    for (const auto& [code, speedup] : pool) speedups.push_back(speedup);
    levels.try_emplace(exercise, std::move(speedups), kLevelGap);
  }
  for (Attempt& attempt : attempts) {
    if (attempt.right) attempt.dps = levels.at(attempt.exercise).score(attempt.speedup);
  }
  return attempts;
}

}  // namespace kbench
