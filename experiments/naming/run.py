#!/usr/bin/env python3
"""What the second task of training does to attention: trains configs/grammar.toml with several weights
of naming and prints one row of a Markdown table for each.

    experiments/naming/run.py              weights 0 and 0.5
    experiments/naming/run.py 0.1 0.3 1    others

A row has the accuracy in distribution, and for the head that puts most of the
pronoun's attention on the antecedent, averaged over the probes that have one: that average, and its
weight in the lecture's two sentences. Needs the packages safetensors and numpy.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

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


def row(weight, directory):
    run = pathlib.Path(directory, f"weight-{weight}")
    cargo("train", "--run", str(run), "--set", f"objective.antecedent_token={weight}")
    cargo("evaluate", str(run))
    slices = json.loads((run / "report.json").read_text())["slices"]
    total = next(
        s
        for s in slices
        if s["split"] == "in-distribution" and s["lang"] is None and s["phenomenon"] is None
    )
    heads = attention_on_antecedents(sorted((run / "snapshots").iterdir())[-1])
    (layer, head), weights = max(heads.items(), key=lambda item: np.mean(item[1]))
    numbers = [f"{np.mean(weights):.2f}", f"{weights[0]:.2f}", f"{weights[1]:.2f}"]
    return [weight, f"{100 * total['accuracy']:.2f} %", f"layer {layer}, head {head}", *numbers]


def main():
    header = ["naming weight", "test", "strongest head", "on the antecedent", "él → robot", "he → Tom"]
    print("| " + " | ".join(header) + " |")
    print("|" + "---|" * len(header), flush=True)
    with tempfile.TemporaryDirectory() as directory:
        for weight in sys.argv[1:] or ["0", "0.5"]:
            print("| " + " | ".join(row(weight, directory)) + " |", flush=True)


if __name__ == "__main__":
    main()
