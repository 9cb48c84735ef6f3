"""README.md, from results.json."""

import statistics

NAMES = {"encoder": "encoder", "encoder-plain": "encoder, Burn's operations", "lstm": "LSTM"}
GOOD = [0.9, 0.99]


def markdown(results):
    parts = [
        "# Recurrent networks",
        "A bidirectional LSTM (`configs/lstm.toml`) against the encoder of `configs/grammar.toml`: as many "
        "parameters within 2 %, the same embedding, heads, data, steps and learning rates.\n"
        "All numbers are from `experiments/recurrent/run.py`, which also says how to repeat them.",
        "## Distance",
        distance_section(results.get("accuracy")),
        "## Seconds of training",
        learning_section(results.get("accuracy")),
        "## Length",
        speed_section(results.get("speed")),
        "## Machine",
        table(["", ""], [[key, str(value)] for key, value in results["machine"].items()]),
    ]
    return "\n\n".join(parts) + "\n"


def table(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def distance_section(accuracy):
    if accuracy is None:
        return "Not measured yet."
    models = accuracy["models"]
    groups = {name: pooled(runs) for name, runs in models.items()}
    uppers = list(next(iter(groups.values())))
    rows = [
        [between(upper), *(percent(group[upper]) for group in groups.values())] for upper in uppers
    ]
    rows.append(["all, *none* included", *(percent(total(runs)) for runs in models.values())])
    n_seeds = len(next(iter(models.values())))
    seeds = "one seed" if n_seeds == 1 else f"all {n_seeds} seeds together"
    files = ", ".join(f"`{name}`" for name in accuracy["files"])
    prose = (
        "Right answers by the words between antecedent and pronoun, as `evaluate` counts them; of the "
        f"examples in {files}, {seeds}."
    )
    header = ["words between", *(NAMES[name] for name in groups)]
    return f"{prose}\n\n{table(header, rows)}\n\n![Accuracy by distance](distance.svg)"


def pooled(runs):
    """The groups of all seeds together, by the upper end of each."""
    groups = {}
    for group in (group for run in runs for group in run["by_distance"]):
        sums = groups.setdefault(group["up_to"], {"n": 0, "right": 0})
        sums["n"] += group["n"]
        sums["right"] += group["right"]
    return dict(sorted(groups.items()))


def total(runs):
    return {key: sum(run["all"][key] for run in runs) for key in ("n", "right")}


def between(upper):
    """The distances of a group: 4 to 7 where 7 is the greatest."""
    return str(upper) if upper <= 1 else f"{(upper + 1) // 2} to {upper}"


def percent(group):
    return f"{100 * group['right'] / group['n']:.2f} % of {group['n']:,}"


def learning_section(accuracy):
    if accuracy is None:
        return "Not measured yet."
    header = ["model", "seed", "steps", "seconds", "last validation"]
    header += [f"s to {100 * good:.0f} %" for good in GOOD]
    rows = [
        learning_row(NAMES[name], run)
        for name, runs in accuracy["models"].items()
        for run in runs
    ]
    prose = "Seconds from the first step on, validations included."
    return f"{prose}\n\n{table(header, rows)}\n\n![Accuracy by seconds of training](learning.svg)"


def learning_row(name, run):
    last = run["validations"][-1]
    row = [name, str(run["seed"]), str(last["step"]), f"{last['seconds']:.0f}"]
    row.append(f"{100 * last['accuracy']:.2f} %")
    for good in GOOD:
        reached = (v["seconds"] for v in run["validations"] if v["accuracy"] >= good)
        seconds = next(reached, None)
        row.append("–" if seconds is None else f"{seconds:.1f}")
    return row


def speed_section(speed):
    if speed is None:
        return "Not measured yet."
    parts = [
        f"Tokens per second of texts of one length, {speed['tokens_in_a_batch']:,} tokens in a batch, "
        "all sides in turns; the median of the rounds.\n"
        "The encoder computes half a block at a time with kernels of its own; a second column has it "
        "with Burn's operations one by one, of which the LSTM is made too."
    ]
    for name, points in speed["points"].items():
        sides = list(points[0]["tokens_per_second"])
        header = ["tokens of a text", *(NAMES[side] for side in sides)]
        rows = [[f"{point['length']:,}", *map(rate, point["tokens_per_second"].values())] for point in points]
        parts.append(f"### {name.capitalize()}\n\n{table(header, rows)}")
        parts.append(f"![Tokens per second by length, {name}](length-{name}.svg)")
    return "\n\n".join(parts)


def rate(rates):
    return f"{statistics.median(rates):,.0f}"
