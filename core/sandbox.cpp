#include "core/sandbox.hpp"

#include <array>
#include <filesystem>

#include "core/process.hpp"

namespace kbench {

namespace {

namespace fs = std::filesystem;

// Programs and libraries, and the links by which Debian chooses between them (c++, libblas.so).
constexpr std::array kSystemFolders = {"/usr",   "/bin",   "/lib",
                                       "/lib32", "/lib64", "/etc/alternatives"};
// What may be put into the sandbox's own /tmp, memory that no limit of a process counts.
constexpr const char* kTmpBytes = "1073741824";

void add(std::vector<std::string>& command, std::initializer_list<std::string> words) {
  command.insert(command.end(), words);
}

std::vector<std::string> limits_command(const SandboxSpec& spec) {
  std::vector<std::string> command = {"prlimit", "--core=0"};
  if (spec.memory_bytes > 0) add(command, {"--as=" + std::to_string(spec.memory_bytes)});
  if (spec.file_bytes > 0) add(command, {"--fsize=" + std::to_string(spec.file_bytes)});
  if (spec.cpu_seconds > 0) add(command, {"--cpu=" + std::to_string(spec.cpu_seconds)});
  add(command, {"--"});
  return command;
}

std::vector<std::string> namespaces_command(const SandboxSpec& spec) {
  std::vector<std::string> command = {
      "bwrap",         "--unshare-user", "--unshare-pid", "--unshare-net",
      "--unshare-ipc", "--unshare-uts",  "--as-pid-1",    "--die-with-parent",
      "--new-session", "--clearenv",     "--cap-drop",    "ALL",
      "--setenv",      "PATH",           "/usr/bin:/bin", "--proc",
      "/proc",         "--dev",          "/dev",          "--size",
      kTmpBytes,       "--tmpfs",        "/tmp"};
  for (const char* folder : kSystemFolders) {
    std::error_code missing;
    if (fs::is_symlink(folder, missing)) {
      add(command, {"--symlink", fs::read_symlink(folder, missing).string(), folder});
    } else if (fs::exists(folder, missing)) {
      add(command, {"--ro-bind", folder, folder});
    }
  }
  for (const std::string& path : spec.read_only) add(command, {"--ro-bind", path, path});
  for (const std::string& path : spec.writable) add(command, {"--bind", path, path});
  for (const std::string& path : spec.devices) add(command, {"--dev-bind", path, path});
  add(command, {"--"});
  return command;
}

std::string try_level() {
  ProcessSpec probe;
  probe.arguments = namespaces_command({});
  probe.arguments.emplace_back("/usr/bin/true");
  probe.limit = std::chrono::seconds(10);
  const auto tried = run_process(probe);
  if (tried && tried->exit_code == 0) return "namespaces+limits";
  std::string why = tried ? tried->err.substr(0, tried->err.find('\n')) : tried.error().what;
  return "limits only: " + (why.empty() ? "bwrap fails without a word" : why);
}

}  // namespace

const std::string& sandbox_level() {
  static const std::string kLevel = try_level();
  return kLevel;
}

std::vector<std::string> sandbox_command(const SandboxSpec& spec) {
  std::vector<std::string> command = limits_command(spec);
  if (sandbox_level().starts_with("namespaces")) {
    const std::vector<std::string> namespaces = namespaces_command(spec);
    command.insert(command.end(), namespaces.begin(), namespaces.end());
  }
  return command;
}

}  // namespace kbench
