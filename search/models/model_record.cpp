#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "search/campaign_record.hpp"
#include "search/models/model_campaign.hpp"

namespace kbench {

namespace {

nlohmann::json entry_of(const ModelChoice& model) {
  nlohmann::json entry = {{"model", model.name.text()}};
  if (model.priced) {
    entry["input_nano_usd"] = model.price.input;
    entry["output_nano_usd"] = model.price.output;
  }
  return entry;
}

Result<ModelChoice> choice_of(const nlohmann::json& entry) {
  auto name = parse_model(entry.at("model"));
  if (!name) return tl::unexpected(name.error());
  const Price price{entry.value("input_nano_usd", int64_t{0}),
                    entry.value("output_nano_usd", int64_t{0})};
  return ModelChoice{std::move(*name), price, entry.contains("input_nano_usd")};
}

}  // namespace

bool has_models(const CampaignRecord& record) {
  const auto options = nlohmann::json::parse(record.options_json, nullptr, false);
  return options.is_object() && options.contains("models");
}

CampaignRecord record_of(const ModelCampaignSetup& setup) {
  CampaignRecord record = record_of(setup.campaign);
  auto options = nlohmann::json::parse(record.options_json);
  for (const ModelChoice& model : setup.models) options["models"].push_back(entry_of(model));
  if (setup.precheck) {
    options["precheck"] = entry_of(setup.precheck->model);
    options["precheck"]["filters"] = setup.precheck->filters;
  }
  options["language"] = setup.language;
  options["arm"] = setup.arm;
  options["operators"] = setup.evolution.operators;
  options["population"] = setup.evolution.population;
  options["selection"] = setup.evolution.selection;
  options["model_choice"] = setup.model_choice;
  options["shapes"] = setup.shapes;
  options["similar"] = setup.similar;
  for (const ForeignKernel& kernel : setup.evolution.foreign) {
    options["foreign"].push_back({{"name", kernel.name},
                                  {"language", kernel.language},
                                  {"source", kernel.source},
                                  {"speed", kernel.speed}});
  }
  options["max_tokens"] = setup.max_tokens;
  if (setup.temperature) options["temperature"] = *setup.temperature;
  options["in_flight"] = setup.in_flight;
  options["share"] = setup.share;
  record.options_json = options.dump();
  return record;
}

Result<void> restore(const CampaignRecord& record, ModelCampaignSetup& setup) {
  const std::string where = fmt::format("campaign {}", record.id);
  if (!has_models(record)) return bad_input("no models took part in it", where);
  if (auto restored = restore(record, setup.campaign); !restored) return restored;
  try {
    const auto options = nlohmann::json::parse(record.options_json);
    setup.models.clear();
    for (const auto& entry : options.at("models")) {
      auto model = choice_of(entry);
      if (!model) return tl::unexpected(model.error());
      setup.models.push_back(std::move(*model));
    }
    setup.precheck.reset();
    if (options.contains("precheck")) {
      auto model = choice_of(options.at("precheck"));
      if (!model) return tl::unexpected(model.error());
      setup.precheck = {std::move(*model), options.at("precheck").at("filters")};
    }
    setup.language = options.value("language", "cpp");  // older records have none
    options.at("arm").get_to(setup.arm);
    options.at("operators").get_to(setup.evolution.operators);
    options.at("population").get_to(setup.evolution.population);
    options.at("selection").get_to(setup.evolution.selection);
    options.at("model_choice").get_to(setup.model_choice);
    options.at("shapes").get_to(setup.shapes);
    options.at("similar").get_to(setup.similar);
    setup.evolution.foreign.clear();
    for (const auto& entry : options.value("foreign", nlohmann::json::array())) {
      setup.evolution.foreign.push_back(
          {entry.at("name"), entry.at("language"), entry.at("source"), entry.at("speed")});
    }
    options.at("max_tokens").get_to(setup.max_tokens);
    if (options.contains("temperature")) setup.temperature = options.at("temperature");
    options.at("in_flight").get_to(setup.in_flight);
    options.at("share").get_to(setup.share);
  } catch (const nlohmann::json::exception& problem) {
    return environment_error(problem.what(), where, "the database is damaged");
  }
  return {};
}

}  // namespace kbench
