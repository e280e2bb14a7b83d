"""What every initialiser is, and the one way that layers draw weights from any of them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any, Protocol, runtime_checkable

import jax.numpy as jnp
import numpy as np

from pellucid._core import specs
from pellucid._core.custom import knowing
from pellucid._core.dtypes import floatx
from pellucid._core.errors import ConfigError, ShapeError
from pellucid._core.rng import host_generator, next_seed
from pellucid._core.specs import Configurable


class Initializer(Configurable):
    """Base of the initialisers.

    To write one, define ``__call__(self, shape, dtype=None, *, rng=None)`` and store every
    constructor argument under its own name.
    """

    def __call__(
        self,
        shape: Sequence[int],
        dtype: Any = None,
        *,
        rng: np.random.Generator | None = None,
    ) -> np.ndarray:
        """New weights.

        Args:
            shape: the shape of the weights; a kernel's last two axes are inputs and outputs.
            dtype: their number format; None for `pellucid.config.floatx()`.
            rng: where the numbers come from, unless the initialiser has a seed of its own.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define __call__.")

    def clone(self) -> Initializer:
        """Another one of the same configuration."""
        return type(self).from_config(self.get_config())


@runtime_checkable
class Seeds(Protocol):
    """What gives one seed after the other: `pellucid.random.SeedGenerator`."""

    def next(self) -> Any:
        """Two whole numbers, others at every call."""


def resolve_dtype(dtype: Any) -> np.dtype:
    """None -> the default float format; bfloat16 included."""
    return jnp.dtype(floatx() if dtype is None else dtype)


class RandomInitializer(Initializer):
    """Base of the initialisers that draw: an integer `seed` makes every call give the same numbers,
    a `pellucid.random.SeedGenerator` the next ones.

    Subclasses define ``draw(rng, shape, dtype)``, with dtype float32 or float64.
    """

    seed: int | Seeds | None

    def __init__(self, seed: int | Seeds | None = None):
        if seed is not None and not isinstance(seed, (int, np.integer, Seeds)):
            raise ConfigError(
                f"The seed of {type(self).__name__} must be an integer, a SeedGenerator or None.",
                got=repr(seed),
                fix="pass an integer such as 42, or call pellucid.utils.set_random_seed.",
            )
        self.seed = seed

    def __call__(self, shape, dtype=None, *, rng=None):
        if isinstance(self.seed, Seeds):
            rng = host_generator(*map(int, np.asarray(self.seed.next())), "initializer")
        elif self.seed is not None:
            rng = host_generator(int(self.seed), "initializer")
        elif rng is None:
            rng = host_generator(next_seed(), "initializer")
        dtype = resolve_dtype(dtype)
        drawn_as = np.dtype("float64") if dtype == np.float64 else np.dtype("float32")
        return self.draw(rng, tuple(shape), drawn_as).astype(dtype, copy=False)

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        raise NotImplementedError(f"{type(self).__name__} does not define draw.")


def get(identifier: Any) -> Callable[..., Any] | None:
    """A name, configuration, class, array or callable -> something `draw` can call.

    Raises:
        UnknownNameError: no initialiser has that name; the message suggests the nearest ones.

    >>> from pellucid import initializers
    >>> initializers.get("he_normal")
    HeNormal()
    """
    if hasattr(identifier, "shape") and hasattr(identifier, "dtype"):
        return specs.family("initializer").get("Constant")(identifier)
    return specs.resolve("initializer", identifier)


def serialize(initializer: Any) -> Any:
    """An initialiser as plain JSON types: its name, or ``{"class_name", "config"}``.

    Args:
        initializer: the object.
    """
    return specs.serialize(initializer)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """An initialiser from what `serialize` gave.

    Args:
        config: a name or a configuration.
        custom_objects: name -> class or function of your own that it may name.

    Raises:
        UnknownNameError: a name that is not known.
    """
    with knowing(custom_objects):
        return get(config)


def draw(
    initializer: Any, shape: Sequence[int], dtype: Any, rng: np.random.Generator
) -> np.ndarray:
    """Weights from any initialiser: one of this module's, its name, or a function (shape, dtype).

    Args:
        initializer: anything that `get` accepts.
        shape: the shape of the weights.
        dtype: their number format.
        rng: the stream to draw from; only initialisers that take ``rng=`` see it.

    Raises:
        ShapeError: a function returned weights of another shape.

    >>> draw(lambda shape, dtype: np.ones(shape), (2,), "float32", np.random.default_rng(0))
    array([1., 1.], dtype=float32)
    """
    function = get(initializer)
    if function is None:
        raise ConfigError("Weights need an initialiser.", got=None, fix='use "glorot_uniform".')
    extra = {"rng": rng} if takes_rng(function) else {}
    values = np.asarray(function(tuple(shape), dtype=dtype, **extra)).astype(resolve_dtype(dtype))
    if values.shape != tuple(shape):
        raise ShapeError(
            f"The initialiser {function!r} returned weights of another shape than asked for.",
            got=values.shape,
            expected=tuple(shape),
            fix="return an array of the shape that the function is called with.",
        )
    return values


def takes_rng(initializer: Callable[..., Any]) -> bool:
    """Whether an initialiser can be given the stream of numbers to draw from.

    >>> takes_rng(lambda shape, dtype: 0.0)
    False
    """
    try:
        return "rng" in inspect.signature(initializer).parameters
    except (TypeError, ValueError):  # builtins without a signature
        return False
