"""The tables and README.md, from results.json."""

import statistics

from cases import CASES, CURVES, CURVES_BAR, CURVES_STEPS, MATRIX_BAR, SCALING, SCALING_BAR
from curves import DEFINITION, differences
from environment import HERE
from floor import floor_ms
from growth_report import corpus_section, growth_section
from matrix_share import product_share
from workers import KINDS, TITLES

OURS = "anafora"
ABSENT = "–"
CURVES_SHOWN = (100, 200, 300, 400, CURVES_STEPS)


def write_readme(store):
    """Fills the tables into the prose."""
    sections = {
        "table": bars_table(store),
        "memory": memory_section(store),
        "scaling": scaling_section(store),
        "matrix": matrix_section(store.get("matrix-share")),
        "curves": curves_section(store.get(CURVES.name)),
        "readers": readers_section(store),
        "growth": growth_section(store.get("growth")),
        "corpus": corpus_section(store.get("corpus-growth")),
        "machine": machine_section(store),
    }
    text = (HERE / "template.md").read_text()
    for name, section in sections.items():
        text = text.replace("{" + name + "}", section)
    (HERE / "README.md").write_text(text)


def bars_table(store):
    sides = [kind.name for kind in KINDS if not kind.for_readers]
    header = ["what", *(TITLES[side] for side in sides), "ratio", "floor", "bar", "met"]
    rows = []
    for case in CASES:
        row = store.get(case.name)
        if row is None:
            continue
        ratio = time_ratio(case, row)
        cells = [case.title, *(time_cell(row, side) for side in sides), number(ratio)]
        cells.append(number(floor_ratio(case, row, store.get("peak"))))
        rows.append([*cells, bar_cell(case.bar), verdict(ratio, case.bar, row)])
    return "Milliseconds:\n\n" + table(header, rows) + floor_line(store.get("peak"))


def floor_line(peak):
    if peak is None:
        return ""
    return (
        f"\n\nThe floor is the ratio of a program that does nothing but the matrix products, at "
        f"{peak['gflops']:.0f} GFLOP/s: the fastest that PyTorch multiplies two matrices of 2,048 × "
        "2,048 on this machine. No program in `f32` gets below it."
    )


def memory_section(store):
    rows = []
    for case in CASES:
        row = store.get(case.name)
        if row is None or case.memory_bar is None:
            continue
        ratios = memory_ratios(case, row)
        sides = [name for name in TITLES if name in row["workers"]]
        for side in sides:
            worker = row["workers"][side]
            start, peak = worker["resident_mib"], worker["peak_mib"]
            rows.append([case.title, TITLES[side], f"{start:.0f}", f"{peak:.0f}", f"{peak - start:.0f}"])
        bar = case.memory_bar
        rows[-len(sides)] += [*map(number, ratios), f"≤ {bar}", verdict(ratios[0], bar, row)]
    if not rows:
        return ""
    header = ["what", "side", "before", "peak", "work", "ratio", "ratio of work", "bar", "met"]
    prose = (
        "Memory in MiB: of the process before its first step, at its peak, and the difference, which "
        "is the work's. The bar is about the peak, which is what has to fit; the second ratio leaves "
        "out the libraries that are loaded before."
    )
    return prose + "\n\n" + table(header, rows)


def scaling_section(store):
    row = store.get(SCALING.name)
    if row is None:
        return ""
    rows = []
    for name in TITLES:
        if name not in row["workers"]:
            continue
        one, both = median(row, name + "@1"), median(row, name)
        gain = one / both
        bar = SCALING_BAR if name == OURS else None
        met = "" if bar is None else "yes" if gain >= bar else "**no**"
        cells = [TITLES[name], time_cell(row, name + "@1"), time_cell(row, name)]
        rows.append([*cells, number(gain), "" if bar is None else f"≥ {bar}", met + flag(row)])
    cores = row["workers"][OURS]["threads"] if OURS in row["workers"] else "all"
    prose = f"From one core to {cores}, {SCALING.title}, milliseconds:"
    return prose + "\n\n" + table(["side", "one core", f"{cores} cores", "gain", "bar", "met"], rows)


def matrix_section(measured):
    if measured is None:
        return ""
    share = product_share(measured)
    met = "yes" if share >= MATRIX_BAR else "**no**"
    rows = [
        [f"`{place}`", f"{100 * n / measured['samples']:.1f} %"]
        for place, n in list(measured["places"].items())[:8]
    ]
    prose = (
        f"In the matrix product, by `perf` over {measured['steps']} training steps of BERT's shape on "
        f"all cores: {100 * share:.0f} % of {measured['samples']:,} samples (bar ≥ "
        f"{100 * MATRIX_BAR:.0f} %: {met}). Where they fell:"
    )
    return prose + "\n\n" + table(["place", "share"], rows)


