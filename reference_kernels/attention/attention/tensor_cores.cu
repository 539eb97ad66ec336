// Attention on tensor cores: each warp has 16 queries, whose scores against a tile of keys stay in
// registers and become the left factor of the product with the values (Dao, arXiv:2307.08691). The
// next tile is copied while one is used. Heads are padded to a multiple of 16 with zeros.
//
// kbench: task     attention
// kbench: language cuda
// kbench: dtype    f16 bf16
// kbench: param    WARPS 2 *4 8
// kbench: param    KEYS  16 *32 64
// kbench: define   HEAD = d
// kbench: require  8 * KEYS * ((d + 15) / 16 * 16 + 8) <= SMEM_MAX
// kbench: launch   attend<WARPS, KEYS><<<(ceil_div(seq, 16 * WARPS), batch * heads), 32 * WARPS, 8 * KEYS * ((d + 15) / 16 * 16 + 8)>>>(q, k, v, o, seq)
#include <kbench.h>

#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
#error "asynchronous copies and these tensor-core instructions need sm_80 or later"
#endif

constexpr int kVector = 8;  // elements that one copy moves
constexpr int kWidth = (HEAD + 15) / 16 * 16, kStride = kWidth + 8;  // of a row in shared memory

__device__ __forceinline__ unsigned shared_address(const void* pointer) {
  return static_cast<unsigned>(__cvta_generic_to_shared(pointer));
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

struct alignas(4) Pair {
  q_t low, high;
};
__device__ __forceinline__ unsigned packed(q_t low, q_t high) {
  const Pair pair = {low, high};
  return *reinterpret_cast<const unsigned*>(&pair);
}

// Rows `first` to `first + count - 1` of a head, zero behind its last row and column.
__device__ void load_rows(q_t* tile, const q_t* __restrict__ head, int first, int count, int seq) {
  constexpr int kAcross = kWidth / kVector;
  for (int i = threadIdx.x; i < count * kAcross; i += blockDim.x) {
    const int y = i / kAcross, x = i % kAcross * kVector, row = first + y;
    q_t* to = tile + y * kStride + x;
    const q_t* from = head + int64_t(row) * HEAD + x;
    if (HEAD % kVector == 0) {
      const bool inside = row < seq && x < HEAD;
      asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;\n" ::"r"(shared_address(to)),
                   "l"(inside ? from : head), "r"(inside ? 16 : 0));
    } else {
      for (int j = 0; j < kVector; ++j) {
        to[j] = row < seq && x + j < HEAD ? from[j] : q_t(0.0f);
      }
    }
  }
}

