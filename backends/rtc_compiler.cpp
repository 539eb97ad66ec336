#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "backends/compiler.hpp"
#include "backends/elf_code.hpp"
#include "backends/gpu_resources.hpp"
#include "backends/gpu_targets.hpp"
#include "backends/image_cache.hpp"
#include "backends/rtc_image.hpp"
#include "backends/rtc_server.hpp"
#include "backends/translation_unit.hpp"
#include "core/files.hpp"
#include "core/hash.hpp"
#include "core/paths.hpp"
#include "core/text.hpp"

namespace kbench {

namespace {

namespace fs = std::filesystem;

constexpr const char* kImageForm = "2 ";  // of what lies in the cache

// Arch-specific targets, "sm_90a", belong to those that NVRTC lists.
bool is_among(const std::vector<std::string>& known, std::string target) {
  if (target.starts_with("sm_") && (target.back() == 'a' || target.back() == 'f')) {
    target.pop_back();
  }
  return std::find(known.begin(), known.end(), target) != known.end();
}

bool speaks_of_16_bits(const std::string& unit) {
  return unit.find("f16") != std::string::npos || unit.find("half") != std::string::npos;
}

class RtcCompiler : public Compiler {
 public:
  RtcCompiler(std::string language, std::string target, const std::string& cache_folder)
      : language_(std::move(language)), target_(std::move(target)), cache_(cache_folder) {}

  std::string_view language() const override { return language_; }

  Result<std::vector<std::string>> found() const override {
    auto server = RtcServer::of(language_);
    if (!server) return tl::unexpected(server.error());
    return std::vector<std::string>{(*server)->version()};
  }

  Result<CompiledImage> compile(const CompileRequest& request) override {
    CompileRequest with_prelude = request;  // as the command-line compilers include their headers
    with_prelude.source =
        "#include <kbench.h>\n#line 1 \"" + request.name + "\"\n" + request.source;
    auto unit = translation_unit(with_prelude, "kernel.cu");
    if (!unit) return tl::unexpected(unit.error());
    auto library = find_rtc_library(language_);
    if (!library) return tl::unexpected(library.error());
    const auto headers = headers_of();
    if (!headers) return tl::unexpected(headers.error());
    const std::vector<std::string> options = options_of(request, *unit, *library);
    std::string all = kImageForm + identity_of(*library) + '\0' + *unit;
    for (const auto& [name, text] : *headers) all += '\0' + name + '\0' + text;
    const std::string key = sha256(all + '\0' + join(options, std::string_view("\0", 1)) + '\0' +
                                   join(request.functions, "\n"));
    if (auto cached = cache_.find(key)) return *cached;
    auto server = RtcServer::of(language_);
    if (!server) return tl::unexpected(server.error());
    const std::vector<std::string>& known = (*server)->targets();
    if (!known.empty() && !is_among(known, target_)) {
      return unsupported((*server)->version() + " does not compile for " + target_ +
                         "; it does for " + join(known, ", "));
    }
    auto answer = ask({{"source", *unit},
                       {"name", request.name},
                       {"options", options},
                       {"functions", request.functions},
                       {"headers", *headers},
                       {"limit_ms", request.limit.count()}});
    if (!answer) return tl::unexpected(answer.error());
    return read(*answer, key);
  }

 private:
  std::vector<std::string> options_of(const CompileRequest& request, const std::string& unit,
                                      const std::string& library) const {
    std::vector<std::string> options = {"-std=c++17"};
    if (language_ == "cuda") {
      options.insert(options.end(),
                     {"--gpu-architecture=" + target_, "-default-device", "--ptxas-options=-v"});
      for (const std::string& tree : rtc_trees(library)) {
        options.push_back("-I" + tree + "/include");
        options.push_back("-I" + tree + "/include/cccl");  // cuda/std, which some headers need
      }
      if (speaks_of_16_bits(unit)) options.emplace_back("-DKBENCH_16_BIT");
    } else {
      options.insert(options.end(), {"--offload-arch=" + target_, "-O3"});
    }
    for (const std::string& flag : request.flags) {
      // NVRTC optimises always.
      if (language_ != "cuda" || !flag.starts_with("-O")) options.push_back(flag);
    }
    return options;
  }

