#include "backends/rtc_server.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include "backends/rtc_message.hpp"
#include "core/paths.hpp"
#include "core/process.hpp"
#include "core/sandbox.hpp"
#include "core/text.hpp"

namespace kbench {

namespace {

namespace fs = std::filesystem;

constexpr size_t kMemory = size_t{6} << 30;

struct Place {
  const char* variable;
  std::vector<std::string> names, folders;
};

Place place_of(const std::string& language) {
  const std::string system = "/usr/lib/x86_64-linux-gnu";
  if (language == "cuda") {
    return {"KBENCH_NVRTC",
            {"libnvrtc.so.13", "libnvrtc.so.12"},
            {"/usr/local/cuda/lib64", "/usr/local/cuda/lib", system,
             cache_folder() + "/wheels/nvidia/cu13/lib",
             cache_folder() + "/wheels/nvidia/cuda_nvrtc/lib"}};
  }
  return {"KBENCH_HIPRTC",
          {"libhiprtc.so.7", "libhiprtc.so.6", "libhiprtc.so.5", "libamdhip64.so.5"},
          {"/opt/rocm/lib", system}};
}

std::string program() {
  const char* given = std::getenv("KBENCH_COMPILER");
  return given != nullptr ? given : program_folder() + "/kbench-compiler";
}

class Server : public RtcServer {
 public:
  Server(Companion companion, int socket) : companion_(std::move(companion)), socket_(socket) {}
  ~Server() override { close(socket_); }

  const std::string& version() const override { return version_; }
  const std::vector<std::string>& targets() const override { return targets_; }

  Result<void> greet(const std::string& library) {
    const auto hello = receive_map(socket_);
    if (!hello) return environment_error("the compiler ends as it is opened", library);
    if (hello->contains("error")) return environment_error(hello->value("error", ""), library);
    version_ = as_text(hello->value("library", ""));
    targets_ = hello->value("targets", std::vector<std::string>{});
    return {};
  }

  Result<nlohmann::json> ask(const nlohmann::json& request) override {
    const std::lock_guard lock(mutex_);
    if (send_map(socket_, request)) {
      if (auto answer = receive_map(socket_)) return std::move(*answer);
    }
    alive_ = false;
    return environment_error("kbench-compiler has died", version_);
  }
  bool alive() const { return alive_; }

 private:
  Companion companion_;
  int socket_;
  std::mutex mutex_;
  std::atomic<bool> alive_ = true;
  std::string version_;
  std::vector<std::string> targets_;
};

}  // namespace

Result<std::string> find_rtc_library(const std::string& language) {
  const Place place = place_of(language);
  const auto there = [](const std::string& path) { return access(path.c_str(), R_OK) == 0; };
  if (const char* given = std::getenv(place.variable)) {
    if (there(given)) return std::string(fs::canonical(given));
    return environment_error("no library there", std::string(place.variable) + "=" + given);
  }
  std::vector<std::string> folders = place.folders;
  if (const char* more = std::getenv("LD_LIBRARY_PATH")) {
    const auto given = split(more, ':');
    folders.insert(folders.begin(), given.begin(), given.end());
  }
  for (const std::string& name : place.names) {
    for (const std::string& folder : folders) {
      const std::string path = folder + "/" + name;
      if (!folder.empty() && there(path)) return std::string(fs::canonical(path));
    }
  }
  return environment_error(
      "none of " + join(place.names, ", ") + " in " + join(folders, ", "), {},
      std::string("scripts/setup.sh --") + language + ", or set " + place.variable);
}

namespace {

Result<std::shared_ptr<Server>> start(const std::string& language) {
  auto found = find_rtc_library(language);
  if (!found) return tl::unexpected(found.error());
  const std::string& library = *found;
  if (find_program(program()).empty()) {
    return environment_error("kbench-compiler not found", program(),
                             "build it beside kbench, or name it in KBENCH_COMPILER");
  }
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return environment_error(std::string("no socket for a compiler: ") + std::strerror(errno));
  }
  SandboxSpec sandbox;
  sandbox.read_only = rtc_trees(library);
  sandbox.read_only.push_back(program());
  sandbox.memory_bytes = kMemory;
  std::vector<std::string> command = sandbox_command(sandbox);
  // The library opens parts of itself by name, and the sandbox shows no list of folders.
  command.insert(command.end(),
                 {"env", "LD_LIBRARY_PATH=" + fs::path(library).parent_path().string(), program(),
                  language, library});
  auto companion = Companion::start(command, {{ends[1], kRtcSocket}});
  close(ends[1]);
  if (!companion) {
    close(ends[0]);
    return tl::unexpected(companion.error());
  }
  auto server = std::make_shared<Server>(std::move(*companion), ends[0]);
  if (auto greeted = server->greet(library); !greeted) return tl::unexpected(greeted.error());
  return server;
}

}  // namespace

std::vector<std::string> rtc_trees(const std::string& library) {
  const fs::path tree = fs::path(library).parent_path().parent_path();
  std::vector<std::string> trees = {tree};
  const fs::path runtime = tree.parent_path() / "cuda_runtime";
  if (tree.filename() == "cuda_nvrtc" && fs::exists(runtime)) trees.push_back(runtime);
  return trees;
}

Result<std::shared_ptr<RtcServer>> RtcServer::of(const std::string& language) {
  static std::mutex mutex;
  static std::map<std::string, std::shared_ptr<Server>> servers;
  const std::lock_guard lock(mutex);
  std::shared_ptr<Server>& server = servers[language];
  if (!server || !server->alive()) {
    auto started = start(language);
    if (!started) return tl::unexpected(started.error());
    server = std::move(*started);
  }
  return server;
}

}  // namespace kbench
