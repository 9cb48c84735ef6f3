"""Times both models at texts of different length, in turns, by the workers of experiments/speed."""

import dataclasses
import sys
import tomllib

import measure as turns
from cases import Case
from environment import ROOT
from workers import Kind, Worker, rust

from accuracy import CONFIGS

# Texts of any length make batches of so many tokens.
TOKENS = 4096
LENGTHS = [16, 32, 64, 128, 256, 512, 1024]
COMMANDS = {"training": "train", "inference": "forward"}


@dataclasses.dataclass(frozen=True)
class Side:
    """A model, and how it is computed."""

    name: str
    config: str
    path: str


# The recurrent network is made of Burn's own operations, so the encoder is shown with these too.
SIDES = [
    Side("encoder", CONFIGS["encoder"], "fused"),
    Side("encoder-plain", CONFIGS["encoder"], "plain"),
    Side("lstm", CONFIGS["lstm"], "fused"),
]


def measure(lengths, rounds, seconds, force):
    """For training and inference, a point for each length with the tokens per second of each round."""
    points = {name: [] for name in COMMANDS}
    for length in lengths:
        print(f"speed: {length} tokens", file=sys.stderr, flush=True)
        workers = [start(side, length) for side in SIDES]
        try:
            for name, command in COMMANDS.items():
                row = Case("recurrent", name, case(SIDES[0], length), command)
                measured = turns.take_turns(workers, row, rounds, seconds, force)["workers"]
                rates = {side: rate(worker["ms"]) for side, worker in measured.items()}
                points[name].append({"length": length, "tokens_per_second": rates})
        finally:
            for worker in workers:
                worker.close()
    return {"tokens_in_a_batch": TOKENS, "points": points, "forced": force}


def case(side, length):
    """The content of case.json."""
    config = tomllib.loads((ROOT / side.config).read_text())
    encoder = config["encoder"] | {"max_seq": length}
    texts = {"batch": max(1, TOKENS // length), "seq": length, "lengths": "full", "n_batches": 1}
    return {"encoder": encoder, "vocab": config["tokenizer"]["vocab_size"], "seed": 1, **texts}


def start(side, length):
    directory = turns.export(f"recurrent-{side.name}-{length}", case(side, length))
    return Worker(Kind(side.name, side.name, rust(side.path, "flex")), directory)


def rate(ms):
    """Tokens per second of each round."""
    return [1000 * TOKENS / time for time in ms]
