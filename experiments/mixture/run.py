#!/usr/bin/env python3
"""What each part of the default mixture of texts is good for: trains configs/base.toml without one part
at a time and prints one row of a Markdown table for each.

    experiments/mixture/run.py                        every variant, seed 1
    experiments/mixture/run.py base no-written        some of them
    experiments/mixture/run.py --runs DIR             runs that were trained before, DIR/VARIANT each
    experiments/mixture/run.py --commands             the commands that train them

A row has the accuracy on natural-dev, then the columns of experiments/base/run.py about natural-test and
whole texts, and the accuracy in distribution of the grammar. Runs go into a temporary directory. Needs
the Rust toolchain and Python's standard library.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "base"))

import run as base

# What differs from configs/base.toml. A share that is taken away goes to the part named in `--set`, or to
# the patterns of data/grammar, which have what the other two leave.
VARIANTS = {
    "base": [],
    "no-written": ["data.written=0", "data.composed=0.7", "objective.detection=0"],
    "no-composed": ["data.composed=0"],
    "no-patterns": ["data.composed=0.7"],
    "no-antecedent-token": ["objective.antecedent_token=0"],
    "no-detection": ["objective.detection=0"],
}


def arguments_of(variant):
    sets = [part for value in VARIANTS[variant] for part in ("--set", value)]
    return ["--config", str(ROOT / "configs/base.toml"), *sets]


def row(variant, run):
    command = [base.program("evaluate"), run, "--split", "natural-dev", "--json"]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    dev = next(
        s["accuracy"]
        for s in json.loads(output)["slices"]
        if s["lang"] is None and s["phenomenon"] is None
    )
    natural, splits, others = base.measured(run)
    differs = "; ".join(VARIANTS[variant]) or "(base)"
    return variant, [dev, *natural, splits[0]], [f"`{differs}`", others[0]]


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("variants", nargs="*", metavar="VARIANT")
    parser.add_argument("--runs", type=pathlib.Path)
    parser.add_argument("--commands", action="store_true")
    arguments = parser.parse_args()
    for name in arguments.variants:
        if name not in VARIANTS:
            parser.error(f"found {name}, expected one of {', '.join(VARIANTS)}")
    if arguments.commands:
        for variant in arguments.variants or VARIANTS:
            print("train", *arguments_of(variant), "--run", f"DIR/{variant}")
        return
    rows = []
    if arguments.runs:
        found = [name for name in VARIANTS if (arguments.runs / name).is_dir()]
        rows = [row(name, str(arguments.runs / name)) for name in found]
    else:
        for variant in arguments.variants or VARIANTS:
            with tempfile.TemporaryDirectory() as directory:
                rows.append(row(variant, base.trained_with(arguments_of(variant), f"{directory}/run")))
    columns = ["natural-dev", *base.NATURAL_COLUMNS, "in-distribution", "differs in", "steps"]
    base.plain_table(["variant", *columns], rows)


if __name__ == "__main__":
    main()
