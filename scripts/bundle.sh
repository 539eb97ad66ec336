#!/usr/bin/env bash
# Puts kbench's programs, and every library of theirs but glibc's, into BUILD/programs, to be carried to another machine:
#   scripts/bundle.sh BUILD      (cmake --build --preset portable does it)
set -euo pipefail
build=$1
out=$build/programs
rm -rf "$out"
mkdir -p "$out/lib"
for program in kbench kbench-worker kbench-compiler kbench-gpu kbench-opencl; do
  cp "$build/$program" "$out/"
done
# Found beside the program through its RPATH; glibc belongs to the machine that it runs on.
ldd "$out/kbench" | awk '$2 == "=>" { print $1, $3 }' | while read -r name path; do
  case $name in
    libc.so.* | libm.so.* | libresolv.so.* | libdl.so.* | libpthread.so.* | librt.so.*) ;;
    *) cp -L "$path" "$out/lib/$name" ;;
  esac
done
for program in kbench-worker kbench-compiler kbench-gpu kbench-opencl; do
  # These run in sandboxes that show no other file.
  if ldd "$out/$program" | grep -E 'libstdc|libgcc|libseccomp' >&2; then
    echo "bundle.sh: $program needs what the sandbox does not show" >&2
    exit 1
  fi
done
du -sh "$out"
