// What candidates do to cheat or to break out, each as a kernel that is compiled and run for real.
// After every test the fixture loads an honest kernel: the server must still serve.

#include <gmock/gmock.h>

#include "core/sandbox.hpp"
#include "tests/harness/worker_fixture.hpp"

namespace kbench {
namespace {

using ::testing::HasSubstr;

class HostileWorker : public WorkerTest {
 protected:
  // The server goes on after whatever a test did to it.
  void TearDown() override {
    limits_ = limits();
    const auto honest = life_of(
        "static void kernel(const float* x, float* y, int n) { for (int i = 0; i < n; ++i) y[i] = "
        "2 * x[i]; }");
    ASSERT_TRUE(honest.has_value()) << honest.error().message;
    EXPECT_EQ(y(0)[7], 14.0f);
  }

  // How a kernel with this body ends; the rule it breaks.
  Fault fault_of(const std::string& body, const std::string& before = "",
                 std::chrono::milliseconds deadline = kDeadline) {
    const auto lived = life_of(before + kHeaders +
                                   "static void kernel(const float* x, float* y, int n) {"
                                   "(void)x; (void)y; (void)n;" +
                                   body + "}",
                               deadline);
    EXPECT_FALSE(lived.has_value()) << "nothing was noticed";
    return lived ? Fault{Outcome::ok, "", ""} : lived.error();
  }
  // The same for code that runs while the image is loaded.
  Fault fault_of_constructor(const std::string& body) {
    return fault_of("", std::string(kHeaders) +
                            "__attribute__((constructor)) static void early() {" + body + "}\n");
  }
  static constexpr const char* kHeaders = R"(
    #include <fcntl.h>
    #include <pthread.h>
    #include <sched.h>
    #include <signal.h>
    #include <stdint.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <sys/mman.h>
    #include <sys/prctl.h>
    #include <sys/ptrace.h>
    #include <sys/resource.h>
    #include <sys/socket.h>
    #include <sys/syscall.h>
    #include <sys/wait.h>
    #include <time.h>
    #include <unistd.h>
  )";
};

void expect_fault(const Fault& fault, Outcome outcome, const std::string& rule) {
  EXPECT_EQ(fault.outcome, outcome) << fault.message;
  EXPECT_EQ(fault.rule, rule) << fault.message;
  EXPECT_FALSE(fault.message.empty());
}

TEST_F(HostileWorker, SegmentationFault) {
  expect_fault(fault_of("*(volatile int*)64 = 1;"), Outcome::crashed, "segfault");
}
TEST_F(HostileWorker, WritePastTheEndOfAnOutputsPages) {
  const Fault it = fault_of("y[1024] = 1;");
  expect_fault(it, Outcome::out_of_bounds, "guard_page");
  EXPECT_THAT(it.message, HasSubstr("past the end of y"));
}
TEST_F(HostileWorker, ReadBeforeTheStartOfAnInput) {
  const Fault it = fault_of("y[0] = x[-1];");
  expect_fault(it, Outcome::out_of_bounds, "guard_page");
  EXPECT_THAT(it.message, HasSubstr("before the start of x"));
}
TEST_F(HostileWorker, WriteToAnInput) {
  const Fault it = fault_of("((float*)x)[3] = 1;");
  expect_fault(it, Outcome::input_modified, "write_to_input");
  EXPECT_THAT(it.message, HasSubstr("writes to x"));
}
TEST_F(HostileWorker, WriteToAnInputMadeWritableByForce) {
  // The seal refuses, so the write still faults.
  fault_of("mprotect((void*)x, 4096, PROT_READ | PROT_WRITE); ((float*)x)[3] = 77;");
  EXPECT_EQ(x(0)[3], 3.0f);
}
TEST_F(HostileWorker, EndlessLoop) {
  expect_fault(fault_of("for (volatile int i = 0;; ) i = 1;", "", std::chrono::milliseconds(200)),
               Outcome::timeout, "deadline");
}
TEST_F(HostileWorker, EndlessSleep) {
  expect_fault(fault_of("sleep(1000);", "", std::chrono::milliseconds(200)), Outcome::timeout,
               "deadline");
}
TEST_F(HostileWorker, StoppingItself) {
  expect_fault(fault_of("raise(SIGSTOP);", "", std::chrono::milliseconds(200)), Outcome::timeout,
               "deadline");
}
TEST_F(HostileWorker, StackOverflow) {
  expect_fault(fault_of("y[0] = deep(n);",
                        "__attribute__((noinline)) static int deep(int n) { volatile int "
                        "frame[256]; frame[n & 255] = n; return deep(n + 1) + frame[3]; }\n"),
               Outcome::crashed, "stack_overflow");
}
TEST_F(HostileWorker, Abort) {
  expect_fault(fault_of("abort();"), Outcome::crashed, "abort");
}
TEST_F(HostileWorker, UncaughtException) {
  expect_fault(fault_of("throw 1;"), Outcome::crashed, "abort");
}
TEST_F(HostileWorker, ExitWithSuccess) {
  expect_fault(fault_of("exit(0);"), Outcome::crashed, "exited");
}
TEST_F(HostileWorker, ExitInAConstructor) {
  expect_fault(fault_of_constructor("_exit(0);"), Outcome::crashed, "exited");
}
TEST_F(HostileWorker, EndlessConstructor) {
  limits_.load = std::chrono::milliseconds(200);
  expect_fault(fault_of_constructor("for (volatile int i = 0;; ) i = 1;"), Outcome::timeout,
               "deadline");
}
TEST_F(HostileWorker, EndlessRecursionInAConstructor) {
  expect_fault(
      fault_of("",
               "__attribute__((noinline)) static int deep(int n) { volatile int frame[256]; "
               "frame[n & 255] = n; return deep(n + 1) + frame[3]; }\n"
               "__attribute__((constructor)) static void early() { deep(1); }\n"),
      Outcome::crashed, "stack_overflow");
}
TEST_F(HostileWorker, DivisionByZero) {
  expect_fault(fault_of("volatile int zero = 0; y[0] = n / zero;"), Outcome::crashed, "division");
}
TEST_F(HostileWorker, IllegalInstruction) {
  expect_fault(fault_of("__builtin_trap();"), Outcome::crashed, "illegal_instruction");
}
TEST_F(HostileWorker, HundredGigabytes) {
  expect_fault(fault_of("char* p = new char[100ul << 30]; p[n] = 1; y[0] = p[n - 1];"),
               Outcome::resource_limit, "memory");
}
TEST_F(HostileWorker, MemoryUntilThereIsNone) {
  expect_fault(
      fault_of("for (;;) { char* p = new char[16 << 20]; memset(p, 1, 16 << 20); y[0] += p[n]; }"),
      Outcome::resource_limit, "memory");
}
TEST_F(HostileWorker, FloodOfOutput) {
  expect_fault(fault_of("for (;;) { printf(\"flood of words\\n\"); fprintf(stderr, \"more\\n\"); }",
                        "", std::chrono::milliseconds(200)),
               Outcome::timeout, "deadline");
}
TEST_F(HostileWorker, ForkBomb) {
  expect_fault(fault_of("for (;;) fork();"), Outcome::suspicious, "forbidden_call");
}
TEST_F(HostileWorker, ForkInAConstructor) {
  expect_fault(fault_of_constructor("fork();"), Outcome::suspicious, "forbidden_call");
}
TEST_F(HostileWorker, VforkAndPlainClone) {
  expect_fault(fault_of("if (vfork() == 0) _exit(0);"), Outcome::suspicious, "forbidden_call");
  expect_fault(fault_of("syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);"), Outcome::suspicious,
               "forbidden_call");
}
TEST_F(HostileWorker, ThreadWhereNoneIsAllowed) {
  const auto lived = life_of(std::string(kHeaders) + R"(
    static void* work(void*) { for (;;) sleep(1); }
    static void kernel(const float*, float* y, int) {
      pthread_t thread;
      y[0] = pthread_create(&thread, nullptr, work, nullptr);
    })");
  ASSERT_TRUE(lived.has_value());
  EXPECT_NE(y(0)[0], 0.0f);
}
TEST_F(HostileWorker, ThreadBomb) {
  limits_.threads = 2;
  expect_fault(fault_of(R"(
      pthread_attr_t small;
      pthread_attr_init(&small);
      pthread_attr_setstacksize(&small, 16384);
      pthread_t thread;
      for (;;) pthread_create(&thread, &small, work, nullptr);)",
                        "static void* work(void*) { for (;;) __builtin_ia32_pause(); }\n"),
               Outcome::resource_limit, "threads");
}
TEST_F(HostileWorker, ThreadLeftRunningIsCounted) {
  limits_.threads = 2;
  auto worker = load(std::string(kHeaders) + R"(
    static void* work(void*) { for (;;) sleep(1); }
    static void kernel(const float*, float* y, int) {
      pthread_t thread;
      for (int i = 0; i < 3; ++i) pthread_create(&thread, nullptr, work, nullptr);
    })");
  ASSERT_TRUE(worker.has_value());
  ASSERT_TRUE((*worker)->run(std::vector<int>{0}, kDeadline).has_value());
  EXPECT_EQ((*worker)->threads(), 4);
}
TEST_F(HostileWorker, Exec) {
  expect_fault(fault_of("execl(\"/bin/sh\", \"sh\", \"-c\", \"true\", nullptr);"),
               Outcome::suspicious, "forbidden_call");
}
TEST_F(HostileWorker, Socket) {
  expect_fault(fault_of("socket(AF_INET, SOCK_STREAM, 0);"), Outcome::suspicious, "forbidden_call");
}
TEST_F(HostileWorker, WritingAFile) {
  expect_fault(fault_of("fopen(\"/tmp/cache\", \"w\");"), Outcome::suspicious, "forbidden_call");
}
TEST_F(HostileWorker, SharedMemoryForTheNextWorker) {
  expect_fault(fault_of("syscall(SYS_shmget, 1, 4096, 0600 | 01000);"), Outcome::suspicious,
               "forbidden_call");
}
TEST_F(HostileWorker, KillingItsParentAndItsSiblings) {
  expect_fault(fault_of("kill(getppid(), SIGKILL);"), Outcome::suspicious, "forbidden_call");
  expect_fault(fault_of("kill(-1, SIGKILL);"), Outcome::suspicious, "forbidden_call");
}
TEST_F(HostileWorker, PtraceAndForeignMemory) {
  expect_fault(fault_of("ptrace(PTRACE_ATTACH, getppid(), 0, 0);"), Outcome::suspicious,
               "forbidden_call");
  expect_fault(fault_of("syscall(SYS_process_vm_readv, getppid(), 0, 0, 0, 0, 0);"),
               Outcome::suspicious, "forbidden_call");
}
TEST_F(HostileWorker, MemoryOfOthersThroughProc) {
  auto other = load("static void kernel(const float*, float*, int) {}");
  ASSERT_TRUE(other.has_value());
  const auto lived = life_of(std::string(kHeaders) + R"(
    static void kernel(const float*, float* y, int) {
      int opened = 0;
      for (int process = 1; process < 300; ++process) {
        char path[64];
        if (process == getpid()) continue;
        snprintf(path, sizeof path, "/proc/%d/mem", process);
        if (open(path, O_RDONLY) >= 0) ++opened;
      }
      y[0] = opened;
    })");
  ASSERT_TRUE(lived.has_value()) << lived.error().message;
  EXPECT_EQ(y(0)[0], 0.0f) << "memory of another process can be read";
}
TEST_F(HostileWorker, FilesOfTheMachine) {
  if (!sandbox_level().starts_with("namespaces")) GTEST_SKIP() << sandbox_level();
  const auto lived = life_of(std::string(kHeaders) + R"(
    static void kernel(const float*, float* y, int) {
      y[0] = open("/etc/passwd", O_RDONLY);
      y[1] = getenv("HOME") != nullptr;
    })");
  ASSERT_TRUE(lived.has_value());
  EXPECT_EQ(y(0)[0], -1.0f);
  EXPECT_EQ(y(0)[1], 0.0f);
}
TEST_F(HostileWorker, RaisingItsLimits) {
  expect_fault(fault_of("rlimit all = {RLIM_INFINITY, RLIM_INFINITY}; setrlimit(RLIMIT_AS, &all);"),
               Outcome::suspicious, "forbidden_call");
}
TEST_F(HostileWorker, ClosingEveryDescriptor) {
  const auto lived = life_of(std::string(kHeaders) +
                             "static void kernel(const float*, float* y, int) {"
                             "for (int i = 0; i < 100; ++i) close(i); y[0] = 5; }");
  ASSERT_TRUE(lived.has_value()) << lived.error().message;
  EXPECT_EQ(y(0)[0], 5.0f);
}
TEST_F(HostileWorker, UnmappingEverything) {
  EXPECT_EQ(fault_of("for (uintptr_t at = 0x1000; at < 0x7fff00000000; at += 1ul << 36) "
                     "munmap((void*)at, 1ul << 36);")
                .outcome,
            Outcome::crashed);
}
TEST_F(HostileWorker, AnsweringBeforeItIsDone) {
  // Finds the control page by its request number pattern and overwrites all of it.
  EXPECT_FALSE(life_of(std::string(kHeaders) + R"(
    static void kernel(const float*, float* y, int) {
      FILE* maps = fopen("/proc/self/maps", "r");
      char line[512];
      while (fgets(line, sizeof line, maps)) {
        unsigned long from, to;
        if (!strstr(line, "kbench-control") || !strstr(line, "rw-s")) continue;
        sscanf(line, "%lx-%lx", &from, &to);
        memset((void*)from, 0xFF, to - from);
      }
      for (;;) ;
    })",
                       std::chrono::milliseconds(300))
                   .has_value());
}
TEST_F(HostileWorker, WorkingBeforeTheClockStarts) {
  // A timer would be needed to wake up by itself; all of them are out of reach.
  expect_fault(fault_of("struct itimerspec t = {}; timer_t id; timer_create(CLOCK_MONOTONIC, "
                        "nullptr, &id); (void)t;"),
               Outcome::suspicious, "forbidden_call");
}
TEST_F(HostileWorker, WorkingInTheHandlerOfTheContinueSignal) {
  // Each time the judge lets it go on, the handler burns CPU time before the batch is released.
  auto worker = load(std::string(kHeaders) + R"(
    static void on(int) { for (volatile long i = 0; i < 20000000; ++i) ; }
    static void kernel(const float*, float* y, int) { signal(SIGCONT, on); y[0] = 1; })");
  ASSERT_TRUE(worker.has_value());
  ASSERT_TRUE((*worker)->run(std::vector<int>{0}, kDeadline).has_value());
  auto second = (*worker)->run(std::vector<int>{0}, kDeadline);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().rule, "work_before_start");
}

}  // namespace
}  // namespace kbench
