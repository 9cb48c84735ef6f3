"""What is compared, and by how much Anáfora has to be faster: the rows of the table."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Case:
    """One row: a model, its texts, and the command that is timed."""

    name: str
    title: str
    case: dict
    command: str = "train"
    # Anáfora's time divided by PyTorch's is to be at most this.
    bar: float | None = None
    # The same of the most memory that the process ever has.
    memory_bar: float | None = None
    # Whose time the bar is about: PyTorch's better one, or one of them.
    rivals: tuple = ("torch-eager", "torch-compile")
    # Rows where the other frameworks are shown too, for readers.
    for_readers: bool = False


def case(shape="bert", d_model=128, n_layers=4, batch=64, seq=32, **changes):
    """The content of case.json. Heads are 32 wide, and d_ff is four times the width."""
    encoder = {
        "shape": shape,
        "d_model": d_model,
        "n_heads": d_model // 32,
        "n_layers": n_layers,
        "d_ff": 4 * d_model,
        "max_seq": max(seq, 256) if changes.get("lengths") == "corpus" else seq,
        "dropout": changes.pop("dropout", 0.0),
    }
    if shape == "base":
        encoder["rotary_theta"] = 10000.0
    texts = {"vocab": 2000, "batch": batch, "seq": seq, "lengths": "full", "n_batches": 4}
    return {"encoder": encoder, **texts, "seed": 1, **changes}


# Sixteen batches are one window, in which training sorts texts by length.
CORPUS = {"lengths": "corpus", "vocab": 4000, "n_batches": 16}

CASES = [
    Case("bert", "training step, BERT's shape", case(), bar=0.42, for_readers=True),
    Case("base", "the base shape", case("base"), bar=0.45, for_readers=True),
    Case("bert-dropout", "BERT's shape, dropout 0.1", case(dropout=0.1), bar=0.28),
    Case("base-dropout", "the base shape, dropout 0.1", case("base", dropout=0.1), bar=0.28),
    Case("corpus", "the base shape, texts of the corpus", case("base", **CORPUS), bar=0.45),
    Case("corpus-bert", "BERT's shape, texts of the corpus", case(**CORPUS), bar=0.45),
    Case("d64", "d_model 64, 2 layers", case(d_model=64, n_layers=2), bar=0.5),
    Case("d256", "d_model 256, 6 layers", case(d_model=256, n_layers=6), bar=0.5),
    Case("d512", "d_model 512, 8 layers", case(d_model=512, n_layers=8), bar=0.55),
    Case("forward", "forward pass alone", case(), "forward", bar=0.42, for_readers=True),
    Case(
        "sentence",
        "one sentence of 24 tokens, forward pass",
        case(batch=1, seq=24),
        "forward",
        bar=0.4,
        rivals=("torch-eager",),
        for_readers=True,
    ),
    Case(
        "long",
        "4 texts of 2,048 tokens",
        case(batch=4, seq=2048, n_batches=2),
        bar=0.45,
        memory_bar=0.6,
    ),
    Case("optimizer", "the optimizer's step alone", case(), "optimizer", bar=1.0),
]

# Every batch once: losses of texts that the model has not seen.
CURVES_STEPS = 500
CURVES_BAR = 1e-3
CURVES = Case(
    "curves", "losses of the fast path", case("base", **CORPUS | {"n_batches": CURVES_STEPS})
)
MATRIX_BAR = 0.7

# One core and two: Anáfora's time on one core is to be at least so many times that on two.
SCALING = Case("scaling", "training step, BERT's shape", case())
SCALING_BAR = 1.8


def n_parameters_in_matrices(encoder):
    """The numbers that each token is multiplied with."""
    n_parts = 3 if encoder["shape"] == "base" else 2
    d_model, d_ff = encoder["d_model"], encoder["d_ff"]
    return encoder["n_layers"] * (4 * d_model**2 + n_parts * d_model * d_ff)


def flop_per_step(case):
    """Multiplications and additions in the matrix products of a training step on full texts.

    A product costs two for each number of its matrix, and its backward pass has two products more.
    """
    encoder, n_tokens = case["encoder"], case["batch"] * case["seq"]
    forward = 2 * n_tokens * n_parameters_in_matrices(encoder)
    attention = 4 * n_tokens * case["seq"] * encoder["d_model"] * encoder["n_layers"]
    return 3 * (forward + attention)
