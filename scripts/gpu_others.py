"""What kbench is held against on a GPU: PyTorch's operators, and benchmarks of the same kernels written by hand.

Times are in ns; text instead says why there is none."""

import math
import pathlib
import shutil
import statistics
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent.parent

try:
    import torch

    if not torch.cuda.is_available():
        torch = None
except ImportError:
    torch = None


def torch_version():
    return torch.__version__ if torch else "is not here"


def text_of(ns, time_text):
    return time_text(ns) if isinstance(ns, float) else ns


def random(*shape):
    return torch.randn(*shape, device="cuda")


def whole(below, *shape):
    return torch.randint(0, below, shape, device="cuda", dtype=torch.int64)


def csr(d):
    """As many entries in every row, at random columns."""
    each = d["nnz"] // d["rows"]
    starts = torch.arange(d["rows"] + 1, device="cuda", dtype=torch.int32) * each
    columns = torch.randint(0, d["cols"], (d["rows"], each), device="cuda", dtype=torch.int32).sort(1).values.flatten()
    return torch.sparse_csr_tensor(starts, columns, random(d["rows"] * each), (d["rows"], d["cols"]))


def convolution(d):
    return [random(d["batch"], d["channels"], d["height"], d["width"]),
            random(d["filters"], d["channels"], d["kernel"], d["kernel"])]


# task: (the tensors of dims, what to call on them), f32.
OPERATORS = {
    "argmax": (lambda d: [random(d["rows"], d["cols"])], lambda d, x: x.argmax(1)),
    "attention": (lambda d: [random(d["batch"], d["heads"], d["seq"], d["d"]) for _ in range(3)],
                  lambda d, q, k, v: torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)),
    "axpy": (lambda d: [random(d["n"]), random(d["n"])], lambda d, x, y: y.add_(x, alpha=1.7)),
    "conv2d": (convolution, lambda d, x, w: torch.nn.functional.conv2d(x, w, stride=d["stride"], padding=d["padding"])),
    "cross_entropy": (lambda d: [random(d["rows"], d["cols"]), whole(d["cols"], d["rows"])],
                      lambda d, x, t: torch.nn.functional.cross_entropy(x, t, reduction="none")),
    "gather": (lambda d: [random(d["entries"], d["cols"]), whole(d["entries"], d["rows"])],
               lambda d, table, index: table.index_select(0, index)),
    "gelu": (lambda d: [random(d["n"])], lambda d, x: torch.nn.functional.gelu(x)),
    "layer_norm": (lambda d: [random(d["rows"], d["cols"]), random(d["cols"]), random(d["cols"])],
                   lambda d, x, g, b: torch.nn.functional.layer_norm(x, (d["cols"],), g, b, 1e-5)),
    "matmul": (lambda d: [random(d["m"], d["k"]), random(d["k"], d["n"])], lambda d, a, b: torch.matmul(a, b)),
    "prefix_sum": (lambda d: [random(d["rows"], d["cols"])], lambda d, x: x.cumsum(1)),
    "rms_norm": (lambda d: [random(d["rows"], d["cols"]), random(d["cols"])],
                 lambda d, x, g: torch.nn.functional.rms_norm(x, (d["cols"],), g, 1e-6)),
    "row_sum": (lambda d: [random(d["rows"], d["cols"])], lambda d, x: x.sum(1)),
    "softmax": (lambda d: [random(d["rows"], d["cols"])], lambda d, x: torch.softmax(x, 1)),
    "spmv_csr": (lambda d: [csr(d), random(d["cols"])], lambda d, a, x: a @ x),
    "top_k": (lambda d: [random(d["rows"], d["cols"])], lambda d, x: torch.topk(x, d["k"], 1)),
    "transpose": (lambda d: [random(d["rows"], d["cols"])], lambda d, x: x.t().contiguous()),
}


def dims_of(problem):
    return {name: int(value) for name, value in (part.split("=") for part in problem.split(",")) if value.isdigit()}


def time_batches(batch, calls, cold):
    """The median time of a call, over batches queued behind a write that flushes the cache."""
    flush = torch.empty(2 * torch.cuda.get_device_properties(0).L2_cache_size, dtype=torch.uint8, device="cuda")
    times = []
    for repeat in range(25):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        if cold or repeat < 5:
            flush.zero_()
        begin.record()
        batch()
        end.record()
        torch.cuda.synchronize()
        if repeat >= 5:
            times.append(begin.elapsed_time(end) * 1e6 / calls)
    return statistics.median(times)


def torch_ns(task, problem):
    if not torch:
        return "not here"
    if task not in OPERATORS:
        return "no such operator"
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    dims, cold = dims_of(problem), "cache=cold" in problem
    make, call = OPERATORS[task]
    try:
        first = make(dims)
        size = sum(t.numel() * t.element_size() for t in first if t.layout == torch.strided)
        goal = 2 * torch.cuda.get_device_properties(0).L2_cache_size if cold else 16 << 20
        sets = [first] + [make(dims) for _ in range(min(max(math.ceil(goal / max(size, 1)), 2), 64) - 1)]

        def batch():
            for tensors in sets:
                call(dims, *tensors)

        batch()
        torch.cuda.synchronize()
        try:  # without the time in which the host queues each call
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph):
                batch()
            replay = graph.replay
        except RuntimeError:
            torch.cuda.synchronize()
            replay = batch
        return float(time_batches(replay, len(sets), cold))
    except (RuntimeError, AttributeError) as failed:
        return f"failed: {str(failed)[:80]}"
    finally:
        torch.cuda.empty_cache()


