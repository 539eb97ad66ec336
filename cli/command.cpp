#include "cli/command.hpp"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "cli/terminal.hpp"

namespace kbench {

Registry<Command>& commands() {
  static Registry<Command> registry("command");
  return registry;
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
