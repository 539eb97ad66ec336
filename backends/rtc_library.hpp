#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"

namespace kbench {

// What a run-time compiler is asked and answers.
struct RtcUnit {
  std::string source, name;
  std::vector<std::string> options;
  std::vector<std::string> functions;  // instances that must be in the image: "tiled<16>"
  std::vector<std::pair<std::string, std::string>> headers;  // name and text
};
struct RtcImage {
  bool ok = false;
  std::string code;                // a cubin, or a code object of AMD's
  std::vector<std::string> names;  // of the functions asked for, in the image
  std::string log;
};

// NVRTC or hipRTC: their interfaces differ in the prefix of the names only, and in what the image
// is called. Only kbench-compiler opens them: they may end the process they are in.
class RtcLibrary {
 public:
  // `language`: "cuda" or "hip".
  static Result<RtcLibrary> open(const std::string& language, const std::string& path);

  const std::string& version() const { return version_; }  // "NVRTC 13.0"
  // As the library lists them; empty where it cannot (hipRTC).
  std::vector<std::string> targets() const;
  RtcImage compile(const RtcUnit& unit) const;

 private:
  using Program = void*;
  struct Calls {
    int (*create)(Program*, const char*, const char*, int, const char* const*, const char* const*);
    int (*destroy)(Program*);
    int (*name)(Program, const char*);
    int (*lowered)(Program, const char*, const char**);
    int (*compile)(Program, int, const char* const*);
    int (*log_bytes)(Program, size_t*);
    int (*log)(Program, char*);
    int (*code_bytes)(Program, size_t*);
    int (*code)(Program, char*);
  };

  std::string missing(void* library, const std::string& language);

  Calls calls_{};
  int (*target_count_)(int*) = nullptr;
  int (*target_numbers_)(int*) = nullptr;
  std::string version_;
};

}  // namespace kbench
