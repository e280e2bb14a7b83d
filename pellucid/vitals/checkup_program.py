"""The checkup as one compiled program: a forward and backward pass, and sums of what it met."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..activations.bounds import bounds_of
from ..kernels import compiling
from ..layers import tree
from ..layers.building import parameters
from ..training import step
from ..training.step import Batch
from . import measure
from .layout import Layout, OutputColumns, Span, WeightRows
from .network import describe
from .tap import tapped_pass

TOGETHER = 1_800_000
"""Numbers of outputs laid side by side, which are copied for it: memory against compile time."""
SAMPLED = 4096
"""Numbers of each array that its histogram counts."""
ROW = 256
"""Numbers in a row of the packed weights."""
PACKED = 2**22
"""Weights looked at one by one; of larger networks, evenly spaced ones."""


class Checkup:
    """The program for one model and one size of probe; knows after its trace what lies where.

    Args:
        model: built, with its objective.
        hastily: whether its arithmetic is so little that compiling it well does not pay.

    Attributes:
        seconds: that one call took, once that was measured.
    """

    seconds: float | None = None

    def __init__(self, model: Any, hastily: bool = False):
        self.model = model
        self.layout = Layout()
        self.spacing = weight_spacing(model)
        # Made on the host: a metric of the user's own may need real numbers for it.
        self.sums = model.objective.init_metrics()
        self._run = compiling.program(self._traced, hastily=hastily)

    def __call__(self, *args: Any) -> tuple[Any, Any]:
        """`_traced`, compiled."""
        return self._run(*args)

    @property
    def compiles(self) -> bool:
        """Whether the next call will."""
        return not self.layout.names

    def _traced(
        self,
        trainable: dict[str, Any],
        fixed: dict[str, Any],
        seed: Any,
        probe: Batch,
        held_out: Batch | None,
        before: Any,
        start: Any,
    ) -> tuple[Any, Any]:
        """Everything measured, as one float32 vector; and the weights, packed.

        Args:
            trainable, fixed: path -> array.
            seed: of the draws of the pass in training mode.
            probe, held_out: samples of the training and the validation data.
            before, start: the packed weights of the last checkup and of the first.
        """
        model = self.model
        self.layout = layout = Layout(samples=int(jax.tree.leaves(probe.x)[0].shape[0]))
        pieces: list[Any] = []

        def put(name: Any, value: Any) -> None:
            value = jnp.asarray(value, jnp.float32)
            layout.add(name, value.shape)
            pieces.append(value.reshape(-1))

        loss, gradients, found, at_outputs, result = tapped_pass(model, trainable, fixed, probe)
        variables = {**fixed, **trainable}
        for name, value in self._logs(probe, result, loss).items():
            put(("train", name), value)
        if held_out is not None:
            outside = step.forward(model, variables, held_out, training=False)
            lost, _ = step.loss_of(model, variables, held_out, outside, training=False)
            for name, value in self._logs(held_out, outside, lost).items():
                put(("validation", name), value)
        put(("training_mode", "loss"), self._in_training(variables, seed, probe, loss))
        samples = self._layers(put, found, at_outputs)
        packed, some = self._weights(put, {**trainable, **fixed}, gradients, before, start)
        counts, ranges = measure.histograms(jnp.concatenate([*samples, some]))
        put("histogram", counts)
        put("histogram_range", ranges)
        self._outputs(put, result)
        return jnp.concatenate(pieces), packed

    def _logs(self, batch: Batch, result: Any, loss: Any) -> dict[str, Any]:
        """The loss and every metric that is one number, on one batch."""
        if batch.y is None:
            return {"loss": loss}
        states = step.update_metrics(self.model, self.sums, batch, result)
        found = self.model.objective.metric_results(states)
        return {"loss": loss, **{name: v for name, v in found.items() if jnp.ndim(v) == 0}}

    def _in_training(self, variables: Any, seed: Any, probe: Batch, loss: Any) -> Any:
        """The loss in training mode; the same number where no layer knows the mode."""
        model = self.model
        if not _knows_modes(model):
            return loss
        # A step that no training reaches: its draws are nobody else's.
        rng = jax.random.fold_in(jax.random.key(seed), 2**31 - 1)
        result = step.forward(model, variables, probe, training=True, rng=rng)
        return step.loss_of(model, variables, probe, result)[0]

    def _layers(self, put: Any, found: list[Any], at_outputs: dict[str, Any]) -> list[Any]:
        """Sums by unit for layers of equal positions together; samples of each layer's numbers."""
        self.layout.order = [path for path, _, _, _ in found]
        groups: dict[Any, list[Any]] = {}
        for path, layer, output, kept in found:
            if output.shape[0] != self.layout.samples or not output.size:
                continue
            gradient = at_outputs[path]
            if getattr(layer, "data_format", None) == "channels_first" and output.ndim > 2:
                output, gradient = (jnp.moveaxis(a, 1, -1) for a in (output, gradient))
            positions = math.prod(output.shape[1:-1])
            groups.setdefault((positions, id(kept)), []).append(
                (path, layer, output, gradient, kept)
            )
        samples = []
        for number, members in enumerate(_parts(groups.values())):
            spans, low, high, start = [], [], [], 0
            for path, layer, output, _, _ in members:
                units = output.shape[-1] if output.ndim > 1 else 1
                bounds = bounds_of(describe(layer, path).activation)
                spans.append(Span(path, start, start + units, bounds is not None))
                low += [bounds[0] + 0.01 * (bounds[1] - bounds[0]) if bounds else -math.inf] * units
                high += [bounds[1] - 0.01 * (bounds[1] - bounds[0]) if bounds else math.inf] * units
                start += units
            values = measure.side_by_side([member[2] for member in members])
            weight = _position_weights(members[0][4], members[0][2])
            bounded = any(span.bounded for span in spans)
            sums, count = measure.unit_sums(
                values,
                weight,
                np.asarray(low, np.float32) if bounded else None,
                np.asarray(high, np.float32) if bounded else None,
            )
            put(("units", number), sums)
            put(("count", number), count)
            gradients = measure.side_by_side([member[3] for member in members])
            put(("gradients", number), measure.gradient_sums(gradients))
            self.layout.groups.append(OutputColumns(values.shape[1], spans))
            if weight is not None:
                values = jnp.where(weight[..., None] > 0, values, jnp.nan)
            rows, columns = values.shape[0] * values.shape[1], values.shape[2]
            widths = [(span.start, span.stop - span.start) for span in spans]
            parts = [(first, width, rows * width) for first, width in widths]
            places = _places(parts, columns, values.size)
            samples.append(values.reshape(-1).at[places].get(mode="fill", fill_value=jnp.nan))
        return samples

    def _weights(
        self, put: Any, variables: Any, gradients: Any, before: Any, start: Any
    ) -> tuple[Any, Any]:
        """Sums over rows of the packed weights; the packed weights; samples of each weight."""
        packed = pack({path: variables[path] for path, _, _ in self.spacing}, self.spacing)
        trained = [item for item in self.spacing if item[0] in gradients]
        put(
            "weight_rows",
            jnp.stack(
                [
                    jnp.sum(jnp.square(packed), axis=1),
                    jnp.max(jnp.abs(packed), axis=1),
                    jnp.sum(~jnp.isfinite(packed), axis=1, dtype=jnp.float32),
                    jnp.sum(jnp.square(packed - before), axis=1),
                    jnp.sum(jnp.square(packed - start), axis=1),
                ]
            ),
        )
        if trained:
            packed_gradients = pack(gradients, trained)
            put("gradient_rows", jnp.sum(jnp.square(packed_gradients), axis=1))
        row, parts = 0, []
        for path, size, spacing in self.spacing:
            used = -(-size // spacing)
            rows = -(-used // ROW)
            self.layout.weights.append(
                WeightRows(path, row, row + rows, used, size, path in gradients)
            )
            parts.append((row * ROW, used, used))
            row += rows
        if not parts:
            return packed, jnp.zeros((0, SAMPLED), jnp.float32)
        # One long row: a weight's numbers follow each other.
        places = _places(parts, 0, packed.size)
        return packed, packed.reshape(-1).at[places].get(mode="fill", fill_value=jnp.nan)

    def _outputs(self, put: Any, result: Any) -> None:
        objective = self.model.objective
        outputs = step.flat_outputs(result.outputs)
        for name, loss, output, kept in zip(
            objective.names, objective.losses, outputs, result.masks, strict=True
        ):
            if not jnp.issubdtype(output.dtype, jnp.floating) or not output.ndim:
                continue
            found = measure.output_statistics(output, kept, _threshold(loss))
            for key, value in found.items():
                put(("outputs", name, key), value)


def _parts(groups: Any) -> list[list[Any]]:
    """Groups of at most `TOGETHER` numbers: laid side by side, they are copied."""
    parts: list[list[Any]] = []
    for members in groups:
        room = 0
        for member in members:
            size = member[2].size
            if size > room:
                parts.append([])
                room = TOGETHER
            parts[-1].append(member)
            room -= size
    return parts


def weight_spacing(model: Any) -> list[tuple[str, int, int]]:
    """(path, size, every how many numbers one is looked at) of each weight, the trained first."""
    flags = model.trainable_flags()
    weights = {
        path: math.prod(weight.shape)
        for path, weight in tree.index(model).items()
        if not weight.transient and jnp.issubdtype(jnp.dtype(weight.dtype), jnp.floating)
    }
    order = sorted((path for path in weights if weights[path]), key=lambda path: not flags[path])
    total = sum(weights.values())
    every = -(-total // PACKED)
    return [(path, weights[path], _coprime(every, weights[path])) for path in order]


def packed_shape(spacing: list[tuple[str, int, int]]) -> tuple[int, int]:
    """The shape of `pack`'s result."""
    used = [-(-size // every) for _, size, every in spacing]
    return sum(-(-numbers // ROW) for numbers in used), ROW


def pack(arrays: dict[str, Any], spacing: list[tuple[str, int, int]]) -> jax.Array:
    """Weights as rows of 256 numbers, each weight filled up with zeros: (rows, 256) float32."""
    parts = []
    for path, _, every in spacing:
        flat = arrays[path].reshape(-1)[::every].astype(jnp.float32)
        parts += [flat, jnp.zeros(-flat.size % ROW, jnp.float32)]
    if not parts:
        return jnp.zeros((0, ROW), jnp.float32)
    return jnp.concatenate(parts).reshape(-1, ROW)


def _coprime(every: int, size: int) -> int:
    """`every` or a little more, and without a factor in common with `size` unless it is 1.

    Evenly spaced numbers then run through all columns alike.
    """
    if every <= 1:
        return 1
    if size <= SAMPLED:
        return 1
    while math.gcd(every, size) > 1:
        every += 1
    return every


def _places(parts: list[tuple[int, int, int]], columns: int, outside: int) -> jax.Array:
    """(parts, 4096) places of evenly spaced numbers of each part; `outside` where it has fewer.

    Args:
        parts: (first column, width, numbers) of each part of a flat ``(rows, columns)``.
        columns: of the whole.
        outside: a place beyond the end.
    """
    start, width, size = (
        np.asarray(numbers, np.int32)[:, None] for numbers in zip(*parts, strict=True)
    )
    every = np.asarray([_coprime(n // SAMPLED, n) for _, _, n in parts], np.int32)[:, None]
    number = jnp.arange(SAMPLED, dtype=jnp.int32)[None]
    inside = number * every % size
    places = inside // width * columns + start + inside % width
    return jnp.where(number < size, places, outside)


def _position_weights(kept: Any, output: Any) -> Any:
    """A mask ``(samples, ...)`` as 1 and 0 by position, or None."""
    if kept is None or output.ndim < 2:
        return None
    kept = jnp.asarray(kept, jnp.float32)
    kept = kept.reshape(kept.shape + (1,) * (output.ndim - 1 - kept.ndim))
    return jnp.broadcast_to(kept, output.shape[:-1]).reshape(output.shape[0], -1)


def _knows_modes(model: Any) -> bool:
    """Whether anything computes differently in training."""
    if model.overrides("compute_loss"):
        return True
    return any(
        "training" in parameters(type(layer).call)
        for _, layer in tree.walk(model)
        if getattr(layer, "graph", None) is None
    )


def _threshold(loss: Any) -> float | None:
    """Where an only unit's yes begins; None where it is no class."""
    if "binary" not in type(loss).__name__.lower() and "hinge" not in type(loss).__name__.lower():
        return None
    probabilities = "Binary" in type(loss).__name__ and not getattr(loss, "from_logits", False)
    return 0.5 if probabilities else 0.0
