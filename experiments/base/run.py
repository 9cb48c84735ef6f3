#!/usr/bin/env python3
"""Trains a config with several seeds and prints one row of a Markdown table for each.

    experiments/base/run.py                       configs/base.toml, seeds 1, 2 and 3
    experiments/base/run.py configs/bert.toml 1   another config, other seeds
    experiments/base/run.py --runs runs/a runs/b  runs that were trained before

The first table is about what people wrote: accuracy on natural-test, in each language and by what
decides, pairs with both answers right, the calibration error, and of the whole texts the anaphors that
are found, those of them that are answered rightly, and what is found that is none. The second has the
accuracy on each test split of the grammar and, in distribution, the pairs with both answers right; the
seconds of training (the build apart), the share of them that snapshots took, the peak memory of the
process, and whether the lecture's two sentences are answered rightly. Two rows more have mean and worst
of the accuracies. Runs go into a temporary directory. Needs the Rust toolchain and Python's standard
library.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
NATURAL = "natural-test"
DECIDING = ["agreement", "syntax", "meaning", "nothing"]
SPLITS = [
    "in-distribution",
    "new-words",
    "new-patterns",
    "longer",
    "more-candidates",
    "rough-text",
]
# Of natural-test, then of the whole texts in each language.
NATURAL_COLUMNS = [NATURAL, "es", "en", *DECIDING, "pairs", "calibration error"]
for _language in ("es", "en"):
    NATURAL_COLUMNS += [f"{_language} found", "right of found", "precision"]
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
    """The word that the run's model answers for the first anaphor of a text."""
    command = [resolve, run, text, "--json"]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    answer = json.loads(output.splitlines()[0])["answer"]
    return answer and answer["text"]


def trained(config, seed, directory):
    """Trains; returns the run and the peak memory in MiB."""
    return trained_with(["--config", config, "--set", f"seed={seed}"], f"{directory}/{seed}")


def trained_with(arguments, run):
    """The same with any arguments of `train`, into the directory `run`."""
    command = [program("train"), *arguments, "--run", run]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    assert status == 0, f"{command} ended with {status}"
    return run, usage.ru_maxrss / 1024


def measured(run, peak_mib=None):
    """The shares of the first table, those of the second, and its other cells."""
    subprocess.run([program("evaluate"), run], check=True, capture_output=True)
    report = json.loads(pathlib.Path(run, "report.json").read_text())
    lines = pathlib.Path(run, "metrics.jsonl").read_text().splitlines()
    end = json.loads(lines[-1])
    right = sum(answers(program("resolve"), run, text) == word for text, word in LECTURE)
    return natural(report), accuracies(report), [
        f"{end['step']}",
        f"{end['seconds']:.0f}",
        f"{100 * end['snapshot_seconds'] / end['seconds']:.2f} %",
        f"{100 * end['padded_share']:.1f} %",
        f"{peak_mib:.0f}" if peak_mib else "–",
        f"{right} of {len(LECTURE)}",
    ]


def both_right(report, split):
    pairs = next(p for p in report["pairs"] if p["split"] == split and p["lang"] is None)
    return pairs["both_right"] / pairs["n"]


def natural(report):
    """Of natural-test and of the whole texts, in the order of the first table's columns."""
    slices = {
        (s["lang"], s["phenomenon"]): s["accuracy"]
        for s in report["slices"]
        if s["split"] == NATURAL
    }
    error = next(c["ece"] for c in report["calibration"] if c["split"] == NATURAL)
    whole = []
    for score in report["texts"]:
        every = next(s for s in score["shares"] if s["form"] == "all")
        invented = score["n_invented"] / max(score["n_predicted"], 1)
        whole += [every["found"] / every["n"], every["right"] / max(every["found"], 1), 1 - invented]
    keys = [(None, None), ("es", None), ("en", None), *((None, name) for name in DECIDING)]
    return [*map(slices.get, keys), both_right(report, NATURAL), error, *whole]


def accuracies(report):
    """Of each split, over both languages, and of the pairs; `None` where the model reads too little."""
    totals = {
        s["split"]: s["accuracy"]
        for s in report["slices"]
        if s["lang"] is None and s["phenomenon"] is None
    }
    return [totals.get(split) for split in SPLITS] + [both_right(report, SPLITS[0])]


def percent(share):
    return "–" if share is None else f"{100 * share:.2f} %"


def plain_table(header, rows):
    """Prints a Markdown table; each row is a name, shares, and other cells."""
    print("| " + " | ".join(header) + " |")
    print("|" + "---|" * len(header))
    for name, shares, others in rows:
        print("| " + " | ".join([name, *map(percent, shares), *others]) + " |")


def table(header, rows):
    """Prints a Markdown table with mean and worst; each row is a name, shares, and other cells."""
    plain_table(header, rows)
    columns = list(zip(*(shares for _, shares, _ in rows)))
    errors = [name.endswith("error") for name in header[1:]]
    worst = [max if is_error else min for is_error in errors]
    for name, functions in [("mean", [statistics.mean] * len(columns)), ("worst", worst)]:
        shares = [None if None in c else f(c) for f, c in zip(functions, columns)]
        empty = [""] * (len(header) - len(shares) - 1)
        print("| " + " | ".join([name, *map(percent, shares), *empty]) + " |")
    print(flush=True)


def main():
    texts, splits = [], []

    def add(name, run, peak_mib=None):
        of_texts, of_splits, others = measured(run, peak_mib)
        texts.append((name, of_texts, []))
        splits.append((name, of_splits, others))

    if sys.argv[1:2] == ["--runs"]:
        for run in sys.argv[2:]:
            add(str(tomllib.loads(pathlib.Path(run, "config.toml").read_text())["seed"]), run)
    else:
        config = str(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "configs/base.toml"))
        seeds = [int(seed) for seed in sys.argv[2:]] or [1, 2, 3]
        with tempfile.TemporaryDirectory() as directory:
            for seed in seeds:
                add(str(seed), *trained(config, seed, directory))
    table(["seed", *NATURAL_COLUMNS], texts)
    header = ["seed", *SPLITS, "pairs", "steps", "training s", "snapshots", "padding", "peak MiB"]
    table([*header, "lecture right"], splits)


if __name__ == "__main__":
    main()
