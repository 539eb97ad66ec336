// kbench-opencl: what needs OpenCL's drivers outside a worker, in a process that may die of them.
//   kbench-opencl list THREADS
//   kbench-opencl compile THREADS DEVICE FOLDER GROUPS OPTIONS   the source on standard input
// answers in one line of JSON. GROUPS are the work-groups that will be launched, "64x1x1,16x16x1".

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "backends/opencl_library.hpp"

namespace kbench {
namespace {

using nlohmann::json;

// What the drivers tell in words, with the zero behind them taken off.
template <class Query, class... Of>
std::string text(Query query, cl_uint what, Of... of) {
  size_t bytes = 0;
  if (query(of..., what, 0, nullptr, &bytes) != CL_SUCCESS) return "";
  std::string answer(bytes, '\0');
  query(of..., what, bytes, answer.data(), nullptr);
  while (!answer.empty() && answer.back() == '\0') answer.pop_back();
  return answer;
}

template <class Value, class Query, class... Of>
Value value_of(Query query, cl_uint what, Of... of) {
  Value value{};
  // NOLINTNEXTLINE(bugprone-sizeof-expression): handles are pointers
  query(of..., what, sizeof(Value), &value, nullptr);
  return value;
}

template <class Value, class Query, class... Of>
int64_t number(Query query, cl_uint what, Of... of) {
  return static_cast<int64_t>(value_of<Value>(query, what, of...));
}

json about(const OpenclLibrary& cl, cl_device_id device) {
  auto* const platform = value_of<cl_platform_id>(cl.get_device_info, CL_DEVICE_PLATFORM, device);
  const auto of = [&](auto type, cl_uint what) {
    return number<decltype(type)>(cl.get_device_info, what, device);
  };
  return {{"name", text(cl.get_device_info, CL_DEVICE_NAME, device)},
          {"platform", text(cl.get_platform_info, CL_PLATFORM_NAME, platform)},
          {"version", text(cl.get_platform_info, CL_PLATFORM_VERSION, platform)},
          {"driver", text(cl.get_device_info, CL_DRIVER_VERSION, device)},
          {"cpu", (of(cl_device_type{}, CL_DEVICE_TYPE) & CL_DEVICE_TYPE_CPU) != 0},
          {"group", of(size_t{}, CL_DEVICE_MAX_WORK_GROUP_SIZE)},
          {"local", of(cl_ulong{}, CL_DEVICE_LOCAL_MEM_SIZE)},
          {"units", of(cl_uint{}, CL_DEVICE_MAX_COMPUTE_UNITS)},
          {"cache", of(cl_ulong{}, CL_DEVICE_GLOBAL_MEM_CACHE_SIZE)},
          {"vector", 4 * of(cl_uint{}, CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT)}};
}

json list(int threads) {
  const auto cl = OpenclLibrary::open(threads, "/tmp/kbench-opencl");
  if (!cl) return {{"error", cl.error().what + " (" + cl.error().hint + ")"}};
  json devices = json::array();
  for (cl_device_id device : cl->devices()) devices.push_back(about(*cl, device));
  return {{"devices", devices}};
}

// "global const float*", "local float*", "int".
std::string parameter(const OpenclLibrary& cl, cl_kernel kernel, cl_uint index) {
  cl_kernel_arg_address_qualifier place = CL_KERNEL_ARG_ADDRESS_PRIVATE;
  cl.get_argument_info(kernel, index, CL_KERNEL_ARG_ADDRESS_QUALIFIER, sizeof place, &place,
                       nullptr);
  cl_kernel_arg_type_qualifier type = CL_KERNEL_ARG_TYPE_NONE;
  cl.get_argument_info(kernel, index, CL_KERNEL_ARG_TYPE_QUALIFIER, sizeof type, &type, nullptr);
  std::string words = place == CL_KERNEL_ARG_ADDRESS_GLOBAL     ? "global "
                      : place == CL_KERNEL_ARG_ADDRESS_CONSTANT ? "constant "
                      : place == CL_KERNEL_ARG_ADDRESS_LOCAL    ? "local "
                                                                : "";
  if (!words.empty() && (type & CL_KERNEL_ARG_TYPE_CONST) != 0) words += "const ";
  return words + text(cl.get_argument_info, CL_KERNEL_ARG_TYPE_NAME, kernel, index);
}

json kernels_of(const OpenclLibrary& cl, cl_program program, cl_device_id device) {
  cl_uint count = 0;
  cl.create_kernels(program, 0, nullptr, &count);
  std::vector<cl_kernel> kernels(count);
  if (count > 0) cl.create_kernels(program, count, kernels.data(), nullptr);
  json all = json::array();
  for (cl_kernel kernel : kernels) {
    cl_ulong local = 0;
    cl.get_group_info(kernel, device, CL_KERNEL_LOCAL_MEM_SIZE, sizeof local, &local, nullptr);
    std::vector<std::string> parameters;
    const int64_t arguments = number<cl_uint>(cl.get_kernel_info, CL_KERNEL_NUM_ARGS, kernel);
    for (cl_uint i = 0; i < arguments; ++i) parameters.push_back(parameter(cl, kernel, i));
    all.push_back({{"function", text(cl.get_kernel_info, CL_KERNEL_FUNCTION_NAME, kernel)},
                   {"parameters", parameters},
                   {"local", local}});
  }
  return all;
}

// PoCL's names for "64x1x1,16x16x1", launched without an offset, on a small grid or a large one.
std::string specialisations(std::string groups, const std::string& grid) {
  const std::string behind = "-goffs0" + grid;
  std::replace(groups.begin(), groups.end(), 'x', '-');
  for (size_t at = 0; (at = groups.find(',', at)) != std::string::npos; at += behind.size() + 1) {
    groups.insert(at, behind);
  }
  return groups + behind;
}

struct Compilation {
  int threads = 1;
  size_t device = 0;
  std::string folder, options;
};

// A program of OpenCL's with what became of it.
struct Built {
  cl_program program = nullptr;
  std::string log, binary;  // no binary: the log says why
};

Built build(const OpenclLibrary& cl, cl_context context, cl_device_id device,
            const std::string& source, const std::string& options) {
  Built built;
  cl_int failed = CL_SUCCESS;
  const char* text_of_source = source.c_str();
  built.program = cl.program_with_source(context, 1, &text_of_source, nullptr, &failed);
  failed = cl.build_program(built.program, 1, &device, options.c_str(), nullptr, nullptr);
  built.log = text(cl.get_build_info, CL_PROGRAM_BUILD_LOG, built.program, device);
  if (failed == CL_SUCCESS) {
    built.binary.resize(static_cast<size_t>(
        number<size_t>(cl.get_program_info, CL_PROGRAM_BINARY_SIZES, built.program)));
    auto* bytes = reinterpret_cast<unsigned char*>(built.binary.data());
    failed = cl.get_program_info(built.program, CL_PROGRAM_BINARIES, sizeof bytes, &bytes, nullptr);
  }
  if (failed == CL_SUCCESS) return built;
  built.binary.clear();
  if (built.log.empty()) built.log = opencl_error(failed);
  return built;
}

json compile(const Compilation& asked, const std::string& source) {
  const auto cl = OpenclLibrary::open(asked.threads, asked.folder + kOpenclCache);
  if (!cl) return {{"status", "died"}, {"log", cl.error().what}};
  const std::vector<cl_device_id> devices = cl->devices();
  if (asked.device >= devices.size()) return {{"status", "died"}, {"log", "no such device"}};
  cl_device_id device = devices[asked.device];
  cl_context context = cl->create_context(nullptr, 1, &device, nullptr, nullptr, nullptr);
  // For #include <kbench.h>: a path may hold blanks, which options cannot.
  if (chdir(asked.folder.c_str()) != 0) return {{"status", "died"}, {"log", "no folder"}};
  const std::string options = "-I. -cl-kernel-arg-info " + asked.options;
  const Built built = build(*cl, context, device, source, options);
  if (built.binary.empty()) return {{"status", "error"}, {"log", built.log}};
  std::ofstream(asked.folder + kOpenclProgram, std::ios::binary) << built.binary;
  return {
      {"status", "ok"}, {"log", built.log}, {"kernels", kernels_of(*cl, built.program, device)}};
}

json answer(const std::vector<std::string>& words) {
  if (words.size() == 2 && words[0] == "list") return list(std::atoi(words[1].c_str()));
  if (words.size() != 6 || words[0] != "compile") return {{"error", "list or compile"}};
  const std::string source(std::istreambuf_iterator<char>(std::cin), {});
  // Of both sorts of grid PoCL 3.1 compiles one for a work-group, and asks the environment once:
  // the other is left in its cache by a process of its own.
  const pid_t other = fork();
  if (other > 0) waitpid(other, nullptr, 0);
  const std::string names = specialisations(words[4], other == 0 ? "" : "-smallgrid");
  setenv("POCL_BINARY_SPECIALIZE_WG", names.c_str(), 1);
  json built = compile({std::atoi(words[1].c_str()), std::strtoull(words[2].c_str(), nullptr, 10),
                        words[3], words[5]},
                       source);
  if (other == 0) _exit(0);
  return built;
}

}  // namespace
}  // namespace kbench

int main(int count, char** arguments) {
  const auto said = kbench::answer({arguments + 1, arguments + count});
  std::cout << said.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
  // Drivers' threads and destructors have nothing left to do, and some do it badly.
  _exit(said.contains("error") ? 1 : 0);
}
