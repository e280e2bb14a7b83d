"""Tensors of TensorFlow and PyTorch, in programs that have loaded them. Nothing is imported here.

A program that hands over such a tensor has loaded its library, so it stands in `sys.modules`.
Tensors with numbers become NumPy arrays. Those of a TensorFlow graph (inside `tf.data.Dataset.map`)
have none yet: the computation becomes one node of that graph (`graph_call`).
"""

from __future__ import annotations

import itertools
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .errors import StateError
from .rng import drawing_from, next_seed

# Layers called from several threads of a pipeline would build and count at the same time.
_one_at_a_time = threading.RLock()


def loaded() -> bool:
    """Whether a library whose tensors need care has been imported; costs two look-ups."""
    return "tensorflow" in sys.modules or "torch" in sys.modules


def tensorflow() -> Any:
    """The TensorFlow that the program has loaded, or None."""
    module = sys.modules.get("tensorflow")
    return module if hasattr(module, "is_symbolic_tensor") else None


def is_tensor(value: Any) -> bool:
    """Whether `value` is a tensor of TensorFlow (ragged, sparse and variables too) or PyTorch."""
    if isinstance(value, (np.ndarray, np.generic, str, bytes, int, float, type(None))):
        return False
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, getattr(torch, "Tensor", ())):
        return True
    tf = tensorflow()
    return tf is not None and bool(tf.is_tensor(value))


def is_tensorflow(value: Any) -> bool:
    """Whether `value` is a tensor of TensorFlow."""
    tf = tensorflow()
    return tf is not None and bool(tf.is_tensor(value))


def in_graph(value: Any) -> bool:
    """Whether `value` is a tensor of a TensorFlow graph, without numbers."""
    tf = tensorflow()
    if tf is None or not is_tensor(value):
        return False
    parts = tf.nest.flatten(value, expand_composites=True)
    return any(tf.is_symbolic_tensor(part) for part in parts)


def is_ragged(value: Any) -> bool:
    """Whether `value` is a ragged tensor of TensorFlow."""
    tf = tensorflow()
    return tf is not None and isinstance(value, tf.RaggedTensor)


def dense(value: Any) -> Any:
    """A ragged or sparse tensor filled up with zeros or empty texts; any other as it is."""
    tf = tensorflow()
    if tf is not None and isinstance(value, tf.RaggedTensor):
        return value.to_tensor()
    if tf is not None and isinstance(value, tf.SparseTensor):
        return tf.sparse.to_dense(value)
    return value


def to_numpy(value: Any) -> Any:
    """A tensor with numbers as a NumPy array, texts as objects; anything else as it is."""
    if not is_tensor(value):
        return value
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        if str(value.dtype) == "torch.bfloat16":  # NumPy has no such format
            value = value.float()
        return value.numpy()
    return as_array(dense(value).numpy())


def as_array(value: Any) -> np.ndarray:
    """What TensorFlow gives out as a NumPy array: a text alone comes as `bytes`."""
    return np.array(value, object) if isinstance(value, (bytes, str)) else np.asarray(value)


def sizes(value: Any) -> tuple[Any, ...]:
    """The shape of a tensor; where a graph does not know a size, a tensor of it in its place."""
    tf = tensorflow()
    known = tuple(value.shape)
    if tf is None or None not in known or not in_graph(value):
        return known
    dynamic = tf.shape(value)
    return tuple(dynamic[axis] if size is None else size for axis, size in enumerate(known))


def format_name(dtype: Any) -> Any:
    """The name of a number format of TensorFlow's or PyTorch's; any other as it is."""
    if hasattr(dtype, "as_numpy_dtype"):
        return dtype.name
    text = str(dtype)
    return text.removeprefix("torch.") if text.startswith("torch.") else dtype


def graph_call(
    function: Callable[..., Sequence[Any]],
    tensors: Sequence[Any],
    outputs: Sequence[tuple[Any, str]],
    name: str,
) -> list[Any]:
    """`function` on the tensors of a TensorFlow graph, run on the host whenever the graph runs.

    Args:
        function: of NumPy arrays, one for each tensor; gives a list of arrays.
        tensors: of the graph, dense.
        outputs: of each result the shape (None where its rank is unknown) and the format,
            ``"string"`` for text.
        name: of what is computed, for messages.

    Returns:
        Tensors of the graph. Random numbers are other ones at every run: their stream is drawn
        once, from the program's seed, and does not touch the program's own.
    """
    tf = tensorflow()
    seed, runs = next_seed(), itertools.count(1)
    formats = [None if dtype == "string" else np.dtype(dtype) for _, dtype in outputs]

    def on_host(*arrays: Any) -> list[np.ndarray]:
        with _one_at_a_time, drawing_from(seed, next(runs)):
            results = function(*map(as_array, arrays))
        return [_in_format(r, f, name) for r, f in zip(results, formats, strict=True)]

    given = tf.numpy_function(on_host, list(tensors), [tf.as_dtype(d) for _, d in outputs])
    for tensor, (shape, _) in zip(given, outputs, strict=True):
        if shape is not None:
            tensor.set_shape(shape)
    return list(given)


def _in_format(result: Any, wanted: np.dtype[Any] | None, name: str) -> np.ndarray:
    array = np.asarray(result)
    if wanted is None:
        return array.astype(object)
    if array.dtype == wanted:
        return array
    if array.dtype.kind == wanted.kind or np.can_cast(array.dtype, wanted, "same_kind"):
        return array.astype(wanted)
    raise StateError(
        f"{name} gave another number format than its shapes had promised to TensorFlow.",
        got=str(array.dtype),
        expected=str(wanted),
        fix="cast its input before it: tf.cast(x, tf.float32).",
    )
