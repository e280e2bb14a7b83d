"""What the network is given: missing numbers, scale, columns that say nothing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...record.schema import ArrayRecord, RunRecord
from ..change import Change
from ..explaining import explains
from ..finding import Evidence, Finding, Where
from ..network import is_known, same_for_all
from ..rule import rule

LARGE = 10.0, 50.0  # mean or standard deviation: remark, warning
TINY = 0.02  # the largest number
SPREADS = 1000.0  # widest column over narrowest
OTHER_SCALE = 20.0  # validation over training, or the reverse
OUTLIERS = 50.0  # range over standard deviation, from which a scale is that of a few numbers
FEW_COLUMNS = 50  # up to so many, each is worth naming


@rule("nonfinite-data", "data", risk=False, explains=explains(1.0, 1.0, 1.0, 1.0))
def nonfinite_data(record: RunRecord) -> Iterator[Finding]:
    """NaN or infinite numbers in inputs or targets."""
    data = record.data
    places = [
        *(("input", "training", name, array) for name, array in data.inputs.items()),
        *(("output", "training", name, target.array) for name, target in data.targets.items()),
        *(("input", "validation", name, array) for name, array in data.validation_inputs.items()),
        *(("output", "validation", n, t.array) for n, t in data.validation_targets.items()),
    ]
    for kind, part, name, array in places:
        if not array.nonfinite or (kind == "output" and not _read_as_it_is(record, name)):
            continue
        # A network that fills the gaps itself has trained on them, and no loss was NaN.
        harmless = part == "training" and len(record.epochs) > 0 and record.bad_step < 0
        where = Where(input=name) if kind == "input" else Where(output=name)
        yield Finding(
            "nonfinite-data",
            f"The {part} {'inputs' if kind == 'input' else 'targets'} {name!r} hold "
            f"{array.nonfinite:,} NaN or infinite number{'' if array.nonfinite == 1 else 's'}.",
            "remark" if harmless else "problem",
            where=where,
            evidence=(Evidence("numbers that are not finite", array.nonfinite, 0),),
            why="Every loss was finite all the same: the network seems to fill the gaps itself."
            if harmless
            else "One NaN makes the loss of its batch NaN, that makes every gradient NaN, and the "
            "update every weight."
            if part == "training"
            else "The validation loss will be NaN, and early stopping cannot work.",
            fix="Drop those samples, or fill the gaps:\n"
            f"    keep = np.isfinite({'x' if kind == 'input' else 'y'})"
            f".reshape(len({'x' if kind == 'input' else 'y'}), -1).all(axis=1)\n"
            "    x, y = x[keep], y[keep]",
            changes=(Change("drop_rows", arguments={"which": "nonfinite"}),),
        )


def _read_as_it_is(record: RunRecord, name: str) -> bool:
    """Whether the loss on an output is one that knows no gaps: one's own may leave them out."""
    return any(o.name == name and is_known(o) for o in record.outputs)


def _scaled_here(array: ArrayRecord) -> bool:
    """Whether the raw scale of an input can matter at all."""
    numbers = array.mean is not None and array.std is not None and array.samples > 1
    return numbers and not array.embedded and not array.normalized


