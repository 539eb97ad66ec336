#include "cli_lab.hpp"
#include "running.hpp"

namespace kbench {
namespace {

using cli_lab::Cli;
using cli_lab::lines_of;
using cli_lab::Ran;
using nlohmann::json;
using testing::HasSubstr;

constexpr const char* kSmall = "--problem rows=8,cols=64";

class RunTest : public Cli {
 protected:
  void SetUp() override {
    Cli::SetUp();
    write("sum.cpp", cli_lab::kSum);
  }
  // The events of `kbench run --json`, by name and in order.
  std::vector<json> events(const std::string& arguments, int code = 0) const {
    const Ran ran = kbench("run " + arguments + " --json");
    EXPECT_EQ(ran.code, code) << ran.out << ran.err;
    std::vector<json> events;
    for (const std::string& line : lines_of(ran.out)) events.push_back(json::parse(line));
    return events;
  }
  static std::vector<json> only(const std::vector<json>& events, const std::string& name) {
    std::vector<json> chosen;
    for (const json& event : events) {
      if (event.at("event") == name) chosen.push_back(event);
    }
    return chosen;
  }
  void has(const json& object, const std::vector<const char*>& fields) const {
    for (const char* field : fields)
      EXPECT_TRUE(object.contains(field)) << field << " in " << object;
  }
  std::string shown_command(int64_t id) const {
    return json_of("show " + std::to_string(id)).at("command");
  }
};

TEST_F(RunTest, ACampaignOverOnesOwnFileIsStoredShownRankedAndTakenAway) {
  const auto all = events(std::string("sum.cpp --budget 4evals ") + kSmall);
  has(all.front(), {"event", "campaign", "problem", "kernels", "baselines", "configurations",
                    "strategy", "budget", "seed"});
  EXPECT_EQ(all.front().at("kernels"), json({"naive", "sum.cpp"}));
  EXPECT_EQ(only(all, "evaluation").size(), 4u);
  // The anchor before anything that is compared with it.
  EXPECT_EQ(only(all, "confirmation").front().at("kernel"), "naive");
  const json& end = all.back();
  has(end, {"campaign", "ended_by", "evaluations", "failures", "best", "anchor", "resume"});
  EXPECT_EQ(end.at("ended_by"), "4 evaluations");

  const int64_t best = end.at("best").at("evaluation_id");
  has(json_of("show " + std::to_string(best)),
      {"id", "campaign", "when", "kernel", "language", "compiler", "command", "parent", "source",
       "evaluation", "held_out", "shrinkage"});
  EXPECT_EQ(kbench("show " + std::to_string(best) + " --source").out.substr(0, 10), "// kbench:");
  EXPECT_GT(lines_of(kbench("show " + std::to_string(best) + " --samples").out).size(), 3u);
  EXPECT_THAT(kbench("show " + std::to_string(best)).out, HasSubstr("repeat     kbench eval"));
  EXPECT_EQ(kbench("show 9999").code, 2);

  const json ranks = json_of("leaderboard");
  ASSERT_FALSE(ranks.empty());
  has(ranks[0],
      {"task", "problem", "device", "threads", "rank", "kernel", "params", "evaluation_id",
       "ratio_to_anchor", "low", "high", "median_ns", "roofline_share", "anchor", "when"});
  EXPECT_EQ(json_of("campaigns")[0].at("state"), "done");
  EXPECT_EQ(json_of("report").at("format"), "kbench-report-1");
  EXPECT_EQ(kbench("report --format html -o report.html").code, 0);
  EXPECT_THAT(read("report.html"), HasSubstr("sum.cpp"));
  EXPECT_EQ(kbench("leaderboard softmax").code, 0);
  EXPECT_EQ(kbench("leaderboard sofmax").code, 2);

  // What was taken away is a kernel file of that one candidate.
  EXPECT_EQ(kbench("emit row_sum -o best.cpp").code, 0);
  EXPECT_EQ(kbench("emit row_sum -o best.cpp").code, 2) << "a file is not overwritten unasked";
  const json judged = json_of(std::string("eval best.cpp ") + kSmall);
  EXPECT_EQ(judged.at("outcome"), "ok");
  EXPECT_EQ(judged.at("params"), json_of("emit row_sum").at("params"));
  const Ran elsewhere =
      shell("g++ -std=c++20 -O3 -c best.cpp -I " KBENCH_SOURCE_DIR "/harness/include");
  EXPECT_EQ(elsewhere.code, 0) << elsewhere.err;
}

TEST_F(RunTest, TheCommandOfARowRepeatsIt) {
  const auto all = events(std::string("row_sum --budget 3evals ") + kSmall);
  const auto evaluations = only(all, "evaluation");
  ASSERT_EQ(evaluations.size(), 3u);
  EXPECT_EQ(evaluations[1].at("kernel"), "reduction/row_sum/lanes.cpp")
      << "no path of this machine";
  for (const int64_t id : {1, 3}) {
    const std::string command = shown_command(id);
    ASSERT_EQ(command.substr(0, 7), "kbench ");
    const json again = json_of(command.substr(7));
    const json before = json_of("show " + std::to_string(id));
    EXPECT_EQ(again.at("outcome"), before.at("evaluation").at("outcome")) << command;
    EXPECT_EQ(again.at("build_hash"), before.at("evaluation").at("build_hash")) << command;
  }
}

TEST_F(RunTest, TheFirstRungOfHalvingMayBeASmallerProblem) {
  const auto all = events(
      "sum.cpp --problem rows=64,cols=512 --strategy halving --option smaller=rows=8 "
      "--budget 10evals");
  int smaller = 0, whole = 0;
  for (const json& event : only(all, "evaluation")) {
    const json& evaluation = event.at("evaluation");
    const bool is_smaller = evaluation.at("problem").at("dims").at("rows") == 8;
    ++(is_smaller ? smaller : whole);
    if (!is_smaller) continue;
    EXPECT_EQ(evaluation.at("evidence"), "verified") << "no time of the campaign's";
  }
  EXPECT_GE(smaller, 4);
  EXPECT_GE(whole, 3) << "two defaults, and the best of the first rung";
  const std::string best = std::to_string(all.back().at("best").at("evaluation_id").get<int64_t>());
  EXPECT_EQ(json_of("show " + best).at("evaluation").at("problem").at("dims").at("rows"), 64);
  EXPECT_THAT(shown_command(3), HasSubstr("rows=8")) << "the first after the two defaults";
}

TEST_F(RunTest, AListOfProblemsIsACampaignEach) {
  write("shapes.json", R"(["rows=8,cols=64", "rows=3,cols=5,fill=heavy"])");
  const auto starts = only(events("sum.cpp --problems shapes.json --budget 2evals"), "start");
  ASSERT_EQ(starts.size(), 2u);
  EXPECT_EQ(starts[0].at("problem").at("dims"), json({{"rows", 8}, {"cols", 64}}));
  EXPECT_EQ(starts[1].at("problem").at("fill"), "heavy");
}

TEST_F(RunTest, ACampaignGoesOnOnlyWithTheKernelsItBeganWith) {
  events(std::string("sum.cpp --budget 2evals ") + kSmall);
  const auto more = events("--resume 1 --budget 4evals");
  EXPECT_EQ(more.back().at("evaluations"), 4);
  EXPECT_EQ(only(more, "evaluation").size(), 2u) << "the first two are told from the file";

  write("sum.cpp", std::string(cli_lab::kSum) + "// other\n");
  Ran refused = kbench("run --resume 1");
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("campaign 1: its kernel sum.cpp has changed since"));
  std::filesystem::remove(folder_ + "/sum.cpp");
  refused = kbench("run --resume 1");
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("its kernel sum.cpp cannot be read any more"));
  EXPECT_EQ(kbench("run --resume 7").code, 2);
}

