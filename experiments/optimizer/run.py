#!/usr/bin/env python3
"""How fast the default model learns with one optimizer and another: trains configs/base.toml for 1,000 steps
with some learning rates each and prints one row of a Markdown table for each.

    experiments/optimizer/run.py                      every variant, seed 1
    experiments/optimizer/run.py muon adamw-2e-3      some of them
    experiments/optimizer/run.py --runs DIR           runs that were trained before, DIR/VARIANT each

A row has the loss and the accuracy on validation examples after the last step, the floating-point
operations of all steps as metrics.jsonl has them, where it does, and the seconds. Runs go into a temporary directory. Needs the Rust toolchain and Python's standard
library.
"""

import argparse
import json
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "base"))

import run as base

ADAMW = "training.muon_learning_rate=0"
# What differs from configs/base.toml.
VARIANTS = {
    "muon": [],
    "falling-at-once": ["training.decay_share=1"],
    "muon-2e-3": ["training.muon_learning_rate=2e-3"],
    "muon-4e-3": ["training.muon_learning_rate=4e-3"],
    "muon-5e-3": ["training.muon_learning_rate=5e-3"],
    "muon-8e-3": ["training.muon_learning_rate=8e-3"],
    "muon-momentum-0.9": ["training.muon_momentum=0.9", "training.beta_1=0.95"],
    "decay-0.1": ["training.weight_decay=0.1"],
    "others-1e-3": ["training.peak_learning_rate=1e-3"],
    "others-4e-3": ["training.peak_learning_rate=4e-3"],
    "batch-48": ["training.steps=1333", "training.batch_size=48"],
    "batch-128": [
        "training.steps=500",
        "training.batch_size=128",
        "training.peak_learning_rate=3e-3",
        "training.muon_learning_rate=5e-3",
    ],
    "theta-100": ["encoder.rotary_theta=100"],
    "two-wide-layers": ["encoder.n_layers=2", "encoder.d_ff=512"],
    "detection-1": ["objective.detection=1"],
    "detection-4": ["objective.detection=4"],
    "antecedent-token-0.25": ["objective.antecedent_token=0.25"],
    "adamw-1e-3": [ADAMW, "training.peak_learning_rate=1e-3"],
    "adamw-2e-3": [ADAMW, "training.peak_learning_rate=2e-3"],
    "adamw-4e-3": [ADAMW, "training.peak_learning_rate=4e-3"],
}


def trained(variant, directory):
    sets = ["training.steps=1000", "record.validation_every=500", *VARIANTS[variant]]
    overrides = [part for value in sets for part in ("--set", value)]
    arguments = ["--config", str(ROOT / "configs/base.toml"), "--no-test", *overrides]
    return pathlib.Path(base.trained_with(arguments, f"{directory}/run")[0])


def row(variant, run):
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    validation = [line for line in lines if line.get("kind") == "validation"][-1]
    steps = [line for line in lines if line.get("kind") == "train"]
    return [
        variant,
        "; ".join(f"`{value}`" for value in VARIANTS[variant]) or "–",
        f"{validation['loss']:.3f}",
        f"{100 * validation['accuracy']:.1f} %",
        f"{steps[-1]['flop'] / 1e12:.1f}" if "flop" in steps[-1] else "–",
        f"{validation['seconds']:.0f}",
    ]


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("variants", nargs="*", metavar="VARIANT")
    parser.add_argument("--runs", type=pathlib.Path)
    arguments = parser.parse_args()
    for name in arguments.variants:
        if name not in VARIANTS:
            parser.error(f"found {name}, expected one of {', '.join(VARIANTS)}")
    print("| variant | differs in | validation loss | accuracy | TFLOP | seconds |")
    print("|---|---|---|---|---|---|")
    for variant in arguments.variants or VARIANTS:
        if arguments.runs:
            run = arguments.runs / variant
            if run.is_dir():
                print(f"| {' | '.join(row(variant, run))} |")
            continue
        with tempfile.TemporaryDirectory() as directory:
            print(f"| {' | '.join(row(variant, trained(variant, directory)))} |", flush=True)


if __name__ == "__main__":
    main()
