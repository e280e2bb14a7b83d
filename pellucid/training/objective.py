"""Losses and metrics of one compiled model, laid over its outputs and weighted in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import jax.numpy as jnp
import numpy as np

from .. import losses as _losses
from .. import metrics as _metrics
from .._core.errors import ConfigError, DataError, UnknownNameError
from .._core.ownership import is_ours
from .._core.registry import did_you_mean
from ..layers.symbolic import is_nested
from . import trackers


class Objective:
    """What `compile` was told, resolved against the model's outputs and targets.

    Args:
        loss, metrics, weighted_metrics, loss_weights: as passed to `compile`.
        names: one name per output.
        prediction_shapes: one shape per output, batch included.
        target_shapes: likewise for the targets; None where an output has none.
        own_step: whether the model's own code decides what losses and metrics are shown.
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
    ):
        self.names = names
        count = len(names)
        for item in _per_output(loss, names, "loss"):
            _refuse_metric(item)
        self.losses = [
            _losses.as_loss(item) if shape is None else _losses.resolve_for(item, shape, predicted)
            for item, shape, predicted in zip(
                _per_output(loss, names, "loss"), target_shapes, prediction_shapes, strict=True
            )
        ]
        weights = _per_output(loss_weights, names, "loss_weights")
        self.loss_weights = [_loss_weight(weight) for weight in weights]
        self.metrics: list[tuple[int, Any, bool]] = []
        for chosen, weighted in ((metrics, False), (weighted_metrics, True)):
            for position, items in enumerate(_metric_lists(chosen, names)):
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
        self._tells_parts = not own_step and sum(loss is not None for loss in self.losses) > 1
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
        return [
            f"{name}_loss"
            for name, loss in zip(self.names, self.losses, strict=True)
            if loss is not None
        ]

    def row_wise(self) -> bool:
        """Whether losses and metrics are known to look at each row by itself."""
        wrapped = (_losses.LossFunctionWrapper, _metrics.MeanMetricWrapper)
        parts = [*self.losses, *(metric for _, metric, _ in self.metrics)]
        return not any(
            type(part) in wrapped or not is_ours(part) or not getattr(part, "row_wise", True)
            for part in parts
            if part
        )

    def has_loss(self) -> bool:
        return any(loss is not None for loss in self.losses)

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
        return {
            name: metric.compute(state)
            for name, state, (_, metric, _) in zip(
                self.metric_names, own, self.metrics, strict=True
            )
        }

    def tracker_results(self, states: list[Any]) -> dict[str, Any]:
        """Log name -> value; of the network's own metrics."""
        _, kept = self.split(states)
        return {
            metric.name: metric.compute(state)
            for metric, state in zip(self.trackers, kept, strict=True)
            if metric is not self.unlogged
        }


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


def _per_output(value: Any, names: list[str], what: str) -> list[Any]:
    """A single value, list or dictionary, or a structure like the outputs' -> one per output."""
    if is_nested(value):
        flat = _flat(value)
        by_name = isinstance(value, Mapping) and set(value) <= set(names)
        if len(flat) == len(names) and not by_name:
            return flat
        value = _without_lists_of_one(value)
    if isinstance(value, Mapping) and "class_name" not in value:
        return [value.get(name) for name in _known(value, names, what)]
    if isinstance(value, (list, tuple)):
        if len(value) != len(names):
            raise ConfigError(
                f"{what} has {len(value)} entries but the model has {len(names)} outputs.",
                got=f"{len(value)} entries",
                expected=f"one for each of {names}",
                fix=f"pass {what}={{{', '.join(f'{n!r}: ...' for n in names)}}}.",
            )
        return list(value)
    return [value] * len(names)


def _known(value: Mapping[str, Any], names: list[str], what: str) -> list[str]:
    """`names`, once `value` is known to have no other keys."""
    unknown = [key for key in value if key not in names]
    if unknown:
        raise UnknownNameError(
            f"{what} names an output {unknown[0]!r} that the model does not have.",
            got=f"keys {list(value)}",
            expected=f"outputs {names}",
            fix=did_you_mean(str(unknown[0]), names),
        )
    return names


def _flat(value: Any) -> list[Any]:
    """The leaves of a structure, dictionaries in the order of their keys; None is one, too."""
    if isinstance(value, Mapping) and "class_name" not in value:
        return [leaf for key in sorted(value) for leaf in _flat(value[key])]
    if isinstance(value, (list, tuple)):
        return [leaf for part in value for leaf in _flat(part)]
    return [value]


def _without_lists_of_one(value: Any) -> Any:
    def bare(part: Any) -> Any:
        return part[0] if isinstance(part, (list, tuple)) and len(part) == 1 else part

    if isinstance(value, Mapping):
        return {key: bare(part) for key, part in value.items()}
    return [bare(part) for part in value]


def _metric_lists(value: Any, names: list[str]) -> list[list[Any]]:
    """Keras's forms of `metrics` -> one list per output."""
    if value is None:
        return [[] for _ in names]
    if isinstance(value, Mapping):
        return [_as_list(value.get(name)) for name in _known(value, names, "metrics")]
    items = _as_list(value)
    if len(names) == 1:
        flat = [part for item in items for part in _as_list(item)]
        return [flat]
    if len(items) == len(names) and any(isinstance(item, (list, tuple)) for item in items):
        return [_as_list(item) for item in items]
    if len(items) == len(names):
        return [_as_list(item) for item in items]
    if len(items) == 1:
        return [items for _ in names]
    raise ConfigError(
        f"metrics has {len(items)} entries but the model has {len(names)} outputs.",
        got=repr(value),
        expected=f"one list for each of {names}",
        fix=f"pass metrics={{{names[0]!r}: ['accuracy']}}.",
    )


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]
