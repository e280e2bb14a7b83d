"""What every layer owes in numbers: compiled, differentiated, mapped, padded, masked, halved."""

from __future__ import annotations

import inspect
import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from contract.layer_cases import (
    built,
    every_case,
    knows_modes,
    make,
    one_case_a_layer,
    one_case_where_keras_has_none,
)

from pellucid._core.errors import MaskLostWarning
from pellucid._core.specs import argument_names
from pellucid.config import set_dtype_policy
from pellucid.layers.building import placeholders
from pellucid.layers.context import Context, bind
from pellucid.layers.symbolic import leaves, tree_map

pytestmark = pytest.mark.slow  # one or more compilations per test: two minutes in all
KEY = jax.random.key(7)


def call(case, layer, x, training=False, rng=KEY, valid=None, variables=None):
    """Outputs and updates, as pure functions of everything."""
    variables = layer.variable_tree() if variables is None else variables
    out, context = layer.bound_call(
        variables, case.positional(x), dict(case.call), training=training, rng=rng, valid=valid
    )
    return out, {weight.path: value for weight, value in context.updates.items()}


def for_program(case, layer, x):
    """`x` as a compiled program takes it: what the host makes of it, where a call begins there."""
    specs = case.packed([placeholders((None, *spec.shape), spec.dtype) for spec in case.inputs])
    if not layer.needs_host(*case.positional(specs)):
        return x
    return layer.on_host(*case.positional(x))


def floats(x):
    """The float arrays of an input, as JAX arrays."""
    return [jnp.asarray(a) for a in leaves(x) if np.issubdtype(a.dtype, np.floating)]


def rebuilt(x, replaced):
    """`x` with its float arrays replaced in order."""
    supply = iter(replaced)
    return tree_map(lambda a: next(supply) if np.issubdtype(a.dtype, np.floating) else a, x)


def close(a, b, rtol=1e-5, atol=1e-6):
    for one, other in zip(leaves(a), leaves(b), strict=True):
        assert np.shape(one) == np.shape(other)
        np.testing.assert_allclose(
            np.asarray(one, "float32"), np.asarray(other, "float32"), rtol=rtol, atol=atol
        )


@one_case_a_layer
@pytest.mark.parametrize("training", [False, True])
def test_compiled_equals_eager(case, training):
    if training and not knows_modes(case):
        return
    layer, x = built(case)
    variables = layer.variable_tree()

    def run(variables, x):
        return call(case, layer, x, training, variables=variables)

    close(jax.jit(run)(variables, for_program(case, layer, x)), run(variables, x))


@one_case_where_keras_has_none
def test_gradients(case):
    """Finite, and along a random direction what a finite difference says."""
    layer, x = built(case)
    trainable = {w.path for w in layer.trainable_weights}
    variables = layer.variable_tree()
    fixed = {path: value for path, value in variables.items() if path not in trainable}
    start = ({path: variables[path] for path in trainable}, floats(x))
    if not leaves(start):
        return
    rng = np.random.default_rng(1)

    def outputs(point):
        ours, arrays = point
        return leaves(call(case, layer, rebuilt(x, arrays), True, variables={**fixed, **ours})[0])

    weights = [
        jnp.asarray(rng.standard_normal(y.shape), "float32") for y in jax.eval_shape(outputs, start)
    ]

    @jax.jit
    @jax.value_and_grad
    def both(point):
        return sum(jnp.sum(a * w) for a, w in zip(outputs(point), weights, strict=True))

    _, gradient = both(start)
    assert all(jnp.isfinite(g).all() for g in leaves(gradient))
    if case.holds_fixed:
        return
    direction = tree_map(lambda a: jnp.asarray(rng.standard_normal(a.shape), a.dtype), start)
    step = 1e-2
    ahead, _ = both(tree_map(lambda a, d: a + step * d, start, direction))
    behind, _ = both(tree_map(lambda a, d: a - step * d, start, direction))
    expected = float(ahead - behind) / (2 * step)
    slope = sum(
        float(jnp.vdot(g, d)) for g, d in zip(leaves(gradient), leaves(direction), strict=True)
    )
    # A kink within the step can move the difference by a share of the slope.
    allowed = 0.05 * sum(float(jnp.abs(w).sum()) for w in weights)
    assert slope == pytest.approx(expected, rel=0.1, abs=allowed)


