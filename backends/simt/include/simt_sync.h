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
inline void __nanosleep(unsigned) {}
[[noreturn]] inline void __trap(int line = __builtin_LINE()) {
  kbench_simt::failed_assertion("__trap()", line);
}

// ---- Warps

inline unsigned __activemask() {
  return kbench_simt::lanes_alive();
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
  return from < first || from > last ? value : bits_as<T>(given[from]);
}

inline unsigned vote(unsigned mask, bool predicate, int line) {
  const uint64_t* given = exchange(mask, WarpOperation::vote, predicate ? 1 : 0, line);
  unsigned votes = 0;
  for (int i = 0; i < 32; ++i) votes |= (mask >> i & 1 & static_cast<unsigned>(given[i])) << i;
  return votes & mask & lanes_alive();
}

template <class Combine>
inline auto reduce(unsigned mask, unsigned value, Combine combine, int line) {
  const uint64_t* given = exchange(mask, WarpOperation::reduce, value, line);
  bool first = true;
  unsigned all = 0;
  for (int i = 0; i < 32; ++i) {
    if ((mask & lanes_alive()) >> i & 1) {
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
  return same & mask & kbench_simt::lanes_alive();
}
template <class T>
inline unsigned __match_all_sync(unsigned mask, T value, int* all, int line = __builtin_LINE()) {
  const unsigned same = __match_any_sync(mask, value, line);
  const unsigned everyone = mask & kbench_simt::lanes_alive();
  *all = same == everyone;
  return same == everyone ? everyone : 0;
}
inline unsigned __reduce_add_sync(unsigned mask, unsigned value, int line = __builtin_LINE()) {
  return kbench_simt::reduce(mask, value, [](unsigned a, unsigned b) { return a + b; }, line);
}
inline int __reduce_add_sync(unsigned mask, int value, int line = __builtin_LINE()) {
  return static_cast<int>(__reduce_add_sync(mask, static_cast<unsigned>(value), line));
}
inline unsigned __reduce_max_sync(unsigned mask, unsigned value, int line = __builtin_LINE()) {
  return kbench_simt::reduce(mask, value, [](unsigned a, unsigned b) { return a > b ? a : b; },
                             line);
}
inline unsigned __reduce_min_sync(unsigned mask, unsigned value, int line = __builtin_LINE()) {
  return kbench_simt::reduce(mask, value, [](unsigned a, unsigned b) { return a < b ? a : b; },
                             line);
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

// ---- Atomics. Fibers change places only where the runtime says, so plain operations are atomic.

namespace kbench_simt {

template <class T, class Change>
__attribute__((noinline, no_sanitize("thread"))) T atomic(T* address, Change change) {
  atomic_access(address, sizeof(T), __builtin_return_address(0));
  const T before = *address;
  *address = change(before);
  return before;
}

// The second argument converts to the first's type, as it does in CUDA's overloads.
template <class T>
using Same = std::type_identity_t<T>;

}  // namespace kbench_simt

// Inlined, so that an access is reported at the line that calls them.
#define KBENCH_ATOMIC template <class T> __attribute__((always_inline)) inline T
KBENCH_ATOMIC atomicAdd(T* address, kbench_simt::Same<T> value) {
  return kbench_simt::atomic(address, [=](T old) { return static_cast<T>(old + value); });
}
KBENCH_ATOMIC atomicSub(T* address, kbench_simt::Same<T> value) {
  return kbench_simt::atomic(address, [=](T old) { return static_cast<T>(old - value); });
}
KBENCH_ATOMIC atomicExch(T* address, kbench_simt::Same<T> value) {
  return kbench_simt::atomic(address, [=](T) { return value; });
}
KBENCH_ATOMIC atomicMin(T* address, kbench_simt::Same<T> value) {
  return kbench_simt::atomic(address, [=](T old) { return value < old ? value : old; });
}
KBENCH_ATOMIC atomicMax(T* address, kbench_simt::Same<T> value) {
  return kbench_simt::atomic(address, [=](T old) { return value > old ? value : old; });
}
KBENCH_ATOMIC atomicAnd(T* address, kbench_simt::Same<T> value) {
  return kbench_simt::atomic(address, [=](T old) { return old & value; });
}
KBENCH_ATOMIC atomicOr(T* address, kbench_simt::Same<T> value) {
  return kbench_simt::atomic(address, [=](T old) { return old | value; });
}
KBENCH_ATOMIC atomicXor(T* address, kbench_simt::Same<T> value) {
  return kbench_simt::atomic(address, [=](T old) { return old ^ value; });
}
KBENCH_ATOMIC atomicInc(T* address, kbench_simt::Same<T> limit) {
  return kbench_simt::atomic(address, [=](T old) { return old >= limit ? T(0) : old + 1; });
}
KBENCH_ATOMIC atomicDec(T* address, kbench_simt::Same<T> limit) {
  return kbench_simt::atomic(
      address, [=](T old) { return old == 0 || old > limit ? limit : static_cast<T>(old - 1); });
}
KBENCH_ATOMIC atomicCAS(T* address, kbench_simt::Same<T> compare, kbench_simt::Same<T> value) {
  return kbench_simt::atomic(address, [=](T old) {
    return std::memcmp(&old, &compare, sizeof(T)) == 0 ? value : old;
  });
}
#undef KBENCH_ATOMIC
#define atomicAdd_block atomicAdd
#define atomicAdd_system atomicAdd

#endif