TEST_F(RunTest, AWrongKernelIsRefusedWithExitCodeOneAndSaysWhy) {
  std::string wrong = cli_lab::kSum;
  wrong.replace(wrong.find("y[i] = total;"), 13, "y[i] = total * 1.01f;");
  write("wrong.cpp", wrong);
  const Ran ran = kbench(std::string("eval wrong.cpp ") + kSmall);
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, HasSubstr("wrong_result wrong.cpp on row_sum"));
  EXPECT_THAT(ran.out, HasSubstr("expected"));
  std::string broken = cli_lab::kSum;
  broken.replace(broken.find("y[i] = total;"), 13, "y[i] = totl;");
  write("broken.cpp", broken);
  const json judged = json_of(std::string("eval broken.cpp ") + kSmall);
  EXPECT_EQ(judged.at("outcome"), "compile_error");
  EXPECT_THAT(judged.at("log").get<std::string>(),
              HasSubstr("broken.cpp:" + std::to_string(cli_lab::line_number(broken, "totl"))))
      << "the line of the user's own file";
}

TEST_F(RunTest, JudgeAndWorkerMayShareOneCore) {
  write("sum.cpp", cli_lab::kSum);
  const Ran ran = shell(
      "taskset --cpu-list $(taskset --cpu-list --pid $$ | grep -o '[0-9]*$') " KBENCH_BINARY_DIR
      "/kbench eval sum.cpp --problem rows=5,cols=37 --json");
  const auto shown = json::parse(ran.out, nullptr, false);
  ASSERT_FALSE(shown.is_discarded()) << ran.out << ran.err;
  EXPECT_EQ(shown.at("outcome"), "ok") << ran.out;
}

