#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <csignal>
#include <memory>

#include "cli/command.hpp"
#include "cli/line_input.hpp"
#include "cli/mcp_session.hpp"

namespace kbench {

namespace {

constexpr size_t kLongestMessage = size_t{2} << 20;

int run_mcp(const std::string& tasks, const GlobalOptions& global) {
  std::signal(SIGPIPE, SIG_IGN);  // a client that has gone shows when writing
  std::atomic<bool> gone{false};
  McpBench bench{SourceJudge(tasks), global.database, McpRecord(global.database, tasks)};
  McpSession session(bench, [&](const nlohmann::json& message) {
    if (gone) return;
    const std::string line = line_of(message) + "\n";
    gone =
        std::fwrite(line.data(), 1, line.size(), stdout) < line.size() || std::fflush(stdout) != 0;
  });
  LineInput input(STDIN_FILENO, kLongestMessage, gone);
  while (const auto line = input.next()) {
    if (line->too_long) {
      session.receive_too_long(kLongestMessage);
    } else {
      session.receive(line->text);
    }
  }
  session.finish();
  return 0;
}

std::function<int()> declare(CLI::App& app, GlobalOptions& global) {
  auto tasks = std::make_shared<std::string>();
  app.add_option("--tasks", *tasks, "Folder of tasks");
  std::string tools;
  for (const McpTool& tool : mcp_tools()) tools += "\n  " + tool.name;
  app.footer(
      "Serves the Model Context Protocol on standard input and output, so that coding agents can "
      "judge kernels (docs/mcp.md). Sources come in the calls; no call names a file. Tools:" +
      tools +
      "\nExamples:\n  kbench mcp --db results.db\n"
      "  {\"mcpServers\": {\"kbench\": {\"command\": \"kbench\", \"args\": [\"mcp\"]}}}");
  return [tasks, &global] { return run_mcp(*tasks, global); };
}

const bool kRegistered =
    commands().add("mcp", {"Serve coding agents over the Model Context Protocol", declare});

}  // namespace

}  // namespace kbench
