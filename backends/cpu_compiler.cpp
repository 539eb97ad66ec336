#include <algorithm>
#include <array>
#include <filesystem>

#include "backends/compiler.hpp"
#include "backends/elf_code.hpp"
#include "backends/image_cache.hpp"
#include "backends/prelude.hpp"
#include "backends/translation_unit.hpp"
#include "core/files.hpp"
#include "core/hash.hpp"
#include "core/paths.hpp"
#include "core/text.hpp"

namespace kbench {

namespace {

namespace fs = std::filesystem;

// Part of every flag set, before the dialect's and the candidate's own.
const std::vector<std::string> kFixedFlags = {
    "-std=c++20", "-march=native", "-fPIC", "-fvisibility=hidden", "-fdiagnostics-color=never",
    "-Wno-psabi", "-pipe"};
const std::vector<std::string> kLinkFlags = {"-shared", "-Wl,--build-id=none",
                                             "-Wl,--no-undefined"};

// A source that uses what the prelude includes gets it first, in its precompiled form.
bool wants_prelude(const std::string& source) {
  return source.find("kbench.h") != std::string::npos ||
         source.find("immintrin.h") != std::string::npos;
}

bool says_any(const std::string& text, std::initializer_list<const char*> phrases) {
  return std::any_of(phrases.begin(), phrases.end(),
                     [&](const char* phrase) { return text.find(phrase) != std::string::npos; });
}

// The driver passes on how its children died only in words.
CompileStatus status_of(const ProcessResult& result) {
  if (result.timed_out) return CompileStatus::timeout;
  if (result.exit_code == 0) return CompileStatus::ok;
  if (says_any(result.err, {"CPU time limit exceeded"})) return CompileStatus::timeout;
  if (result.exit_code < 0 ||
      says_any(result.err,
               {"out of memory", "virtual memory exhausted", "cannot allocate memory",
                "Cannot allocate memory", "memory exhausted", "File size limit", "File too large",
                "No space left on device", "Killed signal", "std::bad_alloc", "LLVM ERROR",
                "requires too much memory", "is too large"})) {
    return CompileStatus::resource_limit;
  }
  return CompileStatus::error;
}

std::string replace_all(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

class CpuCompiler : public Compiler {
 public:
  CpuCompiler(const std::string& cache_folder, const std::string& headers, HostDialect dialect)
      : cache_(cache_folder), prelude_(cache_folder, headers), dialect_(std::move(dialect)) {}

  std::string_view language() const override { return dialect_.language; }

  Result<std::vector<std::string>> found() const override {
    std::vector<std::string> names;
    for (const HostCompiler& compiler : host_compilers()) names.push_back(compiler.name);
    if (names.empty()) {
      return environment_error("neither g++ nor clang++ found on PATH", {}, "install g++");
    }
    return names;
  }

  Result<CompiledImage> compile(const CompileRequest& request) override {
    auto compiler = choose(request.compiler);
    if (!compiler) return tl::unexpected(compiler.error());
    auto unit = translation_unit(request, "kernel.cpp");
    if (!unit) return tl::unexpected(unit.error());
    auto headers = prelude_.hash();
    if (!headers) return tl::unexpected(headers.error());
    const HostCompiler& chosen = **compiler;
    const std::vector<std::string> flags = flags_of(request);
    const std::string key = sha256(join(
        {chosen.path, chosen.version, chosen.target, *headers, join(flags, "\n"),
         join(kLinkFlags, "\n"), join(dialect_.libraries, "\n"), join(request.links, "\n"), *unit},
        std::string_view("\0", 1)));
    if (auto cached = cache_.find(key)) return *cached;
    return build(chosen, request, *unit, flags, key);
  }

 private:
  std::vector<std::string> flags_of(const CompileRequest& request) const {
    std::vector<std::string> flags = kFixedFlags;
    flags.insert(flags.end(), dialect_.flags.begin(), dialect_.flags.end());
    flags.insert(flags.end(), request.flags.begin(), request.flags.end());
    return flags;
  }

  static Result<const HostCompiler*> choose(const std::string& name) {
    std::vector<std::string> known;
    for (const HostCompiler& compiler : host_compilers()) {
      if (name.empty() || compiler.name == name) return &compiler;
      known.push_back(compiler.name);
    }
    return environment_error(
        name.empty() ? "no C++ compiler found" : "compiler '" + name + "' not found", {},
        known.empty() ? "install g++" : suggestion(name, known));
  }

  Result<CompiledImage> build(const HostCompiler& compiler, const CompileRequest& request,
                              const std::string& unit, const std::vector<std::string>& flags,
                              const std::string& key) {
    const bool with_prelude = wants_prelude(request.source);
    auto folder = with_prelude ? prelude_.folder(compiler, flags) : prelude_.plain_folder();
    if (!folder) return tl::unexpected(folder.error());
    auto scratch = cache_.scratch();
    if (!scratch) return tl::unexpected(scratch.error());

    CompilerRun run;
    run.arguments = {compiler.path};
    auto add = [&](const std::vector<std::string>& words) {
      run.arguments.insert(run.arguments.end(), words.begin(), words.end());
    };
    add(flags);
    add({"-I", *folder});
    if (with_prelude) add(Prelude::arguments(compiler, *folder));
    add(kLinkFlags);
    add({"-x", "c++", "-", "-o", *scratch + "/image.so"});
    add(dialect_.libraries);
    for (const std::string& library : request.links) add({"-l" + library});
    run.input = unit;
    run.read_only = {*folder};
    if (!dialect_.folder.empty()) run.read_only.push_back(dialect_.folder);
    run.writable = {*scratch};
    run.limit = request.limit;
    auto ran = run_compiler(run);
    auto image = ran ? read(*ran, compiler, key, *scratch, *folder)
                     : Result<CompiledImage>(tl::unexpected(ran.error()));
    std::error_code ignored;
    fs::remove_all(*scratch, ignored);
    return image;
  }

  Result<CompiledImage> read(const ProcessResult& ran, const HostCompiler& compiler,
                             const std::string& key, const std::string& scratch,
                             const std::string& folder) const {
    CompiledImage image;
    image.status = status_of(ran);
    image.log = as_text(replace_all(replace_all(ran.err, folder + "/", ""), scratch + "/", ""));
    image.compiler = compiler.version;
    image.target = compiler.target;
    image.milliseconds = ran.milliseconds;
    if (image.status != CompileStatus::ok) return image;
    auto bytes = read_file(scratch + "/image.so");
    if (!bytes) return tl::unexpected(bytes.error());
    auto code = elf_code(*bytes);
    if (!code) return tl::unexpected(code.error());
    image.code_bytes = code->text_bytes;
    image.code_hash = code->hash;
    if (auto kept = cache_.keep(key, scratch, image); !kept) return tl::unexpected(kept.error());
    return image;
  }

  ImageCache cache_;
  Prelude prelude_;
  HostDialect dialect_;
};

}  // namespace

std::unique_ptr<Compiler> make_host_compiler(const std::string& cache_folder,
                                             const std::string& headers, HostDialect dialect) {
  return std::make_unique<CpuCompiler>(cache_folder, headers, std::move(dialect));
}

std::unique_ptr<Compiler> make_cpp_compiler(const std::string& cache_folder,
                                            const std::string& headers) {
  return make_host_compiler(cache_folder,
                            headers.empty() ? data_root() + "/harness/include" : headers, {});
}

}  // namespace kbench
