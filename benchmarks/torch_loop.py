"""Plain PyTorch: the same two networks and an ordinary eager loop, written with care.

Batches are indexed from one tensor (no DataLoader), Adam is the fused one, loss and accuracy are
summed as tensors so that no step waits for the host.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn.functional import cross_entropy


class MnistMlp(nn.Module):
    """Dense 512, ReLU, dropout, Dense 512 with L2, batch normalisation, ReLU, dropout, Dense 10."""

    def __init__(self) -> None:
        super().__init__()
        self.second = nn.Linear(512, 512)
        self.layers = nn.Sequential(
            nn.Linear(784, 512), nn.ReLU(), nn.Dropout(0.2),
            self.second, nn.BatchNorm1d(512, eps=1e-3, momentum=0.01), nn.ReLU(), nn.Dropout(0.2),
            nn.Linear(512, 10),
        )  # fmt: skip

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x)  # (batch, 10)

    def penalty(self) -> torch.Tensor | float:
        return 0.001 * self.second.weight.square().sum()


class TableMlp(nn.Sequential):
    """20-64-32-2."""

    def __init__(self) -> None:
        super().__init__(
            nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 2)
        )

    def penalty(self) -> torch.Tensor | float:
        return 0.0


class TorchModel:
    """Keras's `fit`, as far as the benchmark calls it."""

    def __init__(self, program: str):
        networks: dict[str, Any] = {"mnist_mlp": MnistMlp, "table_mlp": TableMlp}
        self.network = networks[program]()
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=1e-3, eps=1e-7, fused=True)

    def fit(self, x, y, batch_size: int, epochs: int, on_epoch_end: Callable[[], None]) -> None:
        x, y = torch.from_numpy(x), torch.from_numpy(y)  # (samples, features), (samples, ...)
        if y.ndim == 2:
            y = y.argmax(1)  # the cross-entropy is quicker on class numbers
        network, optimizer = self.network.train(), self.optimizer
        for _ in range(epochs):
            order = torch.randperm(len(x))
            loss_sum, correct = torch.zeros(()), torch.zeros((), dtype=torch.int64)
            for rows in order.split(batch_size):
                inputs, targets = x[rows], y[rows]
                optimizer.zero_grad(set_to_none=True)
                outputs = network(inputs)
                loss = cross_entropy(outputs, targets) + network.penalty()
                loss.backward()
                optimizer.step()
                loss_sum += loss.detach() * len(rows)
                correct += (outputs.detach().argmax(1) == targets).sum()
            self.history = {"loss": loss_sum.item() / len(x), "accuracy": correct.item() / len(x)}
            on_epoch_end()
