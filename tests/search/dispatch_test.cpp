#include "search/dispatch.hpp"

#include <gmock/gmock.h>

#include <limits>

namespace kbench {
namespace {

using testing::ElementsAre;

constexpr double kFails = std::numeric_limits<double>::infinity();

// Two specialists, and one kernel that is second everywhere.
const std::vector<std::vector<double>> kTimes = {{10, 10, 40}, {40, 40, 10}, {11, 11, 12}};

TEST(Dispatch, OneKernelIsTheOneThatLosesLeastOverAll) {
  const auto found = dispatches(kTimes);
  EXPECT_THAT(found[0].kernels, ElementsAre(2));
  EXPECT_THAT(found[0].of_problem, ElementsAre(2, 2, 2));
  EXPECT_NEAR(found[0].mean_loss, 0.1323, 1e-3);
  EXPECT_NEAR(found[0].worst_loss, 0.2, 1e-12);
}

TEST(Dispatch, MoreKernelsLoseLessUntilNothingIsLost) {
  const auto found = dispatches(kTimes);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_LT(found[1].mean_loss, found[0].mean_loss);
  EXPECT_THAT(found[2].of_problem, ElementsAre(0, 0, 1));
  EXPECT_EQ(found[2].worst_loss, 0);
}

TEST(Dispatch, AKernelThatDoesNotRunEverywhereNeedsAnother) {
  const auto found = dispatches({{10, kFails}, {20, 20}});
  EXPECT_THAT(found[0].kernels, ElementsAre(1));
  EXPECT_THAT(found[1].of_problem, ElementsAre(0, 1));
}

TEST(Dispatch, TheSmallestThatLosesLittleEnoughIsChosen) {
  const auto found = dispatches(kTimes);
  EXPECT_EQ(within(found, 0.2).kernels.size(), 1u);
  EXPECT_EQ(within(found, 0.1).kernels.size(), 2u);
  EXPECT_EQ(within(found, 0).kernels.size(), 3u);
}

}  // namespace
}  // namespace kbench
