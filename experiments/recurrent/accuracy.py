"""Trains both models, and asks them for every antecedent: how often they are right, by the words
between antecedent and pronoun, and by the seconds of training."""

import json
import pathlib
import subprocess
import sys
import tempfile

from environment import ROOT, TARGET

CONFIGS = {"encoder": "configs/grammar.toml", "lstm": "configs/lstm.toml"}


def measure(seeds, steps, splits, files):
    """For each model, a list with one entry for each seed; `files` take the place of the splits."""
    names = [name_of(path) for path in files] if files else [f"data/test/{s}" for s in splits]
    arguments = [part for path in files for part in ("--data", path)]
    arguments = arguments or [part for split in splits for part in ("--split", split)]
    subprocess.run(["cargo", "build", "--quiet", "--bins"], cwd=ROOT, check=True)
    models = {}
    with tempfile.TemporaryDirectory() as directory:
        for name, config in CONFIGS.items():
            models[name] = []
            for seed in seeds:
                print(f"accuracy: {name}, seed {seed}", file=sys.stderr, flush=True)
                run = pathlib.Path(directory, f"{name}-{seed}")
                train(config, seed, steps, run)
                answers = evaluate(run, arguments)
                models[name].append(
                    {
                        "seed": seed,
                        "validations": validations(run),
                        "by_distance": by_distance(answers),
                        "all": share(answers),
                    }
                )
    return {"files": names, "steps": steps, "models": models}


def name_of(path):
    path = path.resolve()
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def program(name):
    return TARGET / "debug" / name


def train(config, seed, steps, run):
    overrides = [f"seed={seed}"]
    if steps is not None:
        overrides += [f"training.steps={steps}", f"training.warmup_steps={steps // 10}"]
        overrides += [f"record.validation_every={max(1, steps // 4)}"]
    command = [program("train"), "--config", ROOT / config, "--run", run]
    command += [part for override in overrides for part in ("--set", override)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def validations(run):
    """Seconds since the first step and accuracy, at each validation."""
    lines = (run / "metrics.jsonl").read_text().splitlines()[1:]
    lines = [line for line in map(json.loads, lines) if line["kind"] == "validation"]
    return [{key: line[key] for key in ("step", "seconds", "accuracy")} for line in lines]


def evaluate(run, arguments):
    """What the model of `run` answers, as `evaluate` writes it down: one row for each example."""
    command = [program("evaluate"), run, *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    lines = (run / "answers.jsonl").read_text().splitlines()[1:]
    return [json.loads(line) for line in lines]


def by_distance(answers):
    """Right answers among those with no word, 1, 2 to 3, 4 to 7 and so on between the antecedent and
    the pronoun."""
    groups = {}
    for answer in answers:
        if answer["antecedent"] is not None:
            # The greatest number of as many binary digits.
            upper = (1 << answer["distance"].bit_length()) - 1
            groups.setdefault(upper, []).append(answer)
    return [{"up_to": upper, **share(group)} for upper, group in sorted(groups.items())]


def share(answers):
    return {"n": len(answers), "right": sum(answer["right"] for answer in answers)}
