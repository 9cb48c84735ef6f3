"""The sides of the comparison: processes that do what they are told, one at a time."""

import dataclasses
import json
import os
import subprocess

from environment import HERE, PYTHON, build, build_candle


@dataclasses.dataclass(frozen=True)
class Kind:
    """How one side is called and started."""

    name: str
    title: str
    command: object  # from the directory of a case to a command line
    # Shown for readers, with no bar to it.
    for_readers: bool = False
    # Whether it has the encoder of a case.
    has: object = lambda encoder: True


# What tells the libraries of the others to do without anything better than AVX2.
AVX2_ONLY = {
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",
    "XLA_FLAGS": "--xla_cpu_max_isa=AVX2",
}
# Set by `compare --level avx2`.
ONLY_AVX2 = "ANAFORA_SPEED_ONLY_AVX2"


def is_only_avx2():
    return ONLY_AVX2 in os.environ


def level_arguments():
    return ["--level", "avx2"] if is_only_avx2() else []


def rust(path, device, features=()):
    arguments = ["--path", path, "--device", device]
    return lambda directory: [build(features), "work", directory, *arguments, *level_arguments()]


def python(worker, *arguments):
    return lambda directory: [PYTHON, HERE / worker, directory, *arguments]


KINDS = [
    Kind("anafora", "Anáfora", rust("fused", "flex")),
    Kind("torch-eager", "PyTorch", python("torch_worker.py", "eager")),
    Kind("torch-compile", "PyTorch compiled", python("torch_worker.py", "compile")),
    Kind("jax", "JAX", python("jax_worker.py")),
    Kind(
        "flex",
        "Burn flex",
        rust("plain", "flex"),
        for_readers=True,
        has=lambda encoder: encoder["dropout"] == 0.0,
    ),
    Kind(
        "ndarray",
        "Burn ndarray",
        rust("plain", "ndarray", ("ndarray",)),
        for_readers=True,
        has=lambda encoder: encoder["dropout"] == 0.0,
    ),
    Kind(
        "candle",
        "candle",
        lambda directory: [build_candle(), directory],
        for_readers=True,
        has=lambda encoder: encoder["shape"] == "bert" and encoder["dropout"] == 0.0,
    ),
]
TITLES = {kind.name: kind.title for kind in KINDS}


class WorkerError(Exception):
    """A worker that ended, or answered something else than it was asked."""


class Worker:
    """A process of one kind that holds one case."""

    def __init__(self, kind, directory, cores=None):
        self.name = kind.name
        environment = dict(os.environ) | (AVX2_ONLY if is_only_avx2() else {})
        command = [str(part) for part in kind.command(directory)]
        if cores is not None:
            command = ["taskset", "--cpu-list", ",".join(map(str, cores)), *command]
            for variable in ("RAYON_NUM_THREADS", "OMP_NUM_THREADS"):
                environment[variable] = str(len(cores))
        self.log = open(directory / f"{kind.name}.log", "w")
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            env=environment,
            text=True,
        )
        self.ready = self.read()["ready"]

    def ask(self, command, n):
        """The answer to `command n`."""
        self.process.stdin.write(f"{command} {n}\n")
        self.process.stdin.flush()
        return self.read()

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            code = self.process.wait()
            raise WorkerError(
                f"{self.name} ended with exit code {code}, expected an answer\n"
                f"hint: {self.log.name} has its last words"
            )
        return json.loads(line)

    def close(self):
        """Lets the process end, or ends it where it does not listen."""
        try:
            self.process.communicate("quit\n", timeout=20)
        except (BrokenPipeError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        self.log.close()
