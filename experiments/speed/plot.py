"""Draws the growth that it reads as JSON from stdin: plot.py DIR. Runs in the virtual environment."""

import json
import pathlib
import statistics
import sys

from matplotlib.ticker import ScalarFormatter

import figure
from growth_report import picture
from workers import TITLES

COLORS = {"anafora": "#2563a8", "torch-eager": "#c2571a", "torch-compile": "#8a5a00", "jax": "#3f7d4e"}


def draw(axes, points):
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
    axes.set(xscale="log", yscale="log")
    axes.set_xticks(xs, [f"{x:,}" for x in xs], minor=False)
    axes.set_xticks([], minor=True)
    axes.yaxis.set_major_formatter(ScalarFormatter())


def main():
    directory = pathlib.Path(sys.argv[1])
    for axis, points in json.load(sys.stdin)["axes"].items():
        path = directory / picture(axis)
        figure.write(path, lambda axes: draw(axes, points), xlabel=axis, ylabel="ms per step")


if __name__ == "__main__":
    main()
