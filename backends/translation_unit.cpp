#include "backends/translation_unit.hpp"

namespace kbench {

Result<std::string> translation_unit(const CompileRequest& request, const std::string& fallback) {
  std::string unit;
  for (const auto& [name, value] : request.definitions) {
    if ((name + value).find_first_of("\n\r\\") != std::string::npos) {
      return bad_input("the definition of " + name.substr(0, name.find('\n')) +
                       " spans several lines");
    }
    unit += "#define " + name + " " + value + "\n";
  }
  std::string name = request.name.empty() ? fallback : request.name;
  std::erase_if(name, [](char c) { return c == '"' || c == '\\' || c == '\n' || c == '\r'; });
  return unit + "#line 1 \"" + name + "\"\n" + request.source;
}

}  // namespace kbench
