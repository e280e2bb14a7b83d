"""A function whose intermediate results are computed again for the gradient instead of being kept.

`jax.checkpoint` does this, but on the CPU XLA merges the second computation with the first (its
barrier is removed before equal operations are looked for) and nothing is saved. There the second
one is put into a branch of a condition that only the data decides, which XLA has to leave alone.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from .platform import on_cpu


def recompute(function: Callable[..., Any], *args: Any) -> Any:
    """``function(*args)``; its gradient keeps the arguments only, and runs `function` again.

    Args:
        function: of pytrees of arrays, to one; it is traced once, and may use arrays from outside.
        args: its arguments.

    >>> inner = lambda x: jnp.sin(jnp.sin(x))
    >>> bool(jax.grad(lambda x: recompute(inner, x))(0.5) == jax.grad(inner)(0.5))
    True
    """
    if not on_cpu():
        return jax.checkpoint(function)(*args)
    closed, shapes = jax.make_jaxpr(function, return_shape=True)(*args)
    # What the function uses from outside becomes an argument: its gradient passes through here.
    values = [jnp.asarray(value) for value in (*closed.consts, *jax.tree.leaves(args))]
    flat = _run(_without_values(closed.jaxpr, values), values)
    return jax.tree.unflatten(jax.tree.structure(shapes), flat)


def _without_values(jaxpr: Any, values: list[Any]) -> Any:
    """`jaxpr` as a function of all `values`, keeping none: newer JAX lets it hold its constants."""
    count = len(jaxpr.constvars)

    def run(values: list[Any]) -> Any:
        return _evaluated(jaxpr, values[:count], values[count:])

    shapes = [jax.ShapeDtypeStruct(value.shape, value.dtype) for value in values]
    return jax.make_jaxpr(run)(shapes).jaxpr


def _evaluated(jaxpr: Any, constants: list[Any], arguments: list[Any]) -> list[Any]:
    from jax.extend.core import ClosedJaxpr, jaxpr_as_fun  # loads more than it needs

    return list(jaxpr_as_fun(ClosedJaxpr(jaxpr, constants))(*arguments))


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def _run(jaxpr: Any, values: list[Any]) -> list[Any]:
    return _evaluated(jaxpr, [], values)


def _forward(jaxpr: Any, values: list[Any]) -> Any:
    return _run(jaxpr, values), values


def _backward(jaxpr: Any, values: list[Any], slopes: list[Any]) -> Any:
    smooth = [jnp.issubdtype(jnp.result_type(value), jnp.inexact) for value in values]
    chosen = [value for value, is_smooth in zip(values, smooth, strict=True) if is_smooth]

    def again(chosen: list[Any]) -> list[Any]:
        supply = iter(chosen)
        pairs = zip(values, smooth, strict=True)
        return _run.fun(jaxpr, [next(supply) if is_smooth else v for v, is_smooth in pairs])

    def gradients() -> list[Any]:
        return jax.vjp(again, chosen)[1](slopes)[0]

    supply = iter(
        jax.lax.cond(_true(chosen), gradients, lambda: [jnp.zeros_like(v) for v in chosen])
    )
    return ([next(supply) if is_smooth else None for is_smooth in smooth],)


_run.defvjp(_forward, _backward)


def _true(arrays: list[Any]) -> Any:
    """True, which no compiler can know: that a number is not beyond infinity."""
    first = next(array for array in arrays if array.size)
    return ~(jnp.ravel(first.real)[0] > jnp.inf)
