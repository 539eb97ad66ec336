// What -fsanitize=thread calls before each access of a kernel.

#include "block.hpp"
#include "shadow.hpp"

namespace kbench_simt {

namespace {

// Whether all words of a read have a key of the running thread. An address that
// is not a multiple of the word has bits that no word's number has.
template <int words>
[[gnu::always_inline]] inline bool read_before(const Shadowed& memory, uint64_t address) {
  const uint64_t offset = address - memory.base;
  const uint64_t word = offset >> 2 | offset << 62;
  if (word >= memory.words) return false;
  for (int i = 0; i < words; ++i) {
    const uint64_t key = memory.keys[word + static_cast<uint64_t>(i)];
    if (key != running.phase_key && key != running.warp_key && key != running.launch_key) {
      return false;
    }
  }
  return true;
}

template <int bytes, bool write>
[[gnu::noinline]] void look_closer(uint64_t address, const void* from) {
  check_access({address, bytes, write, false, from});
}

template <int bytes, bool write>
[[gnu::always_inline]] inline void seen(void* address, const void* from) {
  const auto at = reinterpret_cast<uint64_t>(address);
  constexpr int kWords = bytes / static_cast<int>(kWord);
  // Vectors must also lie at a multiple of their size.
  if (!write && kWords > 0 && (kWords == 1 || at % bytes == 0)) {
    if (read_before<kWords>(shared_memory, at) || read_before<kWords>(global_memory, at)) return;
  }
  look_closer<bytes, write>(at, from);
}

// In global memory volatile accesses are how blocks tell each other something: atomic, ordered by
// fences. In shared memory they are as plain as others.
template <int bytes, bool write>
[[gnu::always_inline]] inline void seen_volatile(void* address, const void* from) {
  const auto at = reinterpret_cast<uint64_t>(address);
  if (!holds(global_memory, at) || !running.in_kernel) return seen<bytes, write>(address, from);
  if (!write) poll(at);
  check_access({at, bytes, write, true, from, false, false, true});
}

}  // namespace

}  // namespace kbench_simt

#define KBENCH_SEEN(bytes)                                                     \
  void __tsan_read##bytes(void* at) {                                          \
    kbench_simt::seen<bytes, false>(at, __builtin_return_address(0));          \
  }                                                                            \
  void __tsan_write##bytes(void* at) {                                         \
    kbench_simt::seen<bytes, true>(at, __builtin_return_address(0));           \
  }                                                                            \
  void __tsan_unaligned_read##bytes(void* at) {                                \
    kbench_simt::seen<bytes, false>(at, __builtin_return_address(0));          \
  }                                                                            \
  void __tsan_unaligned_write##bytes(void* at) {                               \
    kbench_simt::seen<bytes, true>(at, __builtin_return_address(0));           \
  }                                                                            \
  void __tsan_volatile_read##bytes(void* at) {                                 \
    kbench_simt::seen_volatile<bytes, false>(at, __builtin_return_address(0)); \
  }                                                                            \
  void __tsan_volatile_write##bytes(void* at) {                                \
    kbench_simt::seen_volatile<bytes, true>(at, __builtin_return_address(0));  \
  }

extern "C" {
KBENCH_SEEN(1)
KBENCH_SEEN(2)
KBENCH_SEEN(4)
KBENCH_SEEN(8)
KBENCH_SEEN(16)
void __tsan_read_range(void* at, unsigned long bytes) {
  kbench_simt::check_access({reinterpret_cast<uint64_t>(at), static_cast<int>(bytes), false, false,
                             __builtin_return_address(0)});
}
void __tsan_write_range(void* at, unsigned long bytes) {
  kbench_simt::check_access({reinterpret_cast<uint64_t>(at), static_cast<int>(bytes), true, false,
                             __builtin_return_address(0)});
}
// Whether a static array of a class has been constructed, which g++ also asks where nothing is to
// be done. Shared arrays have no initialisers.
char __tsan_atomic8_load(const volatile char*, int) {
  return 1;
}
void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_vptr_update(void**, void*) {}
void __tsan_vptr_read(void**) {}
}
