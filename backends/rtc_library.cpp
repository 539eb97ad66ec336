#include "backends/rtc_library.hpp"

#include <dlfcn.h>

#include "backends/library_function.hpp"

namespace kbench {

namespace {

std::string version_of(void* library, const std::string& language) {
  int major = 0, minor = 0;
  if (int (*version)(int*, int*) = nullptr; find_function(library, "nvrtcVersion", version)) {
    version(&major, &minor);
    return "NVRTC " + std::to_string(major) + "." + std::to_string(minor);
  }
  // hiprtcVersion counts something else; the runtime in the same library knows: 50221153 is 5.2.
  if (int (*version)(int*) = nullptr; find_function(library, "hipRuntimeGetVersion", version)) {
    int number = 0;
    version(&number);
    return "hipRTC " + std::to_string(number / 10'000'000) + "." +
           std::to_string(number / 100'000 % 100) + "." + std::to_string(number % 100'000);
  }
  if (int (*version)(int*, int*) = nullptr;
      find_function(library, language + "rtcVersion", version)) {
    version(&major, &minor);
  }
  return "hipRTC " + std::to_string(major) + "." + std::to_string(minor);
}

template <class Bytes, class Text>
std::string text_of(void* program, Bytes bytes, Text text) {
  size_t count = 0;
  if (bytes(program, &count) != 0) return "";
  std::string all(count, '\0');
  if (count > 0 && text(program, all.data()) != 0) return "";
  return all;
}

}  // namespace

Result<RtcLibrary> RtcLibrary::open(const std::string& language, const std::string& path) {
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return environment_error(dlerror(), path);
  RtcLibrary opened;
  if (std::string name = opened.missing(library, language); !name.empty()) {
    return environment_error("the library has no function " + name, path,
                             "it is too old, or of another kind");
  }
  opened.version_ = version_of(library, language);
  return opened;
}

// The first function that the library lacks.
std::string RtcLibrary::missing(void* library, const std::string& language) {
  const bool cuda = language == "cuda";
  const std::string prefix = cuda ? "nvrtc" : "hiprtc", code = cuda ? "GetCUBIN" : "GetCode";
  std::string first;
  auto need = [&](auto& function, const std::string& name) {
    if (!find_function(library, prefix + name, function) && first.empty()) first = prefix + name;
  };
  need(calls_.create, "CreateProgram");
  need(calls_.destroy, "DestroyProgram");
  need(calls_.name, "AddNameExpression");
  need(calls_.lowered, "GetLoweredName");
  need(calls_.compile, "CompileProgram");
  need(calls_.log_bytes, "GetProgramLogSize");
  need(calls_.log, "GetProgramLog");
  need(calls_.code_bytes, code + "Size");
  need(calls_.code, code);
  find_function(library, "nvrtcGetNumSupportedArchs", target_count_);
  find_function(library, "nvrtcGetSupportedArchs", target_numbers_);
  return first;
}

std::vector<std::string> RtcLibrary::targets() const {
  int count = 0;
  if (target_count_ == nullptr || target_numbers_ == nullptr || target_count_(&count) != 0)
    return {};
  std::vector<int> numbers(static_cast<size_t>(count));
  target_numbers_(numbers.data());
  std::vector<std::string> targets;
  for (const int number : numbers) targets.push_back("sm_" + std::to_string(number));
  return targets;
}

RtcImage RtcLibrary::compile(const RtcUnit& unit) const {
  RtcImage image;
  std::vector<const char*> options, names, texts;
  for (const std::string& option : unit.options) options.push_back(option.c_str());
  for (const auto& [name, text] : unit.headers) {
    names.push_back(name.c_str());
    texts.push_back(text.c_str());
  }
  Program program = nullptr;
  if (calls_.create(&program, unit.source.c_str(), unit.name.c_str(),
                    static_cast<int>(names.size()), texts.data(), names.data()) != 0) {
    image.log = "the compiler does not take the source";
    return image;
  }
  for (const std::string& function : unit.functions) {
    calls_.name(program, ("&" + function).c_str());
  }
  image.ok = calls_.compile(program, static_cast<int>(options.size()), options.data()) == 0;
  image.log = text_of(program, calls_.log_bytes, calls_.log);
  while (!image.log.empty() && image.log.back() == '\0') image.log.pop_back();
  if (image.ok) image.code = text_of(program, calls_.code_bytes, calls_.code);
  for (const std::string& function : unit.functions) {
    const char* name = nullptr;
    if (image.ok && calls_.lowered(program, ("&" + function).c_str(), &name) == 0) {
      image.names.emplace_back(name);
    }
  }
  calls_.destroy(&program);
  return image;
}

}  // namespace kbench
