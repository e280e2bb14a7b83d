"""`Input`: where a functional model starts, and the layer that records it."""

from __future__ import annotations

import warnings
from typing import Any

import jax.numpy as jnp
import numpy as np

from ..._core.dtypes import floatx
from ..._core.errors import ConfigError, PellucidWarning, ShapeError
from ..._core.specs import family
from ..base import Layer
from ..symbolic import Node, SymbolicTensor


@family("layer").register("InputLayer")
class InputLayer(Layer):
    """The start of a graph: it has no inputs, one output, and no numbers.

    `Input` makes one and returns its output, which is what programs usually want.

    Args:
        shape: of one sample, without the batch; None for a size that varies.
        batch_size: the batch's size where it is fixed.
        dtype: of the data; the default float format when missing.
        sparse: False: arrays are dense.
        ragged: False: arrays are dense.
        batch_shape: batch and sample shape together, instead of `shape` and `batch_size`.
        input_tensor: symbolic tensor of a graph that becomes the input, with its shape and format.
        optional: whether None may be given in place of an array.
        name: of the input, the key under which a dictionary of data gives it.

    Raises:
        ShapeError: no shape, two shapes, or sizes that are not whole numbers.
        ConfigError: sparse or ragged data, or a tensor that is not symbolic.

    >>> InputLayer(shape=(28, 28)).output.shape
    (None, 28, 28)
    """

    traits = frozenset({"keeps_values", "linear", "same_shape"})
    batch_safe = True
    casts_inputs = False
    supports_masking = True

    def __init__(
        self,
        shape: Any = None,
        batch_size: int | None = None,
        dtype: Any = None,
        sparse: Any = None,
        ragged: Any = None,
        batch_shape: Any = None,
        input_tensor: SymbolicTensor | None = None,
        optional: bool = False,
        name: str | None = None,
        **kwargs: Any,
    ):
        if "input_shape" in kwargs and shape is None and batch_shape is None:
            warnings.warn(
                "The argument 'input_shape' of InputLayer is now called 'shape'.\n"
                "  fix: InputLayer(shape=...).",
                PellucidWarning,
                stacklevel=2,
            )
            shape = kwargs.pop("input_shape")
        super().__init__(name=name, **kwargs)
        _refuse_undense(self.name, sparse=sparse, ragged=ragged)
        if input_tensor is not None:
            batch_shape, dtype = _of_tensor(self.name, input_tensor, shape, batch_shape, dtype)
            shape = None
        self.sparse, self.ragged, self.input_tensor = sparse, ragged, input_tensor
        self.optional = optional
        self.shape = shape
        self.batch_size = batch_size
        # A tensor of the batch's size that is told says nothing twice.
        told = None if input_tensor is not None and batch_shape[0] == batch_size else batch_size
        self.batch_shape = _batch_shape(self.name, shape, told, batch_shape)
        self._data_format = _format(self.name, dtype)
        tensor = input_tensor
        if tensor is None:
            tensor = SymbolicTensor(self.batch_shape, self._data_format, name=self.name)
        tensor.node = Node(self, (), {})
        tensor.node.outputs = tensor
        self.__dict__.update(_drawn=(tensor, tensor), _gave=tensor.shape, _called_on=tensor.shape)
        self.built = True

    @property
    def dtype(self) -> str:
        return self._data_format

    def call(self, inputs: Any = None) -> Any:
        return inputs

    def get_config(self) -> dict[str, Any]:
        """Batch and sample shape together, the format and the name, as in Keras."""
        config = {"batch_shape": list(self.batch_shape), "dtype": self.dtype, "name": self.name}
        return {**config, "optional": True} if self.optional else config


def Input(  # noqa: N802 (Keras's name)
    shape: Any = None,
    batch_size: int | None = None,
    dtype: Any = None,
    sparse: Any = None,
    ragged: Any = None,
    batch_shape: Any = None,
    name: str | None = None,
    tensor: SymbolicTensor | None = None,
    optional: bool = False,
    **unknown: Any,
) -> SymbolicTensor:
    """A placeholder for the data, to call layers on or to start a `Sequential` with.

    Args:
        shape: of one sample, without the batch: ``(784,)`` for a table of 784 columns; None for a
            size that varies.
        batch_size: the batch's size where it is fixed.
        dtype: of the data, for example ``"int32"`` for word numbers, or ``"string"`` for text;
            floats by default.
        sparse: False: arrays are dense.
        ragged: False: arrays are dense.
        batch_shape: batch and sample shape together, instead of `shape` and `batch_size`.
        name: of the input, the key under which a dictionary of data gives it.
        tensor: symbolic tensor that becomes the input, instead of a shape.
        optional: whether None may be given in place of an array.

    Raises:
        ShapeError: no shape, two shapes, or sizes that are not whole numbers.
        ConfigError: sparse or ragged data, or a tensor that is not symbolic.
        UnknownNameError: an argument that does not exist.

    >>> Input(shape=(784,)).shape
    (None, 784)
    """
    return InputLayer(
        shape=shape,
        batch_size=batch_size,
        dtype=dtype,
        sparse=sparse,
        ragged=ragged,
        batch_shape=batch_shape,
        input_tensor=tensor,
        optional=optional,
        name=name,
        **unknown,
    ).output


