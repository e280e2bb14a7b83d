"""Results on data that was not trained on, next to what the simplest possible answer gets."""

from __future__ import annotations

from typing import Any

import numpy as np

from .samples import Pair
from .targets import Targets


def measure(model: Any, part: Pair, targets: Targets, loss: str) -> dict[str, float]:
    """Loss and metrics of a run's model on a part of the data.

    Args:
        model: in the data's own units, compiled.
        part: `(x, y)`, y encoded by `targets`.
        targets: what the answers mean.
        loss: the name that the model was compiled with.

    Returns:
        `loss` and `accuracy`; or, in the data's own units, `loss`, `mae`, `rmse` and `r2`.
    """
    x, y = part
    logs = model.evaluate(
        x, targets.for_loss(y, loss), batch_size=1024, verbose=0, return_dict=True
    )
    return {{"r2_score": "r2"}.get(name, name): float(value) for name, value in logs.items()}


def baseline(y: np.ndarray, targets: Targets) -> dict[str, Any]:
    """What always giving the training data's commonest class, or its mean, gets on encoded `y`."""
    if targets.task == "classification":
        return {
            "what": f"always {targets.class_names[targets.commonest]!r}",
            "accuracy": float(np.mean(y == targets.commonest)),
        }
    error = y.astype(np.float64) - np.asarray(targets.mean)  # (n, columns)
    spread = np.sum((y - y.mean(axis=0, dtype=np.float64)) ** 2, axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        r2 = 1 - np.sum(error**2, axis=0) / spread
    return {
        "what": "always the mean",
        "mae": float(np.mean(np.abs(error))),
        "rmse": float(np.sqrt(np.mean(error**2))),
        "r2": float(np.mean(r2)),
    }


def by_class(predicted: np.ndarray, y: np.ndarray, targets: Targets) -> list[dict[str, Any]]:
    """For each class: its samples, the share found, and what it is most often taken for.

    Args:
        predicted, y: class numbers `(n,)`.

    >>> two = Targets("classification", "", (0, 1), ("cat", "dog"))
    >>> by_class(np.array([0, 1, 1]), np.array([0, 0, 1]), two)[0]
    {'class': 'cat', 'samples': 2, 'found': 0.5, 'taken_for': 'dog'}
    """
    rows = []
    for number, name in enumerate(targets.class_names):
        answers = predicted[y == number]
        if not len(answers):
            rows.append({"class": name, "samples": 0, "found": None, "taken_for": None})
            continue
        counts = np.bincount(answers, minlength=len(targets.class_names))
        found = counts[number] / len(answers)
        counts[number] = 0
        wrong = targets.class_names[int(counts.argmax())] if counts.any() else None
        rows.append(
            {"class": name, "samples": len(answers), "found": float(found), "taken_for": wrong}
        )
    return rows
