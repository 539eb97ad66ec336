#include "harness/energy.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace kbench {
namespace {

// A powercap tree as the kernel lays it out.
class EnergyTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "kbench_powercap_XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void zone(const std::string& zone, const std::string& name, int64_t uj) const {
    const std::string path = folder_ + "/" + zone;
    std::filesystem::create_directories(path);
    std::ofstream(path + "/name") << name << "\n";
    std::ofstream(path + "/max_energy_range_uj") << 262'143'328'850 << "\n";
    std::ofstream(path + "/energy_uj") << uj << "\n";
  }
  std::string folder_;
};

TEST_F(EnergyTest, PackagesAreAddedUpAndTheirPartsNotCountedTwice) {
  zone("intel-rapl:0", "package-0", 1'000'000);
  zone("intel-rapl:0:0", "core", 500'000);
  zone("intel-rapl:1", "package-1", 7);
  zone("intel-rapl:2", "psys", 9'000'000);
  auto counter = EnergyCounter::open(folder_);
  ASSERT_TRUE(counter);
  EXPECT_EQ(counter->joules(), 0);
  zone("intel-rapl:0", "package-0", 3'500'000);
  zone("intel-rapl:0:0", "core", 2'000'000);
  zone("intel-rapl:1", "package-1", 250'007);
  EXPECT_DOUBLE_EQ(counter->joules(), 2.75);
  EXPECT_DOUBLE_EQ(counter->joules(), 2.75) << "nothing was used since";
}

TEST_F(EnergyTest, ACounterThatWrapsGoesOn) {
  zone("intel-rapl:0", "package-0", 262'143'000'000);
  auto counter = EnergyCounter::open(folder_);
  zone("intel-rapl:0", "package-0", 671'150);
  EXPECT_DOUBLE_EQ(counter->joules(), 1.0);
}

TEST_F(EnergyTest, AMachineWithoutACounterOrThatHidesItHasNone) {
  EXPECT_FALSE(EnergyCounter::open(folder_ + "/absent"));
  EXPECT_FALSE(EnergyCounter::open(folder_));
  zone("intel-rapl:0", "package-0", 1);
  zone("intel-rapl:1", "package-1", 1);
  std::filesystem::remove(folder_ + "/intel-rapl:1/energy_uj");
  EXPECT_FALSE(EnergyCounter::open(folder_)) << "one of two packages";
}

}  // namespace
}  // namespace kbench
