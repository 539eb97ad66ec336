#include "cli_lab.hpp"

namespace kbench {
namespace {

using cli_lab::Cli;
using cli_lab::Ran;
using testing::HasSubstr;

class UsageTest : public Cli {
 protected:
  // The command must be refused as bad input, with a message that says this.
  void refused(const std::string& arguments, const std::string& message) const {
    const Ran ran = kbench(arguments);
    EXPECT_EQ(ran.code, 2) << arguments << "\n" << ran.out << ran.err;
    EXPECT_THAT(ran.err, HasSubstr(message)) << arguments;
    EXPECT_EQ(ran.out, "") << arguments;
  }
};

TEST_F(UsageTest, EveryCommandExplainsItselfWithAnExample) {
  const std::string overview = kbench("").out;
  for (const std::string command :
       {"campaigns", "compare", "devices", "dispatch", "emit", "eval", "export", "gate", "judge",
        "leaderboard", "mcp", "predict", "replay", "report", "reward", "run", "score", "show",
        "tasks"}) {
    EXPECT_THAT(overview, HasSubstr("  " + command + " "));
    const Ran help = kbench(command + " --help");
    EXPECT_EQ(help.code, 0);
    EXPECT_THAT(help.out, HasSubstr("Example"));
    EXPECT_THAT(help.out, HasSubstr("--json"));
    EXPECT_THAT(help.out, HasSubstr("--db"));
    EXPECT_THAT(help.out, HasSubstr(command == "judge" ? "kbench judge" : "\n  kbench " + command));
  }
}

TEST_F(UsageTest, MistypedNamesAreAnsweredWithTheNearestOnes) {
  refused("rnu softmax", "unknown command 'rnu' (did you mean 'run'?");
  refused("run softmax --bugdet 3s", "unknown option '--bugdet' (did you mean '--budget'?");
  refused("run sofmax", "unknown task 'sofmax' (did you mean 'softmax'?)");
  refused("tasks sofmax", "did you mean 'softmax'?");
  refused("emit sofmax", "did you mean 'softmax'?");
  refused("run softmax --problem row=3", "has no dim 'row' (did you mean 'rows'?)");
  refused("run softmax --problem variant=f23", "unknown variant 'f23'");
  refused("run softmax --strategy genetc", "unknown strategy 'genetc' (did you mean 'genetic'?)");
  refused("run softmax --strategy genetic --option popultion=3", "did you mean 'population'?");
  refused("run softmax --compiler gcc", "there is no compiler 'gcc'");
  refused("eval naive --task softmax --device gpu",
          "there is no device 'gpu' (known: cpu, emulated, opencl, "
          "opencl:<number>, cuda, cuda:<number>, cuda:<target>, hip, hip:<number>, hip:<target>)");
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/kbench.db")) << "nothing ran";
}

TEST_F(UsageTest, ASmallerProblemIsCheckedAgainstTheCampaigns) {
  write("sum.cpp", std::string("// kbench: require LANES * 4 <= cols\n") + cli_lab::kSum);
  const std::string run =
      "run sum.cpp --problem rows=8,cols=64 --strategy halving --option smaller=";
  refused(run + "row=4",
          "--option smaller=row=4: 'row_sum' has no dim 'row' (did you mean 'rows'?)");
  refused(run + "rows=4,fill=heavy", "only dims may be others than the campaign's");
  refused(run + "cols=64", "it is no smaller than the campaign's problem");
  refused(run + "cols=32", "sum.cpp has 6 valid configurations there, 8 on the campaign's own");
  refused(run + "cols=2", "--option smaller=cols=2: sum.cpp: no configuration satisfies");
  refused("run sum.cpp --strategy genetic --option smaller=rows=4", "no option 'smaller'");
}

TEST_F(UsageTest, ParamsOfAKernelAreChecked) {
  write("sum.cpp", cli_lab::kSum);
  refused("eval sum.cpp --params LANE=8", "did you mean 'LANES'?");
  refused("eval sum.cpp --params LANES=9", "LANES");
  refused("eval sum.cpp --params LANES", "'LANES' is no param (write NAME=VALUE,NAME=VALUE)");
  refused("compare sum.cpp:LANES=9 naive", "LANES");
}

TEST_F(UsageTest, BudgetsAndNumbersAreReadAsPeopleWriteThem) {
  refused("run softmax --budget 3x", "'3x' is no budget (write '30s', '2m', '500evals'");
  refused("run softmax --budget 0s", "allows nothing");
  refused("run softmax --seed x", "--seed: 'x' is no whole number from 0 on");
  refused("run softmax --seed -1", "--seed: '-1' is no whole number from 0 on");
  refused("run --resume 0", "--resume: '0' is no whole number from 1 on");
  refused("show x", "id: 'x' is no whole number from 1 on");
  refused("devices --threads x", "not in range");
  refused("eval naive --task softmax --problem threads=4096", "the machine has");
  refused("run softmax --problem rows=x", "'x' of rows is not an integer");
  refused("run softmax --problem rows=-1", "negative extent");
  refused("run softmax --problem rows=1000000000,cols=1000000000", "more than 2^48 elements");
  refused("compare naive naive --task softmax --budget 5", "--budget");
}

TEST_F(UsageTest, WhatIsMissingOrTooMuchIsNamed) {
  refused("run", "nothing to run");
  refused("show", "id is required");
  refused("leaderboard softmax gelu", "one argument too many: 'gelu'");
  refused("eval naive", "'naive' needs a task (add --task NAME)");
  refused("compare naive naive", "'naive' needs a task");
  refused("show 1 --source --asm", "excludes");
  refused("run --resume 1 softmax",
          "--resume and --replay take tasks and problems from the campaign");
}

TEST_F(UsageTest, KernelFilesThatCannotBeReadAreNamed) {
  write("empty.cpp", "");
  write("typo.cpp", "// kbench: tsk softmax\n");
  refused("eval none.cpp", "none.cpp: cannot read the kernel file");
  refused("eval .", ".: cannot read the kernel file (check that it exists and is no folder)");
  refused("run ./none.cpp", "none.cpp: cannot read the kernel file");
  refused("eval empty.cpp", "empty.cpp:1:1: no task");
  refused("eval typo.cpp", "typo.cpp:1:12: unknown key 'tsk' (did you mean 'task'?)");
}

TEST_F(UsageTest, OnlyTheTreesOwnFilesMayLinkLibraries) {
  std::string text = cli_lab::kSum;
  text.insert(text.find("// kbench: launch"), "// kbench: baseline\n// kbench: link openblas\n");
  write("vendor.cpp", text);
  const std::string message =
      "vendor.cpp:7:12: 'baseline' and 'link' lines and the language host-cuda are for files of "
      "reference_kernels/ only";
  refused("eval vendor.cpp", message);
  refused("run vendor.cpp", message);
  refused("compare vendor.cpp naive", message);
}

TEST_F(UsageTest, ErrorsAreJsonForPrograms) {
  const Ran ran = kbench("run sofmax --json");
  const auto error = nlohmann::json::parse(ran.err).at("error");
  EXPECT_EQ(error.at("what"), "unknown task 'sofmax'");
  EXPECT_EQ(error.at("hint"), "did you mean 'softmax'?");
  EXPECT_EQ(error.at("exit_code"), ran.code);
}

TEST_F(UsageTest, ListsOfProblemsAreCheckedEntryByEntry) {
  refused("run softmax --problems none.json", "none.json: the list of problems cannot be read");
  refused("run softmax --problems .", "the list of problems cannot be read");
  write("empty.json", "");
  refused("run softmax --problems empty.json", "empty.json: the list of problems cannot be read");
  write("bad.json", "[\n  \"rows=1,cols=2\",\n]");
  refused("run softmax --problems bad.json", "bad.json:3:1: the list of problems is no JSON");
  write("object.json", "{\"rows\": 3}");
  refused("run softmax --problems object.json", "object.json: no list of problems (expected [");
  write("number.json", "[\"rows=1,cols=2\", 3]");
  refused("run softmax --problems number.json", "number.json: entry 2: an entry is no text");
  write("dim.json", "[\"rows=1,col=2\"]");
  refused("run softmax --problems dim.json", "dim.json: entry 1: 'softmax' has no dim 'col'");
}

TEST_F(UsageTest, PoliciesThatCannotBeReadAreNamed) {
  refused("gate", "kbench-gate.json: the policy cannot be read");
  refused("gate .", ".: the policy cannot be read");
  write("bad.json", "{\"kernels\": [\n");
  refused("gate bad.json", "bad.json:2:1: the policy is no JSON");
  write("gone.json", R"({"kernels": [{"task": "row_sum", "kernel": "a.cpp", "anchor": "naive"}]})");
  refused("gate gone.json", "a.cpp: cannot read the kernel file");
}

TEST_F(UsageTest, TasksAreListedAndExplained) {
  EXPECT_THAT(kbench("tasks").out, HasSubstr("softmax"));
  EXPECT_THAT(kbench("tasks softmax").out, HasSubstr("kbench run softmax"));
  for (const char* field : {"name", "category", "formula", "source", "about", "dims", "tensors",
                            "variants", "fills", "tune", "bench"}) {
    EXPECT_TRUE(json_of("tasks softmax").contains(field)) << field;
  }
  EXPECT_GE(json_of("tasks").size(), 23u);
  refused("tasks --tasks none", "none: no tasks found");
}

TEST_F(UsageTest, AFullDiskUnderTheOutputIsAnError) {
  const Ran ran = shell(KBENCH_BINARY_DIR "/kbench tasks > /dev/full");
  EXPECT_EQ(ran.code, 3);
  EXPECT_THAT(ran.err, HasSubstr("the output cannot be written"));
  EXPECT_EQ(shell(KBENCH_BINARY_DIR "/kbench tasks | head -1").code, 0);
}

}  // namespace
}  // namespace kbench
