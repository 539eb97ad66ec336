// Cooperative groups: the block, the grid of a cooperative launch, tiles of a warp, and any lanes
// of one.
#ifndef KBENCH_SIMT_GROUPS_H
#define KBENCH_SIMT_GROUPS_H

namespace kbench_simt {

// The value of lane `from` of the warp, of any size; all lanes of `mask` take part.
template <class T>
inline T value_of_lane(unsigned mask, T value, int from, int line) {
  static_assert(std::is_trivially_copyable_v<T>, "what is shuffled must be trivially copyable");
  if constexpr (sizeof(T) <= 8) {
    return shuffle(mask, value, from, 0, 31, line);
  } else {
    uint64_t words[(sizeof(T) + 7) / 8] = {};
    __builtin_memcpy(words, &value, sizeof(T));
    for (uint64_t& word : words) word = shuffle(mask, word, from, 0, 31, line);
    T result;
    __builtin_memcpy(&result, words, sizeof(T));
    return result;
  }
}

}  // namespace kbench_simt

namespace cooperative_groups {

class thread_block {
 public:
  static void sync(int line = __builtin_LINE()) { kbench_simt::barrier(line); }
  static unsigned thread_rank() {
    return (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
  }
  static unsigned size() { return blockDim.x * blockDim.y * blockDim.z; }
  static unsigned num_threads() { return size(); }
  static dim3 group_index() { return blockIdx; }
  static dim3 thread_index() { return threadIdx; }
  static dim3 group_dim() { return blockDim; }
  static dim3 dim_threads() { return blockDim; }
};
inline thread_block this_thread_block() {
  return {};
}

class grid_group {
 public:
  static void sync(int line = __builtin_LINE()) { kbench_simt::grid_barrier(line); }
  static bool is_valid() { return true; }
  static unsigned long long num_blocks() { return 1ull * gridDim.x * gridDim.y * gridDim.z; }
  static unsigned long long size() { return num_blocks() * thread_block::size(); }
  static unsigned long long num_threads() { return size(); }
  static unsigned long long block_rank() {
    return (1ull * blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
  }
  static unsigned long long thread_rank() {
    return block_rank() * thread_block::size() + thread_block::thread_rank();
  }
  static dim3 block_index() { return blockIdx; }
  static dim3 dim_blocks() { return gridDim; }
  static dim3 group_dim() { return gridDim; }
};
inline grid_group this_grid() {
  return {};
}

// Any lanes of a warp, counted from the lowest.
class coalesced_group {
 public:
  explicit coalesced_group(unsigned mask, unsigned meta_rank = 0, unsigned meta_size = 1)
      : mask_(mask), meta_rank_(meta_rank), meta_size_(meta_size) {}

  unsigned thread_rank() const { return rank_of(kbench_simt::lane()); }
  unsigned size() const { return static_cast<unsigned>(__popc(mask_)); }
  unsigned num_threads() const { return size(); }
  unsigned meta_group_rank() const { return meta_rank_; }
  unsigned meta_group_size() const { return meta_size_; }
  unsigned mask() const { return mask_; }

  void sync(int line = __builtin_LINE()) const { __syncwarp(mask_, line); }
  template <class T>
  T shfl(T value, unsigned source, int line = __builtin_LINE()) const {
    return kbench_simt::value_of_lane(mask_, value, lane_of(source % size()), line);
  }
  // What has no such neighbour keeps its own.
  template <class T>
  T shfl_up(T value, unsigned delta, int line = __builtin_LINE()) const {
    return shfl(value, thread_rank() >= delta ? thread_rank() - delta : thread_rank(), line);
  }
  template <class T>
  T shfl_down(T value, unsigned delta, int line = __builtin_LINE()) const {
    const unsigned from = thread_rank() + delta;
    return shfl(value, from < size() ? from : thread_rank(), line);
  }
  template <class T>
  T shfl_xor(T value, unsigned bits, int line = __builtin_LINE()) const {
    const unsigned from = thread_rank() ^ bits;
    return shfl(value, from < size() ? from : thread_rank(), line);
  }
  int any(int predicate, int line = __builtin_LINE()) const {
    return __any_sync(mask_, predicate, line);
  }
  int all(int predicate, int line = __builtin_LINE()) const {
    return __all_sync(mask_, predicate, line);
  }
  // Bit i: the group's thread i.
  unsigned ballot(int predicate, int line = __builtin_LINE()) const {
    return by_rank(__ballot_sync(mask_, predicate, line));
  }
  template <class T>
  unsigned match_any(T value, int line = __builtin_LINE()) const {
    return by_rank(__match_any_sync(mask_, value, line));
  }
  template <class T>
  unsigned match_all(T value, int& all, int line = __builtin_LINE()) const {
    return by_rank(__match_all_sync(mask_, value, &all, line));
  }
  unsigned lane_of(unsigned rank) const { return __fns(mask_, 0, static_cast<int>(rank) + 1); }

