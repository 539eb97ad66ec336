#!/usr/bin/env bash
# Sets everything up on a fresh machine, then runs kbench:
#   scripts/run.sh            the main job: tunes softmax, matmul and gelu on this CPU and shows the result
#   scripts/run.sh ARGS...    kbench ARGS...
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$here/build/release

# Built already, and no source newer than the program: start at once.
newer=$(find "$here"/{core,backends,harness,results,search,cli} "$here/CMakeLists.txt" -newer "$build/kbench" -print -quit 2>/dev/null || echo build)
if [ -n "$newer" ]; then
  "$here/scripts/setup.sh"
  (cd "$here" && cmake --preset release >"$here/build.log" 2>&1 && cmake --build --preset release >>"$here/build.log" 2>&1) ||
    { tail -n 40 "$here/build.log" >&2; echo "run.sh: the build failed; the whole log is in build.log" >&2; exit 3; }
fi

if [ $# -gt 0 ]; then
  exec "$build/kbench" "$@"
fi
exec "$build/kbench" run softmax matmul gelu --budget 20s
