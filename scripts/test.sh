#!/usr/bin/env bash
# Sets everything up on a fresh machine, builds, checks format and style, and passes the tests.
#   scripts/test.sh             all of it
#   scripts/test.sh REGEX       only the tests whose names match
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$here"

scripts/setup.sh --tests
cmake --preset dev >/dev/null
cmake --build --preset dev
if [ $# -gt 0 ]; then
  exec ctest --test-dir build/dev --output-on-failure -R "$1"
fi
scripts/lint.sh
exec ctest --test-dir build/dev --output-on-failure --no-tests=error -j2
