#include "harness/trust.hpp"

#include <filesystem>

#include "core/paths.hpp"
#include "harness/header_line.hpp"

namespace kbench {

namespace fs = std::filesystem;

Result<void> check_trusted(const KernelFile& kernel) {
  if (!kernel.baseline && kernel.links.empty()) return {};
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
      if (line.key == "baseline" || line.key == "link") where = line.at(line.key);
    }
  }
  return bad_input("'baseline' and 'link' lines are for files of reference_kernels/ only", where,
                   "remove them: 'kbench run' compares with the vendors' kernels by itself");
}

}  // namespace kbench
