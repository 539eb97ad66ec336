// One item a query; the work-group walks over the keys a tile at a time and keeps the softmax
// running (Dao et al., arXiv:2205.14135). The tile's keys and values lie in local memory.
//
// kbench: task     attention
// kbench: language opencl
// kbench: param    QUERIES 16 *32 64
// kbench: param    KEYS    8 *16 32
// kbench: define   HEAD = d
// kbench: require  2 * KEYS * d * 4 <= SMEM_MAX
// kbench: launch   flash<<<(ceil_div(seq, QUERIES), batch * heads), QUERIES>>>(q, k, v, o, seq)
#include <kbench.h>

__kernel void flash(__global const q_t* restrict q, __global const k_t* restrict k,
                    __global const v_t* restrict v, __global o_t* restrict o, int seq) {
  __local float key_tile[KEYS][HEAD], value_tile[KEYS][HEAD];
  const long head = (long)get_group_id(1) * seq * HEAD;
  const int me = get_local_id(0), first = get_group_id(0) * QUERIES, i = first + me;
  const float scale = 1.0f / sqrt((float)HEAD);
  float query[HEAD], mixed[HEAD], largest = -INFINITY, sum = 0;
  for (int c = 0; c < HEAD; ++c) {
    query[c] = i < seq ? number_of(q_t, q[head + (long)i * HEAD + c]) * scale : 0.0f;
    mixed[c] = 0;
  }
  // Keys behind the group's last query belong to nobody's past.
  const int end = min(seq, first + QUERIES);
  for (int tile = 0; tile < end; tile += KEYS) {
    const int here = min(KEYS, end - tile);
    barrier(CLK_LOCAL_MEM_FENCE);  // the tile before is still being read
    for (int at = me; at < here * HEAD; at += QUERIES) {
      key_tile[at / HEAD][at % HEAD] = number_of(k_t, k[head + (long)tile * HEAD + at]);
      value_tile[at / HEAD][at % HEAD] = number_of(v_t, v[head + (long)tile * HEAD + at]);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int j = 0; j < here && tile + j <= i; ++j) {
      float score = 0;
      for (int c = 0; c < HEAD; ++c) score += query[c] * key_tile[j][c];
      const float before = largest;
      largest = fmax(largest, score);
      const float fade = exp(before - largest), share = exp(score - largest);
      sum = sum * fade + share;
      for (int c = 0; c < HEAD; ++c) mixed[c] = mixed[c] * fade + share * value_tile[j][c];
    }
  }
  if (i >= seq) return;
  for (int c = 0; c < HEAD; ++c) o[head + (long)i * HEAD + c] = stored_as(o_t, mixed[c] / sum);
}
