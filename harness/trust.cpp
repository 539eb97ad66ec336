#include "harness/trust.hpp"

#include <filesystem>

#include "core/paths.hpp"
#include "core/text.hpp"
#include "harness/header_line.hpp"

namespace kbench {

namespace fs = std::filesystem;

Result<void> check_trusted(const KernelFile& kernel) {
  const bool host_code = contains(kernel.languages, "host-cuda");  // outside every filter
  if (!kernel.baseline && kernel.links.empty() && !host_code) return {};
  std::error_code failed;
  for (const auto& category :
       fs::directory_iterator(fs::path(data_root()) / "reference_kernels", failed)) {
    for (const auto& entry : fs::directory_iterator(category.path() / kernel.task, failed)) {
      const auto trusted = read_kernel_file(entry.path());
      if (trusted && trusted->source == kernel.source) return {};
    }
  }
  std::string where = kernel.name;
  if (const auto lines = header_lines(kernel.source, kernel.name)) {
    for (const HeaderLine& line : *lines) {
      const bool host = host_code && line.key == "language";
      if (line.key == "baseline" || line.key == "link" || host) where = line.at(line.key);
    }
  }
  return bad_input(
      "'baseline' and 'link' lines and the language host-cuda are for files of reference_kernels/ "
      "only",
      where, "remove them: 'kbench run' compares with the vendors' kernels by itself");
}

}  // namespace kbench
