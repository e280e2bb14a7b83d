"""How whole programs are compiled: with the settings of XLA that the kernels were measured with."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax

from .platform import on_cpu

MEASURED = (0, 10)
"""The series of jax, major and minor, whose CPU compiler was measured."""

_LIBRARIES = {
    # XLA's own convolution (Eigen's) uses every core; the library YNNPACK, which jax 0.10 hands
    # most convolutions to, ran on one. Products and sums stay with it.
    "xla_cpu_experimental_ynn_fusion_type": (
        "LIBRARY_FUSION_TYPE_INDIVIDUAL_DOT,LIBRARY_FUSION_TYPE_REDUCE"
    )
}


# For a program that runs a few times: its arithmetic takes less time than better code for it.
_HASTILY = {"xla_backend_optimization_level": 0}


def program(
    function: Callable[..., Any], *, hastily: bool = False, **settings: Any
) -> Callable[..., Any]:
    """`jax.jit` for a whole program; not to be called inside of another.

    Args:
        function: what is compiled.
        hastily: whether compiling counts for more than running, on the CPU: it takes less time, and
            elementwise arithmetic more.
        settings: `donate_argnums`, `static_argnums`, as `jax.jit` takes them.

    >>> float(program(lambda x: x + 1.0)(1.0))
    2.0
    """
    chosen = options()
    if hastily and on_cpu():
        chosen = {**(chosen or {}), **_HASTILY}
    return jax.jit(function, compiler_options=chosen, **settings)


def options() -> dict[str, Any] | None:
    """XLA's settings for programs on this machine, of those that this jax knows."""
    return _LIBRARIES if on_cpu() and _known() else None


@functools.cache
def _known() -> bool:
    """Whether XLA takes the settings: asked where the series is a newer one."""
    if jax.__version_info__[:2] <= MEASURED:
        return jax.__version_info__[:2] == MEASURED
    try:
        jax.jit(lambda: 0, compiler_options=_LIBRARIES).lower().compile()
    except jax.errors.JaxRuntimeError:
        return False
    return True
