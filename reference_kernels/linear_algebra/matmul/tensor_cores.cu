// Matrix product on tensor cores: tiles of a and b are copied into shared memory while those before
// them are multiplied, STAGES - 1 tiles ahead. Four warps share a tile of the result, two by two.
// Rows that do not begin at multiples of 16 bytes are copied element by element.
//
// kbench: task     matmul
// kbench: language cuda
// kbench: dtype    f16 bf16
// kbench: param    TILE_M *64 128 256
// kbench: param    TILE_N *64 128 256
// kbench: param    TILE_K 16 *32 64
// kbench: param    STAGES 2 *3 4
// kbench: require  TILE_M * TILE_N <= 32768
// kbench: require  STAGES * 2 * (TILE_M * (TILE_K + 8) + TILE_K * (TILE_N + 8)) <= SMEM_MAX
// kbench: launch   multiply<TILE_M, TILE_N, TILE_K, STAGES><<<(ceil_div(n, TILE_N), ceil_div(m, TILE_M)), 128, STAGES * 2 * (TILE_M * (TILE_K + 8) + TILE_K * (TILE_N + 8))>>>(a, b, c, m, n, k)
#include <kbench.h>

#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
#error "asynchronous copies and these tensor-core instructions need sm_80 or later"
#endif

constexpr int kVector = 8;   // elements that one copy moves
constexpr int kPadding = 8;  // of each row in shared memory, so that rows fall on different banks
constexpr int kThreads = 128;

__device__ __forceinline__ unsigned shared_address(const void* pointer) {
  return static_cast<unsigned>(__cvta_generic_to_shared(pointer));
}

// 16 bytes, or zeros where `bytes` is 0.
__device__ __forceinline__ void copy_16_bytes(void* to, const void* from, int bytes) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;\n" ::"r"(shared_address(to)),
               "l"(from), "r"(bytes));
}

__device__ __forceinline__ void mma(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2],
                                    f16) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 "
      "{%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};\n"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
__device__ __forceinline__ void mma(float (&c)[4], const unsigned (&a)[4], const unsigned (&b)[2],
                                    bf16) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
      "{%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};\n"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

// A tile of `height` x `width` elements of a matrix of rows x columns, zero beyond its edges.
template <int height, int width, class T>
__device__ void load_tile(T* tile, const T* __restrict__ matrix, int first_row, int first_column,
                          int rows, int columns) {
  constexpr int kAcross = width / kVector, kStride = width + kPadding;
  const bool aligned = columns % kVector == 0;
  for (int i = threadIdx.x; i < height * kAcross; i += kThreads) {
    const int y = i / kAcross, x = i % kAcross * kVector;
    const int row = first_row + y, column = first_column + x;
    const T* from = matrix + int64_t(row) * columns + column;
    if (aligned) {
      const bool inside = row < rows && column < columns;
      copy_16_bytes(tile + y * kStride + x, inside ? from : matrix, inside ? 16 : 0);
    } else {
      for (int j = 0; j < kVector; ++j) {
        const bool inside = row < rows && column + j < columns;
        tile[y * kStride + x + j] = inside ? from[j] : T(0.0f);
      }
    }
  }
}

template <int tile_m, int tile_n, int tile_k, int stages>
__global__ void __launch_bounds__(128)
    multiply(const a_t* __restrict__ a, const b_t* __restrict__ b, c_t* __restrict__ c, int m,
             int n, int k) {
  constexpr int kStrideA = tile_k + kPadding, kStrideB = tile_n + kPadding;
  constexpr int kTileA = tile_m * kStrideA, kTileB = tile_k * kStrideB;
  constexpr int kWarpM = tile_m / 2, kWarpN = tile_n / 2, kDown = kWarpM / 16, kAcross = kWarpN / 8;
  extern __shared__ __align__(16) unsigned char memory[];
  a_t* tiles = reinterpret_cast<a_t*>(memory);
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const int first_row = blockIdx.y * tile_m, first_column = blockIdx.x * tile_n;
  const int warp_row = warp / 2 * kWarpM, warp_column = warp % 2 * kWarpN;
  const int steps = (k + tile_k - 1) / tile_k;

  auto load = [&](int step) {
    if (step < steps) {
      a_t* to = tiles + step % stages * (kTileA + kTileB);
      load_tile<tile_m, tile_k>(to, a, first_row, step * tile_k, m, k);
      load_tile<tile_k, tile_n>(to + kTileA, b, step * tile_k, first_column, k, n);
    }
    asm volatile("cp.async.commit_group;\n" ::);
  };
  for (int step = 0; step < stages - 1; ++step) load(step);

  float sums[kDown][kAcross][4] = {};
  for (int step = 0; step < steps; ++step) {
    asm volatile("cp.async.wait_group %0;\n" ::"n"(stages - 2));
    __syncthreads();
    load(step + stages - 1);  // into what was multiplied before the barrier
    const a_t* a_tile = tiles + step % stages * (kTileA + kTileB);
    const a_t* b_tile = a_tile + kTileA;
    for (int first = 0; first < tile_k; first += 16) {
      unsigned a_part[kDown][4];
      for (int i = 0; i < kDown; ++i) {
        const a_t* from =
            a_tile + (warp_row + 16 * i + lane % 16) * kStrideA + first + lane / 16 * 8;
        asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];\n"
                     : "=r"(a_part[i][0]), "=r"(a_part[i][1]), "=r"(a_part[i][2]),
                       "=r"(a_part[i][3])
                     : "r"(shared_address(from)));
      }
      for (int j = 0; j < kAcross; ++j) {
        unsigned b_part[2];
        const a_t* from = b_tile + (first + lane % 16) * kStrideB + warp_column + 8 * j;
        asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0,%1}, [%2];\n"
                     : "=r"(b_part[0]), "=r"(b_part[1])
                     : "r"(shared_address(from)));
        for (int i = 0; i < kDown; ++i) mma(sums[i][j], a_part[i], b_part, a_t());
      }
    }
  }

  for (int i = 0; i < kDown; ++i) {
    for (int j = 0; j < kAcross; ++j) {
      for (int part = 0; part < 4; ++part) {
        const int row = first_row + warp_row + 16 * i + lane / 4 + part / 2 * 8;
        const int column = first_column + warp_column + 8 * j + lane % 4 * 2 + part % 2;
        if (row < m && column < n) c[int64_t(row) * n + column] = c_t(sums[i][j][part]);
      }
    }
  }
}
