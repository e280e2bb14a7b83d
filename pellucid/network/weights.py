"""The variables of a network and its optimiser in Keras's layout: written down, compared, taken."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from .._core.errors import (
    FileFormatError,
    NoWeightsFileError,
    PellucidWarning,
    ShapeError,
    StateError,
)
from .._core.files import replacing
from ..layers.saved import Saved
from ..optimizers.stateful import Stateful
from . import hdf5
from .differences import Difference, table
from .parts import Part, parts, places_of

SUFFIX = ".weights.h5"


class WeightsDifferError(ShapeError, FileFormatError):
    """A file holds other arrays than the network asks for; the message has them in a table."""


def save(root: Any, path: str | os.PathLike[str]) -> None:
    """Write the variables of a built network, and of its optimiser, to a ``.weights.h5`` file.

    Args:
        root: a model.
        path: the file; an earlier one stays until the new one is whole.

    Raises:
        StateError: not built. FileWriteError: the place cannot be written to.
    """
    must_be_built(root, "save")
    with replacing(path) as part:
        write(root, part)


def write(root: Any, path: str) -> None:
    """As `save`, to a file that is nobody's yet."""
    with hdf5.writing(path) as file:
        for place, part in parts(root).items():
            held: dict[str, Any] = {}
            part.save_own_variables(held)
            if held:
                name = getattr(part, "name", None)
                group = file.group(place, name if isinstance(name, str) else None)
                for key, value in held.items():
                    group[str(key)] = value


def load(root: Any, path: str | os.PathLike[str], skip_mismatch: bool = False) -> None:
    """Give a built network the variables of a ``.weights.h5`` file: all of them, or none.

    Args:
        root: a model of the same architecture.
        path: the file.
        skip_mismatch: True takes what fits, part by part, and warns of the rest.

    Raises:
        NoWeightsFileError: no such file. FileFormatError: a damaged one.
        WeightsDifferError: the file is of another architecture; a table says how.
    """
    must_be_built(root, "load")
    shown = os.fspath(path)
    if not os.path.isfile(shown):
        raise NoWeightsFileError(
            f"There is no file {shown}.", got=shown, fix="check the path; save_weights writes one."
        )
    with hdf5.reading(shown, shown) as groups:
        take(root, groups, shown, skip_mismatch)


def must_be_built(root: Any, verb: str) -> None:
    """Raise `StateError` where a network has no variables yet."""
    if not root.built:
        raise StateError(
            f"{root.name!r} has no weights to {verb} yet: it has not been built.",
            fix="start it with Input(shape=...), call build(input_shape), or call it on data.",
        )


def take(
    root: Any,
    groups: Mapping[str, hdf5.Group],
    shown: str,
    skip_mismatch: bool = False,
) -> None:
    """Give every part of `root` what the file holds for it.

    Args:
        root: a model.
        groups: of the file, by place.
        shown: the file's name for messages.
        skip_mismatch: as for `load`.
    """
    groups = _current(groups)
    # A part that has two names may stand in the file under either.
    own = {
        next((place for place in places if place in groups), places[0]): part
        for part, places in places_of(root)
    }
    found = {place: _differences(place, part, groups) for place, part in own.items()}
    spare = [] if skip_mismatch else _left_over(own, groups)
    bad = [difference for rows in found.values() for difference in rows] + spare
    if bad and not skip_mismatch:
        raise _other_network(root, shown, bad)
    skipped = {place for place, rows in found.items() if rows}
    for place, part in own.items():
        if place not in skipped:
            error = _load(part, groups.get(place, hdf5.Group({})), place)
            if error is not None:
                if not skip_mismatch:
                    raise _other_network(root, shown, [error])
                bad.append(error)
                skipped.add(place)
    if skipped:
        warnings.warn(
            f"{len(own) - len(skipped)} of the {len(own)} parts of {root.name!r} were loaded from "
            f"{shown}; these kept what they had:\n{table(bad)}",
            PellucidWarning,
            stacklevel=4,
        )


