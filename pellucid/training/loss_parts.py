"""Losses given as a structure, each laid over the output, or the several outputs, that it is of.

A list that is not of the outputs' own kind holds several losses of the same thing:
``loss=[whole, {"a": "mse", "b": "mse"}]`` for outputs ``{"a": ..., "b": ...}``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from .._core.errors import ConfigError, DataError, UnknownNameError
from .._core.registry import did_you_mean
from ..losses.reduction import reduce_values, repeat_valid_rows


class Part(NamedTuple):
    """One loss of one output, or of several together.

    Attributes:
        name: in the logs, without ``_loss``.
        loss: a `Loss`.
        weight: of the loss in the sum; None for 1.
        outputs: the output's position, or the outputs' positions in a structure like theirs.
    """

    name: str
    loss: Any
    weight: Any
    outputs: Any

    @property
    def single(self) -> bool:
        """Whether it is of one output."""
        return isinstance(self.outputs, int)

    def __call__(
        self, targets: list[Any], predictions: list[Any], masks: Any, weights: Any, valid: Any
    ) -> Any:
        """The reduced loss of a batch; the arguments are lists with one entry an output."""
        if self.single:
            at = self.outputs
            return self.loss(targets[at], predictions[at], weights[at], mask=masks[at], valid=valid)
        positions = jax.tree.leaves(self.outputs)
        missing = [at for at in positions if targets[at] is None]
        if missing:
            raise DataError(
                f"The loss of {self.name!r} needs targets of all of its outputs.",
                got=f"none for {len(missing)} of {len(positions)}",
                fix="pass y in the structure of the outputs.",
            )
        weight = weights[positions[0]]
        if any(weights[at] is not weight for at in positions):
            raise ConfigError(
                f"The loss of {self.name!r} is of outputs that have weights of their own.",
                fix="pass one sample_weight for all, or a loss for each output.",
            )
        true, guessed = (
            jax.tree.map(lambda at, of=of: jnp.asarray(of[at]), self.outputs)
            for of in (targets, predictions)
        )
        values = self.loss.call(true, guessed)
        if jnp.ndim(values) == 0 and valid is not None:
            true, guessed = (
                jax.tree.map(lambda leaf: repeat_valid_rows(leaf, valid), structure)
                for structure in (true, guessed)
            )
            values = self.loss.call(true, guessed)
        return reduce_values(values, self.loss.reduction, weight, None, valid)


def loss_parts(loss: Any, loss_weights: Any, outputs: Any, names: list[str]) -> list[Part]:
    """The parts that `loss` is made of; their losses as they were given.

    Args:
        loss: lists and dictionaries of losses; None where there is none.
        loss_weights: None, one number, or one for each of them.
        outputs: positions in the structure of the outputs.
        names: of the outputs.

    Raises:
        ConfigError: a structure that does not fit the outputs. UnknownNameError: a key of none.

    >>> parts = loss_parts([len, {"a": "mse"}], None, {"a": 0, "b": 1}, ["a", "b"])
    >>> [(part.name, part.loss, part.outputs) for part in parts]
    [('a_b', <built-in function len>, {'a': 0, 'b': 1}), ('a', 'mse', 0)]
    """
    count = sum(leaf is not None for leaf in flat(loss))
    if loss_weights is None or not _container(loss_weights):
        weights = [loss_weights] * count
    else:
        weights = flat(loss_weights)
        if len(weights) == len(flat(loss)):
            pairs = zip(flat(loss), weights, strict=True)
            weights = [weight for leaf, weight in pairs if leaf is not None]
    if len(weights) != count:
        raise ConfigError(
            "loss_weights takes one number a loss.",
            got=f"{len(weights)} weights, {count} losses",
            fix="write loss_weights in the structure of loss.",
        )
    found = list(_walk(loss, outputs, (), names))
    # flat() sorts keys as _walk does: the weights come in one order with the losses
    return [part._replace(weight=weight) for part, weight in zip(found, weights, strict=True)]


def _walk(loss: Any, outputs: Any, way: tuple[Any, ...], names: list[str]) -> Iterator[Part]:
    if loss is None:
        return
    if not _container(loss):
        yield Part(_name(outputs, way, names), loss, None, outputs)
        return
    listed = isinstance(loss, (list, tuple))
    plain = listed and not any(map(_container, loss))
    positions = jax.tree.leaves(outputs)
    if plain and _container(outputs) and len(loss) == len(positions):
        for part, position in zip(loss, positions, strict=True):
            yield from _walk(part, position, way, names)
    elif listed and not isinstance(outputs, type(loss)):
        for part in loss:
            yield from _walk(part, outputs, way, names)
    elif listed and len(loss) == len(outputs):
        for number, part in enumerate(loss):
            yield from _walk(part, outputs[number], (*way, number), names)
    elif isinstance(loss, Mapping) and isinstance(outputs, Mapping):
        for key in sorted(loss):
            if key not in outputs:
                raise UnknownNameError(
                    f"loss names an output {key!r} that the model does not have.",
                    got=f"keys {list(loss)}",
                    expected=f"some of {list(outputs)}",
                    fix=did_you_mean(str(key), list(map(str, outputs))),
                )
            yield from _walk(loss[key], outputs[key], (*way, key), names)
    else:
        where = f" at {'/'.join(map(str, way))!r}" if way else ""
        raise ConfigError(
            f"The structure of loss does not fit the outputs{where}.",
            got=f"{type(loss).__name__} of {len(loss)}",
            expected=f"{type(outputs).__name__} of {len(positions)}"
            if _container(outputs)
            else "one loss",
            fix=f"write the losses in the structure of the outputs, which are {', '.join(names)}.",
        )


def _name(outputs: Any, way: tuple[Any, ...], names: list[str]) -> str:
    if isinstance(outputs, int):
        return names[outputs]
    return "/".join(map(str, way)) or "_".join(names[at] for at in jax.tree.leaves(outputs))


def _container(value: Any) -> bool:
    return isinstance(value, (list, tuple)) or (
        isinstance(value, Mapping) and "class_name" not in value
    )


def flat(value: Any) -> list[Any]:
    """The leaves of a structure, dictionaries in the order of their keys; None is one, too."""
    if not _container(value):
        return [value]
    if isinstance(value, Mapping):
        return [leaf for key in sorted(value) for leaf in flat(value[key])]
    return [leaf for part in value for leaf in flat(part)]
