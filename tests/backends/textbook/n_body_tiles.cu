// kbench: task     n_body
// kbench: language cuda hip
// kbench: param    BLOCK 32 *64 256
// kbench: launch   integrateForces<<<ceil_div(n, BLOCK), BLOCK>>>(x, y, z, m, ax, ay, az, n)
#include <kbench.h>

// The influence of one body on another, added to an acceleration.
__device__ float3 bodyBodyInteraction(float3 acc, float4 self, float4 other) {
  const float softening = 0.01f;
  float3 d;
  d.x = other.x - self.x;
  d.y = other.y - self.y;
  d.z = other.z - self.z;
  const float distSqr = d.x * d.x + d.y * d.y + d.z * d.z + softening;
  const float invDist = rsqrtf(distSqr);
  const float s = other.w * invDist * invDist * invDist;
  acc.x += d.x * s;
  acc.y += d.y * s;
  acc.z += d.z * s;
  return acc;
}

__device__ float3 tileInteractions(const float4* bodies, int count, float4 self, float3 acc) {
#pragma unroll 8
  for (int i = 0; i < count; ++i) acc = bodyBodyInteraction(acc, self, bodies[i]);
  return acc;
}

__global__ void integrateForces(const float* x, const float* y, const float* z, const float* m,
                                float* ax, float* ay, float* az, int n) {
  __shared__ float4 shared[BLOCK];
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  const float4 self = i < n ? make_float4(x[i], y[i], z[i], m[i]) : make_float4(0, 0, 0, 0);
  float3 acc = {0.0f, 0.0f, 0.0f};
  for (int tile = 0; tile * BLOCK < n; ++tile) {
    const int j = tile * BLOCK + threadIdx.x;
    if (j < n) shared[threadIdx.x] = make_float4(x[j], y[j], z[j], m[j]);
    __syncthreads();
    acc = tileInteractions(shared, min(BLOCK, n - tile * BLOCK), self, acc);
    __syncthreads();
  }
  if (i < n) {
    ax[i] = acc.x;
    ay[i] = acc.y;
    az[i] = acc.z;
  }
}
