// Tensor cores and asynchronous copies: the PTX instructions that inline assembly is translated to
// (backends/simt_ptx.cpp), and the fragments of nvcuda::wmma. Where the elements of a fragment lie
// is said in the PTX ISA, "Matrix fragments for mma"; for wmma it is nobody's business.
#ifndef KBENCH_SIMT_TENSOR_H
#define KBENCH_SIMT_TENSOR_H

struct tf32 {  // 10 bits of mantissa, in a float
  float value;
};

namespace kbench_ptx {

#define KBENCH_INLINE __attribute__((always_inline)) inline
// What one lane does for all of its warp: nobody else runs meanwhile, and registers are no memory.
#define KBENCH_TOGETHER __attribute__((no_sanitize("thread", "bounds"), optimize("O3")))

template <class T>
inline uint32_t bits(T value) {
  static_assert(sizeof(T) == 4, "a register has 32 bits");
  return kbench_simt::bits_as<uint32_t>(value);
}

// Element `i` of a register.
template <class Element>
inline float element(uint32_t word, int i) {
  if constexpr (std::is_same_v<Element, tf32>) {
    return kbench_simt::bits_as<float>(word & 0xffffe000);
  } else {
    return kbench_simt::bits_as<Element>(static_cast<uint16_t>(word >> 16 * i));
  }
}

// What a lane brings to d = a * b + c, with 16 x 8 results, and takes from it.
template <int k, int each>
struct Operands {
  static constexpr int kA = k / each / 2, kB = k / each / 4;
  uint32_t a[kA], b[kB];
  float c[4], d[4];
};

// Products are exact and the sum is rounded once, which no accumulator does better.
template <class Element, int k, int each>
KBENCH_TOGETHER void multiply(void* const* lanes) {
  float a[16][k], b[k][8];
  for (int lane = 0; lane < 32; ++lane) {
    const auto& it = *static_cast<const Operands<k, each>*>(lanes[lane]);
    const int group = lane / 4, place = lane % 4;
    for (int r = 0; r < it.kA; ++r) {
      for (int i = 0; i < each; ++i) {
        a[group + 8 * (r % 2)][place * each + i + 4 * each * (r / 2)] =
            element<Element>(it.a[r], i);
      }
    }
    for (int r = 0; r < it.kB; ++r) {
      for (int i = 0; i < each; ++i) {
        b[place * each + i + 4 * each * r][group] = element<Element>(it.b[r], i);
      }
    }
  }
  double sums[16][8] = {};
  for (int row = 0; row < 16; ++row) {
    for (int p = 0; p < k; ++p) {
      for (int j = 0; j < 8; ++j) sums[row][j] += static_cast<double>(a[row][p]) * b[p][j];
    }
  }
  for (int lane = 0; lane < 32; ++lane) {
    auto& it = *static_cast<Operands<k, each>*>(lanes[lane]);
    for (int i = 0; i < 4; ++i) {
      it.d[i] = static_cast<float>(it.c[i] + sums[lane / 4 + 8 * (i / 2)][lane % 4 * 2 + i % 2]);
    }
  }
}

// mma.sync.aligned.m16n8k<k>.row.col.f32.<Element>.<Element>.f32
template <class Element, int k, class... Registers>
KBENCH_INLINE void mma(float& d0, float& d1, float& d2, float& d3, Registers... registers) {
  constexpr int kEach = std::is_same_v<Element, tf32> ? 1 : 2;
  using Mine = Operands<k, kEach>;
  static_assert(sizeof...(registers) == Mine::kA + Mine::kB + 4, "operands of mma");
  const uint32_t all[] = {bits(registers)...};
  Mine mine;
  for (int i = 0; i < Mine::kA; ++i) mine.a[i] = all[i];
  for (int i = 0; i < Mine::kB; ++i) mine.b[i] = all[Mine::kA + i];
  for (int i = 0; i < 4; ++i) mine.c[i] = kbench_simt::bits_as<float>(all[Mine::kA + Mine::kB + i]);
  kbench_simt::meet(&mine, multiply<Element, k, kEach>, __builtin_LINE());
  d0 = mine.d[0], d1 = mine.d[1], d2 = mine.d[2], d3 = mine.d[3];
}

struct Rows {
  const unsigned char* row;
  uint32_t d[4];
};

template <int matrices, bool transposed>
KBENCH_TOGETHER void load_matrices(void* const* lanes) {
  for (int m = 0; m < matrices; ++m) {
    uint16_t matrix[8][8];
    for (int r = 0; r < 8; ++r) {
      std::memcpy(matrix[r], static_cast<const Rows*>(lanes[8 * m + r])->row, sizeof matrix[r]);
    }
    for (int lane = 0; lane < 32; ++lane) {
      const int row = lane / 4, column = lane % 4 * 2;
      const uint32_t low = transposed ? matrix[column][row] : matrix[row][column];
      const uint32_t high = transposed ? matrix[column + 1][row] : matrix[row][column + 1];
      static_cast<Rows*>(lanes[lane])->d[m] = low | high << 16;
    }
  }
}

// ldmatrix.sync.aligned.m8n8.x<matrices>[.trans].shared.b16
template <int matrices, bool transposed, class... Registers>
KBENCH_INLINE void ldmatrix(uint32_t address, Registers&... d) {
  static_assert(sizeof...(d) == matrices, "registers of ldmatrix");
  Rows mine{};
  if (kbench_simt::lane() < 8 * matrices) {
    mine.row = kbench_simt::shared_pointer(address);
    kbench_simt::read_16_bytes(mine.row);
  }
  kbench_simt::meet(&mine, load_matrices<matrices, transposed>, __builtin_LINE());
  int m = 0;
  ((d = kbench_simt::bits_as<Registers>(mine.d[m++])), ...);
}

// cp.async.ca.shared.global, and .cg, which copies 16 bytes only
template <int least>
KBENCH_INLINE void copy_async(uint32_t to, const void* from, int bytes, int source_bytes) {
  kbench_simt::copy_async(kbench_simt::shared_pointer(to), from, bytes < least ? 0 : bytes,
                          source_bytes);
}
template <int least>
KBENCH_INLINE void copy_async(uint32_t to, uint64_t from, int bytes, int source_bytes) {
  copy_async<least>(to, reinterpret_cast<const void*>(from), bytes, source_bytes);
}

KBENCH_INLINE uint64_t to_shared(const void* pointer) {
  return kbench_simt::shared_address(pointer);
}
KBENCH_INLINE uint64_t to_shared(uint64_t address) {
  return kbench_simt::shared_address(reinterpret_cast<const void*>(address));
}

}  // namespace kbench_ptx

