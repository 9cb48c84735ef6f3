#!/usr/bin/env python3
"""What predicting the antecedent's token, the second task of training, does to attention: trains the
default config with several weights of it and prints one row of a Markdown table for each.

    experiments/naming/run.py                    weights 0 and 0.5
    experiments/naming/run.py 0.1 0.3 1          others
    experiments/naming/run.py --runs RUN…        runs that were trained before

A row has the accuracy on natural-test and in distribution, and for the head that puts most of the
pronoun's attention on the antecedent, averaged over the probes that have one: that average, and its
weight in the lecture's two sentences. Needs the packages safetensors and numpy.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import tomllib

import numpy as np
from safetensors import safe_open

ROOT = pathlib.Path(__file__).resolve().parents[2]


def cargo(program, *arguments):
    command = ["cargo", "run", "--quiet", "--bin", program, "--", *arguments]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)


def attention_on_antecedents(path):
    """For each head, the pronoun's attention on the antecedent in each probe that has one."""
    heads = {}
    with safe_open(path, "np") as file:
        metadata = file.metadata()
        for index, probe in enumerate(json.loads(metadata["probes"])):
            antecedent = probe["example"]["antecedent"]
            if antecedent is None:
                continue
            start, end = probe["example"]["candidates"][antecedent]
            spans = [token["span"] or [-1, -1] for token in probe["tokens"]]
            keys = [k for k, span in enumerate(spans) if start <= span[0] and span[1] <= end]
            for layer in range(int(metadata["n_layers"])):
                weights = file.get_tensor(f"probe-{index:02}.layer-{layer}")
                for head, row in enumerate(weights[:, probe["pronoun_token"]]):
                    heads.setdefault((layer + 1, head + 1), []).append(row[keys].sum())
    return heads


def trained(weight, directory):
    run = pathlib.Path(directory, f"weight-{weight}")
    cargo("train", "--run", str(run), "--set", f"objective.antecedent_token={weight}")
    return run


def row(run):
    cargo("evaluate", str(run))
    slices = json.loads((run / "report.json").read_text())["slices"]
    totals = {
        s["split"]: f"{100 * s['accuracy']:.2f} %"
        for s in slices
        if s["lang"] is None and s["phenomenon"] is None
    }
    weight = tomllib.loads((run / "config.toml").read_text())["objective"]["antecedent_token"]
    heads = attention_on_antecedents(sorted((run / "snapshots").iterdir())[-1])
    (layer, head), weights = max(heads.items(), key=lambda item: np.mean(item[1]))
    numbers = [f"{np.mean(weights):.2f}", f"{weights[0]:.2f}", f"{weights[1]:.2f}"]
    splits = [totals["natural-test"], totals["in-distribution"]]
    return [str(weight), *splits, f"layer {layer}, head {head}", *numbers]


def main():
    header = ["weight", "natural-test", "in-distribution", "strongest head", "on the antecedent"]
    header += ["él → robot", "he → Tom"]
    print("| " + " | ".join(header) + " |")
    print("|" + "---|" * len(header), flush=True)
    with tempfile.TemporaryDirectory() as directory:
        if sys.argv[1:2] == ["--runs"]:
            runs = map(pathlib.Path, sys.argv[2:])
        else:
            runs = (trained(weight, directory) for weight in sys.argv[1:] or ["0", "0.5"])
        for run in runs:
            print("| " + " | ".join(row(run)) + " |", flush=True)


if __name__ == "__main__":
    main()
