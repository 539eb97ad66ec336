#include "harness/disturbances.hpp"

#include <gtest/gtest.h>

namespace kbench {
namespace {

TEST(Disturbances, ASteadyCoreIsNotDoubted) {
  EXPECT_EQ(unsteadiness({}), "");
  EXPECT_EQ(unsteadiness(std::vector<double>{100, 101, 102, 100, 400}), "");  // one outlier
}

TEST(Disturbances, ACoreThatIsSlowerForAQuarterOfTheTimeIsNamed) {
  EXPECT_EQ(unsteadiness(std::vector<double>{100, 100, 100, 120, 120}),
            "the core is unsteady: a quarter of its runs of one loop take 20 % longer");
}

TEST(Disturbances, TicksOfOtherMachinesAndOfProgramsAreToldApart) {
  const CpuTicks ticks = parse_ticks("cpu  10 20 30 400 50 6 7 80 0 0");
  EXPECT_EQ(ticks.busy, 73);
  EXPECT_EQ(ticks.stolen, 80);
  EXPECT_EQ(ticks.all, 603);
}

}  // namespace
}  // namespace kbench
