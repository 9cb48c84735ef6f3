"""How the time of a step grows with the length of a text, the width and the depth of the model; and
that of the corpus with the number of its examples."""

import json
import subprocess
import sys

import measure
from cases import Case, case, flop_per_step
from environment import build
from floor import peak_gflops

# Texts of any length make batches of so many tokens, as far as one text has no more.
TOKENS = 4096
LENGTHS = [16, 32, 64, 128, 256, 512, 1024, 2048, 4096]
WIDTHS = [32, 64, 128, 256, 512]
DEPTHS = [1, 2, 4, 8, 16]
# What is shown beside Anáfora: compiling anew for each point would take longer than measuring.
SHOWN = ("anafora", "torch-eager")
EXAMPLES = [10_000, 100_000, 1_000_000, 10_000_000]

AXES = {
    "tokens of a text": [
        (seq, case(batch=TOKENS // seq, seq=seq, n_batches=1)) for seq in LENGTHS
    ],
    "d_model": [(width, case(d_model=width, n_batches=1)) for width in WIDTHS],
    "layers": [(depth, case(n_layers=depth, n_batches=1)) for depth in DEPTHS],
}


def measure_growth(kinds, rounds, seconds, force):
    """For each axis, a list of points with the milliseconds of each round."""
    kinds = [kind for kind in kinds if kind.name in SHOWN]
    gflops = peak_gflops()
    axes = {}
    for axis, points in AXES.items():
        axes[axis] = []
        for x, content in points:
            print(f"growth: {axis} {x}", file=sys.stderr, flush=True)
            row = Case("growth", axis, content)
            measured = measure.compare(row, kinds, rounds, seconds, force)["workers"]
            ms = {name: worker["ms"] for name, worker in measured.items()}
            floor = flop_per_step(content) / gflops / 1e6
            axes[axis].append({"x": x, "floor_ms": floor, "ms": ms})
    return {"axes": axes, "peak_gflops": gflops, "forced": force}


def measure_corpus(counts):
    """Time and peak memory of streams of examples, the shortest first."""
    command = [build(), "growth", *map(str, sorted(counts))]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {"streams": [json.loads(line) for line in lines.splitlines()]}
