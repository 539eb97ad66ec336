#include "search/campaign_record.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace kbench {
namespace {

nlohmann::json kernels_of(const CampaignSetup& setup) {
  nlohmann::json kernels = nlohmann::json::array();
  for (const SearchKernel& kernel : setup.kernels) {
    kernels.push_back({{"name", kernel.file.name},
                       {"hash", kernel.file.hash()},
                       {"language", kernel.language},
                       {"compiler", kernel.compiler}});
  }
  return kernels;
}

}  // namespace

CampaignRecord record_of(const CampaignSetup& setup) {
  CampaignRecord record;
  record.task = setup.problem.task;
  record.device = setup.device;
  record.strategy = setup.strategy;
  record.command = setup.command;
  record.options_json = nlohmann::json{{"options", setup.options},
                                       {"first", setup.first},
                                       {"budget", setup.budget.text()},
                                       {"lag", setup.lag},
                                       {"finalists", setup.finalists},
                                       {"confirm_every", setup.confirm_every},
                                       {"objectives", text_of(setup.objectives)}}
                            .dump();
  record.kernels_json = kernels_of(setup).dump();
  record.problem = setup.problem;
  record.seed = setup.seed;
  record.environment_json = setup.environment_json;
  return record;
}

Result<void> restore(const CampaignRecord& record, CampaignSetup& setup) {
  const std::string where = fmt::format("campaign {}", record.id);
  auto options = nlohmann::json::parse(record.options_json, nullptr, false);
  auto kernels = nlohmann::json::parse(record.kernels_json, nullptr, false);
  if (!options.is_object() || !kernels.is_array()) {
    return environment_error("its record cannot be read", where, "the database is damaged");
  }
  if (kernels != kernels_of(setup)) {
    return bad_input("the kernels are not those it was started with", where,
                     "recorded: " + kernels.dump() + "; start a new campaign");
  }
  try {
    options.at("options").get_to(setup.options);
    setup.first = options.value("first", std::vector<Params>());  // older records have none
    auto objectives = parse_objectives(options.value("objectives", "time"));
    if (!objectives) return tl::unexpected(objectives.error());
    setup.objectives = std::move(*objectives);
    options.at("lag").get_to(setup.lag);
    options.at("finalists").get_to(setup.finalists);
    options.at("confirm_every").get_to(setup.confirm_every);
    const std::string budget = options.at("budget");
    setup.budget = {};
    if (!budget.empty()) {
      auto parsed = parse_budget(budget);
      if (!parsed) return tl::unexpected(parsed.error());
      setup.budget = *parsed;
    }
  } catch (const nlohmann::json::exception& problem) {
    return environment_error(problem.what(), where, "the database is damaged");
  }
  setup.problem = record.problem;
  setup.device = record.device;
  setup.strategy = record.strategy;
  setup.seed = record.seed;
  return {};
}

}  // namespace kbench
