#!/usr/bin/env bash
# Installs the Debian packages that kbench is built with and runs with. Does nothing, quickly, when all are there.
#   scripts/setup.sh           what the programs need
#   scripts/setup.sh --tests   what the test command needs as well
# and to compile kernels for GPUs, with or without one here:
#   scripts/setup.sh --cuda    NVRTC as Python wheels, 150 MB, into the cache folder, unless a toolkit is here
#   scripts/setup.sh --hip     hipRTC 5.2 from Debian
set -euo pipefail

packages=(
  build-essential cmake ninja-build pkg-config ccache git
  libfmt-dev nlohmann-json3-dev libcli11-dev libexpected-dev libsqlite3-dev libssl-dev libzstd-dev zlib1g-dev libeigen3-dev
  opencl-c-headers libseccomp-dev libboost-dev libboost-filesystem-dev libboost-context-dev libcurl4-openssl-dev
  clang bubblewrap           # the second runtime compiler, and the sandbox candidates run in
  libopenblas-dev libdnnl-dev  # vendor baselines
)
cuda=
for argument in "$@"; do
  case $argument in
    --tests) packages+=(libgtest-dev libgmock-dev libcpp-httplib-dev libbenchmark-dev clang-format clang-tidy sqlite3
                        ocl-icd-libopencl1 pocl-opencl-icd) ;;
    --cuda) cuda=yes ;;
    --hip) packages+=(libamdhip64-5 libhiprtc-builtins5) ;;
    *) echo "setup.sh: unknown argument '$argument' (known: --tests, --cuda, --hip)" >&2; exit 2 ;;
  esac
done

wheels=${XDG_CACHE_HOME:-$HOME/.cache}/kbench/wheels
for library in /usr/local/cuda/lib*/libnvrtc.so.1[23] "$wheels"/nvidia/cu13/lib/libnvrtc.so.13; do
  [ ! -e "$library" ] || cuda=
done
[ -z "$cuda" ] || command -v pip3 >/dev/null || packages+=(python3-pip)

missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "setup.sh: run as root, or install: ${missing[*]}" >&2; exit 3; }
    as_root=(sudo)
  fi
  echo "Installing ${missing[*]}" >&2
  export DEBIAN_FRONTEND=noninteractive
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
if [ -n "$cuda" ]; then
  export PIP_ROOT_USER_ACTION=ignore
  echo "Installing NVRTC and its headers into $wheels" >&2
  pip3 install -q --no-deps --target "$wheels" nvidia-cuda-nvrtc nvidia-cuda-runtime nvidia-cuda-crt
fi
