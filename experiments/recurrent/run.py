#!/usr/bin/env python3
"""Measures what is said of recurrent networks: that they are slow, and lose what is far away.

    experiments/recurrent/run.py                           everything, seeds 1, 2 and 3
    experiments/recurrent/run.py --only speed              tokens per second by length alone
    experiments/recurrent/run.py --steps 20 --seeds 1 --rounds 1 --seconds 0.1 --lengths 16 64
                                 --out /tmp/try --force    a trial of two minutes

Trains configs/grammar.toml and configs/lstm.toml, asks both for the antecedent in every example of two
splits of data/test (or of the files after --data), times both at lengths from 16 to 1,024 tokens, and writes
results.json, README.md and four pictures beside this file, or into --out. Installs matplotlib with
all else that experiments/speed needs into target/speed-venv. Needs python3, the Rust toolchain, and
for the times a machine on which nothing else runs.
"""

import argparse
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
# Behind this directory: what is here and there is taken from here.
sys.path.append(str(HERE.parent / "speed"))

import environment
import machine

import accuracy
import speed
import tables

PARTS = ["accuracy", "speed"]
# The distances of training, and up to eight times as far.
SPLITS = ["in-distribution", "longer"]


def parse():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--steps", type=int, help="of training, instead of what the configs say")
    parser.add_argument("--data", type=pathlib.Path, nargs="+", default=[], help="files of examples")
    parser.add_argument("--lengths", type=int, nargs="+", default=speed.LENGTHS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0, help="of each side in each round")
    parser.add_argument("--out", type=pathlib.Path, default=HERE)
    parser.add_argument("--force", action="store_true", help="on a busy machine too")
    return parser.parse_args()


def main():
    arguments = parse()
    environment.set_up_python()
    arguments.out.mkdir(parents=True, exist_ok=True)
    path = arguments.out / "results.json"
    results = json.loads(path.read_text()) if path.is_file() else {}
    if arguments.only != "speed":
        results["accuracy"] = accuracy.measure(
            arguments.seeds, arguments.steps, SPLITS, arguments.data
        )
    if arguments.only != "accuracy":
        results["speed"] = speed.measure(
            arguments.lengths, arguments.rounds, arguments.seconds, arguments.force
        )
    results["machine"] = machine.describe()
    path.write_text(json.dumps(results, indent=1) + "\n")
    (arguments.out / "README.md").write_text(tables.markdown(results))
    subprocess.run([environment.PYTHON, HERE / "draw.py", arguments.out], check=True)


if __name__ == "__main__":
    main()
