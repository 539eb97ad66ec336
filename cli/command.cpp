#include "cli/command.hpp"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <nlohmann/json.hpp>

#include "cli/terminal.hpp"

namespace kbench {

Registry<Command>& commands() {
  static Registry<Command> registry("command");
  return registry;
}

CLI::Validator whole_number(uint64_t lowest) {
  return CLI::Validator(
      [lowest](std::string& text) -> std::string {
        uint64_t number = 0;
        const char* end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data(), end, number);
        if (error == std::errc() && stop == end && number >= lowest) return {};
        return fmt::format("'{}' is no whole number from {} on", text, lowest);
      },
      "");
}

int report(const Error& error, const GlobalOptions& global) {
  if (global.json) {
    const nlohmann::json line = {{"error",
                                  {{"what", error.what},
                                   {"where", error.where},
                                   {"hint", error.hint},
                                   {"exit_code", static_cast<int>(error.kind)}}}};
    fmt::print(stderr, "{}\n", line.dump());
  } else {
    fmt::print(stderr, "{} {}\n", paint("kbench:", Colour::red, stderr), error.text());
  }
  return static_cast<int>(error.kind);
}

}  // namespace kbench
