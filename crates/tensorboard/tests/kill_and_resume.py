"""Trains a tiny run, kills it between two checkpoints, and lets it go on.

    python crates/tensorboard/tests/kill_and_resume.py runs/killed
"""

import json
import subprocess
import sys
import time
from pathlib import Path

STEP = 250  # the checkpoint before it is at 200

run = Path(sys.argv[1])
metrics = run / "metrics.jsonl"


def step():
    """Of the last whole line."""
    lines = metrics.read_text().split("\n")[1:-1] if metrics.exists() else []
    return json.loads(lines[-1])["step"] if lines else 0


build = ["cargo", "build", "--message-format", "json", "--bin", "train"]
messages = subprocess.run(build, check=True, stdout=subprocess.PIPE).stdout.splitlines()
train = [path for path in (json.loads(m).get("executable") for m in messages) if path][-1]

training = subprocess.Popen([train, "--config", "configs/tiny.toml", "--run", run])
while step() < STEP:
    assert training.poll() is None, f"the training ended at step {step()}, expected it to be killed"
    time.sleep(0.02)
training.kill()
training.wait()
subprocess.run([train, "--resume", run], check=True)
