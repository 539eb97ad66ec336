#include "../search/scripted_endpoint.hpp"
#include "cli_lab.hpp"
#include "running.hpp"

namespace kbench {
namespace {

using cli_lab::Cli;
using cli_lab::lines_of;
using cli_lab::Ran;
using cli_lab::Running;
using nlohmann::json;
using scripted::EndpointServer;
using testing::HasSubstr;

// One task with its recorded replies: what does not compile, then what is wrong, then a kernel.
struct Case {
  const char* task;
  const char* problem;
  const char* kernel;  // under reference_kernels/
};
constexpr Case kCases[] = {
    {"softmax", "rows=64,cols=1024", "normalisation/softmax/three_pass.cpp"},
    {"matmul", "m=128,n=128,k=128", "linear_algebra/matmul/packed.cpp"},
    {"argmax", "rows=64,cols=1024", "reduction/argmax/lanes.cpp"},
    {"rms_norm", "rows=64,cols=1024", "normalisation/rms_norm/pipelined.cpp"},
    {"gelu", "n=65536", "activation/gelu/rational.cpp"},
};

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}
std::string fenced(const std::string& text) {
  return "<think>hm</think>Better:\n```cpp\n" + text + "```\n";
}

class ModelsTest : public Cli {
 protected:
  std::vector<json> events(const std::string& arguments, int code = 0) const {
    const Ran ran = kbench("run " + arguments + " --json");
    EXPECT_EQ(ran.code, code) << ran.out << ran.err;
    std::vector<json> events;
    for (const std::string& line : lines_of(ran.out)) events.push_back(json::parse(line));
    return events;
  }
};

TEST_F(ModelsTest, RecordedRepliesOnFiveTasksEndInConfirmedKernelsThatAReplayReproduces) {
  int64_t campaign = 0;
  for (const Case& task : kCases) {
    const std::string good =
        text_of(std::string(KBENCH_SOURCE_DIR "/reference_kernels/") + task.kernel);
    ASSERT_FALSE(good.empty()) << task.kernel;
    EndpointServer server({scripted::says(fenced("// no header\n")),
                           scripted::says(fenced(good + "\nnot C++\n")),
                           scripted::says(fenced(good))});
    server.always = scripted::says("I have no better idea.");
    const auto all =
        events(std::string(task.task) + " --problem " + task.problem + " --model openai:recorded@" +
               server.url() + " --free --budget 4proposals --in-flight 1 --share 2");
    ASSERT_FALSE(all.empty()) << task.task;
    std::vector<std::string> outcomes;
    for (const json& event : all) {
      if (event.at("event") == "proposal") outcomes.push_back(event.at("outcome"));
    }
    EXPECT_EQ(outcomes,
              (std::vector<std::string>{"header_invalid", "compile_error", "ok", "no_code"}))
        << task.task;
    EXPECT_EQ(server.requests().size(), 4u) << task.task;
    // Who wins is a matter of time, and of what else this machine does.
    const bool confirmed = std::any_of(all.begin(), all.end(), [](const json& event) {
      return event.at("event") == "confirmation" && event.at("kernel") == "proposal-2.cpp" &&
             event.at("confirmation").at("evaluation").at("outcome") == "ok";
    });
    EXPECT_TRUE(confirmed) << task.task;
    ++campaign;
    const auto replayed = events("--replay " + std::to_string(campaign));
    ASSERT_FALSE(replayed.empty());
    EXPECT_EQ(replayed.back().at("event"), "replayed");
    EXPECT_EQ(replayed.back().at("prompts"), 4);
  }
}

TEST_F(ModelsTest, AnInterruptedCampaignIsResumedAskedNothingTwiceAndReplayed) {
  EndpointServer server;
  server.always = [](const httplib::Request&, httplib::Response& response) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    response.set_content(scripted::completion("I have no better idea."), "application/json");
  };
  {
    Running run(folder_,
                {"run", "row_sum", "--problem", "rows=64,cols=1024", "--model",
                 "openai:recorded@" + server.url(), "--free", "--budget", "40proposals", "--json"});
    ASSERT_TRUE(run.shows("\"proposal\"")) << run.err();
    kill(run.process(), SIGINT);
    EXPECT_EQ(run.wait(), 130) << run.err();
    EXPECT_THAT(run.out(), HasSubstr("kbench run --resume 1"));
  }
  EXPECT_LT(server.requests().size(), 40u);
  const auto resumed = events("--resume 1");
  ASSERT_FALSE(resumed.empty());
  const json& end = resumed.back();
  EXPECT_EQ(end.at("ended_by"), "40 proposals");
  ASSERT_EQ(end.at("models").size(), 1u);
  EXPECT_EQ(end.at("models").begin()->at("outcomes").at("no_code"), 40);
  EXPECT_EQ(server.requests().size(), 40u);
  const json campaigns = json_of("campaigns");
  EXPECT_EQ(campaigns[0].at("models").begin()->at("outcomes").at("no_code"), 40);
  EXPECT_THAT(kbench("campaigns").out, HasSubstr("no_code 40"));
  EXPECT_EQ(events("--replay 1").back().at("event"), "replayed");
}

TEST_F(ModelsTest, WhatCannotBeIsRefusedBeforeAnythingRuns) {
  auto refused = [&](const std::string& arguments) {
    const Ran ran = kbench("run softmax " + arguments);
    EXPECT_EQ(ran.code, 2) << ran.out;
    return ran.err;
  };
  EXPECT_THAT(refused("--model openai:m@http://127.0.0.1:1/v1 --budget 1usd"),
              HasSubstr("what 'm' costs is not known"));
  EXPECT_THAT(refused("--model openai:m --free"), HasSubstr("models need a budget"));
  EXPECT_THAT(refused("--budget 5usd"), HasSubstr("name a --model"));
  EXPECT_THAT(refused("--model opnai:m --free --budget 1proposals"),
              HasSubstr("did you mean 'openai'"));
  const std::string free = "--model openai:m --free --budget 1proposals ";
  EXPECT_THAT(refused(free + "--selection gredy"), HasSubstr("did you mean 'greedy'"));
  EXPECT_THAT(refused(free + "--population islands:cuont=2"), HasSubstr("did you mean 'count'"));
}

}  // namespace
}  // namespace kbench
