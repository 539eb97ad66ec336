// kbench: task     black_scholes
// kbench: language cuda hip
// kbench: launch   blackScholesGPU<<<8, 128>>>(call, put, price, strike, years, rate, volatility, n)
#include <kbench.h>

// The cumulative normal distribution.
__device__ inline float cndGPU(float d) {
  return 0.5f * erfcf(-d * 0.70710678118654752440f);
}

__device__ inline void blackScholesBody(float& callResult, float& putResult, float S, float X,
                                        float T, float R, float V) {
  const float sqrtT = sqrtf(T);
  const float d1 = (__logf(S / X) + (R + 0.5f * V * V) * T) / (V * sqrtT);
  const float d2 = d1 - V * sqrtT;
  const float expRT = __expf(-R * T);
  callResult = S * cndGPU(d1) - X * expRT * cndGPU(d2);
  putResult = X * expRT * cndGPU(-d2) - S * cndGPU(-d1);
}

__launch_bounds__(128) __global__
    void blackScholesGPU(float* __restrict__ d_Call, float* __restrict__ d_Put,
                         const float* __restrict__ d_Price, const float* __restrict__ d_Strike,
                         const float* __restrict__ d_Years, float riskFree, float volatility,
                         int optN) {
  const int stride = blockDim.x * gridDim.x;
  for (int opt = blockDim.x * blockIdx.x + threadIdx.x; opt < optN; opt += stride) {
    blackScholesBody(d_Call[opt], d_Put[opt], d_Price[opt], d_Strike[opt], d_Years[opt], riskFree,
                     volatility);
  }
}
