#include "backends/image_cache.hpp"

#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/files.hpp"

namespace kbench {

namespace fs = std::filesystem;

std::string identity_of(const std::string& path) {
  std::error_code failed;
  return path + ' ' + std::to_string(fs::file_size(path, failed)) + ' ' +
         std::to_string(fs::last_write_time(path, failed).time_since_epoch().count());
}

std::optional<CompiledImage> ImageCache::find(const std::string& key) const {
  const auto text = read_file(stem(key) + ".json");
  if (!text) return std::nullopt;
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  CompiledImage image;
  image.path = stem(key) + ".so";
  if (!json.is_object() || access(image.path.c_str(), R_OK) != 0) return std::nullopt;
  image.status = CompileStatus::ok;
  image.cached = true;
  image.log = json.value("log", "");
  image.compiler = json.value("compiler", "");
  image.target = json.value("target", "");
  image.milliseconds = json.value("milliseconds", 0.0);
  image.code_bytes = json.value("code_bytes", int64_t{0});
  image.code_hash = json.value("code_hash", "");
  for (const auto& it : json.value("resources", nlohmann::json::array())) {
    image.resources.push_back({it.value("function", ""), it.value("registers", int64_t{0}),
                               it.value("shared_bytes", int64_t{0}),
                               it.value("stack_bytes", int64_t{0}),
                               it.value("spilled_bytes", int64_t{0}),
                               it.value("parameters", std::vector<std::string>{})});
  }
  return image;
}

Result<std::string> ImageCache::scratch() const {
  std::error_code failed;
  for (const char* name : {"/images", "/scratch"}) fs::create_directories(folder_ + name, failed);
  std::string name = folder_ + "/scratch/XXXXXX";
  if (mkdtemp(name.data()) == nullptr) {
    return environment_error("cannot make a folder for the compiler", name,
                             "is the disk full or read-only?");
  }
  return name;
}

Result<void> ImageCache::keep(const std::string& key, const std::string& scratch,
                              CompiledImage& image) const {
  image.path = stem(key) + ".so";
  std::error_code failed;
  fs::rename(scratch + "/image.so", image.path, failed);
  // A folder that another process has kept in the meantime stays: it is the same.
  if (failed && !fs::is_directory(image.path))
    return environment_error("cannot keep an image: " + failed.message(), image.path);
  nlohmann::json resources = nlohmann::json::array();
  for (const KernelResources& it : image.resources) {
    resources.push_back({{"function", it.function},
                         {"registers", it.registers},
                         {"shared_bytes", it.shared_bytes},
                         {"stack_bytes", it.stack_bytes},
                         {"spilled_bytes", it.spilled_bytes},
                         {"parameters", it.parameters}});
  }
  const nlohmann::json json = {{"log", image.log},
                               {"compiler", image.compiler},
                               {"target", image.target},
                               {"milliseconds", image.milliseconds},
                               {"code_bytes", image.code_bytes},
                               {"code_hash", image.code_hash},
                               {"resources", resources}};
  // The image is there before the record that says so.
  return write_file(stem(key) + ".json",
                    json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace kbench
