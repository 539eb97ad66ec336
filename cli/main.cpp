#include <fmt/core.h>

#include <CLI/CLI.hpp>

#include "cli/command.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "harness/environment.hpp"

namespace {

using kbench::Error;
using kbench::ErrorKind;
using kbench::GlobalOptions;

// The nearest names of a word that is neither an option nor a command here.
std::string advice(const CLI::App& app, const std::string& word) {
  std::vector<std::string> known;
  if (word.starts_with("-")) {
    for (const CLI::Option* option : app.get_options()) {
      for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
    }
  } else {
    known = kbench::commands().names();
  }
  return kbench::suggestion(word, known);
}

int usage_error(const CLI::App& app, const CLI::ParseError& error, const GlobalOptions& global) {
  const CLI::App* place = &app;
  while (!place->get_subcommands().empty()) place = place->get_subcommands().front();
  const std::string help =
      "see '" + app.get_name() + (place == &app ? "" : " " + place->get_name()) + " --help'";
  const std::vector<std::string> extras = place->remaining();
  const auto is = [&](CLI::ExitCodes code) {
    return error.get_exit_code() == static_cast<int>(code);
  };
  if (is(CLI::ExitCodes::ExtrasError) && !extras.empty()) {
    const std::string& word = extras.front();
    const bool option = word.starts_with("-");
    const std::string what = option          ? "unknown option '"
                             : place == &app ? "unknown command '"
                                             : "one argument too many: '";
    const bool near = option || place == &app;
    return kbench::report({ErrorKind::bad_input,
                           what + word + "'",
                           {},
                           (near ? advice(*place, word) + "; " : "") + help},
                          global);
  }
  std::string what = error.what();
  // CLI11: "Could not convert: --seed = x"
  constexpr std::string_view kConversion = "Could not convert: ";
  if (is(CLI::ExitCodes::ConversionError) && what.starts_with(kConversion)) {
    what = "'" + what.substr(what.rfind(" = ") + 3) + "' is no number for " +
           what.substr(kConversion.size(), what.rfind(" = ") - kConversion.size());
  }
  return kbench::report({ErrorKind::bad_input, what, {}, help}, global);
}

// What was printed has reached the file or the reader, or that is an error too.
int finish_output(int code, const GlobalOptions& global) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  const Error error{ErrorKind::environment, "the output cannot be written", "standard output",
                    "is the disk full?"};
  return code != 0 ? code : kbench::report(error, global);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "kbench proves compute kernels right, times them so that the number can be believed, "
      "and finds faster ones.",
      "kbench");
  app.set_version_flag("--version", kbench::kbench_version());
  app.require_subcommand(0, 1);
  app.footer("'kbench COMMAND --help' shows examples. Begin with: kbench run softmax --budget 30s");
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
  try {
    return finish_output(run(), global);
  } catch (const std::system_error&) {  // fmt: a write failed in the middle
    return finish_output(0, global);
  }
}
