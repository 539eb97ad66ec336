// Causal attention, online softmax over blocks of keys; the head's size is known to the compiler.
//
// kbench: task     attention
// kbench: language cpp
// kbench: dtype    f32
// kbench: param    BLOCK_Q *16 32
// kbench: param    BLOCK_K 64 *128
// kbench: flags    *-O3 -ffast-math | -O3
// kbench: define   HEAD = d
// kbench: buffer   scores f32[BLOCK_Q, BLOCK_K]
// kbench: launch   attention<HEAD>(q, k, v, out, scores, heads, seq, scale)
#include <kbench.h>

template <int head>
void attention(const float* q, const float* k, const float* v, float* out, float* scores, int heads,
               int seq, float scale);
