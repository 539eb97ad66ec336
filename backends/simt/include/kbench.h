// What a CUDA or HIP kernel finds around it when it is compiled for the emulated device: the
// language's words, types and functions in C++, over the runtime of simt.h.
#ifndef KBENCH_H
#define KBENCH_H

#include "simt.h"
#include "simt_vectors.h"
// The order matters: atomics and shuffles serve the 16-bit types too.
#include "simt_half.h"
#include "simt_math.h"
#include "simt_bits.h"
#include "simt_sync.h"
#include "simt_atomics.h"
#include "simt_groups.h"
#include "simt_tensor.h"
#include "simt_ptx.h"
#include "simt_async.h"
#include "simt_names.h"

typedef __half f16;
typedef __nv_bfloat16 bf16;
constexpr int WARP = 32;

#endif
