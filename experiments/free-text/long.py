#!/usr/bin/env python3
"""Time and peak memory of `resolve` on long texts: with one pronoun, with 132 and with 900.

    experiments/free-text/long.py                 trains a model that reads 8,192 tokens, for a minute
    experiments/free-text/long.py RUN             a run whose encoder.max_seq is large enough

The first two texts have about a thousand tokens, the third 6,752; each is resolved three times, in turn,
and the median counts. Needs the Rust toolchain, Unix, and Python's standard library.
"""

import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SENTENCE = "Marta bought a car in June and she sold it in July. "
WITHOUT = "Marta bought a car in June and Marta sold the car in July. "
TEXTS = {
    "1 pronoun": WITHOUT * 60 + "Marta bought a car in June and Marta sold {it} in July.",
    "132 pronouns": SENTENCE * 66,
    "900 pronouns": SENTENCE * 450,
}
# Enough to find every "she" and "it".
SETS = [
    "encoder.max_seq=8192", "training.steps=250", "training.warmup_steps=20", "training.batch_size=24",
    "tokenizer.examples=4000", "data.validation_examples=50", "data.written=0.7", "data.composed=0.2",
]


def resolve(program, run, text):
    """Lines of output, seconds and peak MiB of a process."""
    begun = time.monotonic()
    process = subprocess.Popen([program, run], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdin.write(text.strip().encode() + b"\n")
    process.stdin.close()
    n_lines = len(process.stdout.read().splitlines())
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"resolve ended with {status}")
    return n_lines, time.monotonic() - begun, usage.ru_maxrss / 1024


def main():
    subprocess.run(["cargo", "build", "--quiet", "--bins"], cwd=ROOT, check=True)
    programs = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug"
    with tempfile.TemporaryDirectory() as directory:
        run = sys.argv[1] if len(sys.argv) > 1 else f"{directory}/run"
        if len(sys.argv) == 1:
            sets = [word for value in SETS for word in ("--set", value)]
            subprocess.run([programs / "train", "--no-test", "--run", run, *sets], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
        rows = {name: [] for name in TEXTS}
        for _ in range(3):
            for name, text in TEXTS.items():
                rows[name].append(resolve(programs / "resolve", run, text))
    print("| text | answers | seconds | times the first | peak MiB |\n|---|---|---|---|---|")
    first = statistics.median(seconds for _, seconds, _ in rows["1 pronoun"])
    for name, found in rows.items():
        seconds = statistics.median(seconds for _, seconds, _ in found)
        peak = max(peak for _, _, peak in found)
        print(f"| {name} | {found[0][0]} | {seconds:.2f} | {seconds / first:.2f} | {peak:.0f} |")


main()
