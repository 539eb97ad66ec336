#include <gtest/gtest.h>

#include "harness/launch_limits.hpp"

#if __has_include(<cuda_occupancy.h>)
#include <cuda_occupancy.h>
#endif

namespace kbench {
namespace {

TEST(Occupancy, SaysWhatBoundsIt) {
  const auto sm_90 = residency_of("sm_90a");
  ASSERT_TRUE(sm_90);
  const auto bound = [&](const LaunchDemand& wanted) {
    return std::string(occupancy_of(*sm_90, wanted).bound_by);
  };
  EXPECT_EQ(bound({.threads = 256, .registers = 32}), "threads");
  EXPECT_EQ(bound({.threads = 32, .registers = 32}), "blocks");
  EXPECT_EQ(bound({.threads = 256, .registers = 128}), "registers");
  EXPECT_EQ(bound({.threads = 128, .shared_bytes = 100 << 10, .registers = 32}), "shared memory");
  EXPECT_DOUBLE_EQ(occupancy_of(*sm_90, {.threads = 256, .registers = 128}).share, 0.25);
  EXPECT_FALSE(residency_of("gfx90a"));
}

#if __has_include(<cuda_occupancy.h>)
// NVIDIA's own calculator, which comes with the toolkit, says the same of every target.
TEST(Occupancy, IsThatOfTheToolkitsCalculator) {
  for (const std::string& target : gpu_targets("cuda")) {
    const auto most = residency_of(target);
    ASSERT_TRUE(most) << target;
    const int version = std::stoi(target.substr(3));
    cudaOccDeviceProp device;
    device.computeMajor = version / 10;
    device.computeMinor = version % 10;
    device.maxThreadsPerBlock = 1024;
    device.maxThreadsPerMultiprocessor = static_cast<int>(most->threads);
    device.regsPerBlock = device.regsPerMultiprocessor = 65536;
    device.warpSize = 32;
    device.sharedMemPerBlock = 48 << 10;
    device.sharedMemPerMultiprocessor = static_cast<size_t>(most->shared_bytes);
    device.numSms = 1;
    device.sharedMemPerBlockOptin = static_cast<size_t>(most->shared_bytes - most->reserved_bytes);
    device.reservedSharedMemPerBlock = static_cast<size_t>(most->reserved_bytes);
    for (const int threads : {32, 96, 128, 250, 512, 1024}) {
      for (const int registers : {16, 33, 64, 100}) {
        if (registers * threads > 65536) continue;
        for (const int shared : {0, 1000, 20 << 10, 60 << 10}) {
          cudaOccFuncAttributes function;
          function.maxThreadsPerBlock = 1024;
          function.numRegs = registers;
          function.shmemLimitConfig = FUNC_SHMEM_LIMIT_OPTIN;
          function.maxDynamicSharedSizeBytes = static_cast<size_t>(shared);
          cudaOccDeviceState state;
          state.carveoutConfig = 100;
          cudaOccResult result;
          ASSERT_EQ(cudaOccMaxActiveBlocksPerMultiprocessor(&result, &device, &function, &state,
                                                            threads, static_cast<size_t>(shared)),
                    CUDA_OCC_SUCCESS);
          const Occupancy own = occupancy_of(
              *most, {.threads = threads, .shared_bytes = shared, .registers = registers});
          EXPECT_EQ(own.blocks, result.activeBlocksPerMultiprocessor)
              << target << ", threads " << threads << ", registers " << registers << ", shared "
              << shared;
        }
      }
    }
  }
}
#endif

}  // namespace
}  // namespace kbench
