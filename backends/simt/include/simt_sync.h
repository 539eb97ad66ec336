// Barriers, warps and atomics.
#ifndef KBENCH_SIMT_SYNC_H
#define KBENCH_SIMT_SYNC_H

inline void __syncthreads(int line = __builtin_LINE()) {
  kbench_simt::barrier(line);
}
inline int __syncthreads_count(int predicate, int line = __builtin_LINE()) {
  return kbench_simt::barrier_count(predicate != 0, line);
}
inline int __syncthreads_or(int predicate, int line = __builtin_LINE()) {
  return kbench_simt::barrier_count(predicate != 0, line) != 0;
}
inline int __syncthreads_and(int predicate, int line = __builtin_LINE()) {
  return kbench_simt::barrier_count(predicate == 0, line) == 0;
}
inline void __threadfence() {
  kbench_simt::fence();
}
inline void __threadfence_system() {
  kbench_simt::fence();
}
inline void __threadfence_block() {}
inline void __nanosleep(unsigned) {
  kbench_simt::let_others_run();
}
[[noreturn]] inline void __trap(int line = __builtin_LINE()) {
  kbench_simt::failed_assertion("__trap()", line);
}

// ---- Warps

inline unsigned __activemask(int line = __builtin_LINE()) {
  return kbench_simt::active_lanes(line);
}
inline void __syncwarp(unsigned mask = ~0u, int line = __builtin_LINE()) {
  kbench_simt::exchange(mask, kbench_simt::WarpOperation::synchronise, 0, line);
}

namespace kbench_simt {

// The value of lane `from`, of the caller's own segment; its own where `from` lies outside.
template <class T>
inline T shuffle(unsigned mask, T value, int from, int first, int last, int line) {
  static_assert(sizeof(T) <= 8, "shuffles move at most 8 bytes");
  const uint64_t* given = exchange(mask, WarpOperation::shuffle, bits_as<uint64_t>(value), line);
  if (from < first || from > last) return value;
  if (((mask & lanes_that_came()) >> from & 1) == 0) lane_missing(from, mask, line);
  return bits_as<T>(given[from]);
}

inline unsigned vote(unsigned mask, bool predicate, int line) {
  const uint64_t* given = exchange(mask, WarpOperation::vote, predicate ? 1 : 0, line);
  unsigned votes = 0;
  for (int i = 0; i < 32; ++i) votes |= (mask >> i & 1 & static_cast<unsigned>(given[i])) << i;
  return votes & mask & lanes_that_came();
}

template <class Combine>
inline auto reduce(unsigned mask, unsigned value, Combine combine, int line) {
  const uint64_t* given = exchange(mask, WarpOperation::reduce, value, line);
  bool first = true;
  unsigned all = 0;
  for (int i = 0; i < 32; ++i) {
    if ((mask & lanes_that_came()) >> i & 1) {
      all = first ? static_cast<unsigned>(given[i]) : combine(all, static_cast<unsigned>(given[i]));
      first = false;
    }
  }
  return all;
}

}  // namespace kbench_simt

