"""The work of scripts/gpu.sh: runs kbench on a GPU and writes the report. Without PyTorch or nvcc their columns say so."""

import argparse
import datetime
import glob
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

import gpu_others

HERE = pathlib.Path(__file__).resolve().parent.parent
TUNED = ["softmax", "matmul", "row_sum", "gelu"]


def run(command, limit_s):
    """Its output; what it said, where it fails or takes too long."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit_s)
    except subprocess.TimeoutExpired:
        return "", f"took more than {limit_s} s"
    return done.stdout, done.stderr.strip()[-300:]


def last_json(text, wanted=lambda line: True):
    for line in reversed(text.splitlines()):
        if line.startswith("{"):
            value = json.loads(line)
            if wanted(value):
                return value
    return None


def tasks():
    for path in sorted(glob.glob(str(HERE / "tasks/*/*/task.json"))):
        yield pathlib.Path(path).parent.name, json.load(open(path))


def time_text(ns):
    if not ns:
        return "-"
    for unit, scale in (("s", 1e9), ("ms", 1e6), ("us", 1e3)):
        if ns >= scale:
            return f"{ns / scale:.4g} {unit}"
    return f"{ns:.4g} ns"


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(str(cell).replace("|", "/").replace("\n", " ") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def clocks():
    out, _ = run(["nvidia-smi", "--query-gpu=name,driver_version,clocks.sm,clocks.mem,clocks.max.sm,power.draw,temperature.gpu",
                  "--format=csv,noheader"], 30) if shutil.which("nvidia-smi") else ("", "")
    return out.strip() or "nvidia-smi is not here"


def judge(kbench, kernel, problem):
    out, err = run([kbench, "eval", kernel, "--device", "cuda:0", "--problem", problem, "--json"], 600)
    return last_json(out) or {"outcome": "no answer", "message": err, "timing": {}}


def every_kernel(kbench, only, quick):
    """A row for each kernel and problem: the first to tune on, and the first two of the benchmark."""
    rows, good = [], 0
    for name, task in tasks():
        if only and name not in only:
            continue
        problems = task["problems"].get("tune", [])[:1] + ([] if quick else task["problems"].get("bench", [])[:2])
        for path in sorted(glob.glob(str(HERE / f"reference_kernels/*/{name}/*.cu"))):
            kernel = os.path.relpath(path, HERE / "reference_kernels")
            for problem in problems:
                found = judge(kbench, kernel, problem)
                ns = found.get("timing", {}).get("median_ns", 0)
                ok = found["outcome"] == "ok"
                good += ok
                other = gpu_others.torch_ns(name, problem)
                said = "" if ok else f": {found.get('message', '')[:160]}"
                clock = [note for note in found.get("notes", []) if "clock" in note]
                share = found.get("roofline_share", 0)
                rows.append([name, problem, kernel, found["outcome"] + said, time_text(ns),
                             f"{100 * share:.0f} %" if ok and share else "-", gpu_others.text_of(other, time_text),
                             f"{other / ns:.2f}" if ok and ns and isinstance(other, float) else "-", "; ".join(clock)])
                print(" ", *rows[-1][:5], flush=True)
    return rows, good


def beside_hand_written(kbench):
    rows = []
    for name, bench in gpu_others.HAND_WRITTEN.items():
        found = judge(kbench, bench["kernel"], bench["problem"])
        ns = found.get("timing", {}).get("median_ns", 0)
        other = gpu_others.hand_written_ns(bench)
        apart = f"{100 * (ns / other - 1):+.2f} %" if isinstance(other, float) and ns else "-"
        rows.append([name, bench["problem"], time_text(ns), gpu_others.text_of(other, time_text), apart])
        print(" ", *rows[-1], flush=True)
    return rows


def tuned(kbench, budget, only, folder):
    rows = []
    for name, task in tasks():
        if name not in (only or TUNED):
            continue
        problem = task["problems"]["bench"][0]
        out, err = run([kbench, "run", name, "--device", "cuda:0", "--problem", problem, "--budget", budget, "--json",
                        "--db", f"{folder}/gpu.db"], 1800)
        best = last_json(out, lambda line: line.get("event") == "confirmation" and line.get("promoted"))
        count = sum('"event":"evaluation"' in line for line in out.splitlines())
        if not best:
            rows.append([name, problem, f"none confirmed: {err}", "-", "-", "-", "-", count])
            continue
        confirmation = best["confirmation"]
        evaluation = confirmation["evaluation"]
        ns = evaluation["timing"]["median_ns"]
        anchor = confirmation.get("against_anchor", {}).get("ratio")
        other = gpu_others.torch_ns(name, problem)
        rows.append([name, problem, best["kernel"] + " " + json.dumps(evaluation["params"]), time_text(ns),
                     f"{1 / anchor:.2f}" if anchor else "1", gpu_others.text_of(other, time_text),
                     f"{other / ns:.2f}" if isinstance(other, float) else "-", count])
        print(" ", *rows[-1], flush=True)
    return rows


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", required=True)
    parser.add_argument("--gpu", required=True)
    parser.add_argument("--out", default="gpu-report.md")
    parser.add_argument("--budget", default="20s")
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--quick", action="store_true", help="one problem a task, no campaigns")
    options = parser.parse_args()
    kbench = options.programs + "/kbench"
    driver = json.loads(options.gpu)
    gpu = driver["devices"][0]
    version, _ = run([kbench, "--version"], 60)
    before = clocks()
    print(f"{gpu['name']}: every kernel", flush=True)
    kernels, good = every_kernel(kbench, options.only, options.quick)
    print("beside hand-written benchmarks", flush=True)
    benches = beside_hand_written(kbench)
    campaigns = []
    if not options.quick:
        print("campaigns", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            campaigns = tuned(kbench, options.budget, options.only, folder)
    text = f"# kbench on {gpu['name']}\n\n"
    text += f"{datetime.datetime.now().astimezone():%Y-%m-%d %H:%M %Z}. {version.strip()}. sm_{gpu['major']}{gpu['minor']}, "
    text += f"{gpu['multiprocessors']} multiprocessors, L2 {gpu['l2_bytes'] >> 20} MiB, CUDA {driver['version'] / 1000:.1f}, "
    text += f"PyTorch {gpu_others.torch_version()}.\n\n"
    text += "nvidia-smi (name, driver, clocks of SM and memory, highest, power, temperature):\n\n"
    text += f"    before  {before}\n    after   {clocks()}\n\n"
    text += "Times are medians of events around batches over distinct tensors; `cold` ones follow a write of twice the L2. "
    text += "PyTorch: a graph of the same number of calls over distinct tensors, events, after the same write; f32 without tf32.\n\n"
    text += f"## Every kernel: {good} of {len(kernels)} right\n\n"
    text += table(["task", "problem", "kernel", "verdict", "time", "roofline", "PyTorch", "PyTorch / kbench", "clock"], kernels)
    text += "\n## Beside hand-written benchmarks of the same kernels (asked: within 2 %)\n\n"
    text += table(["kernel", "problem", "kbench", "hand-written", "apart"], benches)
    if campaigns:
        text += f"\n## Tuned, {options.budget} each\n\n"
        text += table(["task", "problem", "best", "time", "times the default's speed", "PyTorch", "PyTorch / best", "evaluations"], campaigns)
    pathlib.Path(options.out).write_text(text)
    print(f"{good} of {len(kernels)} right; the report is in {options.out}")


main()
