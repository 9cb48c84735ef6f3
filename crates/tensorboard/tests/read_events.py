"""Whether TensorBoard reads what a run has written for it.

    pip install tensorboard==2.21.0
    python crates/tensorboard/tests/read_events.py runs/base-001
    python crates/tensorboard/tests/read_events.py runs/resumed --resumed

It needs the run's `metrics.jsonl`, `snapshots/` and `tensorboard/`, and compares them through
TensorBoard's readers, then through its server, with and without the loader that it prefers.
"""

import argparse
import io
import json
import re
import struct
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

ALL = {"scalars": 0, "images": 0}  # nothing is left out for being too much
N_PICTURES = 4
PATIENCE = 60  # seconds until the server must have read a run


def expected_scalars(run):
    """{tag: {step: number}} as `metrics.jsonl` has them, in single precision."""
    scalars = {}
    for line in map(json.loads, (run / "metrics.jsonl").read_text().splitlines()[1:]):
        kind, step = line.pop("kind"), line.pop("step")
        line.pop("seconds")
        if kind != "end":
            for name, number in line.items():
                (single,) = struct.unpack("f", struct.pack("f", number))
                scalars.setdefault(f"{kind}/{name}", {})[step] = single
    assert {"train/loss", "validation/accuracy"} <= scalars.keys(), scalars.keys()
    return scalars


def expected_steps(run):
    """The steps that have pictures."""
    return sorted(int(path.stem.removeprefix("step-")) for path in (run / "snapshots").iterdir())


def check_files(run, resumed):
    """Every number and picture is there once, and at the right step; the robot's last picture."""
    files = sorted((run / "tensorboard").iterdir())
    events = [event for path in files for event in EventFileLoader(str(path)).Load()]
    versions = [event.file_version for event in events if event.file_version]
    assert versions == ["brain.Event:2"] * len(files), versions
    assert all(event.wall_time > 1.7e9 for event in events)

    accumulator = EventAccumulator(str(run / "tensorboard"), size_guidance=ALL).Reload()
    scalars = expected_scalars(run)
    assert sorted(accumulator.Tags()["scalars"]) == sorted(scalars), accumulator.Tags()
    for tag, expected in scalars.items():
        found = [(event.step, event.value) for event in accumulator.Scalars(tag)]
        assert found == sorted(expected.items()), f"{tag}: {found}, expected {expected}"

    tags = accumulator.Tags()["images"]
    assert len(tags) == N_PICTURES and "attention/robot" in tags and "attention/Tom" in tags, tags
    for tag in tags:
        images = accumulator.Images(tag)
        assert [image.step for image in images] == expected_steps(run), tag
        for image in images:
            check_png(image.encoded_image_string, (image.width, image.height))

    n_written = sum(value.tag == "train/loss" for e in events for value in e.summary.value)
    n_void = n_written - len(scalars["train/loss"])
    assert (len(files) > 1, n_void > 0) == (resumed, resumed), f"{len(files)} files, {n_void} void"
    print(f"{len(files)} files: {len(scalars)} curves, {len(tags)} pictures, {n_void} lines void")
    return accumulator.Images("attention/robot")[-1].encoded_image_string


def check_png(data, size):
    image = Image.open(io.BytesIO(data))
    image.load()
    assert (image.format, image.size) == ("PNG", size), f"{image}, expected {size}"
    assert 100 <= image.size[0] <= 2048 and 100 <= image.size[1] <= 2048, image.size
    assert len(image.convert("RGB").getcolors(256)) > 10, "no heat map has so few colours"


def check_cut(run):
    """A file that ends anywhere gives all that is whole before the end."""
    data = sorted((run / "tensorboard").iterdir())[-1].read_bytes()
    ends, end = [], 0
    while end < len(data):
        (length,) = struct.unpack_from("<Q", data, end)
        end += 8 + 4 + length + 4
        ends.append(end)
    assert ends[-1] == len(data), f"the last record ends at {ends[-1]}, the file at {len(data)}"

    # Every byte of the first two records, then some places in each of the next.
    cuts = set(range(ends[1] + 1))
    for start, end in zip(ends[1:40], ends[2:41]):
        cuts |= {start + 1, start + 8, start + 12, (start + end) // 2, end - 1, end}
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "events.out.tfevents.1"
        for cut in sorted(cuts):
            path.write_bytes(data[:cut])
            n_found = len(list(EventFileLoader(str(path)).Load()))
            n_whole = sum(end <= cut for end in ends)
            assert n_found == n_whole, f"cut at {cut}: {n_found} events, expected {n_whole}"
    print(f"cut at {len(cuts)} places: all whole records are read")


def check_server(run, robot, fast):
    """The server shows the run, its tags, a curve and a picture."""
    program = Path(sys.executable).with_name("tensorboard")
    command = [program, "--logdir", run.parent, "--port", "0", "--load_fast", fast]
    command += ["--samples_per_plugin", "scalars=10000,images=10000"]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        address = next(filter(None, (re.search(r"http://\S+/", line) for line in server.stderr)))
        check_answers(run, robot, address.group())
    finally:
        server.terminate()
        server.wait()
    print(f"tensorboard --load_fast {fast} shows the run")


def check_answers(run, robot, address):
    name = f"{run.name}/tensorboard"
    scalars, steps = expected_scalars(run), expected_steps(run)

    def ask(path, **query):
        url = f"{address}data/{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            return answer.read()

    def ask_for_all(path, n_expected, **query):
        """The server reads while it answers, so it is asked again until all is there."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                found = json.loads(ask(path, **query))
            except urllib.error.HTTPError:  # the tag has not been read yet
                found = []
            if len(found) >= n_expected or time.monotonic() > deadline:
                return found
            time.sleep(0.2)

    loss = scalars["train/loss"]
    query = {"run": name, "tag": "train/loss"}
    curve = ask_for_all("plugin/scalars/scalars", len(loss), **query)
    assert [(step, number) for _, step, number in curve] == sorted(loss.items()), curve
    query = {"run": name, "tag": "attention/robot", "sample": 0}
    pictures = ask_for_all("plugin/images/images", len(steps), **query)
    assert [picture["step"] for picture in pictures] == steps, pictures

    assert name in json.loads(ask("runs")), ask("runs")
    tags = json.loads(ask("plugin/scalars/tags"))[name]
    assert sorted(tags) == sorted(scalars), tags
    tags = json.loads(ask("plugin/images/tags"))[name]
    assert len(tags) == N_PICTURES, tags
    assert "<em>El robot dejó caer la pelota" in tags["attention/robot"]["description"], tags

    query = dict(urllib.parse.parse_qsl(pictures[-1]["query"]))
    assert ask("plugin/images/individualImage", **query) == robot


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("run", type=Path)
    parser.add_argument("--resumed", action="store_true", help="it was killed, and went on")
    arguments = parser.parse_args()
    robot = check_files(arguments.run, arguments.resumed)
    check_cut(arguments.run)
    for fast in ["true", "false"]:
        check_server(arguments.run, robot, fast)


if __name__ == "__main__":
    main()
