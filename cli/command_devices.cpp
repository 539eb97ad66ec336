#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "backends/device_list.hpp"
#include "cli/command.hpp"
#include "cli/terminal.hpp"
#include "core/paths.hpp"
#include "core/text.hpp"
#include "harness/disturbances.hpp"
#include "harness/environment.hpp"
#include "harness/judge_server.hpp"

namespace kbench {

namespace {

nlohmann::json json_of(const std::vector<FoundDevice>& devices) {
  nlohmann::json list = nlohmann::json::array();
  for (const FoundDevice& it : devices) {
    list.push_back({{"name", it.name},
                    {"compiler", it.compiler},
                    {"library", it.place},
                    {"targets", it.targets},
                    {"missing", it.missing},
                    {"runs", it.runs}});
  }
  return list;
}

void print(const FoundDevice& device) {
  fmt::print("\n{}  {}\n", paint(device.name, Colour::bold), device.runs);
  if (!device.missing.empty()) {
    fmt::print("  compiler   none: {}\n", device.missing);
    return;
  }
  fmt::print("  compiler   {}{}\n", device.compiler,
             device.place.empty() ? "" : " (" + device.place + ")");
  if (!device.targets.empty()) fmt::print("  targets    {}\n", join(device.targets, ", "));
}

int run_devices(int threads, const GlobalOptions& global) {
  auto judge = JudgeClient::start({});
  if (!judge) return report(judge.error(), global);
  auto device = (*judge)->describe(threads);
  if (!device) return report(device.error(), global);
  const Ceilings& ceilings = device->ceilings;
  const Cpu& cpu = this_cpu();
  if (global.json) {
    nlohmann::json line = ceilings;
    line["name"] = "cpu";
    line["sandbox"] = device->sandbox;
    line["launch_ns"] = device->launch_ns;
    line["others"] = json_of(found_devices(cache_folder()));
    line["environment"] = environment(device->compilers);
    fmt::print("{}\n", line.dump());
    return 0;
  }
  fmt::print("{}  {}, {} cores, {}-byte vectors\n", paint("cpu", Colour::bold), cpu.model,
             cpu.cores, cpu.vector_bytes);
  fmt::print("  compilers  {}\n  sandbox    {}\n", join(device->compilers, ", "), device->sandbox);
  fmt::print("  launch     {} to release and await a kernel that does nothing\n",
             format_time(device->launch_ns));
  fmt::print("  caches     copying leaves them beyond {}\n\n",
             format_bytes(static_cast<double>(ceilings.cache_bytes)));
  fmt::print("Measured on {} thread{}:\n", threads, threads == 1 ? "" : "s");
  Table peaks({"arithmetic", "instructions", "peak"},
              {Table::Align::left, Table::Align::left, Table::Align::right});
  for (const auto& peak : ceilings.peaks) {
    peaks.add({std::string(name_of(peak.dtype)), peak.instructions,
               format_rate(peak.flops, peak.dtype == DType::i8 ? "OP" : "FLOP")});
  }
  fmt::print("{}\n", peaks.text());
  Table table({"copy footprint", "plain stores", "streaming stores"},
              {Table::Align::right, Table::Align::right, Table::Align::right});
  for (const auto& copy : ceilings.copies) {
    table.add({format_bytes(static_cast<double>(copy.footprint_bytes)),
               format_rate(copy.plain, "B"), format_rate(copy.streaming, "B")});
  }
  fmt::print("{}", table.text());
  for (const FoundDevice& other : found_devices(cache_folder())) print(other);
  for (const std::string& warning : disturbances()) {
    fmt::print("{} {}\n", paint("note:", Colour::yellow), warning);
  }
  return 0;
}

std::function<int()> declare(CLI::App& app, GlobalOptions& global) {
  auto threads = std::make_shared<int>(1);
  app.add_option("--threads", *threads, "Cores the ceilings are measured with")
      ->capture_default_str()
      ->check(CLI::Range(1, this_cpu().cores));
  app.footer(
      "Ceilings are measured once and kept in the cache folder.\nExample:\n  kbench devices");
  return [threads, &global] { return run_devices(*threads, global); };
}

const bool kRegistered =
    commands().add("devices", {"What kernels can run on here, and its measured ceilings", declare});

}  // namespace

}  // namespace kbench
