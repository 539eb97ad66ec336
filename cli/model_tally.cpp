#include "cli/model_tally.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "cli/terminal.hpp"
#include "core/text.hpp"

namespace kbench {

namespace {

double usd(int64_t nano_usd) {
  return static_cast<double>(nano_usd) / 1e9;
}

// "no_code 5, wrong_result 2", the most frequent first.
std::string failures_of(const std::map<std::string, int64_t>& outcomes) {
  std::vector<std::pair<std::string, int64_t>> failures;
  for (const auto& entry : outcomes) {
    if (entry.first != "ok") failures.push_back(entry);
  }
  std::stable_sort(failures.begin(), failures.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::string> parts;
  for (const auto& [name, count] : failures) parts.push_back(fmt::format("{} {}", name, count));
  return parts.empty() ? "-" : join(parts, ", ");
}

}  // namespace

void ModelTally::add(const StoredProposal& proposal) {
  add(models_[proposal.model], proposal);
}

void ModelTally::add(const StoredPrecheck& precheck) {
  add(models_[precheck.model + ", pre-check"], precheck);
}

void ModelTally::add(Model& model, const StoredCall& call) {
  ++model.proposals;
  ++model.outcomes[call.outcome];
  model.input_tokens += call.input_tokens.value_or(0);
  model.output_tokens += call.output_tokens.value_or(0);
  model.nano_usd += call.nano_usd;
  model.milliseconds += call.milliseconds;
}

std::string ModelTally::text() const {
  using Align = Table::Align;
  Table table({"model", "calls", "ok", "tokens in, out", "usd", "failures"},
              {Align::left, Align::right, Align::right, Align::right, Align::right, Align::left});
  for (const auto& [name, model] : models_) {
    const auto measured = model.outcomes.find("ok");
    table.add({name, std::to_string(model.proposals),
               std::to_string(measured == model.outcomes.end() ? 0 : measured->second),
               fmt::format("{}, {}", model.input_tokens, model.output_tokens),
               fmt::format("{:.4f}", usd(model.nano_usd)), failures_of(model.outcomes)});
  }
  return table.text();
}

nlohmann::json ModelTally::json() const {
  nlohmann::json all = nlohmann::json::object();
  for (const auto& [name, model] : models_) {
    all[name] = {{"proposals", model.proposals},       {"outcomes", model.outcomes},
                 {"input_tokens", model.input_tokens}, {"output_tokens", model.output_tokens},
                 {"usd", usd(model.nano_usd)},         {"seconds", model.milliseconds / 1000}};
  }
  return all;
}

}  // namespace kbench
