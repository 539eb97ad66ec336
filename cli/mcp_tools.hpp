#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/mcp_record.hpp"
#include "cli/source_judge.hpp"

namespace kbench {

// What tools work with. Nothing in it comes from a client.
struct McpBench {
  SourceJudge judge;
  std::string database;
  McpRecord record;
};

// How far a call has come, for a client that asked to be told: `done` of `total` and a word.
using McpProgress = std::function<void(int done, int total, const std::string& what)>;

// A tool of `kbench mcp`. An Error of `call` is for the model to read: the tool ran and says no.
struct McpTool {
  std::string name, title, description;
  nlohmann::json input;  // JSON schema of its arguments
  Result<nlohmann::json> (*call)(McpBench& bench, const nlohmann::json& arguments,
                                 const McpProgress& progress);
  bool writes = false;  // adds to the database
};
const std::vector<McpTool>& mcp_tools();
// The tools that judge, and those that read what is known; mcp_tools() has both.
std::vector<McpTool> mcp_judging_tools();
std::vector<McpTool> mcp_reading_tools();

// The schema of a tool's arguments.
nlohmann::json tool_schema(nlohmann::json properties, const std::vector<std::string>& required);
// An error names the first argument that is missing, unknown, or of the wrong type.
Result<void> check_arguments(const McpTool& tool, const nlohmann::json& arguments);

}  // namespace kbench
