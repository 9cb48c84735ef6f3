"""Draws the pictures of results.json in a directory: draw.py DIR. Runs in the virtual environment."""

import json
import pathlib
import statistics
import sys

from matplotlib.ticker import FuncFormatter

# As in run.py: behind this directory.
sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "speed"))

import figure
from tables import NAMES, between, pooled

COLORS = {"encoder": "#2563a8", "encoder-plain": "#7fa8d6", "lstm": "#c2571a"}


def draw_distance(axes, models):
    """All seeds together, with the range of the seeds."""
    for name, runs in models.items():
        shares = [group["right"] / group["n"] for group in pooled(runs).values()]
        of_seeds = [
            [group["right"] / group["n"] for group in pooled([run]).values()] for run in runs
        ]
        low = [100 * (share - min(seeds)) for share, *seeds in zip(shares, *of_seeds)]
        high = [100 * (max(seeds) - share) for share, *seeds in zip(shares, *of_seeds)]
        axes.errorbar(
            range(len(shares)), [100 * share for share in shares], yerr=[low, high], marker="o",
            markersize=3, linewidth=1.5, capsize=2, color=COLORS[name], label=NAMES[name],
        )
    uppers = pooled(next(iter(models.values())))
    labels = [between(upper) for upper in uppers]
    axes.set_xticks(range(len(uppers)), labels, rotation=30, ha="right")


def draw_learning(axes, models):
    for name, runs in models.items():
        for index, run in enumerate(runs):
            seconds = [validation["seconds"] for validation in run["validations"]]
            shares = [100 * validation["accuracy"] for validation in run["validations"]]
            label = NAMES[name] if index == 0 else None
            axes.plot(seconds, shares, marker="o", markersize=2, color=COLORS[name], label=label)


def draw_length(axes, points):
    lengths = [point["length"] for point in points]
    for name in points[0]["tokens_per_second"]:
        rates = [point["tokens_per_second"][name] for point in points]
        medians = [statistics.median(rounds) for rounds in rates]
        low = [median - min(rounds) for median, rounds in zip(medians, rates)]
        high = [max(rounds) - median for median, rounds in zip(medians, rates)]
        axes.errorbar(
            lengths, medians, yerr=[low, high], marker="o", markersize=3, linewidth=1.5, capsize=2,
            color=COLORS[name], label=NAMES[name],
        )
    axes.set_xscale("log")
    axes.set_xticks(lengths, [f"{length:,}" for length in lengths], minor=False)
    axes.set_xticks([], minor=True)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda rate, _: f"{rate:,.0f}"))


def main():
    directory = pathlib.Path(sys.argv[1])
    results = json.loads((directory / "results.json").read_text())
    if "accuracy" in results:
        models = results["accuracy"]["models"]
        figure.write(
            directory / "distance.svg", lambda axes: draw_distance(axes, models),
            xlabel="words between antecedent and pronoun", ylabel="right, %",
        )
        figure.write(
            directory / "learning.svg", lambda axes: draw_learning(axes, models),
            xlabel="seconds of training", ylabel="right in validation, %",
        )
    if "speed" in results:
        for name, points in results["speed"]["points"].items():
            figure.write(
                directory / f"length-{name}.svg", lambda axes: draw_length(axes, points),
                xlabel="tokens of a text", ylabel=f"tokens per second, {name}",
            )


if __name__ == "__main__":
    main()
