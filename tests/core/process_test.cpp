#include "core/process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

namespace kbench {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

ProcessResult run(ProcessSpec spec) {
  auto result = run_process(spec);
  EXPECT_TRUE(result.has_value()) << result.error().text();
  return result.value_or(ProcessResult{});
}
ProcessResult shell(const std::string& script,
                    std::chrono::milliseconds limit = std::chrono::seconds(30)) {
  ProcessSpec spec;
  spec.arguments = {"sh", "-c", script};
  spec.limit = limit;
  return run(spec);
}

// Gone, or dead and not yet reaped by the system's first process.
bool runs(const std::string& stat) {
  std::ifstream file(stat);
  std::string number, name, state;
  return file >> number >> name >> state && state != "Z";
}

TEST(Process, KeepsBothOutputsAndTheExitCode) {
  const ProcessResult result = shell("echo to out; echo to err >&2; exit 7");
  EXPECT_EQ(result.out, "to out\n");
  EXPECT_EQ(result.err, "to err\n");
  EXPECT_EQ(result.exit_code, 7);
  EXPECT_FALSE(result.timed_out);
}

TEST(Process, NamesTheSignalThatEndedIt) {
  EXPECT_EQ(shell("kill -SEGV $$").exit_code, -SIGSEGV);
}

TEST(Process, GivesTheInputAndItsEnd) {
  ProcessSpec spec;
  spec.arguments = {"wc", "-c"};
  spec.input = std::string(300'000, 'x');
  EXPECT_THAT(run(spec).out, StartsWith("300000"));
}

TEST(Process, DoesNotMindAProgramThatIgnoresItsInput) {
  ProcessSpec spec;
  spec.arguments = {"true"};
  spec.input = std::string(300'000, 'x');
  EXPECT_EQ(run(spec).exit_code, 0);
}

TEST(Process, ReadsAndDropsOutputBeyondTheLimit) {
  ProcessSpec spec;
  spec.arguments = {"sh", "-c", "head -c 10000000 /dev/zero; echo done >&2"};
  spec.output_limit_bytes = 1000;
  const ProcessResult result = run(spec);
  EXPECT_EQ(result.out.size(), 1000u);
  EXPECT_EQ(result.err, "done\n");
}

TEST(Process, InheritsNothingButThePath) {
  setenv("KBENCH_PROCESS_TEST", "secret", 1);
  ProcessSpec spec;
  spec.arguments = {"env"};
  spec.environment = {"GIVEN=yes"};
  const ProcessResult result = run(spec);
  EXPECT_THAT(result.out, HasSubstr("GIVEN=yes"));
  EXPECT_THAT(result.out, HasSubstr("PATH="));
  EXPECT_THAT(result.out, ::testing::Not(HasSubstr("KBENCH_PROCESS_TEST")));
}

TEST(Process, IsKilledAtItsLimitWithItsDescendants) {
  const ProcessResult result = shell("sleep 1000 & echo $!; wait", std::chrono::milliseconds(200));
  EXPECT_TRUE(result.timed_out);
  const std::string grandchild = "/proc/" + result.out.substr(0, result.out.find('\n')) + "/stat";
  for (int tries = 0; tries < 100 && runs(grandchild); ++tries) usleep(10'000);
  EXPECT_FALSE(runs(grandchild));
}

TEST(Process, DoesNotWaitForWhatItLeavesRunning) {
  const ProcessResult result = shell("sleep 1000 & echo started");
  EXPECT_EQ(result.out, "started\n");
  EXPECT_FALSE(result.timed_out);
}

TEST(Process, ThatCannotBeFoundIsAnError) {
  ProcessSpec spec;
  spec.arguments = {"no-such-program-here"};
  const auto result = run_process(spec);
  ASSERT_FALSE(result.has_value());
  EXPECT_THAT(result.error().text(), HasSubstr("no-such-program-here"));
}

TEST(Process, RunsInManyThreadsAtOnce) {
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 10; ++i) {
        const std::string word = std::to_string(t * 100 + i);
        if (shell("echo " + word).out == word + "\n") ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 40);
}

TEST(Companion, GoesWithItsObject) {
  pid_t process = 0;
  {
    auto companion = Companion::start({"sleep", "1000"}, {});
    ASSERT_TRUE(companion.has_value()) << companion.error().text();
    process = companion->process();
    EXPECT_EQ(kill(process, 0), 0);
  }
  EXPECT_NE(kill(process, 0), 0);
}

TEST(Companion, GetsTheDescriptorsItIsGiven) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  auto companion = Companion::start({"sh", "-c", "echo hello >&9"}, {{ends[1], 9}});
  ASSERT_TRUE(companion.has_value());
  close(ends[1]);
  char text[16] = {};
  EXPECT_EQ(read(ends[0], text, sizeof text), 6);
  EXPECT_STREQ(text, "hello\n");
  close(ends[0]);
}

}  // namespace
}  // namespace kbench
