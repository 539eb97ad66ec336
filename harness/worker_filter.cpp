#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <initializer_list>

#include "harness/worker_protocol.hpp"

namespace kbench {

namespace {

// What loading a library, allocating memory, computing and dying need.
constexpr int kAllowed[] = {
    SCMP_SYS(read),          SCMP_SYS(pread64),      SCMP_SYS(write),
    SCMP_SYS(writev),        SCMP_SYS(close),        SCMP_SYS(fstat),
    SCMP_SYS(newfstatat),    SCMP_SYS(lseek),        SCMP_SYS(access),
    SCMP_SYS(faccessat),     SCMP_SYS(readlink),     SCMP_SYS(readlinkat),
    SCMP_SYS(mmap),          SCMP_SYS(munmap),       SCMP_SYS(mprotect),
    SCMP_SYS(mremap),        SCMP_SYS(madvise),      SCMP_SYS(brk),
    SCMP_SYS(futex),         SCMP_SYS(sched_yield),  SCMP_SYS(sched_getaffinity),
    SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),     SCMP_SYS(getpid),       SCMP_SYS(gettid),
    SCMP_SYS(getrandom),     SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),  SCMP_SYS(sigaltstack),  SCMP_SYS(restart_syscall),
    SCMP_SYS(exit),          SCMP_SYS(exit_group),   SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),          SCMP_SYS(getcpu),       SCMP_SYS(sysinfo),
    SCMP_SYS(uname),         SCMP_SYS(arch_prctl),   SCMP_SYS(getdents64),
    SCMP_SYS(getuid),        SCMP_SYS(geteuid)};

bool add_rules(scmp_filter_ctx filter, bool threads_allowed) {
  bool good = true;
  auto check = [&](int result) { good = good && result == 0; };
  for (const int call : kAllowed) check(seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0));
  // Files are opened for reading only. glibc's open() is openat.
  constexpr scmp_datum_t kWriting = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND;
  check(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
                         SCMP_A2(SCMP_CMP_MASKED_EQ, kWriting, 0)));
  // Signals to itself only: abort() and raise().
  check(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                         SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(getpid()))));
  // Limits may be read, not changed.
  check(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, SCMP_A2(SCMP_CMP_EQ, 0)));
  // clone3 hides its flags from filters; glibc then uses clone.
  check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0));
  if (threads_allowed) {
    check(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                           SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD)));
  } else {
    check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAGAIN), SCMP_SYS(clone), 0));
  }
  return good;
}

}  // namespace

bool lock_down(bool threads_allowed) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
  const scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
  if (filter == nullptr) return false;
  const bool loaded = add_rules(filter, threads_allowed) && seccomp_load(filter) == 0;
  seccomp_release(filter);
  return loaded;
}

}  // namespace kbench
