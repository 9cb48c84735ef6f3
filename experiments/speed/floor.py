"""What the machine can do at most: the time that the matrix products of a step need alone."""

from cases import case, flop_per_step
from measure import export
from workers import KINDS, Worker

# Products of 2,048 × 2,048 matrices, of which the fastest says what the machine can do.
N_PRODUCTS = 40
PRODUCT_FLOP = 2 * 2048**3


def peak_gflops():
    """Thousand million operations a second in a large product of matrices, by PyTorch."""
    worker = Worker(next(kind for kind in KINDS if kind.name == "torch-eager"), export("peak", case()))
    try:
        return PRODUCT_FLOP / min(worker.ask("peak", N_PRODUCTS)["ms"]) / 1e6
    finally:
        worker.close()


def floor_ms(row, gflops):
    """Milliseconds of the products of a row at `gflops`; `None` where texts differ in length, or
    where there are none."""
    if row.case["lengths"] != "full" or row.command == "optimizer":
        return None
    share = 1 / 3 if row.command == "forward" else 1
    return share * flop_per_step(row.case) / gflops / 1e6
