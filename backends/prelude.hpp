#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "backends/host_compiler.hpp"
#include "core/process.hpp"

namespace kbench {

// A compiler run in its sandbox: it sees the system's programs and headers, `read_only` and
// `writable`, nothing else.
struct CompilerRun {
  std::vector<std::string> arguments;  // arguments[0]: the compiler
  std::string input;
  std::vector<std::string> read_only, writable;
  std::chrono::milliseconds limit{60'000};
};
Result<ProcessResult> run_compiler(const CompilerRun& run);

// kbench.h and what it includes, precompiled once per compiler and flag set in the cache folder.
// (immintrin.h alone costs a compilation 0.26 s.) Where precompiling fails the plain header serves.
class Prelude {
 public:
  // Copies the headers of `headers` into the cache on first use.
  Prelude(std::string cache_folder, std::string headers)
      : cache_folder_(std::move(cache_folder)), headers_(std::move(headers)) {}

  // SHA-256 of the headers' text: part of what an image depends on.
  Result<std::string> hash();
  // A folder with the headers and, if possible, their precompiled form for exactly these flags.
  Result<std::string> folder(const HostCompiler& compiler, const std::vector<std::string>& flags);
  // The headers where they lie.
  Result<std::string> plain_folder() const { return headers_; }
  // The arguments that make a compilation start with the prelude of that folder.
  static std::vector<std::string> arguments(const HostCompiler& compiler,
                                            const std::string& folder);

 private:
  Result<void> read();
  Result<void> make(const HostCompiler& compiler, const std::vector<std::string>& flags,
                    const std::string& folder);

  const std::string cache_folder_, headers_;
  std::mutex mutex_;
  std::map<std::string, std::string> texts_;  // by file name
  std::string hash_;
  std::map<std::string, std::string> folders_;  // by what they depend on
};

}  // namespace kbench
