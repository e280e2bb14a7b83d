"""What is held against the model before a step is taken: values, labels, sizes of batches."""

from __future__ import annotations

import warnings
from typing import Any

import jax
import numpy as np

from .. import losses as _losses
from .._core.errors import (
    ConfigError,
    DataError,
    NotFiniteWarning,
    ShapeError,
    UnknownNameError,
)
from .._core.registry import did_you_mean
from ..data import ArraySource, check_finite
from ..layers import tree
from ..layers.base import Layer
from ..layers.prepared import Prepared
from ..layers.symbolic import is_nested
from .state import Layout, split_variables
from .step import Batch, forward, loss_of


def check_data(model: Any, source: Any, predictions: list[Any], targets: bool = True) -> None:
    """Hold the data against the model: numbers, what layers take, targets against losses.

    Of a stream the first batch now, and every other one when it comes.

    Args:
        model: built, with its objective unless `targets` is False.
        source: `ArraySource` or `StreamSource`.
        predictions: shape of each output.
        targets: whether there is something to be learned or measured.
    """
    check = DataCheck(model, predictions, targets)
    if isinstance(source, ArraySource):
        check(source)
        return
    source.then = [step for step in source.then if not isinstance(step, DataCheck)] + [check]
    source.peek()


class DataCheck:
    """Looks at samples before they are used; gives them back as they are.

    Args:
        model, predictions, targets: as for `check_data`.
    """

    def __init__(self, model: Any, predictions: list[Any], targets: bool):
        self.model = model
        self.predictions = predictions
        self.targets = targets
        self._looking = looking_layers(model)
        self._sizes: Any = None
        self._warned = False

    def __call__(self, part: Any) -> Any:
        if self.model.graph is not None and not self.model.overrides("train_step"):
            self._check_inputs(part.x)
        if not self.targets:
            return part
        predictions = self._predictions(part.x)
        if predictions is not None and not has_own_loss(self.model):
            check_targets(self.model, part.y, predictions)
        self._check_finite(part)
        return part

    def _check_inputs(self, x: Any) -> None:
        """Let layers that the data reaches as it is refuse what they cannot take."""
        if isinstance(x, Prepared):
            for layer, array in self.model.graph.host.looked_up(x):
                layer.check_data(np.asarray(array))
        elif self._looking:
            arrays = self.model.in_order(x)
            for layer, position in self._looking:
                layer.check_data(np.asarray(arrays[position]))

    def _predictions(self, x: Any) -> list[Any] | None:
        """The outputs' shapes for these samples, where they are known; None for an open size."""
        sizes = [leaf.shape[1:] for leaf in jax.tree.leaves(x)]
        self._sizes = self._sizes or sizes
        if sizes == self._sizes:
            return self.predictions
        graph = self.model.graph
        if graph is None or not _fit(sizes, graph.input_leaves):
            return None  # a stack without an Input takes other sizes than it was built for
        return [tensor.shape for tensor in self.model.graph.output_leaves]

    def _check_finite(self, part: Any) -> None:
        try:
            for name in ("x", "y", "sample_weight"):
                check_finite(getattr(part, name), name, getattr(part, "columns", None))
        except DataError as error:
            if not stays_finite(self.model, part):
                raise
            if not self._warned:
                self._warned = True
                warn_of_values(error)


def _fit(sizes: list[tuple[int, ...]], inputs: list[Any]) -> bool:
    """Whether samples have the sizes that a graph was drawn for; None there stands for any."""
    return len(sizes) == len(inputs) and all(
        len(size) == len(given.shape) - 1
        and all(a == b or b is None for a, b in zip(size, given.shape[1:], strict=True))
        for size, given in zip(sizes, inputs, strict=True)
    )


def has_own_loss(model: Any) -> bool:
    """Whether code of the model's own decides what its losses are shown, if anything."""
    return model.overrides("compute_loss") or model.overrides("train_step")


def warn_of_values(error: DataError) -> None:
    """Say once that the data hold NaN or infinity and that they are let through."""
    warnings.warn(
        f"{error.what} The network and its loss give finite numbers all the same, so training "
        "goes on.",
        NotFiniteWarning,
        stacklevel=2,
    )


def looking_layers(model: Any) -> list[tuple[Any, int]]:
    """Layers that look at data, and which input each one gets as it is."""
    return tree.structure(model).derived("layers that look", lambda _: _looking_layers(model))


