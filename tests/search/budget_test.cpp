#include "search/budget.hpp"

#include <gtest/gtest.h>

namespace kbench {
namespace {

using std::chrono::seconds;

TEST(Budget, ReadsDurationsCountsAndBoth) {
  EXPECT_EQ(parse_budget("30s")->wall, seconds(30));
  EXPECT_EQ(parse_budget("2m")->wall, seconds(120));
  EXPECT_EQ(parse_budget("500evals")->evaluations, 500);
  const Budget both = *parse_budget("30s, 500evals");
  EXPECT_EQ(both.wall, seconds(30));
  EXPECT_EQ(both.evaluations, 500);
  EXPECT_EQ(parse_budget("stall=50")->stall, 50);
  EXPECT_DOUBLE_EQ(*parse_budget("roofline=90%")->roofline_share, 0.9);
}

TEST(Budget, ReadsItsOwnTextBack) {
  const Budget budget = *parse_budget("90s,500evals,stall=50,roofline=0.8");
  const Budget again = *parse_budget(budget.text());
  EXPECT_EQ(again.text(), budget.text());
  EXPECT_EQ(again.wall, seconds(90));
}

TEST(Budget, OfZeroIsAnErrorThatSaysSo) {
  for (const char* zero : {"0s", "0evals", "stall=0", "roofline=0%"}) {
    auto parsed = parse_budget(zero);
    ASSERT_FALSE(parsed) << zero;
    EXPECT_NE(parsed.error().what.find(zero), std::string::npos) << parsed.error().text();
  }
}

TEST(Budget, OfAnotherFormIsAnErrorThatShowsTheForms) {
  for (const char* bad : {"", "fast", "500", "-3evals", "30 parsecs", "roofline=150%"}) {
    auto parsed = parse_budget(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_EQ(parsed.error().kind, ErrorKind::bad_input);
  }
}

TEST(Budget, EndsAtTheFirstLimitReached) {
  const Budget budget = *parse_budget("30s,10evals");
  EXPECT_EQ(exhausted(budget, {.evaluations = 9, .wall = seconds(20)}, seconds(5)), "");
  EXPECT_EQ(exhausted(budget, {.evaluations = 10}, seconds(5)), "10 evaluations");
  EXPECT_EQ(exhausted(budget, {.evaluations = 9, .wall = seconds(25)}, seconds(5)), "30 s");
}

TEST(Budget, ProgressIsThatOfTheLimitNearestToItsEnd) {
  const Budget budget = *parse_budget("100s,10evals");
  EXPECT_DOUBLE_EQ(progress(budget, {.evaluations = 5, .wall = seconds(20)}), 0.5);
  EXPECT_DOUBLE_EQ(progress(budget, {.evaluations = 1, .wall = seconds(90)}), 0.9);
}

}  // namespace
}  // namespace kbench
