"""Data sets from the words that describe how to make them. What cannot be had here is refused."""

from __future__ import annotations

import ast
import re
from typing import Any

import numpy as np

from .data import shared, table
from .neutral import UnknownCaseError

Arrays = tuple[Any, Any, Any, Any]
VISITS = 100_000
"""Pictures that one run may look at, all epochs together: larger sets are cut to fit."""


def load(case: dict[str, Any], units: int, loss: str) -> tuple[Arrays, str]:
    """Training and validation arrays for a case.

    Args:
        units: numbers that the network answers with.
        loss: its name, which tells how targets are written.

    Returns:
        The arrays, and a note where fewer samples were taken than described.

    Raises:
        UnknownCaseError: the data is not here and cannot be made.
    """
    dataset = case["dataset"]
    how = f"{dataset.get('how', '')}; {dataset.get('name', '')}"
    faulty = (case.get("truth") or {}).get("label") == "buggy"
    for maker in (_generated, _formula, _xor, _mnist, _bundled, _adult, _random):
        made = maker(how, faulty)
        if made is not None:
            break
    else:
        raise UnknownCaseError(f"data not here: {dataset.get('name')}")
    x, y, cut = made
    note = ""
    if x.ndim > 2 or x.shape[1] >= 500:
        room = max(2000, VISITS // max(1, case.get("epochs") or 10))
        if len(x) > room:
            note = f"{room} of {len(x)} samples"
            x, y, cut = x[:room], y[:room], room * 4 // 5
    shape = _input_shape(case)
    if shape and int(np.prod(shape)) == int(np.prod(x.shape[1:])):
        x = x.reshape(len(x), *shape)
    y = written(y, units, loss, how)
    return (x[:cut], y[:cut], x[cut:], y[cut:]), note


def _input_shape(case: dict[str, Any]) -> tuple[int, ...] | None:
    for entry in case["layers"]:
        params = entry.get("params") or {}
        for name in ("input_shape", "input_dim", "shape"):
            if params.get(name) is not None:
                given = params[name]
                return (given,) if isinstance(given, int) else tuple(given)
    return None


def written(y: Any, units: int, loss: str, how: str) -> Any:
    """Targets as the loss takes them: labels, rows with a single one, or columns."""
    whole = np.issubdtype(y.dtype, np.integer) and y.ndim == 1
    if loss.startswith("sparse"):
        return y
    if whole and ("one-hot" in how or "categorical" in loss) and units > 1:
        return np.eye(max(units, int(y.max()) + 1), dtype="float32")[y]
    return y.astype("float32").reshape(len(y), -1) if y.ndim < 3 else y


def _generated(how: str, _: bool) -> tuple | None:
    """``make_blobs(n_samples=1000, ...)`` and the like."""
    call = re.search(r"make_(\w+)\(([^)]*)\)", how)
    if not call:
        return None
    import sklearn.datasets

    maker = getattr(sklearn.datasets, f"make_{call[1]}", None)
    if maker is None:
        raise UnknownCaseError(f"unknown generator make_{call[1]}")
    options: dict[str, Any] = {}
    for part in call[2].split(","):
        name, _sign, value = part.partition("=")
        number = re.search(r"-?[\d.]+(e-?\d+)?", part)
        if value:
            options[name.strip()] = ast.literal_eval(value.strip())
        elif number and "feature" in part:
            options["n_features"] = int(number[0])
        elif number and "class" in part:
            options["n_classes"] = int(number[0])
        elif number:
            options["n_samples"] = int(float(number[0]))
    options.setdefault("random_state", 0)
    x, y = maker(**options)
    if re.search(r"min-?max", how, re.IGNORECASE):
        low, high = x.min(0), x.max(0)
        x = 2 * (x - low) / (high - low) - 1 if "-1" in how else (x - low) / (high - low)
    share = re.search(r"first (\d+) train", how)
    cut = int(share[1]) if share else len(x) * _percent(how) // 100
    return x.astype("float32"), _labels(y), cut


def _labels(y: Any) -> Any:
    return y.astype("int32") if np.issubdtype(y.dtype, np.integer) else y.astype("float32")


def _percent(how: str) -> int:
    found = re.search(r"(\d\d)\s*/\s*(\d\d)\s*split", how)
    return int(found[1]) if found else 80


def _formula(how: str, _: bool) -> tuple | None:
    """``y = 2a+b+0.5c (+ noise), 1000 uniform(0,10) rows`` or ``x=0..5 step 0.1, y=5x^2``."""
    law = re.search(r"\by\s*=\s*([0-9a-zA-Z.^+*/()\-, ]+)", how)
    if not law:
        return None
    random = np.random.default_rng(0)
    text = re.split(r",\s*\d+ |\(\+| for | where ", law[1])[0].strip().rstrip(",")
    noise = re.search(r"N\(([\d.]+),\s*([\d.]+)\)", text)
    if noise:
        text = text.replace(noise[0], "noise")
    text = re.sub(r"(\d)([a-z(])", r"\1*\2", text.replace("^", "**"))
    names = sorted(set(re.findall(r"\b[a-z]\b", text)))
    span = re.search(r"\w\s*=\s*(-?[\d.]+?)\.\.(-?[\d.]+) step ([\d.]+)", how)
    rows = re.search(r"(\d+) (?:uniform|random|normal)", how)
    limits = re.search(r"uniform\((-?[\d.]+),\s*(-?[\d.]+)\)", how)
    if span and len(names) == 1:
        start, stop, step = (float(v) for v in span.groups())
        x = np.arange(start, stop, step)[:, None]
    elif names and rows:
        low, high = (float(v) for v in limits.groups()) if limits else (0.0, 1.0)
        x = random.uniform(low, high, (int(rows[1]), len(names)))
    else:
        return None
    values = {name: x[:, i] for i, name in enumerate(names)}
    values["noise"] = random.normal(size=len(x))
    try:
        y = eval(compile(_arithmetic(text), "law", "eval"), {"__builtins__": {}}, values)
    except (SyntaxError, NameError, TypeError, ValueError) as error:
        raise UnknownCaseError(f"cannot read the law {text!r}") from error
    order = random.permutation(len(x))
    return x[order].astype("float32"), np.asarray(y)[order].astype("float32"), len(x) * 4 // 5


def _arithmetic(text: str) -> ast.Expression:
    """The parsed formula, if it is only sums, products and powers of names and numbers."""
    tree = ast.parse(text, mode="eval")
    allowed = (
        ast.Expression, ast.BinOp, ast.UnaryOp, ast.Name, ast.Load, ast.Constant, ast.operator,
        ast.unaryop,
    )  # fmt: skip
    if not all(isinstance(node, allowed) for node in ast.walk(tree)):
        raise ValueError(text)
    return tree


def _xor(how: str, _: bool) -> tuple | None:
    if "xor" not in how.lower():
        return None
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32")
    rows = re.search(r"(\d+) (?:rows|samples)", how)
    count = int(rows[1]) if rows else 4
    x = np.resize(x, (count, 2))
    return x, (x[:, 0] != x[:, 1]).astype("int32"), count


def _mnist(how: str, faulty: bool) -> tuple | None:
    if "mnist" not in how.lower():
        return None
    from benchmarks.data import mnist_files

    fashion = "fashion" in how.lower()
    if fashion or shared("mnist") is None:
        raise UnknownCaseError("data not here: " + ("fashion_mnist" if fashion else "mnist"))
    (x, y), (x_val, y_val) = mnist_files()
    x, y = np.concatenate([x, x_val]).astype("float32"), np.concatenate([y, y_val])
    raw = re.search(r"not scaled|unscaled|0\.\.255", how)
    x = x if raw else x / 255
    rows = re.search(r"first (\d+) rows", how)
    if rows:
        x, y = x[: int(rows[1])], y[: int(rows[1])]
    x = x.reshape(len(x), -1) if re.search(r"flat|CSV", how) else x[..., None]
    if "labels ALSO divided" in how and faulty:
        return x, (y / 255).astype("float32"), len(x) * 6 // 7
    return x, y.astype("int32"), len(x) * 6 // 7


def _bundled(how: str, _: bool) -> tuple | None:
    """What scikit-learn or the shared tables have."""
    import sklearn.datasets

    lower = how.lower().replace("_", " ")
    for name in ("iris", "breast cancer", "digits", "diabetes", "wine"):
        if re.search(rf"\b{name}\b", lower) and "pima" not in lower and "quality" not in lower:
            x, y = getattr(sklearn.datasets, f"load_{name.replace(' ', '_')}")(return_X_y=True)
            order = np.random.default_rng(2).permutation(len(x))
            return x[order].astype("float32"), _labels(y)[order], len(x) * _percent(how) // 100
    if "pima" in lower:
        rows = table("pima-indians-diabetes.csv").astype("float32")
        return rows[:, :-1], rows[:, -1].astype("int32"), len(rows) * _percent(how) // 100
    return None


def _adult(how: str, _: bool) -> tuple | None:
    """Census income, every word replaced by its number."""
    if "adult" not in how.lower():
        return None
    if shared("tables") is None:
        raise UnknownCaseError("data not here: adult")
    rows = table("adult-train.csv")
    columns = []
    for column in rows.T:
        try:
            columns.append(column.astype("float32"))
        except ValueError:
            columns.append(np.unique(column, return_inverse=True)[1].astype("float32"))
    x = np.stack(columns, 1)
    return x[:, :-1], x[:, -1].astype("int32"), len(x) * 4 // 5


def _random(how: str, _: bool) -> tuple | None:
    """Numbers without a law, and the mean of pairs."""
    random = np.random.default_rng(0)
    pairs = re.search(r"(\d+) random pairs and their mean", how)
    if pairs:
        x = random.random((int(pairs[1]), 2)).astype("float32")
        return x, x.mean(1), len(x) * 4 // 5
    noise = re.search(r"x\s*,\s*y uniform random \(([\d, ]+)\)", how)
    if noise:
        shape = tuple(int(v) for v in noise[1].split(","))
        x, y = random.random(shape), random.random(shape)
        return x.astype("float32"), y.astype("float32"), len(x) * 4 // 5
    return None
