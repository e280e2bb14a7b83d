"""How one configuration of one layer is written down: its arguments and what it is called on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Floats:
    """Normal numbers; `shape` is a sample's."""

    shape: tuple[int, ...]
    dtype: str = "float32"

    def draw(self, rng: np.random.Generator, batch: int) -> np.ndarray:
        return rng.standard_normal((batch, *self.shape)).astype("float32")


@dataclass(frozen=True)
class Uniform:
    """Evenly spread numbers from `low` to `high`: grey values, say."""

    shape: tuple[int, ...]
    low: float = 0.0
    high: float = 1.0
    dtype: str = "float32"

    def draw(self, rng: np.random.Generator, batch: int) -> np.ndarray:
        return rng.uniform(self.low, self.high, (batch, *self.shape)).astype("float32")


@dataclass(frozen=True)
class Integers:
    """Whole numbers from `low` to `high` - 1."""

    shape: tuple[int, ...]
    high: int
    low: int = 0
    dtype: str = "int32"

    def draw(self, rng: np.random.Generator, batch: int) -> np.ndarray:
        return rng.integers(self.low, self.high, (batch, *self.shape)).astype("int32")


@dataclass(frozen=True)
class Strings:
    """Texts of `words` of the first few letters, some in capitals."""

    shape: tuple[int, ...]
    words: int = 1
    letters: str = "abcdeAB"
    dtype: str = "string"

    def draw(self, rng: np.random.Generator, batch: int) -> np.ndarray:
        words = rng.choice(list(self.letters), (batch, *self.shape, self.words))
        return np.apply_along_axis(" ".join, -1, words)


@dataclass(frozen=True)
class Case:
    """One configuration of one layer.

    Attributes:
        layer: name in `pellucid.layers` and in `keras.layers`.
        inputs: what it is called on; several for a layer that takes several.
        arguments: of the constructor.
        call: further keyword arguments of the call, such as ``{"use_causal_mask": True}``.
        spread: whether several inputs are separate arguments of the call rather than one list.
        random: whether training draws random numbers.
        mixes_steps: whether its arguments make masked steps count, axis 1 being the steps.
        keras: whether `keras.layers` has it, with the same arguments.
        holds_fixed: whether part of the call is held fixed while the gradient is taken, so that
            finite differences say otherwise.
        keys: names of the inputs, for a layer that takes a dictionary of them; in order.
    """

    layer: str
    inputs: tuple[Any, ...]
    arguments: dict[str, Any] = field(default_factory=dict)
    call: dict[str, Any] = field(default_factory=dict)
    spread: bool = False
    random: bool = False
    keras: bool = True
    mixes_steps: bool = False
    holds_fixed: bool = False
    keys: tuple[str, ...] = ()

    def __str__(self) -> str:
        shown = ",".join(
            f"{name}={_short(value)}" for name, value in {**self.arguments, **self.call}.items()
        )
        return f"{self.layer}({shown})-{'+'.join(str(spec.shape) for spec in self.inputs)}"

    def draw(self, batch: int, seed: int = 0) -> Any:
        """Input for the layer's call: an array, or a list of them."""
        rng = np.random.default_rng(seed)
        return self.packed([spec.draw(rng, batch) for spec in self.inputs])

    def packed(self, items: list[Any]) -> Any:
        """One item as itself, several as a list: how `x` stands for the inputs in the tests."""
        if self.keys:
            return dict(zip(self.keys, items, strict=True))
        return items[0] if len(items) == 1 else items

    def positional(self, x: Any) -> tuple[Any, ...]:
        """The call's positional arguments for `x`, as from `draw`."""
        return tuple(x) if self.spread else (x,)

    @property
    def takes_floats(self) -> bool:
        return all(isinstance(spec, (Floats, Uniform)) for spec in self.inputs)


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return value.get("class_name", "dict")
    return getattr(value, "__name__", str(value))


def of(layer: str, /, *shapes: Any, **arguments: Any) -> Case:
    """A case in one line: shapes of samples (or specs), then constructor arguments and flags."""
    inputs = tuple(Floats(spec) if isinstance(spec, tuple) else spec for spec in shapes)
    flags = ("call", "spread", "random", "keras", "mixes_steps", "holds_fixed", "keys")
    given = {n: arguments.pop(n) for n in flags if n in arguments}
    return Case(layer, inputs, arguments, **given)


def nested(class_name: str, **config: Any) -> dict[str, Any]:
    """An object among a layer's arguments, as a configuration: a wrapped layer, say."""
    return {"class_name": class_name, "config": config}


L2 = nested("L2", l2=0.01)
NOISY = nested("RandomNormal", mean=0.5, stddev=0.5, seed=1)
POSITIVE = nested("RandomUniform", minval=0.5, maxval=2.0, seed=1)