@rule("unscaled-inputs", "data", ("inputs",), explains=explains(0.75, 0.7, 0.85, 0.7))
def unscaled_inputs(record: RunRecord) -> Iterator[Finding]:
    """Inputs far larger than 1 go into the network as they are."""
    for name, array in record.data.inputs.items():
        if not _scaled_here(array) or array.mean is None or array.std is None:
            continue
        scale, column = max(abs(array.mean), array.std), None
        if array.column_std is not None and array.column_mean is not None:
            scales = np.maximum(np.abs(array.column_mean), array.column_std)
            scales = np.where(np.isfinite(scales), scales, 0.0)
            if len(scales) and float(scales.max()) > scale:
                scale, column = float(scales.max()), int(scales.argmax())
        if scale < LARGE[0]:
            continue
        # A few rare large columns among many tame ones matter less than all being large.
        pixels = (
            len(array.shape) >= 1
            and array.minimum is not None
            and array.maximum is not None
            and array.minimum >= 0
            and 100 < array.maximum <= 255
            and array.integers
        )
        named = None if column is None else _column(array, column)
        low, high = array.minimum, array.maximum
        if column is not None and array.column_minimum is not None:
            low = float(array.column_minimum[column])
        if column is not None and array.column_maximum is not None:
            high = float(array.column_maximum[column])
        if low is None or high is None:
            continue
        yield Finding(
            "unscaled-inputs",
            f"The input {name!r} holds pixels from 0 to {array.maximum:g} as they are."
            if pixels
            else f"The input {name!r} is not scaled: "
            + (f"column {named} holds " if named is not None else "")
            + f"numbers from {low:.4g} to {high:.4g}.",
            "warning" if scale >= LARGE[1] else "remark",
            where=Where(input=name, column=named),
            evidence=(
                Evidence(
                    "scale of the input" if named is None else f"scale of column {named}",
                    scale,
                    LARGE[0],
                ),
            ),
            why="Initial weights and learning rates are made for numbers near 1. Larger ones make "
            "large activations and gradients: saturated or dead units, jumps, a slow start.",
            fix=(
                "    x = x / 255"
                if pixels
                else "Put a layer that scales in front:\n"
                "    scale = layers.Normalization()\n"
                "    scale.adapt(x_train)"
            ),
            confidence=float(np.clip(0.35 + 0.3 * np.log10(scale / 10), 0.35, 0.95)),
            changes=(
                Change("add_scaling", name, {"how": "divide", "factor": 255.0})
                if pixels
                else Change("add_scaling", name, {"how": "standardize"}),
            ),
        )


@rule("tiny-inputs", "data", ("inputs",), explains=explains(0.7, 0.8))
def tiny_inputs(record: RunRecord) -> Iterator[Finding]:
    """Inputs so small that every sample looks the same; divided by 255 twice, perhaps."""
    for name, array in record.data.inputs.items():
        if not _scaled_here(array) or array.minimum is None or array.maximum is None:
            continue
        largest = max(abs(array.minimum), abs(array.maximum))
        if not 0 < largest < TINY:
            continue
        twice = 0.9 / 255 < largest <= 1 / 255 + 1e-6
        yield Finding(
            "tiny-inputs",
            f"The largest number in the input {name!r} is {largest:.3g}"
            + (", as if it had been divided by 255 twice." if twice else "."),
            "warning",
            where=Where(input=name),
            evidence=(Evidence("largest number", largest, TINY),),
            why="Initial weights are made for numbers near 1. From tiny ones every unit gets "
            "nearly nothing but its bias, and the weights get tiny gradients.",
            fix="Divide only once:\n    x = pixels / 255"
            if twice
            else "    x = (x - x.mean(axis=0)) / x.std(axis=0)",
            confidence=0.9 if twice else 0.75,
            changes=(Change("add_scaling", name, {"how": "standardize"}),),
        )


@rule("columns-of-different-scale", "data", ("inputs",), explains=explains(0.4, 0.6, 0.3, 0.4))
def columns_of_different_scale(record: RunRecord) -> Iterator[Finding]:
    """Some columns vary a thousand times more than others."""
    for name, array in record.data.inputs.items():
        if not _scaled_here(array) or array.column_std is None:
            continue
        std = np.asarray(array.column_std, np.float64)
        use = np.isfinite(std) & (std > 0)
        if array.column_minimum is not None and array.column_maximum is not None:
            flags = (np.asarray(array.column_minimum) == 0) & (
                np.asarray(array.column_maximum) == 1
            )
            use &= ~flags  # a rare yes varies little, and is no matter of units
        if use.sum() < 2 or std[use].max() / std[use].min() <= SPREADS:
            continue
        wide = int(np.flatnonzero(use)[std[use].argmax()])
        narrow = int(np.flatnonzero(use)[std[use].argmin()])
        ratio = float(std[wide] / std[narrow])
        yield Finding(
            "columns-of-different-scale",
            f"Column {_column(array, wide)} of {name!r} varies {ratio:,.0f} times more than column "
            f"{_column(array, narrow)}.",
            "remark",
            where=Where(input=name, column=_column(array, wide)),
            evidence=(
                Evidence("widest standard deviation over narrowest", ratio, SPREADS),
                Evidence(f"of column {_column(array, wide)}", float(std[wide])),
                Evidence(f"of column {_column(array, narrow)}", float(std[narrow])),
            ),
            why="The network sees the wide columns only: the narrow ones need weights a thousand "
            "times larger, which take as many times longer to learn.",
            fix="Put a layer that scales each column in front:\n"
            "    scale = layers.Normalization()\n"
            "    scale.adapt(x_train)",
            confidence=0.7,
            changes=(Change("add_scaling", name, {"how": "standardize"}),),
        )


