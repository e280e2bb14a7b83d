"""What Keras's programs ask for at the top: `device`, `name_scope`, `remat`, `version`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from . import __version__
from ._core import scope
from ._core.errors import ArgumentTypeError, ConfigError


def version() -> str:
    """Pellucid's own version, as text.

    >>> version().count(".") >= 1
    True
    """
    return __version__


@contextmanager
def name_scope(name: str, **kwargs: Any) -> Iterator[str]:
    """Put a name in front of the paths of variables that are made inside by themselves.

    What a layer makes is called by where in a model the layer lies.

    Args:
        name: of the block.
        kwargs: ``caller``, Keras's own.

    >>> from pellucid import Variable
    >>> with name_scope("encoder"):
    ...     Variable([1.0], name="scale").path
    'encoder/scale'
    """
    if set(kwargs) - {"caller", "deduplicate", "override_parent"}:
        raise ArgumentTypeError(
            "name_scope takes a name.", got=", ".join(kwargs), fix="name_scope('encoder')."
        )
    if not isinstance(name, str) or "/" in name:
        raise ConfigError(
            "The name of a scope is text without a slash.",
            got=repr(name),
            fix="name_scope('encoder').",
        )
    with scope.named(name):
        yield name


@contextmanager
def device(device_name: str) -> Iterator[Any]:
    """Make new arrays on a certain device inside the block.

    Args:
        device_name: such as ``"cpu"``, ``"cpu:0"`` or ``"gpu:1"``.

    Raises:
        ConfigError: no such device here.

    >>> with device("cpu:0") as chosen:
    ...     chosen.platform
    'cpu'
    """
    import jax

    kind, _, number = (
        str(device_name).lower().removeprefix("/").removeprefix("device:").partition(":")
    )
    try:
        found = jax.devices("gpu" if kind == "cuda" else kind)[int(number or 0)]
    except (RuntimeError, IndexError, ValueError):
        raise ConfigError(
            "There is no such device.",
            got=repr(device_name),
            expected="one of " + ", ".join(f"{d.platform}:{d.id}" for d in jax.devices()),
            fix="device('cpu:0').",
        ) from None
    with jax.default_device(found):
        yield found


def remat(f: Callable[..., Any]) -> Callable[..., Any]:
    """A function whose inside is computed again in the backward pass instead of being kept.

    Args:
        f: takes and returns arrays. For the layers of a stack there is ``Sequential(remat=...)``.

    >>> import jax
    >>> float(jax.grad(remat(lambda x: x**3))(2.0))
    12.0
    """
    import jax

    if not callable(f):
        raise ArgumentTypeError("remat takes a function.", got=repr(f), fix="remat(function).")
    return jax.checkpoint(f)
