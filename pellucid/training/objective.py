"""Losses and metrics of one compiled model, laid over its outputs and weighted in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import jax.numpy as jnp
import numpy as np

from .. import losses as _losses
from .. import metrics as _metrics
from .._core.errors import ConfigError, DataError
from .._core.ownership import is_ours
from . import trackers
from .loss_parts import Part
from .per_output import metric_lists, placed_losses, targets_by_output, taught


class Objective:
    """What `compile` was told, resolved against the model's outputs and targets.

    Args:
        loss, metrics, weighted_metrics, loss_weights: as passed to `compile`.
        names: one name per output.
        prediction_shapes: one shape per output, batch included.
        target_shapes: likewise for the targets; None where an output has none.
        own_step: whether the model's own code decides what losses and metrics are shown.
        outputs: the outputs' positions in their structure; by default a list.
    """

    def __init__(
        self,
        loss: Any,
        metrics: Any,
        weighted_metrics: Any,
        loss_weights: Any,
        names: list[str],
        prediction_shapes: list[tuple[int, ...]],
        target_shapes: list[tuple[int, ...] | None],
        own_step: bool = False,
        outputs: Any = None,
    ):
        self.names = names
        count = len(names)
        first, further = placed_losses(loss, loss_weights, outputs, names)
        self.losses = [
            _resolved(part and part.loss, shape, predicted)
            for part, shape, predicted in zip(first, target_shapes, prediction_shapes, strict=True)
        ]
        self.loss_weights = [_loss_weight(part and part.weight) for part in first]
        self.further: list[Part] = [
            part._replace(
                loss=_resolved(
                    part.loss, target_shapes[part.outputs], prediction_shapes[part.outputs]
                )
                if part.single
                else _structured(part),
                weight=_loss_weight(part.weight),
            )
            for part in further
        ]
        """Losses of several outputs together, and second ones of an output."""
        self.metrics: list[tuple[int, Any, bool]] = []
        for chosen, weighted in ((metrics, False), (weighted_metrics, True)):
            for position, items in enumerate(metric_lists(chosen, names)):
                for item in items:
                    shapes = (target_shapes[position], prediction_shapes[position])
                    if shapes[0] is None and own_step:
                        continue
                    if shapes[0] is None:
                        raise DataError(
                            f"Metric {item!r} needs targets, and {names[position]!r} has none.",
                            fix="pass y, or leave the metric out.",
                        )
                    resolved = _metrics.resolve_for(item, shapes[0], shapes[1])
                    self.metrics.append((position, resolved, weighted))
        self.several = count > 1
        # The parts of a loss of one's own only that code knows.
        count = sum(loss is not None for loss in self.losses) + len(self.further)
        self._tells_parts = not own_step and count > 1
        self.metric_names = self._metric_names()
        self.unlogged: Any = None
        """The loss's mean, which the logs have from the loss itself."""
        self.masks: list[Any] | None = None
        self.trackers: list[Any] = []
        """Metrics that the network keeps for itself; their states follow the compiled ones'."""

    def _metric_names(self) -> list[str]:
        names: list[str] = []
        for position, metric, weighted in self.metrics:
            prefix = f"{self.names[position]}_" if self.several else ""
            name = f"{prefix}{metric.name}"
            if weighted and name in names:  # the same metric, without the weights
                name = f"{prefix}weighted_{metric.name}"
            base, number = name, 1
            while name in names or name == "loss":
                name = f"{base}_{number}"
                number += 1
            names.append(name)
        return names

    def _all_metrics(self) -> list[Any]:
        return [*(metric for _, metric, _ in self.metrics), *self.trackers]

    def hold(self, states: list[Any]) -> None:
        """Let the metric objects show what an epoch, or an evaluation, has found."""
        for metric, state in zip(self._all_metrics(), states, strict=True):
            metric.take_state(state)

    @property
    def log_names(self) -> list[str]:
        """The keys of an epoch's logs, in order."""
        return ["loss", *self._part_names(), *self.metric_names]

    def _part_names(self) -> list[str]:
        if not self._tells_parts:
            return []
        own = zip(self.names, self.losses, strict=True)
        names = [name for name, loss in own if loss is not None]
        names += [part.name for part in self.further]
        return [f"{name}_loss" for name in dict.fromkeys(names)]

    def targets(self, y: Any) -> list[Any]:
        """Targets in the user's structure -> one for each output, or None."""
        return targets_by_output(y, self.names, taught(self.losses, self.further))

    def row_wise(self) -> bool:
        """Whether losses and metrics are known to look at each row by itself."""
        wrapped = (_losses.LossFunctionWrapper, _metrics.MeanMetricWrapper)
        parts = [*self.losses, *(metric for _, metric, _ in self.metrics)]
        return not self.further and not any(
            type(part) in wrapped or not is_ours(part) or not getattr(part, "row_wise", True)
            for part in parts
            if part
        )

    def has_loss(self) -> bool:
        return bool(self.further) or any(loss is not None for loss in self.losses)

    # --- inside the compiled step

    def loss(
        self,
        targets: list[Any],
        predictions: list[Any],
        masks: list[Any],
        sample_weights: list[Any],
        valid: Any,
    ) -> tuple[Any, dict[str, Any]]:
        """The weighted sum over outputs, and each output's own loss by log name."""
        total: Any = jnp.zeros((), jnp.float32)
        parts: dict[str, Any] = {}
        for position, loss in enumerate(self.losses):
            if loss is None:
                continue
            value = _losses.batch_loss(
                loss,
                targets[position],
                predictions[position],
                sample_weights[position],
                masks[position],
                valid,
            )
            value = jnp.mean(value.astype(jnp.float32))
            if self._tells_parts:
                parts[f"{self.names[position]}_loss"] = value
            total = total + self.loss_weights[position] * value
        for part in self.further:
            value = jnp.mean(
                part(targets, predictions, masks, sample_weights, valid).astype(jnp.float32)
            )
            name = f"{part.name}_loss"
            parts[name] = parts[name] + value if name in parts else value
            total = total + part.weight * value
        return total, parts

    def init_metrics(self) -> list[Any]:
        """What an epoch begins with, as NumPy: no compilation."""
        return [
            {key: np.asarray(value) for key, value in metric.fresh_state().items()}
            for metric in self._all_metrics()
        ]

    def update_metrics(
        self,
        states: list[Any],
        targets: list[Any],
        predictions: list[Any],
        masks: list[Any],
        sample_weights: list[Any],
        valid: Any,
    ) -> list[Any]:
        """The metrics' sums with one more batch; padded rows weigh nothing."""
        updated = []
        own, beside = self.split(states)
        for state, (position, metric, weighted) in zip(own, self.metrics, strict=True):
            weight = sample_weights[position] if weighted else None
            if valid is not None:
                kept = valid.astype(jnp.float32)
                weight = kept if weight is None else _times(weight, kept)
            weight = _losses.merge_mask(weight, masks[position])
            updated.append(metric.update(state, targets[position], predictions[position], weight))
        return [*updated, *beside]

    @contextmanager
    def bound(
        self, states: list[Any], masks: list[Any] | None
    ) -> Iterator[Callable[[], list[Any]]]:
        """Let the metric objects hold `states` for a while; yields a function to read them then.

        Args:
            masks: see `with_masks`.
        """
        with self.with_masks(masks), trackers.bound(self._all_metrics(), states) as read:
            yield read

    @contextmanager
    def with_masks(self, masks: list[Any] | None) -> Iterator[None]:
        """Let `compute_loss` and `compute_metrics` find the masks of the outputs."""
        before, self.masks = self.masks, masks
        try:
            yield
        finally:
            self.masks = before

    def add_batch(
        self, targets: list[Any], predictions: list[Any], sample_weights: list[Any]
    ) -> None:
        """Add a batch to what the compiled metrics hold."""
        own = [metric for _, metric, _ in self.metrics]
        states = [metric.current_state() for metric in own]
        masks = self.masks or [None] * len(predictions)
        after = self.update_metrics(states, targets, predictions, masks, sample_weights, None)
        for metric, state in zip(own, after, strict=True):
            if metric.keeps(*state.values()):
                metric.take_state(state)

    def split(self, states: list[Any]) -> tuple[list[Any], list[Any]]:
        """The states of the compiled metrics, and those of the network's own."""
        count = len(self.metrics)
        return list(states[:count]), list(states[count:])

    def metric_results(self, states: list[Any]) -> dict[str, Any]:
        """Log name -> value; of the compiled metrics."""
        own, _ = self.split(states)
        return by_name(
            (name, metric.compute(state))
            for name, state, (_, metric, _) in zip(
                self.metric_names, own, self.metrics, strict=True
            )
        )

    def tracker_results(self, states: list[Any]) -> dict[str, Any]:
        """Log name -> value; of the network's own metrics."""
        _, kept = self.split(states)
        return by_name(
            (metric.name, metric.compute(state))
            for metric, state in zip(self.trackers, kept, strict=True)
            if metric is not self.unlogged
        )


