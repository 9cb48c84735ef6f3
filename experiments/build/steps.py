#!/usr/bin/env python3
"""Whether a build is as fast as another: steps of the default experiment, interleaved.

    experiments/build/steps.py [--pairs N] [--steps N] TRAIN TRAIN

Each TRAIN is a program `train` (`target/debug/train` of a checkout). They train in turns, N pairs of
runs of so many steps; the first 30 steps of a run are not counted. Prints tokens per second of each run,
the medians and their ratio. Nothing else should run meanwhile.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile


def tokens_per_second(program, steps):
    """The median over the lines of the metrics, so that a pause for a checkpoint does not count."""
    with tempfile.TemporaryDirectory() as directory:
        run = pathlib.Path(directory) / "run"
        command = [program, "--run", run, "--set", f"training.steps={steps}"]
        subprocess.run(list(map(str, command)), check=True, capture_output=True)
        lines = map(json.loads, (run / "metrics.jsonl").read_text().splitlines())
        rates = [line["tokens_per_second"] for line in lines if line.get("step", 0) > 30 and line.get("tokens_per_second")]
    return statistics.median(rates)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("programs", nargs=2, type=pathlib.Path)
    arguments = parser.parse_args()
    rates = [[], []]
    for pair in range(arguments.pairs):
        for which in (0, 1) if pair % 2 == 0 else (1, 0):
            rates[which].append(tokens_per_second(arguments.programs[which], arguments.steps))
        print(*(f"{rate[-1]:.0f}" for rate in rates), flush=True)
    first, second = map(statistics.median, rates)
    print(f"medians {first:.0f} and {second:.0f} tokens/s, ratio {second / first:.3f}")


main()