def _current(groups: Mapping[str, hdf5.Group]) -> Mapping[str, hdf5.Group]:
    """The groups under today's names: Keras 2.12 had another for `layers`."""
    old = "_layer_checkpoint_dependencies"
    if not any(place.startswith(old) for place in groups):
        return groups
    return {place.replace(old, "layers"): group for place, group in groups.items()}


def _differences(place: str, part: Part, groups: Mapping[str, hdf5.Group]) -> list[Difference]:
    """What does not fit, of a part that keeps its variables in the usual way."""
    if not isinstance(part, Saved) or not _usual(part):
        return []
    group, rows = groups.get(place, hdf5.Group({})), []
    needed = {str(n): weight for n, weight in enumerate(part.saved_variables())}
    for key in sorted({*needed, *group}, key=lambda key: (len(key), key)):
        weight = needed.get(key)
        has = f"{group.shape(key)} {group.format(key)}" if key in group else ""
        needs = f"{weight.path} {weight.shape} {weight.dtype}" if weight is not None else ""
        if key in group and weight is not None:
            same_kind = _is_whole(group.format(key)) == _is_whole(weight.dtype)
            if group.shape(key) == tuple(weight.shape) and same_kind:
                continue
        rows.append(Difference(_place(place, key), has, needs))
    return rows


def _usual(part: Part) -> bool:
    """Whether a part keeps its variables as layers do, not in a way of its own."""
    names = ("save_own_variables", "load_own_variables")
    return all(getattr(type(part), name) is getattr(Saved, name, None) for name in names)


def _left_over(own: Mapping[str, Part], groups: Mapping[str, hdf5.Group]) -> list[Difference]:
    """Arrays of the file that no part asks for, apart from an optimiser's."""
    in_their_own_way = tuple(f"{place}/" for place, part in own.items() if not _usual(part))
    rows = []
    for place, group in groups.items():
        if place in own or "optimizer" in place.split("/") or place.startswith(in_their_own_way):
            continue
        rows += [
            Difference(_place(place, key), f"{group.shape(key)} {group.format(key)}", "")
            for key in group
        ]
    return rows


def _load(part: Part, group: hdf5.Group, place: str) -> Difference | None:
    if isinstance(part, Stateful):
        _load_optimizer(part, group, place)
        return None
    try:
        part.load_own_variables(group)
    except Exception as error:  # of the user's own method, too
        holds = ", ".join(f"{key} {group.shape(key)}" for key in group)
        reason = str(error).splitlines()[0] if str(error) else ""
        return Difference(
            _place(place, ""), holds, f"load_own_variables: {type(error).__name__}: {reason}"
        )
    return None


def _load_optimizer(optimizer: Stateful, group: hdf5.Group, place: str) -> None:
    """The optimiser's state, where it is of as many variables; else it stays as it is."""
    own = optimizer.saved_variables()
    if len(own) == len(group):
        optimizer.load_own_variables(group)
    elif len(group) > optimizer.saved_before_training():
        warnings.warn(
            f"The state of the optimiser {place!r} was not loaded: the file has {len(group)} "
            f"variables of it, this one {len(own)}"
            + (
                ", since it has not trained yet."
                if not optimizer.built
                else "; it moves other weights or is of another kind."
            ),
            PellucidWarning,
            stacklevel=6,
        )


def _other_network(root: Any, shown: str, rows: list[Difference]) -> WeightsDifferError:
    return WeightsDifferError(
        f"{shown} is of another network than {root.name!r}; nothing was loaded.\n"
        + "\n".join(f"    {line}" for line in table(rows).splitlines()),
        fix="build the network as the saved one was; skip_mismatch=True takes the parts that fit.",
    )


def _place(place: str, key: str) -> str:
    return "/".join(word for word in (place, hdf5.VARIABLES, key) if word)


def _is_whole(dtype: Any) -> bool:
    return np.dtype(dtype).kind in "iub" if str(dtype) != "bfloat16" else False
