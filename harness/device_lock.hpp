#pragma once

#include <string>
#include <utility>

#include "core/error.hpp"

namespace kbench {

// Held by one judge at a time on a machine, for as long as it lives: two that time kernels on one
// GPU would time each other. The file in /tmp says who holds it.
class DeviceLock {
 public:
  // `name`: letters that tell the device from others, such as its place on the bus. An Error names
  // the process that holds it and its command.
  static Result<DeviceLock> take(const std::string& name);
  DeviceLock() = default;
  DeviceLock(DeviceLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  DeviceLock& operator=(DeviceLock&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
  }
  ~DeviceLock();

 private:
  explicit DeviceLock(int file) : file_(file) {}
  int file_ = -1;
};

}  // namespace kbench
