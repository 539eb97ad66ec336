#pragma once

#include <cstdint>
#include <string>

#include "harness/include/kbench.h"

namespace kbench {

// The arguments of one call in a worker's arrays, narrowed to what the kernel declares.
// `letters`: one for each (harness/opencl_types.hpp).
//   pass(letter, value, bytes)
// is told of each in turn: for a pointer the value is the tensor's address, for local memory it is
// null and `bytes` its size. Returns the integers behind the arguments: grid and block (three
// extents each), bytes of shared memory, whether cooperative, extents of a cluster.
template <class Pass>
const int64_t* pass_arguments(const std::string& letters, void* const* pointers,
                              const int64_t* integers, const double* reals, Pass pass) {
  auto give = [&](char letter, auto value) { pass(letter, &value, sizeof value); };
  for (const char letter : letters) {
    if (letter == 'p') {
      give(letter, *pointers++);
    } else if (letter == 'l') {
      pass(letter, static_cast<void*>(nullptr), static_cast<size_t>(*integers++));
    } else if (letter == 'q') {
      give(letter, *integers++);
    } else if (letter == 'i') {
      give(letter, static_cast<int32_t>(*integers++));
    } else if (letter == 'd') {
      give(letter, *reals++);
    } else if (letter == 'h') {
      give(letter, f16(static_cast<float>(*reals++)));
    } else if (letter == 'b') {
      give(letter, bf16(static_cast<float>(*reals++)));
    } else {
      give(letter, static_cast<float>(*reals++));
    }
  }
  return integers;
}

}  // namespace kbench
