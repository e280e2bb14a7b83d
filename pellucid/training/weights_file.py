"""A model's weights in one file: written whole or not at all, loaded all or nothing."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from .._core.errors import (
    ConfigError,
    FileFormatError,
    NoWeightsFileError,
    PellucidWarning,
    ShapeError,
    StateError,
)
from .._core.files import write_atomically
from ..layers import tree

__all__ = ["NoWeightsFileError", "check_suffix", "load_weights", "read_arrays", "save_weights"]

FORMAT, VERSION = "pellucid-weights", "1"  # of the safetensors files
_KERAS = ".weights.h5"
SUFFIXES = (_KERAS, ".weights.safetensors", ".safetensors")
_SHOWN = 8  # differences listed in an error message


def save_weights(model: Any, path: str | os.PathLike[str]) -> None:
    """Write every weight of a built model to a file.

    The file appears whole or not at all: an earlier one stays until the new one is on disk.

    Args:
        model: a built `Layer` or `Model`.
        path: ending in ``.weights.h5``, for Keras's layout with the optimiser's state, or in
            ``.safetensors``, for the weights by their paths.

    Raises:
        ConfigError: another ending. StateError: the model is not built.

    >>> import tempfile
    >>> from pellucid import Sequential, layers
    >>> model = Sequential([layers.Input(shape=(2,)), layers.Dense(1)])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_weights(model, f"{folder}/model.weights.safetensors")
    ...     load_weights(model, f"{folder}/model.weights.safetensors")
    """
    path = check_suffix(path)
    if path.endswith(_KERAS):
        from ..network import weights as keras_layout

        keras_layout.save(model, path)
        return
    from safetensors.numpy import save

    weights = _weights_of(model, "save")
    arrays = {name: np.ascontiguousarray(w.host_value()).reshape(w.shape) for name, w in weights}
    write_atomically(path, save(arrays, metadata={"format": FORMAT, "version": VERSION}))


def load_weights(model: Any, path: str | os.PathLike[str], skip_mismatch: bool = False) -> None:
    """Give a built model the weights that `save_weights` wrote: every one of them, or none.

    Args:
        model: of the same architecture; its own name need not be the same.
        path: the file.
        skip_mismatch: True reads the weights that fit, and warns of those that do not.

    Raises:
        NoWeightsFileError: no such file. FileFormatError: not a whole safetensors file.
        ShapeError: the file's weights are not the model's; the differences are listed.
    """
    if os.fspath(path).endswith(".keras"):
        from ..network.archive import load_weights

        load_weights(model, path, skip_mismatch)
        return
    path = check_suffix(path)
    if path.endswith(_KERAS):
        from ..network import weights as keras_layout

        keras_layout.load(model, path, skip_mismatch)
        return
    weights = dict(_weights_of(model, "load"))
    arrays = _rename_root(read_arrays(path), weights)
    differences = _differences(weights, arrays)
    if differences and skip_mismatch:
        fitting = _fitting(weights, arrays)
        warnings.warn(
            f"{len(weights) - len(fitting)} of the {len(weights)} weights of {model.name!r} were "
            f"not loaded from {path}: " + "; ".join(differences[:_SHOWN]),
            PellucidWarning,
            stacklevel=3,
        )
        weights = fitting
    elif differences:
        shown = differences[:_SHOWN]
        if len(differences) > _SHOWN:
            shown.append(f"and {len(differences) - _SHOWN} more")
        raise ShapeError(
            f"The weights in {path} are not those of {model.name!r}; nothing was loaded.",
            got=f"{len(arrays)} weights in the file",
            expected=f"the {len(weights)} weights of the model\n    " + "\n    ".join(shown),
            fix="build the model with the same layers, sizes and layer names as the saved one.",
        )
    for name, weight in weights.items():
        weight.assign(arrays[name])


def check_suffix(path: str | os.PathLike[str]) -> str:
    """`path` as text, if its ending is one that weights can be written to."""
    path = os.fspath(path)
    if path.endswith(SUFFIXES):
        return path
    base = path
    for known in (".keras", ".h5", ".hdf5", ".weights", ".npz"):
        base = base.removesuffix(known)
    raise ConfigError(
        "Weights are kept in HDF5 files of Keras's layout or in safetensors files, and the name "
        "says neither.",
        got=repr(path),
        expected="a name ending in '.weights.h5' or '.safetensors'",
        fix=f"use {base + SUFFIXES[0]!r}.",
    )


def read_arrays(path: str) -> dict[str, np.ndarray]:
    """The arrays of a safetensors file by name."""
    import ml_dtypes
    import safetensors

    formats = {
        "BOOL": np.bool_,
        "BF16": ml_dtypes.bfloat16,
        **{f"F{bits}": np.dtype(f"float{bits}") for bits in (16, 32, 64)},
        **{f"I{bits}": np.dtype(f"int{bits}") for bits in (8, 16, 32, 64)},
        **{f"U{bits}": np.dtype(f"uint{bits}") for bits in (8, 16, 32, 64)},
    }
    if not os.path.isfile(path):
        raise NoWeightsFileError(
            f"There is no file {path}.", got=path, fix="check the path; save_weights writes one."
        )
    data = Path(path).read_bytes()
    try:
        parts = safetensors.deserialize(data)
        return {
            name: np.frombuffer(part["data"], dtype=formats[part["dtype"]]).reshape(part["shape"])
            for name, part in parts
        }
    except safetensors.SafetensorError as error:
        raise FileFormatError(
            f"{path} is not a whole safetensors file.",
            got=f"{len(data)} bytes: {error}",
            fix="copy or save it again; it may have been cut off.",
        ) from None
    except KeyError as error:
        raise FileFormatError(
            f"{path} holds numbers in a format that is not supported.",
            got=str(error),
            expected=f"one of {sorted(formats)}",
            fix="save the weights in float32.",
        ) from None


def _weights_of(model: Any, verb: str) -> list[tuple[str, Any]]:
    found = tree.index(model).items()
    weights = [(path, weight) for path, weight in found if not weight.transient]
    if not weights and not model.built:
        raise StateError(
            f"{model.name!r} has no weights to {verb} yet: it has not been built.",
            fix="start it with Input(shape=...), call build(input_shape), or call it on data.",
        )
    return weights


def _rename_root(arrays: dict[str, np.ndarray], weights: Any) -> dict[str, np.ndarray]:
    """The arrays under the model's own name, where the file's model had another one."""
    roots = {name.partition("/")[0] for name in arrays}
    own = {name.partition("/")[0] for name in weights}
    if len(roots) != 1 or len(own) != 1 or roots == own:
        return arrays
    root = own.pop()
    return {f"{root}/{name.partition('/')[2]}": array for name, array in arrays.items()}


def _differences(weights: dict[str, Any], arrays: dict[str, np.ndarray]) -> list[str]:
    found = [f"missing in the file: {n} {w.shape}" for n, w in weights.items() if n not in arrays]
    found += [
        f"only in the file: {name} {array.shape}"
        for name, array in arrays.items()
        if name not in weights
    ]
    for name in weights.keys() & arrays.keys():
        have, want = arrays[name], weights[name]
        if have.shape != want.shape:
            found.append(f"another shape: {name} is {have.shape}, the model has {want.shape}")
        elif _is_float(have.dtype) != _is_float(want.dtype):
            found.append(f"another kind: {name} is {have.dtype}, the model has {want.dtype}")
    return sorted(found)


def _fitting(weights: dict[str, Any], arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """The weights that the file holds, layer by layer: of one that differs, none is taken."""
    bad = {
        name.rpartition("/")[0]
        for name, weight in weights.items()
        if name not in arrays or _differences({name: weight}, {name: arrays[name]})
    }
    return {name: weight for name, weight in weights.items() if name.rpartition("/")[0] not in bad}


def _is_float(dtype: Any) -> bool:
    import jax.numpy as jnp

    return bool(jnp.issubdtype(jnp.dtype(dtype), jnp.floating))