def curves_section(measured):
    if measured is None:
        return ""
    rows = []
    for name, all_steps in differences(measured["losses"]).items():
        greatest = max(all_steps)
        apart = next((i for i, d in enumerate(all_steps) if d > CURVES_BAR), CURVES_STEPS)
        met = "" if name != OURS else "yes" if greatest <= CURVES_BAR else "**no**"
        cells = [f"{max(all_steps[:n]):.1e}" for n in CURVES_SHOWN]
        rows.append([TITLES[name], *cells, str(apart), met])
    prose = (
        f"Losses of each step, of the base shape on texts of the corpus, none of them twice: the "
        f"greatest difference from the model's definition ({TITLES[DEFINITION]}) in the first steps, "
        f"and how many steps pass before it exceeds the bar of {CURVES_BAR:.0e}. Training amplifies "
        "differences: what rounding does to the last bit shows after some hundred steps, on every "
        "side that adds in another order."
    )
    header = ["side", *(f"{n} steps" for n in CURVES_SHOWN), "steps within the bar", "met"]
    return prose + "\n\n" + table(header, rows)


def readers_section(store):
    sides = [OURS, *(kind.name for kind in KINDS if kind.for_readers)]
    rows = []
    for case in CASES:
        row = store.get(case.name)
        if row is not None and case.for_readers:
            rows.append([case.title, *(time_cell(row, side) for side in sides)])
    if not rows:
        return ""
    prose = "The same rows in Rust, for readers, milliseconds:"
    return prose + "\n\n" + table(["what", *(TITLES[side] for side in sides)], rows)


def machine_section(store):
    names = {"cpu": "CPU", "rustc": "Rust", "burn": "Burn", "python": "Python", "torch": "PyTorch"}
    rows = [[names.get(key, key), str(value)] for key, value in store.machine.items()]
    dates = sorted({row["date"] for row in store.rows.values()})
    commits = sorted({row["commit"] for row in store.rows.values()})
    rows += [["date", " to ".join(dict.fromkeys([dates[0], dates[-1]]))]] if dates else []
    rows += [["commit", ", ".join(commits)]]
    return table(["what", "which"], rows) + threads_line(store)


def threads_line(store):
    threads = {}
    for row in store.rows.values():
        for name, worker in row.get("workers", {}).items():
            if not name.endswith("@1"):
                threads[TITLES[name]] = worker["threads"]
    if not threads:
        return ""
    listed = ", ".join(f"{title} {n}" for title, n in threads.items())
    return f"\n\nThreads: {listed}."


def print_row(name, row):
    """The times of one row, for the terminal."""
    for side, worker in row.get("workers", {}).items():
        print(f"{name:14} {side:16} {time_cell(row, side)} ms, {worker['steps']} steps a round")
    case = next((case for case in CASES if case.name == name), None)
    if case is not None:
        ratio = time_ratio(case, row)
        print(f"{name:14} ratio {number(ratio)}, bar {bar_cell(case.bar)}: {verdict(ratio, case.bar, row)}")
    print(end="", flush=True)


def time_ratio(case, row):
    """Anáfora's time by that of the fastest rival, or `None` where one was not measured."""
    rivals = [median(row, name) for name in case.rivals if name in row["workers"]]
    return median(row, OURS) / min(rivals) if rivals and OURS in row["workers"] else None


def floor_ratio(case, row, peak):
    """The least that `time_ratio` can be on this machine."""
    rivals = [median(row, name) for name in case.rivals if name in row["workers"]]
    floor = None if peak is None else floor_ms(case, peak["gflops"])
    return floor / min(rivals) if rivals and floor is not None else None


def memory_ratios(case, row):
    """Of the peaks, and of what the work adds to what was there before it."""
    workers = row["workers"]
    rivals = [name for name in case.rivals if name in workers]
    if not rivals or OURS not in workers:
        return [None, None]

    def peak(name):
        return workers[name]["peak_mib"]

    def work(name):
        return peak(name) - workers[name]["resident_mib"]

    return [of(OURS) / min(map(of, rivals)) for of in (peak, work)]


def verdict(ratio, bar, row):
    if ratio is None or bar is None:
        return ""
    return ("yes" if ratio <= bar else "**no**") + flag(row)


def flag(row):
    """What a reader must know about a row that was measured beside other work."""
    is_disturbed = row["forced"] or row["others_share"] > 0.05
    return " (loaded machine)" if is_disturbed else ""


def median(row, name):
    return statistics.median(row["workers"][name]["ms"])


def time_cell(row, name):
    if name not in row["workers"]:
        return ABSENT
    ms = row["workers"][name]["ms"]
    return f"{digits(statistics.median(ms))} [{digits(min(ms))}–{digits(max(ms))}]"


def bar_cell(bar):
    return ABSENT if bar is None else f"≤ {bar}"


def number(ratio):
    return ABSENT if ratio is None else f"{ratio:.2f}"


def digits(ms):
    """Three significant ones, or all before the point: 0.105, 24.3, 1240."""
    return f"{ms:.{2 if ms < 10 else 1}f}" if 1 <= ms < 100 else f"{ms:.{3 if ms < 1 else 0}f}"


def table(header, rows):
    """A table in Markdown; short rows are filled up."""
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    for row in rows:
        cells = row + [""] * (len(header) - len(row))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
