#include "harness/worker_files.hpp"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <string>

namespace kbench {

namespace {

// What an image may need that the worker has not loaded already.
constexpr std::array kLibraryFolders = {"/lib/x86_64-linux-gnu/",
                                        "/lib/aarch64-linux-gnu/",
                                        "/usr/lib/",
                                        "/usr/lib/llvm-14/lib/",
                                        "/lib64/",
                                        "/usr/lib64/"};
constexpr std::array kLibraries = {"libgomp.so.1", "libomp.so.5",   "libomp5.so", "libstdc++.so.6",
                                   "libm.so.6",    "libgcc_s.so.1", "libc.so.6",  "libmvec.so.1"};
constexpr uint64_t kReading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE;

void allow(int rules, int file) {
  landlock_path_beneath_attr rule{};
  rule.allowed_access = kReading;
  rule.parent_fd = file;
  syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

}  // namespace

int landlock_version() {
  const long version =
      syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  return version > 0 ? static_cast<int>(version) : 0;
}

bool allow_only_files_of(int image) {
  landlock_ruleset_attr handled{};
  handled.handled_access_fs =
      kReading | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_WRITE_FILE;
  const int rules =
      static_cast<int>(syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0));
  if (rules < 0) return false;
  allow(rules, image);
  for (const char* folder : kLibraryFolders) {
    for (const char* library : kLibraries) {
      const int file = open((std::string(folder) + library).c_str(), O_PATH | O_CLOEXEC);
      if (file < 0) continue;
      allow(rules, file);
      close(file);
    }
  }
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  const bool restricted = syscall(SYS_landlock_restrict_self, rules, 0) == 0;
  close(rules);
  return restricted;
}

}  // namespace kbench
