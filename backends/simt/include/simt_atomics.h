// Atomic operations. Fibers change places only where the runtime says, so plain operations are
// atomic.
#ifndef KBENCH_SIMT_ATOMICS_H
#define KBENCH_SIMT_ATOMICS_H

namespace kbench_simt {

template <class T, class Change>
__attribute__((noinline, no_sanitize("thread"))) T atomic(T* address, AtomicKind kind,
                                                          Change change) {
  atomic_access(address, sizeof(T), kind, __builtin_return_address(0));
  const T before = *address;
  *address = change(before);
  return before;
}
template <class T>
__attribute__((noinline, no_sanitize("thread"))) T atomic_load(const T* address) {
  atomic_access(address, sizeof(T), AtomicKind::load, __builtin_return_address(0));
  return *address;
}

// The second argument converts to the first's type, as it does in CUDA's overloads.
template <class T>
using Same = std::type_identity_t<T>;

}  // namespace kbench_simt

// For the whole device, the whole system, and the threads of one block. Inlined, so that an access
// is reported at the line that calls them.
#define KBENCH_SCOPES(define)                                                                \
  define(, kbench_simt::AtomicKind::device) define(_system, kbench_simt::AtomicKind::device) \
      define(_block, kbench_simt::AtomicKind::block)
#define KBENCH_ATOMIC(name, suffix, kind, result)                                                \
  template <class T>                                                                             \
  __attribute__((always_inline)) inline T name##suffix(T* address, kbench_simt::Same<T> value) { \
    return kbench_simt::atomic(address, kind, [=](T old) -> T { return result; });               \
  }
#define KBENCH_ATOMICS(suffix, kind)                                                \
  KBENCH_ATOMIC(atomicAdd, suffix, kind, static_cast<T>(old + value))               \
  KBENCH_ATOMIC(atomicSub, suffix, kind, static_cast<T>(old - value))               \
  KBENCH_ATOMIC(atomicExch, suffix, kind, value)                                    \
  KBENCH_ATOMIC(atomicMin, suffix, kind, value < old ? value : old)                 \
  KBENCH_ATOMIC(atomicMax, suffix, kind, value > old ? value : old)                 \
  KBENCH_ATOMIC(atomicAnd, suffix, kind, old& value)                                \
  KBENCH_ATOMIC(atomicOr, suffix, kind, old | value)                                \
  KBENCH_ATOMIC(atomicXor, suffix, kind, old ^ value)                               \
  KBENCH_ATOMIC(atomicInc, suffix, kind, old >= value ? T(0) : old + 1)             \
  KBENCH_ATOMIC(atomicDec, suffix, kind, old == 0 || old > value ? value : old - 1) \
  template <class T>                                                                \
  __attribute__((always_inline)) inline T atomicCAS##suffix(                        \
      T* address, kbench_simt::Same<T> compare, kbench_simt::Same<T> value) {       \
    const auto compared = kind == kbench_simt::AtomicKind::block                    \
                              ? kbench_simt::AtomicKind::compare_block              \
                              : kbench_simt::AtomicKind::compare;                   \
    return kbench_simt::atomic(address, compared, [=](T old) -> T {                 \
      return std::memcmp(&old, &compare, sizeof(T)) == 0 ? value : old;             \
    });                                                                             \
  }
KBENCH_SCOPES(KBENCH_ATOMICS)
#undef KBENCH_ATOMICS
#undef KBENCH_ATOMIC
#undef KBENCH_SCOPES

// ---- Copies of memory, each checked as one access; inlined for the same reason.

__attribute__((always_inline)) inline void* kbench_memcpy(void* to, const void* from,
                                                          size_t bytes) {
  kbench_simt::touch(from, bytes, false);
  kbench_simt::touch(to, bytes, true);
  return __builtin_memmove(to, from, bytes);
}
__attribute__((always_inline)) inline void* kbench_memset(void* to, int value, size_t bytes) {
  kbench_simt::touch(to, bytes, true);
  return __builtin_memset(to, value, bytes);
}

#endif
