#include "harness/device_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/files.hpp"
#include "core/text.hpp"

namespace kbench {

namespace {

// Whoever asked: a judge is the child of a command.
std::string holder() {
  const pid_t asker = getppid();
  auto command = read_file("/proc/" + std::to_string(asker) + "/cmdline");
  std::string words = command ? *command : "";
  while (!words.empty() && words.back() == '\0') words.pop_back();
  std::replace(words.begin(), words.end(), '\0', ' ');
  return "process " + std::to_string(asker) + " (" + words.substr(0, 200) + ")";
}

}  // namespace

Result<DeviceLock> DeviceLock::take(const std::string& name) {
  std::string path = "/tmp/kbench-gpu-" + name + ".lock";
  std::replace_if(
      path.begin() + 5, path.end(), [](char c) { return c == '/' || c == ':'; }, '-');
  // Of any user; never through a link that another one put there. In /tmp a file of another's opens
  // only where it need not be made.
  constexpr int kHow = O_RDWR | O_CLOEXEC | O_NOFOLLOW;
  int file = open(path.c_str(), kHow);
  if (file < 0 && errno == ENOENT) file = open(path.c_str(), kHow | O_CREAT, 0666);
  if (file < 0) return environment_error(std::string("no lock: ") + std::strerror(errno), path);
  fchmod(file, 0666);
  DeviceLock lock(file);
  if (flock(file, LOCK_EX | LOCK_NB) != 0) {
    const auto who = read_file(path);
    return environment_error("the GPU is in use by " + (who ? as_text(*who) : "another kbench"),
                             path, "two campaigns on one GPU would time each other: wait for it");
  }
  const std::string me = holder();
  if (ftruncate(file, 0) != 0 || pwrite(file, me.data(), me.size(), 0) < 0) {
    return environment_error(std::string("cannot write a lock: ") + std::strerror(errno), path);
  }
  return lock;
}

DeviceLock::~DeviceLock() {
  if (file_ >= 0) close(file_);
}

}  // namespace kbench