 private:
  unsigned rank_of(unsigned lane) const {
    return static_cast<unsigned>(__popc(mask_ & ((1u << lane) - 1)));
  }
  unsigned by_rank(unsigned lanes) const {
    unsigned ranks = 0;
    for (unsigned lane = 0; lane < 32; ++lane) {
      if ((lanes & mask_) >> lane & 1) ranks |= 1u << rank_of(lane);
    }
    return ranks;
  }

  unsigned mask_, meta_rank_, meta_size_;
};
inline coalesced_group coalesced_threads(int line = __builtin_LINE()) {
  return coalesced_group(kbench_simt::active_lanes(line));
}

// `lanes` neighbours of a warp.
template <unsigned lanes, class Parent = void>
class thread_block_tile : public coalesced_group {
  static_assert(lanes >= 1 && lanes <= 32 && (lanes & (lanes - 1)) == 0);

 public:
  thread_block_tile(unsigned meta_rank, unsigned meta_size)
      : coalesced_group((lanes == 32 ? ~0u : (1u << lanes % 32) - 1)
                            << (kbench_simt::lane() & ~(lanes - 1)),
                        meta_rank, meta_size) {}
  template <class Other>
  thread_block_tile(const thread_block_tile<lanes, Other>& other) : coalesced_group(other) {}

  static unsigned thread_rank() { return kbench_simt::lane() % lanes; }
  static constexpr unsigned size() { return lanes; }
  static constexpr unsigned num_threads() { return lanes; }
};

// Any of these groups.
class thread_group {
 public:
  thread_group(const thread_block&) : kind_(Kind::block) {}
  thread_group(const grid_group&) : kind_(Kind::grid) {}
  thread_group(const coalesced_group& lanes) : kind_(Kind::lanes), lanes_(lanes) {}

  void sync(int line = __builtin_LINE()) const {
    if (kind_ == Kind::lanes) return lanes_.sync(line);
    kind_ == Kind::block ? thread_block::sync(line) : grid_group::sync(line);
  }
  unsigned long long size() const {
    if (kind_ == Kind::lanes) return lanes_.size();
    return kind_ == Kind::block ? thread_block::size() : grid_group::size();
  }
  unsigned long long num_threads() const { return size(); }
  unsigned long long thread_rank() const {
    if (kind_ == Kind::lanes) return lanes_.thread_rank();
    return kind_ == Kind::block ? thread_block::thread_rank() : grid_group::thread_rank();
  }