  static CompiledImage unsupported(const std::string& why) {
    CompiledImage image;
    image.status = CompileStatus::unsupported;
    image.log = why;
    return image;
  }

  // What a kernel may include beside the headers of the library's own tree.
  Result<std::vector<std::pair<std::string, std::string>>> headers_of() const {
    const std::string folder = data_root() + "/backends/rtc/";
    auto prelude = read_file(folder + language_ + ".h"), integers = read_file(folder + "stdint.h");
    if (!prelude) return tl::unexpected(prelude.error());
    if (!integers) return tl::unexpected(integers.error());
    // hipRTC has them built in, and another int64_t.
    if (language_ == "hip") integers = "// built in\n";
    std::vector<std::pair<std::string, std::string>> headers = {
        {"kbench.h", *prelude}, {"stdint.h", *integers}, {"cstdint", *integers}};
    // What these declare is built in, or is for the host: programs for nvcc include them.
    for (const char* name : {"assert.h", "cassert", "cfloat", "climits", "cmath", "cstddef",
                             "cstdio", "cstdlib", "cstring", "float.h", "limits.h", "math.h",
                             "stddef.h", "stdio.h", "stdlib.h", "string.h"}) {
      headers.emplace_back(name, "// built in\n");
    }
    return headers;
  }

  // A server that has died is replaced once.
  Result<nlohmann::json> ask(const nlohmann::json& request) {
    auto server = RtcServer::of(language_);
    auto answer = server ? (*server)->ask(request) : tl::unexpected(server.error());
    if (answer || !server) return answer;
    server = RtcServer::of(language_);
    return server ? (*server)->ask(request) : tl::unexpected(server.error());
  }

  Result<CompiledImage> read(const nlohmann::json& answer, const std::string& key) {
    CompiledImage image;
    image.compiler = version();
    image.target = target_;
    image.milliseconds = answer.value("milliseconds", 0.0);
    std::string log = answer.value("log", "");
    const std::string status = answer.value("status", "died"), code = answer.value("image", "");
    if (language_ == "cuda") image.resources = resources_of_ptxas(log);
    image.log = as_text(log);
    if (status == "timeout") image.status = CompileStatus::timeout;
    if (status == "died") return unsupported(why_it_died());
    if (status != "ok") return image;
    image.status = CompileStatus::ok;
    if (language_ == "hip") image.resources = resources_of_code_object(code);
    auto parts = elf_code(code);
    if (!parts) return tl::unexpected(parts.error());
    image.code_bytes = parts->text_bytes;
    image.code_hash = parts->hash;
    auto scratch = cache_.scratch();
    if (!scratch) return tl::unexpected(scratch.error());
    const std::string folder = *scratch + "/image.so";
    std::error_code ignored;
    fs::create_directory(folder, ignored);
    const auto names = answer.value("names", std::vector<std::string>{});
    auto kept = write_file(folder + kRtcCode, code);
    if (kept) kept = write_file(folder + kRtcNames, join(names, "\n"));
    if (kept) kept = cache_.keep(key, *scratch, image);
    fs::remove_all(*scratch, ignored);
    if (!kept) return tl::unexpected(kept.error());
    return image;
  }

  std::string version() const {
    const auto server = RtcServer::of(language_);
    return server ? (*server)->version() : "";
  }

  // The compiler ended without a word: because of the target, or of the source.
  std::string why_it_died() {
    auto answer = ask({{"probe", gpu_targets(language_)}, {"limit_ms", 30'000}});
    const auto all =
        answer ? answer->value("targets", std::vector<std::string>{}) : std::vector<std::string>{};
    if (is_among(all, target_)) return version() + " dies of this source";
    return version() + " dies when it is to compile for " + target_ + "; it compiles for " +
           join(all, ", ");
  }

  const std::string language_, target_;
  const ImageCache cache_;
};

}  // namespace

std::unique_ptr<Compiler> make_rtc_compiler(const std::string& language, const std::string& target,
                                            const std::string& cache_folder) {
  return std::make_unique<RtcCompiler>(language, target, cache_folder);
}

}  // namespace kbench
