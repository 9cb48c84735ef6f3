"""Whether the fast path trains as the model's definition does: both on the same batches, losses of
each step. PyTorch, which rounds otherwise too, shows how much of a difference is rounding that grew."""

import measure
from cases import CURVES, CURVES_STEPS
from workers import Worker

DEFINITION = "flex"
SIDES = ("anafora", "torch-eager", DEFINITION)


def measure_curves(kinds):
    """The losses of every worker, which get the same batches, none of them twice."""
    directory = measure.export(CURVES.name, CURVES.case)
    losses = {}
    for kind in kinds:
        worker = Worker(kind, directory)
        try:
            losses[worker.name] = worker.ask("check", CURVES_STEPS)["losses"]
        finally:
            worker.close()
    return {"losses": losses}


def differences(losses):
    """Of each other worker from the definition, step by step."""
    expected = losses[DEFINITION]
    return {
        name: [abs(a - b) for a, b in zip(found, expected, strict=True)]
        for name, found in losses.items()
        if name != DEFINITION
    }
