"""The best answer that looks at no input, and what it loses: what any network has to beat."""

from __future__ import annotations

from typing import Any

import numpy as np

_CLASSES = ("sparse_categorical_crossentropy", "categorical_crossentropy")
_TINY = 1e-12


def best_constant_loss(
    name: str | None,
    config: dict[str, Any],
    targets: np.ndarray,
    weights: np.ndarray | None = None,
    loss: Any = None,
) -> float | None:
    """The mean loss of the best constant answer.

    Args:
        name: of the loss, snake case.
        config: its arguments.
        targets: (samples,) class numbers for the sparse loss, else (samples, ...).
        weights: (samples,) of the samples in the loss, or None.
        loss: the loss itself, asked where there is no formula; `targets` then have the
            predictions' shape.

    Returns:
        None where it cannot be said.

    >>> round(best_constant_loss("mean_squared_error", {}, np.array([[0.0], [2.0]])), 6)
    1.0
    >>> round(best_constant_loss("sparse_categorical_crossentropy", {}, np.array([0, 1])), 6)
    0.693147
    """
    reduction = config.get("reduction", "sum_over_batch_size")
    if name is None or not len(targets) or not np.isfinite(targets).all():
        return None
    if reduction not in ("sum_over_batch_size", "mean", "mean_with_sample_weight"):
        return None
    if weights is None:
        given = np.ones(len(targets))
    else:
        given = np.asarray(weights, np.float64).reshape(len(targets), -1).mean(axis=1)
    total = given.sum()
    if not np.isfinite(total) or total <= 0:
        return None
    scale = 1.0 if reduction == "mean_with_sample_weight" else total / len(targets)
    found = _formula(name, config, targets, given / total)
    if found is None and weights is None and loss is not None:
        found = _asked(loss, config, targets)
    return None if found is None or not np.isfinite(found) else float(found * scale)


def _formula(
    name: str, config: dict[str, Any], targets: np.ndarray, share: np.ndarray
) -> float | None:
    """The loss by a formula; `share` of each sample, adding to one."""
    smoothing = float(config.get("label_smoothing") or 0)
    mean: np.ndarray
    if name in _CLASSES:
        if config.get("ignore_class") is not None:
            targets, share = _without(targets, share, config["ignore_class"])
        if name.startswith("sparse"):
            flat = targets.reshape(len(targets), -1).astype(np.int64)
            if flat.size == 0 or flat.min() < 0:
                return None
            wide = flat.shape[1]
            each = share if wide == 1 else np.repeat(share / wide, wide)
            mean = np.bincount(flat.reshape(-1), each)
        else:
            rows = targets.reshape(len(targets), -1, targets.shape[-1])
            mean = np.einsum("i,ipc->c", share, rows) / rows.shape[1]
            mean = mean * (1 - smoothing) + smoothing / len(mean)
        return float(-(mean * np.log(np.maximum(mean, _TINY))).sum())
    flat = targets.reshape(len(targets), -1).astype(np.float64)
    if name == "binary_crossentropy":
        mean = share @ flat
        mean = mean * (1 - smoothing) + 0.5 * smoothing
        no = 1 - mean
        entropy = -(mean * np.log(np.maximum(mean, _TINY)) + no * np.log(np.maximum(no, _TINY)))
        return float(entropy.mean())
    if name == "mean_squared_error":
        return float((share @ np.square(flat - share @ flat)).mean())
    if name == "mean_absolute_error":
        return float((share @ np.abs(flat - _median(flat, share))).mean())
    return None


def _without(targets: np.ndarray, share: np.ndarray, ignored: Any) -> tuple[Any, Any]:
    if targets.ndim > 1 and targets.size != len(targets):
        return targets[:0], share[:0]
    kept = targets.reshape(-1) != ignored
    left = share[kept]
    return targets[kept], left / max(left.sum(), _TINY)


def _median(flat: np.ndarray, share: np.ndarray) -> np.ndarray:
    """The weighted median of each column."""
    if np.ptp(share) == 0:
        return np.median(flat, axis=0)
    order = np.argsort(flat, axis=0)
    reached = np.cumsum(share[order], axis=0) >= 0.5
    first = reached.argmax(axis=0)[None]
    return np.take_along_axis(flat, np.take_along_axis(order, first, 0), 0)[0]


def _asked(loss: Any, config: dict[str, Any], targets: np.ndarray) -> float | None:
    """The lowest that the loss itself gives for the mean and the median, on some samples."""
    import jax
    import jax.numpy as jnp

    some = targets[:: max(1, -(-len(targets) // 512))].astype(np.float32)
    best = np.inf
    ask = jax.jit(lambda true, predicted: jnp.mean(loss(true, predicted)))
    for answer in (some.mean(axis=0), np.median(some, axis=0)):
        if config.get("from_logits"):
            inside = np.clip(answer, 1e-6, 1 - 1e-6)
            answer = np.log(inside / (1 - inside)).astype(np.float32)
        try:
            value = float(ask(some, np.broadcast_to(answer, some.shape).astype(np.float32)))
        except Exception:  # a loss of the user's own may take no such answer
            return None
        best = min(best, value) if np.isfinite(value) else best
    return best
