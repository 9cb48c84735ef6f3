#!/usr/bin/env python3
"""What each part of configs/grammar.toml is good for: trains it and each config of this directory, which
lacks one part or has another in its place, and prints one row of a Markdown table for each.

    experiments/ablations/run.py                        base and every config here, seed 1
    experiments/ablations/run.py no-antecedent-token two-layers   some of them
    experiments/ablations/run.py --seed 2

A row has the line that differs, the accuracy on each committed test split, in distribution the share
of pairs with both answers right, and the seconds of training. Runs go into a temporary directory.
Needs the Rust toolchain and Python's standard library.
"""

import argparse
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "base"))

import run as base

# Which of the columns behind the accuracies of a row of experiments/base/run.py are shown.
COLUMNS = {"steps": 0, "training s": 1}


def differing(config):
    """The settings of `config` that are not those of configs/grammar.toml, without their comments."""
    lines = [settings(path) for path in (ROOT / "configs/grammar.toml", config)]
    return "; ".join(line for line in lines[1] if line not in lines[0]) or "(base)"


def settings(path):
    lines = (line.split("#")[0].strip() for line in path.read_text().splitlines())
    return [" ".join(line.split()) for line in lines if line]


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    names = arguments.names or sorted(path.stem for path in HERE.glob("*.toml"))
    configs = [ROOT / "configs/grammar.toml"] * (not arguments.names)
    configs += [HERE / f"{name}.toml" for name in names]
    header = ["config", "differs in", *base.SPLITS, "pairs", *COLUMNS]
    print("| " + " | ".join(header) + " |")
    print("|" + "---|" * len(header), flush=True)
    for config in configs:
        with tempfile.TemporaryDirectory() as directory:
            run = base.trained(str(config), arguments.seed, directory)
            _, shares, others = base.measured(*run)
        cells = [config.stem, f"`{differing(config)}`", *map(base.percent, shares)]
        cells += [others[index] for index in COLUMNS.values()]
        print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
