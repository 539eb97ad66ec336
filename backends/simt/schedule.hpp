#pragma once

#include <cstddef>
#include <cstdint>

namespace kbench_simt {

// The largest that a launch may ask for, as on sm_90.
inline constexpr size_t kDynamicShared = 232448;

// Where shared memory begins as PTX counts: a tile's alignment is the same in
// both ways to count.
inline constexpr uint64_t kSharedWindow = 1024;

uint32_t current_block();
// Whether the running launch has several blocks alive at once.
bool interleaved();
// Whether what `block` did before its fence is ordered before what the running
// block does now: it has passed a fence, and this one has since met it in an
// atomic operation.
bool released(uint32_t block);
// Whether the running block has executed an atomic operation.
bool has_met();
void block_has_fenced(uint32_t block);

}  // namespace kbench_simt
