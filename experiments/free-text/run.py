#!/usr/bin/env python3
"""Asks a run about fifty sentences that a curious person might type, and prints a Markdown table.

    experiments/free-text/run.py runs/base-001

The sentences are in es.tsv and en.tsv: a text with its pronoun in braces, and the word that it
stands for, or - for none. They were written before the model was asked, not from the patterns of
data/grammar, and no candidates are given: any word of the text can be the answer. Needs the Rust
toolchain and Python's standard library.
"""

import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def ask(run, texts):
    """The word that the run's model answers for each text, or - for none."""
    command = ["cargo", "run", "--quiet", "--bin", "resolve", "--", run, "--json"]
    lines = "".join(text + "\n" for text in texts)
    output = subprocess.run(
        command, cwd=ROOT, check=True, input=lines, stdout=subprocess.PIPE, text=True
    ).stdout
    answers = [json.loads(line)["answer"] for line in output.splitlines()]
    if len(answers) != len(texts):
        sys.exit(f"{len(answers)} answers, expected one for each of {len(texts)} texts")
    return [answer["text"] if answer else "-" for answer in answers]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    run = str(pathlib.Path(sys.argv[1]).resolve())
    counts, wrong = [], []
    for language in ("es", "en"):
        rows = [line.split("\t") for line in (HERE / f"{language}.tsv").read_text().splitlines()]
        answers = ask(run, [text for text, _ in rows])
        mistakes = [(*row, answer) for row, answer in zip(rows, answers) if answer != row[1]]
        counts.append((language, len(rows) - len(mistakes), len(rows)))
        wrong += mistakes
    counts.append(("all", sum(right for _, right, _ in counts), sum(n for *_, n in counts)))
    print("| language | right | of |\n|---|---|---|")
    for language, right, n in counts:
        print(f"| {language} | {right} | {n} |")
    print("\n| text | stands for | answered |\n|---|---|---|")
    for text, expected, answer in wrong:
        print(f"| {text} | {expected} | {answer} |")


if __name__ == "__main__":
    main()
