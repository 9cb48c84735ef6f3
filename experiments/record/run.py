#!/usr/bin/env python3
"""With how little arithmetic the default is as good as it was: prints one row of the table in README.md.

    experiments/record/run.py                              configs/base.toml, seeds 1, 2 and 3
    experiments/record/run.py --set training.steps=2400    the same with other values
    experiments/record/run.py --runs runs/a runs/b runs/c  runs that were trained before

A row has the means over the seeds: steps, floating-point operations in the matrix products as
metrics.jsonl has them, seconds of training, and the accuracies on natural-test and on the patterns in
distribution, with the worst seed in brackets. The last column says whether both means reach the bars,
which are those of the first row. Values are chosen by the validation examples and natural-dev; what is in
the table was looked at once. Needs the Rust toolchain and Python's standard library.
"""

import argparse
import datetime
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "base"))

import run as base

SEEDS = [1, 2, 3]
# What the default had on 2026-11-30, the mean of three seeds (experiments/README.md, base), in the order of
# the accuracies of `measured`.
BARS = {"natural-test": 0.7500, "in-distribution": 0.8792}


def trained(seed, overrides, directory):
    sets = [part for value in (f"seed={seed}", *overrides) for part in ("--set", value)]
    config = ["--config", str(ROOT / "configs/base.toml")]
    return base.trained_with([*config, *sets], f"{directory}/{seed}")[0]


def measured(run):
    """Steps, operations, seconds, and the accuracies that have bars."""
    subprocess.run([base.program("evaluate"), run], check=True, capture_output=True)
    report = json.loads(pathlib.Path(run, "report.json").read_text())
    lines = [json.loads(line) for line in pathlib.Path(run, "metrics.jsonl").read_text().splitlines()]
    last = [line for line in lines if line.get("kind") == "train"][-1]
    accuracies = [base.natural(report)[0], base.accuracies(report)[0]]
    return last["step"], last["flop"], lines[-1]["seconds"], accuracies


def row(runs, differs):
    steps, flop, seconds, accuracies = zip(*map(measured, runs))
    means = [statistics.mean(column) for column in zip(*accuracies)]
    worst = [min(column) for column in zip(*accuracies)]
    is_record = all(mean >= bar for mean, bar in zip(means, BARS.values()))
    commit = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(commit, check=True, capture_output=True, text=True).stdout.strip()
    cells = [datetime.date.today().isoformat(), commit, differs or "–"]
    cells += [f"{statistics.mean(steps):.0f}", f"{statistics.mean(flop) / 1e12:.1f}"]
    cells += [f"{statistics.mean(seconds):.0f}"]
    cells += [f"{base.percent(mean)} ({base.percent(low)})" for mean, low in zip(means, worst)]
    return [*cells, "yes" if is_record else "no"]


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--runs", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()
    header = ["date", "commit", "differs in", "steps", "TFLOP", "seconds", *BARS, "both bars"]
    print(f"| {' | '.join(header)} |")
    print("|" + "---|" * len(header))
    differs = "; ".join(f"`{value}`" for value in arguments.set)
    if arguments.runs:
        print(f"| {' | '.join(row(arguments.runs, differs))} |")
        return
    with tempfile.TemporaryDirectory() as directory:
        runs = [trained(seed, arguments.set, directory) for seed in SEEDS]
        print(f"| {' | '.join(row(runs, differs))} |")


if __name__ == "__main__":
    main()
