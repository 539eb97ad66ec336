#pragma once

#include <string>

#include "core/error.hpp"

namespace kbench {

// Held by the one program that writes a database: flock(2) on `<database>.lock`, whose text names
// the holder. The system drops it with the process, so a killed writer leaves nothing to clear.
class WriterLock {
 public:
  static Result<WriterLock> acquire(const std::string& database);
  WriterLock(WriterLock&& other) noexcept;
  WriterLock& operator=(WriterLock&&) = delete;
  ~WriterLock();

 private:
  WriterLock(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
  std::string path_;
  int descriptor_ = -1;
};

}  // namespace kbench