@rule("constant-inputs", "data", ("inputs",), risk=False, explains=explains(1.0, 0.5))
def constant_inputs(record: RunRecord) -> Iterator[Finding]:
    """An input, or some of its columns, is the same in every sample."""
    for name, array in record.data.inputs.items():
        if array.samples < 2 or array.minimum is None or array.nonfinite:
            continue
        if same_for_all(record, array):
            alone = len(record.data.inputs) == 1
            yield Finding(
                "constant-inputs",
                f"Every number in the input {name!r} is {array.minimum + 0.0:g}."
                if array.minimum == array.maximum
                else f"Every sample of the input {name!r} is the same.",
                "problem" if alone else "warning",
                where=Where(input=name),
                evidence=(Evidence("standard deviation over the samples", 0.0, 0.0),),
                why="The network cannot tell one sample from another.",
                fix="Look how the array was made. Bytes divided as whole numbers give zeros:\n"
                '    x = pixels.astype("float32") / 255  # not pixels // 255',
            )
        elif array.column_std is not None and 1 < len(array.column_std) <= FEW_COLUMNS:
            same = np.flatnonzero(np.asarray(array.column_std) == 0)
            if not len(same):
                continue
            names = ", ".join(_column(array, int(column)) for column in same[:5])
            yield Finding(
                "constant-inputs",
                f"{len(same)} of {len(array.column_std)} columns of {name!r} never change: "
                f"{names}.",
                "remark",
                where=Where(input=name, column=_column(array, int(same[0]))),
                evidence=(Evidence("columns that never change", len(same), 0),),
                why="They say nothing about a sample; if one should, it was read wrongly.",
                fix="Look how they were read, or drop them:\n    x = x[:, x.std(axis=0) > 0]",
                confidence=0.3,
            )


@rule("validation-scaled-differently", "data", ("inputs", "validation"), risk=False,
      explains=explains(generalise=1.0))  # fmt: skip
def validation_scaled_differently(record: RunRecord) -> Iterator[Finding]:
    """Validation inputs have another scale than training inputs: one of them was not scaled."""
    for name, held_out in record.data.validation_inputs.items():
        array = record.data.inputs.get(name)
        if array is None or array.embedded or min(array.samples, held_out.samples) < 10:
            continue
        one, other = _size(array), _size(held_out)
        if not one or not other or max(one, other) / min(one, other) <= OTHER_SCALE:
            continue
        ratio = other / one
        larger = held_out if ratio > 1 else array
        if larger.minimum is None or larger.maximum is None or not larger.std:
            continue
        outliers = (larger.maximum - larger.minimum) / larger.std > OUTLIERS
        yield Finding(
            "validation-scaled-differently",
            f"The validation inputs {name!r} are {ratio:,.4g} times as large as the training "
            "inputs.",
            "warning" if outliers else "problem",
            where=Where(input=name),
            evidence=(
                Evidence("scale in training", one),
                Evidence("scale in validation", other),
                Evidence("ratio", ratio, OTHER_SCALE if ratio > 1 else 1 / OTHER_SCALE),
            ),
            why="The network is asked about numbers of a kind that it has never seen; its "
            "validation figures say nothing.",
            fix="Scale both in the same way, with figures from the training data:\n"
            "    mean, std = x_train.mean(0), x_train.std(0)\n"
            "    x_train, x_val = (x_train - mean) / std, (x_val - mean) / std",
            confidence=0.5 if outliers else 0.97,
        )


def _size(array: ArrayRecord) -> float:
    """The root mean square."""
    if array.mean is None or array.std is None:
        return 0.0
    return float(np.hypot(array.mean, array.std))


def _column(array: ArrayRecord, index: int) -> str:
    return array.column_names[index] if array.column_names else str(index)
