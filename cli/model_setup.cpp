#include "cli/model_setup.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/sources.hpp"
#include "core/text.hpp"
#include "harness/environment.hpp"
#include "search/models/arm.hpp"
#include "search/models/asking.hpp"
#include "search/models/knowledge.hpp"

namespace kbench {

namespace {

std::string facts_of(const Cpu& cpu, const Problem& problem, const std::string& compiler) {
  return fmt::format(
      "{}; {} of {} cores for this problem; vectors of {} bytes; L2 {} a core; compiler {} with "
      "-march=native",
      cpu.model, problem.threads, cpu.cores, cpu.vector_bytes,
      format_bytes(static_cast<double>(cpu.l2_bytes)), compiler);
}

Result<std::vector<ModelChoice>> choices_of(const ModelOptions& options) {
  std::map<std::string, Price> prices;
  if (!options.prices.empty()) {
    auto read = read_prices(options.prices);
    if (!read) return tl::unexpected(read.error());
    prices = std::move(*read);
  }
  std::vector<ModelChoice> models;
  for (const std::string& text : options.models) {
    auto name = parse_model(text);
    if (!name) return tl::unexpected(name.error());
    const auto price = prices.find(name->name);
    if (price == prices.end() && !options.free) {
      return bad_input("what '" + name->name + "' costs is not known", "--model " + text,
                       "name a --prices file that has it, or say --free");
    }
    models.push_back(price == prices.end() ? ModelChoice{std::move(*name), {}, false}
                                           : ModelChoice{std::move(*name), price->second, true});
  }
  return models;
}

// "\n  name: help (option=default)", a line an entry.
template <class Kind>
std::string choices(const Registry<Kind>& registry) {
  std::string text;
  for (const auto& [name, kind] : registry.entries()) {
    std::vector<std::string> words;
    if constexpr (requires(const Kind& it) { it.options; }) {
      for (const OptionSpec& option : kind.options) {
        words.push_back(option.name + "=" + option.default_value + ": " + option.help);
      }
    }
    text += "\n  " + name + ": " + kind.help;
    if (!words.empty()) text += " (" + join(words, "; ") + ")";
  }
  return text;
}

}  // namespace

void declare_models(CLI::App& app, ModelOptions& options) {
  app.add_option("--model", options.models,
                 "A language model that writes kernels: openai:NAME[@URL], anthropic:NAME[@URL] or "
                 "command:PROGRAM; repeatable")
      ->expected(1)
      ->take_all();
  app.add_option("--prices", options.prices, "JSON file of models' prices (docs/models.md)");
  app.add_flag("--free", options.free, "Models without a price cost nothing");
  app.add_option("--key-file", options.key_file, "File with the endpoint's key");
  app.add_option("--prompts", options.prompts, "Folder whose prompt parts replace kbench's own");
  app.add_option("--arm", options.arm, "How to search, or a control:" + choices(arms()))
      ->capture_default_str();
  app.add_option("--operators", options.operators,
                 "Weights of steps, as write:1,improve:3,plan:1:" + choices(operators()));
  app.add_option("--population", options.population,
                 "What steps start from, NAME or NAME:option=value,...:" + choices(populations()))
      ->capture_default_str();
  app.add_option("--selection", options.selection,
                 "Which of them is taken, NAME or NAME:option=value,...:" + choices(selections()))
      ->capture_default_str();
  app.add_option("--model-choice", options.model_choice,
                 "Which of several models is asked:" + choices(model_pickers()))
      ->capture_default_str();
  app.add_option("--also", options.also,
                 "A problem on which the best of each proposal is timed as well; repeatable")
      ->expected(1)
      ->take_all();
  app.add_option("--from", options.from,
                 "Kernel file in another language, to translate; repeatable")
      ->expected(1)
      ->take_all();
  app.add_option("--max-tokens", options.max_tokens, "Of a reply, its thinking included")
      ->capture_default_str()
      ->check(whole_number(1));
  app.add_option("--temperature", options.temperature, "As the endpoint takes it");
  app.add_option("--in-flight", options.in_flight, "Prompts open at a time")
      ->capture_default_str()
      ->check(CLI::Range(1, 64));
  app.add_option("--share", options.share, "Evaluations for the params of one proposal")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  app.add_option("--replay", options.replay, "Repeat a models' campaign from its record alone")
      ->check(whole_number(1));
}

Result<ModelCampaignSetup> model_setup(const Job& job, const ModelOptions& options) {
  ModelCampaignSetup setup;
  setup.campaign = job.setup;
  setup.task = job.task;
  setup.device = device_bindings(this_cpu());
  setup.device_text = facts_of(this_cpu(), job.setup.problem, job.setup.kernels[0].compiler);
  auto models = choices_of(options);
  if (!models) return tl::unexpected(models.error());
  setup.models = std::move(*models);
  auto prompts = Prompts::load(options.prompts, job.setup.kernels[0].language);
  if (!prompts) return tl::unexpected(prompts.error());
  setup.prompts = std::move(*prompts);
  setup.arm = options.arm;
  setup.evolution.operators = options.operators;
  setup.evolution.population = options.population;
  setup.evolution.selection = options.selection;
  setup.model_choice = options.model_choice;
  setup.knowledge = knowledge_of(job.setup.kernels[0].language, job.task.category, options.prompts);
  for (const std::string& text : options.also) {
    auto problem = parse_problem(job.task, text);
    if (!problem) return tl::unexpected(problem.error());
    setup.shapes.push_back(std::move(*problem));
  }
  setup.max_tokens = options.max_tokens;
  setup.temperature = options.temperature;
  setup.in_flight = options.in_flight;
  setup.share = options.share;
  if (auto asking = Asking::make(setup); !asking) return tl::unexpected(asking.error());
  return setup;
}

Result<std::vector<std::unique_ptr<Endpoint>>> connect(const ModelCampaignSetup& setup,
                                                       const ModelOptions& options,
                                                       const std::atomic<bool>& stop) {
  EndpointSetup how;
  how.key_file = options.key_file;
  how.waiting = real_waiting(stop);
  how.stop = &stop;
  std::vector<std::unique_ptr<Endpoint>> endpoints;
  for (const ModelChoice& model : setup.models) {
    auto endpoint = make_endpoint(model.name, how);
    if (!endpoint) return tl::unexpected(endpoint.error());
    endpoints.push_back(std::move(*endpoint));
  }
  return endpoints;
}

std::string command_of(const ModelOptions& options) {
  std::string command;
  auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) command += std::string(" ") + name + " " + shell_word(value);
  };
  for (const std::string& model : options.models) add("--model", model);
  add("--prices", options.prices);
  if (options.free) command += " --free";
  add("--key-file", options.key_file);
  add("--prompts", options.prompts);
  add("--arm", options.arm);
  add("--operators", options.operators);
  add("--population", options.population);
  add("--selection", options.selection);
  add("--model-choice", options.model_choice);
  for (const std::string& problem : options.also) add("--also", problem);
  for (const std::string& file : options.from) add("--from", file);
  add("--max-tokens", std::to_string(options.max_tokens));
  if (options.temperature) add("--temperature", fmt::format("{}", *options.temperature));
  add("--in-flight", std::to_string(options.in_flight));
  add("--share", std::to_string(options.share));
  return command;
}

}  // namespace kbench
