#include <fmt/core.h>

#include <CLI/CLI.hpp>

#include "cli/command.hpp"
#include "core/error.hpp"
#include "harness/environment.hpp"

namespace {

using kbench::GlobalOptions;

// The nearest names of a word that is neither an option nor a command here.
std::string advice(const CLI::App& app, const std::string& word) {
  std::vector<std::string> known;
  if (word.starts_with("-")) {
    for (const CLI::Option* option : app.get_options()) known.push_back(option->get_name());
  } else {
    known = kbench::commands().names();
  }
  return kbench::suggestion(word, known);
}

int usage_error(const CLI::App& app, const CLI::ParseError& error, const GlobalOptions& global) {
  const CLI::App* place = &app;
  while (!place->get_subcommands().empty()) place = place->get_subcommands().front();
  std::string what = error.what();
  std::string hint =
      "see '" + app.get_name() + (place == &app ? "" : " " + place->get_name()) + " --help'";
  const std::vector<std::string> extras = place->remaining();
  if (error.get_name() == "ExtrasError" && !extras.empty()) {
    const std::string& word = extras.front();
    const bool command = place == &app && !word.starts_with("-");
    what = (command ? "unknown command '" : "unknown argument '") + word + "'";
    hint = advice(*place, word) + "; " + hint;
  }
  return kbench::report({kbench::ErrorKind::bad_input, what, {}, hint}, global);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "kbench proves compute kernels right, times them so that the number can be believed, "
      "and finds faster ones.",
      "kbench");
  app.set_version_flag("--version", kbench::kbench_version());
  app.require_subcommand(0, 1);
  GlobalOptions global;
  std::function<int()> run;
  for (const auto& [name, command] : kbench::commands().entries()) {
    CLI::App* sub = app.add_subcommand(name, command.help);
    sub->add_option("--db", global.database, "The file results are kept in")->capture_default_str();
    sub->add_flag("--json", global.json, "Print JSON for programs instead of text for people");
    auto body = command.declare(*sub, global);
    sub->callback([&run, body = std::move(body)] { run = body; });
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::CallForAllHelp& help) {
    return app.exit(help);
  } catch (const CLI::CallForVersion& version) {
    return app.exit(version);
  } catch (const CLI::ParseError& error) {
    return usage_error(app, error, global);
  }
  if (!run) {
    fmt::print("{}", app.help());
    return 0;
  }
  return run();
}