KBENCH_INLINE size_t __cvta_generic_to_shared(const void* pointer) {
  return kbench_simt::shared_address(pointer);
}
KBENCH_INLINE void* __cvta_shared_to_generic(size_t address) {
  return kbench_simt::shared_pointer(static_cast<uint32_t>(address));
}

// ---- cuda_pipeline_primitives.h

KBENCH_INLINE void __pipeline_memcpy_async(void* to, const void* from, size_t bytes,
                                           size_t zeros = 0) {
  kbench_simt::copy_async(to, from, static_cast<int>(bytes), static_cast<int>(bytes - zeros));
}
KBENCH_INLINE void __pipeline_commit() {
  kbench_simt::commit_copies();
}
KBENCH_INLINE void __pipeline_wait_prior(int groups) {
  kbench_simt::wait_for_copies(groups);
}

// ---- mma.h

namespace nvcuda::wmma {

struct matrix_a {};
struct matrix_b {};
struct accumulator {};
struct row_major {};
struct col_major {};
enum layout_t { mem_row_major, mem_col_major };
namespace precision {
using ::tf32;
}

// Element e of lane l is element 32 * e + l of the matrix, row by row.
template <class Use, int m, int n, int k, class T, class Layout = void>
struct fragment {
  static constexpr int kRows = std::is_same_v<Use, matrix_b> ? k : m;
  static constexpr int kColumns = std::is_same_v<Use, matrix_a> ? k : n;
  static_assert(kRows * kColumns % 32 == 0);
  using element_type = std::conditional_t<std::is_same_v<T, ::tf32>, float, T>;
  using storage_element_type = element_type;
  // As the tensor core takes element e.
  float factor(int e) const {
    if constexpr (!std::is_same_v<T, ::tf32>) return static_cast<float>(x[e]);
    return kbench_ptx::element<::tf32>(kbench_ptx::bits(static_cast<float>(x[e])), 0);
  }
  static constexpr int num_elements = kRows * kColumns / 32;
  element_type x[num_elements];

