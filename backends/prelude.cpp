#include "backends/prelude.hpp"

#include <unistd.h>

#include <atomic>
#include <filesystem>

#include "core/files.hpp"
#include "core/hash.hpp"
#include "core/sandbox.hpp"
#include "core/text.hpp"

namespace kbench {

namespace fs = std::filesystem;

namespace {

constexpr size_t kCompilerMemory = size_t{3} << 30;
constexpr size_t kLargestOutput = size_t{256} << 20;
constexpr const char* kHeader = "/kbench.h";

std::string precompiled(const HostCompiler& compiler) {
  return compiler.is_clang ? "/kbench.h.pch" : "/kbench.h.gch";
}

}  // namespace

Result<ProcessResult> run_compiler(const CompilerRun& run) {
  SandboxSpec sandbox;
  sandbox.read_only = run.read_only;
  sandbox.writable = run.writable;
  sandbox.memory_bytes = kCompilerMemory;
  sandbox.file_bytes = kLargestOutput;
  // Beside the limit on wall time: a compiler that outlives its killer ends by itself.
  sandbox.cpu_seconds = static_cast<int>(run.limit.count() / 1000) + 2;
  ProcessSpec spec;
  spec.arguments = sandbox_command(sandbox);
  spec.arguments.insert(spec.arguments.end(), run.arguments.begin(), run.arguments.end());
  spec.input = run.input;
  // A machine under load may leave it a part of a core; its CPU time is limited above.
  spec.limit = 4 * run.limit;
  return run_process(spec);
}

Result<void> Prelude::read() {
  if (!hash_.empty()) return {};
  std::error_code failed;
  for (const auto& entry : fs::recursive_directory_iterator(headers_, failed)) {
    if (entry.path().extension() != ".h") continue;
    auto text = read_file(entry.path());
    if (!text) return tl::unexpected(text.error());
    texts_[entry.path().lexically_relative(headers_)] = std::move(*text);
  }
  if (texts_.count(kHeader + 1) == 0) {
    return environment_error("kbench.h not found", headers_,
                             "KBENCH_HOME names the folder that holds harness/include");
  }
  std::string all;
  for (const auto& [name, text] : texts_) all += name + ' ' + sha256(text) + '\n';
  hash_ = sha256(all);
  return {};
}

Result<std::string> Prelude::hash() {
  std::lock_guard lock(mutex_);
  if (auto ready = read(); !ready) return tl::unexpected(ready.error());
  return hash_;
}

Result<std::string> Prelude::folder(const HostCompiler& compiler,
                                    const std::vector<std::string>& flags) {
  std::lock_guard lock(mutex_);
  if (auto ready = read(); !ready) return tl::unexpected(ready.error());
  const std::string key =
      sha256(hash_ + compiler.path + compiler.version + compiler.target + join(flags, "\n"));
  auto known = folders_.find(key);
  if (known == folders_.end()) {
    const std::string folder = cache_folder_ + "/prelude/" + key.substr(0, 32);
    if (auto made = make(compiler, flags, folder); !made) return tl::unexpected(made.error());
    known = folders_.emplace(key, folder).first;
  }
  return known->second;
}

Result<void> Prelude::make(const HostCompiler& compiler, const std::vector<std::string>& flags,
                           const std::string& folder) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  for (const auto& [name, text] : texts_) {
    // Once there a header stays as it is: clang refuses a precompiled one whose source is newer.
    if (fs::exists(folder + "/" + name, failed)) continue;
    fs::create_directories(fs::path(folder + "/" + name).parent_path(), failed);
    if (auto written = write_file(folder + "/" + name, text); !written) return written;
  }
  if (fs::exists(folder + precompiled(compiler), failed)) return {};

  // Under a name of its own until complete: another process or thread may be doing the same.
  static std::atomic<int> count = 0;
  const std::string beside =
      precompiled(compiler) + "." + std::to_string(getpid()) + "." + std::to_string(count++);
  CompilerRun run;
  run.arguments = {compiler.path};
  run.arguments.insert(run.arguments.end(), flags.begin(), flags.end());
  for (const std::string& word : {std::string("-x"), std::string("c++-header"), folder + kHeader,
                                  std::string("-o"), folder + beside}) {
    run.arguments.push_back(word);
  }
  run.writable = {folder};
  const auto made = run_compiler(run);
  if (!made) return tl::unexpected(made.error());
  if (made->exit_code == 0) {
    fs::rename(folder + beside, folder + precompiled(compiler), failed);
  } else {
    fs::remove(folder + beside, failed);
  }
  return {};
}

std::vector<std::string> Prelude::arguments(const HostCompiler& compiler,
                                            const std::string& folder) {
  if (compiler.is_clang && access((folder + precompiled(compiler)).c_str(), R_OK) == 0) {
    return {"-include-pch", folder + precompiled(compiler)};
  }
  return {"-include", folder + kHeader};
}

}  // namespace kbench
