"""`DataLayer`: what the layers that meet the user's data first have in common."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from ..._core import foreign
from ..._core.errors import ConfigError, DataError, ShapeError
from ...kernels.categories import encode
from .. import checks
from ..base import Layer
from ..foreign_calls import call_on_foreign, has_foreign
from ..symbolic import SymbolicTensor
from .values import as_values, shown, who

ROWS_OF_SAMPLES = ("multi_hot", "count", "tf_idf")


class DataLayer(Layer):
    """A layer without weights, called on data as it comes: lists, columns, text, large integers.

    Where only the host can do the work (text has no place in a compiled program), a subclass says
    so in `needs_host` and splits itself in two: `on_host` makes numbers of the data with NumPy,
    and `call` goes on from what that gave, as part of the program. `host_shapes` tells the shapes
    in between, or the output itself where text comes out.
    """

    takes_raw = True
    casts_inputs = False
    placeholder = "int32"
    """The format of data whose shape alone is known."""

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.built = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if foreign.loaded() and has_foreign((args, kwargs)):
            return call_on_foreign(self, args, kwargs)
        args = tuple(self.read(value) for value in args)
        lists = {name: value for name, value in kwargs.items() if isinstance(value, (list, tuple))}
        return super().__call__(*args, **{**kwargs, **tree_map_values(lists)})

    def read(self, value: Any) -> Any:
        """What the user passed as arrays."""
        return as_values(value)

    def host_shapes(self, *args: Any, **kwargs: Any) -> Any:
        """`on_host` for symbolic tensors: `Prepared` ones, or the output where that is text."""
        raise NotImplementedError

    def symbolic_outputs(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if not self.needs_host(*args, **kwargs):
            return super().symbolic_outputs(args, kwargs)
        between = self.host_shapes(*args, **kwargs)
        if isinstance(between, SymbolicTensor):
            return between
        return super().symbolic_outputs((between,), {})

    def _draw(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        first = args[0] if args else None
        mode = getattr(self, "output_mode", "int")
        if getattr(first, "ndim", 0) == 1 and mode in ROWS_OF_SAMPLES and not self.splits_samples:
            raise ShapeError(
                f"{who(self)} would merge the whole batch into one row: with "
                f"output_mode={mode!r} the last axis holds one sample's values.",
                got="one value per sample, shape (batch,)",
                expected="shape (batch, values)",
                fix="Input(shape=(1,)) and data of shape (samples, 1), or output_mode='one_hot'.",
            )
        return super()._draw(args, kwargs)

    splits_samples = False
    """Whether a sample that is one value becomes several before they are encoded."""

    # --- what subclasses share

    def encoded(self, ids: Any, depth: int, weights: Any = None) -> Any:
        """Category numbers in the layer's output mode."""
        mode = "count" if self.output_mode == "tf_idf" else self.output_mode
        return encode(jnp.asarray(ids), mode, depth, self.compute_dtype, weights)

    output_mode: str = "int"

    def check_mode(self, *allowed: str) -> str:
        """The output mode, with Keras's old names understood."""
        old = {"binary": "multi_hot", "tf-idf": "tf_idf"}
        mode = old.get(self.output_mode, self.output_mode)
        checks.one_of(self, "output_mode", mode, allowed)
        return mode

    def check_dense(self, *arguments: str) -> None:
        """Refuse the arguments that would make a sparse or ragged output."""
        for name in arguments:
            if getattr(self, name):
                raise ConfigError(
                    f"{who(self)} cannot give {name} arrays: every array here is dense.",
                    got=f"{name}=True",
                    fix=f"leave {name} out.",
                )


def tree_map_values(values: dict[str, Any]) -> dict[str, Any]:
    """Keyword arguments that are lists as arrays."""
    return {name: as_values(value) for name, value in values.items()}


def numbers(layer: Layer, value: Any, what: str = "numbers") -> Any:
    """A JAX array of `value`; text and objects are refused."""
    if isinstance(value, np.ndarray) and value.dtype.kind not in "biuf":
        raise DataError(
            f"{who(layer)} takes {what}.",
            got=shown(value),
            expected=what,
            fix="put StringLookup before it where the data is text.",
        )
    return jnp.asarray(value)
