"""Loops, branches and transformations: operations that take functions.

They are JAX's own, under Keras's names. On the tensors of a functional model each call is a node, a
`Lambda` layer that holds the functions.

>>> fori_loop(0, 3, lambda i, total: total + i, 0).tolist()
3
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from pellucid._core.errors import ConfigError
from pellucid.layers.core.lambda_layer import Lambda
from pellucid.layers.symbolic import SymbolicTensor, has_symbolic, tree_map

from .op import tensor

__all__ = [
    "associative_scan",
    "cond",
    "custom_gradient",
    "fori_loop",
    "jvp",
    "map",
    "scan",
    "switch",
    "vectorize",
    "vectorized_map",
    "while_loop",
]


def _takes_functions(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: a call on symbolic tensors is recorded as a layer of the graph."""

    @functools.wraps(function)
    def operation(*args: Any, **kwargs: Any) -> Any:
        if has_symbolic((args, kwargs)):
            return _recorded(function, args, kwargs)
        return function(*args, **kwargs)

    return operation


def _recorded(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The call as a `Lambda` on its symbolic arguments, wherever they lie."""
    flat, tree = jax.tree.flatten(
        (args, kwargs), is_leaf=lambda leaf: isinstance(leaf, SymbolicTensor)
    )
    places = [n for n, leaf in enumerate(flat) if isinstance(leaf, SymbolicTensor)]

    def call(arrays: list[Any]) -> Any:
        filled = list(flat)
        for place, array in zip(places, arrays, strict=True):
            filled[place] = array
        args, kwargs = jax.tree.unflatten(tree, filled)
        return function(*args, **kwargs)

    return Lambda(call)([flat[place] for place in places])


def cond(pred, true_fn, false_fn):
    """`true_fn()` if `pred` is true, else `false_fn()`; both give the same shapes and formats.

    In a functional model the functions may use its tensors; where they do, both are computed.

    >>> cond(jnp.array(True), lambda: 1.0, lambda: 2.0).tolist()
    1.0
    """
    if isinstance(pred, SymbolicTensor):
        from .numpy.arithmetic import where

        found = true_fn(), false_fn()
        if not has_symbolic(found):
            return _recorded(cond, (pred, true_fn, false_fn), {})
        return tree_map(lambda a, b: where(pred, a, b), *found)
    return jax.lax.cond(pred, true_fn, false_fn)


@_takes_functions
def switch(index, branches, *operands):
    """`branches[index](*operands)`, the index being kept within the list.

    >>> switch(1, [lambda x: x, lambda x: -x], 3.0).tolist()
    -3.0
    """
    return jax.lax.switch(index, branches, *operands)


@_takes_functions
def while_loop(cond, body, loop_vars, maximum_iterations=None):
    """``loop_vars = body(*loop_vars)`` for as long as ``cond(*loop_vars)`` is true.

    Args:
        cond: of the loop variables, one truth value.
        body: of the loop variables, their new values.
        loop_vars: one variable, or a tuple or list of several, whose shapes stay the same.
        maximum_iterations: stop after so many in any case.

    >>> while_loop(lambda x: x < 10, lambda x: 2 * x, 1).tolist()
    16
    """
    several = isinstance(loop_vars, (tuple, list))

    def variables(values: Any) -> tuple[Any, ...]:
        return tuple(values) if several else (values,)

    def goes_on(state: Any) -> Any:
        count, values = state
        more = cond(*values)
        return more if maximum_iterations is None else more & (count < maximum_iterations)

    def once(state: Any) -> Any:
        count, values = state
        return count + 1, variables(body(*values))

    _, values = jax.lax.while_loop(goes_on, once, (0, variables(loop_vars)))
    return values if several else values[0]


@_takes_functions
def fori_loop(lower, upper, body_fun, init_val):
    """``value = body_fun(i, value)`` for every i from `lower` up to, and without, `upper`."""
    return jax.lax.fori_loop(lower, upper, body_fun, init_val)


@_takes_functions
def scan(f, init, xs=None, length=None, reverse=False, unroll=1):
    """A loop that carries something along and keeps what every step gives.

    Args:
        f: ``(carry, x) -> (carry, y)``.
        init: the first carry.
        xs: what the steps see, along axis 0; nested as you like; None for nothing.
        length: how many steps, where `xs` does not say.
        reverse: whether to begin at the end.
        unroll: how many steps to compile as one.

    Returns:
        The last carry, and every y along a new axis 0.

    >>> last, totals = scan(lambda total, x: (total + x, total + x), 0, jnp.arange(4))
    >>> last.tolist(), totals.tolist()
    (6, [0, 1, 3, 6])
    """
    whole = isinstance(unroll, (bool, int))
    if not whole or (unroll is not True and unroll is not False and unroll < 1):
        raise ConfigError(
            "ops.scan compiles a positive number of steps as one.", got=f"unroll={unroll!r}"
        )
    return jax.lax.scan(f, init, xs, length=length, reverse=reverse, unroll=unroll)


@_takes_functions
def associative_scan(f, elems, reverse=False, axis=0):
    """Running results of an associative function, computed in parallel.

    >>> associative_scan(jnp.add, jnp.arange(4)).tolist()
    [0, 1, 3, 6]
    """
    return jax.lax.associative_scan(f, elems, reverse=reverse, axis=axis)


@_takes_functions
def map(f, xs):
    """`f` of every slice of `xs` along axis 0, one after another.

    >>> map(lambda x: x + 1, jnp.arange(3)).tolist()
    [1, 2, 3]
    """
    return jax.lax.map(f, xs)


@_takes_functions
def vectorized_map(function, elements):
    """`function` of every slice of `elements` along axis 0, all at once."""
    return jax.vmap(function)(elements)


def vectorize(pyfunc, *, excluded=None, signature=None):
    """A function of numbers as a function of arrays, with NumPy's rules of broadcasting.

    Args:
        pyfunc: the function.
        excluded: positions and names of arguments that stay as they are.
        signature: of a function of vectors or matrices: ``"(n),(n)->()"``.
    """
    return jnp.vectorize(pyfunc, excluded=excluded or set(), signature=signature)


def custom_gradient(f):
    """Decorator: a function with a gradient of its own.

    Args:
        f: returns its result and a function from the gradient of the result to those of its
            arguments.

    >>> @custom_gradient
    ... def clipped(x):
    ...     return x, lambda upstream: jnp.clip(upstream, -1, 1)
    >>> jax.grad(lambda x: 5 * clipped(x))(2.0).tolist()
    1.0
    """
    with_gradient = jax.custom_gradient(f)

    @functools.wraps(f)
    def function(*args: Any, **kwargs: Any) -> Any:
        # Weights as their arrays: JAX differentiates with respect to arrays.
        plain = [tensor(arg) if hasattr(arg, "value") else arg for arg in args]
        return with_gradient(*plain, **kwargs)

    return function


@_takes_functions
def jvp(fun, primals, tangents, has_aux=False):
    """The value of a function and how it changes in a direction.

    Args:
        fun: the function.
        primals: its arguments, a tuple.
        tangents: the direction: how each argument changes.
        has_aux: whether `fun` returns something else as well, handed through.

    >>> value, change = jvp(jnp.square, (3.0,), (1.0,))
    >>> value.tolist(), change.tolist()
    (9.0, 6.0)
    """
    return jax.jvp(fun, tuple(primals), tuple(tangents), has_aux=has_aux)
