"""Keras's stateless calls of a metric: its variables go in as a list of arrays, and come out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pellucid._core.errors import ConfigError

if TYPE_CHECKING:
    from .base import Metric


class StatelessCalls:
    """What a metric can do with a state that the caller holds, as a list of arrays."""

    def stateless_update_state(self, metric_variables: Any, *args: Any, **kwargs: Any) -> list[Any]:
        """The variables after one more batch; nothing on this object changes.

        Args:
            metric_variables: one array per variable, in the order of `variables`.
            *args, **kwargs: as for `update_state`.

        >>> from pellucid.metrics import Mean
        >>> mean = Mean()
        >>> [float(value) for value in mean.stateless_update_state([0.0, 0.0], [1.0, 3.0])]
        [4.0, 2.0]
        """
        with _holding(self, metric_variables) as read:
            self.update_state(*args, **kwargs)  # type: ignore[attr-defined]
            return read()

    def stateless_result(self, metric_variables: Any) -> Any:
        """The value that the variables stand for.

        Args:
            metric_variables: one array per variable, in the order of `variables`.

        >>> from pellucid.metrics import Mean
        >>> float(Mean().stateless_result([4.0, 2.0]))
        2.0
        """
        with _holding(self, metric_variables):
            return self.result()  # type: ignore[attr-defined]

    def stateless_reset_state(self) -> list[Any]:
        """The variables before the first batch.

        >>> from pellucid.metrics import Mean
        >>> [float(value) for value in Mean().stateless_reset_state()]
        [0.0, 0.0]
        """
        with _holding(self, None) as read:
            self.reset_state()  # type: ignore[attr-defined]
            return read()


@contextmanager
def _holding(metric: Any, values: Sequence[Any] | None) -> Iterator[Any]:
    """Let the metric's variables hold `values` for a while; yields a function that reads them."""
    variables = metric.variables
    if values is not None and len(values) != len(variables):
        raise ConfigError(
            f"Metric {metric.name!r} has {len(variables)} variables but was given {len(values)}.",
            got=f"{len(values)} arrays",
            expected=f"one for each of {[variable.name for variable in variables]}",
            fix="pass the arrays of metric.variables, in that order.",
        )
    owners: dict[Metric, None] = {variable.owner: None for variable in variables}
    before = [(owner, owner._state, owner.is_bound) for owner in owners]
    try:
        for owner in owners:
            owner._state, owner.is_bound = dict(owner.current_state()), True
        for variable, value in zip(variables, values or (), strict=False):
            variable.assign(value)
        yield lambda: [variable.value for variable in variables]
    finally:
        for owner, state, was_bound in before:
            owner._state, owner.is_bound = state, was_bound
