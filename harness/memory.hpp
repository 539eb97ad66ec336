#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/error.hpp"

namespace kbench {

// Where one tensor of one set lies in a memory file; 256-byte aligned at a page's start, followed
// by slack to the page's end that holds a canary and, in a worker, by a page without access.
struct Region {
  size_t offset = 0;      // in the file, page-aligned
  size_t bytes = 0;       // the tensor's own size
  bool writable = false;  // by workers: outputs, inouts and buffers
};

// Anonymous shared memory (memfd). The judge maps it read-write; once sealed, any later mapping
// elsewhere is read-only, so a worker cannot write inputs whatever it does.
class SharedMemory {
 public:
  static Result<SharedMemory> create(const std::string& name, size_t bytes);
  SharedMemory(SharedMemory&& other) noexcept;
  SharedMemory& operator=(SharedMemory&& other) noexcept;
  ~SharedMemory();
  void* at(size_t offset) const { return static_cast<char*>(base_) + offset; }
  size_t bytes() const { return bytes_; }
  int descriptor() const { return descriptor_; }
  Result<void> seal_future_writes();

 private:
  SharedMemory() = default;
  void* base_ = nullptr;
  size_t bytes_ = 0;
  int descriptor_ = -1;
};

}  // namespace kbench
