"""`GetItem`: ``x[:, 0]`` and ``x[..., :3]`` on symbolic tensors, as a layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..._core.errors import ConfigError, ShapeError
from ..._core.specs import family
from ..base import Layer
from ..symbolic import SymbolicTensor


@family("layer").register("GetItem")
class GetItem(Layer):
    """Take part of an array.

    Args:
        index: list with one entry per axis: a whole number, ``"..."``, ``"newaxis"``, or
            ``{"slice": [start, stop, step]}``; `GetItem.of` makes it from Python's own form.

    Raises:
        ConfigError: an index that is none of these.

    >>> layer = GetItem.of(np.s_[:, -1])
    >>> layer.index
    [{'slice': [None, None, None]}, -1]
    >>> layer(np.array([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [2.0, 4.0]
    """

    traits = frozenset({"opaque", "operation"})
    supports_masking = True
    casts_inputs = False  # the part has the format of the whole

    def __init__(self, index: list[Any], **kwargs: Any):
        super().__init__(**kwargs)
        self.index = index
        self.python_index()

    @classmethod
    def of(cls, index: Any) -> GetItem:
        """The layer for an index in Python's form, such as ``np.s_[:, 0]``."""
        entries = index if isinstance(index, tuple) else (index,)
        return cls([_encode(entry) for entry in entries])

    @property
    def batch_safe(self) -> bool:  # type: ignore[override]
        return not self.index or self.index[0] in ("...", {"slice": [None, None, None]})

    def call(self, inputs: Any) -> Any:
        index = self.python_index()
        _check_bounds(self.name, index, inputs.shape)
        return inputs[index]

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The mask taken apart in the same way, unless an axis that it spans is gone."""
        if previous_mask is None:
            return None
        entries = list(self.python_index())
        if any(entry is None for entry in entries):
            return None
        if Ellipsis in entries:
            at = entries.index(Ellipsis)
            fill = inputs.ndim - (len(entries) - 1)
            entries[at : at + 1] = [slice(None)] * fill
        spanned = entries[: previous_mask.ndim]
        if any(isinstance(entry, int) for entry in spanned):
            return None
        return previous_mask[tuple(spanned)]

    def python_index(self) -> tuple[Any, ...]:
        return tuple(_decode(entry) for entry in self.index)


def _check_bounds(name: str, index: tuple[Any, ...], shape: tuple[int, ...]) -> None:
    """JAX takes the last place where one is asked for that does not exist; here it is an error."""
    used = [entry for entry in index if entry is not None and entry is not Ellipsis]
    if len(used) > len(shape):
        raise ShapeError(
            f"{name!r} takes more axes apart than the array has.",
            got=f"{len(used)} places or slices for shape {tuple(shape)}",
            fix=f"give at most {len(shape)}.",
        )
    before, after = list(index), []
    if Ellipsis in index:
        at = index.index(Ellipsis)
        before, after = list(index[:at]), [entry for entry in index[at + 1 :] if entry is not None]
    placed = list(enumerate(entry for entry in before if entry is not None))
    placed += [(len(shape) - len(after) + number, entry) for number, entry in enumerate(after)]
    for axis, entry in placed:
        if isinstance(entry, int) and not -shape[axis] <= entry < shape[axis]:
            raise ShapeError(
                f"{name!r} asks for a place that the array does not have.",
                got=f"index {entry} along axis {axis} of shape {tuple(shape)}",
                expected=f"from {-shape[axis]} to {shape[axis] - 1}",
                fix="-1 is the last one.",
            )


def _encode(entry: Any) -> Any:
    if isinstance(entry, slice):
        return {"slice": [_whole(part) for part in (entry.start, entry.stop, entry.step)]}
    if entry is Ellipsis:
        return "..."
    if entry is None:
        return "newaxis"
    return _whole(entry)


def _whole(part: Any) -> Any:
    if part is None:
        return None
    if isinstance(part, (int, np.integer)) and not isinstance(part, bool):
        return int(part)
    raise ConfigError(
        "A symbolic tensor can be indexed by whole numbers, slices, None and ... only.",
        got=f"{part!r} ({type(part).__name__})",
        fix="use Lambda(lambda x: x[...]) for anything else.",
    )


def _decode(entry: Any) -> Any:
    if isinstance(entry, dict) and list(entry) == ["slice"]:
        return slice(*(_whole(part) for part in entry["slice"]))
    if entry == "...":
        return Ellipsis
    return None if entry == "newaxis" else _whole(entry)


def _getitem(self: SymbolicTensor, index: Any) -> Any:
    return GetItem.of(index)(self)


setattr(SymbolicTensor, "__getitem__", _getitem)  # noqa: B010
