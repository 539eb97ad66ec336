#include "search/training.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/judge_server.hpp"
#include "results/score_estimators.hpp"
#include "search/model_attempts.hpp"

namespace kbench {

namespace {

using nlohmann::json;
using Attempts = std::vector<RecordedAttempt>;

// The prompt as a list of messages, the system's first.
json messages_of(const std::string& prompt) {
  const json stored = json::parse(prompt, nullptr, false);
  json messages = json::array();
  if (!stored.is_object()) return messages;
  if (stored.contains("system")) {
    messages.push_back({{"role", "system"}, {"content", stored["system"]}});
  }
  for (const json& message : stored.value("messages", json::array())) messages.push_back(message);
  return messages;
}

json origin_of(const RecordedAttempt& recorded) {
  const Attempt& attempt = recorded.attempt;
  return {{"task", attempt.task},         {"problem", recorded.problem},
          {"campaign", attempt.campaign}, {"proposal", attempt.number},
          {"model", attempt.model},       {"prompt", messages_of(recorded.prompt)}};
}

std::vector<json> supervised(const Attempts& attempts) {
  std::vector<json> lines;
  for (const RecordedAttempt& recorded : attempts) {
    const Attempt& attempt = recorded.attempt;
    if (!attempt.right) continue;
    json line = origin_of(recorded);
    line["reasoning"] = recorded.reasoning;
    line["kernel"] = recorded.kernel;
    line["params"] = recorded.params;
    line["speedup"] = attempt.speedup;
    line["low"] = attempt.low;
    line["high"] = attempt.high;
    line["confirmed"] = attempt.confirmed;
    lines.push_back(std::move(line));
  }
  return lines;
}

json pair_of(const char* kind, const RecordedAttempt& chosen, const RecordedAttempt& rejected) {
  json line = origin_of(chosen);
  line["kind"] = kind;
  line["same_question"] = chosen.attempt.question == rejected.attempt.question;
  line["chosen"] = chosen.kernel;
  line["rejected"] = rejected.kernel;
  line["rejected_proposal"] = rejected.attempt.number;
  line["rejected_outcome"] = rejected.attempt.outcome;
  if (rejected.attempt.right) {
    line["speedup"] = chosen.attempt.speedup / rejected.attempt.speedup;
  }
  return line;
}

// The right one that a wrong one is set against: of those asked the same, if any, the nearest.
const RecordedAttempt* right_beside(const RecordedAttempt& wrong, const Attempts& attempts) {
  const RecordedAttempt* best = nullptr;
  auto distance = [&](const RecordedAttempt& other) {
    return std::pair(other.attempt.question != wrong.attempt.question,
                     std::abs(other.attempt.number - wrong.attempt.number));
  };
  for (const RecordedAttempt& other : attempts) {
    if (!other.attempt.right) continue;
    if (best == nullptr || distance(other) < distance(*best)) best = &other;
  }
  return best;
}

std::vector<json> preferences(const Attempts& attempts) {
  std::vector<json> lines;
  std::vector<const RecordedAttempt*> confirmed;
  std::set<std::string> seen;
  for (const RecordedAttempt& recorded : attempts) {
    const Attempt& attempt = recorded.attempt;
    if (attempt.code.empty() || !seen.insert(attempt.code).second) continue;
    if (attempt.confirmed) confirmed.push_back(&recorded);
    if (attempt.right) continue;
    if (const RecordedAttempt* right = right_beside(recorded, attempts)) {
      lines.push_back(pair_of("right", *right, recorded));
    }
  }
  for (const RecordedAttempt* faster : confirmed) {
    for (const RecordedAttempt* slower : confirmed) {
      if (faster->attempt.low > slower->attempt.high) {
        lines.push_back(pair_of("faster", *faster, *slower));
      }
    }
  }
  return lines;
}

std::vector<json> rewarded(const Attempts& attempts) {
  std::vector<json> lines;
  for (const RecordedAttempt& recorded : attempts) {
    const Attempt& attempt = recorded.attempt;
    json line = origin_of(recorded);
    line["completion"] = recorded.reply;
    line["outcome"] = attempt.outcome;
    line["reward"] = attempt.right ? reward_of_right(attempt.low) : 0;
    line["speedup"] = attempt.speedup;
    line["low"] = attempt.low;
    line["confirmed"] = attempt.confirmed;
    lines.push_back(std::move(line));
  }
  return lines;
}

using Lines = std::vector<json> (*)(const Attempts&);
const std::map<std::string, Lines>& formats() {
  static const std::map<std::string, Lines> kFormats = {
      {"pairs", preferences}, {"rewards", rewarded}, {"sft", supervised}};
  return kFormats;
}

}  // namespace

std::vector<std::string> training_formats() {
  std::vector<std::string> names;
  for (const auto& [name, lines] : formats()) names.push_back(name);
  return names;
}

Result<std::string> training_lines(const Store& store, const CampaignRecord& campaign,
                                   const std::string& format) {
  auto attempts = recorded_attempts(store, campaign);
  if (!attempts) return tl::unexpected(attempts.error());
  if (attempts->empty()) {
    return bad_input("no model was asked for a kernel", "campaign " + std::to_string(campaign.id),
                     "'--format csv' writes what a search measured");
  }
  std::string text;
  for (const json& line : formats().at(format)(*attempts)) text += line_of(line) + "\n";
  return text;
}

}  // namespace kbench
