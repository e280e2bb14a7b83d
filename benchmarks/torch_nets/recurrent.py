"""Recurrent networks."""

from __future__ import annotations

import torch
from torch import nn

from benchmarks.torch_nets.base import Network


class Lstm(Network):
    """The last state of an LSTM, and classes from it."""

    def __init__(self, steps: int = 50, features: int = 32, units: int = 128, classes: int = 10):
        super().__init__()
        self.recurrent = nn.LSTM(features, units, batch_first=True)
        # PyTorch adds a second bias where one does; it stays at zero and is not trained.
        self.recurrent.bias_hh_l0.requires_grad_(False)
        self.classes = nn.Linear(units, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        _, (state, _) = self.recurrent(x)  # (1, batch, units)
        return self.classes(state[0])  # (batch, classes)


class MaskedGru(Network):
    """The state of a GRU at each sentence's last word.

    The whole padded batch is read and the right state picked: with padding at the end that is what
    a mask does, and it is quicker on the CPU than packed sequences.
    """

    binary = True

    def __init__(self, words: int = 5000, length: int = 60, width: int = 64, units: int = 64):
        super().__init__()
        self.words = nn.Embedding(words, width)
        self.recurrent = nn.GRU(width, units, batch_first=True)
        self.last = nn.Linear(units, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        states, _ = self.recurrent(self.words(x))  # (batch, length, units)
        ends = (x != 0).sum(1) - 1  # (batch,)
        return self.last(states[torch.arange(len(x), device=x.device), ends])  # (batch, 1)
