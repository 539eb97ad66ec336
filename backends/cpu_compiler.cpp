#include <elf.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>

#include "backends/compiler.hpp"
#include "core/hash.hpp"
#include "core/paths.hpp"
#include "core/process.hpp"
#include "core/sandbox.hpp"
#include "core/text.hpp"

namespace kbench {

namespace {

namespace fs = std::filesystem;

// What the compiler may use: far more than an honest kernel needs, less than a compiler bomb wants.
constexpr size_t kMemoryBytes = size_t{4} << 30;
constexpr size_t kFileBytes = size_t{128} << 20;
constexpr const char* kMarker = "__kbench_source";

// Ignored where a kernel's author has no say: argument passing of vectors, unknown pragmas.
const std::vector<std::string>& fixed_flags() {
  static const std::vector<std::string> flags = {"-std=c++20", "-march=native", "-fPIC",
                                                 "-fvisibility=hidden", "-Wno-psabi"};
  return flags;
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

bool write_file(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  return static_cast<bool>(file.flush());
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (size_t at = 0; !from.empty() && (at = text.find(from, at)) != std::string::npos;
       at += to.size()) {
    text.replace(at, from.size(), to);
  }
}

// Sections of code and read-only data of an ELF image: total .text, and one hash over all.
void read_code(const std::string& image, int64_t& code_bytes, std::string& code_hash) {
  Elf64_Ehdr header;
  if (image.size() < sizeof header) return;
  std::memcpy(&header, image.data(), sizeof header);
  auto section = [&](size_t i) {
    Elf64_Shdr entry{};
    const size_t at = header.e_shoff + i * sizeof entry;
    if (at + sizeof entry <= image.size()) std::memcpy(&entry, image.data() + at, sizeof entry);
    return entry;
  };
  const Elf64_Shdr names = section(header.e_shstrndx);
  std::string code;
  for (size_t i = 0; i < header.e_shnum; ++i) {
    const Elf64_Shdr entry = section(i);
    const std::string_view name =
        image.data() + std::min(names.sh_offset + entry.sh_name, image.size() - 1);
    if (name == ".text") code_bytes = static_cast<int64_t>(entry.sh_size);
    if (name != ".text" && !name.starts_with(".rodata")) continue;
    if (entry.sh_offset + entry.sh_size <= image.size()) {
      code += image.substr(entry.sh_offset, entry.sh_size);
    }
  }
  code_hash = sha256(code);
}

class CppCompiler final : public Compiler {
 public:
  explicit CppCompiler(std::string cache) : cache_(std::move(cache)) {
    prelude_folder_ = data_root() + "/harness/include";
  }

  std::string_view language() const override { return "cpp"; }
  Result<std::vector<std::string>> found() const override;
  Result<CompiledImage> compile(const CompileRequest& request) override;

 private:
  struct Identity {
    std::string version, target;
  };
  const Identity& identity(const std::string& compiler);
  std::string precompiled(const std::string& compiler, const std::vector<std::string>& flags);
  Result<ProcessResult> run(const std::vector<std::string>& command, const fs::path& scratch,
                            std::chrono::milliseconds limit) const;
  std::vector<std::string> command_of(const CompileRequest& request, const std::string& compiler);
  Result<fs::path> make_scratch() const;

  std::string cache_, prelude_folder_;
  std::mutex mutex_;
  std::map<std::string, Identity> identities_;
  std::map<std::string, std::string> preludes_;  // header path to include, by compiler and flags
};

Result<std::vector<std::string>> CppCompiler::found() const {
  std::vector<std::string> names;
  for (const char* name : {"g++", "clang++"}) {
    if (!find_program(name).empty()) names.emplace_back(name);
  }
  if (names.empty()) {
    return environment_error("no C++ compiler found on PATH", {}, "install g++ or clang");
  }
  return names;
}

Result<ProcessResult> CppCompiler::run(const std::vector<std::string>& command,
                                       const fs::path& scratch,
                                       std::chrono::milliseconds limit) const {
  SandboxSpec sandbox;
  sandbox.read_only = {prelude_folder_, cache_ + "/prelude"};
  sandbox.writable = {scratch};
  sandbox.memory_bytes = kMemoryBytes;
  sandbox.file_bytes = kFileBytes;
  ProcessSpec spec;
  spec.arguments = sandbox_command(sandbox);
  spec.arguments.insert(spec.arguments.end(), command.begin(), command.end());
  spec.environment = {"TMPDIR=/tmp", "LC_ALL=C"};
  spec.limit = limit;
  return run_process(spec);
}

// Version and what -march=native means here, asked once; both belong to an image's identity.
const CppCompiler::Identity& CppCompiler::identity(const std::string& compiler) {
  const std::lock_guard lock(mutex_);
  auto [entry, fresh] = identities_.try_emplace(compiler);
  if (!fresh) return entry->second;
  ProcessSpec spec;
  spec.arguments = {compiler, "--version"};
  if (auto asked = run_process(spec))
    entry->second.version = asked->out.substr(0, asked->out.find('\n'));
  spec.arguments = {compiler, "-march=native", "-E", "-v", "-x", "c++", "/dev/null"};
  auto asked = run_process(spec);
  entry->second.target = "native";
  if (!asked) return entry->second;
  for (const char* option : {"-march=", "-target-cpu "}) {
    const size_t at = asked->err.rfind(option);
    if (at == std::string::npos) continue;
    const size_t begin = at + std::strlen(option);
    entry->second.target = asked->err.substr(begin, asked->err.find_first_of(" \n", begin) - begin);
    break;
  }
  return entry->second;
}

Result<fs::path> CppCompiler::make_scratch() const {
  static std::atomic<int> counter{0};
  const fs::path scratch =
      fs::path(cache_) / "scratch" / (std::to_string(getpid()) + "-" + std::to_string(counter++));
  std::error_code failed;
  fs::create_directories(scratch, failed);
  fs::create_directories(fs::path(cache_) / "images", failed);
  fs::create_directories(fs::path(cache_) / "prelude", failed);
  if (failed) {
    return environment_error("cannot write the cache: " + failed.message(), cache_,
                             "set XDG_CACHE_HOME to a folder that can be written");
  }
  return scratch;
}

// A header to include first, with kbench.h and what it includes compiled in advance for these
// flags; the plain header where that fails. g++ finds kbench.h.gch beside the header, clang++ wants
// the file.
std::string CppCompiler::precompiled(const std::string& compiler,
                                     const std::vector<std::string>& flags) {
  const Identity& who = identity(compiler);
  std::string key = who.version + who.target + read_file(prelude_folder_ + "/kbench.h");
  for (const std::string& flag : flags) key += "\n" + flag;
  const std::lock_guard lock(mutex_);
  std::string& header = preludes_[key];
  if (!header.empty()) return header;
  const fs::path folder = fs::path(cache_) / "prelude" / sha256(key).substr(0, 24);
  const fs::path plain = folder / "kbench.h";
  const fs::path made = folder / (compiler == "clang++" ? "kbench.h.pch" : "kbench.h.gch");
  header = plain;
  if (fs::exists(made)) return header;
  auto scratch = make_scratch();
  if (!scratch) return header = prelude_folder_ + "/kbench.h";
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (!write_file(plain, read_file(prelude_folder_ + "/kbench.h"))) {
    return header = prelude_folder_ + "/kbench.h";
  }
  std::vector<std::string> command = {compiler};
  command.insert(command.end(), flags.begin(), flags.end());
  const fs::path fresh = *scratch / "made";
  for (const std::string& word : {std::string("-x"), std::string("c++-header"), plain.string(),
                                  std::string("-o"), fresh.string()}) {
    command.push_back(word);
  }
  auto ran = run(command, *scratch, std::chrono::seconds(60));
  if (ran && ran->exit_code == 0) fs::rename(fresh, made, failed);
  fs::remove_all(*scratch, failed);
  return header;
}

std::vector<std::string> CppCompiler::command_of(const CompileRequest& request,
                                                 const std::string& compiler) {
  std::vector<std::string> flags = fixed_flags();
  flags.insert(flags.end(), request.flags.begin(), request.flags.end());
  std::vector<std::string> command = {compiler};
  command.insert(command.end(), flags.begin(), flags.end());
  if (request.source.find("kbench.h") != std::string::npos ||
      request.source.find("immintrin.h") != std::string::npos) {
    const std::string header = precompiled(compiler, flags);
    const std::string made = header + ".pch";
    if (compiler == "clang++" && fs::exists(made)) {
      command.insert(command.end(), {"-include-pch", made});
    } else {
      command.insert(command.end(), {"-include", header});
    }
  }
  for (const auto& [name, value] : request.definitions)
    command.push_back("-D" + name + "=" + value);
  command.insert(command.end(), {"-I", prelude_folder_, "-shared", "-Wl,--build-id=none"});
  return command;
}

Result<CompiledImage> CppCompiler::compile(const CompileRequest& request) {
  auto compilers = found();
  if (!compilers) return tl::unexpected(compilers.error());
  const std::string compiler = request.compiler.empty() ? compilers->front() : request.compiler;
  if (std::find(compilers->begin(), compilers->end(), compiler) == compilers->end()) {
    return environment_error("compiler '" + compiler + "' is not installed", {},
                             suggestion(compiler, *compilers));
  }
  const Identity& who = identity(compiler);
  CompiledImage image;
  image.compiler = who.version;
  image.target = who.target;
  std::vector<std::string> command = command_of(request, compiler);

  std::string key = who.version + "\n" + who.target + "\n" + request.source;
  for (const std::string& word : command) key += "\n" + word;
  for (const std::string& link : request.links) key += "\n-l" + link;
  const fs::path kept = fs::path(cache_) / "images" / (sha256(key) + ".so");
  image.path = kept;
  if (std::string bytes = read_file(kept); !bytes.empty()) {
    read_code(bytes, image.code_bytes, image.code_hash);
    image.status = CompileStatus::ok;
    image.cached = true;
    return image;
  }

  auto scratch = make_scratch();
  if (!scratch) return tl::unexpected(scratch.error());
  const fs::path source = *scratch / (std::string(kMarker) + ".cpp"), made = *scratch / "image.so";
  if (!write_file(source, request.source)) {
    return environment_error("cannot write the cache", scratch->string(), "is the disk full?");
  }
  command.insert(command.end(), {source.string(), "-o", made.string()});
  for (const std::string& link : request.links) command.push_back("-l" + link);
  auto ran = run(command, *scratch, request.limit);
  if (!ran) return tl::unexpected(ran.error());
  image.milliseconds = ran->milliseconds;
  image.log = ran->err;
  replace_all(image.log, source.string(), request.name);
  replace_all(image.log, scratch->string() + "/", "");
  replace_all(image.log, prelude_folder_ + "/", "");
  std::error_code failed;
  if (ran->timed_out) {
    image.status = CompileStatus::timeout;
    image.log +=
        "the compiler was stopped after " + std::to_string(request.limit.count()) + " ms\n";
  } else if (ran->exit_code == 0 && fs::exists(made)) {
    read_code(read_file(made), image.code_bytes, image.code_hash);
    image.status = CompileStatus::ok;
    fs::rename(made, kept, failed);
  } else {
    // A compiler that outgrows its limits is killed, or says so and gives up.
    const bool outgrown = ran->exit_code < 0 || ran->exit_code > 128 ||
                          image.log.find("out of memory") != std::string::npos ||
                          image.log.find("File size limit") != std::string::npos ||
                          image.log.find("Killed") != std::string::npos;
    image.status = outgrown ? CompileStatus::resource_limit : CompileStatus::error;
  }
  std::error_code ignored;
  fs::remove_all(*scratch, ignored);
  if (failed) return environment_error("cannot keep an image: " + failed.message(), kept.string());
  return image;
}

}  // namespace

std::unique_ptr<Compiler> make_cpp_compiler(const std::string& cache_folder) {
  return std::make_unique<CppCompiler>(cache_folder);
}

}  // namespace kbench