def _refuse_undense(name: str, **given: Any) -> None:
    for argument, value in given.items():
        if value:
            raise ConfigError(
                f"Input {name!r} cannot take {argument} data: arrays are dense.",
                got=f"{argument}={value!r}",
                fix="leave it out, and give dense arrays: x.toarray() of a SciPy matrix, or "
                "utils.pad_sequences(x) of rows of different lengths.",
            )


def _of_tensor(
    name: str, tensor: Any, shape: Any, batch_shape: Any, dtype: Any
) -> tuple[tuple[int | None, ...], str]:
    """Shape and format of the tensor that becomes the input, where nothing else was said."""
    if not isinstance(tensor, SymbolicTensor):
        raise ConfigError(
            f"Input {name!r} can only take the place of a symbolic tensor.",
            got=type(tensor).__name__,
            expected="what Input(...) or a layer called on one returns",
            fix="give the shape of one sample instead: Input(shape=x.shape[1:]).",
        )
    wanted = batch_shape if batch_shape is not None else shape and (tensor.shape[0], *shape)
    if wanted and tuple(wanted) != tensor.shape:
        raise ShapeError(
            f"Input {name!r} was given a tensor of another shape.",
            got=f"{tensor.shape}",
            expected=f"{tuple(wanted)}",
            fix="leave the shape out: it is the tensor's.",
        )
    if dtype is not None and _format(name, dtype) != tensor.dtype:
        raise ConfigError(
            f"Input {name!r} was given a tensor of another format.",
            got=tensor.dtype,
            expected=_format(name, dtype),
            fix="leave dtype out: it is the tensor's.",
        )
    return tensor.shape, tensor.dtype


def _batch_shape(name: str, shape: Any, batch_size: Any, batch_shape: Any) -> tuple[Any, ...]:
    if (shape is None) == (batch_shape is None):
        raise ShapeError(
            f"Input {name!r} takes either shape or batch_shape.",
            got="neither" if shape is None else f"shape={shape!r} and batch_shape={batch_shape!r}",
            fix="give the shape of one sample: Input(shape=(784,)).",
        )
    if batch_shape is not None and batch_size is not None:
        raise ShapeError(
            f"Input {name!r} was given the batch's size twice.",
            got=f"batch_size={batch_size!r} and batch_shape={batch_shape!r}",
            fix="leave batch_size out.",
        )
    given = shape if shape is not None else batch_shape
    if not isinstance(given, (tuple, list)):
        raise ShapeError(
            f"The shape of input {name!r} must be a tuple.",
            got=repr(given),
            expected="the sizes of one sample, without the batch",
            fix=f"shape=({given},)" if isinstance(given, int) else "shape=(784,), say.",
        )
    sizes = (batch_size, *given) if shape is not None else tuple(given)
    for size in sizes:
        whole = isinstance(size, (int, np.integer)) and not isinstance(size, bool)
        if size is not None and (not whole or size < 0):
            raise ShapeError(
                f"The shape of input {name!r} has a size that cannot be.",
                got=repr(tuple(given)),
                expected="whole numbers, or None where the size varies",
                fix="give the shape of one sample, without the batch: x.shape[1:].",
            )
    return tuple(None if size is None else int(size) for size in sizes)


def _format(name: str, dtype: Any) -> str:
    if dtype is str or (isinstance(dtype, str) and dtype == "string"):
        return "string"  # for the layers that turn text into numbers
    try:
        return jnp.dtype(floatx() if dtype is None else dtype).name
    except TypeError:
        raise ConfigError(
            f"Input {name!r} has a format that arrays cannot have here.",
            got=repr(dtype),
            expected='numbers, such as "float32", "int32" or "bool", or "string"',
            fix="leave dtype out for floats.",
        ) from None
