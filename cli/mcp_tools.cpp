#include "cli/mcp_tools.hpp"

#include <fmt/format.h>

#include "core/text.hpp"

namespace kbench {

using nlohmann::json;

namespace {

bool has_type(const json& value, const std::string& type) {
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  return type == "integer" && value.is_number_integer();
}

}  // namespace

json tool_schema(json properties, const std::vector<std::string>& required) {
  return {{"type", "object"},
          {"properties", std::move(properties)},
          {"required", required},
          {"additionalProperties", false}};
}

const std::vector<McpTool>& mcp_tools() {
  static const std::vector<McpTool> kTools = [] {
    std::vector<McpTool> tools = mcp_reading_tools();
    for (McpTool& tool : mcp_judging_tools()) tools.push_back(std::move(tool));
    return tools;
  }();
  return kTools;
}

Result<void> check_arguments(const McpTool& tool, const json& arguments) {
  const json& known = tool.input.at("properties");
  for (const std::string& name : tool.input.value("required", std::vector<std::string>())) {
    if (!arguments.contains(name)) return bad_input(fmt::format("'{}' is missing", name));
  }
  for (const auto& [name, value] : arguments.items()) {
    const auto property = known.find(name);
    if (property == known.end()) {
      std::vector<std::string> names;
      for (const auto& [other, schema] : known.items()) names.push_back(other);
      return bad_input(fmt::format("{} has no argument '{}'", tool.name, as_text(name)), {},
                       suggestion(name, names));
    }
    const std::string type = property->at("type");
    if (!has_type(value, type)) return bad_input(fmt::format("'{}' is no {}", name, type));
    if (value.is_number_integer() &&
        (value < property->at("minimum") || value > property->at("maximum"))) {
      return bad_input(
          fmt::format("'{}' is out of range", name), {},
          fmt::format("{} to {}", property->at("minimum").dump(), property->at("maximum").dump()));
    }
    const auto longest = property->find("maxLength");
    if (longest != property->end() && value.get_ref<const std::string&>().size() > *longest) {
      return bad_input(fmt::format("'{}' is longer than {} bytes", name, longest->dump()));
    }
  }
  return {};
}

}  // namespace kbench
