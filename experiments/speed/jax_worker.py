"""JAX's side of the comparison: jax_worker.py DIR. A whole training step is one compiled function."""

import argparse
import itertools
import os

os.environ["JAX_PLATFORMS"] = "cpu"  # read when JAX is imported

import jax
import optax
from safetensors.numpy import load_file

import protocol
from jax_model import logits, pointer_loss
from protocol import timed


class Worker:
    def __init__(self, directory):
        case, model, batches = protocol.load_case(directory)
        self.arrays = load_file(model)
        self.batches = read_batches(load_file(batches), case["n_batches"])
        config = case["encoder"]
        self.has_dropout = config["dropout"] > 0.0
        optimizer = optax.adamw(
            protocol.LEARNING_RATE,
            b1=protocol.BETAS[0],
            b2=protocol.BETAS[1],
            eps=protocol.EPSILON,
            weight_decay=protocol.WEIGHT_DECAY,
        )

        def loss(parameters, batch, key):
            return pointer_loss(logits(config, parameters, batch, key), batch["targets"])

        def update(parameters, state, gradients):
            updates, state = optimizer.update(gradients, state, parameters)
            return optax.apply_updates(parameters, updates), state

        def step(parameters, state, batch, key):
            value, gradients = jax.value_and_grad(loss)(parameters, batch, key)
            return *update(parameters, state, gradients), value

        self.optimizer = optimizer
        self.step = jax.jit(step, donate_argnums=(0, 1))
        self.update = jax.jit(update, donate_argnums=(0, 1))
        self.gradients = jax.jit(jax.grad(loss))
        self.logits = jax.jit(lambda parameters, batch: logits(config, parameters, batch))
        self.timed = {"train": self.train, "forward": self.forward, "optimizer": self.optimize}
        self.restart()

    def restart(self):
        """The first parameters and no moments."""
        self.parameters = {name: jax.numpy.array(array) for name, array in self.arrays.items()}
        self.state = self.optimizer.init(self.parameters)
        self.key = jax.random.key(1)

    def check(self, n):
        losses = [float(self.train_on(batch, None)) for batch in self.cycle(n)]
        self.restart()
        return losses

    def train_on(self, batch, key):
        self.parameters, self.state, loss = self.step(self.parameters, self.state, batch, key)
        return jax.block_until_ready(loss)

    def train_randomly_on(self, batch):
        key = None
        if self.has_dropout:
            self.key, key = jax.random.split(self.key)
        self.train_on(batch, key)
        jax.block_until_ready(self.parameters)

    def train(self, n):
        return [timed(lambda: self.train_randomly_on(batch)) for batch in self.cycle(n)]

    def forward(self, n):
        def call(batch):
            jax.block_until_ready(self.logits(self.parameters, batch))

        return [timed(lambda: call(batch)) for batch in self.cycle(n)]

    def optimize(self, n):
        gradients = self.gradients(self.parameters, self.batches[0], None)

        def call():
            self.parameters, self.state = self.update(self.parameters, self.state, gradients)
            jax.block_until_ready((self.parameters, self.state))

        return [timed(call) for _ in range(n)]

    def cycle(self, n):
        return itertools.islice(itertools.cycle(self.batches), n)


def read_batches(arrays, n_batches):
    batches = []
    for index in range(n_batches):
        prefix = f"batch.{index}."
        names = [name for name in arrays if name.startswith(prefix)]
        batch = {name.removeprefix(prefix): jax.numpy.array(arrays[name]) for name in names}
        if not batch["key_padding_mask"].any():
            batch["key_padding_mask"] = None  # nothing to mask: another, shorter function
        batches.append(batch)
    return batches


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory")
    arguments = parser.parse_args()
    versions = {"jax": jax.__version__, "optax": optax.__version__}
    protocol.serve(Worker(arguments.directory), versions, protocol.n_cores())


if __name__ == "__main__":
    main()
