#!/usr/bin/env bash
# JAX: an attribute of one's own on an array.
# Expected: refused, or taken, everywhere alike. Seen: concrete arrays take it, tracers refuse it, so
# that code which tags arrays runs until it is compiled.
source "$(dirname "$0")/with.sh"
run jax==0.10.2 <<'END'
import jax
import jax.numpy as jnp


def tagged(x):
    x.mask = True
    return x


print("array:", tagged(jnp.ones(3)).mask)
try:
    jax.jit(tagged)(jnp.ones(3))
except AttributeError as error:
    print("tracer:", error)
else:
    raise SystemExit("the behaviour has changed")
END
