"""What the comparison runs on, and whether anybody else uses it."""

import os
import pathlib
import platform
import subprocess
import time

from environment import REQUIREMENTS, ROOT

# Of all cores, while nothing of ours runs. A quiet machine is well below.
MAX_BUSY = 0.05
TICKS = os.sysconf("SC_CLK_TCK")


class LoadedMachine(Exception):
    """Somebody else computes."""


def describe():
    """The machine, the programs and their versions, as far as this process can tell."""
    return {
        "cpu": cpu_model(),
        "cores": len(os.sched_getaffinity(0)),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "rustc": output("rustc", "--version").split()[1],
        "burn": locked_version("burn"),
        **requirements(),
    }


def commit():
    """Of the sources that are measured, as `76de835-dirty` where some are not committed."""
    return output("git", "describe", "--always", "--dirty") or "unknown"


def requirements():
    """The versions of the Python side."""
    return dict(line.split("==") for line in REQUIREMENTS.read_text().split())


def cpu_model():
    """As `AMD EPYC, family 25, with AVX-512`."""
    path = pathlib.Path("/proc/cpuinfo")
    if not path.exists():
        return platform.processor() or platform.machine()
    lines = (line.partition(":") for line in path.read_text().split("\n\n")[0].splitlines())
    fields = {key.strip(): value.strip() for key, _, value in lines}
    name = fields.get("model name", platform.machine())
    flags = fields.get("flags", "").split()
    simd = [("avx512f", "AVX-512"), ("avx2", "AVX2")]
    best = next((f", with {word}" for flag, word in simd if flag in flags), "")
    return f"{name}, family {fields.get('cpu family', '?')}{best}"


def output(*command):
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""


def locked_version(name):
    lines = (ROOT / "Cargo.lock").read_text().splitlines()
    return lines[lines.index(f'name = "{name}"') + 1].split('"')[1]


def require_quiet(seconds=1.0, patience=60.0):
    """Waits until the machine has been quiet for `seconds`, and gives up after `patience`."""
    end = time.monotonic() + patience
    while (busy := busy_share(seconds)) > MAX_BUSY:
        if time.monotonic() > end:
            raise LoadedMachine(
                f"the machine is {100 * busy:.0f} % busy, expected at most {100 * MAX_BUSY:.0f} %\n"
                "hint: stop what else runs, or take --force, and do not believe the times"
            )


def busy_share(seconds):
    before, start = busy_seconds(), time.monotonic()
    time.sleep(seconds)
    return (busy_seconds() - before) / ((time.monotonic() - start) * n_cores())


def n_cores():
    """Those of the machine, also where this process may use only some of them."""
    return os.cpu_count() or 1


def busy_seconds():
    """The seconds that all cores together have computed since the machine was started."""
    path = pathlib.Path("/proc/stat")
    if not path.exists():
        return 0.0  # nobody to ask: the reader has to know
    user, nice, system, _idle, _wait, irq, soft_irq, *_ = (
        int(field) for field in path.read_text().splitlines()[0].split()[1:]
    )
    return (user + nice + system + irq + soft_irq) / TICKS


def seconds_of(pid):
    """The seconds that one process has computed, its threads included."""
    path = pathlib.Path(f"/proc/{pid}/stat")
    if not path.exists():
        return 0.0
    fields = path.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS
