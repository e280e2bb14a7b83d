"""Every layer with the arguments and inputs that the contract and parity suites try it with.

One line per configuration. A class that is registered but missing here fails the contract suite.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

import pellucid
from pellucid import layers
from pellucid._core.specs import deserialize


@dataclass(frozen=True)
class Floats:
    """Normal numbers; `shape` is a sample's."""

    shape: tuple[int, ...]
    dtype: str = "float32"

    def draw(self, rng: np.random.Generator, batch: int) -> np.ndarray:
        return rng.standard_normal((batch, *self.shape)).astype("float32")


@dataclass(frozen=True)
class Integers:
    """Whole numbers from 0 to `high` - 1."""

    shape: tuple[int, ...]
    high: int
    dtype: str = "int32"

    def draw(self, rng: np.random.Generator, batch: int) -> np.ndarray:
        return rng.integers(0, self.high, (batch, *self.shape)).astype("int32")


@dataclass(frozen=True)
class Case:
    """One configuration of one layer.

    Attributes:
        layer: name in `pellucid.layers` and in `keras.layers`.
        inputs: what it is called on; several for a layer that takes a list.
        arguments: of the constructor.
        random: whether training draws random numbers.
        mixes_steps: whether its arguments make masked steps count, axis 1 being the steps.
        keras: whether `keras.layers` has it, with the same arguments.
    """

    layer: str
    inputs: tuple[Any, ...]
    arguments: dict[str, Any] = field(default_factory=dict)
    random: bool = False
    keras: bool = True
    mixes_steps: bool = False

    def __str__(self) -> str:
        shown = ",".join(f"{name}={_short(value)}" for name, value in self.arguments.items())
        return f"{self.layer}({shown})-{'+'.join(str(spec.shape) for spec in self.inputs)}"

    def draw(self, batch: int, seed: int = 0) -> Any:
        """Input for the layer's call: an array, or a list of them."""
        rng = np.random.default_rng(seed)
        arrays = [spec.draw(rng, batch) for spec in self.inputs]
        return arrays[0] if len(arrays) == 1 else arrays

    @property
    def takes_floats(self) -> bool:
        return all(isinstance(spec, Floats) for spec in self.inputs)


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return value["class_name"]
    return getattr(value, "__name__", str(value))


def _of(layer: str, *shapes: Any, **arguments: Any) -> Case:
    inputs = tuple(Floats(spec) if isinstance(spec, tuple) else spec for spec in shapes)
    flags = {n: arguments.pop(n) for n in ("random", "keras", "mixes_steps") if n in arguments}
    return Case(layer, inputs, arguments, **flags)


L2 = {"class_name": "L2", "config": {"l2": 0.01}}
NOISY = {"class_name": "RandomNormal", "config": {"mean": 0.5, "stddev": 0.5, "seed": 1}}
POSITIVE = {"class_name": "RandomUniform", "config": {"minval": 0.5, "maxval": 2.0, "seed": 1}}


CASES = [
    _of("InputLayer", (5,), shape=(5,), keras=False),
    # core
    _of("Dense", (5,), units=3),
    _of("Dense", (4, 5), units=3, activation="tanh"),
    _of("Dense", (2, 3, 5), units=2, use_bias=False, kernel_initializer="he_normal"),
    _of("Dense", (5,), units=3, kernel_regularizer=L2, bias_initializer=NOISY),
    _of("Embedding", Integers((7,), 10), input_dim=10, output_dim=4),
    _of("Embedding", Integers((2, 3), 10), input_dim=10, output_dim=4, mask_zero=True),
    _of("Masking", (4, 3)),
    _of("Masking", (4, 3), mask_value=1.0),
    _of("Identity", (4, 3)),
    _of("Lambda", (4, 3), function="contract_square", keras=False),
    _of("Operation", (4,), (4,), operation="add", keras=False),
    _of("Operation", (4,), (1,), operation="true_divide", keras=False),
    _of("Operation", (3, 4), (4, 2), operation="matmul", keras=False),
    _of(
        "GetItem", (4, 3), index=[{"slice": [None, None, None]}, -1], keras=False, mixes_steps=True
    ),
    _of("GetItem", (4, 3), index=["...", {"slice": [None, 2, None]}], keras=False),
    # activation
    _of("Activation", (5,), activation="relu"),
    _of("Activation", (4, 5), activation="softmax"),
    _of("ReLU", (5,)),
    _of("ReLU", (5,), max_value=1.0, negative_slope=0.1, threshold=0.2),
    _of("LeakyReLU", (5,)),
    _of("LeakyReLU", (5,), negative_slope=0.1),
    _of("ELU", (5,)),
    _of("ELU", (5,), alpha=0.5),
    _of("PReLU", (5,), alpha_initializer=NOISY),
    _of("PReLU", (4, 3), alpha_initializer=NOISY, shared_axes=[1]),
    _of("Softmax", (5,)),
    _of("Softmax", (4, 5), axis=1),
    _of("Softmax", (4, 5), axis=[1, 2]),
    # normalization
    _of("BatchNormalization", (5,)),
    _of("BatchNormalization", (4, 5), momentum=0.9, epsilon=1e-2, beta_initializer=NOISY),
    _of("BatchNormalization", (4, 5), axis=1, gamma_initializer=NOISY),
    _of("BatchNormalization", (5,), center=False, moving_variance_initializer=POSITIVE),
    _of("BatchNormalization", (5,), scale=False, moving_mean_initializer=NOISY),
    _of("LayerNormalization", (5,)),
    _of("LayerNormalization", (4, 5), gamma_initializer=NOISY, beta_initializer=NOISY),
    _of("LayerNormalization", (4, 5), axis=[1, 2], gamma_initializer=NOISY, mixes_steps=True),
    _of("LayerNormalization", (4, 5), axis=1, center=False, epsilon=1e-5, mixes_steps=True),
    _of("LayerNormalization", (5,), scale=False),
    # regularization
    _of("Dropout", (5,), rate=0.5, random=True),
    _of("Dropout", (5,), rate=0.0),
    _of("Dropout", (5,), rate=1.0),
    _of("Dropout", (4, 5), rate=0.3, noise_shape=[None, 1, None], seed=3, random=True),
    _of("SpatialDropout1D", (4, 5), rate=0.3, random=True),
    _of("GaussianNoise", (5,), stddev=0.1, random=True),
    _of("GaussianDropout", (5,), rate=0.2, random=True),
    # reshaping
    _of("Flatten", (3, 2, 2)),
    _of("Flatten", (3, 2, 2), data_format="channels_first"),
    _of("Flatten", ()),
    _of("Reshape", (6,), target_shape=(2, 3)),
    _of("Reshape", (2, 6), target_shape=(-1, 4)),
    _of("Permute", (3, 4), dims=(2, 1)),
    _of("RepeatVector", (5,), n=3),
    # merging
    _of("Concatenate", (4, 3), (4, 2)),
    _of("Concatenate", (4, 3), (2, 3), axis=1),
    _of("Add", (4, 3), (4, 3), (4, 3)),
    _of("Add", (4, 3), (3,)),
    _of("Subtract", (4, 3), (4, 3)),
    _of("Multiply", (4, 3), (4, 1)),
    _of("Average", (4, 3), (4, 3), (4, 3)),
    _of("Maximum", (4, 3), (4, 3)),
    _of("Minimum", (4, 3), (4, 3)),
    # pooling
    _of("GlobalAveragePooling1D", (4, 3)),
    _of(
        "GlobalAveragePooling1D",
        (4, 3),
        keepdims=True,
        data_format="channels_first",
        mixes_steps=True,
    ),
    # preprocessing
    _of("Normalization", (5,)),
    _of("Normalization", (5,), mean=[1.0] * 5, variance=[4.0] * 5),
    _of("Normalization", (4, 5), axis=None, mean=1.0, variance=4.0, invert=True),
    _of("Rescaling", (5,), scale=0.5, offset=-1.0),
    _of("Rescaling", Integers((4, 3), 255), scale=1 / 255),
]

# Registered, but a way of building layers rather than a layer with one behaviour to check.
NOT_ALONE = {
    "Layer": "the base class: it has no call",
    "Model": "tested as whole networks",
    "Sequential": "tested as whole networks",
}

every_case = pytest.mark.parametrize("case", CASES, ids=str)


@pellucid.register("function", "contract_square")
def _square(x):
    return x**2


def make(case: Case, **extra):
    """A fresh layer; configurations among its arguments become objects."""
    arguments = dict(case.arguments)
    if case.layer != "GetItem":  # where a slice is written as a dictionary
        arguments = {name: deserialize(value) for name, value in arguments.items()}
    return getattr(layers, case.layer)(**arguments, **extra)


def built(case: Case, batch: int = 3, **extra):
    """A layer that was called once, and what it was called on."""
    layer, x = make(case, **extra), case.draw(batch)
    layer(x)
    return layer, x
