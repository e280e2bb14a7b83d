"""Convolutional networks: the usual first one, ResNet-20 and a U-Net.

Data and weights lie channels last, which was the quicker layout in PyTorch on the CPU.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.functional import relu

from benchmarks.torch_nets.base import Network


class PictureNetwork(Network):
    """Takes (samples, rows, columns, channels), as the data lies, and needs no copy of it."""

    channels_last = True

    def place(self) -> None:
        """Lay the weights as the data lies."""
        if self.channels_last:
            self.to(memory_format=torch.channels_last)

    def inputs(self, x: torch.Tensor) -> torch.Tensor:
        return x if self.channels_last else x.permute(0, 3, 1, 2).contiguous()

    def batch(self, x: torch.Tensor) -> torch.Tensor:
        # (batch, rows, columns, channels) -> (batch, channels, rows, columns): a view, no copy
        return x.permute(0, 3, 1, 2) if self.channels_last else x


class Cnn(PictureNetwork):
    """Convolutions of 3x3 with ReLU and pools, then two dense layers."""

    def __init__(self, size: int = 28, channels: int = 1, filters: tuple[int, ...] = (32, 64),
                 units: int = 128, classes: int = 10):  # fmt: skip
        super().__init__()
        layers: list[nn.Module] = []
        for count in filters:
            layers += [nn.Conv2d(channels, count, 3), nn.ReLU(), nn.MaxPool2d(2)]
            size, channels = (size - 2) // 2, count
        self.layers = nn.Sequential(
            *layers, nn.Flatten(), nn.Linear(size * size * channels, units), nn.ReLU(),
            nn.Linear(units, classes),
        )  # fmt: skip
        self.place()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x)  # (batch, classes)


def convolution(inputs: int, outputs: int, size: int = 3, stride: int = 1) -> nn.Conv2d:
    made = nn.Conv2d(inputs, outputs, size, stride, padding=size // 2)
    made.he_normal = True
    return made


def normalization(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


class ResidualBlock(nn.Module):
    """Two convolutions beside a way around them."""

    def __init__(self, inputs: int, outputs: int, stride: int):
        super().__init__()
        self.body = nn.Sequential(
            convolution(inputs, outputs, stride=stride), normalization(outputs),
            nn.ReLU(inplace=True), convolution(outputs, outputs), normalization(outputs),
        )  # fmt: skip
        around = stride > 1
        self.around = convolution(inputs, outputs, 1, stride) if around else nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return relu(self.around(x) + self.body(x), inplace=True)


class ResNet(PictureNetwork):
    """A first convolution, stages of residual blocks, the mean of every channel, classes."""

    def __init__(self, size: int = 32, filters: int = 16, stages: int = 3, blocks: int = 3,
                 classes: int = 10):  # fmt: skip
        super().__init__()
        layers: list[nn.Module] = [
            convolution(3, filters), normalization(filters), nn.ReLU(inplace=True),
        ]  # fmt: skip
        inputs = filters
        for stage in range(stages):
            for number in range(blocks):
                stride = 2 if stage > 0 and number == 0 else 1
                layers.append(ResidualBlock(inputs, filters * 2**stage, stride))
                inputs = filters * 2**stage
        self.layers = nn.Sequential(*layers)
        self.classes = nn.Linear(inputs, classes)
        self.place()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.classes(self.layers(x).mean((2, 3)))  # (batch, classes)


def two_convolutions(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(inplace=True),
        nn.Conv2d(outputs, outputs, 3, padding=1), nn.ReLU(inplace=True),
    )  # fmt: skip


class UNet(PictureNetwork):
    """Down with pools, up with transposed convolutions, beside what each level kept."""

    binary = True

    def __init__(self, size: int = 96, filters: int = 16, levels: int = 3):
        super().__init__()
        widths = [filters * 2**level for level in range(levels)]
        self.down = nn.ModuleList(
            two_convolutions(a, b) for a, b in zip([3, *widths], widths, strict=False)
        )
        self.middle = two_convolutions(widths[-1], 2 * widths[-1])
        self.up = nn.ModuleList(nn.ConvTranspose2d(2 * w, w, 2, 2) for w in reversed(widths))
        self.after = nn.ModuleList(two_convolutions(2 * w, w) for w in reversed(widths))
        self.pool = nn.MaxPool2d(2)
        self.last = nn.Conv2d(filters, 1, 1)
        self.place()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        kept = []
        for step in self.down:
            x = step(x)
            kept.append(x)
            x = self.pool(x)
        x = self.middle(x)
        for up, after in zip(self.up, self.after, strict=True):
            x = after(torch.cat([kept.pop(), up(x)], 1))
        return self.last(x).permute(0, 2, 3, 1)  # (batch, rows, columns, 1)
