#include <sys/stat.h>

#include "cli_lab.hpp"
#include "running.hpp"

namespace kbench {
namespace {

using cli_lab::Cli;
using cli_lab::kSum;
using cli_lab::lines_of;
using cli_lab::Ran;
using cli_lab::Running;
using nlohmann::json;
using testing::HasSubstr;

std::string edited(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

class RewardTest : public Cli {
 protected:
  // The answers to these lines.
  std::vector<json> rewards(const std::vector<std::string>& asked) const {
    std::string text;
    for (const std::string& line : asked) text += line + "\n";
    write("asked", text);
    const Ran ran = kbench("reward < asked");
    EXPECT_EQ(ran.code, 0) << ran.err;
    std::vector<json> answers;
    for (const std::string& line : lines_of(ran.out)) answers.push_back(json::parse(line));
    EXPECT_EQ(answers.size(), asked.size());
    answers.resize(asked.size());
    return answers;
  }
};

json sum(const std::string& source) {
  return {{"task", "row_sum"}, {"problem", "rows=64,cols=256"}, {"source", source}};
}

TEST_F(RewardTest, RightWrongAndUnreadableKernelsAreAnsweredInOrder) {
  json right = sum(kSum), wrong = sum(edited(kSum, "y[i] = total", "y[i] = total + 1"));
  right["id"] = "first";
  wrong["id"] = 2;
  const json reply = {
      {"task", "row_sum"},
      {"problem", "rows=64,cols=256"},
      {"reply", "Faster:\n<<<<<<< SEARCH\n  LANES 1\n=======\nx\n>>>>>>> REPLACE\n"},
      {"parent", kSum}};
  const auto answers = rewards({right.dump(), wrong.dump(), sum("int x;").dump(), reply.dump()});
  EXPECT_EQ(answers[0].at("id"), "first");
  EXPECT_EQ(answers[0].at("outcome"), "ok");
  EXPECT_GE(answers[0].at("reward"), 0.1);
  EXPECT_LE(answers[0].at("low"), answers[0].at("speedup"));
  EXPECT_EQ(answers[1].at("id"), 2);
  EXPECT_EQ(answers[1].at("line"), 2);
  EXPECT_EQ(answers[1].at("outcome"), "wrong_result");
  EXPECT_EQ(answers[1].at("reward"), 0);
  EXPECT_EQ(answers[2].at("outcome"), "invalid_header");
  EXPECT_EQ(answers[3].at("outcome"), "patch_mismatch");
}

TEST_F(RewardTest, ABadLineIsNamedByItsNumberAndTheNextIsRead) {
  json both = sum(kSum);
  both["reply"] = "x";
  json deep = sum("int x;");
  deep["id"] = json::parse("[[[[1]]]]");
  const auto answers =
      rewards({"{", "[]", "\"\xff\"", both.dump(), R"({"task":"row_smu","source":"x"})",
               R"({"task":7,"source":"x"})", R"({"source":"x"})",
               R"({"task":"row_sum","problem":"rows=-1","source":"x"})",
               R"({"id":"huge","task":"row_sum","source":")" + std::string(9 << 20, 'x') + "\"}",
               deep.dump()});
  const char* const kWhat[] = {"no JSON object",           "no JSON object",
                               "no JSON object",           "either 'source' or 'reply'",
                               "unknown task 'row_smu'",   "'task' is no text",
                               "there is no 'task'",       "negative",
                               "longer than 8388608 bytes"};
  for (size_t i = 0; i < std::size(kWhat); ++i) {
    EXPECT_EQ(answers[i].at("line"), i + 1);
    EXPECT_THAT(answers[i].at("error").at("what").get<std::string>(), HasSubstr(kWhat[i]));
  }
  EXPECT_EQ(answers.back().at("outcome"), "invalid_header");
  EXPECT_FALSE(answers.back().contains("id")) << "only texts and numbers are given back";
}

TEST_F(RewardTest, AnInterruptWhileItWaitsEndsItCleanly) {
  ASSERT_EQ(mkfifo((folder_ + "/in").c_str(), 0600), 0);
  const int input = open((folder_ + "/in").c_str(), O_RDWR);
  Running reward(folder_, {"reward"}, "in");
  const std::string line = sum("int x;").dump() + "\n";
  ASSERT_EQ(::write(input, line.data(), line.size()), static_cast<ssize_t>(line.size()));
  ASSERT_TRUE(reward.shows("invalid_header")) << reward.err() << "answered while input is open";
  kill(reward.process(), SIGINT);
  EXPECT_EQ(reward.wait(), 130);
  close(input);
}

TEST_F(RewardTest, AnInterruptWhileItJudgesLetsThatLineBeAnsweredAndNoFurtherOne) {
  ASSERT_EQ(mkfifo((folder_ + "/in").c_str(), 0600), 0);
  const int input = open((folder_ + "/in").c_str(), O_RDWR);
  Running reward(folder_, {"reward"}, "in");
  std::string lines = sum("int x;").dump() + "\n";
  for (int i = 0; i < 5; ++i) lines += sum(kSum).dump() + "\n";  // all are read at once
  ASSERT_EQ(::write(input, lines.data(), lines.size()), static_cast<ssize_t>(lines.size()));
  ASSERT_TRUE(reward.shows("invalid_header")) << reward.err();
  kill(reward.process(), SIGINT);
  EXPECT_EQ(reward.wait(), 130);
  const auto answers = lines_of(reward.out());
  EXPECT_LE(answers.size(), 2u) << "the second was under way, or not yet";
  for (const std::string& answer : answers) EXPECT_TRUE(json::accept(answer)) << answer;
  close(input);
}

TEST_F(RewardTest, AReaderThatGoesEndsIt) {
  write("asked", sum("int x;").dump() + "\n" + sum("int y;").dump() + "\n");
  // The lines come when nobody reads the answers any more; more could come for ever.
  const Ran ran = shell("{ sleep 1; cat asked asked; } | { " KBENCH_BINARY_DIR
                        "/kbench reward; echo $? > code; } | true");
  EXPECT_EQ(read("code"), "3\n") << ran.err;
}

}  // namespace
}  // namespace kbench
