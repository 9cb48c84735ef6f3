"""The protocol of workers in Python, which is that of crates/cli/benches/speed/work.rs."""

import json
import os
import pathlib
import sys
import time

LEARNING_RATE = 1e-3
BETAS = (0.9, 0.999)
EPSILON = 1e-8
WEIGHT_DECAY = 0.01
# Stands for the score of a padding word, and for the logarithm of 0: the exponential of both is 0.
MASKED = -1.0e4
NORM_EPSILON = 1e-5


def memory_mib(field):
    """A size from /proc/self/status: VmRSS is in use now, VmHWM was at most."""
    lines = pathlib.Path("/proc/self/status").read_text().splitlines()
    line = next(line for line in lines if line.startswith(field + ":"))
    return int(line.split()[1]) / 1024


def n_cores():
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0))


def load_case(directory):
    """The content of case.json, and the paths of the two files of arrays beside it."""
    directory = pathlib.Path(directory)
    case = json.loads((directory / "case.json").read_text())
    return case, directory / "model.safetensors", directory / "batches.safetensors"


def tell(line):
    print(json.dumps(line), flush=True)


def serve(worker, versions, threads):
    """Answers commands on stdin. Between them the process waits and uses no core."""
    ready = {"versions": versions, "threads": threads, "resident_mib": memory_mib("VmRSS")}
    tell({"ready": ready})
    for line in sys.stdin:
        command, *arguments = line.split()
        if command == "quit":
            break
        n = int(arguments[0])
        if command == "check":
            tell({"losses": worker.check(n)})
        elif command in worker.timed:
            ms = [1000 * seconds for seconds in worker.timed[command](n)]
            tell({"ms": ms, "peak_mib": memory_mib("VmHWM")})
        else:
            sys.exit(f"{command!r}, expected check, quit or one of {list(worker.timed)}")


def timed(call):
    """The seconds that `call()` takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