template <int warps, int keys>
__global__ void __launch_bounds__(32 * warps)
    attend(const q_t* __restrict__ q, const k_t* __restrict__ k, const v_t* __restrict__ v,
           o_t* __restrict__ o, int seq) {
  constexpr int kTile = keys * kStride, kSteps = kWidth / 16;
  extern __shared__ __align__(16) unsigned char memory[];
  q_t* tiles = reinterpret_cast<q_t*>(memory);  // keys and values, twice
  const int64_t head = int64_t(blockIdx.y) * seq * HEAD;
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const int first = blockIdx.x * 16 * warps, last = min(seq, first + 16 * warps);
  const int query = first + 16 * warp + lane / 4;  // and 8 below it
  const float scale = 1.0f / sqrtf(float(HEAD));

  auto load = [&](int tile) {
    if (tile < last) {
      q_t* to = tiles + tile / keys % 2 * 2 * kTile;
      load_rows(to, k + head, tile, keys, seq);
      load_rows(to + kTile, v + head, tile, keys, seq);
    }
    asm volatile("cp.async.commit_group;\n" ::);
  };
  load(0);

  unsigned queries[kSteps][4];
  for (int step = 0; step < kSteps; ++step) {
    for (int part = 0; part < 4; ++part) {
      const int row = query + part % 2 * 8, column = 16 * step + part / 2 * 8 + lane % 4 * 2;
      const q_t* from = q + head + int64_t(row) * HEAD + column;
      queries[step][part] = packed(row < seq && column < HEAD ? from[0] : q_t(0.0f),
                                   row < seq && column + 1 < HEAD ? from[1] : q_t(0.0f));
    }
  }

  float mixed[2 * kSteps][4] = {}, largest[2] = {-INFINITY, -INFINITY}, sum[2] = {0, 0};
  for (int tile = 0; tile < last; tile += keys) {
    load(tile + keys);
    asm volatile("cp.async.wait_group 1;\n" ::);
    __syncthreads();
    const q_t* key_tile = tiles + tile / keys % 2 * 2 * kTile;
    const q_t* value_tile = key_tile + kTile;

    float scores[keys / 8][4] = {};
    for (int j = 0; j < keys / 8; ++j) {
      for (int step = 0; step < kSteps; ++step) {
        unsigned part[2];
        const q_t* from =
            key_tile + (8 * j + lane % 8) * kStride + 16 * step + lane / 8 % 2 * 8;
        asm volatile("ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%0,%1}, [%2];\n"
                     : "=r"(part[0]), "=r"(part[1])
                     : "r"(shared_address(from)));
        mma(scores[j], queries[step], part, q_t());
      }
    }

    // Two rows a lane; the four lanes of a row hold its columns.
    for (int half = 0; half < 2; ++half) {
      const int row = query + 8 * half;
      float before = largest[half];
      for (int j = 0; j < keys / 8; ++j) {
        for (int i = 2 * half; i < 2 * half + 2; ++i) {
          const int key = tile + 8 * j + lane % 4 * 2 + i % 2;
          scores[j][i] = key <= row && key < seq ? scores[j][i] * scale : -INFINITY;
          largest[half] = fmaxf(largest[half], scores[j][i]);
        }
      }
      for (int step = 1; step < 4; step *= 2) {
        largest[half] = fmaxf(largest[half], __shfl_xor_sync(~0u, largest[half], step));
      }
      const float fade = expf(before - largest[half]);
      float here = 0;
      for (int j = 0; j < keys / 8; ++j) {
        for (int i = 2 * half; i < 2 * half + 2; ++i) {
          scores[j][i] = expf(scores[j][i] - largest[half]);
          here += scores[j][i];
        }
      }
      sum[half] = sum[half] * fade + here;
      for (int n = 0; n < 2 * kSteps; ++n) {
        mixed[n][2 * half] *= fade;
        mixed[n][2 * half + 1] *= fade;
      }
    }

    for (int j = 0; j < keys / 16; ++j) {
      const float(&left)[4] = scores[2 * j], (&right)[4] = scores[2 * j + 1];
      const unsigned shares[4] = {
          packed(q_t(left[0]), q_t(left[1])), packed(q_t(left[2]), q_t(left[3])),
          packed(q_t(right[0]), q_t(right[1])), packed(q_t(right[2]), q_t(right[3]))};
      for (int n = 0; n < 2 * kSteps; ++n) {
        unsigned part[2];
        const q_t* from = value_tile + (16 * j + lane % 16) * kStride + 8 * n;
        asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0,%1}, [%2];\n"
                     : "=r"(part[0]), "=r"(part[1])
                     : "r"(shared_address(from)));
        mma(mixed[n], shares, part, q_t());
      }
    }
    __syncthreads();  // before the tile after the next one takes this one's place
  }

  for (int half = 0; half < 2; ++half) {
    for (int step = 1; step < 4; step *= 2) {
      sum[half] += __shfl_xor_sync(~0u, sum[half], step);
    }
    const int row = query + 8 * half;
    for (int n = 0; n < 2 * kSteps; ++n) {
      for (int i = 0; i < 2; ++i) {
        const int column = 8 * n + lane % 4 * 2 + i;
        if (row < seq && column < HEAD) {
          o[head + int64_t(row) * HEAD + column] = o_t(mixed[n][2 * half + i] / sum[half]);
        }
      }
    }
  }
}
