#!/usr/bin/env bash
# clang-format and clang-tidy over the project's own C++, warnings as errors. Needs a built build/dev.
#   scripts/lint.sh --format    the format only, in seconds
# A file that passed is analysed again when it changes, or a header that it includes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
floors=(core backends harness results search cli)

git ls-files -- "${floors[@]/%//*.cpp}" "${floors[@]/%//*.hpp}" 'tests/*.cpp' 'bench/*.cpp' |
  xargs clang-format --dry-run --Werror

[ "${1:-}" != --format ] || exit 0

# Beside the compiler's cache, so that a second checkout does not analyse again what is the same.
passed=${XDG_CACHE_HOME:-$HOME/.cache}/kbench/lint
mkdir -p "$passed"
find "$passed" -mtime +30 -delete
version=$(clang-tidy --version)
# A line for each object: the project's files that it was made of, the source first.
made_of=$(ninja -C build/dev -t deps | awk -v root=../../ '
  /^[^ ]/ { print line; line = "" }
  index($1, root) == 1 { line = line " " substr($1, length(root) + 1) }
  END { print line }')
for file in $(git ls-files -- "${floors[@]/%//*.cpp}"); do
  # What the build does not compile is compiled at run time, by rules of its own.
  files=$(grep -m 1 "^ $file\( \|$\)" <<<"$made_of") || continue
  # shellcheck disable=SC2086
  stamp=$passed/$(cat .clang-tidy $files <(echo "$file $version") | sha256sum | cut -d' ' -f1)
  [ -e "$stamp" ] || printf '%s %s\n' "$stamp" "$file"
done |
  xargs -r -P "$(nproc)" -L 1 sh -c 'clang-tidy -quiet -p build/dev "$1" 2>/dev/null && touch "$0"'
