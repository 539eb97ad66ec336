#include "backends/source_lines.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "backends/prelude.hpp"
#include "core/text.hpp"

namespace kbench {

namespace {

// The innermost frame that is not one of the device's own headers.
std::string line_of_frames(const std::vector<std::string>& frames) {
  for (const std::string& frame : frames) {
    const std::string name = std::filesystem::path(frame).filename();
    if (name.starts_with("simt") || name.starts_with("?") || name.starts_with("kbench.h")) continue;
    const std::string place = name.substr(0, name.find(" (discriminator"));
    // A unit read from standard input keeps that name whatever #line says.
    constexpr std::string_view kInput = "<stdin>:";
    return place.starts_with(kInput) ? "line " + place.substr(kInput.size()) : place;
  }
  return "";
}

}  // namespace

std::vector<std::string> source_lines(const std::string& image,
                                      const std::vector<uint64_t>& addresses) {
  std::vector<std::string> lines;
  for (const uint64_t address : addresses) {
    CompilerRun run;
    run.arguments = {find_program("addr2line"), "-i", "-e", image, fmt::format("{:#x}", address)};
    run.read_only = {image};
    run.limit = std::chrono::seconds(10);
    auto ran = run_compiler(run);
    lines.push_back(ran && ran->exit_code == 0 ? line_of_frames(split(ran->out, '\n')) : "");
  }
  return lines;
}

}  // namespace kbench
