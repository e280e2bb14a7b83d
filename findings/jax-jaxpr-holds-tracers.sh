#!/usr/bin/env bash
# JAX: the open jaxpr of jax.make_jaxpr (.jaxpr, its constants apart) as an argument of custom_vjp that
# is not differentiated, its constants handed over as arguments.
# Expected: as with 0.10.2, where it holds names only. Seen with 0.12.0.1: it holds the tracers of its
# constants too, and jax.checking_leaks finds them after the trace.
# Needs Python 3.12 or newer: PYTHON=python3.13 findings/jax-jaxpr-holds-tracers.sh
source "$(dirname "$0")/with.sh"
cat >"$folder/program.py" <<'END'
import functools
import sys

import jax
import jax.numpy as jnp


@functools.partial(jax.custom_vjp, nondiff_argnums=(0,))
def again(jaxpr, constants, x):
    return jax.core.eval_jaxpr(jaxpr, constants, x)[0]


def forward(jaxpr, constants, x):
    return again(jaxpr, constants, x), (constants, x)


def backward(jaxpr, kept, gradient):
    return jax.vjp(lambda c, x: jax.core.eval_jaxpr(jaxpr, c, x)[0], *kept)[1](gradient)


again.defvjp(forward, backward)


def loss(weight, x):
    closed = jax.make_jaxpr(lambda x: x * weight)(x)
    return again(closed.jaxpr, closed.consts, x).sum()


try:
    with jax.checking_leaks():
        jax.jit(jax.grad(loss, argnums=1))(jnp.ones(3), jnp.ones(3))
    seen = "clean"
except Exception as error:
    seen = "leak"
    print(str(error).splitlines()[0])
print(seen)
assert seen == sys.argv[1], "the behaviour has changed"
END
run jax==0.10.2 <<<'import sys; sys.argv.append("clean"); exec(open("program.py").read())'
run jax==0.12.0.1 <<<'import sys; sys.argv.append("leak"); exec(open("program.py").read())'
