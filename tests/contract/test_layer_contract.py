"""What every layer owes: checked over the whole registry, so that a new class costs one line."""

from __future__ import annotations

import copy
import doctest
import inspect
import json
import sys
import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from contract.layer_cases import CASES, NOT_ALONE, Case

import pellucid
from pellucid import layers
from pellucid._core.errors import MaskLostWarning, ShapeError, UnknownNameError
from pellucid._core.specs import argument_names, deserialize, family, serialize
from pellucid.layers.context import Context, bind
from pellucid.layers.symbolic import leaves, tree_map

every_case = pytest.mark.parametrize("case", CASES, ids=str)
KEY = jax.random.key(7)


@pellucid.register("function", "contract_square")
def _square(x):
    return x**2


def registered() -> dict[str, type]:
    """The layer classes of the package by primary name; those of other tests do not count."""
    found = family("layer").entries()
    return {n: c for n, c in found.items() if c.__module__.startswith("pellucid.")}


def make(case: Case, **extra):
    arguments = {name: deserialize(value) for name, value in case.arguments.items()}
    if case.layer == "GetItem":
        arguments = dict(case.arguments)  # a slice is written as a dictionary
    return getattr(layers, case.layer)(**arguments, **extra)


def built(case: Case, batch: int = 3, **extra):
    """A layer that has seen its input's shape, and that input."""
    layer, x = make(case, **extra), case.draw(batch)
    layer(x)
    return layer, x


def call(layer, x, training=False, rng=KEY, valid=None, variables=None):
    """Outputs and updates, as pure functions of everything."""
    variables = layer.variable_tree() if variables is None else variables
    out, context = layer.bound_call(variables, (x,), training=training, rng=rng, valid=valid)
    return out, {weight.path: value for weight, value in context.updates.items()}


def floats(x):
    """The float arrays of an input, as JAX arrays."""
    return [jnp.asarray(a) for a in leaves(x) if np.issubdtype(a.dtype, np.floating)]


def rebuilt(x, replaced):
    """`x` with its float arrays replaced in order."""
    supply = iter(replaced)
    return tree_map(lambda a: next(supply) if np.issubdtype(a.dtype, np.floating) else a, x)


def close(a, b, rtol=1e-5, atol=1e-6):
    for one, other in zip(leaves(a), leaves(b), strict=True):
        np.testing.assert_allclose(
            np.asarray(one, "float32"), np.asarray(other, "float32"), rtol=rtol, atol=atol
        )


def test_every_registered_class_is_in_the_table():
    listed = {case.layer for case in CASES} | set(NOT_ALONE)
    assert set(registered()) - listed == set(), "add one line per class to layer_cases.py"
    public = {n for n in registered() if n not in ("Model", "Sequential")}
    assert public <= set(layers.__all__)


@every_case
def test_config_round_trip(case):
    layer, x = built(case)
    config = json.loads(json.dumps(layer.get_config()))
    twin = type(layer).from_config(config)
    assert twin.get_config() == layer.get_config()
    twin(x)
    twin.set_weights(layer.get_weights())
    close(twin(x), layer(x), rtol=0, atol=0)
    through = deserialize(json.loads(json.dumps(serialize(layer))))
    assert type(through) is type(layer)
    assert through.get_config() == layer.get_config()


@every_case
def test_arguments_are_kept_and_shown(case):
    layer = make(case, name="mine")
    config, shown = layer.get_config(), repr(layer)
    assert shown.startswith(case.layer + "(")
    assert "name='mine'" in shown
    for name, value in case.arguments.items():
        if case.layer != "InputLayer":  # as in Keras, it writes batch_shape down instead
            assert config[name] == serialize(deserialize(value))
        default = inspect.signature(type(layer).__init__).parameters[name].default
        if not (value is default or value == default):
            assert f"{name}=" in shown


@every_case
def test_copies_are_independent(case):
    layer, x = built(case)
    twin = copy.deepcopy(layer)
    close(twin(x), layer(x), rtol=0, atol=0)
    before = layer.get_weights()
    twin.set_weights([w + 1 for w in twin.get_weights()])
    close(layer.get_weights(), before, rtol=0, atol=0)


@every_case
@pytest.mark.parametrize("training", [False, True])
def test_compiled_equals_eager(case, training):
    layer, x = built(case)
    variables = layer.variable_tree()

    def run(variables, x):
        return call(layer, x, training, variables=variables)

    close(jax.jit(run)(variables, x), run(variables, x))


@every_case
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
    y = call(layer, x, True)[0]
    weight = jnp.asarray(rng.standard_normal(y.shape), "float32")

    @jax.jit
    def value(point):
        ours, arrays = point
        y, _ = call(layer, rebuilt(x, arrays), True, variables={**fixed, **ours})
        return jnp.sum(y * weight)

    gradient = jax.grad(value)(start)
    assert all(jnp.isfinite(g).all() for g in leaves(gradient))
    direction = tree_map(lambda a: jnp.asarray(rng.standard_normal(a.shape), a.dtype), start)
    step = 1e-2
    ahead = value(tree_map(lambda a, d: a + step * d, start, direction))
    behind = value(tree_map(lambda a, d: a - step * d, start, direction))
    expected = float(ahead - behind) / (2 * step)
    slope = sum(float(jnp.vdot(g, d)) for g, d in zip(leaves(gradient), leaves(direction)))
    # A kink within the step can move the difference by a share of the slope.
    assert slope == pytest.approx(expected, rel=0.1, abs=0.05 * float(jnp.abs(weight).sum()))


