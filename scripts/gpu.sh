#!/usr/bin/env bash
# Judges every CUDA kernel of reference_kernels/ on this machine's GPU, times PyTorch and hand-written benchmarks on the
# same shapes, tunes a few tasks, and writes one report in Markdown.
#   scripts/gpu.sh [--out gpu-report.md] [--budget 20s] [--only TASK]... [--quick]
# Needs NVIDIA's driver, NVRTC, g++ and Python; uses nvcc and PyTorch where they are. Programs: $KBENCH_PROGRAMS, else
# build/portable/programs (cmake --preset portable, built elsewhere), else build/release, built now where it can be.
# Leaves the GPU's clocks and settings as they are. Exit code 3: there is no GPU, or something it needs is missing.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

fail() { echo "gpu.sh: $1" >&2; exit 3; }

programs=
for folder in "${KBENCH_PROGRAMS:-}" "$here/build/portable/programs" "$here/build/release" "$here/build/dev"; do
  [ -n "$folder" ] && "$folder/kbench" --version >/dev/null 2>&1 && { programs=$folder; break; }
done
if [ -z "$programs" ]; then
  (cd "$here" && cmake --preset release && cmake --build --preset release) >"$here/build.log" 2>&1 ||
    fail "no kbench that runs here, and none can be built (build.log): build the preset 'portable' on Debian 12 and bring build/portable/programs"
  programs=$here/build/release
fi
command -v python3 >/dev/null || fail "no python3"

listed=$("$programs/kbench-gpu" cuda) || fail "kbench-gpu ends with an error"
case $listed in
  *'"name"'*) ;;
  *) fail "no GPU to run on: $listed" ;;
esac

# NVRTC of a toolkit is found by itself; that of PyTorch's wheels is shown here.
if [ -z "${KBENCH_NVRTC:-}" ] && ! ls /usr/local/cuda/lib*/libnvrtc.so.1[23] >/dev/null 2>&1; then
  KBENCH_NVRTC=$(python3 - <<'PYTHON'
import glob, sysconfig
found = glob.glob(sysconfig.get_paths()["purelib"] + "/nvidia/*/lib/libnvrtc.so.1[23]")
print(found[0] if found else "")
PYTHON
  )
  [ -n "$KBENCH_NVRTC" ] || fail "no NVRTC: neither a CUDA toolkit in /usr/local/cuda nor the package nvidia-cuda-nvrtc"
  export KBENCH_NVRTC
fi

export KBENCH_HOME=$here
exec python3 "$here/scripts/gpu_report.py" --programs "$programs" --gpu "$listed" "$@"
