#!/bin/sh
# A model that answers with the files of a folder in turn, over and over, each as a whole kernel:
#   kbench run matmul --model "command:scripts/replies.sh FOLDER" --free --in-flight 1 --budget 9proposals
# FOLDER/.next remembers where it is.
set -eu
folder=$1
count=$(find "$folder" -type f ! -name '.*' | wc -l)
next=$(cat "$folder/.next" 2>/dev/null || echo 0)
echo $(((next + 1) % count)) >"$folder/.next"
cat >/dev/null # the prompt
echo '```cpp'
find "$folder" -type f ! -name '.*' | sort | sed -n "$((next + 1))p" | xargs cat
echo '```'
