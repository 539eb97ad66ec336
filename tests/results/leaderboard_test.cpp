#include <gtest/gtest.h>

#include "tests/results/example.hpp"

namespace kbench {
namespace {

using example::candidate;

class LeaderboardTest : public testing::Test {
 protected:
  int64_t confirm(const Candidate& of, std::optional<double> ratio = {}) {
    return confirm(of, example::confirmation(of, ratio));
  }
  int64_t confirm(const Candidate& of, const Confirmation& confirmation) {
    const auto id = store_->record(campaign_, of, confirmation, "kbench eval");
    EXPECT_TRUE(id) << id.error().text();
    return id.value_or(0);
  }
  std::vector<LeaderboardRow> rows(const std::string& task = {}, int best = 10) {
    return leaderboard(*store_, task, best).value();
  }

  example::Folder folder_;
  std::unique_ptr<Store> store_ = example::open(folder_.file());
  int64_t campaign_ = example::begin(*store_);
};

TEST_F(LeaderboardTest, IsEmptyWithoutConfirmedRows) {
  const Candidate of = candidate();
  ASSERT_TRUE(store_->record(campaign_, 0, of, example::evaluation(of, 1), "kbench eval"));
  EXPECT_TRUE(rows().empty());
}

TEST_F(LeaderboardTest, RanksByRatioToTheAnchorNotByRawTime) {
  confirm(candidate(16, "naive.cpp"));
  Confirmation on_a_slow_day = example::confirmation(candidate(64), 0.5);
  on_a_slow_day.evaluation.timing = summarise({9000, 9000, 9000});
  const int64_t best = confirm(candidate(64), on_a_slow_day);
  confirm(candidate(128), 0.7);

  const auto board = rows();
  ASSERT_EQ(board.size(), 3u);
  EXPECT_EQ(board[0].evaluation_id, best);
  EXPECT_EQ(board[0].rank, 1);
  EXPECT_EQ(board[0].ratio_to_anchor, 0.5);
  EXPECT_EQ(board[0].median_ns, 9000);
  EXPECT_EQ(board[0].params, "BLOCK=64,FLAGS=-O3");
  EXPECT_EQ(board[0].anchor, "naive.cpp BLOCK=16,FLAGS=-O3 (g++)");
  EXPECT_EQ(board[0].problem, example::problem().canonical());
  EXPECT_EQ(board[0].threads, 2);
  EXPECT_EQ(board[0].command, "kbench eval");
  EXPECT_EQ(board[0].compiler, "g++ 12.2.0");
  EXPECT_EQ(board[2].kernel_name, "naive.cpp");
  EXPECT_EQ(board[2].ratio_to_anchor, 1);
}

TEST_F(LeaderboardTest, OfACandidateTheLatestConfirmationCounts) {
  confirm(candidate(16, "naive.cpp"));
  confirm(candidate(64), 0.4);
  const int64_t latest = confirm(candidate(64), 0.6);
  const auto board = rows();
  ASSERT_EQ(board.size(), 2u);
  EXPECT_EQ(board[0].evaluation_id, latest);
}

TEST_F(LeaderboardTest, AKernelFoundWrongLaterStandsNoLonger) {
  confirm(candidate(16, "naive.cpp"));
  const int64_t confirmed = confirm(candidate(64), 0.4);
  auto later = [&](Outcome outcome) {
    const Evaluation failure = example::failure(candidate(64), outcome, "rule", 5);
    ASSERT_TRUE(store_->record(campaign_, 5, candidate(64), failure, "kbench eval"));
  };
  later(Outcome::internal_error);  // the machine's fault, not the kernel's
  EXPECT_EQ(rows().size(), 2u);
  later(Outcome::wrong_result);
  ASSERT_EQ(rows().size(), 1u);
  EXPECT_TRUE(rows()[0].is_anchor);
  EXPECT_TRUE(store_->evaluation(confirmed).value());  // what was believed stays known
}

TEST_F(LeaderboardTest, LeavesOutConfirmationsThatFailed) {
  confirm(candidate(16, "naive.cpp"));
  Confirmation wrong = example::confirmation(candidate(64), 0.4);
  wrong.evaluation.outcome = Outcome::wrong_result;
  wrong.evaluation.evidence = Evidence::screened;
  confirm(candidate(64), wrong);
  EXPECT_EQ(rows().size(), 1u);
}

TEST_F(LeaderboardTest, DoesNotMixAnchorsProblemsOrDevices) {
  confirm(candidate(16, "naive.cpp"));
  confirm(candidate(64), 0.5);
  Confirmation elsewhere = example::confirmation(candidate(64), 0.1);
  elsewhere.evaluation.device_model = "Another CPU";
  confirm(candidate(64), elsewhere);
  Confirmation larger = example::confirmation(candidate(64), 0.2);
  larger.evaluation.problem = example::problem(8192);
  confirm(candidate(64), larger);
  campaign_ = example::begin(*store_);
  confirm(candidate(16, "other.cpp"));
  confirm(candidate(64), 0.3);

  int first = 0;
  for (const LeaderboardRow& row : rows()) first += row.rank == 1 ? 1 : 0;
  EXPECT_EQ(first, 4) << "two anchors, two problems, two devices: four rankings";
}

TEST_F(LeaderboardTest, ShowsTheBestOfOneTask) {
  confirm(candidate(16, "naive.cpp"));
  for (int block = 1; block <= 5; ++block) confirm(candidate(block), 1.0 / (block + 1));
  const auto board = rows("softmax", 2);
  ASSERT_EQ(board.size(), 2u);
  EXPECT_EQ(board[0].params, "BLOCK=5,FLAGS=-O3");
  EXPECT_TRUE(rows("gelu").empty());
}

}  // namespace
}  // namespace kbench
