// The k largest of each row, by a heap or by selection in chunks.
//
// kbench: task     topk
// kbench: language cpp
// kbench: dtype    f32
// kbench: param    METHOD *heap select
// kbench: param    CHUNK  256 *1024 4096
// kbench: require  k <= CHUNK
// kbench: define   TOP = k
// kbench: buffer   scratch f32[CHUNK + TOP]
// kbench: launch   topk<TOP>(x, values, indices, scratch, rows, cols)
#include <kbench.h>

template <int top>
void topk(const float* x, float* values, int32_t* indices, float* scratch, int rows, int cols);
