#!/usr/bin/env python3
"""Search against the truth on this machine: spaces measured whole, strategies replayed on them, the default live.

    scripts/live_spaces.py [--kbench build/dev/kbench] [--folder build/live] [--repeats 100] [--seeds 3]
        [--only record|replay|live] [matmul] [conv2d] [attention]

Writes narrowed copies of starting kernels (some 2,500 configurations each) into FOLDER, measures every
configuration once (`run --record`; 15 to 30 minutes each, and a second run goes on where the first was
stopped), replays every strategy on the recordings, and then searches live with 100
evaluations. A live best is looked up in the recording, and compared in pairs with the recorded optimum.
"""

import argparse
import csv
import glob
import json
import os
import re
import signal
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PACKED = {"VEC": "*16", "KC": "96 *192 384 512", "MC": "192 *768", "UNROLL": "1 *4 8", "PREFETCH_A": "*0 8"}
# The starting kernel, and what its params are narrowed to; vectors of 16 floats ask for AVX-512.
CASES = {
    "matmul": ("linear_algebra/matmul/packed.cpp", {**PACKED, "PREFETCH_C": "*1", "flags": "-O3"}),
    "conv2d": ("convolution/conv2d/implicit_matmul.cpp", {**PACKED, "KC": "96 *192 288 512", "flags": "-O3"}),
    "attention": ("attention/attention/flash.cpp", {"VEC": "*16", "flags": "-O3 | -O2"}),
}
COSTS = {"status", "time_ms", "compile_ms", "verify_ms", "bench_ms", "framework_ms"}
# No whole search of its own: parts of the default, or not made for one recorded objective.
NOT_REPLAYED = {"exhaustive", "halving"}


def narrowed(kernel, values):
    """The kernel file's text with the values of some params, or its flags, replaced."""
    with open(f"{ROOT}/reference_kernels/{kernel}", encoding="utf-8") as file:
        text = file.read()
    for name, listed in values.items():
        what = "flags" if name == "flags" else rf"param +{name}"
        text, found = re.subn(rf"^(// kbench: {what} +).*$", rf"\g<1>{listed}", text, flags=re.M)
        if found != 1:
            sys.exit(f"{kernel}: no line for {name}")
    return text


def run(arguments, *words):
    ran = subprocess.run([arguments.kbench, *words], capture_output=True, text=True, cwd=arguments.folder)
    if ran.returncode > 1:
        sys.exit(f"kbench {' '.join(words)}: {ran.stderr}")
    return ran.stdout


def recording_of(arguments, task):
    found = glob.glob(f"{arguments.folder}/recorded/{task}-*.csv")
    return found[0] if found else None


def record(arguments, task):
    kernel, values = CASES[task]
    with open(f"{arguments.folder}/{task}_live.cpp", "w", encoding="utf-8") as file:
        file.write(narrowed(kernel, values))
    if recording_of(arguments, task):
        return
    begun = os.path.exists(f"{arguments.folder}/{task}.db")
    what = ["--resume", "1"] if begun else [f"{task}_live.cpp"]
    ran = subprocess.run([arguments.kbench, "run", *what, "--record", "recorded", "--db", f"{task}.db", "--quiet"],
                         cwd=arguments.folder)
    if ran.returncode > 1 or recording_of(arguments, task) is None:
        sys.exit(f"{task}: not recorded to the end; run this again to go on")


def times_of(path):
    """Recorded configuration -> ms, those that ran."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["status"] == "ok"]
    return {key({name: row[name] for name in row if name not in COSTS}): float(row["time_ms"]) for row in rows}


def key(params):
    return tuple(sorted((name, str(value)) for name, value in params.items()))


def replay(arguments, recordings):
    names = [one["name"] for one in json.loads(run(arguments, "strategies", "--json"))]
    print("| strategy | space | score | best / optimum @25 | @50 | @100 | @200 |\n|---|---|---|---|---|---|---|")
    for name in names:
        if name in NOT_REPLAYED:
            continue
        told = json.loads(run(arguments, "replay", *recordings, "--strategy", name, "--repeats",
                              str(arguments.repeats), "--threads", str(os.cpu_count()), "--json"))
        for one in told:
            ratios = " | ".join(f"{ratio:.4f}" for ratio in one["best_over_optimum"])
            print(f"| {name} | {one['space']} | {one['score']:.3f} | {ratios} |", flush=True)


def live(arguments, task, recording):
    recorded = times_of(recording)
    optimum = min(recorded, key=recorded.get)
    for seed in range(1, arguments.seeds + 1):
        kernel = f"{task}_live.cpp"
        if os.path.exists(f"{arguments.folder}/search.db"):
            os.remove(f"{arguments.folder}/search.db")
        out = run(arguments, "run", kernel, "--budget", "100evals", "--seed", str(seed), "--db", "search.db", "--json")
        told = [json.loads(line) for line in out.splitlines()]
        own = {key(one["evaluation"]["params"]): one["evaluation"]["timing"]["median_ns"] for one in told
               if one["event"] == "evaluation" and one["evaluation"]["outcome"] == "ok"}
        known = {one: ns for one, ns in own.items() if one in recorded}
        best = min(known, key=known.get)
        named = [f"{kernel}:" + ",".join(f"{name}={value}" for name, value in one) for one in (best, optimum)]
        pair = json.loads(run(arguments, "compare", *named, "--json"))["comparison"]
        print(f"| {task} | {seed} | {len(own)} | {recorded[best] / recorded[optimum]:.4f} | "
              f"{pair['ratio']:.4f} [{pair['low']:.4f}, {pair['high']:.4f}] |", flush=True)


def main():
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kbench", default="build/dev/kbench")
    parser.add_argument("--folder", default="build/live")
    parser.add_argument("--repeats", type=int, default=100)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", choices=["record", "replay", "live"])
    parser.add_argument("tasks", nargs="*", metavar="TASK", help=", ".join(CASES))
    arguments = parser.parse_args()
    tasks = arguments.tasks or list(CASES)
    unknown = [task for task in tasks if task not in CASES]
    if unknown:
        parser.error(f"{unknown[0]}: one of {', '.join(CASES)}")
    arguments.kbench = os.path.abspath(arguments.kbench)
    arguments.folder = os.path.abspath(arguments.folder)
    os.makedirs(arguments.folder, exist_ok=True)
    if arguments.only in (None, "record"):
        for task in tasks:
            record(arguments, task)
    recordings = {task: recording_of(arguments, task) for task in tasks}
    missing = [task for task, path in recordings.items() if path is None]
    if missing:
        sys.exit(f"{missing[0]}: not recorded yet")
    if arguments.only in (None, "replay"):
        replay(arguments, list(recordings.values()))
    if arguments.only in (None, "live"):
        print("| task | seed | ran | live best / optimum, as recorded | timed anew, in pairs |")
        print("|---|---|---|---|---|")
        for task in tasks:
            live(arguments, task, recordings[task])


if __name__ == "__main__":
    main()
