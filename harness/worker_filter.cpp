#include "harness/worker_filter.hpp"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <stdexcept>

namespace kbench {

namespace {

// Stands for the worker's own process number until it is known.
constexpr uint32_t kSelf = 0x5E1F5E1F;

constexpr int kAllowed[] = {
    // memory
    SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mprotect), SCMP_SYS(mremap), SCMP_SYS(brk),
    SCMP_SYS(mincore), SCMP_SYS(membarrier),
    // scheduling
    SCMP_SYS(nanosleep), SCMP_SYS(clock_nanosleep), SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity), SCMP_SYS(sched_getparam), SCMP_SYS(sched_getscheduler),
    SCMP_SYS(getcpu),
    // threads and signals of its own
    SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(set_tid_address), SCMP_SYS(rseq),
    SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack), SCMP_SYS(restart_syscall), SCMP_SYS(arch_prctl),
    // reading: the sandbox shows the system's libraries and nothing else
    SCMP_SYS(read), SCMP_SYS(pread64), SCMP_SYS(readv), SCMP_SYS(close), SCMP_SYS(fstat),
    SCMP_SYS(newfstatat), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(statx), SCMP_SYS(access),
    SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
    SCMP_SYS(lseek), SCMP_SYS(getdents64), SCMP_SYS(getcwd), SCMP_SYS(statfs), SCMP_SYS(fstatfs),
    // its standard streams, which lead nowhere, are all it could write
    SCMP_SYS(write), SCMP_SYS(writev),
    // who and where it is
    SCMP_SYS(getpid), SCMP_SYS(getppid), SCMP_SYS(gettid), SCMP_SYS(getuid), SCMP_SYS(geteuid),
    SCMP_SYS(getgid), SCMP_SYS(getegid), SCMP_SYS(uname), SCMP_SYS(sysinfo), SCMP_SYS(getrandom),
    SCMP_SYS(getrlimit)};

constexpr int kClocks[] = {SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(gettimeofday),
                           SCMP_SYS(time),          SCMP_SYS(times),        SCMP_SYS(getrusage)};

// Libraries try these and do well without.
constexpr int kRefused[] = {SCMP_SYS(prctl),          SCMP_SYS(ioctl),
                            SCMP_SYS(fcntl),          SCMP_SYS(mbind),
                            SCMP_SYS(get_mempolicy),  SCMP_SYS(set_mempolicy),
                            SCMP_SYS(mlock),          SCMP_SYS(munlock),
                            SCMP_SYS(setpriority),    SCMP_SYS(sched_setscheduler),
                            SCMP_SYS(sched_setparam), SCMP_SYS(sched_setaffinity)};

struct Release {
  void operator()(void* context) const { seccomp_release(context); }
};
using Context = std::unique_ptr<void, Release>;

template <class... Compare>
void rule(const Context& context, uint32_t action, int call, Compare... compare) {
  const int failed = seccomp_rule_add(context.get(), action, call, sizeof...(compare), compare...);
  // A call that this architecture does not have needs no rule.
  if (failed != 0 && failed != -EDOM) throw std::runtime_error("seccomp_rule_add failed");
}

void allow_some(const Context& context, bool may_start_threads) {
  constexpr uint64_t kWrites = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND;
  rule(context, SCMP_ACT_ALLOW, SCMP_SYS(openat), SCMP_A2(SCMP_CMP_MASKED_EQ, kWrites, 0));
  rule(context, SCMP_ACT_ALLOW, SCMP_SYS(open), SCMP_A1(SCMP_CMP_MASKED_EQ, kWrites, 0));
  rule(context, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(openat2));
  // Advice about its own pages. Tensors are shared with an opponent: no holes in them, no paging
  // out.
  for (const int advice :
       {MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MADV_DONTNEED, MADV_FREE,
        MADV_HUGEPAGE, MADV_NOHUGEPAGE, MADV_POPULATE_READ, MADV_POPULATE_WRITE}) {
    rule(context, SCMP_ACT_ALLOW, SCMP_SYS(madvise),
         SCMP_A2(SCMP_CMP_EQ, static_cast<scmp_datum_t>(advice), 0));
  }
  // Asking for limits, not setting them.
  rule(context, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), SCMP_A2(SCMP_CMP_EQ, 0, 0));
  for (const int call : {SCMP_SYS(kill), SCMP_SYS(tgkill)}) {
    rule(context, SCMP_ACT_ALLOW, call, SCMP_A0(SCMP_CMP_EQ, kSelf, 0));
  }
  // The C library falls back to clone, whose flags a filter can see. Without CLONE_THREAD it is a
  // fork.
  rule(context, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3));
  rule(context, may_start_threads ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(EAGAIN), SCMP_SYS(clone),
       SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
}

std::vector<sock_filter> compiled(const Context& context) {
  const int file = memfd_create("filter", MFD_CLOEXEC);
  if (file < 0 || seccomp_export_bpf(context.get(), file) != 0) {
    throw std::runtime_error("seccomp_export_bpf failed");
  }
  std::vector<sock_filter> program(static_cast<size_t>(lseek(file, 0, SEEK_END)) /
                                   sizeof(sock_filter));
  const size_t bytes = program.size() * sizeof(sock_filter);
  const bool whole = pread(file, program.data(), bytes, 0) == static_cast<ssize_t>(bytes);
  close(file);
  if (!whole) throw std::runtime_error("the filter cannot be read back");
  return program;
}

}  // namespace

WorkerFilter::WorkerFilter(bool may_start_threads, bool may_read_clocks) {
  const Context context(seccomp_init(SCMP_ACT_KILL_PROCESS));
  if (!context) throw std::runtime_error("seccomp_init failed");
  seccomp_attr_set(context.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
  seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);  // binary tree
  for (const int call : kAllowed) rule(context, SCMP_ACT_ALLOW, call);
  for (const int call : kClocks) {
    if (may_read_clocks) rule(context, SCMP_ACT_ALLOW, call);
  }
  for (const int call : kRefused) rule(context, SCMP_ACT_ERRNO(EPERM), call);
  allow_some(context, may_start_threads);
  program_ = compiled(context);
}

bool WorkerFilter::install(pid_t self) const {
  std::vector<sock_filter> program = program_;
  for (sock_filter& instruction : program) {
    if (BPF_CLASS(instruction.code) == BPF_JMP && instruction.k == kSelf) {
      instruction.k = static_cast<uint32_t>(self);
    }
  }
  sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
  // Without SPEC_ALLOW older kernels switch speculation off, and kernels would be timed without it.
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &filter) ==
         0;
}

}  // namespace kbench
