"""What the networks share: how they start, what they are judged by, how their data lies."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy


def start_as_keras_does(module: nn.Module) -> None:
    """Glorot-uniform weights, orthogonal recurrent ones, small embeddings, zero biases."""
    if isinstance(module, nn.Embedding):
        nn.init.uniform_(module.weight, -0.05, 0.05)
    elif isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
        limit = getattr(module, "start_range", None)
        if limit is not None:
            nn.init.uniform_(module.weight, -limit, limit)
        elif getattr(module, "he_normal", False):
            nn.init.kaiming_normal_(module.weight)
        else:
            nn.init.xavier_uniform_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.LSTM | nn.GRU):
        for name, weight in module.named_parameters():
            if name.startswith("weight_ih"):
                nn.init.xavier_uniform_(weight)
            elif name.startswith("weight_hh"):
                nn.init.orthogonal_(weight.T)
            else:
                nn.init.zeros_(weight)
        if isinstance(module, nn.LSTM):
            with torch.no_grad():  # gates in the order i, f, g, o
                module.bias_ih_l0[module.hidden_size : 2 * module.hidden_size] = 1


class Network(nn.Module):
    """A classifier: logits against class numbers, or against 0 and 1 where `binary`."""

    binary = False
    counts_correct = True

    def inputs(self, x: torch.Tensor) -> torch.Tensor:
        """The training data, once, in the layout that this network is quickest with."""
        return x

    def targets(self, y: torch.Tensor) -> torch.Tensor:
        """The targets, once; the cross-entropy is quicker on class numbers than on rows."""
        if self.binary:
            return y
        return (y.argmax(1) if y.ndim == 2 and y.is_floating_point() else y).long()

    def batch(self, x: torch.Tensor) -> torch.Tensor:
        """A batch of that data, as `forward` takes it."""
        return x

    def penalty(self) -> torch.Tensor | float:
        return 0.0

    def objective(self, outputs: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        if self.binary:
            return binary_cross_entropy_with_logits(outputs, y) + self.penalty()
        classes = outputs.shape[-1]
        return cross_entropy(outputs.reshape(-1, classes), y.reshape(-1)) + self.penalty()

    def correct(self, outputs: torch.Tensor, y: torch.Tensor) -> Any:
        """How many outputs are right, as a tensor."""
        if self.binary:
            return ((outputs > 0) == (y > 0.5)).sum()
        return (outputs.argmax(-1) == y).sum()
