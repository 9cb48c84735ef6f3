"""PyTorch's side of the comparison: torch_worker.py DIR eager|compile."""

import argparse
import itertools

import torch
from safetensors.torch import load_file

import protocol
from protocol import timed
from torch_model import Resolver, pointer_loss, set_parameters

MATRIX = 2048  # of the product that measures how fast the machine can multiply


class Worker:
    def __init__(self, directory, mode):
        case, model, batches = protocol.load_case(directory)
        self.arrays = load_file(model)
        self.config = case["encoder"]
        vocab = self.arrays["encoder.embedding.tokens.weight"].shape[0]
        self.model = Resolver(self.config, vocab)
        self.restart()
        self.batches = read_batches(load_file(batches), case["n_batches"])

        def loss(batch):
            return pointer_loss(self.model(batch), batch["targets"])

        is_compiled = mode == "compile"
        self.loss = torch.compile(loss) if is_compiled else loss
        self.logits = torch.compile(self.model) if is_compiled else self.model
        self.timed = {
            "train": self.train,
            "forward": self.forward,
            "optimizer": self.update,
            "peak": self.multiply,
        }

    def restart(self):
        """The first parameters and no moments."""
        set_parameters(self.model, self.arrays)
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(),
            lr=protocol.LEARNING_RATE,
            betas=protocol.BETAS,
            eps=protocol.EPSILON,
            weight_decay=protocol.WEIGHT_DECAY,
            fused=True,
        )

    def step(self, batch):
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(batch)
        loss.backward()
        self.optimizer.step()
        return loss.detach()

    def check(self, n):
        # `eval` turns dropout off; without dropout, the compiled step of training will do.
        self.model.train(self.config["dropout"] == 0.0)
        losses = [self.step(batch).item() for batch in self.cycle(n)]
        self.model.train()
        self.restart()
        return losses

    def train(self, n):
        return [timed(lambda: self.step(batch)) for batch in self.cycle(n)]

    def forward(self, n):
        self.model.eval()
        with torch.inference_mode():
            times = [timed(lambda: self.logits(batch)) for batch in self.cycle(n)]
        self.model.train()
        return times

    def update(self, n):
        self.loss(self.batches[0]).backward()
        return [timed(self.optimizer.step) for _ in range(n)]

    def multiply(self, n):
        a, b = torch.rand(2, MATRIX, MATRIX)
        return [timed(lambda: a @ b) for _ in range(n)]

    def cycle(self, n):
        return itertools.islice(itertools.cycle(self.batches), n)


def read_batches(arrays, n_batches):
    batches = []
    for index in range(n_batches):
        prefix = f"batch.{index}."
        names = [name for name in arrays if name.startswith(prefix)]
        batch = {name.removeprefix(prefix): arrays[name] for name in names}
        keep = ~batch.pop("key_padding_mask")  # PyTorch: true where a key takes part
        # Without a mask where nothing is padding: that is its fastest path.
        batch["attention_mask"] = None if keep.all() else keep[:, None, None, :]
        batches.append(batch)
    return batches


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory")
    parser.add_argument("mode", choices=["eager", "compile"])
    arguments = parser.parse_args()
    torch.set_num_threads(protocol.n_cores())
    torch.manual_seed(1)
    worker = Worker(arguments.directory, arguments.mode)
    versions = {"torch": torch.__version__, "simd": torch.backends.cpu.get_cpu_capability()}
    protocol.serve(worker, versions, torch.get_num_threads())


if __name__ == "__main__":
    main()
