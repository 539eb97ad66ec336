#include "results/writer_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "core/text.hpp"
#include "results/encoding.hpp"

namespace kbench {

namespace {

std::string this_process() {
  char host[256] = "unknown";
  gethostname(host, sizeof host - 1);
  return fmt::format("process {} on {} since {}\n", getpid(), host, iso_time(milliseconds_now()));
}

std::string holder_in(int descriptor) {
  char text[512];
  const ssize_t length = pread(descriptor, text, sizeof text, 0);
  return length > 0 ? std::string(trim({text, static_cast<size_t>(length)})) : "another process";
}

// The holder removes the file as it goes: a lock on a file that has no name any more guards
// nothing.
bool still_named(int descriptor, const std::string& path) {
  struct stat held {};
  struct stat named {};
  return fstat(descriptor, &held) == 0 && stat(path.c_str(), &named) == 0 &&
         held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

}  // namespace

Result<WriterLock> WriterLock::acquire(const std::string& database) {
  const std::string path = database + ".lock";
  for (;;) {
    const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor < 0) {
      return environment_error("the database cannot be written: " + std::string(strerror(errno)),
                               path,
                               "its folder must exist and be writable; or name another file with "
                               "--db");
    }
    WriterLock lock(path, descriptor);
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
      const std::string holder = holder_in(descriptor);
      lock.path_.clear();  // not ours to remove
      return environment_error("another kbench writes to this database: " + holder, database,
                               "wait for it, or write to another file with --db; reading is "
                               "possible at any time");
    }
    if (!still_named(descriptor, path)) {
      lock.path_.clear();
      continue;
    }
    const std::string text = this_process();
    // The text only names the holder: the lock holds without it, as on a full disk.
    if (ftruncate(descriptor, 0) == 0) {
      [[maybe_unused]] const ssize_t written = pwrite(descriptor, text.data(), text.size(), 0);
    }
    return lock;
  }
}

WriterLock::WriterLock(WriterLock&& other) noexcept
    : path_(std::exchange(other.path_, {})), descriptor_(std::exchange(other.descriptor_, -1)) {}

WriterLock::~WriterLock() {
  if (descriptor_ < 0) return;
  if (!path_.empty()) unlink(path_.c_str());
  close(descriptor_);
}

}  // namespace kbench
