"""What the network is to answer: a class or a number, and how answers are written for training.

The rule, unless `task` says otherwise: a built-in data set says what it is for. In a file, texts,
true/false values, one-hot rows and whole numbers with at most 20 different values are classes;
everything else is a regression.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from .._core.errors import ConfigError, DataError
from .._core.registry import did_you_mean
from ..data import check_finite
from ..data.targets import are_few, measures_quantities
from ..losses.traits import written_traits
from .samples import Samples

TASKS = ("classification", "regression")


@dataclass(frozen=True)
class Targets:
    """How answers are encoded.

    Attributes:
        task: ``"classification"`` or ``"regression"``.
        why: what decided it, for people.
        labels: the value of each class in the data.
        class_names: its name.
        columns: of a regression: how many numbers are predicted per sample.
        mean, scale: of a regression: per number, subtracted and divided by for training.
        commonest: of classes: the number of the one with most training samples.
    """

    task: str
    why: str
    labels: tuple[Any, ...] = ()
    class_names: tuple[str, ...] = ()
    columns: int = 1
    mean: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()
    commonest: int = 0

    @property
    def outputs(self) -> int:
        """Units of the network's last layer."""
        return len(self.labels) if self.task == "classification" else self.columns

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready; `Targets.from_dict` takes it back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, saved: dict[str, Any]) -> Targets:
        """The inverse of `to_dict`."""
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in saved.items()
        }
        return cls(**values)

    def encode(self, y: np.ndarray) -> np.ndarray:
        """Answers as the network learns them: class numbers `(n,)`, or float32 `(n, columns)`.

        Raises:
            DataError: a class that was not there in training, or another number of columns.
        """
        if self.task == "regression":
            y = _as_numbers(y)
            if y.shape[1] != self.columns:
                raise DataError(
                    "The answers do not have the width that the network predicts.",
                    got=f"{y.shape[1]} numbers per sample",
                    expected=f"{self.columns}",
                    fix="pass the same kind of answers as in training.",
                )
            return y
        if one_hot := _from_one_hot(y):
            y = one_hot[0]
        numbers = {_key(label): number for number, label in enumerate(self.labels)}
        for number, name in enumerate(self.class_names):
            numbers.setdefault(name, number)
        values, inverse = np.unique(y, return_inverse=True)
        keys = [_key(value) for value in values]
        if unknown := [key for key in keys if key not in numbers]:
            names = list(map(str, self.class_names))
            raise DataError(
                f"The answers hold {unknown[0]!r}, which is none of the network's classes.",
                got=", ".join(map(repr, keys[:8])) + (", ..." if len(keys) > 8 else ""),
                expected=", ".join(map(repr, names[:8])) + (", ..." if len(names) > 8 else ""),
                fix=did_you_mean(unknown[0], numbers),
            )
        return np.asarray([numbers[key] for key in keys], np.int32)[inverse.reshape(-1)]

    def for_loss(self, y: np.ndarray, loss: str) -> np.ndarray:
        """Encoded answers as the loss called `loss` takes them: most want one-hot classes."""
        from .. import losses

        if self.task == "regression" or type(losses.as_loss(loss)).__name__.startswith("Sparse"):
            return y
        return np.eye(len(self.labels), dtype=np.float32)[y]

    def for_training(self, y: np.ndarray, loss: str) -> np.ndarray:
        """`for_loss`, with the numbers of a regression standardised."""
        if self.task == "regression":
            y = ((y - np.asarray(self.mean)) / np.asarray(self.scale)).astype(np.float32)
        return self.for_loss(y, loss)


def find_targets(samples: Samples, task: str | None = None, loss: str | None = None) -> Targets:
    """Decide what is to be predicted, and learn the classes' names.

    Args:
        samples: with targets.
        task: what the user says it is, or None.
        loss: the loss that the user asks for: one that measures distances means numbers.

    Raises:
        ConfigError: an unknown task. DataError: answers that nothing can be learned from.
    """
    if task is not None and task not in TASKS:
        raise ConfigError(
            f"There is no task called {task!r}.",
            got=repr(task),
            expected="classification or regression",
            fix=did_you_mean(task, TASKS),
        )
    y = samples.y
    if y is None:
        raise DataError(f"{samples.source} holds no answers.", fix="save y beside x.")
    if y.dtype.kind == "f":
        check_finite(y, "y")
    one_hot = _from_one_hot(y)
    if task is not None:
        why = "as `task` says"
    elif samples.task is not None:
        task, why = samples.task, f"which is what {samples.source} is for"
    else:
        task, why = _guess(y, one_hot is not None)
        asks = None if loss is None else written_traits(loss)
        counted = y.dtype.kind in "iuf" and y.ndim == 1
        if task == "classification" and counted and measures_quantities(asks):
            task, why = "regression", f"as loss={loss!r} measures numbers"
    if task == "classification":
        return _classes(samples, one_hot[0] if one_hot else y, why)
    numbers = _as_numbers(y)
    return Targets(task, why, columns=numbers.shape[1])


