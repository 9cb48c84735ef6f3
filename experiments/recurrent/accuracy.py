"""Trains both models, and asks them for every antecedent: how often they are right, by the words
between antecedent and pronoun, and by the seconds of training."""

import json
import pathlib
import subprocess
import sys
import tempfile

from environment import ROOT, TARGET

CONFIGS = {"encoder": "configs/base.toml", "lstm": "configs/lstm.toml"}


def measure(seeds, steps, files):
    """For each model, a list with one entry for each seed."""
    subprocess.run(["cargo", "build", "--quiet", "--bins"], cwd=ROOT, check=True)
    examples = [example for path in files for example in read(path)]
    models = {}
    with tempfile.TemporaryDirectory() as directory:
        for name, config in CONFIGS.items():
            models[name] = []
            for seed in seeds:
                print(f"accuracy: {name}, seed {seed}", file=sys.stderr, flush=True)
                run = pathlib.Path(directory, f"{name}-{seed}")
                train(config, seed, steps, run)
                answers = resolve(run, examples)
                models[name].append(
                    {
                        "seed": seed,
                        "validations": validations(run),
                        "by_distance": by_distance(examples, answers),
                        "all": share(map(is_right, examples, answers)),
                    }
                )
    return {"files": [name_of(path) for path in files], "steps": steps, "models": models}


def name_of(path):
    path = path.resolve()
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def read(path):
    with open(path, encoding="utf-8-sig") as lines:
        return [json.loads(line) for line in lines if line.strip()]


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


def resolve(run, examples):
    """What the model of `run` says of each example: a probability for every word and for none."""
    lines = "".join(marked(example) + "\n" for example in examples)
    command = [program("resolve"), run, "--json"]
    output = subprocess.run(command, check=True, input=lines, stdout=subprocess.PIPE, text=True).stdout
    answers = [json.loads(line) for line in output.splitlines()]
    if len(answers) != len(examples):
        sys.exit(f"{len(answers)} answers, expected one for each of {len(examples)} examples")
    return answers


def marked(example):
    """The text with its pronoun in braces."""
    text, (start, end) = example["text"], example["pronoun"]
    return text[:start] + "{" + text[start:end] + "}" + text[end:]


def is_right(example, answer):
    """Whether the antecedent is likelier than the other candidates and than none."""
    scores = [
        sum(word["probability"] for word in answer["words"] if overlap(word["span"], candidate))
        for candidate in example["candidates"]
    ]
    scores.append(answer["none"])
    right = example["antecedent"]
    return scores.index(max(scores)) == (len(scores) - 1 if right is None else right)


def overlap(a, b):
    return a[0] < b[1] and b[0] < a[1]


def distance(example, answer):
    """The words from the antecedent to the pronoun, 1 where they are neighbours; none without one."""
    if example["antecedent"] is None:
        return None
    places = [example["candidates"][example["antecedent"]], example["pronoun"]]
    first, second = (
        next(index for index, word in enumerate(answer["words"]) if overlap(word["span"], place))
        for place in places
    )
    return abs(second - first)


def by_distance(examples, answers):
    """Right answers among those at distances of 1, 2, 3 to 4, 5 to 8 words and so on."""
    groups = {}
    for example, answer in zip(examples, answers, strict=True):
        words = distance(example, answer)
        if words is not None:
            # The least power of two that is not less.
            upper = 1 << (words - 1).bit_length()
            groups.setdefault(upper, []).append(is_right(example, answer))
    return [{"up_to": upper, **share(group)} for upper, group in sorted(groups.items())]


def share(are_right):
    are_right = list(are_right)
    return {"n": len(are_right), "right": sum(are_right)}
