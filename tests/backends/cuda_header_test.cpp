#include <gtest/gtest.h>

#include <cstddef>

#include "backends/gpu_library.hpp"

#if __has_include(<cuda.h>)
#include <cuda.h>

namespace kbench {
namespace {

// What kbench declares of the driver's interface is what NVIDIA's own header says.
TEST(CudaHeader, ValuesAreThoseOfTheHeader) {
  EXPECT_EQ(gpu::kOutOfMemory, CUDA_ERROR_OUT_OF_MEMORY);
  EXPECT_EQ(gpu::kNotInitialised, CUDA_ERROR_NOT_INITIALIZED);
  EXPECT_EQ(gpu::kNoDevice, CUDA_ERROR_NO_DEVICE);
  EXPECT_EQ(gpu::kInvalidContext, CUDA_ERROR_INVALID_CONTEXT);
  EXPECT_EQ(gpu::kNotFound, CUDA_ERROR_NOT_FOUND);
  EXPECT_EQ(gpu::kNotReady, CUDA_ERROR_NOT_READY);
  EXPECT_EQ(gpu::kIllegalAddress, CUDA_ERROR_ILLEGAL_ADDRESS);
  EXPECT_EQ(gpu::kOutOfResources, CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES);
  EXPECT_EQ(gpu::kLaunchTimeout, CUDA_ERROR_LAUNCH_TIMEOUT);
  EXPECT_EQ(gpu::kAssert, CUDA_ERROR_ASSERT);
  EXPECT_EQ(gpu::kStackError, CUDA_ERROR_HARDWARE_STACK_ERROR);
  EXPECT_EQ(gpu::kLaunchFailed, CUDA_ERROR_LAUNCH_FAILED);
  EXPECT_EQ(gpu::kCooperativeTooLarge, CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE);
  EXPECT_EQ(gpu::kInvalidCluster, CUDA_ERROR_INVALID_CLUSTER_SIZE);
  EXPECT_EQ(gpu::threads_per_block + 0, CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK + 0);
  EXPECT_EQ(gpu::warp_size + 0, CU_DEVICE_ATTRIBUTE_WARP_SIZE + 0);
  EXPECT_EQ(gpu::clock_khz + 0, CU_DEVICE_ATTRIBUTE_CLOCK_RATE + 0);
  EXPECT_EQ(gpu::multiprocessors + 0, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT + 0);
  EXPECT_EQ(gpu::memory_clock_khz + 0, CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE + 0);
  EXPECT_EQ(gpu::memory_bus_bits + 0, CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH + 0);
  EXPECT_EQ(gpu::l2_bytes + 0, CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE + 0);
  EXPECT_EQ(gpu::capability_major + 0, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR + 0);
  EXPECT_EQ(gpu::capability_minor + 0, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR + 0);
  EXPECT_EQ(gpu::pageable_memory_access + 0, CU_DEVICE_ATTRIBUTE_PAGEABLE_MEMORY_ACCESS + 0);
  EXPECT_EQ(gpu::shared_per_block_at_most + 0,
            CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN + 0);
  EXPECT_EQ(gpu::dynamic_shared_bytes + 0, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES + 0);
  EXPECT_EQ(gpu::large_clusters_allowed + 0,
            CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED + 0);
  EXPECT_EQ(gpu::LaunchAttribute::cooperative + 0, CU_LAUNCH_ATTRIBUTE_COOPERATIVE + 0);
  EXPECT_EQ(gpu::LaunchAttribute::cluster + 0, CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION + 0);
  EXPECT_EQ(gpu::kNonBlockingStream, CU_STREAM_NON_BLOCKING + 0U);
  EXPECT_EQ(gpu::kHostMapped, CU_MEMHOSTALLOC_DEVICEMAP + 0U);
  EXPECT_EQ(gpu::kWaitUntilAtLeast, CU_STREAM_WAIT_VALUE_GEQ + 0U);
  EXPECT_EQ(gpu::kRelaxedCapture, CU_STREAM_CAPTURE_MODE_RELAXED + 0);
}

TEST(CudaHeader, StructuresLieInMemoryAsTheHeaderHasThem) {
  EXPECT_EQ(sizeof(gpu::LaunchConfig), sizeof(CUlaunchConfig));
  EXPECT_EQ(offsetof(gpu::LaunchConfig, block), offsetof(CUlaunchConfig, blockDimX));
  EXPECT_EQ(offsetof(gpu::LaunchConfig, shared_bytes), offsetof(CUlaunchConfig, sharedMemBytes));
  EXPECT_EQ(offsetof(gpu::LaunchConfig, stream), offsetof(CUlaunchConfig, hStream));
  EXPECT_EQ(offsetof(gpu::LaunchConfig, attributes), offsetof(CUlaunchConfig, attrs));
  EXPECT_EQ(offsetof(gpu::LaunchConfig, attribute_count), offsetof(CUlaunchConfig, numAttrs));
  EXPECT_EQ(sizeof(gpu::LaunchAttribute), sizeof(CUlaunchAttribute));
  EXPECT_EQ(offsetof(gpu::LaunchAttribute, extents), offsetof(CUlaunchAttribute, value));
  EXPECT_EQ(offsetof(CUlaunchAttributeValue, clusterDim), 0U);
  EXPECT_EQ(offsetof(CUlaunchAttributeValue, cooperative), 0U);
  EXPECT_EQ(sizeof(gpu::Address), sizeof(CUdeviceptr));
}

}  // namespace
}  // namespace kbench

#endif
