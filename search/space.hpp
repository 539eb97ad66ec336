#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "harness/kernel_file.hpp"

namespace kbench {

// One point: the index of each param's value, in Space::params() order.
using Configuration = std::vector<uint16_t>;

// All configurations of a kernel's params that satisfy its constraints on one problem and device.
class Space {
 public:
  // Empty space: an error that names the constraints that empty it.
  static Result<Space> build(const KernelFile& kernel, const Bindings& dims,
                             const Bindings& device);
  // From plain axes, for recorded spaces; `constraints` may use every param.
  static Result<Space> build(std::vector<Param> params, std::vector<Constraint> constraints,
                             const Bindings& fixed);

  // Exactly these configurations (recorded spaces), each once.
  static Result<Space> of_rows(std::vector<Param> params, std::vector<Configuration> rows);

  const std::vector<Param>& params() const;
  uint64_t raw_size() const;               // product of the axes, saturating
  uint64_t size() const;                   // valid configurations
  Configuration at(uint64_t index) const;  // valid ones, in lexicographic order
  std::optional<uint64_t> index_of(const Configuration& configuration) const;  // none: invalid
  bool valid(const Configuration& configuration) const;
  Configuration sample(std::mt19937_64& random) const;  // uniform over the valid ones
  Configuration defaults() const;  // the kernel's default, whether valid or not
  // Valid configurations that differ in one param.
  std::vector<Configuration> neighbours(const Configuration& configuration) const;
  Params to_params(const Configuration& configuration) const;
  Result<Configuration> from_params(const Params& params) const;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

}  // namespace kbench
