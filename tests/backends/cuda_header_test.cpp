#include <gtest/gtest.h>

#include <cstddef>

#include "backends/cuda_library.hpp"

#if __has_include(<cuda.h>)
#include <cuda.h>

namespace kbench {
namespace {

// What kbench declares of the driver's interface is what NVIDIA's own header says.
TEST(CudaHeader, ValuesAreThoseOfTheHeader) {
  EXPECT_EQ(cuda::kOutOfMemory, CUDA_ERROR_OUT_OF_MEMORY);
  EXPECT_EQ(cuda::kNotInitialised, CUDA_ERROR_NOT_INITIALIZED);
  EXPECT_EQ(cuda::kNoDevice, CUDA_ERROR_NO_DEVICE);
  EXPECT_EQ(cuda::kInvalidContext, CUDA_ERROR_INVALID_CONTEXT);
  EXPECT_EQ(cuda::kNotFound, CUDA_ERROR_NOT_FOUND);
  EXPECT_EQ(cuda::kNotReady, CUDA_ERROR_NOT_READY);
  EXPECT_EQ(cuda::kIllegalAddress, CUDA_ERROR_ILLEGAL_ADDRESS);
  EXPECT_EQ(cuda::kOutOfResources, CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES);
  EXPECT_EQ(cuda::kLaunchTimeout, CUDA_ERROR_LAUNCH_TIMEOUT);
  EXPECT_EQ(cuda::kAssert, CUDA_ERROR_ASSERT);
  EXPECT_EQ(cuda::kStackError, CUDA_ERROR_HARDWARE_STACK_ERROR);
  EXPECT_EQ(cuda::kLaunchFailed, CUDA_ERROR_LAUNCH_FAILED);
  EXPECT_EQ(cuda::kCooperativeTooLarge, CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE);
  EXPECT_EQ(cuda::kInvalidCluster, CUDA_ERROR_INVALID_CLUSTER_SIZE);
  EXPECT_EQ(cuda::threads_per_block + 0, CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK + 0);
  EXPECT_EQ(cuda::warp_size + 0, CU_DEVICE_ATTRIBUTE_WARP_SIZE + 0);
  EXPECT_EQ(cuda::clock_khz + 0, CU_DEVICE_ATTRIBUTE_CLOCK_RATE + 0);
  EXPECT_EQ(cuda::multiprocessors + 0, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT + 0);
  EXPECT_EQ(cuda::memory_clock_khz + 0, CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE + 0);
  EXPECT_EQ(cuda::memory_bus_bits + 0, CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH + 0);
  EXPECT_EQ(cuda::l2_bytes + 0, CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE + 0);
  EXPECT_EQ(cuda::capability_major + 0, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR + 0);
  EXPECT_EQ(cuda::capability_minor + 0, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR + 0);
  EXPECT_EQ(cuda::pageable_memory_access + 0, CU_DEVICE_ATTRIBUTE_PAGEABLE_MEMORY_ACCESS + 0);
  EXPECT_EQ(cuda::shared_per_block_at_most + 0,
            CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN + 0);
  EXPECT_EQ(cuda::dynamic_shared_bytes + 0, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES + 0);
  EXPECT_EQ(cuda::large_clusters_allowed + 0,
            CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED + 0);
  EXPECT_EQ(cuda::LaunchAttribute::cooperative + 0, CU_LAUNCH_ATTRIBUTE_COOPERATIVE + 0);
  EXPECT_EQ(cuda::LaunchAttribute::cluster + 0, CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION + 0);
  EXPECT_EQ(cuda::kNonBlockingStream, CU_STREAM_NON_BLOCKING + 0U);
  EXPECT_EQ(cuda::kHostMapped, CU_MEMHOSTALLOC_DEVICEMAP + 0U);
  EXPECT_EQ(cuda::kWaitUntilAtLeast, CU_STREAM_WAIT_VALUE_GEQ + 0U);
  EXPECT_EQ(cuda::kRelaxedCapture, CU_STREAM_CAPTURE_MODE_RELAXED + 0);
}

TEST(CudaHeader, StructuresLieInMemoryAsTheHeaderHasThem) {
  EXPECT_EQ(sizeof(cuda::LaunchConfig), sizeof(CUlaunchConfig));
  EXPECT_EQ(offsetof(cuda::LaunchConfig, block), offsetof(CUlaunchConfig, blockDimX));
  EXPECT_EQ(offsetof(cuda::LaunchConfig, shared_bytes), offsetof(CUlaunchConfig, sharedMemBytes));
  EXPECT_EQ(offsetof(cuda::LaunchConfig, stream), offsetof(CUlaunchConfig, hStream));
  EXPECT_EQ(offsetof(cuda::LaunchConfig, attributes), offsetof(CUlaunchConfig, attrs));
  EXPECT_EQ(offsetof(cuda::LaunchConfig, attribute_count), offsetof(CUlaunchConfig, numAttrs));
  EXPECT_EQ(sizeof(cuda::LaunchAttribute), sizeof(CUlaunchAttribute));
  EXPECT_EQ(offsetof(cuda::LaunchAttribute, extents), offsetof(CUlaunchAttribute, value));
  EXPECT_EQ(offsetof(CUlaunchAttributeValue, clusterDim), 0U);
  EXPECT_EQ(offsetof(CUlaunchAttributeValue, cooperative), 0U);
  EXPECT_EQ(sizeof(cuda::Address), sizeof(CUdeviceptr));
}

}  // namespace
}  // namespace kbench

#endif
