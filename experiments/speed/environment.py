"""What the comparison needs: a virtual environment with fixed versions, and the built programs."""

import functools
import json
import os
import pathlib
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
VENV = TARGET / "speed-venv"
PYTHON = VENV / "bin" / "python"
CASES = TARGET / "speed"
REQUIREMENTS = HERE / "requirements.txt"
# Where the build of PyTorch without CUDA is; the default index has one with it, twenty times the
# size and of the same speed on a CPU.
CPU_INDEX = "https://download.pytorch.org/whl/cpu"


def set_up_python():
    """Installs `requirements.txt`, once for each content of that file."""
    wanted = REQUIREMENTS.read_text()
    done = VENV / "installed.txt"
    if done.is_file() and done.read_text() == wanted:
        return
    print(f"installing {', '.join(wanted.split())} into {VENV}", file=sys.stderr)
    venv.create(VENV, with_pip=True)
    pip = [PYTHON, "-m", "pip", "install", "--quiet"]
    torch = next(line for line in wanted.split() if line.startswith("torch=="))
    quick = [*pip, "--retries", "0", "--timeout", "20", "--index-url", CPU_INDEX, torch]
    if subprocess.run(quick, stderr=subprocess.DEVNULL).returncode != 0:
        print("no PyTorch without CUDA to be had, taking the one with it", file=sys.stderr)
    subprocess.run([*pip, "--requirement", REQUIREMENTS], check=True)
    done.write_text(wanted)


@functools.cache
def build(features=()):
    """Builds Anáfora's worker with these features, and returns where it is.

    Another build writes to the same place, so the program is copied away.
    """
    command = ["cargo", "build", "--quiet", "--bench", "speed", "--message-format=json"]
    if features:
        command += ["--features", ",".join(features)]
    built = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    artifacts = [json.loads(line) for line in built.stdout.splitlines()]
    program = next(a["executable"] for a in artifacts if a.get("target", {}).get("name") == "speed")
    CASES.mkdir(parents=True, exist_ok=True)
    copy = CASES / "-".join(["worker", *features])
    beside = copy.with_suffix(".partial")
    beside.write_bytes(pathlib.Path(program).read_bytes())
    beside.chmod(0o755)
    beside.replace(copy)
    return copy


@functools.cache
def build_candle():
    """Builds candle's worker, a crate of its own, and returns where it is."""
    manifest, target = HERE / "candle" / "Cargo.toml", TARGET / "speed-candle"
    command = ["cargo", "build", "--quiet", "--locked", "--release", "--manifest-path", manifest]
    subprocess.run([*command, "--target-dir", target], check=True)
    return target / "release" / "speed-candle"
