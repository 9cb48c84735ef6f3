#!/usr/bin/env python3
"""Trains a config with several seeds and prints one row of a Markdown table for each.

    experiments/base/run.py                       configs/base.toml, seeds 1, 2 and 3
    experiments/base/run.py configs/bert.toml 1   another config, other seeds

A row has the accuracy on each of the committed test splits and, in distribution, the share of pairs
with both answers right; the seconds of training (the build apart), the seconds until the first
validation of at least 97 %, the same from the start of the process, the share of the time that
snapshots took, the peak memory of the process, and whether the lecture's two sentences are answered
rightly. Two rows more have mean and worst of the accuracies. Runs go into a temporary directory.
Needs the Rust toolchain and Python's standard library.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SPLITS = [
    "in-distribution",
    "new-words",
    "new-patterns",
    "longer",
    "more-candidates",
    "rough-text",
]
GOOD = 0.97
LECTURE = [
    ("El robot dejó caer la pelota porque él estaba dañado.", "robot"),
    ("Tom didn't come to work today because he was sick.", "Tom"),
]


def program(name):
    """The path of a program, built first."""
    subprocess.run(["cargo", "build", "--quiet", "--bins"], cwd=ROOT, check=True)
    target = os.environ.get("CARGO_TARGET_DIR", ROOT / "target")
    return str(pathlib.Path(target) / "debug" / name)


def answers(resolve, run, text):
    command = [resolve, run, text, "--json"]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    answer = json.loads(output)["answer"]
    return answer and answer["text"]


def row(config, seed, directory):
    run = f"{directory}/{seed}"
    command = [program("train"), "--config", config, "--set", f"seed={seed}", "--run", run]
    start = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    elapsed = time.monotonic() - start
    assert status == 0, f"{command} ended with {status}"
    peak_mib = usage.ru_maxrss / 1024
    subprocess.run([program("evaluate"), run], check=True, capture_output=True)
    shares = accuracies(json.loads(pathlib.Path(run, "report.json").read_text()))
    lines = pathlib.Path(run, "metrics.jsonl").read_text().splitlines()[1:]
    lines = [json.loads(line) for line in lines]
    end = lines[-1]
    good = [x for x in lines if x["kind"] == "validation" and x["accuracy"] >= GOOD]
    right = sum(answers(program("resolve"), run, text) == word for text, word in LECTURE)
    return shares, [
        f"{end['step']}",
        f"{end['seconds']:.0f}",
        f"{good[0]['seconds']:.1f}" if good else "–",
        # What is not training comes first, but for the little that follows the last step.
        f"{elapsed - end['seconds'] + good[0]['seconds']:.1f}" if good else "–",
        f"{100 * end['snapshot_seconds'] / end['seconds']:.2f} %",
        f"{100 * end['padded_share']:.1f} %",
        f"{peak_mib:.0f}",
        f"{right} of {len(LECTURE)}",
    ]


def accuracies(report):
    """Of each split, over both languages, and of the pairs; `None` where the model reads too little."""
    totals = {
        s["split"]: s["accuracy"]
        for s in report["slices"]
        if s["lang"] is None and s["phenomenon"] is None
    }
    pairs = next(p for p in report["pairs"] if p["split"] == SPLITS[0] and p["lang"] is None)
    return [totals.get(split) for split in SPLITS] + [pairs["both_right"] / pairs["n"]]


def percent(share):
    return "–" if share is None else f"{100 * share:.2f} %"


def main():
    config = str(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "configs/base.toml"))
    seeds = [int(seed) for seed in sys.argv[2:]] or [1, 2, 3]
    header = ["seed", *SPLITS, "pairs", "steps", "training s", f"s to {GOOD:.0%}", "from start"]
    header += ["snapshots", "padding", "peak MiB", "lecture right"]
    print("| " + " | ".join(header) + " |")
    print("|" + "---|" * len(header), flush=True)
    table = []
    with tempfile.TemporaryDirectory() as directory:
        for seed in seeds:
            shares, others = row(config, seed, directory)
            table.append(shares)
            print("| " + " | ".join([str(seed), *map(percent, shares), *others]) + " |", flush=True)
    for name, function in [("mean", statistics.mean), ("worst", min)]:
        cells = [percent(function(c)) if None not in c else "–" for c in zip(*table)]
        print("| " + " | ".join([name, *cells, *[""] * (len(header) - len(cells) - 1)]) + " |")


if __name__ == "__main__":
    main()
