"""The sections of README.md about growth, and the pictures in them."""

import json
import subprocess

from environment import HERE, PYTHON


def growth_section(growth):
    if growth is None:
        return "Not measured yet."
    subprocess.run([PYTHON, HERE / "plot.py", HERE], input=json.dumps(growth), text=True, check=True)
    pictures = "\n".join(f"![Milliseconds of a step by {axis}]({picture(axis)})" for axis in growth["axes"])
    return (
        "Milliseconds of a training step, BERT's shape, both axes logarithmic.\n"
        "The floor is the time that the matrix products alone need at "
        f"{growth['peak_gflops']:.0f} GFLOP/s, the fastest that PyTorch multiplies two matrices of "
        "2,048 × 2,048 on this machine.\n"
        "By tokens of a text, a batch has 4,096 tokens in all; by width and by depth, 64 texts of 32.\n\n"
        + pictures
    )


def picture(axis):
    """The file name of the picture of an axis."""
    return f"growth-{axis.split()[0].replace('_', '-')}.svg"


def corpus_section(corpus):
    if corpus is None:
        return "Not measured yet."
    lines = ["| examples | text MiB | seconds | peak MiB |", "|---|---|---|---|"]
    for stream in corpus["streams"]:
        mib = stream["bytes"] / 2**20
        peak = "–" if stream["peak_mib"] is None else f"{stream['peak_mib']:.0f}"
        lines.append(f"| {stream['examples']:,} | {mib:.1f} | {stream['seconds']:.1f} | {peak} |")
    prose = "The grammar as a stream, one example after the other on one core, in one process:"
    return prose + "\n\n" + "\n".join(lines)
