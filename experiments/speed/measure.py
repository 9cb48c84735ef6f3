"""One row of the table: start all sides, see that they compute the same, let them take turns."""

import json
import math
import statistics
import subprocess
import sys
import time

import machine
from environment import CASES, build
from workers import Worker

N_CHECKED = 5
MAX_DIFFERENCE = 1e-4
# Between two workers: threads that wait actively have gone to sleep by then.
PAUSE = 0.3
WARM_SECONDS = 1.0
MIN_STEPS = 3


class Disagreement(Exception):
    """Sides that do not compute the same."""


def export(name, case):
    """Writes a case with its parameters and batches, and returns the directory."""
    directory = CASES / name
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "case.json").write_text(json.dumps(case, indent=1))
    subprocess.run([build(), "export", directory], check=True)
    return directory


def compare(row, kinds, rounds, seconds, force):
    """The times of `row` for every kind of worker that can do it."""
    directory = export(row.name, row.case)
    workers = [Worker(kind, directory) for kind in kinds]
    try:
        losses = check(workers)
        return take_turns(workers, row, rounds, seconds, force) | {"losses": losses}
    finally:
        for worker in workers:
            worker.close()


def check(workers):
    """The losses of the first steps, which all workers have to agree on."""
    first, *others = workers
    expected = first.ask("check", N_CHECKED)["losses"]
    for worker in others:
        losses = worker.ask("check", N_CHECKED)["losses"]
        for step, (found, wanted) in enumerate(zip(losses, expected, strict=True)):
            if not abs(found - wanted) <= MAX_DIFFERENCE:
                raise Disagreement(
                    f"{worker.name}: the loss of step {step} is {found}, expected {wanted} as "
                    f"{first.name} has it, within {MAX_DIFFERENCE}"
                )
    return expected


def take_turns(workers, row, rounds, seconds, force):
    """Milliseconds of each round of each worker, and how much else the machine did meanwhile."""
    turn = turn_of(row.case)
    steps = [warm_up(worker, row.command, row.case, seconds) for worker in workers]
    if not force:
        machine.require_quiet()
    times = [[] for _ in workers]
    peaks = [None for _ in workers]
    clock = ClockOfOthers([worker.process.pid for worker in workers])
    for _ in range(rounds):
        for index, worker in enumerate(workers):
            answer = worker.ask(row.command, steps[index])
            times[index].append(typical(answer["ms"], turn))
            peaks[index] = answer["peak_mib"]
            time.sleep(PAUSE)
    others = clock.share()
    if others > machine.MAX_BUSY:
        print(f"{row.name}: other processes took {100 * others:.0f} %", file=sys.stderr)
    return {
        "workers": {
            worker.name: {
                "ms": ms,
                "steps": n_steps,
                "peak_mib": peak,
                "resident_mib": worker.ready["resident_mib"],
                "threads": worker.ready["threads"],
                "versions": worker.ready["versions"],
            }
            for worker, ms, n_steps, peak in zip(workers, times, steps, peaks, strict=True)
        },
        "others_share": others,
        "forced": force,
    }


def turn_of(case):
    """How many steps are the same work as any other so many: all batches, where they differ."""
    return case["n_batches"] if case["lengths"] == "corpus" else 1


def typical(ms, turn):
    """The median time of a step, as the mean of each turn: a machine that stands still for a moment
    is no matter of the worker's."""
    turns = [ms[start : start + turn] for start in range(0, len(ms), turn)]
    return statistics.median(statistics.mean(part) for part in turns)


def warm_up(worker, command, case, seconds):
    """Runs every batch, then for a while; returns how many steps take about `seconds`."""
    worker.ask(command, case["n_batches"])
    turn = turn_of(case)
    end = time.monotonic() + WARM_SECONDS
    while True:
        ms = typical(worker.ask(command, max(turn, MIN_STEPS))["ms"], turn)
        if time.monotonic() > end:
            break
    wanted = max(MIN_STEPS, 1000 * seconds / ms)
    return turn * math.ceil(wanted / turn)


class ClockOfOthers:
    """The time that processes other than these and this one compute."""

    def __init__(self, pids):
        self.pids = pids
        self.start = time.monotonic()
        self.before = self.busy()

    def busy(self):
        ours = sum(machine.seconds_of(pid) for pid in self.pids) + time.process_time()
        return machine.busy_seconds() - ours

    def share(self):
        """Of all cores, since this clock was started."""
        elapsed = time.monotonic() - self.start
        return (self.busy() - self.before) / (elapsed * machine.n_cores())
