// Copies and barriers that are waited for later: cooperative_groups::memcpy_async, cuda::barrier
// and cuda::pipeline; and cuda::atomic with its orders.
#ifndef KBENCH_SIMT_ASYNC_H
#define KBENCH_SIMT_ASYNC_H

#define KBENCH_INLINE __attribute__((always_inline)) inline

namespace kbench_simt {

// One thread's share of a copy: every `threads`-th part, as wide as addresses and size allow.
KBENCH_INLINE void copy_share(void* to, const void* from, size_t bytes, unsigned rank,
                              unsigned threads) {
  const auto bits = reinterpret_cast<uint64_t>(to) | reinterpret_cast<uint64_t>(from) | bytes;
  const size_t width = bits % 16 == 0 ? 16 : bits % 8 == 0 ? 8 : bits % 4 == 0 ? 4 : 1;
  for (size_t at = rank * width; at < bytes; at += threads * width) {
    auto* target = static_cast<unsigned char*>(to) + at;
    const auto* source = static_cast<const unsigned char*>(from) + at;
    if (width == 1 || !is_shared(to)) {
      kbench_memcpy(target, source, width);
    } else {
      copy_async(target, source, static_cast<int>(width), static_cast<int>(width));
    }
  }
}

}  // namespace kbench_simt

namespace cooperative_groups {

// `bytes` may be a cuda::aligned_size_t.
template <class Group, class To, class From>
KBENCH_INLINE void memcpy_async(const Group& group, To* to, const From* from, size_t bytes) {
  kbench_simt::copy_share(to, from, bytes, static_cast<unsigned>(group.thread_rank()),
                          static_cast<unsigned>(group.size()));
  kbench_simt::commit_copies();
}
template <class Group, class T>
KBENCH_INLINE void memcpy_async(const Group& group, T* to, size_t room, const T* from,
                                size_t count) {
  memcpy_async(group, to, from, sizeof(T) * (room < count ? room : count));
}
template <class Group>
void wait(const Group& group, int line = __builtin_LINE()) {
  kbench_simt::wait_for_all_copies();
  group.sync(line);
}
template <unsigned groups, class Group>
void wait_prior(const Group& group, int line = __builtin_LINE()) {
  kbench_simt::wait_for_copies(groups);
  group.sync(line);
}

}  // namespace cooperative_groups

namespace cuda {

// libcu++'s standard library is the compiler's own, but for what stands here.
namespace std {
using namespace ::std;
enum class memory_order : int { relaxed, consume, acquire, release, acq_rel, seq_cst };
inline constexpr memory_order memory_order_relaxed = memory_order::relaxed;
inline constexpr memory_order memory_order_consume = memory_order::consume;
inline constexpr memory_order memory_order_acquire = memory_order::acquire;
inline constexpr memory_order memory_order_release = memory_order::release;
inline constexpr memory_order memory_order_acq_rel = memory_order::acq_rel;
inline constexpr memory_order memory_order_seq_cst = memory_order::seq_cst;
}  // namespace std
using std::memory_order;
using std::memory_order_acq_rel;
using std::memory_order_acquire;
using std::memory_order_consume;
using std::memory_order_relaxed;
using std::memory_order_release;
using std::memory_order_seq_cst;

enum thread_scope {
  thread_scope_system,
  thread_scope_device,
  thread_scope_block,
  thread_scope_thread
};

template <size_t alignment>
struct aligned_size_t {
  size_t value;
  constexpr explicit aligned_size_t(size_t bytes) : value(bytes) {}
  constexpr operator size_t() const { return value; }
};

template <class T, class U>
constexpr ::std::common_type_t<T, U> ceil_div(T a, U b) {
  return (a + b - 1) / b;
}

// ---- Atomics

inline bool releases(memory_order order) {
  return order == memory_order_release || order == memory_order_acq_rel ||
         order == memory_order_seq_cst;
}
inline void atomic_thread_fence(memory_order, thread_scope = thread_scope_system) {
  kbench_simt::fence();
}

template <class T, thread_scope scope = thread_scope_system>
class atomic_ref {
 public:
  KBENCH_INLINE explicit atomic_ref(T& object) : at_(&object) {}