@one_case_a_layer
def test_half_precision(case):
    layer, x = built(case)
    reference = call(case, layer, x)[0]
    formats = {y.dtype for y in leaves(reference)}
    # Parts of arithmetic between layers have the format of what they are given, as in Keras.
    follows = case.layer in ("InputLayer", "Operation", "GetItem")
    has_policy = "dtype" in argument_names(type(layer)) and not follows
    if formats != {jnp.dtype("float32")} or not has_policy:
        return
    for policy in ("bfloat16", "mixed_bfloat16"):
        set_dtype_policy(policy)  # for the layers inside it, which have a policy of their own
        twin = make(case, dtype=policy)
        call(case, twin, x) if twin.built else twin(*case.positional(x), **case.call)
        assert all(
            w.dtype == ("bfloat16" if policy == "bfloat16" else "float32")
            for w in twin.weights
            if "int" not in w.dtype
        )
        twin.set_weights(layer.get_weights())
        outputs = call(case, twin, x)[0]
        assert {y.dtype for y in leaves(outputs)} == {jnp.dtype("bfloat16")}
        close(outputs, reference, rtol=0.05, atol=0.05)
        if policy == "bfloat16" or not knows_modes(case):
            continue
        for y in leaves(call(case, twin, x, training=True)[0]):
            assert y.dtype == jnp.bfloat16
            assert jnp.isfinite(y.astype("float32")).all()


@pytest.mark.exhaustive
@one_case_a_layer
def test_vmap_over_apply(case):
    layer, _ = built(case)
    batches = [for_program(case, layer, case.draw(3, seed)) for seed in range(2)]
    stacked = tree_map(lambda *arrays: jnp.stack(arrays), *batches)
    mapped = jax.jit(jax.vmap(lambda x: call(case, layer, x, training=True)[0]))(stacked)
    for number, x in enumerate(batches):
        close(tree_map(lambda a, n=number: a[n], mapped), call(case, layer, x, training=True)[0])


@pytest.mark.exhaustive
@one_case_a_layer
def test_rows_that_fill_a_batch_of_an_evaluation_change_nothing(case):
    if not knows_modes(case):
        return
    rows_that_fill_change_nothing(case, training=False)


@one_case_a_layer
def test_rows_that_fill_a_batch_change_nothing(case):
    rows_that_fill_change_nothing(case, training=True)


def rows_that_fill_change_nothing(case, training):
    """The claim `batch_safe`: real rows give, and layers remember, the same as without padding."""
    layer, x = built(case, batch=3)
    if not layer.batch_safe:
        return
    junk = case.draw(2, seed=9)
    padded = tree_map(
        lambda a, b: np.concatenate([a, b * 50 if b.dtype.kind == "f" else b]), x, junk
    )
    valid = jnp.arange(5) < 3
    expected, updates = call(case, layer, x, training)
    got, padded_updates = call(case, layer, padded, training, valid=valid)
    close(tree_map(lambda a: a[:3], got), expected)
    assert set(updates) == set(padded_updates)
    close(padded_updates, updates)


@every_case
def test_masked_steps_change_no_real_step(case):
    """Where a mask is honoured, what stands in a masked step can be anything."""
    steps = {spec.shape[:1] if len(spec.shape) >= 2 else None for spec in case.inputs}
    if not case.takes_floats or case.mixes_steps or len(steps) > 1 or None in steps:
        return
    layer, x = built(case, batch=3)
    arrays = leaves(x)
    keep = np.random.default_rng(3).random((3, arrays[0].shape[1])) < 0.6
    keep[:, 0] = True

    def run(arrays, training):
        arrays = [jnp.asarray(a) for a in arrays]
        context = Context(training=training, rng=KEY)
        with bind(context):
            for array in arrays:
                context.set_mask(array, jnp.asarray(keep))
            y = leaves(layer(*case.positional(case.packed(arrays)), **case.call))[0]
            return np.asarray(y), context.mask_of(y)

    changed = [a.copy() for a in arrays]
    for array in changed:
        array[~keep] = 7.0
    if not layer.supports_masking:
        with pytest.warns(MaskLostWarning, match=layer.name):
            run(arrays, False)
        return
    for training in (False, True):
        y, mask = run(arrays, training)
        other, _ = run(changed, training)
        if mask is not None:
            y, other = y[np.asarray(mask)], other[np.asarray(mask)]
        np.testing.assert_allclose(other, y, rtol=1e-5, atol=1e-6)


@one_case_a_layer
def test_calling_twice_warns_of_nothing(case):
    layer, x = built(case)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        layer(*case.positional(x), **case.call)
        if "training" in inspect.signature(layer.call).parameters:
            layer(*case.positional(x), **case.call, training=True)


@one_case_a_layer
def test_inferred_shape_is_the_real_one(case):
    layer = make(case)
    tensors = case.packed([placeholders((None, *spec.shape), spec.dtype) for spec in case.inputs])
    inferred = leaves(layer(*case.positional(tensors), **case.call))
    outputs = leaves(layer(*case.positional(case.draw(5)), **case.call))
    assert len(outputs) == len(inferred)
    for y, drawn in zip(outputs, inferred, strict=True):
        assert drawn.shape[0] is None
        assert y.shape == (5, *drawn.shape[1:])
        assert y.dtype == drawn.dtype
