"""Plain PyTorch: an ordinary eager loop, written with care.

Batches are indexed from one tensor (no DataLoader), Adam is the fused one, loss and accuracy are
summed as tensors so that no step waits for the host. On a GPU the data lies there whole, and
float32 products may use TF32, as they do in JAX.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from benchmarks import torch_nets


class TorchModel:
    """Keras's `fit`, as far as the benchmark calls it.

    Args:
        program: the name of the program whose network this is.
        compiled: forward and backward pass through `torch.compile(mode="reduce-overhead")`.
        half: products in bfloat16, weights in float32.
        sizes: as `build_model` of that program takes them.
    """

    def __init__(self, program: str, compiled: bool = False, half: bool = False, **sizes: Any):
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        if self.device.type == "cuda":
            torch.set_float32_matmul_precision("high")
            torch.backends.cudnn.allow_tf32 = True
            torch.backends.cudnn.benchmark = True
        self.network = torch_nets.build(program, **sizes).to(self.device)
        trained = [weight for weight in self.network.parameters() if weight.requires_grad]
        self.parameters = sum(weight.numel() for weight in trained)
        self.optimizer = torch.optim.Adam(trained, lr=1e-3, eps=1e-7, fused=True)
        self.history: dict[str, list[float]] = {"loss": []}
        self.half = half
        self.forward = self.compute
        if compiled:
            self.forward = torch.compile(self.compute, mode="reduce-overhead")

    def compute(self, x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The outputs of a batch, and the loss."""
        inputs = self.network.batch(x)
        if self.half:
            with torch.autocast(self.device.type, torch.bfloat16):
                outputs = self.network(inputs).float()
        else:
            outputs = self.network(inputs)
        return outputs, self.network.objective(outputs, y)

    def fit(self, x, y, batch_size: int, epochs: int, on_epoch_end: Callable[[], None]) -> None:
        network, optimizer, device = self.network.train(), self.optimizer, self.device
        x = network.inputs(torch.from_numpy(x).to(device))
        y = network.targets(torch.from_numpy(y).to(device))
        for _ in range(epochs):
            loss_sum = torch.zeros((), device=device)
            correct = torch.zeros((), dtype=torch.int64, device=device)
            for rows in torch.randperm(len(x), device=device).split(batch_size):
                inputs, targets = x[rows], y[rows]
                optimizer.zero_grad(set_to_none=True)
                outputs, loss = self.forward(inputs, targets)
                loss.backward()
                optimizer.step()
                loss_sum += loss.detach() * len(rows)
                if network.counts_correct:
                    correct += network.correct(outputs.detach(), targets)
            self.history["loss"].append(loss_sum.item() / len(x))
            if network.counts_correct:
                self.history.setdefault("accuracy", []).append(correct.item() / y.numel())
            on_epoch_end()
