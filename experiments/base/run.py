#!/usr/bin/env python3
"""Trains a config with several seeds and prints one row of a Markdown table for each.

    experiments/base/run.py                       configs/base.toml, seeds 1, 2 and 3
    experiments/base/run.py configs/bert.toml 1   another config, other seeds

A row has the accuracy on the committed test files, the seconds of training (the build apart), the
seconds until the first validation of at least 99 %, the same from the start of the process, the share
of the time that snapshots took, the
peak memory of the process, and whether the lecture's two sentences are answered rightly. Runs go
into a temporary directory. Needs the Rust toolchain and Python's standard library.
"""

import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
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
    subprocess.run(command, check=True, capture_output=True)
    elapsed = time.monotonic() - start
    # Of all children so far: equal runs need equal memory, so the greatest is that of each.
    peak_mib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    subprocess.run([program("evaluate"), run], check=True, capture_output=True)
    report = json.loads(pathlib.Path(run, "report.json").read_text())
    total = {s["lang"]: s["accuracy"] for s in report["slices"] if s["phenomenon"] is None}
    lines = pathlib.Path(run, "metrics.jsonl").read_text().splitlines()[1:]
    lines = [json.loads(line) for line in lines]
    end = lines[-1]
    good = [x for x in lines if x["kind"] == "validation" and x["accuracy"] >= 0.99]
    right = sum(answers(program("resolve"), run, text) == word for text, word in LECTURE)
    return [
        str(seed),
        f"{100 * total['es']:.2f} %",
        f"{100 * total['en']:.2f} %",
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


def main():
    config = str(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "configs/base.toml"))
    seeds = [int(seed) for seed in sys.argv[2:]] or [1, 2, 3]
    header = ["seed", "test es", "test en", "steps", "training s", "s to 99 %", "from start", "snapshots"]
    header += ["padding", "peak MiB", "lecture right"]
    print("| " + " | ".join(header) + " |")
    print("|" + "---|" * len(header), flush=True)
    with tempfile.TemporaryDirectory() as directory:
        for seed in seeds:
            print("| " + " | ".join(row(config, seed, directory)) + " |", flush=True)


if __name__ == "__main__":
    main()
