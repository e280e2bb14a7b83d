"""What the attention layers with heads have in common: projections, masks, the kernel's call."""

from __future__ import annotations

import functools
import math
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from ..._core.errors import ConfigError, ShapeError
from ...kernels.attention import attention, attention_plain
from ...kernels.platform import on_cpu
from .. import checks
from ..base import Layer
from ..input_spec import InputSpec
from ..regularization.streams import check_seed, key_of
from .arrangement import Arrangement
from .projection import Projection

COMMON = (
    ("initializer", "kernel_initializer"),
    ("initializer", "bias_initializer"),
    ("regularizer", "kernel_regularizer"),
    ("regularizer", "bias_regularizer"),
    ("regularizer", "activity_regularizer"),
    ("constraint", "kernel_constraint"),
    ("constraint", "bias_constraint"),
)


class HeadedAttention(Layer):
    """Base of `MultiHeadAttention` and `GroupQueryAttention`, which say how many heads there are.

    A subclass stores the arguments, calls `check_common`, and gives `head_sizes` in `build`.
    """

    traits = frozenset()
    batch_safe = True
    supports_masking = True
    attention_axes: Any = None
    dropout: float
    use_bias: bool
    use_gate: bool
    seed: Any
    sliding_window: int | None
    flash_attention: bool | None
    _takes: ClassVar[InputSpec] = InputSpec(min_ndim=3)

    def check_common(self) -> None:
        """Refuse arguments of both classes that cannot work."""
        checks.number(self, "dropout", self.dropout, 0, 1)
        check_seed(self, self.seed)
        checks.names(self, *COMMON)
        if self.sliding_window is not None:
            checks.positive_integer(self, "sliding_window", self.sliding_window, 128)
        if self.flash_attention and self.dropout > 0:
            raise ConfigError(
                f"{type(self).__name__} {self.name!r} cannot drop weights in the fused kernel.",
                got=f"flash_attention=True, dropout={self.dropout}",
                fix="leave flash_attention out, or dropout=0.0.",
            )
        self.input_spec = self._takes

    def numbers_inside(self, sample: tuple[int, ...]) -> int:
        """Scores and weights of every head, and the four projections."""
        if not self.built:
            return 0
        heads, width = self.query_dense.kernel.shape[-2:]
        steps = math.prod(sample[:-1])
        return int(heads * steps * (2 * steps + 4 * width))

    def build_projections(
        self,
        shapes: tuple[Any, Any, Any],
        heads: tuple[int, int],
        widths: tuple[int, int],
        output_shape: tuple[int, ...],
    ) -> None:
        """Make the projections.

        Args:
            shapes: of query, value and key.
            heads: of the query, and of key and value.
            widths: of a head of query and key, and of one of the value.
            output_shape: sizes of the output's last axes.
        """
        query, value, key = shapes
        given = {
            "query": (query, heads[0], widths[0]),
            "key": (key, heads[1], widths[0]),
            "gate": (query, heads[0], widths[1]),
            "value": (value, heads[1], widths[1]),
        }
        if not self.use_gate:
            del given["gate"]
        for name, (shape, count, width) in given.items():  # in Keras's order of the weights
            projection = self._projection(name, (count, width))
            projection.build(shape)
            setattr(self, f"{name}_dense", projection)
        self.output_dense = self._projection("attention_output", output_shape, taken=2)
        self.output_dense.build((*query[:-1], heads[0], widths[1]))
        self.input_spec = InputSpec(ndim=len(query), axes={-1: query[-1]})

    def _projection(self, name: str, given: tuple[int, ...], taken: int = 1) -> Projection:
        settings = {argument: getattr(self, argument) for _, argument in COMMON}
        # The penalty of the output is the whole layer's own.
        penalty = settings.pop("activity_regularizer") if taken == 1 else None
        return Projection(
            given,
            taken,
            self.use_bias,
            settings,
            activity_regularizer=penalty,
            dtype=self.dtype_policy,
            name=name,
        )

    def call(
        self,
        query: Any,
        value: Any,
        key: Any = None,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        return_attention_scores: bool = False,
        training: bool | None = None,
        use_causal_mask: bool = False,
    ) -> Any:
        key = value if key is None else key
        self._check_inputs(query, value, key, return_attention_scores)
        to = Arrangement(self._axes(query.ndim), query.ndim)
        heads = self.query_dense(query)  # (batch, ..., heads, width)
        keys, values = self.key_dense(key), self.value_dense(value)
        scores = to.score_shape(query, key, heads.shape[-2])
        masks = (
            self.of_scores(to, attention_mask, scores),
            self.of_steps(to, query_mask, query, (1, 3)),
            self.of_steps(to, value_mask, value, (1, 2)),
            self.of_steps(to, key_mask, key, (1, 2)),
        )
        rows = to.rows(heads), to.rows(keys), to.rows(values)  # (samples, steps, heads, width)
        rules = {**self.dropping(training), "causal": use_causal_mask}
        if return_attention_scores:
            y, weights = attention_plain(*rows, joined(*masks), window=self.sliding_window, **rules)
            return self.gathered(to.back(y, query.shape), query), weights.reshape(scores)
        y = attention(
            *rows, joined(*masks), window=self.sliding_window, fused=self.flash_attention, **rules
        )
        return self.gathered(to.back(y, query.shape), query)

    def dropping(self, training: bool | None) -> dict[str, Any]:
        """The kernel's arguments for dropout."""
        if not training or self.dropout == 0:
            return {}
        return {"dropout": self.dropout, "rng": key_of(self)}

    def gathered(self, y: Any, query: Any) -> Any:
        """The output, from what the heads gathered, (batch, ..., heads, width)."""
        if self.use_gate:
            y = y * jax.nn.sigmoid(self.gate_dense(query))
        return self.output_dense(y)

    def of_scores(self, to: Arrangement, mask: Any, scores: tuple[int, ...]) -> Any:
        """An `attention_mask` as (samples, heads or 1, steps, source)."""
        if mask is None:
            return None
        try:
            return to.score_mask(mask, scores)
        except (TypeError, ValueError):
            raise ShapeError(
                f"The attention_mask of {type(self).__name__} {self.name!r} does not fit.",
                got=f"mask {np.shape(mask)}",
                expected=f"one that broadcasts to the scores, {scores}, or lacks the heads",
                fix="pass (batch, query steps, key steps), True where a query may look.",
            ) from None

    def of_steps(self, to: Arrangement, mask: Any, x: Any, new_axes: tuple[int, int]) -> Any:
        """A mask per step of `x` as one of scores, (samples, 1, steps or 1, source or 1)."""
        if mask is None:
            return None
        try:
            return jnp.expand_dims(to.step_mask(mask, x.shape), new_axes)
        except (TypeError, ValueError):
            raise ShapeError(
                f"A mask of {type(self).__name__} {self.name!r} does not fit its input.",
                got=f"mask {np.shape(mask)}, input {x.shape}",
                expected=f"mask {x.shape[: to.rank - 1]}: one value per step",
                fix="pass True where a step is real and False where it is padding.",
            ) from None

    def _axes(self, rank: int) -> tuple[int, ...]:
        """The axes that attention runs over, counted from the front."""
        if self.attention_axes is None:
            return tuple(range(1, rank - 1))
        axes = checks.axes_of(self.attention_axes)
        checks.axes_within(self, "attention_axes", axes, rank)
        axes = tuple(axis % rank for axis in axes)
        if {0, rank - 1} & set(axes) or len(set(axes)) < len(axes):
            raise ConfigError(
                f"The argument 'attention_axes' of {type(self).__name__} {self.name!r} names "
                "axes that attention cannot run over.",
                got=f"{self.attention_axes} for inputs of rank {rank}, batch included",
                expected=f"different axes from 1 to {rank - 2}: neither batch nor features",
                fix="attention_axes=1, say, or leave it out for all of them.",
            )
        return axes

    def _check_inputs(self, query: Any, value: Any, key: Any, with_scores: bool) -> None:
        axes = self._axes(query.ndim) if query.ndim == value.ndim == key.ndim else None
        if axes is not None:
            others = [axis for axis in range(query.ndim - 1) if axis not in axes]
            same_batch = all(query.shape[axis] == value.shape[axis] for axis in others)
        if axes is None or not same_batch or value.shape[:-1] != key.shape[:-1]:
            raise ShapeError(
                f"The inputs of {type(self).__name__} {self.name!r} do not fit together.",
                got=f"query {query.shape}, value {value.shape}, key {key.shape}",
                expected="one rank and batch for all, and as many steps of key as of value",
                fix="call it as layer(query, value) or layer(query, value, key), with inputs "
                "(batch, steps, features).",
            )
        if self.flash_attention and (with_scores or on_cpu()):
            what = "gives no attention scores" if with_scores else "does not exist on a CPU"
            raise ConfigError(
                f"{type(self).__name__} {self.name!r}: the fused kernel {what}.",
                got="flash_attention=True",
                fix="leave flash_attention out: the kernel is then used wherever it can be.",
            )


def joined(*masks: Any) -> Any:
    """True where every mask is; None where there is none."""
    given = [mask for mask in masks if mask is not None]
    return functools.reduce(jnp.logical_and, given) if given else None
