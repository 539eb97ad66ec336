#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/model_tally.hpp"
#include "cli/sources.hpp"
#include "cli/terminal.hpp"
#include "results/store.hpp"
#include "search/models/model_campaign.hpp"

namespace kbench {

namespace {

// What became of its models' calls; empty: it asked none.
Result<ModelTally> tally_of(const Store& store, const CampaignRecord& campaign) {
  ModelTally tally;
  if (!has_models(campaign)) return tally;
  auto proposals = store.proposals(campaign.id);
  if (!proposals) return tl::unexpected(proposals.error());
  auto prechecks = store.prechecks(campaign.id);
  if (!prechecks) return tl::unexpected(prechecks.error());
  for (const StoredProposal& proposal : *proposals) {
    if (proposal.answered) tally.add(proposal);
  }
  for (const StoredPrecheck& precheck : *prechecks) {
    if (precheck.answered) tally.add(precheck);
  }
  return tally;
}

int run_campaigns(const GlobalOptions& global) {
  auto store = Store::open(global.database, OpenMode::read_only);
  if (!store) return report(store.error(), global);
  auto campaigns = (*store)->campaigns();
  if (!campaigns) return report(campaigns.error(), global);
  Table table({"id", "state", "task", "strategy", "seed", "started"}, {Table::Align::right});
  nlohmann::json lines = nlohmann::json::array();
  std::string tallies;
  for (const CampaignRecord& campaign : *campaigns) {
    const std::string command = campaign.state == "done"
                                    ? campaign.command
                                    : fmt::format("kbench run --resume {} --db {}", campaign.id,
                                                  shell_word(global.database));
    table.add({std::to_string(campaign.id), campaign.state, campaign.task, campaign.strategy,
               std::to_string(campaign.seed), campaign.started},
              command);
    lines.push_back({{"id", campaign.id},
                     {"state", campaign.state},
                     {"task", campaign.task},
                     {"problem", campaign.problem},
                     {"strategy", campaign.strategy},
                     {"seed", campaign.seed},
                     {"started", campaign.started},
                     {"command", command}});
    const auto tally = tally_of(**store, campaign);
    if (!tally) return report(tally.error(), global);
    if (tally->empty()) continue;
    lines.back()["models"] = tally->json();
    tallies += fmt::format("\nmodels of campaign {}\n{}", campaign.id, tally->text());
  }
  if (campaigns->empty() && !global.json) {
    fmt::print("no campaigns yet: kbench run TASK\n");
    return 0;
  }
  fmt::print("{}", global.json ? lines.dump() + "\n" : table.text() + tallies);
  return 0;
}

std::function<int()> declare(CLI::App& app, GlobalOptions& global) {
  app.footer(
      "Under each campaign: the command that repeats it, or goes on with it where it did not end.\n"
      "Examples:\n  kbench campaigns\n  kbench campaigns --db results.db --json");
  return [&global] { return run_campaigns(global); };
}

const bool kRegistered =
    commands().add("campaigns", {"Stored campaigns and how to go on with them", declare});

}  // namespace

}  // namespace kbench
