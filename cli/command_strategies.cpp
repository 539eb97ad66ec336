#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/terminal.hpp"
#include "core/text.hpp"
#include "search/strategy.hpp"

namespace kbench {

namespace {

std::string allowed(const OptionSpec& option) {
  if (!option.choices.empty()) return join(option.choices, " | ");
  return option.low == option.high ? "any" : fmt::format("{} to {}", option.low, option.high);
}

nlohmann::json json_of(const std::string& name, const StrategyFactory& strategy) {
  nlohmann::json options = nlohmann::json::array();
  for (const OptionSpec& option : strategy.options) {
    options.push_back({{"name", option.name},
                       {"default", option.default_value},
                       {"allowed", allowed(option)},
                       {"help", option.help}});
  }
  return {{"name", name}, {"help", strategy.help}, {"options", options}};
}

void explain(const std::string& name, const StrategyFactory& strategy) {
  fmt::print("{}  {}\n", paint(name, Colour::bold), strategy.help);
  if (strategy.options.empty()) return;
  Table table({"--option", "default", "allowed", "meaning"});
  for (const OptionSpec& option : strategy.options) {
    table.add({option.name, option.default_value, allowed(option), option.help});
  }
  fmt::print("\n{}", table.text());
}

int run_strategies(const std::string& name, const GlobalOptions& global) {
  if (name.empty() && !global.json) {
    Table table({"strategy", "what it does"});
    for (const auto& [each, strategy] : strategies().entries()) table.add({each, strategy.help});
    fmt::print("{}\nkbench strategies NAME explains its options.\n", table.text());
    return 0;
  }
  if (name.empty()) {
    nlohmann::json all = nlohmann::json::array();
    for (const auto& [each, strategy] : strategies().entries()) {
      all.push_back(json_of(each, strategy));
    }
    fmt::print("{}\n", all.dump());
    return 0;
  }
  auto strategy = strategies().find(name);
  if (!strategy) return report(strategy.error(), global);
  if (global.json) {
    fmt::print("{}\n", json_of(name, **strategy).dump());
  } else {
    explain(name, **strategy);
  }
  return 0;
}

std::function<int()> declare(CLI::App& app, GlobalOptions& global) {
  auto name = std::make_shared<std::string>();
  app.add_option("strategy", *name, "Explain the options of this one");
  app.footer("Examples:\n  kbench strategies\n  kbench strategies genetic");
  return [name, &global] { return run_strategies(*name, global); };
}

const bool kRegistered =
    commands().add("strategies", {"Ways to search, and their options", declare});

}  // namespace

}  // namespace kbench
