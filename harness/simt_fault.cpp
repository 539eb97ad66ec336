#include "harness/simt_fault.hpp"

#include <cstdlib>

#include "backends/source_lines.hpp"
#include "core/text.hpp"

namespace kbench {

std::optional<Fault> simt_fault(const std::string& kind, const std::string& message,
                                const std::string& image) {
  const std::vector<std::string> lines = split(message, '\n');
  if (lines.size() != 6 || lines[0] != kind) return std::nullopt;
  const auto outcome = parse_outcome(lines[1]);
  if (!outcome || *outcome == Outcome::ok) return std::nullopt;
  Fault found{*outcome, as_text(lines[2]), as_text(lines[5])};
  for (const size_t which : {0, 1}) {
    const std::string place = which == 0 ? "{0}" : "{1}";
    const size_t at = found.message.find(place);
    if (at == std::string::npos) continue;
    const uint64_t address = std::strtoull(lines[3 + which].c_str(), nullptr, 10);
    const std::string line = source_lines(image, {address}).front();
    found.message.replace(at, place.size(), line.empty() ? "an unknown line" : line);
  }
  return found;
}

}  // namespace kbench