  KBENCH_INLINE T load(memory_order = memory_order_seq_cst) const {
    return kbench_simt::atomic_load(at_);
  }
  KBENCH_INLINE operator T() const { return load(); }
  KBENCH_INLINE void store(T value, memory_order order = memory_order_seq_cst) const {
    change(order, [=](T) { return value; });
  }
  KBENCH_INLINE T operator=(T value) const { return store(value), value; }
  KBENCH_INLINE T exchange(T value, memory_order order = memory_order_seq_cst) const {
    return change(order, [=](T) { return value; });
  }
  KBENCH_INLINE T fetch_add(T value, memory_order order = memory_order_seq_cst) const {
    return change(order, [=](T old) { return static_cast<T>(old + value); });
  }
  KBENCH_INLINE T fetch_sub(T value, memory_order order = memory_order_seq_cst) const {
    return change(order, [=](T old) { return static_cast<T>(old - value); });
  }
  KBENCH_INLINE T fetch_and(T value, memory_order order = memory_order_seq_cst) const {
    return change(order, [=](T old) { return old & value; });
  }
  KBENCH_INLINE T fetch_or(T value, memory_order order = memory_order_seq_cst) const {
    return change(order, [=](T old) { return old | value; });
  }
  KBENCH_INLINE T fetch_xor(T value, memory_order order = memory_order_seq_cst) const {
    return change(order, [=](T old) { return old ^ value; });
  }
  KBENCH_INLINE T fetch_min(T value, memory_order order = memory_order_seq_cst) const {
    return change(order, [=](T old) { return value < old ? value : old; });
  }
  KBENCH_INLINE T fetch_max(T value, memory_order order = memory_order_seq_cst) const {
    return change(order, [=](T old) { return value > old ? value : old; });
  }
  KBENCH_INLINE bool compare_exchange_strong(T& expected, T value,
                                             memory_order order = memory_order_seq_cst,
                                             memory_order = memory_order_seq_cst) const {
    if (releases(order)) kbench_simt::fence();
    const T wanted = expected;
    expected = kbench_simt::atomic(at_, kKind, [=](T old) { return old == wanted ? value : old; });
    return expected == wanted;
  }
  KBENCH_INLINE bool compare_exchange_weak(T& expected, T value,
                                           memory_order order = memory_order_seq_cst,
                                           memory_order failed = memory_order_seq_cst) const {
    return compare_exchange_strong(expected, value, order, failed);
  }
  KBENCH_INLINE T operator++() const { return fetch_add(1) + 1; }
  KBENCH_INLINE T operator++(int) const { return fetch_add(1); }
  KBENCH_INLINE T operator--() const { return fetch_sub(1) - 1; }
  KBENCH_INLINE T operator--(int) const { return fetch_sub(1); }
  KBENCH_INLINE T operator+=(T value) const { return fetch_add(value) + value; }
  KBENCH_INLINE T operator-=(T value) const { return fetch_sub(value) - value; }

 private:
  static constexpr kbench_simt::AtomicKind kKind = scope >= thread_scope_block
                                                       ? kbench_simt::AtomicKind::block
                                                       : kbench_simt::AtomicKind::device;

  template <class Change>
  KBENCH_INLINE T change(memory_order order, Change to) const {
    if (releases(order)) kbench_simt::fence();
    return kbench_simt::atomic(at_, kKind, to);
  }

  T* at_;
};

template <class T, thread_scope scope = thread_scope_system>
class atomic {
 public:
  atomic() = default;
  constexpr atomic(T value) : value_(value) {}

  // Everything that a reference to it can.
  KBENCH_INLINE atomic_ref<T, scope> ref() { return atomic_ref<T, scope>(value_); }
  KBENCH_INLINE T load(memory_order order = memory_order_seq_cst) { return ref().load(order); }
  KBENCH_INLINE operator T() { return load(); }
  KBENCH_INLINE void store(T v, memory_order order = memory_order_seq_cst) {
    ref().store(v, order);
  }
  KBENCH_INLINE T operator=(T v) { return store(v), v; }
  KBENCH_INLINE T exchange(T v, memory_order order = memory_order_seq_cst) {
    return ref().exchange(v, order);
  }
  KBENCH_INLINE T fetch_add(T v, memory_order order = memory_order_seq_cst) {
    return ref().fetch_add(v, order);
  }
  KBENCH_INLINE T fetch_sub(T v, memory_order order = memory_order_seq_cst) {
    return ref().fetch_sub(v, order);
  }
  KBENCH_INLINE T fetch_and(T v, memory_order order = memory_order_seq_cst) {
    return ref().fetch_and(v, order);
  }
  KBENCH_INLINE T fetch_or(T v, memory_order order = memory_order_seq_cst) {
    return ref().fetch_or(v, order);
  }
  KBENCH_INLINE T fetch_xor(T v, memory_order order = memory_order_seq_cst) {
    return ref().fetch_xor(v, order);
  }
  KBENCH_INLINE T fetch_min(T v, memory_order order = memory_order_seq_cst) {
    return ref().fetch_min(v, order);
  }
  KBENCH_INLINE T fetch_max(T v, memory_order order = memory_order_seq_cst) {
    return ref().fetch_max(v, order);
  }
  KBENCH_INLINE bool compare_exchange_strong(T& expected, T v,
                                             memory_order order = memory_order_seq_cst,
                                             memory_order failed = memory_order_seq_cst) {
    return ref().compare_exchange_strong(expected, v, order, failed);
  }
  KBENCH_INLINE bool compare_exchange_weak(T& expected, T v,
                                           memory_order order = memory_order_seq_cst,
                                           memory_order failed = memory_order_seq_cst) {
    return ref().compare_exchange_strong(expected, v, order, failed);
  }
  KBENCH_INLINE T operator++() { return ++ref(); }
  KBENCH_INLINE T operator++(int) { return ref()++; }
  KBENCH_INLINE T operator+=(T v) { return ref() += v; }
  KBENCH_INLINE T operator-=(T v) { return ref() -= v; }

