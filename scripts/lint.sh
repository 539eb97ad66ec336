#!/usr/bin/env bash
# clang-format and clang-tidy over the project's own C++, warnings as errors. Needs a configured build/dev.
#   scripts/lint.sh --format    the format only, in seconds
# A file that passed and has not changed since (nor any header) is not analysed again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
floors=(core backends harness results search cli)

git ls-files -- "${floors[@]/%//*.cpp}" "${floors[@]/%//*.hpp}" 'tests/*.cpp' 'bench/*.cpp' |
  xargs clang-format --dry-run --Werror

[ "${1:-}" != --format ] || exit 0

passed=build/dev/lint
mkdir -p "$passed"
headers=$(git ls-files -- '*.hpp' '.clang-tidy' | xargs sha256sum | sha256sum | cut -d' ' -f1)
for file in $(git ls-files -- "${floors[@]/%//*.cpp}"); do
  stamp=$passed/$(cat "$file" <(echo "$headers $file") | sha256sum | cut -d' ' -f1)
  [ -e "$stamp" ] || printf '%s %s\n' "$stamp" "$file"
done |
  xargs -r -P "$(nproc)" -L 1 sh -c 'clang-tidy -quiet -p build/dev "$1" 2>/dev/null && touch "$0"'
