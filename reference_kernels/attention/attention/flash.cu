// One thread a query; the block walks over the keys a tile at a time and keeps the softmax running
// (Dao et al., arXiv:2205.14135). The tile's keys and values lie in shared memory.
//
// kbench: task     attention
// kbench: language cuda hip
// kbench: param    QUERIES 32 *64 128
// kbench: param    KEYS    8 *16 32
// kbench: define   HEAD = d
// kbench: require  2 * KEYS * d * 4 <= SMEM_MAX
// kbench: launch   flash<QUERIES, KEYS><<<(ceil_div(seq, QUERIES), batch * heads), QUERIES>>>(q, k, v, o, seq)
#include <kbench.h>

template <int queries, int keys>
__global__ void flash(const q_t* __restrict__ q, const k_t* __restrict__ k,
                      const v_t* __restrict__ v, o_t* __restrict__ o, int seq) {
  __shared__ float key_tile[keys][HEAD], value_tile[keys][HEAD];
  const int64_t head = int64_t(blockIdx.y) * seq * HEAD;
  const int first = blockIdx.x * queries, i = first + threadIdx.x;
  const float scale = 1.0f / sqrtf(float(HEAD));
  float query[HEAD], mixed[HEAD], largest = -INFINITY, sum = 0;
  for (int c = 0; c < HEAD; ++c) {
    query[c] = i < seq ? float(q[head + int64_t(i) * HEAD + c]) * scale : 0.0f;
    mixed[c] = 0;
  }
  // Keys behind the block's last query belong to nobody's past.
  const int end = min(seq, first + queries);
  for (int tile = 0; tile < end; tile += keys) {
    const int here = min(keys, end - tile);
    __syncthreads();  // the tile before is still being read
    for (int at = threadIdx.x; at < here * HEAD; at += queries) {
      key_tile[at / HEAD][at % HEAD] = float(k[head + int64_t(tile) * HEAD + at]);
      value_tile[at / HEAD][at % HEAD] = float(v[head + int64_t(tile) * HEAD + at]);
    }
    __syncthreads();
    for (int j = 0; j < here && tile + j <= i; ++j) {
      float score = 0;
      for (int c = 0; c < HEAD; ++c) score += query[c] * key_tile[j][c];
      const float before = largest;
      largest = fmaxf(largest, score);
      const float fade = expf(before - largest), share = expf(score - largest);
      sum = sum * fade + share;
      for (int c = 0; c < HEAD; ++c) mixed[c] = mixed[c] * fade + share * value_tile[j][c];
    }
  }
  if (i >= seq) return;
  for (int c = 0; c < HEAD; ++c) o[head + int64_t(i) * HEAD + c] = o_t(mixed[c] / sum);
}
