"""Tables in CSV files: reading them, and matching their columns with what a network takes."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from .._core.errors import DataError, FileFormatError, UnknownNameError
from .._core.registry import did_you_mean


def read_table(source: str) -> Any:
    """A CSV file, or standard input for ``"-"``, as a polars data frame.

    A first line of numbers alone is data: the columns are then called column_1, column_2, ...

    Raises:
        DataError: no such file, or no rows. FileFormatError: not a table.
    """
    import io

    import polars as pl

    what = "standard input" if source == "-" else source
    try:
        if source == "-":
            content = sys.stdin.buffer.read()
        else:
            with open(source, "rb") as stream:
                content = stream.read()
    except OSError as error:
        raise DataError(
            f"{source} cannot be read.",
            got=error.strerror or str(error),
            expected="a CSV file with a line of column names first",
            fix="check the path.",
        ) from error
    if not content.strip():
        raise DataError(
            f"{what} is empty.",
            got=f"{len(content)} bytes",
            expected="a line of column names, then one line per sample",
            fix="check how the file was written.",
        )
    first = content.lstrip().splitlines()[0].decode("utf-8", "replace")
    headless = all(_is_number(cell) for cell in first.split(","))
    try:
        table = pl.read_csv(io.BytesIO(content), has_header=not headless, infer_schema_length=None)
    except pl.exceptions.PolarsError as error:
        raise FileFormatError(
            f"{what} is not a table that can be read.",
            got=str(error).splitlines()[0],
            expected="values separated by commas, the same number in every line",
            fix="save it again as CSV with commas and UTF-8.",
        ) from error
    if not table.height:
        raise DataError(
            f"{what} has column names but no rows.",
            got=f"{table.width} columns, 0 rows",
            expected="at least one line after the column names",
            fix="check how the file was written.",
        )
    return table


def _is_number(cell: str) -> bool:
    try:
        float(cell.strip().strip('"'))
    except ValueError:
        return False
    return True


def split_columns(
    table: Any, source: str, target: str | None, columns: tuple[str, ...], needs_targets: bool
) -> tuple[tuple[str, ...], np.ndarray, np.ndarray | None, str | None]:
    """Features and answers of a table: `(feature names, x, y, name of the target)`.

    Args:
        table: from `read_table`.
        source: its name in messages.
        target: the column with the answers.
        columns: the features that a network was trained on; empty when it is yet to be trained,
            or was trained on arrays whose columns have no names.
        needs_targets: whether the answers are needed; without, their column is left aside.

    Raises:
        UnknownNameError, DataError: columns that are missing, too many, or not numbers.
    """
    names = list(table.columns)
    what = "the table on standard input" if source == "-" else source
    if needs_targets and target is None:
        extra = [name for name in names if name not in columns]
        if columns and len(extra) == 1:
            target = extra[0]
        else:
            raise DataError(
                f"Which column of {what} holds the answers is not known.",
                got="columns " + _listed(names),
                expected="the name of the column to be predicted",
                fix=f"pass target={(extra or names)[-1]!r}, say.",
            )
    if needs_targets and target not in names:
        raise UnknownNameError(
            f"{what} has no column {target!r}.",
            got="columns " + _listed(names),
            expected=f"a column {target!r} with the answers",
            fix=did_you_mean(str(target), names),
        )
    features = [name for name in names if name != target or target in columns]
    if columns:
        if missing := [name for name in columns if name not in features]:
            raise DataError(
                f"{what} lacks {_columns(missing)} that the network was trained on.",
                got="columns " + _listed(names),
                expected="columns " + _listed(columns),
                fix="add it, or rename the column that holds it.",
            )
        features = list(columns)
    x = _numbers(table, features, what)
    y = None
    if needs_targets:
        answers = table.get_column(target)
        if answers.null_count():
            raise DataError(
                f"{answers.null_count()} of {len(answers)} answers in the column {target!r} of "
                f"{what} are missing.",
                got=f"the first in row {int(answers.is_null().arg_max() or 0)}",
                fix="drop those rows.",
            )
        y = answers.to_numpy()
        y = y.astype(str) if y.dtype == object else y
    return tuple(features), x, y, target


def kept_columns(table: Any, source: str, keep: tuple[str, ...]) -> dict[str, list[Any]]:
    """Columns of a table as they are, by name.

    Raises:
        UnknownNameError: there is no such column.
    """
    for name in keep:
        if name not in table.columns:
            raise UnknownNameError(
                f"{'the table on standard input' if source == '-' else source} has no column "
                f"{name!r} to keep.",
                got="columns " + _listed(table.columns),
                fix=did_you_mean(name, table.columns),
            )
    return {name: table.get_column(name).to_list() for name in keep}


def _numbers(table: Any, features: list[str], what: str) -> np.ndarray:
    from ..data.frames import from_frame

    converted = from_frame(table.select(features), what)
    if converted is None:
        raise DataError(f"{what} has no columns to learn from.", fix="add some besides the target.")
    return converted[0]


def _columns(names: list[str]) -> str:
    return ("the column " if len(names) == 1 else "the columns ") + _listed(names)


def _listed(names: Any) -> str:
    names = list(names)
    return ", ".join(map(repr, names[:8])) + (f", ... ({len(names)})" if len(names) > 8 else "")