# Kernels of reference_kernels/ with their default params, on problems of the benchmark: how a batch calls them.
HAND_WRITTEN = {
    "axpy": {"kernel": "linear_algebra/axpy/grid_stride.cu", "problem": "n=33554432,cache=cold", "elements": 33554432,
             "call": "axpy<256, 2><<<33554432 / 512, 256, 0, stream>>>(x, y, 1.7f, 33554432)"},
    "gelu": {"kernel": "activation/gelu/elementwise.cu", "problem": "n=67108864,cache=cold", "elements": 67108864,
             "call": "gelu<256, 2><<<67108864 / 512, 256, 0, stream>>>(x, y, 67108864)"},
    "softmax": {"kernel": "normalisation/softmax/block.cu", "problem": "rows=16384,cols=4096,cache=cold",
                "elements": 16384 * 4096, "call": "softmax<256><<<16384, 256, 0, stream>>>(x, y, 4096)"},
}

PROGRAM = r"""
#define x_t float
#define y_t float
#include "KERNEL"
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#define MUST(call) do { cudaError_t e = (call); if (e != cudaSuccess) { fprintf(stderr, "%s\n", cudaGetErrorString(e)); exit(1); } } while (0)

__global__ void fill(float* to, size_t count, unsigned seed) {
  for (size_t i = blockIdx.x * size_t(blockDim.x) + threadIdx.x; i < count; i += size_t(gridDim.x) * blockDim.x) {
    unsigned bits = unsigned(i) * 2654435761u + seed;
    bits ^= bits >> 15; bits *= 2246822519u; bits ^= bits >> 13;
    to[i] = float(bits) * (2.0f / 4294967296.0f) - 1.0f;
  }
}

int main() {
  constexpr size_t kElements = ELEMENTS;
  constexpr int kSets = 2, kWarmUps = 5, kRepeats = 40;
  int l2_bytes = 0;
  MUST(cudaDeviceGetAttribute(&l2_bytes, cudaDevAttrL2CacheSize, 0));
  float *xs[kSets], *ys[kSets];
  char* flush;
  cudaStream_t stream;
  cudaEvent_t begin, end;
  MUST(cudaStreamCreate(&stream));
  MUST(cudaEventCreate(&begin));
  MUST(cudaEventCreate(&end));
  MUST(cudaMalloc(&flush, 2 * size_t(l2_bytes)));
  for (int set = 0; set < kSets; ++set) {
    MUST(cudaMalloc(&xs[set], kElements * sizeof(float)));
    MUST(cudaMalloc(&ys[set], kElements * sizeof(float)));
    fill<<<1024, 256, 0, stream>>>(xs[set], kElements, 2 * set);
    fill<<<1024, 256, 0, stream>>>(ys[set], kElements, 2 * set + 1);
  }
  std::vector<float> times;
  for (int repeat = 0; repeat < kWarmUps + kRepeats; ++repeat) {
    for (int i = 0; i < 20; ++i) MUST(cudaMemsetAsync(flush, repeat, 2 * size_t(l2_bytes), stream));
    MUST(cudaEventRecord(begin, stream));
    for (int set = 0; set < kSets; ++set) {
      const float* x = xs[set];
      float* y = ys[set];
      CALL;
    }
    MUST(cudaEventRecord(end, stream));
    MUST(cudaStreamSynchronize(stream));
    MUST(cudaGetLastError());
    float ms = 0;
    MUST(cudaEventElapsedTime(&ms, begin, end));
    if (repeat >= kWarmUps) times.push_back(ms);
  }
  std::nth_element(times.begin(), times.begin() + kRepeats / 2, times.end());
  printf("%.1f\n", times[kRepeats / 2] * 1e6 / kSets);
}
"""


def hand_written_ns(bench):
    nvcc = shutil.which("nvcc") or shutil.which("/usr/local/cuda/bin/nvcc")
    if not nvcc:
        return "no nvcc here"
    source = PROGRAM.replace("KERNEL", str(HERE / "reference_kernels" / bench["kernel"]))
    source = source.replace("ELEMENTS", str(bench["elements"])).replace("CALL", bench["call"])
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(HERE / "backends/rtc/cuda.h", folder + "/kbench.h")
        pathlib.Path(folder + "/bench.cu").write_text(source)
        built = subprocess.run([nvcc, "-std=c++17", "-O3", "-arch=native", "-I" + folder, "-o", folder + "/bench", folder + "/bench.cu"],
                               capture_output=True, text=True)
        if built.returncode != 0:
            return f"nvcc: {built.stderr.strip()[-200:]}"
        ran = subprocess.run([folder + "/bench"], capture_output=True, text=True, timeout=120)
        return float(ran.stdout) if ran.returncode == 0 else f"failed: {ran.stderr.strip()[-200:]}"
