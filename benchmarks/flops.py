"""How many floating-point operations one training step's matrix products need, counted exactly.

A product of (m, k) and (k, n) costs `2 m k n`. Training needs it three times: forward, for the
gradient of the right factor, and for the gradient of the left one; the left gradient is not needed
where the left factor is data (`first=True`). Convolutions are the products that their definition
contains, with padding counted as data. Causal attention counts only the pairs that may be seen.
Element-wise work, look-ups and the optimiser are left out: the count is a lower limit of the work,
and `count / peak` a lower limit of the time.
"""

from __future__ import annotations

import itertools


def product(m: float, k: float, n: float, first: bool = False) -> float:
    """Training cost of one product.

    >>> product(128, 784, 512)
    308281344
    >>> product(128, 784, 512, first=True) / product(128, 784, 512)
    0.6666666666666666
    """
    return 2 * m * k * n * (2 if first else 3)


def dense_stack(rows: float, units: list[int], first: bool = True) -> float:
    """Dense layers one after the other: `units` are the columns of the data, then of each layer."""
    pairs = enumerate(itertools.pairwise(units))
    return sum(product(rows, a, b, first and i == 0) for i, (a, b) in pairs)


def conv(
    batch: int, out: int, kernel: int, inputs: int, outputs: int, first: bool = False
) -> float:
    """A 2-D convolution with `out` x `out` results of a `kernel` x `kernel` window."""
    return product(batch * out * out, kernel * kernel * inputs, outputs, first)


def recurrent(batch: int, steps: int, inputs: int, units: int, gates: int, first: bool) -> float:
    """A recurrent layer: the inputs' product and the state's, `gates` of each."""
    from_inputs = product(batch * steps, inputs, gates * units, first)
    return from_inputs + product(batch * steps, units, gates * units)


def attention(batch: int, length: int, width: int, causal: bool = False) -> float:
    """Scores and weighted sums of self-attention, all heads together."""
    pairs = length * (length + 1) / 2 if causal else length * length
    return 2 * product(batch * pairs, width, 1)


def transformer(batch: int, length: int, width: int, blocks: int, causal: bool) -> float:
    """Blocks with four square projections, attention, and two dense layers four times as wide."""
    one = 4 * product(batch * length, width, width) + 2 * product(batch * length, width, 4 * width)
    return blocks * (one + attention(batch, length, width, causal))


def mlp(batch: int, columns: int = 784, units: tuple[int, ...] = (512, 512), classes: int = 10):
    return dense_stack(batch, [columns, *units, classes])


def cnn(batch: int, size: int = 28, channels: int = 1, filters: tuple[int, ...] = (32, 64),
        units: int = 128, classes: int = 10) -> float:  # fmt: skip
    total = 0.0
    for number, count in enumerate(filters):
        size -= 2
        total += conv(batch, size, 3, channels, count, first=number == 0)
        size, channels = size // 2, count
    return total + dense_stack(batch, [size * size * channels, units, classes], first=False)


def lstm(batch: int, steps: int = 50, features: int = 32, units: int = 128, classes: int = 10):
    return recurrent(batch, steps, features, units, 4, first=True) + product(batch, units, classes)


def gpt(batch: int, vocabulary: int = 256, length: int = 128, width: int = 128, heads: int = 4,
        blocks: int = 4) -> float:  # fmt: skip
    body = transformer(batch, length, width, blocks, causal=True)
    return body + product(batch * length, width, vocabulary)


def resnet(batch: int, size: int = 32, filters: int = 16, stages: int = 3, blocks: int = 3,
           classes: int = 10) -> float:  # fmt: skip
    total, inputs = conv(batch, size, 3, 3, filters, first=True), filters
    for stage in range(stages):
        outputs = filters * 2**stage
        for number in range(blocks):
            if stage > 0 and number == 0:
                size //= 2
                total += conv(batch, size, 1, inputs, outputs)
            total += conv(batch, size, 3, inputs, outputs) + conv(batch, size, 3, outputs, outputs)
            inputs = outputs
    return total + product(batch, inputs, classes)


def masked_gru(batch: int, words: int = 5000, length: int = 60, width: int = 64, units: int = 64):
    """Every step counted, masked or not."""
    return recurrent(batch, length, width, units, 3, first=False) + product(batch, units, 1)


def unet(batch: int, size: int = 96, filters: int = 16, levels: int = 3) -> float:
    total, channels = 0.0, 3

    def two(size: int, inputs: int, outputs: int, first: bool = False) -> float:
        return conv(batch, size, 3, inputs, outputs, first) + conv(batch, size, 3, outputs, outputs)

    for level in range(levels):
        total += two(size // 2**level, channels, filters * 2**level, first=level == 0)
        channels = filters * 2**level
    total += two(size // 2**levels, channels, filters * 2**levels)
    channels = filters * 2**levels
    for level in reversed(range(levels)):
        outputs = filters * 2**level
        # transposed 2x2 with strides of 2: each point becomes four
        total += product(batch * (size // 2 ** (level + 1)) ** 2, channels, 4 * outputs)
        total += two(size // 2**level, 2 * outputs, outputs)
        channels = outputs
    return total + conv(batch, size, 1, channels, 1)


def autoencoder(batch: int, points: int = 784, units: tuple[int, ...] = (128, 64, 32, 64, 128)):
    return dense_stack(batch, [points, *units, points])


def bert(batch: int, words: int = 5000, length: int = 64, width: int = 128, heads: int = 4,
         blocks: int = 3, rate: float = 0.1) -> float:  # fmt: skip
    """Every position counted, padded or not."""
    return transformer(batch, length, width, blocks, causal=False) + product(batch, width, 1)
