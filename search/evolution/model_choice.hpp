#pragma once

#include <memory>

#include "core/options.hpp"
#include "core/registry.hpp"

namespace kbench {

// Which of several models is asked next. Deterministic from what it was told.
class ModelPicker {
 public:
  virtual ~ModelPicker() = default;
  // `out`: those that will not answer any more; never all of them.
  virtual size_t choose(const std::vector<bool>& out) = 0;
  // `gain`: ln(time it started from / its kernel's time), at least 0; `cost`: of the call, in any
  // unit of money; 0: free.
  virtual void tell(size_t model, double gain, double cost) = 0;
};

struct ModelPickerKind {
  std::string help;
  std::vector<OptionSpec> options;
  std::unique_ptr<ModelPicker> (*make)(const Options& options);
};
Registry<ModelPickerKind>& model_pickers();

}  // namespace kbench
