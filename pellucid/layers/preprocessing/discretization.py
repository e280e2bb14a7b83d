"""`Discretization`: measurements as the number of the range that each falls into."""

from __future__ import annotations

from typing import Any, Self

import jax.numpy as jnp
import numpy as np

from ..._core.errors import ConfigError, DataError, StateError
from ..._core.specs import family
from .. import checks
from ..context import current
from . import quantiles
from .data_layer import DataLayer, numbers
from .values import batches, who


@family("layer").register("Discretization")
class Discretization(DataLayer):
    """Sorts measurements into ranges: given ones, or ones that hold about as many values each.

    Args:
        bin_boundaries: the values between the ranges, ascending; `[0., 1.]` makes three ranges:
            below 0, from 0 to below 1, and from 1.
        num_bins: how many ranges `adapt(data)` is to find; instead of `bin_boundaries`.
        epsilon: how exact the quantiles are that `adapt` finds: 0.01 keeps about a hundred values.
        output_mode: ``"int"``, the range's number; ``"one_hot"``, ``"multi_hot"`` or ``"count"``,
            encoded as `CategoryEncoding` does.
        sparse: must be False: arrays are dense.

    Output of the input's shape in ``"int"``.

    Raises:
        ConfigError: neither or both of boundaries and their number; boundaries out of order.
        StateError: called before `adapt`.

    >>> import numpy as np
    >>> Discretization(bin_boundaries=[0.0, 1.0])(np.array([[-1.5, 0.0, 3.4]])).tolist()
    [[0, 1, 2]]
    """

    traits = frozenset({"scales"})
    batch_safe = True
    placeholder = "float32"

    def __init__(
        self,
        bin_boundaries: Any = None,
        num_bins: int | None = None,
        epsilon: float = 0.01,
        output_mode: str = "int",
        sparse: bool = False,
        dtype: Any = None,
        name: str | None = None,
    ):
        super().__init__(name=name, dtype=dtype)
        self.bin_boundaries = bin_boundaries
        self.num_bins = num_bins
        self.epsilon = epsilon
        self.output_mode = output_mode
        self.sparse = sparse
        self.summary = quantiles.EMPTY
        self.check_mode("int", "one_hot", "multi_hot", "count")
        self.check_dense("sparse")
        checks.number(self, "epsilon", epsilon, 1e-6, 1.0)
        if (bin_boundaries is None) == (num_bins is None):
            both = bin_boundaries is not None
            raise ConfigError(
                f"{who(self)} takes either bin_boundaries or num_bins.",
                got="both" if both else "neither",
                fix="leave one out."
                if both
                else "bin_boundaries=[0.0, 1.0], or num_bins=10 and then adapt(data).",
            )
        if num_bins is not None:
            checks.positive_integer(self, "num_bins", num_bins, 10)
        else:
            self._check_boundaries(bin_boundaries)

    @property
    def each_value_alone(self) -> bool:  # type: ignore[override]
        return self.output_mode == "int"

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Find boundaries between which the data's values fall about equally often.

        Args:
            data: array, list or column of numbers, or an iterable of batches.
            steps: how many batches to take of an iterable; all by default.

        Raises:
            ConfigError: the layer was made with boundaries. DataError: no data, or not numbers.
        """
        self._must_find()
        self.reset_state()
        for batch in batches(self, data, steps):
            self.update_state(batch)
        self.finalize_state()

    def update_state(self, data: Any) -> None:
        """Look at one more batch, for `finalize_state` to find boundaries by.

        Args:
            data: array, list or column of numbers.

        Raises:
            ConfigError: the layer was made with boundaries. DataError: not finite numbers.
        """
        self._must_find()
        (batch,) = batches(self, data)
        if batch.dtype.kind not in "biuf" or not np.isfinite(batch).all():
            raise DataError(
                f"{who(self)} can only be adapted on finite numbers.",
                got=f"{batch.dtype} values",
                fix="drop or fill what is missing before adapt.",
            )
        one = quantiles.summary_of(batch, self.epsilon)
        self.summary = quantiles.merged(one, self.summary, self.epsilon)

    def finalize_state(self) -> None:
        """Find the boundaries by what `update_state` has seen; given ones stay.

        Raises:
            DataError: it has seen nothing.
        """
        if self.num_bins is None:
            return
        if self.summary.shape[1] == 0:
            raise DataError(
                f"{who(self)} was adapted on no data.",
                got="0 values",
                fix="pass the training data: layer.adapt(x_train).",
            )
        self.bin_boundaries = quantiles.boundaries(self.summary, self.num_bins)
        self._revision += 1

    def reset_state(self) -> None:
        """Forget what `update_state` has seen; boundaries that were found by it stay."""
        self.summary = quantiles.EMPTY

    def _must_find(self) -> None:
        if self.num_bins is None:
            raise ConfigError(
                f"{who(self)} was made with bin_boundaries of its own.",
                got="adapt() of a layer that has nothing to find",
                fix="Discretization(num_bins=10) finds them with adapt.",
            )

    def call(self, inputs: Any) -> Any:
        edges = self.bin_boundaries
        if edges is None:
            context = current()
            if context is None or not context.abstract:
                raise StateError(
                    f"{who(self)} does not know its ranges yet.",
                    got=f"num_bins={self.num_bins}, never adapted",
                    fix="call layer.adapt(x_train) first, or give bin_boundaries.",
                )
            edges = np.zeros(int(self.num_bins or 1) - 1)
        edges = jnp.asarray(edges, jnp.float32)
        values = numbers(self, inputs)
        # Few edges are all compared at once, which has no loop in it.
        method = "compare_all" if edges.size <= 64 else "scan"
        ids = jnp.searchsorted(edges, values.astype(jnp.float32), side="right", method=method)
        return self.encoded(ids.astype(jnp.int32), edges.size + 1)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Self:
        """A layer from what `get_config` returned, adapted if that one was."""
        config = dict(config)
        found = config.pop("bin_boundaries", None) if config.get("num_bins") is not None else None
        layer = super().from_config(config, custom_objects)
        if found is not None:
            layer.bin_boundaries = found
        return layer

    def _check_boundaries(self, edges: Any) -> None:
        try:
            values = np.asarray(edges, np.float64)
        except (TypeError, ValueError):
            values = np.zeros((1, 1))
        if values.ndim != 1 or not np.isfinite(values).all() or np.any(np.diff(values) < 0):
            raise ConfigError(
                f"The bin_boundaries of {who(self)} must be numbers in ascending order.",
                got=repr(edges),
                fix="bin_boundaries=sorted(boundaries).",
            )
