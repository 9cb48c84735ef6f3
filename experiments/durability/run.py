#!/usr/bin/env python3
"""Breaks trainings in every way that a machine has, and looks whether anything is lost.

    experiments/durability/run.py                    all of it
    experiments/durability/run.py kills              kill -9 at 200 random moments
    experiments/durability/run.py full-disk          no room for a checkpoint, a reading, a snapshot
    experiments/durability/run.py read-only          a directory that cannot be written
    experiments/durability/run.py saving             what saving costs in configs/base.toml
    experiments/durability/run.py endurance          200,000 steps: memory and time of a step
    experiments/durability/run.py kills --n 20 --steps 2000   a trial of a minute

Prints a Markdown table for each, and ends with 1 if a promise is broken. Runs go into a temporary
directory. Needs the Rust toolchain and Python's standard library; for full-disk and read-only Linux
and the right to mount, for endurance and saving a machine on which nothing else runs.
"""

import argparse
import contextlib
import json
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TINY = ROOT / "configs/tiny.toml"
# A run of about two seconds in which much is written.
SHORT = [
    "training.steps=200",
    "training.batch_size=8",
    "encoder.dropout=0.2",
    "tokenizer.examples=500",
    "tokenizer.vocab_size=600",
    "data.validation_examples=40",
    "record.metrics_every=3",
    "record.validation_every=25",
    "record.checkpoint_every=10",
    "record.snapshots_per_doubling=4",
]
broken = []


def promise(holds, what):
    if not holds:
        broken.append(what)
        print(f"broken: {what}", file=sys.stderr)
    return "yes" if holds else "NO"


def build():
    subprocess.run(["cargo", "build", "--quiet", "--bins"], cwd=ROOT, check=True)
    target = os.environ.get("CARGO_TARGET_DIR", ROOT / "target")
    return str(pathlib.Path(target) / "debug" / "train")


def begin(train, run, overrides, config=TINY):
    sets = [part for override in overrides for part in ("--set", override)]
    return [train, "--config", str(config), "--run", str(run), *sets]


def finished(command):
    result = subprocess.run(command, capture_output=True, text=True)
    return result.returncode, result.stderr


def lines(run):
    text = (run / "metrics.jsonl").read_text().splitlines()[1:]
    return [json.loads(line) for line in text]


def numbers(run):
    """All readings without their times."""
    kept = [line for line in lines(run) if line["kind"] != "end"]
    times = ("seconds", "tokens_per_second")
    return [{key: value for key, value in line.items() if key not in times} for line in kept]


def weights(run):
    newest = sorted((run / "checkpoints").glob("step-*"))[-1]
    return newest.name, (newest / "model.bpk").read_bytes()


def row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def header(*cells):
    row(*cells)
    print("|" + "---|" * len(cells))


