"""Draws the growth that it reads as JSON from stdin: plot.py DIR. Runs in the virtual environment."""

import json
import pathlib
import statistics
import sys

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
from matplotlib.ticker import ScalarFormatter

from growth_report import picture
from workers import TITLES

# Letters stay letters, and nothing in the file depends on the day: the same data, the same picture.
plt.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "anafora", "font.size": 9})
COLORS = {"anafora": "#2563a8", "torch-eager": "#c2571a", "torch-compile": "#8a5a00", "jax": "#3f7d4e"}


def draw(axis, points, path):
    figure, axes = plt.subplots(figsize=(6, 3.6))
    xs = [point["x"] for point in points]
    for name in points[0]["ms"]:
        medians = [statistics.median(point["ms"][name]) for point in points]
        low = [median - min(point["ms"][name]) for median, point in zip(medians, points)]
        high = [max(point["ms"][name]) - median for median, point in zip(medians, points)]
        axes.errorbar(
            xs, medians, yerr=[low, high], marker="o", markersize=3, linewidth=1.5, capsize=2,
            color=COLORS.get(name), label=TITLES[name],
        )
    floor = [point["floor_ms"] for point in points]
    axes.plot(xs, floor, linestyle="--", linewidth=1.2, color="#666666", label="floor")
    axes.set(xscale="log", yscale="log", xlabel=axis, ylabel="ms per step")
    axes.set_xticks(xs, [f"{x:,}" for x in xs], minor=False)
    axes.set_xticks([], minor=True)
    axes.yaxis.set_major_formatter(ScalarFormatter())
    axes.grid(True, which="major", color="#dddddd", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def main():
    directory = pathlib.Path(sys.argv[1])
    for axis, points in json.load(sys.stdin)["axes"].items():
        draw(axis, points, directory / picture(axis))


if __name__ == "__main__":
    main()
