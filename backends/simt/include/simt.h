// The words of CUDA and HIP, and the runtime that runs blocks of threads as fibers
// (backends/simt/runtime.cpp).
#ifndef KBENCH_SIMT_H
#define KBENCH_SIMT_H

#include <algorithm>
#include <cfenv>
#include <cfloat>
#include <climits>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <limits>
#include <math.h>
#include <type_traits>
#include <utility>

// What kernels choose their code by: tensor cores and asynchronous copies are there.
#define __CUDA_ARCH__ 800
#define __global__
#define __device__
#define __host__
#define __managed__
#define __grid_constant__
#define __constant__
// All static shared variables of an image lie side by side (shared.ld), so that the runtime knows
// and poisons them. A section a line: those of templates may not share one with others.
#define KBENCH_TEXT_OF(line) #line
#define KBENCH_TEXT(line) KBENCH_TEXT_OF(line)
#define __shared__ static __attribute__((section(".bss.kbench_shared." KBENCH_TEXT(__LINE__))))
#define __launch_bounds__(...)
#define __cluster_dims__(...)
#define __align__(bytes) __attribute__((aligned(bytes)))
#define __forceinline__ inline
#define __noinline__ __attribute__((noinline))
#define __block_size__(...)
#define __maxnreg__(...)
#define __nv_pure__
#define __builtin_assume(condition) static_cast<void>(0)
#define __assume(condition) static_cast<void>(0)
#undef assert
#define assert(condition) \
  ((condition) ? void() : kbench_simt::failed_assertion(#condition, __builtin_LINE()))

struct uint3 {
  unsigned x, y, z;
};
struct dim3 {
  unsigned x = 1, y = 1, z = 1;
  constexpr dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
  constexpr dim3(uint3 all) : x(all.x), y(all.y), z(all.z) {}
  constexpr operator uint3() const { return {x, y, z}; }
};

// Constant as each fiber sees them: the runtime renews them whenever it switches.
#define KBENCH_HIDDEN __attribute__((visibility("hidden")))
extern const uint3 threadIdx KBENCH_HIDDEN, blockIdx KBENCH_HIDDEN;
extern const dim3 blockDim KBENCH_HIDDEN, gridDim KBENCH_HIDDEN;
constexpr int warpSize = 32;

namespace kbench_simt {

// Where dynamic shared memory begins; `extern __shared__` declarations become pointers to it.
extern unsigned char dynamic_shared[] KBENCH_HIDDEN;

// What the lanes of a warp do together; lanes that meet must do the same. Of the last two nobody
// asks what the others gave.
enum class WarpOperation : int { shuffle, vote, match, reduce, active, synchronise, matrix };
// An atomic operation: of which threads it is one, and whether it compares before it writes.
enum class AtomicKind : int { device, block, compare, compare_block, load };

[[noreturn]] KBENCH_HIDDEN void failed_assertion(const char* condition, int line);
KBENCH_HIDDEN void barrier(int line);
// The number of threads of the block whose `predicate` is true.
KBENCH_HIDDEN int barrier_count(bool predicate, int line);
KBENCH_HIDDEN void grid_barrier(int line);
// bar.sync of a part of the block.
KBENCH_HIDDEN void named_barrier(int number, int threads, int line);
KBENCH_HIDDEN void fence();
// Waits for all lanes of `mask`; what each of them gave, by lane. Valid until the next exchange.
KBENCH_HIDDEN const uint64_t* exchange(unsigned mask, WarpOperation operation, uint64_t value,
                                       int line);
// Waits for all 32 lanes; then one of them does their common work, given what each brought.
KBENCH_HIDDEN void meet(void* mine, void (*together)(void* const* lanes), int line);
KBENCH_HIDDEN unsigned lane();
// A shuffle takes the value of a lane that takes no part in it: undefined, but often not used.
KBENCH_HIDDEN void lane_missing(int from, unsigned mask, int line);
// Those of the warp operation that the thread was in last.
KBENCH_HIDDEN unsigned lanes_that_came();
// The lanes of the warp that are at this line when nobody else of it can go on.
KBENCH_HIDDEN unsigned active_lanes(int line);
// Before an atomic operation: checks the access, and lets others run now and then, so that a lock's
// holder is heard.
KBENCH_HIDDEN void atomic_access(const volatile void* address, int bytes, AtomicKind kind,
                                 const void* from);
// Whether it lies in shared memory.
KBENCH_HIDDEN bool is_shared(const void* pointer);
KBENCH_HIDDEN void touch(const void* address, size_t bytes, bool write);
KBENCH_HIDDEN void let_others_run();
// A clock that goes on whenever it is read.
KBENCH_HIDDEN long long ticks();
// A barrier that threads may arrive at before they wait: `arrived` of `expected` have, in turn
// `phase`. The last one opens it for those who wait for that phase.
struct SplitBarrier {
  uint32_t expected, arrived, phase, next_expected;
};
KBENCH_HIDDEN uint32_t arrive(SplitBarrier* barrier, uint32_t count, bool drop);
KBENCH_HIDDEN void await(SplitBarrier* barrier, uint32_t phase, int line);

// Shared memory as PTX counts it.
KBENCH_HIDDEN uint32_t shared_address(const void* pointer);
KBENCH_HIDDEN unsigned char* shared_pointer(uint32_t address);
// Checks a row of ldmatrix; a tile of wmma, for which all lanes must name the same place.
KBENCH_HIDDEN void read_16_bytes(const void* address);
KBENCH_HIDDEN void check_tile(const void* tile, size_t stride_bytes, int line);
// Copies that are done when they are waited for: `source_bytes` of `bytes`, the rest is zero. A
// thread's copies since its last commit form a group.
KBENCH_HIDDEN void copy_async(void* to, const void* from, int bytes, int source_bytes);
KBENCH_HIDDEN void commit_copies();
KBENCH_HIDDEN void wait_for_copies(int groups_left);
KBENCH_HIDDEN void wait_for_all_copies();

// An argument whose type has been looked at already.
struct Pointer {
  void* address;
  template <class T>
  operator T*() const {
    return static_cast<T*>(address);
  }
};

struct Shape {
  const int64_t *grid, *block;  // three extents each
  int64_t shared_bytes, cooperative;
};
// Runs body(context) once for every thread of the grid.
KBENCH_HIDDEN void run_grid(const Shape& shape, void (*body)(void*), void* context);

template <class Body>
void launch(const int64_t* shape, Body body) {
  run_grid(
      {shape, shape + 3, shape[6], shape[7]}, [](void* it) { (*static_cast<Body*>(it))(); }, &body);
}

template <class To, class From>
inline To bits_as(From from) {
  To to{};
  std::memcpy(&to, &from, sizeof from < sizeof to ? sizeof from : sizeof to);
  return to;
}

}  // namespace kbench_simt

#endif