  static int place(int e, unsigned stride, bool by_rows) {
    const int at = 32 * e + static_cast<int>(kbench_simt::lane());
    const int row = at / kColumns, column = at % kColumns;
    return by_rows ? row * static_cast<int>(stride) + column
                   : column * static_cast<int>(stride) + row;
  }
};

// The requirements of the hardware: tiles begin at multiples of 32 bytes, rows of 16.
template <class T>
KBENCH_INLINE void check_tile(const T* tile, unsigned stride) {
  kbench_simt::check_tile(tile, stride * sizeof(T), __builtin_LINE());
}

template <class Fragment, class T>
KBENCH_INLINE void load(Fragment& to, const T* from, unsigned stride, bool by_rows) {
  check_tile(from, stride);
  for (int e = 0; e < to.num_elements; ++e) to.x[e] = from[to.place(e, stride, by_rows)];
}
template <class Use, int m, int n, int k, class T, class Layout, class Stored>
KBENCH_INLINE void load_matrix_sync(fragment<Use, m, n, k, T, Layout>& to, const Stored* from,
                                    unsigned stride) {
  load(to, from, stride, std::is_same_v<Layout, row_major>);
}
template <int m, int n, int k, class T>
KBENCH_INLINE void load_matrix_sync(fragment<accumulator, m, n, k, T>& to, const T* from,
                                    unsigned stride, layout_t layout) {
  load(to, from, stride, layout == mem_row_major);
}
template <int m, int n, int k, class T>
KBENCH_INLINE void store_matrix_sync(T* to, const fragment<accumulator, m, n, k, T>& from,
                                     unsigned stride, layout_t layout) {
  check_tile(to, stride);
  for (int e = 0; e < from.num_elements; ++e) {
    to[from.place(e, stride, layout == mem_row_major)] = from.x[e];
  }
}
template <class Use, int m, int n, int k, class T, class Layout, class Value>
KBENCH_INLINE void fill_fragment(fragment<Use, m, n, k, T, Layout>& to, const Value& value) {
  for (int e = 0; e < to.num_elements; ++e) to.x[e] = value;
}
inline float __float_to_tf32(float value) {
  const uint32_t word = kbench_simt::bits_as<uint32_t>(value);
  return kbench_simt::bits_as<float>((word + 0x1000) & 0xffffe000);
}

template <class A, class B, class C>
struct Product {
  const A* a;
  const B* b;
  const C* c;
  C* d;
};

template <int m, int n, int k, class A, class B, class C>
KBENCH_TOGETHER void multiply(void* const* lanes) {
  float a[m * k], b[k * n];
  const auto part = [&](int lane) { return *static_cast<const Product<A, B, C>*>(lanes[lane]); };
  for (int lane = 0; lane < 32; ++lane) {
    for (int e = 0; e < A::num_elements; ++e) a[32 * e + lane] = part(lane).a->factor(e);
    for (int e = 0; e < B::num_elements; ++e) b[32 * e + lane] = part(lane).b->factor(e);
  }
  for (int lane = 0; lane < 32; ++lane) {
    for (int e = 0; e < C::num_elements; ++e) {
      const int row = (32 * e + lane) / n, column = (32 * e + lane) % n;
      double sum = part(lane).c->x[e];
      for (int p = 0; p < k; ++p) sum += static_cast<double>(a[row * k + p]) * b[p * n + column];
      part(lane).d->x[e] = static_cast<float>(sum);
    }
  }
}
template <int m, int n, int k, class T, class LayoutA, class LayoutB, class Sum>
KBENCH_INLINE void mma_sync(fragment<accumulator, m, n, k, Sum>& d,
                            const fragment<matrix_a, m, n, k, T, LayoutA>& a,
                            const fragment<matrix_b, m, n, k, T, LayoutB>& b,
                            const fragment<accumulator, m, n, k, Sum>& c) {
  using A = fragment<matrix_a, m, n, k, T, LayoutA>;
  using B = fragment<matrix_b, m, n, k, T, LayoutB>;
  using C = fragment<accumulator, m, n, k, Sum>;
  Product<A, B, C> mine{&a, &b, &c, &d};
  kbench_simt::meet(&mine, multiply<m, n, k, A, B, C>, __builtin_LINE());
}

}  // namespace nvcuda::wmma

#undef KBENCH_INLINE
#undef KBENCH_TOGETHER

#endif