def by_name(results: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Log name -> value. A metric that gives several numbers names them itself.

    >>> by_name([("mae", 1.0), ("errors", {"low": 2.0, "high": 3.0})])
    {'mae': 1.0, 'low': 2.0, 'high': 3.0}
    """
    found: dict[str, Any] = {}
    for name, value in results:
        found |= value if isinstance(value, dict) else {name: value}
    return found


def _resolved(item: Any, shape: Any, predicted: Any) -> Any:
    _refuse_metric(item)
    return _losses.as_loss(item) if shape is None else _losses.resolve_for(item, shape, predicted)


def _structured(part: Part) -> Any:
    """The loss of several outputs, which only a program's own can be."""
    _refuse_metric(part.loss)
    loss = _losses.as_loss(part.loss)
    if not callable(part.loss) or (isinstance(part.loss, _losses.Loss) and is_ours(part.loss)):
        raise ConfigError(
            f"The loss of {part.name!r} is of several outputs together.",
            got=repr(loss),
            expected="a function (y_true, y_pred) of structures like the outputs'",
            fix=f"write one {loss.name!r} for each output.",
        )
    return loss


def _refuse_metric(loss: Any) -> None:
    if isinstance(loss, _metrics.Metric):
        raise ConfigError(
            f"The metric {loss.name!r} cannot be a loss: it sums over batches.",
            got=repr(loss),
            expected="a name, a Loss, or a function (y_true, y_pred) -> one number per sample",
            fix=f"pass loss={loss.name!r} if a loss has that name, or write the function.",
        )


def _loss_weight(weight: Any) -> float:
    if weight is None:
        return 1.0
    if isinstance(weight, bool) or not isinstance(weight, (int, float, np.number)):
        raise ConfigError(
            "loss_weights takes one number per output.",
            got=repr(weight),
            fix="write metrics=[...] by name: the third argument of compile is loss_weights.",
        )
    return float(weight)


def _times(weight: Any, kept: Any) -> Any:
    return weight * kept.reshape(kept.shape + (1,) * (weight.ndim - 1))
