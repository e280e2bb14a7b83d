"""Whole models in one file: `.keras`, which Keras opens too."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._core.errors import ConfigError, FileFormatError, NotOfferedError

_ELSEWHERE = {
    ".h5": "for Keras's older files write the weights alone: model.save_weights('m.weights.h5')",
    ".hdf5": "for Keras's older files write the weights alone: model.save_weights('m.weights.h5')",
    ".onnx": "other formats come with a later version",
    ".pt": "PyTorch's files hold no network; pellucid.models.load_model reads .keras files",
    ".pth": "PyTorch's files hold no network; pellucid.models.load_model reads .keras files",
    ".pb": "TensorFlow's saved models are programs, not networks; save with Keras as .keras",
    ".safetensors": "weights alone: model.save_weights and model.load_weights",
}


def save_model(
    model: Any, filepath: Any, overwrite: bool = True, zipped: bool | None = None, **old: Any
) -> None:
    """Write a model to one ``.keras`` file: architecture, weights, optimiser state, vocabularies.

    Keras 3 opens the file; the numbers are the same there. It appears whole or not at all: an
    earlier file stays until then.

    Args:
        model: a model.
        filepath: ends in ``.keras``; or a file that is open for writing.
        overwrite: False refuses to replace a file.
        zipped: True; a folder in the place of a file is not written.
        **old: ``include_optimizer``, which is always so; the other arguments of Keras 2 are gone.

    Raises:
        ConfigError: another ending, a file that is there already, an argument of a layer that
            cannot be written down. FileWriteError: the place cannot be written to.

    >>> import tempfile
    >>> from pellucid import Sequential, layers
    >>> model = Sequential([layers.Input(shape=(2,)), layers.Dense(1)])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_model(model, f"{folder}/model.keras")
    ...     load_model(f"{folder}/model.keras").output_shape
    (None, 1)
    """
    from .. import __version__
    from ..network import archive

    unknown = [name for name in old if name != "include_optimizer"]
    if unknown:
        raise ConfigError(
            f"Saving takes no argument {unknown[0]!r}: the file's name says its format.",
            got=f"{unknown[0]}={old[unknown[0]]!r}",
            fix="model.save('model.keras').",
        )
    if zipped is False:
        raise NotOfferedError(
            "Models are written into one file, not into a folder.",
            got="zipped=False",
            fix="leave zipped out: model.save('model.keras').",
        )
    if not hasattr(filepath, "write"):
        filepath = _checked(filepath, "written")
        if not overwrite and Path(filepath).exists():
            raise ConfigError(
                "The model was not written: the file exists already.",
                got=filepath,
                fix="choose another name, or pass overwrite=True.",
            )
    archive.save(model, filepath, __version__)


def load_model(
    filepath: Any,
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,
    safe_mode: bool = True,
) -> Any:
    """The model of a ``.keras`` file that `save_model` or Keras 3 wrote, ready to go on training.

    Nothing in the file is run: classes and functions of your own are found by name.

    Args:
        filepath: the file, or one that is open for reading.
        custom_objects: name -> class or function of your own that the file names and that is not
            registered.
        compile: False leaves the model uncompiled.
        safe_mode: False reads the code of lambdas, which can do anything: for files you trust.

    Raises:
        NoWeightsFileError: no such file. FileFormatError: damaged, or of another kind.
        UnknownClassError: it names something that is not known here.
        WeightsDifferError: its weights are not those of its architecture, in a table.
        ConfigError: the code of a lambda in safe mode.
    """
    from ..network import archive

    if not hasattr(filepath, "read"):
        filepath = _checked(filepath, "read")
    return archive.load(filepath, custom_objects, compile, safe_mode)


def _checked(filepath: Any, verb: str) -> str:
    path = os.fspath(filepath)
    if path.endswith(".keras"):
        return path
    ending = Path(path).suffix
    if verb == "read" and os.path.isdir(path):
        raise FileFormatError(
            f"A folder is not a model's file: {path}.",
            got=path,
            expected="a file ending in '.keras'",
            fix="save the model with model.save('model.keras'), in Keras or here.",
        )
    raise ConfigError(
        f"Models are {verb} as .keras files, and the name does not say so.",
        got=repr(path),
        expected="a name ending in '.keras'",
        fix=_ELSEWHERE.get(ending) or f"use {path.rstrip('/') + '.keras'!r}.",
    )
