#include <CLI/CLI.hpp>
#include <memory>

#include "cli/command.hpp"
#include "harness/judge_server.hpp"

namespace kbench {

namespace {

std::function<int()> declare(CLI::App& app, GlobalOptions&) {
  auto options = std::make_shared<JudgeOptions>();
  app.add_option("--tasks", options->tasks, "Folder of tasks");
  app.add_option("--cache", options->cache, "Folder of compiled images");
  app.add_option("--input-seed", options->seed, "Seed of all inputs; 0: from the system");
  app.footer(
      "Reads asks and writes answers as JSON lines (docs/protocol.md); other commands start it.\n"
      "Example:\n  echo '{\"ask\":\"device\",\"threads\":1}' | kbench judge");
  return [options] { return serve_judge(*options); };
}

const bool kRegistered =
    commands().add("judge", {"Judge candidates for another program, over standard input", declare});

}  // namespace

}  // namespace kbench
