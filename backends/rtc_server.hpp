#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/error.hpp"

namespace kbench {

// Where NVRTC ("cuda") or hipRTC ("hip") lies: KBENCH_NVRTC or KBENCH_HIPRTC, LD_LIBRARY_PATH, the
// folders in which toolkits and packages put it. An Error says what was looked for.
Result<std::string> find_rtc_library(const std::string& language);

// The folders that hold a library's lib/ and include/. Python wheels of CUDA 12 have a tree for
// each part.
std::vector<std::string> rtc_trees(const std::string& library);

// A running kbench-compiler in its sandbox, which sees the system and the library's own tree.
// Thread-safe: one request at a time.
class RtcServer {
 public:
  // This process's only one of a language, started when it is first asked for or has died.
  static Result<std::shared_ptr<RtcServer>> of(const std::string& language);
  virtual ~RtcServer() = default;

  virtual const std::string& version() const = 0;               // "NVRTC 13.0"
  virtual const std::vector<std::string>& targets() const = 0;  // empty where it cannot tell
  // See rtc_message.hpp. An Error: kbench-compiler itself is gone.
  virtual Result<nlohmann::json> ask(const nlohmann::json& request) = 0;
};

}  // namespace kbench
