#include "core/sandbox.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/process.hpp"

namespace kbench {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class Sandbox : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/kbench-sandbox-test-XXXXXX";
    folder_ = mkdtemp(name);
    std::ofstream(folder_ + "/secret") << "the answer\n";
  }
  void TearDown() override { fs::remove_all(folder_); }

  ProcessResult run(const SandboxSpec& spec, const std::string& script) {
    ProcessSpec process;
    process.arguments = sandbox_command(spec);
    process.arguments.insert(process.arguments.end(), {"sh", "-c", script});
    process.limit = std::chrono::seconds(20);
    auto result = run_process(process);
    EXPECT_TRUE(result.has_value()) << result.error().text();
    return result.value_or(ProcessResult{});
  }
  void need_namespaces() {
    if (!sandbox_level().starts_with("namespaces")) GTEST_SKIP() << sandbox_level();
  }
  std::string folder_;
};

TEST_F(Sandbox, RunsAProgram) {
  EXPECT_EQ(run({}, "echo hello").out, "hello\n") << sandbox_level();
}

TEST_F(Sandbox, HidesFiles) {
  need_namespaces();
  EXPECT_NE(run({}, "cat " + folder_ + "/secret").exit_code, 0);
  EXPECT_NE(run({}, "cat /etc/passwd").exit_code, 0);
}

TEST_F(Sandbox, ShowsNamedFoldersReadOnly) {
  need_namespaces();
  SandboxSpec spec;
  spec.read_only = {folder_};
  EXPECT_EQ(run(spec, "cat " + folder_ + "/secret").out, "the answer\n");
  EXPECT_NE(run(spec, "echo changed > " + folder_ + "/secret").exit_code, 0);
}

TEST_F(Sandbox, LetsNamedFoldersBeWritten) {
  SandboxSpec spec;
  spec.writable = {folder_};
  EXPECT_EQ(run(spec, "echo made > " + folder_ + "/new").exit_code, 0);
  EXPECT_TRUE(fs::exists(folder_ + "/new"));
}

TEST_F(Sandbox, KeepsSystemFoldersUnwritable) {
  need_namespaces();
  EXPECT_NE(run({}, "touch /usr/bin/kbench-was-here").exit_code, 0);
}

TEST_F(Sandbox, HasNoNetworkNoOtherProcessesAndNoEnvironment) {
  need_namespaces();
  EXPECT_EQ(run({}, "grep -c : /proc/net/dev").out, "1\n") << "more than the loopback device";
  EXPECT_EQ(run({}, "ls /proc | grep -c '^[0-9]'").out, "3\n") << "sh, ls and grep";
  setenv("KBENCH_SANDBOX_TEST", "secret", 1);
  EXPECT_THAT(run({}, "env").out, Not(HasSubstr("KBENCH_SANDBOX_TEST")));
}

TEST_F(Sandbox, HoldsFilesToTheirLimit) {
  SandboxSpec spec;
  spec.writable = {folder_};
  spec.file_bytes = 4096;
  run(spec, "head -c 100000 /dev/zero > " + folder_ + "/big");
  EXPECT_LE(fs::file_size(folder_ + "/big"), 4096u);
}

TEST_F(Sandbox, HoldsMemoryToItsLimit) {
  SandboxSpec spec;
  spec.memory_bytes = size_t{256} << 20;
  EXPECT_NE(run(spec, "head -c 600M /dev/zero | tail -c 600M | wc -c").out, "629145600\n");
}

TEST_F(Sandbox, TakesPrivilegesAway) {
  need_namespaces();
  EXPECT_THAT(run({}, "grep -E '^Cap(Eff|Bnd)' /proc/self/status").out,
              ::testing::MatchesRegex("CapEff:\t0+\nCapBnd:\t0+\n"));
}

}  // namespace
}  // namespace kbench