def learn_from(targets: Targets, y: np.ndarray) -> Targets:
    """`targets` with what the encoded training answers say: mean and scale, or the commonest class.

    Raises:
        DataError: a regression whose answers are all the same.
    """
    if targets.task == "classification":
        counts = np.bincount(y, minlength=len(targets.labels))
        return replace(targets, commonest=int(counts.argmax()))
    scale = y.std(axis=0, dtype=np.float64)
    if not scale.all():
        raise DataError(
            "The answers are all the same number, so there is nothing to learn.",
            got=f"{y[0].tolist()} in all {len(y)} training samples",
            fix="check which column or array the answers were taken from.",
        )
    mean = y.mean(axis=0, dtype=np.float64)
    return replace(targets, mean=tuple(mean.tolist()), scale=tuple(scale.tolist()))


def _guess(y: np.ndarray, one_hot: bool) -> tuple[str, str]:
    if y.dtype.kind in "UO":
        return "classification", "the answers are texts"
    if y.dtype.kind == "b":
        return "classification", "the answers are true or false"
    if one_hot:
        return "classification", "each answer is a row with a single 1"
    if y.ndim == 1 and _whole(y):
        task = "classification" if are_few(y) else "regression"
        return task, f"the answers are {len(np.unique(y))} different whole numbers"
    return "regression", "the answers are numbers"


def _whole(y: np.ndarray) -> bool:
    return y.dtype.kind in "iu" or (y.dtype.kind == "f" and bool(np.all(y == np.round(y))))


def _from_one_hot(y: np.ndarray) -> tuple[np.ndarray] | None:
    """Class numbers of rows with a single 1, in a tuple; None for anything else."""
    if y.ndim != 2 or y.shape[1] < 2 or y.dtype.kind not in "biuf":
        return None
    if not np.isin(y, (0, 1)).all() or not (y.sum(axis=1) == 1).all():
        return None
    return (y.argmax(axis=1),)


def _classes(samples: Samples, y: np.ndarray, why: str) -> Targets:
    if y.ndim != 1:
        raise DataError(
            "Each sample needs one class.",
            got=f"answers of shape {y.shape}",
            expected="one label per sample, or one row per sample with a single 1",
            fix='for numbers to be predicted pass task="regression".',
        )
    if y.dtype.kind == "f" and not _whole(y):
        raise DataError(
            "The answers are measurements, not classes.",
            got=f"numbers such as {float(y[y != np.round(y)][0]):g}",
            expected="texts or whole numbers",
            fix='pass task="regression".',
        )
    labels = [value.item() for value in np.unique(y)]
    if len(labels) == 1:
        raise DataError(
            "The samples are all of one class, so there is nothing to tell apart.",
            got=f"{labels[0]!r} in all {len(y)} samples",
            expected="at least two classes",
            fix="check which column or array the answers were taken from.",
        )
    if len(labels) > len(y) / 2:
        raise DataError(
            "Nearly every sample is a class of its own, so there is nothing to learn from.",
            got=f"{len(labels)} classes in {len(y)} samples",
            expected="several samples of each class",
            fix="check which column or array the answers were taken from"
            + ("." if y.dtype.kind in "UO" else ', or pass task="regression".'),
        )
    names = samples.class_names
    numbered = y.dtype.kind in "iuf" and labels[0] >= 0 and labels[-1] < len(names)
    if numbered:  # every class that the data set knows, also one that is not in these samples
        return Targets("classification", why, tuple(range(len(names))), tuple(names))
    if len(names) != len(labels):
        names = tuple(_key(label) for label in labels)
    return Targets("classification", why, tuple(labels), names)


def _as_numbers(y: np.ndarray) -> np.ndarray:
    """Answers of a regression, `(n, columns)` float32."""
    if y.dtype.kind not in "biuf":
        raise DataError(
            "The answers are not numbers.",
            got=f"values such as {str(y.reshape(-1)[0])!r}",
            expected="numbers, for a regression",
            fix="leave `task` out, so that texts are classes; turn dates into numbers.",
        )
    if y.ndim > 2:
        raise DataError(
            "The answers have too many dimensions.",
            got=f"shape {y.shape}",
            expected="(samples,) or (samples, columns)",
            fix="write a program with pellucid.Model for such outputs.",
        )
    check_finite(y, "y")
    return y.reshape(len(y), -1).astype(np.float32)


def _key(value: Any) -> str:
    """A label as text, the same for 3, 3.0 and "3"."""
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)
