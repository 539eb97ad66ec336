#!/usr/bin/env python3
"""Choose a strategy's options on some kernels, score the choice on another: leave one kernel out.

    scripts/held_out.py [--kbench build/release/kbench] [--repeats 20] [--seed 1001]
        [--candidates FILE] SPACE...

FILE has a candidate a line, a strategy and its options: "bayes initial=20 bound=1". For each kernel
the candidate with the highest mean score over the spaces of all *other* kernels is chosen, and what
it scores on this kernel's spaces is held out: they had no say in the choice. A space's kernel is its
file name up to the first '-', without '_milo'; a space counts as much as any other.
"""

import argparse
import json
import os
import subprocess
import sys

CANDIDATES = """\
bayes
process
forest
mixture
bayes initial=3
bayes initial=10
bayes margin=0
bayes margin=0.6
bayes local_every=0
bayes elsewhere_every=0
"""


def kernel_of(space):
    return space.split("-")[0].removesuffix("_milo")


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def scores_of(candidate, spaces, arguments):
    """Score of each space under a candidate."""
    strategy, *options = candidate.split()
    command = [arguments.kbench, "replay", "--json", *spaces, "--strategy", strategy,
               "--repeats", str(arguments.repeats), "--seed", str(arguments.seed),
               "--threads", str(arguments.threads)]
    for option in options:
        command += ["--option", option]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}:\n{done.stderr}")
    return {result["space"]: result["score"] for result in json.loads(done.stdout)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kbench", default="build/release/kbench")
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1001, help="apart from the seeds of published scores")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--candidates")
    parser.add_argument("spaces", nargs="+")
    arguments = parser.parse_args()
    text = open(arguments.candidates).read() if arguments.candidates else CANDIDATES
    candidates = [line for line in text.splitlines() if line.strip()]
    names = {os.path.basename(path).split(".")[0] for path in arguments.spaces}
    kernels = sorted({kernel_of(name) for name in names})

    scores = {}
    print(f"{'candidate':32} {'mean':>6} " + " ".join(f"{kernel:>14}" for kernel in kernels))
    for candidate in candidates:
        scores[candidate] = scores_of(candidate, arguments.spaces, arguments)
        of_kernel = [mean(scores[candidate][name] for name in names if kernel_of(name) == kernel)
                     for kernel in kernels]
        overall = mean(scores[candidate][name] for name in names)
        print(f"{candidate:32} {overall:6.3f} " + " ".join(f"{score:14.3f}" for score in of_kernel), flush=True)

    print("\nheld out")
    held_out = {}
    for kernel in kernels:
        others = [name for name in names if kernel_of(name) != kernel]
        own = sorted(name for name in names if kernel_of(name) == kernel)
        chosen = max(candidates, key=lambda each: mean(scores[each][name] for name in others))
        for name in own:
            held_out[name] = scores[chosen][name]
        print(f"  {kernel:14} chosen on the others: {chosen:24} "
              + " ".join(f"{name} {held_out[name]:.3f}" for name in own))
    print(f"  mean over {len(held_out)} spaces: {mean(held_out.values()):.3f}")
    best = max(candidates, key=lambda each: mean(scores[each][name] for name in names))
    print(f"chosen on all: {best}")


if __name__ == "__main__":
    main()
