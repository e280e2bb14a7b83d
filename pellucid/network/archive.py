"""A whole model as one ``.keras`` file: a zip of configuration, weights and vocabularies."""

from __future__ import annotations

import datetime
import io
import json
import os
import tempfile
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from .._core.custom import knowing
from .._core.errors import FileFormatError, PellucidError, PellucidWarning
from .._core.files import replacing
from .._core.settings import reading_code
from . import hdf5, reader, weights, writer
from .members import Members
from .parts import is_part, parts
from .vocabularies import with_vocabularies

SUFFIX = ".keras"
CONFIG, METADATA, WEIGHTS, ASSETS = "config.json", "metadata.json", "model.weights.h5", "assets"
OWN = "pellucid/info.json"
"""What Keras does not ask for; it leaves members alone that it does not know."""
KERAS = "3.15.1"
"""The version of Keras whose form of files this is."""
VERSION = 1
"""Of what stands in `OWN`."""


def save(model: Any, path: str | os.PathLike[str] | BinaryIO, version: str) -> None:
    """Write a model to a ``.keras`` file: it appears whole, or not at all.

    Args:
        model: with `get_config`; built, or nothing but its configuration is kept.
        path: the file, or one that is open for writing.
        version: of Pellucid.

    Raises:
        ConfigError: an argument of a layer that cannot be written down. FileWriteError: the place
            cannot be written to.
    """
    if not model.built:
        warnings.warn(
            f"{model.name!r} is not built yet: the file holds its configuration, and no weights.",
            PellucidWarning,
            stacklevel=4,
        )
    if hasattr(path, "write"):
        with tempfile.TemporaryDirectory() as folder:
            whole = Path(folder, "model.keras")
            _write(model, str(whole), version)
            path.write(whole.read_bytes())
        return
    with replacing(path) as part:
        _write(model, part, version)


def _write(model: Any, path: str, version: str) -> None:
    with writer.sharing():
        config = json.dumps(writer.written(model))
    held = f"{path}.weights"
    try:
        weights.write(model, held)
        with zipfile.ZipFile(path, "w") as file:
            file.writestr(METADATA, json.dumps({"keras_version": KERAS, "date_saved": _now()}))
            file.writestr(CONFIG, config)
            file.write(held, WEIGHTS)
            _write_assets(model, file)
            file.writestr(OWN, json.dumps(_info(model, version), indent=2))
    finally:
        Path(held).unlink(missing_ok=True)


def _now() -> str:
    return datetime.datetime.now().strftime("%Y-%m-%d@%H:%M:%S")


def _info(model: Any, version: str) -> dict[str, Any]:
    history = getattr(getattr(model, "history", None), "history", None) or {}
    return {
        "format": VERSION,
        "pellucid": version,
        "name": model.name,
        "weights": int(sum(weight.size for weight in model.weights)),
        "last_epoch": {name: float(values[-1]) for name, values in history.items() if values},
    }


def _write_assets(model: Any, file: zipfile.ZipFile) -> None:
    """What parts write into a folder of their own, by Keras's protocol `save_assets`."""
    for place, part in parts(model).items():
        save_assets = getattr(part, "save_assets", None)
        if save_assets is None:
            continue
        with tempfile.TemporaryDirectory() as folder:
            save_assets(folder)
            for found in sorted(Path(folder).rglob("*")):
                if found.is_file():
                    inner = found.relative_to(folder).as_posix()
                    file.write(found, "/".join(w for w in (ASSETS, place, inner) if w))


def load(
    path: str | os.PathLike[str] | BinaryIO,
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,
    safe_mode: bool = True,
) -> Any:
    """The model of a ``.keras`` file, Keras's or ours, with weights and optimiser state.

    Args:
        path: the file, or one that is open for reading.
        custom_objects: name -> class or function of your own that it may name.
        compile: False leaves the model uncompiled.
        safe_mode: False reads the code of lambdas, which can do anything.

    Raises:
        FileFormatError: damaged, or no such file. UnknownClassError: a class that is not known.
    """
    with Members(path) as file:
        config = file.json(CONFIG)
        if not isinstance(config, dict) or "class_name" not in config:
            raise FileFormatError(
                f"{file.shown} does not describe a model.",
                got=f"{CONFIG} without a class_name",
                fix="save the model again.",
            )
        if not compile:
            config = {key: value for key, value in config.items() if key != "compile_config"}
        with hdf5.reading(_weights_in(file), file.shown) as groups:
            config = with_vocabularies(config, file, groups)
            with knowing(custom_objects), reader.sharing(), reading_code(not safe_mode):
                model = _made(config, file.shown)
            weights.take(model, groups, file.shown)
        _load_assets(model, file)
    return model


def load_weights(model: Any, path: str | os.PathLike[str], skip_mismatch: bool = False) -> None:
    """Give a built model the weights of a ``.keras`` file."""
    weights.must_be_built(model, "load")
    with Members(path) as file, hdf5.reading(_weights_in(file), file.shown) as groups:
        weights.take(model, groups, file.shown, skip_mismatch)


def _made(config: dict[str, Any], shown: str) -> Any:
    try:
        model = reader.read(config)
        if is_part(model):
            return model
        raise TypeError(f"{type(model).__name__} is no network")
    except PellucidError:
        raise
    except Exception as error:  # of a class's own from_config, or of a file that someone changed
        raise FileFormatError(
            f"The network that {shown} describes cannot be made.",
            got=f"{type(error).__name__}: {error}",
            fix="see the error above, of the class that was to be made; or save the model again.",
        ) from error


def _load_assets(model: Any, file: Members) -> None:
    """Let parts read what they wrote into a folder of their own."""
    for place, part in parts(model).items():
        load_assets = getattr(part, "load_assets", None)
        if load_assets is None:
            continue
        with tempfile.TemporaryDirectory() as folder:
            if file.copy("/".join(word for word in (ASSETS, place) if word), folder):
                load_assets(folder)


def _weights_in(file: Members) -> BinaryIO:
    if WEIGHTS not in file:
        raise FileFormatError(
            f"{file.shown} holds no weights that can be read here.",
            got=f"no {WEIGHTS}",
            fix="save the model again, with model.save('model.keras').",
        )
    return io.BytesIO(file.read(WEIGHTS)) if file.is_packed(WEIGHTS) else file.window(WEIGHTS)
