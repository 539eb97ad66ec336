// Convolution as the product of the filters and the unfolded image, on tensor cores: the image is
// unfolded a tile at a time, in shared memory, while the tile before is multiplied. Four warps
// share a tile of TILE_F filters and TILE_P pixels, two by two.
//
// kbench: task     conv2d
// kbench: language cuda
// kbench: dtype    f16 bf16
// kbench: param    TILE_F 32 *64 128
// kbench: param    TILE_P *64 128
// kbench: param    TILE_K *16 32 64
// kbench: require  4 * (TILE_F * (TILE_K + 8) + TILE_K * (TILE_P + 8)) <= SMEM_MAX
// kbench: launch   convolve<TILE_F, TILE_P, TILE_K><<<(ceil_div(((height + 2 * padding - kernel) / stride + 1) * ((width + 2 * padding - kernel) / stride + 1), TILE_P), ceil_div(filters, TILE_F), batch), 128, 4 * (TILE_F * (TILE_K + 8) + TILE_K * (TILE_P + 8))>>>(x, weight, y, channels, height, width, filters, kernel, stride, padding)
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

// A tile of the filters, each a row of `taps` weights; zero beyond the last filter and weight.
template <int height, int width>
__device__ void load_filters(x_t* tile, const x_t* __restrict__ weight, int first_filter,
                             int first_tap, int filters, int taps) {
  constexpr int kAcross = width / kVector, kStride = width + kPadding;
  for (int i = threadIdx.x; i < height * kAcross; i += kThreads) {
    const int y = i / kAcross, x = i % kAcross * kVector;
    const int filter = first_filter + y, tap = first_tap + x;
    x_t* to = tile + y * kStride + x;
    const x_t* from = weight + int64_t(filter) * taps + tap;
    if (taps % kVector == 0) {
      const bool inside = filter < filters && tap < taps;
      asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;\n" ::"r"(shared_address(to)),
                   "l"(inside ? from : weight), "r"(inside ? 16 : 0));
    } else {
      for (int j = 0; j < kVector; ++j) {
        to[j] = filter < filters && tap + j < taps ? from[j] : x_t(0.0f);
      }
    }
  }
}

struct Image {
  const x_t* pixels;
  int height, width, kernel, stride, padding, taps, cols, outputs;
};

// Row t of the tile: what the filters' tap `first_tap` + t meets at each of the output pixels.
template <int depth, int across>
__device__ void unfold(x_t* tile, const Image& image, int first_tap, int first_pixel) {
  for (int i = threadIdx.x; i < depth * across; i += kThreads) {
    const int tap = first_tap + i / across, pixel = first_pixel + i % across;
    const int area = image.kernel * image.kernel;
    const int row = pixel / image.cols * image.stride - image.padding + tap % area / image.kernel;
    const int column = pixel % image.cols * image.stride - image.padding + tap % image.kernel;
    const bool inside = tap < image.taps && pixel < image.outputs && row >= 0 &&
                        row < image.height && column >= 0 && column < image.width;
    const int64_t at = (int64_t(tap / area) * image.height + row) * image.width + column;
    tile[i / across * (across + kPadding) + i % across] = inside ? image.pixels[at] : x_t(0.0f);
  }
}

template <int tile_f, int tile_p, int tile_k>
__global__ void __launch_bounds__(128)
    convolve(const x_t* __restrict__ x, const weight_t* __restrict__ weight, y_t* __restrict__ y,
             int channels, int height, int width, int filters, int kernel, int stride,
             int padding) {
  constexpr int kStrideF = tile_k + kPadding, kStrideP = tile_p + kPadding;
  constexpr int kFilters = tile_f * kStrideF, kBoth = kFilters + tile_k * kStrideP;
  constexpr int kDown = tile_f / 32, kAcross = tile_p / 16;
  extern __shared__ __align__(16) unsigned char memory[];
  x_t* tiles = reinterpret_cast<x_t*>(memory);  // filters and pixels, twice
  const int rows = (height + 2 * padding - kernel) / stride + 1;
  const int cols = (width + 2 * padding - kernel) / stride + 1;
  const int taps = channels * kernel * kernel, steps = (taps + tile_k - 1) / tile_k;
  const Image image = {x + int64_t(blockIdx.z) * channels * height * width,
                       height, width, kernel, stride, padding, taps, cols, rows * cols};
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const int first_pixel = blockIdx.x * tile_p, first_filter = blockIdx.y * tile_f;
  const int warp_filter = warp / 2 * (tile_f / 2), warp_pixel = warp % 2 * (tile_p / 2);

  auto load = [&](int step) {
    if (step < steps) {
      x_t* to = tiles + step % 2 * kBoth;
      load_filters<tile_f, tile_k>(to, weight, first_filter, step * tile_k, filters, taps);
      unfold<tile_k, tile_p>(to + kFilters, image, step * tile_k, first_pixel);
    }
    asm volatile("cp.async.commit_group;\n" ::);
  };
  load(0);

  float sums[kDown][kAcross][4] = {};
  for (int step = 0; step < steps; ++step) {
    asm volatile("cp.async.wait_group 0;\n" ::);
    __syncthreads();
    load(step + 1);  // into what was multiplied before the barrier
    const x_t* filter_tile = tiles + step % 2 * kBoth;
    const x_t* pixel_tile = filter_tile + kFilters;
    for (int first = 0; first < tile_k; first += 16) {
      unsigned left[kDown][4];
      for (int i = 0; i < kDown; ++i) {
        const x_t* from =
            filter_tile + (warp_filter + 16 * i + lane % 16) * kStrideF + first + lane / 16 * 8;
        asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];\n"
                     : "=r"(left[i][0]), "=r"(left[i][1]), "=r"(left[i][2]), "=r"(left[i][3])
                     : "r"(shared_address(from)));
      }
      for (int j = 0; j < kAcross; ++j) {
        unsigned right[2];
        const x_t* from = pixel_tile + (first + lane % 16) * kStrideP + warp_pixel + 8 * j;
        asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0,%1}, [%2];\n"
                     : "=r"(right[0]), "=r"(right[1])
                     : "r"(shared_address(from)));
        for (int i = 0; i < kDown; ++i) mma(sums[i][j], left[i], right, x_t());
      }
    }
  }

  for (int i = 0; i < kDown; ++i) {
    for (int j = 0; j < kAcross; ++j) {
      for (int part = 0; part < 4; ++part) {
        const int filter = first_filter + warp_filter + 16 * i + lane / 4 + part / 2 * 8;
        const int pixel = first_pixel + warp_pixel + 8 * j + lane % 4 * 2 + part % 2;
        if (filter < filters && pixel < rows * cols) {
          y[(int64_t(blockIdx.z) * filters + filter) * rows * cols + pixel] =
              y_t(sums[i][j][part]);
        }
      }
    }
  }
}
