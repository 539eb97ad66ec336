#pragma once

#include <map>
#include <string>

#include "search/evolution/member.hpp"

namespace kbench {

// What a kernel does, in small numbers, whatever its speed: kernels that differ here are different
// ideas. By name:
//   vector    0: scalar code; 1: the compiler's vectors (a pragma, a vector type); 2, 3, 4:
//             intrinsics of 128, 256, 512 bits, by the widest
//   shared    1: it stages data: shared or local memory, a `buffer`, a `prepare` step
//   unroll    1: it unrolls, by a pragma or a param of that name
//   parallel  1: threads or warps work together: OpenMP, shuffles
//   size      of its machine code: 0 under 1 KiB, then one more for each factor of four
//   shape     the shape on which it gains most over the first member
using Behaviour = std::map<std::string, int>;
Behaviour behaviour_of(const Member& member, const Member& first);

}  // namespace kbench
