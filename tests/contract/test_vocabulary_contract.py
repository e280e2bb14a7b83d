"""One contract over every registered initialiser, penalty, constraint, loss and metric."""

from __future__ import annotations

import copy
import importlib
import inspect
import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from pellucid._core import specs
from pellucid._core.specs import family

MODULES = {
    "initializer": "initializers",
    "regularizer": "regularizers",
    "constraint": "constraints",
    "loss": "losses",
    "metric": "metrics",
}
for module in MODULES.values():  # whose import fills the registries read below
    importlib.import_module(f"pellucid.{module}")
NEEDS = {
    "MeanMetricWrapper": {"fn": "huber"},
    "IoU": {"num_classes": 4, "target_class_ids": [0, 2]},
    "OneHotIoU": {"num_classes": 4, "target_class_ids": [0, 2]},
    "MeanIoU": {"num_classes": 4},
    "OneHotMeanIoU": {"num_classes": 4},
    "SensitivityAtSpecificity": {"specificity": 0.5},
    "SpecificityAtSensitivity": {"sensitivity": 0.5},
    "PrecisionAtRecall": {"recall": 0.5},
    "RecallAtPrecision": {"precision": 0.5},
}
# Losses of the whole batch together, as in Keras, unless they are given an axis.
WHOLE_BATCH = ("Dice", "Tversky")


def entries(*kinds):
    return [
        pytest.param(kind, cls, id=f"{kind}-{name}")
        for kind in kinds
        for name, cls in family(kind).entries().items()
        if cls.__module__.startswith("pellucid.")
    ]


def make(cls, **settings):
    return cls(**{**NEEDS.get(cls.__name__, {}), **settings})


def altered(cls):
    """Arguments other than the defaults, guessed from the defaults' types."""
    changed = {}
    for name, default in specs.argument_defaults(cls).items():
        if isinstance(default, bool):
            changed[name] = not default
        elif isinstance(default, float):
            changed[name] = default / 2 + 0.125
        elif name in ("name", "seed"):
            changed[name] = {"name": "another", "seed": 11}[name]
        elif isinstance(default, int) and name != "axis":
            changed[name] = default + 1
    return changed


@pytest.mark.parametrize(("kind", "cls"), entries(*MODULES))
def test_configuration_survives_json(kind, cls):
    for settings in ({}, altered(cls)):
        original = make(cls, **settings)
        for name, value in settings.items():
            assert getattr(original, name) == value
        written = json.loads(json.dumps(specs.serialize(original)))
        again = specs.deserialize(written)
        assert type(again) is cls
        assert again.get_config() == original.get_config()
        assert repr(again) == repr(original)
        assert copy.deepcopy(original).get_config() == original.get_config()


@pytest.mark.parametrize(("kind", "cls"), entries(*MODULES))
def test_public_and_documented(kind, cls):
    module = importlib.import_module(f"pellucid.{MODULES[kind]}")
    assert getattr(module, cls.__name__) is cls
    if hasattr(module, "__all__"):
        assert cls.__name__ in module.__all__
    assert ">>>" in inspect.getdoc(cls), "no example"
    assert family(kind).name_of(cls) == cls.__name__  # what configurations hold


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "cls"), entries("regularizer", "constraint"))
def test_jit_equals_eager(kind, cls):
    w = jnp.asarray(np.random.default_rng(0).normal(size=(4, 4)), jnp.float32)
    function = make(cls)
    np.testing.assert_allclose(jax.jit(function)(w), function(w), rtol=1e-6)


def batch(targets, width=4, n=6):
    r = np.random.default_rng(0)
    y_pred = r.uniform(0.05, 0.95, (n, width)).astype("float32")
    if targets in ("classes", "groups"):
        return r.integers(0, width, n), y_pred
    if targets == "sequences":
        return r.integers(0, width, (n, 3)), r.normal(size=(n, 7, width)).astype("float32")
    if targets == "one_hot":
        return np.eye(width, dtype="float32")[r.integers(0, width, n)], y_pred
    return r.integers(0, 2, (n, width)).astype("float32"), y_pred


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "cls"), entries("loss"))
def test_loss(kind, cls):
    """jit equals eager, gradients are finite, padding full of NaN leaves no trace, bfloat16."""
    loss = make(cls)
    y_true, y_pred = batch(loss.targets)
    function = jax.jit(jax.value_and_grad(lambda p, valid: loss(y_true, p, valid=valid)))
    everything = jnp.ones(6, bool)
    value, gradient = function(y_pred, everything)
    assert value.shape == ()
    assert np.isfinite(np.asarray(gradient)).all()
    np.testing.assert_allclose(value, loss(y_true, y_pred), rtol=1e-5)
    assert loss.call(y_true, y_pred).shape == (() if cls.__name__ in WHOLE_BATCH else (6,))
    first_four = jnp.arange(6) < 4
    value, gradient = function(y_pred, first_four)
    np.testing.assert_allclose(value, loss(y_true[:4], y_pred[:4]), rtol=1e-5)
    np.testing.assert_array_equal(gradient[4:], 0.0)
    assert loss(y_true, jnp.asarray(y_pred, jnp.bfloat16)).dtype == jnp.float32


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "cls"), entries("metric"))
def test_metric(kind, cls):
    """Pure, traced in a loop as in eager calls, and exact over a padded last batch."""
    metric = make(cls)
    if cls.__name__ in ("Mean", "Sum"):

        def update(state, y_true, y_pred, weight):
            return metric.update(state, y_pred, weight)
    else:
        update = metric.update
    y_true, y_pred = batch(getattr(metric, "targets", None))
    metric.build(y_pred.shape)
    eager = update(metric.init_state(), y_true, y_pred, None)
    eager = update(eager, y_true[:4], y_pred[:4], None)

    padded = np.array(y_pred)
    padded[4:] = np.nan  # whatever filled up the batch
    batches = [
        jnp.stack([jnp.asarray(a), jnp.asarray(b)]) for a, b in ((y_true, y_true), (y_pred, padded))
    ]
    weights = jnp.stack([jnp.ones(6), (jnp.arange(6) < 4).astype(jnp.float32)])

    @jax.jit
    def epoch(state):
        def step(i, state):
            return update(state, batches[0][i], batches[1][i], weights[i])

        return jax.lax.fori_loop(0, 2, step, state)

    looped = epoch(metric.init_state())
    assert jax.tree.structure(looped) == jax.tree.structure(metric.init_state())
    assert {leaf.dtype for leaf in jax.tree.leaves(looped)} == {jnp.dtype("float32")}
    np.testing.assert_allclose(metric.compute(looped), metric.compute(eager), rtol=2e-6, atol=1e-7)
