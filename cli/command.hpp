#pragma once

#include <functional>
#include <string>

#include "core/registry.hpp"

namespace CLI {
class App;
class Validator;
}  // namespace CLI

namespace kbench {

// What every command has.
struct GlobalOptions {
  std::string database = "kbench.db";
  bool json = false;
  std::string device = "cpu";
};

// A command registers itself from its own file, cli/command_<name>.cpp. `declare` adds options and
// examples to its subcommand and returns what runs it; the result is the exit code
// (core/error.hpp's kinds; 0 done). A command prints an Error by returning report(error).
struct Command {
  std::string help;
  std::function<int()> (*declare)(CLI::App& app, GlobalOptions& global);
};
Registry<Command>& commands();

// Refuses what is no whole number from `lowest` on.
CLI::Validator whole_number(uint64_t lowest);

// Prints the error to standard error (as JSON with --json) and returns its exit code.
int report(const Error& error, const GlobalOptions& global);

}  // namespace kbench
