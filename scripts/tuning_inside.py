#!/usr/bin/env python3
"""Does filling in a proposal's params pay? The same replies with it and without, equal evaluations.

    scripts/tuning_inside.py [--kbench build/dev/kbench] [--evaluations 24] [--share 8] [--seeds 3]
        [TASK...]

A reply is a starting kernel whose defaults (the values marked `*`) are drawn anew: a model that has
the right idea and guesses its sizes. Untuned, EVALUATIONS replies are judged at their defaults;
tuned, the first EVALUATIONS / SHARE of the same replies are, with SHARE evaluations each. The bests
of both are then compared in pairs.
"""

import argparse
import json
import math
import os
import random
import re
import subprocess
import sys
import tempfile

CASES = {
    "axpy": ("n=1048576", "linear_algebra/axpy/streamed.cpp"),
    "transpose": ("rows=1024,cols=1024", "data_movement/transpose/registers.cpp"),
    "matmul": ("m=256,n=256,k=256", "linear_algebra/matmul/packed.cpp"),
    "layer_norm": ("rows=256,cols=2048", "normalisation/layer_norm/pipelined.cpp"),
    "matmul_w4a16": ("m=4,n=512,k=1024,group=128", "linear_algebra/matmul_w4a16/panels.cpp"),
    "prefix_sum": ("rows=64,cols=16384", "reduction/prefix_sum/registers.cpp"),
    "conv2d": ("batch=1,channels=64,height=56,width=56,filters=64,kernel=3,stride=1,padding=1",
               "convolution/conv2d/implicit_matmul.cpp"),
    "attention": ("batch=1,heads=2,seq=512,d=64", "attention/attention/flash.cpp"),
    "softmax": ("rows=256,cols=2048", "normalisation/softmax/three_pass.cpp"),
}
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def guess(text, draw):
    def with_new_default(line):
        values = [value.lstrip("*") for value in line.group(2).split()]
        chosen = draw.randrange(len(values))
        marked = [("*" if i == chosen else "") + value for i, value in enumerate(values)]
        return line.group(1) + " ".join(marked)

    return re.sub(r"^(// kbench: param +\w+ +)(.*)$", with_new_default, text, flags=re.M)


def run_kbench(arguments, *words, folder):
    ran = subprocess.run([arguments.kbench, *words], capture_output=True, text=True, cwd=folder)
    if ran.returncode > 1:
        sys.exit(f"{' '.join(words)}: {ran.stderr}")
    return ran.stdout


def best_of(arguments, task, problem, replies, share, folder):
    """The fastest proposal of a campaign over these replies: FILE:PARAMS, its time, evaluations."""
    os.makedirs(folder)
    for number, reply in enumerate(replies):
        with open(f"{folder}/{number:03}.cpp", "w", encoding="utf-8") as file:
            file.write(reply)
    out = run_kbench(
        arguments, "run", task, "--problem", problem, "--free", "--in-flight", "1", "--json",
        "--model", f"command:{ROOT}/scripts/replies.sh {folder}", "--share", str(share),
        "--arm", "best_of_n", "--budget", f"{len(replies)}proposals", "--db", folder + ".db",
        folder=folder)
    judged = []
    for line in out.splitlines():
        event = json.loads(line)
        if event["event"] == "evaluation" and event["kernel"].startswith("proposal-"):
            judged.append((event["kernel"], event["evaluation"]))
    right = [one for one in judged if one[1]["outcome"] == "ok"]
    name, fastest = min(right, key=lambda one: one[1]["timing"]["median_ns"])
    number = int(re.search(r"\d+", name)[0])
    params = ",".join(f"{key}={value}" for key, value in fastest["params"].items())
    return f"{folder}/{number:03}.cpp:{params}", fastest["timing"]["median_ns"], len(judged)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kbench", default="build/dev/kbench")
    parser.add_argument("--evaluations", type=int, default=24)
    parser.add_argument("--share", type=int, default=8)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("tasks", nargs="*", metavar="TASK", help=", ".join(CASES))
    arguments = parser.parse_args()
    arguments.kbench = os.path.abspath(arguments.kbench)
    print("| task | seed | untuned: replies, evaluations, best | tuned | tuned is faster, in pairs |")
    print("|---|---|---|---|---|")
    for task in arguments.tasks or CASES:
        problem, kernel = CASES[task]
        with open(f"{ROOT}/reference_kernels/{kernel}", encoding="utf-8") as file:
            text = file.read()
        logs = []
        for seed in range(1, arguments.seeds + 1):
            draw = random.Random(seed)
            replies = [guess(text, draw) for _ in range(arguments.evaluations)]
            few = replies[: arguments.evaluations // arguments.share]
            with tempfile.TemporaryDirectory(prefix="kbench_tuning_") as folder:
                plain, plain_ns, plain_count = best_of(
                    arguments, task, problem, replies, 1, folder + "/untuned")
                tuned, tuned_ns, tuned_count = best_of(
                    arguments, task, problem, few, arguments.share, folder + "/tuned")
                pair = json.loads(run_kbench(
                    arguments, "compare", tuned, plain, "--problem", problem, "--json",
                    folder=folder))["comparison"]
            logs.append(math.log(pair["ratio"]))
            print(f"| {task} {problem} | {seed} | {len(replies)}, {plain_count}, "
                  f"{plain_ns / 1e3:.1f} us | {len(few)}, {tuned_count}, {tuned_ns / 1e3:.1f} us | "
                  f"{1 / pair['ratio']:.3f} [{1 / pair['high']:.3f}, {1 / pair['low']:.3f}], "
                  f"{pair['verdict']} |", flush=True)
        print(f"| {task} | all | | | {math.exp(-sum(logs) / len(logs)):.3f} |", flush=True)


if __name__ == "__main__":
    main()
