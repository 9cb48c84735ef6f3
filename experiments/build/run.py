#!/usr/bin/env python3
"""How long a newcomer waits: the README's two commands in one or more checkouts.

    experiments/build/run.py [--tests] CHECKOUT ...

In each checkout, one after the other and each with an empty target directory: the build of
`cargo run --bin train`, then, with --tests, `cargo test`. Prints a row of a Markdown table for each:
minutes, CPU-seconds (user and system, of all compilers together), and the size of the target directory.
With several checkouts the ratios to the first one follow. Nothing else should run meanwhile.
"""

import argparse
import os
import pathlib
import platform
import resource
import subprocess
import sys
import tempfile
import time


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure(command, checkout, target):
    """Minutes and CPU-seconds of a command, which has to succeed."""
    begun, spent = time.monotonic(), cpu_seconds()
    environment = os.environ | {"CARGO_TARGET_DIR": str(target)}
    done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} in {checkout} failed:\n{done.stdout}\n{done.stderr}")
    return (time.monotonic() - begun) / 60, cpu_seconds() - spent


def mebibytes(directory):
    files = (path for path in pathlib.Path(directory).rglob("*") if path.is_file() and not path.is_symlink())
    sizes = {path.stat().st_ino: path.stat().st_size for path in files}  # hard links count once
    return sum(sizes.values()) / 2**20


def commit(checkout):
    command = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, cwd=checkout, capture_output=True, text=True).stdout.strip()


def machine():
    try:
        flags = pathlib.Path("/proc/cpuinfo").read_text()
        vectors = "AVX-512" if " avx512f" in flags else "AVX2" if " avx2" in flags else "no AVX2"
    except OSError:
        vectors = platform.processor()
    return f"{os.cpu_count()} hardware threads of {platform.machine()}, {vectors}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--tests", action="store_true")
    parser.add_argument("checkouts", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()
    # What is downloaded is not measured.
    for checkout in arguments.checkouts:
        subprocess.run(["cargo", "fetch", "--locked", "--quiet"], cwd=checkout, check=True)
    print(f"{machine()}, {time.strftime('%Y-%m-%d')}\n")
    columns = ["build min", "build CPU s"] + ["test min", "test CPU s"] * arguments.tests + ["target MiB"]
    print("| checkout | " + " | ".join(columns) + " |")
    print("|---" * (len(columns) + 1) + "|")
    rows = []
    for checkout in arguments.checkouts:
        with tempfile.TemporaryDirectory() as target:
            row = [*measure(["cargo", "build", "--timings", "--bin", "train"], checkout, target)]
            if arguments.tests:
                row += measure(["cargo", "test"], checkout, target)
            row.append(mebibytes(target))
        rows.append(row)
        print(f"| {commit(checkout)} | " + " | ".join(f"{value:.1f}" for value in row) + " |", flush=True)
        if len(rows) > 1:
            ratios = (f"{value / first:.2f}" for value, first in zip(row, rows[0]))
            print("| ratio to the first | " + " | ".join(ratios) + " |", flush=True)


main()
