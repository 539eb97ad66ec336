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

// What --precheck-mode may say.
constexpr const char* kFilter = "filter";
constexpr const char* kMeasure = "measure";

// Of this CPU as it runs one of the two, or of the bindings of a device that is none.
std::string facts_of(const Device& device, const Job& job) {
  const Problem& problem = job.setup.problem;
  const Cpu& cpu = this_cpu();
  const std::string cores = fmt::format(
      "{}; {} of {} cores for this problem; vectors of {} bytes; "
      "L2 {} a core; ",
      cpu.model, problem.threads, cpu.cores, cpu.vector_bytes,
      format_bytes(static_cast<double>(cpu.l2_bytes)));
  if (device.kind == Device::Kind::cpu) {
    return cores + "compiler " + job.setup.kernels[0].compiler + " with -march=native";
  }
  std::vector<std::string> limits;
  for (const auto& [name, value] : bindings_of(device, device.languages().front())) {
    limits.push_back(fmt::format("{} {}", name, value));
  }
  const std::string text = "device " + device.name + ": " + join(limits, ", ");
  return device.kind == Device::Kind::opencl ? cores + "OpenCL " + text : text;
}

using Prices = std::map<std::string, Price>;

Result<ModelChoice> choice_of(const std::string& text, const Prices& prices, bool free,
                              const std::string& flag) {
  auto name = parse_model(text);
  if (!name) return tl::unexpected(name.error());
  const auto price = prices.find(name->name);
  if (price != prices.end()) return ModelChoice{std::move(*name), price->second, true};
  if (free) return ModelChoice{std::move(*name), {}, false};
  return bad_input("what '" + name->name + "' costs is not known", flag + " " + text,
                   "name a --prices file that has it, or say --free");
}

Result<void> choose_models(const ModelOptions& options, ModelCampaignSetup& setup) {
  Prices prices;
  if (!options.prices.empty()) {
    auto read = read_prices(options.prices);
    if (!read) return tl::unexpected(read.error());
    prices = std::move(*read);
  }
  for (const std::string& text : options.models) {
    auto model = choice_of(text, prices, options.free, "--model");
    if (!model) return tl::unexpected(model.error());
    setup.models.push_back(std::move(*model));
  }
  if (options.precheck.empty()) return {};
  auto model = choice_of(options.precheck, prices, options.free, "--precheck");
  if (!model) return tl::unexpected(model.error());
  setup.precheck = {std::move(*model), options.precheck_mode == kFilter};
  return {};
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
  app.add_option("--precheck", options.precheck,
                 "A model that is asked about each kernel before it is compiled, as --model");
  app.add_option(
         "--precheck-mode", options.precheck_mode,
         "filter: what it says will fail is not judged; measure: everything is, and 'kbench "
         "score' says how often it was right")
      ->check(CLI::IsMember({kFilter, kMeasure}))
      ->capture_default_str();
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
  const auto device = parse_device(job.setup.device);
  if (!device) return tl::unexpected(device.error());
  setup.language = device->languages().front();
  setup.device = bindings_of(*device, setup.language);
  setup.device_text = facts_of(*device, job);
  if (auto chosen = choose_models(options, setup); !chosen) return tl::unexpected(chosen.error());
  auto prompts = Prompts::load(options.prompts, setup.language);
  if (!prompts) return tl::unexpected(prompts.error());
  setup.prompts = std::move(*prompts);
  setup.arm = options.arm;
  setup.evolution.operators = options.operators;
  setup.evolution.population = options.population;
  setup.evolution.selection = options.selection;
  setup.model_choice = options.model_choice;
  setup.knowledge = knowledge_of(setup.language, job.task.category, options.prompts);
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
  std::vector<ModelName> names;
  for (const ModelChoice& model : setup.models) names.push_back(model.name);
  if (setup.precheck) names.push_back(setup.precheck->model.name);
  std::vector<std::unique_ptr<Endpoint>> endpoints;
  for (const ModelName& name : names) {
    auto endpoint = make_endpoint(name, how);
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
  add("--precheck", options.precheck);
  if (!options.precheck.empty()) add("--precheck-mode", options.precheck_mode);
  add("--max-tokens", std::to_string(options.max_tokens));
  if (options.temperature) add("--temperature", fmt::format("{}", *options.temperature));
  add("--in-flight", std::to_string(options.in_flight));
  add("--share", std::to_string(options.share));
  return command;
}

}  // namespace kbench
