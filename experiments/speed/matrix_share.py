"""The share of a training step that is spent in the matrix product, by `perf`."""

import collections
import pathlib
import re
import signal
import subprocess
import time

from cases import CASES
from environment import ROOT, build
from measure import export
from workers import KINDS, Worker, WorkerError

FREQUENCY = 999
N_STEPS = 150
PRODUCT = "crates/kernels/src/matmul.rs"
# An address, the name of a function, and the file that it is in.
SAMPLE = re.compile(r"^\s*([0-9a-f]+)\s+(\S.*?)\s+\((.+)\)$")


def measure_matrix_share():
    """Samples of a worker while it trains, by where they fell."""
    row = CASES[0]
    directory = export(row.name, row.case)
    data, program = directory / "perf.data", build()
    worker = Worker(KINDS[0], directory)
    try:
        worker.ask("train", N_STEPS // 3)
        mapped = mappings(worker.process.pid, program)
        perf = record(worker.process.pid, data)
        worker.ask("train", N_STEPS)
        perf.send_signal(signal.SIGINT)
        perf.wait()
    finally:
        worker.close()
    counts = places(data, program, mapped)
    return {"steps": N_STEPS, "samples": sum(counts.values()), "places": dict(counts.most_common())}


def record(pid, data):
    command = ["perf", "record", "--quiet", "-F", str(FREQUENCY), "-o", data, "-p", str(pid)]
    try:
        perf = subprocess.Popen(command)
    except FileNotFoundError:
        raise WorkerError("perf is not installed\nhint: it is in Debian's linux-perf") from None
    time.sleep(1)
    if perf.poll() is not None:
        raise WorkerError("perf may not record\nhint: sysctl kernel.perf_event_paranoid=1")
    return perf


def mappings(pid, program):
    """Where the program's file lies in the process: from, to, offset in the file."""
    lines = pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines()
    fields = [line.split() for line in lines if line.endswith(program.name)]
    return [
        (*(int(end, 16) for end in range_.split("-")), int(offset, 16))
        for range_, _, offset, *_ in fields
    ]


def places(data, program, mapped):
    """How many samples fell on each of our source files, and on functions of others."""
    script = ["perf", "script", "-i", data, "-F", "ip,sym,dso"]
    lines = subprocess.run(script, capture_output=True, text=True, check=True).stdout.splitlines()
    counts = collections.Counter()
    ours = collections.Counter()
    for line in lines:
        found = SAMPLE.match(line)
        if found is None:
            continue
        ip, name, _ = found.groups()
        ip = int(ip, 16)
        offset = next((ip - start + at for start, end, at in mapped if start <= ip < end), None)
        if offset is None:
            counts[name] += 1
        else:
            ours[offset] += 1
    for offset, place in zip(ours, source_files(program, list(ours))):
        counts[place] += ours[offset]
    return counts


def source_files(program, offsets):
    """For each offset into the program's file, the source file of ours that it was compiled from."""
    load = [line.split() for line in output("readelf", "-lW", program).splitlines() if "LOAD" in line]
    segments = [[int(field, 16) for field in (line[1], line[2], line[4])] for line in load]

    def address(offset):
        for start, virtual, size in segments:
            if start <= offset < start + size:
                return offset - start + virtual
        return offset

    asked = "\n".join(hex(address(offset)) for offset in offsets)
    command = ["addr2line", "-e", program, "-i", "-f", "-a"]
    answer = subprocess.run(command, input=asked, capture_output=True, text=True, check=True).stdout
    return [place(block) for block in re.split(r"(?m)^0x[0-9a-f]+\n", answer)[1:]]


def place(frames):
    """Of the functions that were inlined into each other, the file of the outermost one of ours but
    the dispatch, or else the innermost function's name."""
    files = re.findall(rf"^{re.escape(str(ROOT))}/(crates/\S+?\.rs):", frames, re.MULTILINE)
    files = [file for file in files if not file.endswith("/simd.rs")]
    return files[-1] if files else frames.splitlines()[0]


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def product_share(measured):
    """Of all samples, those in the matrix product."""
    return measured["places"].get(PRODUCT, 0) / measured["samples"]