TEST_F(RunTest, AProblemTooLargeForMemoryIsSaidBeforeItIsTried) {
  const Ran ran = kbench("eval naive --task row_sum --problem rows=1000000,cols=100000");
  EXPECT_EQ(ran.code, 3);
  EXPECT_THAT(ran.out, HasSubstr("GiB of memory are free"));
}

TEST_F(RunTest, ComparisonsAndGatesNameBothKernels) {
  const json compared = json_of(std::string("compare sum.cpp naive --budget 200ms ") + kSmall);
  has(compared, {"a", "b", "problem", "comparison"});
  EXPECT_EQ(compared.at("b").at("kernel"), "naive");
  write("gate.json", R"({"kernels": [{"task": "row_sum", "problem": "rows=8,cols=64",
    "kernel": "sum.cpp", "anchor": "naive", "ratio_to_anchor": 50, "_note": "lenient"}]})");
  const json gated = json_of("gate gate.json");
  has(gated, {"task", "kernel", "verdict", "passed", "explanation", "confirmation"});
  EXPECT_EQ(gated.at("verdict"), "improved") << "fifty times as slow as naive is easy to beat";
}

TEST_F(RunTest, ItEndsInGoodOrderWhenNobodyReadsAnyMore) {
  write("endless.cpp", cli_lab::endless_sum());
  const Ran head =
      shell(std::string(KBENCH_BINARY_DIR "/kbench run endless.cpp --json --budget 1h ") + kSmall +
            " | head -1");
  EXPECT_THAT(head.out, HasSubstr("\"event\":\"start\""));
  EXPECT_EQ(json_of("campaigns")[0].at("state"), "interrupted");
}

TEST_F(RunTest, CtrlCEndsItInGoodOrderAndSaysHowToGoOn) {
  write("endless.cpp", cli_lab::endless_sum());
  cli_lab::Running run(folder_,
                       {"run", "endless.cpp", "--budget", "1h", "--problem", "rows=8,cols=64"});
  ASSERT_TRUE(run.shows("best")) << run.err();
  kill(run.process(), SIGINT);
  EXPECT_EQ(run.wait(), 130);
  EXPECT_THAT(run.out(), HasSubstr("go on with: kbench run --resume 1 --db kbench.db"));
  EXPECT_THAT(run.err(), HasSubstr("stopping after what is under way"));
  EXPECT_EQ(json_of("campaigns")[0].at("state"), "interrupted");
  EXPECT_EQ(only(events("--resume 1 --budget 1evals"), "end").size(), 1u);
}

}  // namespace
}  // namespace kbench