def kills(train, directory, n):
    """Kills a run at a random moment of its life, and lets it go on."""
    whole = directory / "whole"
    start = time.monotonic()
    assert finished(begin(train, whole, SHORT))[0] == 0
    life = time.monotonic() - start
    equal, went_on = 0, 0
    generator = random.Random(20170612)
    for index in range(n):
        run = directory / f"killed-{index}"
        child = subprocess.Popen(
            begin(train, run, SHORT), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(generator.uniform(0, life))
        child.kill()
        child.wait()
        # Before the run has its name there is nothing to go on with, and nothing in the way.
        is_there = (run / "config.toml").is_file()
        went_on += any((run / "checkpoints").glob("step-*"))
        command = [train, "--resume", run] if is_there else begin(train, run, SHORT)
        code, stderr = finished(command)
        same = code == 0 and weights(run) == weights(whole) and numbers(run) == numbers(whole)
        if not same:
            print(f"kill {index}: exit code {code}: {stderr}", file=sys.stderr)
        equal += same
        shutil.rmtree(run, ignore_errors=True)
    header("kills", "of a run of", "went on from a checkpoint", "same weights and readings")
    row(n, f"{life:.1f} s", went_on, f"{equal} of {n}")
    promise(equal == n, f"{n - equal} of {n} killed runs ended otherwise")


@contextlib.contextmanager
def mounted(directory, *arguments):
    directory.mkdir(exist_ok=True)
    subprocess.run(["mount", *arguments, directory], check=True)
    try:
        yield directory
    finally:
        subprocess.run(["umount", "--lazy", directory], check=True)


def fill(directory):
    """Leaves no byte."""
    with contextlib.suppress(OSError), open(directory / "ballast", "wb", buffering=0) as ballast:
        while True:
            ballast.write(b"\0" * 4096)


def has_step(metrics, step):
    return metrics.is_file() and f'"step":{step},' in metrics.read_text()


def full_disk(train, directory):
    """Lets the disk run full at each kind of file, and the run go on where there is room."""
    cases = {
        # What is written, the size of the disk in KiB, what it takes to fill it.
        "checkpoint": (2800, ["record.checkpoint_every=5", "record.keep_checkpoints=100"]),
        "snapshot": (4000, ["record.snapshots_per_doubling=400", "record.checkpoint_every=20"]),
        "reading": (8000, ["record.metrics_every=1", "record.checkpoint_every=50"]),
    }
    header("no room for a", "exit code", "message", "goes on to the same weights")
    for what, (kib, extra) in cases.items():
        overrides = [*SHORT, *extra]
        whole = directory / f"whole-{what}"
        assert finished(begin(train, whole, overrides))[0] == 0
        with mounted(directory / what, "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs") as disk:
            child = subprocess.Popen(
                begin(train, disk / "run", overrides),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
            if what == "reading":
                metrics = disk / "run" / "metrics.jsonl"
                while child.poll() is None and not has_step(metrics, 60):
                    time.sleep(0.001)
                fill(disk)
            _, stderr = child.communicate()
            moved = shutil.copytree(disk / "run", directory / f"moved-{what}")
        message = next(line for line in stderr.splitlines() if line.startswith("error: "))
        code, told = finished([train, "--resume", moved])
        same = code == 0 and weights(moved) == weights(whole) and numbers(moved) == numbers(whole)
        if not same:
            print(told, file=sys.stderr)
        message = message.replace(str(directory), "…")
        row(what, child.returncode, f"`{message}`", promise(same, f"no room for a {what}"))
        promise(child.returncode == 1 and "No space left" in message, f"message about a {what}")


def read_only(train, directory):
    """Asks a training to write where nothing can be written."""
    run = directory / "run"
    assert finished(begin(train, run, SHORT))[0] == 0
    before = weights(run)
    header("a directory that is read-only", "exit code", "message")
    with mounted(directory, "--bind", directory):
        subprocess.run(["mount", "-o", "remount,ro,bind", directory], check=True)
        commands = {
            "of a run that should go on": [train, "--resume", run, "--set", "training.steps=300"],
            "for a new run": begin(train, directory / "new", SHORT),
        }
        for what, command in commands.items():
            code, stderr = finished(command)
            message = next(line for line in stderr.splitlines() if line.startswith("error: "))
            row(what, code, f"`{message.replace(str(directory), '…')}`")
            promise(code == 1 and "Read-only file system" in message, f"read-only {what}")
    promise(weights(run) == before, "a read-only run is as it was")


def saving(train, directory):
    """What a run of configs/base.toml spends on checkpoints and snapshots."""
    run = directory / "run"
    code, stderr = finished(begin(train, run, [], ROOT / "configs/base.toml"))
    assert code == 0, stderr
    end = lines(run)[-1]
    header("seconds", "saving", "share", "snapshots", "share")
    shares = [end[f"{part}_seconds"] / end["seconds"] for part in ("checkpoint", "snapshot")]
    cells = [f"{end['checkpoint_seconds']:.2f}", f"{100 * shares[0]:.2f} %"]
    cells += [f"{end['snapshot_seconds']:.2f}", f"{100 * shares[1]:.2f} %"]
    row(f"{end['seconds']:.0f}", *cells)
    promise(shares[0] < 0.01, "saving costs less than 1 %")


def resident_mib(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


def endurance(train, directory, steps):
    """A long run: whether memory and the time of a step stay what they were."""
    every = max(1, steps // 200)
    moments, pace = watch(train, directory / "run", steps, every)
    # How fast the machine is changes within minutes; this one is as fast as it is at the end.
    _, fresh = watch(train, directory / "fresh", steps // 10, every)
    medians = {step: statistics.median(mib) for step, mib in moments.items()}
    median = statistics.median(medians.values())
    farthest = max(medians.values(), key=lambda mib: abs(mib - median))
    single = [mib for at in moments.values() for mib in at]
    lowest, highest = min(single), max(single)
    around = (highest - lowest) / (highest + lowest)
    off = abs(farthest - median) / median
    n = len(pace) // 10
    early, late = statistics.median(pace[:n]), statistics.median(pace[-n:])
    fresh = statistics.median(fresh)
    header(*(f"{tenth}0 % of the steps" for tenth in range(1, 11)))
    row(*(f"{tenth:.0f} MiB" for tenth in medians_of_tenths(medians, steps)))
    print()
    header("steps", "all moments", "median", f"farthest median of {every} steps")
    far = f"{farthest:.0f} MiB, {100 * off:.1f} %"
    band = f"{lowest:.0f} to {highest:.0f} MiB: ± {100 * around:.1f} %"
    row(steps, band, f"{median:.0f} MiB", far)
    print()
    header("ms a step, first tenth", "last tenth", "a fresh run of a tenth, right after")
    row(f"{early:.2f}", f"{late:.2f}", f"{fresh:.2f}")
    promise(around <= 0.05, "memory is flat within 5 % at every moment")
    promise(off <= 0.05, "memory is flat within 5 % of its median")
    promise(late <= 1.1 * max(early, fresh), "a step takes no longer at the end")


def watch(train, run, steps, every):
    """MiB at each moment of a run, by the `every` steps that it falls into, and ms of their steps."""
    # Everything that a run does is done once in the first 1,000 steps, after which memory is flat.
    overrides = [
        f"training.steps={steps}",
        "training.batch_size=8",
        f"record.metrics_every={every}",
        f"record.validation_every={every}",
        f"record.checkpoint_every={every}",
    ]
    child = subprocess.Popen(
        begin(train, run, overrides), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    moments = {}
    while child.poll() is None:
        with contextlib.suppress(OSError, StopIteration, IndexError, KeyError, ValueError):
            newest = lines(run)[-1]
            # At the end a test file is read, which is no training.
            if newest["kind"] != "end" and newest["step"] >= 1000:
                moments.setdefault(newest["step"] // every * every, []).append(resident_mib(child.pid))
        time.sleep(0.25)
    assert child.returncode == 0
    readings = [line for line in lines(run) if line["kind"] == "train"]
    # With what is validated and saved meanwhile.
    pace = [
        (b["seconds"] - a["seconds"]) / every * 1000 for a, b in zip(readings, readings[1:])
    ]
    return moments, pace


def medians_of_tenths(memory, steps):
    tenths = [[] for _ in range(10)]
    for step, mib in memory.items():
        tenths[min(9, 10 * step // steps)].append(mib)
    return map(statistics.median, tenths)


def main():
    parts = ["kills", "full-disk", "read-only", "saving", "endurance"]
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(parts))
    parser.add_argument("--n", type=int, default=200, help="kills")
    parser.add_argument("--steps", type=int, default=200_000, help="of endurance")
    arguments = parser.parse_args()
    unknown = [part for part in arguments.parts if part not in parts]
    if unknown:
        parser.error(f"unknown part {unknown[0]}, expected some of: {', '.join(parts)}")
    train = build()
    for part in arguments.parts or parts:
        print(f"\n{part}\n", flush=True)
        with tempfile.TemporaryDirectory() as directory:
            function = globals()[part.replace("-", "_")]
            extra = {"kills": [arguments.n], "endurance": [arguments.steps]}.get(part, [])
            function(train, pathlib.Path(directory), *extra)
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
