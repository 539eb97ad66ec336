#include "../search/scripted_endpoint.hpp"
#include "cli_lab.hpp"

namespace kbench {
namespace {

using cli_lab::Cli;
using cli_lab::kSum;
using cli_lab::lines_of;
using cli_lab::Ran;
using nlohmann::json;
using scripted::EndpointServer;
using testing::HasSubstr;

std::string fenced(const std::string& text) {
  return "<think>lanes</think>Here:\n```cpp\n" + text + "```\n";
}
std::string edited(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

class ScoreTest : public Cli {
 protected:
  std::vector<json> exported(const std::string& format) const {
    const json paths = json_of("export 1 --format " + format + " -o training");
    EXPECT_EQ(paths, json({"training/row_sum-1." + format + ".jsonl"}));
    std::vector<json> lines;
    for (const std::string& line : lines_of(read("training/row_sum-1." + format + ".jsonl"))) {
      lines.push_back(json::parse(line));
    }
    return lines;
  }
};

TEST_F(ScoreTest, ACampaignOfKnownRepliesHasTheScoresAndExportsOfItsReplies) {
  const std::string wrong = edited(kSum, "y[i] = total", "y[i] = total + 1");
  EndpointServer server({scripted::says(fenced(kSum)), scripted::says("I would rather not."),
                         scripted::says(fenced(wrong)),
                         scripted::says(fenced(std::string("// again\n") + kSum))});
  write("prices.json",
        R"({"recorded": {"input_usd_per_million": 1000, "output_usd_per_million": 5000}})");
  const Ran ran =
      kbench("run row_sum --problem rows=64,cols=1024 --model openai:recorded@" + server.url() +
             " --prices prices.json --budget 4proposals --in-flight 1 --share 1 "
             "--arm best_of_n --quiet");
  ASSERT_EQ(ran.code, 0) << ran.out << ran.err;

  const json scored = json_of("score --k 1,2,5");
  EXPECT_EQ(scored.at("seed"), 1);
  ASSERT_EQ(scored.at("groups").size(), 1u);
  const json& group = scored.at("groups")[0];
  EXPECT_EQ(group.at("model"), "openai:recorded@" + server.url());
  EXPECT_EQ(group.at("attempts"), 4);
  EXPECT_EQ(group.at("right"), 2) << "what repeats a right kernel is right";
  EXPECT_EQ(group.at("lone"), 0);
  const json& scores = group.at("scores");
  EXPECT_DOUBLE_EQ(scores.at("pass@1").at("value"), 0.5);
  EXPECT_DOUBLE_EQ(scores.at("pass@2").at("value"), 1 - 1.0 / 6);
  EXPECT_TRUE(scores.at("pass@5").at("value").is_null());
  EXPECT_DOUBLE_EQ(scores.at("proficiency").at("value"), 0.5);
  // 100 tokens in and 20 out a call, each 0.2 dollars.
  EXPECT_DOUBLE_EQ(scores.at("cost_of_pass").at("value"), 0.4);
  EXPECT_THAT(kbench("score --by category").out, HasSubstr("reduction"));
  const auto csv = lines_of(kbench("score --by language --csv").out);
  EXPECT_EQ(csv.front(), "language,exercises,solved,attempts,right,score,value,low,high");
  EXPECT_THAT(csv.at(1), HasSubstr("cpp,1,1,4,2,pass@1,0.5,"));

  const auto sft = exported("sft");
  ASSERT_EQ(sft.size(), 2u);
  EXPECT_EQ(sft[0].at("kernel"), kSum);
  EXPECT_EQ(sft[0].at("reasoning"), "lanes");
  EXPECT_EQ(sft[0].at("prompt")[0].at("role"), "system");
  EXPECT_GT(sft[0].at("speedup"), 0);
  const auto pairs = exported("pairs");
  ASSERT_EQ(pairs.size(), 1u);
  EXPECT_EQ(pairs[0].at("kind"), "right");
  EXPECT_EQ(pairs[0].at("rejected"), wrong);
  EXPECT_EQ(pairs[0].at("rejected_outcome"), "wrong_result");
  EXPECT_TRUE(pairs[0].at("same_question"));
  const auto rewards = exported("rewards");
  ASSERT_EQ(rewards.size(), 4u);
  EXPECT_GE(rewards[0].at("reward"), 0.1);
  EXPECT_EQ(rewards[1].at("reward"), 0);
  EXPECT_EQ(rewards[1].at("outcome"), "no_code");
  EXPECT_EQ(rewards[2].at("reward"), 0);
  EXPECT_EQ(rewards[3].at("completion"), fenced(std::string("// again\n") + kSum));
}

TEST_F(ScoreTest, WithoutModelsThereIsNothingToScoreOrToTrainOn) {
  EXPECT_EQ(kbench("score").code, 2) << "no database";
  write("sum.cpp", kSum);
  ASSERT_EQ(kbench("run sum.cpp --problem rows=8,cols=64 --budget 1evals --quiet").code, 0);
  const Ran scored = kbench("score");
  EXPECT_EQ(scored.code, 2);
  EXPECT_THAT(scored.err, HasSubstr("no model was asked for a kernel"));
  const Ran exported = kbench("export 1 --format sft");
  EXPECT_EQ(exported.code, 2);
  EXPECT_THAT(exported.err, HasSubstr("campaign 1: no model was asked"));
  EXPECT_THAT(kbench("score --campaign 7").err, HasSubstr("no campaign 7"));
  EXPECT_THAT(kbench("score --by colour").err, HasSubstr("colour"));
  EXPECT_THAT(kbench("score --k 0").err, HasSubstr("'0' is no whole number from 1 on"));
  EXPECT_THAT(kbench("export 1 --format stf").err, HasSubstr("stf"));
}

}  // namespace
}  // namespace kbench
