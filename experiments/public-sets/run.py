#!/usr/bin/env python3
"""Asks a run, which was never shown any of it, about texts that people wrote, and prints Markdown.

    experiments/public-sets/run.py runs/base-001 DIR

DIR has the public sets as their authors give them, see "Public sets" in data/README.md:
gap/gap-development.tsv, winobias/*_stereotyped_type*.txt.dev, winogender/all_sentences.tsv and
ctxpro-es/*.json. A row has what the model gets right, beside chance (one over the number of
candidates) and the best of the answers that need no understanding. Needs the Rust toolchain and
Python's standard library.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SETS = {
    "gap": "gap/gap-development.tsv",
    "winobias": "winobias/*_stereotyped_type*.txt.dev",
    "winogender": "winogender/all_sentences.tsv",
    "ctxpro": "ctxpro-es/*.json",
}


def cargo(program, *arguments):
    command = ["cargo", "run", "--quiet", "--bin", program, "--", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)


def evaluate(run, name, files, directory):
    """The report on a set, and its examples."""
    path = pathlib.Path(directory, f"{name}.jsonl")
    window = ["--tokenizer", run / "tokenizer.json", "--window", 256]
    cargo("corpus", "import", name, *files, *window, "--out", path)
    report = json.loads(cargo("evaluate", run, "--data", path, "--json").stdout)
    return report, [json.loads(line) for line in path.read_text().splitlines()]


def rows(report, examples):
    """One for each phenomenon, and one for all."""
    for piece in report["slices"]:
        if piece["lang"] is not None:
            continue
        name = piece["phenomenon"]
        of = [e for e in examples if name in (None, e["phenomenon"])]
        chance = sum(1 / len(e["candidates"]) for e in of if e["candidates"]) / len(of)
        scores = report["heuristics"] if name is None else report["heuristics_by_phenomenon"]
        best = max(
            (s for s in scores if s["lang"] is None and s.get("phenomenon") == name),
            key=lambda score: score["accuracy"],
        )
        yield [
            name or "all",
            str(piece["n"]),
            f"{100 * piece['accuracy']:.1f} %",
            f"{100 * piece['low']:.1f} – {100 * piece['high']:.1f}",
            f"{100 * chance:.1f} %",
            f"{100 * best['accuracy']:.1f} % ({best['name']})",
        ]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    run, sets = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    print("| set | slice | n | right | 95 % interval | chance | best cheap answer |")
    print("|---|---|---|---|---|---|---|", flush=True)
    gap = None
    with tempfile.TemporaryDirectory() as directory:
        for name, pattern in SETS.items():
            files = sorted(path.resolve() for path in sets.glob(pattern))
            if not files:
                sys.exit(f"{sets / pattern}: no such file, expected the set as its authors give it")
            report, examples = evaluate(run, name, files, directory)
            for row in rows(report, examples):
                print(f"| {name} | " + " | ".join(row) + " |", flush=True)
            gap = (report["gap"] or [gap])[0]
    print("\nGAP's official score under exactly one answer for each text:\n")
    print("| masculine F1 | feminine F1 | bias | overall F1 | accuracy |\n|---|---|---|---|---|")
    cells = [f"{100 * gap[key]:.1f}" for key in ("masculine_f1", "feminine_f1")]
    cells += [f"{gap['bias']:.2f}" if gap["bias"] else "–"]
    cells += [f"{100 * gap['overall_f1']:.1f}", f"{100 * gap['accuracy']:.1f} %"]
    print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
