#include <algorithm>

#include "core/vector_clones.hpp"
#include "harness/fill.hpp"

namespace kbench {

namespace {

// splitmix64's finaliser (Steele, Lea and Flood, OOPSLA 2014).
uint64_t mixed(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// A key for each run of 2^32 elements, so that the inner loop is 32-bit arithmetic only.
struct BlockKey {
  uint32_t add, toggle;
};
BlockKey block_key(uint64_t key, int64_t block) {
  const uint64_t word = mixed(key + static_cast<uint64_t>(block) * 0x9e3779b97f4a7c15);
  return {static_cast<uint32_t>(word), static_cast<uint32_t>(word >> 32)};
}

// Two rounds of multiply and shift with low bias (constants: Wellons, Prospecting for hash
// functions); the key enters twice, so two streams are not shifts of each other.
inline uint32_t hashed(uint32_t counter, BlockKey key) {
  uint32_t x = counter + key.add;
  x = (x ^ (x >> 16)) * 0x21f0aaad;
  x = ((x ^ (x >> 15)) ^ key.toggle) * 0xd35a2d97;
  return x ^ (x >> 15);
}

KBENCH_VECTOR_CLONES void hash_run(uint32_t counter, BlockKey key, int64_t count, uint32_t* out) {
  for (int64_t j = 0; j < count; ++j) out[j] = hashed(counter + static_cast<uint32_t>(j), key);
}

}  // namespace

uint32_t RandomStream::bits(int64_t i) const {
  return hashed(static_cast<uint32_t>(i), block_key(key, i >> 32));
}

int64_t RandomStream::below(int64_t i, int64_t n) const {
  return static_cast<int64_t>((uint64_t{bits(i)} * static_cast<uint64_t>(n)) >> 32);
}

RandomStream RandomStream::derive(uint64_t part) const {
  return {mixed(key ^ mixed(part + 0x632be59bd9b4e019))};
}

void RandomStream::fill(int64_t first, int64_t count, uint32_t* out) const {
  while (count > 0) {
    const BlockKey block = block_key(key, first >> 32);
    const int64_t here = std::min(count, (int64_t{1} << 32) - (first & 0xffffffff));
    hash_run(static_cast<uint32_t>(first), block, here, out);
    first += here;
    out += here;
    count -= here;
  }
}

}  // namespace kbench
