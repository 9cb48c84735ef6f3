"""One core and two: the same workers twice, once held to the first core."""

import measure
from cases import SCALING
from machine import n_cores
from workers import Worker


def measure_scaling(kinds, rounds, seconds, force):
    """Times on one core and on all cores, as two lists of workers."""
    directory = measure.export(SCALING.name, SCALING.case)
    one = [Worker(kind, directory, cores=[0]) for kind in kinds]
    all_cores = [Worker(kind, directory, cores=range(n_cores())) for kind in kinds]
    for worker in one:
        worker.name += "@1"
    workers = [worker for pair in zip(one, all_cores) for worker in pair]
    try:
        losses = measure.check(workers)
        return measure.take_turns(workers, SCALING, rounds, seconds, force) | {"losses": losses}
    finally:
        for worker in workers:
            worker.close()
