#include "search/cost_model.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "recorded_example.hpp"

namespace kbench {
namespace {

using testing::HasSubstr;

// 400 configurations whose log time is smooth in both params; every tenth fails.
RecordedSpace smooth() {
  std::string csv = "X,Y,status,time_ms,compile_ms,verify_ms,bench_ms,framework_ms\n";
  for (int x = 0; x < 20; ++x) {
    for (int y = 0; y < 20; ++y) {
      csv += (x + y) % 10 == 9
                 ? fmt::format("{},{},compile,,10,0,0,0\n", x, y)
                 : fmt::format("{},{},ok,{},10,0,0,0\n", x, y, std::exp(0.1 * x - 0.05 * y));
    }
  }
  return parse_recorded_space(csv, "smooth.csv").value();
}

TEST(CostModel, ForetellsWhatItHasNotSeenFromAPart) {
  const auto score = score_predictions(smooth(), 0.25, 1);
  ASSERT_TRUE(score) << score.error().text();
  EXPECT_EQ(score->trained, 90);
  EXPECT_EQ(score->held_out, 270) << "failures are neither learned from nor foretold";
  EXPECT_GT(score->r2, 0.8);
  EXPECT_LT(score->median_error, 0.2);
  EXPECT_GE(score->best_in_top, 1);
}

TEST(CostModel, ExplainsNothingWhereTimesAreNoise) {
  std::mt19937_64 random(1);
  std::vector<double> times(400);
  for (double& time : times) time = 1 + std::ldexp(static_cast<double>(random()), -64);
  EXPECT_LT(score_predictions(recorded_line(times), 0.1, 1)->r2, 0.2);
}

TEST(CostModel, TooFewRowsAreAnError) {
  const auto score = score_predictions(recorded_line({1, 2, 3}), 0.1, 1);
  ASSERT_FALSE(score);
  EXPECT_THAT(score.error().text(), HasSubstr("too few configurations that ran"));
}

}  // namespace
}  // namespace kbench