template <class T>
inline T __shfl_sync(unsigned mask, T value, int source, int width = 32,
                     int line = __builtin_LINE()) {
  const int lane = static_cast<int>(kbench_simt::lane()), first = lane & -width;
  const int from = first + (source & (width - 1));
  return kbench_simt::shuffle(mask, value, from, first, first + width - 1, line);
}
template <class T>
inline T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32,
                        int line = __builtin_LINE()) {
  const int lane = static_cast<int>(kbench_simt::lane()), first = lane & -width;
  return kbench_simt::shuffle(mask, value, lane - static_cast<int>(delta), first, first + width - 1,
                              line);
}
template <class T>
inline T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32,
                          int line = __builtin_LINE()) {
  const int lane = static_cast<int>(kbench_simt::lane()), first = lane & -width;
  return kbench_simt::shuffle(mask, value, lane + static_cast<int>(delta), first, first + width - 1,
                              line);
}
template <class T>
inline T __shfl_xor_sync(unsigned mask, T value, int lane_mask, int width = 32,
                         int line = __builtin_LINE()) {
  const int lane = static_cast<int>(kbench_simt::lane()), first = lane & -width;
  return kbench_simt::shuffle(mask, value, lane ^ lane_mask, 0, first + width - 1, line);
}
inline unsigned __ballot_sync(unsigned mask, int predicate, int line = __builtin_LINE()) {
  return kbench_simt::vote(mask, predicate != 0, line);
}
inline int __any_sync(unsigned mask, int predicate, int line = __builtin_LINE()) {
  return kbench_simt::vote(mask, predicate != 0, line) != 0;
}
inline int __all_sync(unsigned mask, int predicate, int line = __builtin_LINE()) {
  return kbench_simt::vote(mask, predicate == 0, line) == 0;
}
template <class T>
inline unsigned __match_any_sync(unsigned mask, T value, int line = __builtin_LINE()) {
  const uint64_t mine = kbench_simt::bits_as<uint64_t>(value);
  const uint64_t* given =
      kbench_simt::exchange(mask, kbench_simt::WarpOperation::match, mine, line);
  unsigned same = 0;
  for (int i = 0; i < 32; ++i) same |= (given[i] == mine ? 1u : 0u) << i;
  return same & mask & kbench_simt::lanes_that_came();
}
template <class T>
inline unsigned __match_all_sync(unsigned mask, T value, int* all, int line = __builtin_LINE()) {
  const unsigned same = __match_any_sync(mask, value, line);
  const unsigned everyone = mask & kbench_simt::lanes_that_came();
  *all = same == everyone;
  return same == everyone ? everyone : 0;
}
inline unsigned __reduce_add_sync(unsigned mask, unsigned value, int line = __builtin_LINE()) {
  return kbench_simt::reduce(
      mask, value, [](unsigned a, unsigned b) { return a + b; }, line);
}
inline int __reduce_add_sync(unsigned mask, int value, int line = __builtin_LINE()) {
  return static_cast<int>(__reduce_add_sync(mask, static_cast<unsigned>(value), line));
}
inline unsigned __reduce_max_sync(unsigned mask, unsigned value, int line = __builtin_LINE()) {
  return kbench_simt::reduce(
      mask, value, [](unsigned a, unsigned b) { return a > b ? a : b; }, line);
}
inline unsigned __reduce_min_sync(unsigned mask, unsigned value, int line = __builtin_LINE()) {
  return kbench_simt::reduce(
      mask, value, [](unsigned a, unsigned b) { return a < b ? a : b; }, line);
}
// Of signed numbers: in the order that they have with the sign turned.
inline int __reduce_max_sync(unsigned mask, int value, int line = __builtin_LINE()) {
  const auto turned = static_cast<unsigned>(value) ^ 0x80000000u;
  return static_cast<int>(__reduce_max_sync(mask, turned, line) ^ 0x80000000u);
}
inline int __reduce_min_sync(unsigned mask, int value, int line = __builtin_LINE()) {
  const auto turned = static_cast<unsigned>(value) ^ 0x80000000u;
  return static_cast<int>(__reduce_min_sync(mask, turned, line) ^ 0x80000000u);
}
inline unsigned __reduce_and_sync(unsigned mask, unsigned value, int line = __builtin_LINE()) {
  return kbench_simt::reduce(
      mask, value, [](unsigned a, unsigned b) { return a & b; }, line);
}
inline unsigned __reduce_or_sync(unsigned mask, unsigned value, int line = __builtin_LINE()) {
  return kbench_simt::reduce(
      mask, value, [](unsigned a, unsigned b) { return a | b; }, line);
}
inline unsigned __reduce_xor_sync(unsigned mask, unsigned value, int line = __builtin_LINE()) {
  return kbench_simt::reduce(
      mask, value, [](unsigned a, unsigned b) { return a ^ b; }, line);
}

// HIP's forms have no mask: all lanes that have not returned.
template <class T>
inline T __shfl(T value, int source, int width = 32, int line = __builtin_LINE()) {
  return __shfl_sync(~0u, value, source, width, line);
}
template <class T>
inline T __shfl_up(T value, unsigned delta, int width = 32, int line = __builtin_LINE()) {
  return __shfl_up_sync(~0u, value, delta, width, line);
}
template <class T>
inline T __shfl_down(T value, unsigned delta, int width = 32, int line = __builtin_LINE()) {
  return __shfl_down_sync(~0u, value, delta, width, line);
}
template <class T>
inline T __shfl_xor(T value, int lane_mask, int width = 32, int line = __builtin_LINE()) {
  return __shfl_xor_sync(~0u, value, lane_mask, width, line);
}
inline unsigned long long __ballot(int predicate, int line = __builtin_LINE()) {
  return __ballot_sync(~0u, predicate, line);
}
inline int __any(int predicate, int line = __builtin_LINE()) {
  return __any_sync(~0u, predicate, line);
}
inline int __all(int predicate, int line = __builtin_LINE()) {
  return __all_sync(~0u, predicate, line);
}
inline unsigned __lane_id() {
  return kbench_simt::lane();
}

#define hipThreadIdx_x threadIdx.x
#define hipThreadIdx_y threadIdx.y
#define hipThreadIdx_z threadIdx.z
#define hipBlockIdx_x blockIdx.x
#define hipBlockIdx_y blockIdx.y
#define hipBlockIdx_z blockIdx.z
#define hipBlockDim_x blockDim.x
#define hipBlockDim_y blockDim.y
#define hipBlockDim_z blockDim.z
#define hipGridDim_x gridDim.x
#define hipGridDim_y gridDim.y
#define hipGridDim_z gridDim.z

#endif
