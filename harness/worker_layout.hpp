#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/worker.hpp"
#include "harness/worker_protocol.hpp"

namespace kbench {

// Where a worker maps each region: drawn anew per worker, every region followed by pages without
// access. The judge chooses the addresses, so it can say what a fault's address means.
class WorkerLayout {
 public:
  // `expected_bytes`: of the reference's own file, 0 for kernels.
  explicit WorkerLayout(const WorkerMemory& memory, size_t expected_bytes = 0);

  uint64_t address_of(const Region& region) const;
  uint64_t expected_address() const { return expected_address_; }
  uint64_t base() const { return base_; }
  uint64_t bytes() const { return bytes_; }
  const std::vector<MappedRegion>& regions() const { return regions_; }

  struct Place {
    std::string tensor;
    enum class Side { inside, before, after } side = Side::inside;
    bool writable = false;
  };
  // What lies at an address of the worker; none outside the reservation.
  std::optional<Place> place_of(uint64_t address) const;

 private:
  std::string name_of(const MappedRegion& region) const;

  uint64_t base_ = 0, bytes_ = 0, expected_address_ = 0;
  std::vector<MappedRegion> regions_;  // by address
  std::vector<std::string> names_;     // beside regions_
};

// The bytes behind the control page (Setup and its arrays).
std::vector<char> kernel_setup(const std::vector<LaunchPlan>& plans, const WorkerMemory& memory,
                               const WorkerLayout& layout, const WorkerLimits& limits);
std::vector<char> reference_setup(const WorkerServer::ReferenceMemory& memory,
                                  const WorkerLayout& layout, const WorkerLimits& limits);

}  // namespace kbench