 private:
  enum class Kind { block, grid, lanes } kind_;
  coalesced_group lanes_{0};
};

// ---- Parts of groups

template <unsigned lanes, class Parent>
thread_block_tile<lanes, Parent> tiled_partition(const Parent& parent) {
  const auto size = static_cast<unsigned>(parent.size());
  return {static_cast<unsigned>(parent.thread_rank()) / lanes, (size + lanes - 1) / lanes};
}
inline coalesced_group tiled_partition(const coalesced_group& parent, unsigned size) {
  const unsigned part = parent.thread_rank() / size;
  unsigned mask = 0;
  for (unsigned rank = part * size; rank < (part + 1) * size && rank < parent.size(); ++rank) {
    mask |= 1u << parent.lane_of(rank);
  }
  return coalesced_group(mask, part, (parent.size() + size - 1) / size);
}
template <class Group>
thread_group tiled_partition(const Group& parent, unsigned size) {
  if constexpr (std::is_base_of_v<coalesced_group, Group>) {
    return tiled_partition(static_cast<const coalesced_group&>(parent), size);
  }
  const unsigned first = kbench_simt::lane() / size * size;
  const auto rank = static_cast<unsigned>(parent.thread_rank());
  return coalesced_group((size >= 32 ? ~0u : (1u << size) - 1) << first, rank / size,
                         (static_cast<unsigned>(parent.size()) + size - 1) / size);
}
// The threads of a group that give the same label.
template <class Label>
coalesced_group labeled_partition(const coalesced_group& group, Label label,
                                  int line = __builtin_LINE()) {
  const unsigned mine = __match_any_sync(group.mask(), label, line);
  unsigned before = 0, parts = 0;
  for (unsigned lane = 0; lane < 32; ++lane) {  // a part is counted at its lowest lane
    const unsigned same =
        kbench_simt::value_of_lane(group.mask(), mine, static_cast<int>(lane), line);
    if ((group.mask() >> lane & 1) == 0 ||
        __ffs(static_cast<int>(same)) - 1 != static_cast<int>(lane))
      continue;
    ++parts;
    before += lane < static_cast<unsigned>(__ffs(static_cast<int>(mine)) - 1) ? 1 : 0;
  }
  return coalesced_group(mine, before, parts);
}
inline coalesced_group binary_partition(const coalesced_group& group, bool predicate,
                                        int line = __builtin_LINE()) {
  return labeled_partition(group, static_cast<int>(predicate), line);
}

template <class Group>
void sync(const Group& group, int line = __builtin_LINE()) {
  group.sync(line);
}
template <class Group, class Function, class... Values>
void invoke_one(const Group& group, Function&& function, Values&&... values) {
  if (group.thread_rank() == 0) function(static_cast<Values&&>(values)...);
}
template <class Group, class Function, class... Values>
auto invoke_one_broadcast(const Group& group, Function&& function, Values&&... values) {
  decltype(function(static_cast<Values&&>(values)...)) result{};
  if (group.thread_rank() == 0) result = function(static_cast<Values&&>(values)...);
  return group.shfl(result, 0);
}

// ---- Reductions and scans over the lanes of a group

template <class T = void>
struct plus {
  T operator()(T a, T b) const { return a + b; }
};
template <class T = void>
struct less {  // the smaller one
  T operator()(T a, T b) const { return b < a ? b : a; }
};
template <class T = void>
struct greater {  // the larger one
  T operator()(T a, T b) const { return a < b ? b : a; }
};
template <class T = void>
struct bit_and {
  T operator()(T a, T b) const { return a & b; }
};
template <class T = void>
struct bit_or {
  T operator()(T a, T b) const { return a | b; }
};
template <class T = void>
struct bit_xor {
  T operator()(T a, T b) const { return a ^ b; }
};

// What every thread of the group gave, combined; all of them get it.
template <class Group, class T, class Combine>
T reduce(const Group& group, T value, Combine combine, int line = __builtin_LINE()) {
  const unsigned size = group.size();
  if ((size & (size - 1)) == 0) {
    for (unsigned step = size / 2; step > 0; step /= 2) {
      value = combine(value, group.shfl_xor(value, step, line));
    }
    return value;
  }
  T all = group.shfl(value, 0, line);
  for (unsigned rank = 1; rank < size; ++rank) all = combine(all, group.shfl(value, rank, line));
  return all;
}
template <class Group, class T, class Combine>
T inclusive_scan(const Group& group, T value, Combine combine, int line = __builtin_LINE()) {
  for (unsigned step = 1; step < group.size(); step *= 2) {
    const T before = group.shfl_up(value, step, line);
    if (group.thread_rank() >= step) value = combine(before, value);
  }
  return value;
}
template <class Group, class T>
T inclusive_scan(const Group& group, T value, int line = __builtin_LINE()) {
  return inclusive_scan(group, value, plus<T>(), line);
}
template <class Group, class T, class Combine>
T exclusive_scan(const Group& group, T value, Combine combine, int line = __builtin_LINE()) {
  const T before = group.shfl_up(inclusive_scan(group, value, combine, line), 1, line);
  return group.thread_rank() == 0 ? T{} : before;
}
template <class Group, class T>
T exclusive_scan(const Group& group, T value, int line = __builtin_LINE()) {
  return exclusive_scan(group, value, plus<T>(), line);
}

}  // namespace cooperative_groups

#endif