@every_case
def test_inferred_shape_is_the_real_one(case):
    layer = make(case)
    shapes = [(None, *spec.shape) for spec in case.inputs]
    inferred = layer.compute_output_shape(shapes[0] if len(shapes) == 1 else shapes)
    for batch in (1, 2, 5):
        y = layer(case.draw(batch))
        assert inferred[0] is None
        assert y.shape == (batch, *inferred[1:])


@every_case
def test_half_precision(case):
    layer, x = built(case)
    reference = layer(x)
    if not jnp.issubdtype(reference.dtype, jnp.floating) or case.layer == "InputLayer":
        return
    for policy in ("bfloat16", "mixed_bfloat16"):
        twin = make(case, dtype=policy)
        twin(x)
        assert all(
            w.dtype == ("bfloat16" if policy == "bfloat16" else "float32")
            for w in twin.weights
            if "int" not in w.dtype
        )
        twin.set_weights(layer.get_weights())
        y = twin(x)
        assert y.dtype == jnp.bfloat16
        close(y, reference, rtol=0.05, atol=0.05)
        y, updates = call(twin, x, training=True)
        assert y.dtype == jnp.bfloat16
        assert jnp.isfinite(y.astype("float32")).all()


@every_case
def test_vmap_over_apply(case):
    layer, _ = built(case)
    batches = [case.draw(3, seed) for seed in range(2)]
    stacked = tree_map(lambda *arrays: jnp.stack(arrays), *batches)
    mapped = jax.vmap(lambda x: call(layer, x, training=True)[0])(stacked)
    for number, x in enumerate(batches):
        close(mapped[number], call(layer, x, training=True)[0])


@every_case
@pytest.mark.parametrize("training", [False, True])
def test_rows_that_fill_a_batch_change_nothing(case, training):
    """The claim `batch_safe`: what real rows give, and what is remembered, is as without padding."""
    layer, x = built(case, batch=4)
    if not layer.batch_safe:
        return
    junk = case.draw(3, seed=9)
    padded = tree_map(lambda a, b: np.concatenate([a, b * 50 if b.dtype.kind == "f" else b]), x, junk)
    valid = jnp.arange(7) < 4
    expected, updates = call(layer, x, training)
    got, padded_updates = call(layer, padded, training, valid=valid)
    close(tree_map(lambda a: a[:4], got), expected)
    assert set(updates) == set(padded_updates)
    close(padded_updates, updates)


@every_case
def test_masked_steps_change_no_real_step(case):
    """Where a mask is honoured, what stands in a masked step can be anything."""
    steps = {spec.shape[:1] if len(spec.shape) >= 2 else None for spec in case.inputs}
    if not case.takes_floats or case.mixes_steps or len(steps) > 1 or None in steps:
        return
    layer, x = built(case, batch=4)
    arrays = leaves(x)
    keep = np.random.default_rng(3).random((4, arrays[0].shape[1])) < 0.6
    keep[:, 0] = True

    def run(arrays, training):
        arrays = [jnp.asarray(a) for a in arrays]
        context = Context(training=training, rng=KEY)
        with bind(context):
            for array in arrays:
                context.set_mask(array, jnp.asarray(keep))
            y = layer(arrays[0] if len(arrays) == 1 else arrays)
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


@pytest.mark.parametrize("name", sorted(set(registered()) - set(NOT_ALONE)))
def test_a_misspelt_argument_is_refused_with_a_suggestion(name):
    case = next(case for case in CASES if case.layer == name)
    arguments = argument_names(registered()[name])
    right = next((a for a in case.arguments if len(a) > 3), "trainable")
    assert right in arguments
    with pytest.raises(UnknownNameError) as caught:
        make(case, **{right[:-1] + "zz": 1})
    message = str(caught.value)
    assert f"{name} has no argument called '{right[:-1]}zz'" in message
    assert f"did you mean {right!r}" in message


@every_case
def test_weights_can_be_taken_out_and_put_back(case):
    layer, x = built(case)
    twin, _ = built(case, name="twin")
    values = [w + 0.5 if w.dtype.kind == "f" else w for w in layer.get_weights()]
    layer.set_weights(values)
    twin.set_weights(values)
    close(twin.get_weights(), values, rtol=0, atol=0)
    close(twin(x), layer(x), rtol=0, atol=0)
    if values:
        with pytest.raises(ShapeError):
            layer.set_weights(values[:-1])
        values[0] = np.zeros((*np.shape(values[0]), 2), "float32")
        with pytest.raises(ShapeError, match=layer.weights[0].path):
            layer.set_weights(values)


@every_case
def test_another_width_is_refused_in_words(case):
    layer, x = built(case)
    if not layer.weights or not case.takes_floats:
        return
    axis = getattr(layer, "axis", -1)
    axis = axis[-1] if isinstance(axis, list) else axis
    with pytest.raises(ShapeError) as caught:
        layer(np.repeat(x, 2, axis=-1 if axis is None else axis))
    assert layer.name in str(caught.value)
    assert "fix:" in str(caught.value)


@pytest.mark.parametrize("name", sorted(set(registered()) - set(NOT_ALONE)))
def test_the_docstring_example_runs(name):
    cls = registered()[name]
    module = sys.modules[cls.__module__]
    tests = doctest.DocTestFinder(recurse=False).find(cls, name, globs=vars(module).copy())
    assert tests, f"{name} needs an example in its docstring"
    assert tests[0].examples, f"{name} needs an example in its docstring"
    result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(tests[0])
    assert result.failed == 0


@every_case
def test_calling_twice_warns_of_nothing(case):
    layer, x = built(case)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        layer(x)
        layer(x, training=True) if "training" in inspect.signature(layer.call).parameters else None
