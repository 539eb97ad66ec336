// Cooperative groups: the block, the grid of a cooperative launch, and tiles of a warp.
#ifndef KBENCH_SIMT_GROUPS_H
#define KBENCH_SIMT_GROUPS_H

namespace cooperative_groups {

class thread_block {
 public:
  void sync(int line = __builtin_LINE()) const { kbench_simt::barrier(line); }
  unsigned thread_rank() const {
    return (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
  }
  unsigned size() const { return blockDim.x * blockDim.y * blockDim.z; }
  unsigned num_threads() const { return size(); }
  dim3 group_index() const { return blockIdx; }
  dim3 thread_index() const { return threadIdx; }
  dim3 group_dim() const { return blockDim; }
  dim3 dim_threads() const { return blockDim; }
};
inline thread_block this_thread_block() { return {}; }

class grid_group {
 public:
  void sync(int line = __builtin_LINE()) const { kbench_simt::grid_barrier(line); }
  bool is_valid() const { return true; }
  unsigned long long num_blocks() const { return 1ull * gridDim.x * gridDim.y * gridDim.z; }
  unsigned long long size() const { return num_blocks() * thread_block().size(); }
  unsigned long long num_threads() const { return size(); }
  unsigned long long block_rank() const {
    return (1ull * blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
  }
  unsigned long long thread_rank() const {
    return block_rank() * thread_block().size() + thread_block().thread_rank();
  }
};
inline grid_group this_grid() { return {}; }

// `lanes` neighbours of a warp.
template <unsigned lanes, class Parent = thread_block>
class thread_block_tile {
  static_assert(lanes >= 1 && lanes <= 32 && (lanes & (lanes - 1)) == 0);

 public:
  unsigned thread_rank() const { return kbench_simt::lane() % lanes; }
  static constexpr unsigned size() { return lanes; }
  static constexpr unsigned num_threads() { return lanes; }
  unsigned meta_group_rank() const { return thread_block().thread_rank() / lanes; }
  unsigned meta_group_size() const { return (thread_block().size() + lanes - 1) / lanes; }

  void sync(int line = __builtin_LINE()) const { __syncwarp(mask(), line); }
  template <class T>
  T shfl(T value, int source, int line = __builtin_LINE()) const {
    return __shfl_sync(mask(), value, source, lanes, line);
  }
  template <class T>
  T shfl_up(T value, unsigned delta, int line = __builtin_LINE()) const {
    return __shfl_up_sync(mask(), value, delta, lanes, line);
  }
  template <class T>
  T shfl_down(T value, unsigned delta, int line = __builtin_LINE()) const {
    return __shfl_down_sync(mask(), value, delta, lanes, line);
  }
  template <class T>
  T shfl_xor(T value, unsigned lane_mask, int line = __builtin_LINE()) const {
    return __shfl_xor_sync(mask(), value, static_cast<int>(lane_mask), lanes, line);
  }
  int any(int predicate, int line = __builtin_LINE()) const {
    return __any_sync(mask(), predicate, line);
  }
  int all(int predicate, int line = __builtin_LINE()) const {
    return __all_sync(mask(), predicate, line);
  }
  // Bit i: the tile's lane i.
  unsigned ballot(int predicate, int line = __builtin_LINE()) const {
    return __ballot_sync(mask(), predicate, line) >> first();
  }
  template <class T>
  unsigned match_any(T value, int line = __builtin_LINE()) const {
    return __match_any_sync(mask(), value, line) >> first();
  }

 private:
  static unsigned first() { return kbench_simt::lane() & ~(lanes - 1); }
  static unsigned mask() { return (lanes == 32 ? ~0u : (1u << lanes % 32) - 1) << first(); }
};

template <unsigned lanes, class Parent>
thread_block_tile<lanes, Parent> tiled_partition(const Parent&) {
  return {};
}
template <class Group>
void sync(const Group& group, int line = __builtin_LINE()) {
  group.sync(line);
}

template <class T>
struct plus {
  T operator()(T a, T b) const { return a + b; }
};
template <class T>
struct less {  // the smaller one
  T operator()(T a, T b) const { return b < a ? b : a; }
};
template <class T>
struct greater {  // the larger one
  T operator()(T a, T b) const { return a < b ? b : a; }
};

// What every lane of the tile gave, combined; all lanes get it.
template <class Tile, class T, class Combine>
T reduce(const Tile& tile, T value, Combine combine, int line = __builtin_LINE()) {
  for (unsigned step = tile.size() / 2; step > 0; step /= 2) {
    value = combine(value, tile.shfl_xor(value, step, line));
  }
  return value;
}

}  // namespace cooperative_groups

#endif
