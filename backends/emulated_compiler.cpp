#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <mutex>

#include "backends/compiler.hpp"
#include "backends/host_compiler.hpp"
#include "backends/image_cache.hpp"
#include "backends/prelude.hpp"
#include "backends/simt_source.hpp"
#include "core/files.hpp"
#include "core/hash.hpp"
#include "core/paths.hpp"

namespace kbench {

namespace {

namespace fs = std::filesystem;

// -g1: lines only, which is what a report names. Accesses through pointers and to shared memory are
// announced by -fsanitize=thread, indices of arrays with known bounds by -fsanitize=bounds. Vectors
// are read whole (-fno-tree-sra), so that their alignment is seen.
const std::vector<std::string> kFlags = {"-O1",
                                         "-g1",
                                         "-fno-tree-sra",
                                         "-fsanitize=thread,bounds",
                                         "--param=tsan-instrument-func-entry-exit=0",
                                         "--param=tsan-distinguish-volatile=1",
                                         "-Wno-unknown-pragmas",
                                         "-Wno-attributes",
                                         "-Wno-narrowing"};
// Before the kernel's text: what would take code out of the checks is an error, also where the
// preprocessor puts the word together.
constexpr const char* kHead =
    "#include <kbench.h>\n"
    "#pragma GCC poison asm __asm __asm__ no_sanitize __no_sanitize__ no_sanitize_thread "
    "__no_sanitize_thread__\n";
const std::vector<std::string> kRuntimeFlags = {
    "-std=c++20", "-O3", "-march=native", "-fPIC", "-fvisibility=hidden", "-fno-strict-aliasing"};

class EmulatedCompiler : public Compiler {
 public:
  explicit EmulatedCompiler(const std::string& cache_folder)
      : cache_folder_(cache_folder), sources_(data_root() + "/backends/simt") {}

  std::string_view language() const override { return "emulated"; }

  Result<std::vector<std::string>> found() const override {
    auto compiler = gcc();
    if (!compiler) return tl::unexpected(compiler.error());
    return std::vector<std::string>{(*compiler)->name};
  }

  Result<CompiledImage> compile(const CompileRequest& request) override {
    auto compiler = ready();
    if (!compiler) return tl::unexpected(compiler.error());
    auto source = simt_source(request.source, request.name);
    if (!source) {
      CompiledImage image;
      image.status = CompileStatus::unsupported;
      image.log = source.error().text();
      return image;
    }
    CompileRequest as_cpp = request;
    as_cpp.source = std::string(kHead) + "#line 1 \"" + request.name + "\"\n" + *source;
    as_cpp.compiler = (*gcc())->name;
    as_cpp.flags.clear();  // meant for the real target's compiler
    auto image = (*compiler)->compile(as_cpp);
    if (image) image->target = "emulated, warps of 32";
    return image;
  }

 private:
  static Result<const HostCompiler*> gcc() {
    for (const HostCompiler& compiler : host_compilers()) {
      if (!compiler.is_clang) return &compiler;
    }
    return environment_error("the emulated device needs g++", "PATH", "scripts/setup.sh");
  }

  // The compiler of kernels, once the runtime lies in the cache.
  Result<Compiler*> ready() {
    std::lock_guard lock(mutex_);
    if (compiler_) return compiler_.get();
    auto object = runtime();
    if (!object) return tl::unexpected(object.error());
    HostDialect dialect;
    dialect.language = "emulated";
    dialect.flags = kFlags;
    // Without the sanitizer's own library: the runtime answers in its place.
    dialect.libraries = {"-x",
                         "none",
                         *object,
                         "-l:libboost_context.a",
                         "-Wl,-T," + fs::path(*object).parent_path().string() + "/shared.ld",
                         "-nodefaultlibs",
                         "-lstdc++",
                         "-lm",
                         "-lgcc_s",
                         "-lc"};
    dialect.folder = fs::path(*object).parent_path();
    compiler_ = make_host_compiler(cache_folder_, sources_ + "/include", std::move(dialect));
    return compiler_.get();
  }

  std::vector<std::string> sources_of_runtime() const {
    std::vector<std::string> names = {sources_ + "/include/simt.h"};
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(sources_, failed)) {
      if (entry.is_regular_file(failed)) names.push_back(entry.path());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  // The runtime as one object; its name holds the hash of what it was made from.
  Result<std::string> runtime() {
    auto compiler = gcc();
    if (!compiler) return tl::unexpected(compiler.error());
    std::string all = (*compiler)->version + (*compiler)->target;
    for (const std::string& name : sources_of_runtime()) {
      auto text = read_file(name);
      if (!text) return tl::unexpected(text.error());
      all += *text;
    }
    const std::string folder = cache_folder_ + "/simt/" + sha256(all).substr(0, 32);
    const std::string object = folder + "/runtime.o";
    std::error_code failed;
    if (fs::exists(object, failed)) return object;
    fs::create_directories(folder, failed);
    fs::copy_file(sources_ + "/shared.ld", folder + "/shared.ld",
                  fs::copy_options::overwrite_existing, failed);
    const std::string beside = folder + "/" + std::to_string(getpid()) + ".o";
    CompilerRun run;
    run.arguments = {(*compiler)->path};
    run.arguments.insert(run.arguments.end(), kRuntimeFlags.begin(), kRuntimeFlags.end());
    run.arguments.insert(run.arguments.end(), {"-c", sources_ + "/runtime.cpp", "-o", beside});
    run.read_only = {sources_};
    run.writable = {folder};
    auto made = run_compiler(run);
    if (!made) return tl::unexpected(made.error());
    if (made->exit_code != 0) {
      return environment_error("the emulated device's runtime does not compile:\n" + made->err,
                               sources_, "libboost-context-dev is needed: scripts/setup.sh");
    }
    fs::rename(beside, object, failed);
    return object;
  }

  const std::string cache_folder_, sources_;
  std::mutex mutex_;
  std::unique_ptr<Compiler> compiler_;
};

}  // namespace

std::unique_ptr<Compiler> make_emulated_compiler(const std::string& cache_folder) {
  return std::make_unique<EmulatedCompiler>(cache_folder);
}

}  // namespace kbench
