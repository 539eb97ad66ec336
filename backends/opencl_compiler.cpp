#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "backends/compiler.hpp"
#include "backends/elf_code.hpp"
#include "backends/image_cache.hpp"
#include "backends/opencl_devices.hpp"
#include "backends/opencl_library.hpp"
#include "backends/prelude.hpp"
#include "backends/translation_unit.hpp"
#include "core/files.hpp"
#include "core/hash.hpp"
#include "core/paths.hpp"
#include "core/text.hpp"

namespace kbench {

namespace {

namespace fs = std::filesystem;

std::string text_of(const std::vector<WorkGroup>& groups) {
  std::vector<std::string> words;
  for (const WorkGroup& it : groups) {
    words.push_back(std::to_string(it[0]) + "x" + std::to_string(it[1]) + "x" +
                    std::to_string(it[2]));
  }
  return join(words, ",");
}

// Optimisation is always on; what is not OpenCL's own is for other compilers.
std::string options_of(const std::vector<std::string>& flags) {
  std::string options;
  for (const std::string& flag : flags) {
    if (flag.starts_with("-cl-")) options += flag + " ";
  }
  return options;
}

// Of the machine code where it can be told from the rest, as with PoCL, else of the program.
Result<std::string> hash_of_code(const std::string& folder, int64_t& code_bytes) {
  std::vector<std::string> hashes;
  std::error_code failed;
  for (const auto& entry : fs::recursive_directory_iterator(folder + kOpenclCache, failed)) {
    if (entry.path().extension() != ".so") continue;
    auto bytes = read_file(entry.path());
    if (!bytes) return tl::unexpected(bytes.error());
    auto code = elf_code(*bytes);
    if (!code) return tl::unexpected(code.error());
    code_bytes += code->text_bytes;
    // Of which kernel, for which work-group: equal code may stand for different ones.
    hashes.push_back(entry.path().parent_path().filename().string() + entry.path().stem().string() +
                     code->hash);
  }
  std::sort(hashes.begin(), hashes.end());
  if (!hashes.empty()) return sha256(join(hashes, "\n"));
  auto program = read_file(folder + kOpenclProgram);
  if (!program) return tl::unexpected(program.error());
  code_bytes = static_cast<int64_t>(program->size());
  return sha256(*program);
}

class OpenclCompiler : public Compiler {
 public:
  OpenclCompiler(int device, const std::string& cache_folder)
      : number_(device), cache_(cache_folder) {}

  std::string_view language() const override { return "opencl"; }

  Result<std::vector<std::string>> found() const override {
    auto device = this_device();
    if (!device) return tl::unexpected(device.error());
    return std::vector<std::string>{device->version};
  }

  Result<CompiledImage> compile(const CompileRequest& request) override {
    auto device = this_device();
    if (!device) return tl::unexpected(device.error());
    auto prelude = read_file(data_root() + "/harness/include/kbench.h");
    if (!prelude) return tl::unexpected(prelude.error());
    CompileRequest with_prelude = request;
    with_prelude.source =
        "#include <kbench.h>\n#line 1 \"" + request.name + "\"\n" + request.source;
    auto unit = translation_unit(with_prelude, "kernel.cl");
    if (!unit) return tl::unexpected(unit.error());
    const std::string options = options_of(request.flags);
    const std::string groups = text_of(request.groups);
    const std::string key =
        sha256(join({"opencl", identity_of(opencl_program()), device->name, device->version,
                     std::to_string(number_), std::to_string(request.threads), groups, options,
                     *prelude, *unit},
                    std::string_view("\0", 1)));
    if (auto cached = cache_.find(key)) return *cached;
    auto scratch = cache_.scratch();
    if (!scratch) return tl::unexpected(scratch.error());
    const std::string folder = *scratch + "/image.so";
    auto image = prepare(folder, *prelude).and_then([&] {
      return build(request, *device, *unit, folder, groups, options);
    });
    if (image && image->status == CompileStatus::ok) {
      if (auto kept = cache_.keep(key, *scratch, *image); !kept) {
        image = tl::unexpected(kept.error());
      }
    }
    std::error_code ignored;
    fs::remove_all(*scratch, ignored);
    return image;
  }

 private:
  Result<OpenclDevice> this_device() const {
    auto devices = opencl_devices();
    if (!devices) return tl::unexpected(devices.error());
    const auto count = static_cast<int>(devices->size());
    if (number_ >= count) {
      return environment_error("there is no OpenCL device " + std::to_string(number_), "--device",
                               "0 to " + std::to_string(count - 1) + ", see 'kbench devices'");
    }
    OpenclDevice device = (*devices)[static_cast<size_t>(number_)];
    if (!device.is_cpu) {
      return environment_error("kernels run on OpenCL devices that are CPUs only", device.name,
                               "the sandbox shows no others; 'kbench devices' lists them");
    }
    return device;
  }

  Result<void> prepare(const std::string& folder, const std::string& prelude) const {
    std::error_code failed;
    fs::create_directories(folder + kOpenclCache, failed);
    if (auto written = write_file(folder + "/kbench.h", prelude); !written) return written;
    return write_file(folder + kOpenclDevice, std::to_string(number_));
  }

  Result<CompiledImage> build(const CompileRequest& request, const OpenclDevice& device,
                              const std::string& unit, const std::string& folder,
                              const std::string& groups, const std::string& options) const {
    CompilerRun run;
    run.arguments = {opencl_program(),
                     "compile",
                     std::to_string(request.threads),
                     std::to_string(number_),
                     folder,
                     groups,
                     options};
    run.input = unit;
    run.read_only = opencl_paths();
    run.read_only.push_back(opencl_program());
    run.writable = {folder};
    run.limit = request.limit;
    const auto ran = run_compiler(run);
    if (!ran) return tl::unexpected(ran.error());
    CompiledImage image;
    image.compiler = device.version;
    image.target = device.name;
    image.milliseconds = ran->milliseconds;
    const auto answer = nlohmann::json::parse(ran->out, nullptr, false);
    const std::string status = answer.is_object() ? answer.value("status", "died") : "died";
    image.log = status == "died" ? "OpenCL's compiler dies of this source"
                                 : as_text(answer.value("log", ""));
    if (ran->timed_out) image.status = CompileStatus::timeout;
    if (status != "ok") return image;
    image.status = CompileStatus::ok;
    for (const auto& it : answer.value("kernels", nlohmann::json::array())) {
      KernelResources& kernel = image.resources.emplace_back();
      kernel.function = it.value("function", "");
      kernel.shared_bytes = it.value("local", int64_t{0});
      kernel.parameters = it.value("parameters", std::vector<std::string>{});
    }
    auto hash = hash_of_code(folder, image.code_bytes);
    if (!hash) return tl::unexpected(hash.error());
    image.code_hash = *hash;
    return image;
  }

  const int number_;
  const ImageCache cache_;
};

}  // namespace

std::unique_ptr<Compiler> make_opencl_compiler(int device, const std::string& cache_folder) {
  return std::make_unique<OpenclCompiler>(device, cache_folder);
}

}  // namespace kbench
