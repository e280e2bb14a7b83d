"""Data frames and series of any library, through narwhals, as NumPy arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._core.errors import DataError


def from_frame(value: Any, name: str) -> tuple[np.ndarray, tuple[str, ...]] | None:
    """A data frame as `(rows, columns)`, a series as `(rows,)`; None for anything else.

    A frame with any float column becomes float32; one of integers (or booleans) alone keeps them.

    Returns:
        The array and the columns' names, or None.

    Raises:
        DataError: a column of text, categories, dates or objects, by name.
    """
    import narwhals as nw

    try:
        frame = nw.from_native(value, pass_through=True, allow_series=True)
        if isinstance(frame, nw.LazyFrame):
            frame = frame.collect()
        if isinstance(frame, nw.Series):
            series = _column(frame, name, str(frame.name or name), nw)
            return series, ((str(frame.name),) if frame.name else ())
        if not isinstance(frame, nw.DataFrame):
            return None
        names = tuple(str(column) for column in frame.columns)
        kinds = set(frame.schema.values())
        if len(kinds) == 1 and kinds.pop().is_float():  # one block: no need to go by columns
            return frame.to_numpy(), names
        columns = [
            _column(frame.get_column(column), name, str(column), nw) for column in frame.columns
        ]
    except nw.exceptions.DuplicateError as error:
        raise DataError(
            f"{name} has several columns of one name.",
            got=str(error).splitlines()[0],
            fix="rename or drop the repeated columns.",
        ) from error
    if not columns:
        raise DataError(
            f"{name} is a table without columns.",
            got=f"{len(frame)} rows, 0 columns",
            fix="check the selection that made it, for example df[['a', 'b']].",
        )
    common = np.result_type(*columns)
    wanted = np.float32 if common.kind == "f" else common
    table = np.empty((len(frame), len(columns)), wanted)  # (rows, columns)
    with np.errstate(over="ignore"):  # what becomes infinite is found by check_finite
        for i, column in enumerate(columns):
            table[:, i] = column
    return table, names


def _column(series: Any, table: str, column: str, nw: Any) -> np.ndarray:
    """One column as numbers; a missing value becomes NaN."""
    dtype = series.dtype
    if dtype.is_numeric() or dtype == nw.Boolean:
        if series.null_count() and not dtype.is_float():
            # pyarrow has no cast from booleans to floats
            series = series.cast(nw.Int8) if dtype == nw.Boolean else series
            series = series.cast(nw.Float64)
        array = series.to_numpy()
        return array.astype(np.float64) if array.dtype == object else array
    where = f"The column {column!r} of {table}" if column != table else f"{table}"
    if dtype in (nw.String, nw.Categorical) or isinstance(dtype, nw.Enum):
        fix = (
            f"number its categories (np.unique(column, return_inverse=True)), one-hot encode it "
            f"(sklearn.preprocessing.OneHotEncoder), or drop it: df.drop(columns=[{column!r}])."
        )
    elif dtype.is_temporal():
        fix = "turn it into numbers, for example days since its first date, or drop it."
    else:
        fix = "convert it to numbers, for example pandas.to_numeric(df[column]), or drop it."
    first = next((v for v in series.head(20).to_list() if v is not None), None)
    raise DataError(
        f"{where} does not hold numbers.",
        got=f"{dtype} values" + (f" such as {first!r}" if first is not None else ""),
        expected="numbers or booleans",
        fix=fix,
    )
