// `kbench reverify`: what was believed is put to today's judge, nothing stored is lost.

#include <filesystem>

#include "cli_lab.hpp"

namespace kbench {

namespace {

using testing::HasSubstr;

class ReverifyTest : public cli_lab::Cli {
 protected:
  void SetUp() override {
    Cli::SetUp();
    std::filesystem::create_directories(folder_ + "/tasks/reduction");
    std::filesystem::copy(KBENCH_SOURCE_DIR "/tasks/reduction/row_sum",
                          folder_ + "/tasks/reduction/row_sum");
    write("sum.cpp", cli_lab::kSum);
    const cli_lab::Ran ran =
        kbench("run sum.cpp --tasks tasks --problem rows=64,cols=256 --budget 2evals --quiet");
    ASSERT_EQ(ran.code, 0) << ran.out << ran.err;
  }
  size_t ranked() const { return json_of("leaderboard").size(); }
};

TEST_F(ReverifyTest, LeavesRowsOfTodaysJudgeAlone) {
  const cli_lab::Ran ran = kbench("reverify --tasks tasks");
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out, "0 stand, 0 demoted\n");
}

TEST_F(ReverifyTest, WhatStandsKeepsItsRankByANewEvaluation) {
  const size_t before = ranked();
  const cli_lab::Ran ran = kbench("reverify row_sum --all --tasks tasks");
  EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr(", 0 demoted"));
  EXPECT_EQ(ranked(), before);
}

TEST_F(ReverifyTest, WhatIsFoundWrongLosesItsRankButNotItsHistory) {
  const auto board = json_of("leaderboard");
  ASSERT_FALSE(board.empty());
  const int64_t believed = board[0].at("evaluation_id").get<int64_t>();
  // A rule that no one minded then: the last column counts twice.
  write("tasks/reduction/row_sum/reference.cpp",
        "template <class real>\nvoid y(const Args<real>& a, int64_t i) {\n  real sum = 0;\n"
        "  for (int64_t j = 0; j < a.cols; ++j) sum += a.x(i, j);\n"
        "  if (a.cols > 0) sum += a.x(i, a.cols - 1);\n  a.y(i) = sum;\n}\n");
  const cli_lab::Ran ran = kbench("reverify --all --tasks tasks");
  EXPECT_EQ(ran.code, 1) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("demoted   row_sum "));
  EXPECT_THAT(ran.out, HasSubstr("wrong_result"));
  EXPECT_EQ(ranked(), 0u);
  EXPECT_EQ(kbench("show " + std::to_string(believed)).code, 0);
}

}  // namespace

}  // namespace kbench
