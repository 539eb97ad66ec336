#include "harness/memory.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace kbench {

Result<SharedMemory> SharedMemory::create(const std::string& name, size_t bytes) {
  auto failed = [&](const char* step) {
    return environment_error("shared memory '" + name + "' of " + std::to_string(bytes) +
                             " bytes: " + step + ": " + std::strerror(errno));
  };
  SharedMemory memory;
  memory.descriptor_ = memfd_create(name.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (memory.descriptor_ < 0) return failed("memfd_create");
  if (ftruncate(memory.descriptor_, static_cast<off_t>(bytes)) != 0) return failed("ftruncate");
  // The size is settled: a worker that shrank the file would kill the judge by SIGBUS.
  if (fcntl(memory.descriptor_, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) != 0) {
    return failed("sealing the size");
  }
  void* base = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE,
                    memory.descriptor_, 0);
  if (base == MAP_FAILED) return failed("mmap");
  memory.base_ = base;
  memory.bytes_ = bytes;
  return memory;
}

SharedMemory::SharedMemory(SharedMemory&& other) noexcept
    : base_(std::exchange(other.base_, nullptr)),
      bytes_(std::exchange(other.bytes_, 0)),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

SharedMemory& SharedMemory::operator=(SharedMemory&& other) noexcept {
  std::swap(base_, other.base_);
  std::swap(bytes_, other.bytes_);
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

SharedMemory::~SharedMemory() {
  if (base_ != nullptr) munmap(base_, bytes_);
  if (descriptor_ >= 0) close(descriptor_);
}

Result<void> SharedMemory::seal_future_writes() {
  if (fcntl(descriptor_, F_ADD_SEALS, F_SEAL_FUTURE_WRITE) != 0) {
    return environment_error(std::string("sealing shared memory: ") + std::strerror(errno), {},
                             "kbench needs Linux 5.1 or newer");
  }
  return {};
}

}  // namespace kbench
