#!/usr/bin/env bash
# Installs the Debian packages that kbench is built with and runs with. Does nothing, quickly, when all are there.
#   scripts/setup.sh           what the programs need
#   scripts/setup.sh --tests   what the test command needs as well
set -euo pipefail

packages=(
  build-essential cmake ninja-build pkg-config ccache git
  libfmt-dev nlohmann-json3-dev libcli11-dev libexpected-dev libsqlite3-dev libssl-dev libzstd-dev zlib1g-dev libeigen3-dev
  libseccomp-dev libboost-dev libboost-filesystem-dev libcurl4-openssl-dev
  clang bubblewrap           # the second runtime compiler, and the sandbox candidates run in
  libopenblas-dev libdnnl-dev  # vendor baselines
)
for argument in "$@"; do
  case $argument in
    --tests) packages+=(libgtest-dev libgmock-dev libcpp-httplib-dev libbenchmark-dev clang-format clang-tidy sqlite3) ;;
    *) echo "setup.sh: unknown argument '$argument' (known: --tests)" >&2; exit 2 ;;
  esac
done

missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "setup.sh: run as root, or install: ${missing[*]}" >&2; exit 3; }
  as_root=(sudo)
fi
echo "Installing ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
