"""What to learn from: a built-in data set, or an `.npz` or `.csv` file, as arrays with names."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .._core.errors import DataError, FileFormatError, UnknownNameError
from ..data import builtin, check_finite, check_lengths, load_npz
from ..data.arrays import to_array
from . import tables

Pair = tuple[np.ndarray, np.ndarray]
TEXTS = ("imdb", "reuters")  # built-in, but not rows of one length


@dataclass(frozen=True)
class Samples:
    """Samples and what is known about them.

    Attributes:
        source: the name or path as the user gave it.
        kind: ``"built-in"``, ``"npz"`` or ``"csv"``.
        x: `(samples, ...)`.
        y: `(samples, ...)`, or None where the file holds no targets.
        held_out: the test part that the data came with, or None.
        task: what the data set says it is for, or None.
        class_names, feature_names: as far as they are known.
        value_range: lowest and highest value of a picture's pixels, or None.
        target: the column of a table that was taken as target, or None.
        kept: columns of a table that were asked for as they are: a key, say.
        ignored: columns of a table that the network does not know.
    """

    source: str
    kind: str
    x: np.ndarray
    y: np.ndarray | None
    held_out: Pair | None = None
    task: str | None = None
    class_names: tuple[str, ...] = ()
    feature_names: tuple[str, ...] = ()
    value_range: tuple[float, float] | None = None
    target: str | None = None
    kept: dict[str, list[Any]] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()

    @property
    def test_part(self) -> Samples:
        """The held-out samples alone; all of them where the data came without a test part."""
        if self.held_out is None:
            return self
        from dataclasses import replace

        return replace(self, x=self.held_out[0], y=self.held_out[1], held_out=None)


def known_names() -> list[str]:
    """Built-in data sets whose samples are rows of one length."""
    return [name for name in builtin.names() if name not in TEXTS]


def is_file_name(source: str) -> bool:
    """Whether `source` means a file rather than a built-in data set."""
    return (
        source.lower().endswith((".npz", ".csv", ".npy", ".tsv", ".txt", ".json", ".parquet"))
        or any(mark in source for mark in ("/", os.sep))
        or Path(source).is_file()
    )


def read_samples(
    source: str,
    *,
    target: str | None = None,
    data_dir: str | None = None,
    columns: tuple[str, ...] = (),
    needs_targets: bool = True,
    keep: tuple[str, ...] = (),
) -> Samples:
    """Read a data set by name, or a file.

    Args:
        source: name of a built-in data set; path of an `.npz` or `.csv` file; ``"-"`` for a table
            on standard input.
        target: of a table: the column with the answers.
        data_dir: folder with the files of a built-in data set that is downloaded otherwise.
        columns: of a table: the features that a trained network takes, in its order.
        needs_targets: False to predict.
        keep: of a table: columns to hand over as they are.

    Raises:
        UnknownNameError: neither a data set nor a file.
        DataError, FileFormatError: nothing that a network can learn from, damaged, or empty.
    """
    if not source:
        raise UnknownNameError(
            "There is no data set without a name.",
            got=repr(source),
            expected="the name of a built-in data set, or the path of an .npz or .csv file",
            fix="name a built-in one: source='digits', say.",
        )
    if source == "-" or source.lower().endswith(".csv"):
        samples = _from_table(source, target, columns, needs_targets, keep)
    elif not is_file_name(source):
        samples = _built_in(source, data_dir)
    elif source.lower().endswith(".npz") or Path(source).is_file():
        samples = _from_npz(source, needs_targets)
    else:
        raise DataError(
            f"There is no file {source}.",
            got=source,
            expected="a path to an .npz or .csv file, or the name of a built-in data set",
            fix="check the path; an .npz file is written by np.savez('data.npz', x=x, y=y).",
        )
    check_lengths(source, x=samples.x, y=samples.y)
    check_finite(samples.x, "x", {"x": samples.feature_names})
    if samples.held_out is not None:
        check_lengths(f"the test part of {source}", x=samples.held_out[0], y=samples.held_out[1])
        check_finite(samples.held_out[0], "x_test")
    return samples


def _built_in(name: str, data_dir: str | None) -> Samples:
    known = known_names()
    name = name.replace("-", "_")
    if name in TEXTS:
        raise DataError(
            f"{name} holds texts of different lengths, which this command cannot train on.",
            got=repr(name),
            expected="tables and pictures: rows of one length",
            fix="take another data set: " + ", ".join(known) + ".",
        )
    if name not in known:
        nearby = sorted(path.name for path in Path().glob("*.npz"))
        close = difflib.get_close_matches(name, [*known, *nearby], n=3, cutoff=0.6)
        raise UnknownNameError(
            f"There is no data set called {name!r}, nor a file of that name.",
            got=repr(name),
            expected="one of " + ", ".join(known) + "; or a path to an .npz or .csv file",
            fix=f"did you mean {' or '.join(map(repr, close))}?"
            if close
            else "try the handwritten digits: source='digits'.",
        )
    module = builtin.get(name)
    (x, y), held_out = builtin.load(name, data_dir)
    return Samples(
        name,
        "built-in",
        x,
        _answers(y),
        (held_out[0], _answers(held_out[1])),
        getattr(module, "TASK", None),
        tuple(getattr(module, "class_names", ())),
        tuple(getattr(module, "feature_names", ())),
        getattr(module, "VALUE_RANGE", None),
    )


def _from_npz(source: str, needs_targets: bool) -> Samples:
    arrays = load_npz(source)
    by_key = {key.lower(): key for key in arrays}

    def take(*names: str) -> np.ndarray | None:
        return next((arrays[by_key[name]] for name in names if name in by_key), None)

    x, y = take("x", "x_train"), take("y", "y_train")
    x_test, y_test = take("x_test"), take("y_test")
    if not needs_targets:  # to predict: the samples meant for it, whatever else there is
        x, y, x_test = take("x", "x_test", "x_train"), None, None
    if x is None or (y is None and needs_targets):
        missing = "x" if x is None else "y"
        raise FileFormatError(
            f"{source} has no array {missing!r}.",
            got="arrays " + ", ".join(map(repr, arrays)),
            expected="'x' and 'y', or 'x_train', 'y_train', 'x_test', 'y_test'"
            if needs_targets
            else "'x'",
            fix="save it under these names: np.savez('data.npz', x=x, y=y)."
            if needs_targets
            else "save it under this name: np.savez('data.npz', x=x).",
        )
    held_out = None
    if x_test is not None and y_test is not None:
        held_out = (_features(x_test, "x_test"), _answers(y_test))
    return Samples(
        source,
        "npz",
        _features(x, "x"),
        None if y is None else _answers(y),
        held_out,
        class_names=_texts(take("class_names")),
        feature_names=_texts(take("feature_names")),
    )


def _from_table(
    source: str,
    target: str | None,
    columns: tuple[str, ...],
    needs_targets: bool,
    keep: tuple[str, ...],
) -> Samples:
    table = tables.read_table(source)
    kept = tables.kept_columns(table, source, keep)
    names, x, y, target = tables.split_columns(table, source, target, columns, needs_targets)
    known = {*names, *keep, target}
    ignored = tuple(name for name in table.columns if name not in known) if columns else ()
    return Samples(
        source, "csv", x, y, feature_names=names, target=target, kept=kept, ignored=ignored
    )


def _features(value: Any, name: str) -> np.ndarray:
    x = np.asarray(to_array(value, name))
    return x[:, None] if x.ndim == 1 else x


def _answers(value: np.ndarray) -> np.ndarray:
    """Targets as they are; texts stay texts, and are numbered later."""
    if value.dtype.kind == "S":
        value = np.char.decode(value, "utf-8", "replace")
    y = value if value.dtype.kind == "U" else np.asarray(to_array(value, "y"))
    return y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y


def _texts(value: np.ndarray | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(str(text) for text in np.atleast_1d(value).ravel())
