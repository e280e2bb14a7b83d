"""The state of a training as named arrays on the host, and back into the model."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from ..._core.errors import FileFormatError
from ..session import Session

Arrays = dict[str, np.ndarray]


def taken(session: Session) -> Arrays:
    """Copies of everything that a step changes: weights, the optimiser's memory, the step.

    Weights are named by their place among the model's, not by their path: a model that is made
    again in the same process has other names.
    """
    session.refresh()
    state = session.state
    parts = {
        "trainable": state.trainable,  # type: ignore[union-attr]
        "fixed": state.fixed,  # type: ignore[union-attr]
        "optimizer": state.optimizer,  # type: ignore[union-attr]
        "step": state.step,  # type: ignore[union-attr]
    }
    # The next step uses up what the device holds: these must be copies.
    return {name: np.array(leaf) for name, leaf in _named(session, parts).items()}


def put_back(session: Session, arrays: Arrays) -> None:
    """Let the model and its optimiser hold what `taken` has taken.

    Args:
        session: of a model like the one that was saved, started.
        arrays: what was saved.

    Raises:
        FileFormatError: of another network or optimiser; says where they differ.
    """
    state: Any = session.state
    parts = {
        "trainable": state.trainable,
        "fixed": state.fixed,
        "optimizer": state.optimizer,
        "step": state.step,
    }
    here = _named(session, parts)
    _check(session, here, arrays)
    leaves = [
        jax.numpy.asarray(arrays[name].astype(np.asarray(leaf).dtype))
        if name != "step"
        else np.int32(arrays[name])
        for name, leaf in here.items()
    ]
    back = jax.tree.unflatten(jax.tree.structure(parts), leaves)
    session.state = state.replace(**back)
    session.publish()


def _named(session: Session, parts: dict[str, Any]) -> dict[str, Any]:
    """Name -> leaf, in the order of `jax.tree.leaves(parts)`."""
    place = {path: f"#{number}" for number, path in enumerate(session.layout.weights)}

    def word(key: Any) -> str:
        name = getattr(key, "key", getattr(key, "name", getattr(key, "idx", key)))
        return place.get(name, str(name)) if isinstance(name, str) else str(name)

    found = jax.tree_util.tree_flatten_with_path(parts)[0]
    return {"/".join(map(word, keys)): leaf for keys, leaf in found}


def _check(session: Session, here: dict[str, Any], saved: Arrays) -> None:
    paths = [*session.layout.weights]

    def shown(name: str) -> str:
        words = [paths[int(w[1:])] if w.startswith("#") and w[1:].isdigit() and
                 int(w[1:]) < len(paths) else w for w in name.split("/")]  # fmt: skip
        return " ".join(words)

    lines = [f"{shown(name)}: only in the checkpoint" for name in saved if name not in here]
    lines += [f"{shown(name)}: not in the checkpoint" for name in here if name not in saved]
    lines += [
        f"{shown(name)}: {saved[name].shape} in the checkpoint, {np.shape(leaf)} here"
        for name, leaf in here.items()
        if name in saved and saved[name].shape != np.shape(leaf)
    ]
    if lines:
        raise FileFormatError(
            "The checkpoint is of another network or another optimizer.",
            got="; ".join(lines[:6]) + (f"; and {len(lines) - 6} more" if len(lines) > 6 else ""),
            expected="the network and the optimizer that were trained before",
            fix="build and compile the model as it was, or pass another folder.",
        )