 private:
  T value_;
};

namespace std {
template <class T>
using atomic = ::cuda::atomic<T>;
template <class T>
using atomic_ref = ::cuda::atomic_ref<T>;
}  // namespace std

// ---- Barriers that are arrived at first and waited for later

template <thread_scope scope = thread_scope_system>
class barrier {
 public:
  class arrival_token {
   public:
    arrival_token() = default;
    explicit arrival_token(uint32_t phase) : phase_(phase) {}
    uint32_t phase() const { return phase_; }

   private:
    uint32_t phase_;
  };

  barrier() = default;
  explicit barrier(ptrdiff_t expected) { start(expected); }
  friend void init(barrier* it, ptrdiff_t expected) { it->start(expected); }
  static constexpr ptrdiff_t(max)() { return (1 << 20) - 1; }

  // What this thread copies with it is there before the others go on.
  arrival_token arrive(ptrdiff_t count = 1) {
    kbench_simt::wait_for_all_copies();
    return arrival_token(kbench_simt::arrive(&it_, static_cast<uint32_t>(count), false));
  }
  void wait(arrival_token&& token, int line = __builtin_LINE()) const {
    kbench_simt::await(&it_, token.phase(), line);
  }
  void wait_parity(bool parity, int line = __builtin_LINE()) const {
    if ((it_.phase & 1) == static_cast<uint32_t>(parity)) kbench_simt::await(&it_, it_.phase, line);
  }
  void arrive_and_wait(int line = __builtin_LINE()) { wait(arrive(), line); }
  void arrive_and_drop() {
    kbench_simt::wait_for_all_copies();
    kbench_simt::arrive(&it_, 1, true);
  }

 private:
  void start(ptrdiff_t expected) {
    const auto count = static_cast<uint32_t>(expected);
    it_ = {count, 0, 0, count};
  }

  mutable kbench_simt::SplitBarrier it_;
};

// ---- Pipelines: what is committed together is waited for together, the oldest first

template <thread_scope scope, unsigned stages>
struct pipeline_shared_state {
  kbench_simt::SplitBarrier full[stages], empty[stages];
};

template <thread_scope scope>
class pipeline {
 public:
  pipeline() = default;
  pipeline(kbench_simt::SplitBarrier* full, kbench_simt::SplitBarrier* empty, unsigned stages)
      : full_(full), empty_(empty), stages_(stages) {}

  // A stage is free again when all threads have released it.
  void producer_acquire(int line = __builtin_LINE()) {
    if (stages_ > 0 && head_ >= stages_) {
      kbench_simt::await(&empty_[head_ % stages_], head_ / stages_ - 1, line);
    }
  }
  void producer_commit() {
    kbench_simt::commit_copies();
    ++head_;
  }
  void consumer_wait(int line = __builtin_LINE()) {
    if (head_ == tail_) return;
    kbench_simt::wait_for_copies(static_cast<int>(head_ - tail_ - 1));
    if (stages_ == 0) return;
    kbench_simt::arrive(&full_[tail_ % stages_], 1, false);
    kbench_simt::await(&full_[tail_ % stages_], tail_ / stages_, line);
  }
  void consumer_release() {
    if (stages_ > 0) kbench_simt::arrive(&empty_[tail_ % stages_], 1, false);
    ++tail_;
  }
  bool quit() { return true; }

 private:
  kbench_simt::SplitBarrier *full_ = nullptr, *empty_ = nullptr;
  uint32_t stages_ = 0, head_ = 0, tail_ = 0;
};
inline pipeline<thread_scope_thread> make_pipeline() {
  return {};
}
template <class Group, thread_scope scope, unsigned stages>
pipeline<scope> make_pipeline(const Group& group, pipeline_shared_state<scope, stages>* state,
                              int line = __builtin_LINE()) {
  const auto threads = static_cast<uint32_t>(group.size());
  if (group.thread_rank() == 0) {
    for (unsigned i = 0; i < stages; ++i)
      state->full[i] = state->empty[i] = {threads, 0, 0, threads};
  }
  group.sync(line);
  return {state->full, state->empty, stages};
}
template <unsigned groups>
void pipeline_consumer_wait_prior(pipeline<thread_scope_thread>&) {
  kbench_simt::wait_for_copies(groups);
}

// Of one thread, and of a group that shares the work; `joined` is a pipeline or a barrier.
template <class To, class From, class Joined>
KBENCH_INLINE void memcpy_async(To* to, const From* from, size_t bytes, Joined&) {
  kbench_simt::copy_share(to, from, bytes, 0, 1);
}
template <class Group, class To, class From, class Joined>
KBENCH_INLINE void memcpy_async(const Group& group, To* to, const From* from, size_t bytes,
                                Joined&) {
  kbench_simt::copy_share(to, from, bytes, static_cast<unsigned>(group.thread_rank()),
                          static_cast<unsigned>(group.size()));
}

}  // namespace cuda

#undef KBENCH_INLINE

#endif