def _looking_layers(model: Any) -> list[tuple[Any, int]]:
    if model.graph is None:
        return []
    position = {id(tensor): number for number, tensor in enumerate(model.graph.input_leaves)}
    return [
        (node.layer, position[id(tensor)])
        for node in model.graph.nodes
        if type(node.layer).check_data is not Layer.check_data
        for tensor in node.inputs()
        if id(tensor) in position
    ]


def stays_finite(model: Any, part: Any) -> bool:
    """Whether the loss of samples that hold NaN, and its gradients, are finite numbers.

    So they are where the program takes care of them: a layer fills in what is missing, the loss
    leaves it out.
    """
    leaves = [np.asarray(leaf) for leaf in jax.tree.leaves((part.x, part.y))]
    bad = np.zeros(len(leaves[0]), bool)
    for leaf in leaves:
        if leaf.dtype.kind == "f" and len(leaf) == len(bad):
            bad |= ~np.isfinite(leaf).reshape(len(leaf), -1).all(axis=1)
    rows = np.flatnonzero(bad)[:32]
    if not len(rows) or model.overrides("train_step"):
        return False
    x, y, weight = jax.tree.map(lambda a: a[rows], (part.x, part.y, part.sample_weight))
    trainable, fixed = split_variables(Layout(model))

    def loss(trainable: Any) -> Any:
        variables, batch = {**fixed, **trainable}, Batch(x, y, weight)
        result = forward(model, variables, batch, training=True, rng=jax.random.key(0))
        return loss_of(model, variables, batch, result)[0]

    try:
        found = jax.value_and_grad(loss)(trainable)
    except Exception:  # whatever is wrong with it is told where it is trained
        return False
    return all(bool(np.isfinite(np.asarray(leaf)).all()) for leaf in jax.tree.leaves(found))


def check_targets(model: Any, y: Any, predictions: list[Any]) -> None:
    """Hold the targets against the losses."""
    objective = model.objective
    targets = targets_of(model, y, objective.names, objective.targets(y))
    for loss, target, shape, name in zip(
        objective.losses, targets, predictions, objective.names, strict=True
    ):
        if loss is None:
            continue
        if target is None:
            raise DataError(
                f"{model.name!r} has a loss for output {name!r} but no targets for it.",
                got="y=None",
                expected=f"targets for {objective.names}",
                fix="pass y, or compile with loss=None and add_loss in the model.",
            )
        _losses.check_targets(loss, np.asarray(target), shape, name)


def targets_of(model: Any, y: Any, names: list[str], targets: list[Any]) -> list[Any]:
    """The targets of each output; raises where there are others, or another number.

    Args:
        model: for its name.
        y: as given.
        names: of the outputs.
        targets: by output, as the losses take them.
    """
    if isinstance(y, dict) and not is_nested(y):
        extra = [name for name in y if name not in names]
        if extra:
            raise UnknownNameError(
                f"y names an output {extra[0]!r} that {model.name!r} does not have.",
                got=f"keys {sorted(y)}",
                expected=f"keys {names}",
                fix=did_you_mean(str(extra[0]), names),
            )
    if len(targets) != len(names):
        raise ShapeError(
            f"{model.name!r} has {len(names)} outputs but y has {len(targets)} parts.",
            got=[tuple(t.shape) for t in targets],
            expected=names,
            fix="pass a list with one array per output, or a dictionary by output name.",
        )
    return targets


def check_batches(model: Any, source: Any, batch_size: int, where: str) -> None:
    """Refuse batches that a stateful layer cannot take: it keeps one state for each of its rows."""
    for _, layer in tree.walk(model):
        rows = getattr(layer, "fixed_batch", None)
        if rows is None or not isinstance(source, ArraySource):
            continue
        last = source.n % batch_size
        if batch_size != rows and source.n != rows:
            raise ConfigError(
                f"Layer {layer.name!r} is stateful and made for batches of {rows}.",
                got=f"{where} with batch_size={batch_size}",
                expected=f"batch_size={rows}",
                fix=f"pass batch_size={rows} to {where}.",
            )
        if last and source.n > batch_size:
            raise DataError(
                f"Layer {layer.name!r} is stateful and made for batches of {rows}, but the last "
                "batch would be smaller.",
                got=f"{source.n} samples, so a last batch of {last}",
                expected=f"a number of samples that {rows} divides",
                fix=f"leave {last} out: x[:{source.n - last}].",
            )
