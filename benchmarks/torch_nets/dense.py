"""Multilayer perceptrons and the autoencoder."""

from __future__ import annotations

import itertools

import torch
from torch import nn

from benchmarks.torch_nets.base import Network


def stack(units: list[int]) -> list[nn.Module]:
    """Dense layers with a ReLU between each two."""
    layers: list[nn.Module] = []
    for inputs, outputs in itertools.pairwise(units):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return layers[:-1]


class MnistMlp(Network):
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


class ScaledMlp(Network):
    """`depth` hidden layers of `width` units."""

    def __init__(self, columns: int = 256, width: int = 256, depth: int = 2, classes: int = 10):
        super().__init__()
        self.layers = nn.Sequential(*stack([columns, *[width] * depth, classes]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x)  # (batch, classes)


class TableMlp(ScaledMlp):
    """20-64-32-2."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(*stack([20, 64, 32, 2]))


class Autoencoder(Network):
    """The points through a narrow middle and back; the loss alone judges it."""

    binary = True
    counts_correct = False

    def __init__(self, points: int = 784, units: tuple[int, ...] = (128, 64, 32, 64, 128)):
        super().__init__()
        self.layers = nn.Sequential(*stack([points, *units, points]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x)  # (batch, points)
