// Online softmax with a cooperative tile a row.
// kbench: task     softmax
// kbench: language cuda
// kbench: launch   softmax<<<ceil_div(rows, 8), 128>>>(x, y, rows, cols)
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
namespace cg = cooperative_groups;

struct SumMax {
  float maxval;
  float sumval;
};

__device__ __forceinline__ SumMax reduce_sum_max_op(SumMax a, SumMax b) {
  bool a_bigger = (a.maxval > b.maxval);
  SumMax bigger_m = a_bigger ? a : b;
  SumMax smaller_m = a_bigger ? b : a;
  if (smaller_m.sumval == 0.0f) return bigger_m;
  SumMax res;
  res.maxval = bigger_m.maxval;
  res.sumval = bigger_m.sumval + smaller_m.sumval * expf(smaller_m.maxval - bigger_m.maxval);
  return res;
}

__global__ void softmax(const float* inp, float* out, int N, int C) {
  cg::thread_block block = cg::this_thread_block();
  auto warp = cg::tiled_partition<16>(block);
  int idx = blockIdx.x * warp.meta_group_size() + warp.meta_group_rank();
  if (idx >= N) return;
  const float* x = inp + (size_t)idx * C;
  SumMax sm_partial;
  sm_partial.maxval = -INFINITY;
  sm_partial.sumval = 0.0f;
  for (int i = warp.thread_rank(); i < C; i += warp.size()) {
    sm_partial = reduce_sum_max_op(sm_partial, {x[i], 1.0f});
  }
  SumMax sm_total = cg::reduce(warp, sm_partial, reduce_sum_max_op);
  for (int i = warp.thread_rank(); i < C; i += warp.size()) {
    __stcs(out + (size_t)idx * C + i, expf(__ldcs(x + i) - sm_total.maxval) / sm_total.sumval);
  }
}
