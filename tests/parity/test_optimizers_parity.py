"""Optimisers and schedules against Keras 3 on JAX: signatures, and the numbers of 20 steps."""

from __future__ import annotations

import inspect
import os
from contextlib import contextmanager

os.environ.setdefault("KERAS_BACKEND", "jax")

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import pellucid
from pellucid import optimizers
from pellucid._core.specs import family
from pellucid.optimizers import schedules

keras = pytest.importorskip("keras")

STEPS = 20
SHAPES = {"dense/kernel": (4, 3), "dense/bias": ()}
OURS_ALONE = {"OptaxOptimizer"}
WRAPPERS = {"LossScaleOptimizer", "MultiOptimizer"}
EVERY = sorted(set(family("optimizer").primary_names()) - OURS_ALONE)
NAMES = sorted(set(EVERY) - WRAPPERS)
SCHEDULES = family("schedule").primary_names()


# -------------------------------------------------------------------------- signatures


@pytest.mark.parametrize("name", EVERY)
def test_arguments_have_keras_names_order_and_defaults(name):
    ours = inspect.signature(family("optimizer").get(name)).parameters
    theirs = dict(inspect.signature(getattr(keras.optimizers, name).__init__).parameters)
    del theirs["self"]
    theirs.pop("kwargs", None)
    assert list(ours) == list(theirs)
    assert {n: p.default for n, p in ours.items()} == {n: p.default for n, p in theirs.items()}


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedule_arguments_have_keras_names_order_and_defaults(name):
    ours = inspect.signature(getattr(schedules, name)).parameters
    theirs = inspect.signature(getattr(keras.optimizers.schedules, name)).parameters
    assert [(n, p.default) for n, p in ours.items()] == [(n, p.default) for n, p in theirs.items()]


def test_every_optimizer_and_schedule_is_public():
    assert {*EVERY, *OURS_ALONE} <= set(optimizers.__all__)
    assert set(SCHEDULES) <= set(schedules.__all__)


# ------------------------------------------------------------------------ trajectories


@contextmanager
def precision(dtype):
    """Both libraries in `dtype`: float64 tests the formulas, float32 what users run."""
    before = keras.config.floatx()
    keras.config.set_floatx(dtype)
    try:
        with jax.enable_x64(dtype == "float64"):
            yield
    finally:
        keras.config.set_floatx(before)


def weights_and_gradients(dtype):
    """Weights, and 20 gradients of very different sizes; step 7 has none at all."""
    random = np.random.default_rng(3)
    weights = {path: random.normal(size=shape).astype(dtype) for path, shape in SHAPES.items()}
    gradients = []
    for step in range(STEPS):
        size = 0.0 if step == 7 else 10.0 ** random.integers(-3, 2)
        gradients.append(
            {p: (size * random.normal(size=s)).astype(dtype) for p, s in SHAPES.items()}
        )
    return weights, gradients


def keras_trajectory(optimizer, weights, gradients):
    variables = [keras.Variable(w, name=path.split("/")[-1]) for path, w in weights.items()]
    trajectory = []
    for step in gradients:
        optimizer.apply([jnp.asarray(g) for g in step.values()], variables)
        trajectory.append({p: np.asarray(v) for p, v in zip(weights, variables, strict=True)})
    return trajectory


def keras_pure_trajectory(optimizer, weights, gradients):
    """By `stateless_apply`: what branches inside cannot be called otherwise on JAX."""
    variables = [keras.Variable(w, name=path.split("/")[-1]) for path, w in weights.items()]
    optimizer.build(variables)
    values, state = [v.value for v in variables], [v.value for v in optimizer.variables]
    trajectory = []
    for step in gradients:
        values, state = optimizer.stateless_apply(state, [*map(jnp.asarray, step.values())], values)
        trajectory.append({p: np.asarray(v) for p, v in zip(weights, values, strict=True)})
    return trajectory


def our_trajectory(optimizer, weights, gradients):
    params = {path: jnp.asarray(w) for path, w in weights.items()}
    state = optimizer.init(params)
    hyper = {name: jnp.asarray(value) for name, value in optimizer.hyper().items()}
    trajectory = []
    for step in gradients:
        step = {path: jnp.asarray(g) for path, g in step.items()}
        updates, state = optimizer.update(step, state, params, hyper)
        params = optimizer.apply_updates(params, updates)
        trajectory.append({path: np.asarray(w) for path, w in params.items()})
    return trajectory


def assert_same_trajectory(
    ours, theirs, weights, gradients, tolerance, reference_by=keras_trajectory
):
    mine = our_trajectory(ours, weights, gradients)
    reference = reference_by(theirs, weights, gradients)
    for path, start in weights.items():
        a = np.stack([step[path] for step in mine])
        b = np.stack([step[path] for step in reference])
        assert a.dtype == b.dtype
        assert np.abs(b - start).max() > 0, "the reference did not move"
        assert np.abs(a - b).max() <= tolerance * max(np.abs(b).max(), np.abs(start).max()), path


ADAM_LIKE = ("Adam", "AdamW", "Adamax", "Nadam")
CASES = [(name, {}) for name in NAMES]
CASES += [
    ("SGD", {"momentum": 0.9}),
    ("SGD", {"nesterov": True}),
    ("SGD", {"momentum": 0.9, "nesterov": True}),
    ("SGD", {"momentum": 0.5, "weight_decay": 0.1, "learning_rate": 0.05}),
    ("Adagrad", {"initial_accumulator_value": 0.0, "epsilon": 1e-3, "learning_rate": 0.5}),
    ("Adadelta", {"rho": 0.7, "epsilon": 1e-3, "learning_rate": 1.0}),
    ("RMSprop", {"momentum": 0.5}),
    ("RMSprop", {"centered": True, "epsilon": 1e-3}),
    ("RMSprop", {"rho": 0.5, "momentum": 0.9, "centered": True, "weight_decay": 0.1}),
    ("Adam", {"amsgrad": True}),
    ("AdamW", {"weight_decay": 0.2, "amsgrad": True, "beta_1": 0.5, "beta_2": 0.9}),
    ("Lion", {"beta_1": 0.5, "beta_2": 0.7, "weight_decay": 0.3}),
    (
        "Ftrl",
        {
            "learning_rate": 0.1,
            "learning_rate_power": -0.4,
            "initial_accumulator_value": 0.2,
            "l1_regularization_strength": 0.3,
            "l2_regularization_strength": 0.1,
            "l2_shrinkage_regularization_strength": 0.2,
            "beta": 0.3,
            "weight_decay": 0.1,
        },
    ),
    *[(name, {"epsilon": 1e-2, "beta_1": 0.7, "beta_2": 0.95}) for name in ADAM_LIKE],
    *[(name, {"clipvalue": 0.05, "weight_decay": 0.1}) for name in NAMES],
    *[(name, {"clipnorm": 0.7}) for name in ("SGD", "Adam", "Ftrl")],
    *[(name, {"global_clipnorm": 0.8}) for name in ("SGD", "Adam", "Ftrl")],
    *[(name, {"gradient_accumulation_steps": 3}) for name in ("SGD", "Adam", "Nadam", "Muon")],
    *[(name, {"use_ema": True, "ema_overwrite_frequency": 4}) for name in ("SGD", "Lamb", "Muon")],
    ("SGD", {"loss_scale_factor": 16.0, "clipnorm": 0.5, "momentum": 0.9}),
    (
        "Adam",
        {
            "gradient_accumulation_steps": 2,
            "use_ema": True,
            "ema_momentum": 0.7,
            "ema_overwrite_frequency": 3,
            "loss_scale_factor": 8.0,
            "weight_decay": 0.1,
            "global_clipnorm": 0.5,
        },
    ),
    ("Adafactor", {"learning_rate": 0.3, "beta_2_decay": -0.5, "clip_threshold": 0.2}),
    ("Adafactor", {"relative_step": False, "epsilon_1": 1e-3, "epsilon_2": 0.1}),
    ("Lamb", {"epsilon": 1e-2, "beta_1": 0.7, "beta_2": 0.95, "weight_decay": 0.1}),
    ("Muon", {"exclude_layers": ["ker.el"], "adam_lr_ratio": 0.3, "adam_weight_decay": 0.2}),
    ("Muon", {"nesterov": False, "rms_rate": None, "momentum": 0.5, "ns_steps": 3}),
    ("Muon", {"weight_decay": None, "adam_weight_decay": None, "muon_b": -4.7}),
    ("ScheduleFreeAdamW", {"warmup_steps": 8, "beta_1": 0.8, "epsilon": 1e-3}),
    ("Adam", {"clipnorm": 0.0}),
]


# Even of float64 weights Keras takes some norms and means in float32.
LOOSER = {"Adafactor": 1e-7, "Muon": 1e-9}
RARE = ("Adadelta", "Adafactor", "Adamax", "Ftrl", "Lamb", "Lion", "Muon", "Nadam")
RARE += ("ScheduleFreeAdamW",)


def rare_ones_slow(name, *rest):
    rare = name in RARE
    return pytest.param(name, *rest, marks=[pytest.mark.slow] if rare else [])


@pytest.mark.parametrize(
    ("name", "arguments"), [rare_ones_slow(*case) for case in CASES], ids=lambda value: str(value)
)
def test_twenty_steps_follow_the_same_formula(name, arguments):
    """In float64, where nothing but the formula can differ."""
    with precision("float64"):
        assert_same_trajectory(
            getattr(optimizers, name)(**arguments),
            getattr(keras.optimizers, name)(**arguments),
            *weights_and_gradients("float64"),
            tolerance=LOOSER.get(name, 1e-12),
        )


@pytest.mark.parametrize("name", [rare_ones_slow(name) for name in NAMES])
def test_twenty_steps_give_the_same_float32_weights(name):
    with precision("float32"):
        assert_same_trajectory(
            getattr(optimizers, name)(),
            getattr(keras.optimizers, name)(),
            *weights_and_gradients("float32"),
            tolerance=1e-6,
        )


@pytest.mark.parametrize("scale", [2.0**15, 4.0])
def test_a_dynamic_loss_scale_follows_the_same_steps(scale):
    """Ten good steps, one that overflows, and good ones again; the scale grows every four."""
    weights, gradients = weights_and_gradients("float64")
    gradients[10]["dense/bias"] = np.float64("inf")
    arguments = {"initial_scale": scale, "dynamic_growth_steps": 4}
    with precision("float64"):
        pairs = [
            module.LossScaleOptimizer(module.Adam(0.01, clipnorm=1.0), **arguments)
            for module in (optimizers, keras.optimizers)
        ]
        assert_same_trajectory(*pairs, weights, gradients, 1e-12, keras_pure_trajectory)


def test_several_optimizers_follow_the_same_steps():
    def several(module):
        chosen = module.OptimizerMap(module.SGD(0.1, use_ema=True, ema_overwrite_frequency=5))
        chosen["ker.*"] = module.Adam(0.02, weight_decay=0.1, gradient_accumulation_steps=2)
        return module.MultiOptimizer(chosen, loss_scale_factor=4.0)

    with precision("float64"):
        assert_same_trajectory(
            several(optimizers),
            several(keras.optimizers),
            *weights_and_gradients("float64"),
            tolerance=1e-12,
        )


@pytest.mark.parametrize("names", [["bias"], ["^kernel$"], ["ker.el", "bia"]])
def test_excluding_weights_from_decay(names):
    with precision("float64"):
        ours, theirs = optimizers.AdamW(0.01, 0.5), keras.optimizers.AdamW(0.01, 0.5)
        ours.exclude_from_weight_decay(var_names=names)
        theirs.exclude_from_weight_decay(var_names=names)
        assert_same_trajectory(ours, theirs, *weights_and_gradients("float64"), tolerance=1e-12)


@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_a_schedule_is_read_at_the_same_steps(name):
    arguments = {"boundaries": [3, 11], "values": [0.01, 0.002, 0.0005]}
    with precision("float32"):
        assert_same_trajectory(
            getattr(optimizers, name)(schedules.PiecewiseConstantDecay(**arguments)),
            getattr(keras.optimizers, name)(
                keras.optimizers.schedules.PiecewiseConstantDecay(**arguments)
            ),
            *weights_and_gradients("float32"),
            tolerance=1e-6,
        )


def test_changing_the_learning_rate_between_steps():
    weights, gradients = weights_and_gradients("float32")
    ours, theirs = optimizers.Adam(0.01), keras.optimizers.Adam(0.01)
    params = {path: jnp.asarray(w) for path, w in weights.items()}
    variables = [keras.Variable(w) for w in weights.values()]
    state = ours.init(params)
    for step, gradient in enumerate(gradients):
        if step == 5:
            ours.learning_rate = theirs.learning_rate = 1e-4
        gradient = {path: jnp.asarray(g) for path, g in gradient.items()}
        updates, state = ours.update(gradient, state, params, ours.hyper())
        params = ours.apply_updates(params, updates)
        theirs.apply(list(gradient.values()), variables)
    for path, variable in zip(weights, variables, strict=True):
        np.testing.assert_allclose(params[path], np.asarray(variable), rtol=1e-6, atol=1e-6)


def test_keras_configurations_are_read():
    theirs = keras.optimizers.SGD(
        keras.optimizers.schedules.CosineDecay(0.1, 50, warmup_target=0.2, warmup_steps=5),
        momentum=0.9,
        clipnorm=1.0,
    )
    ours = optimizers.get(keras.optimizers.serialize(theirs))
    assert isinstance(ours, optimizers.SGD)
    assert (ours.momentum, ours.clipnorm) == (0.9, 1.0)
    assert ours.schedule.warmup_target == 0.2


# --------------------------------------------------------------------------- schedules

SCHEDULE_CASES = [
    ("ExponentialDecay", (0.1, 100, 0.96), {}),
    ("ExponentialDecay", (0.1, 10, 0.5), {"staircase": True}),
    ("InverseTimeDecay", (0.1, 10, 0.5), {}),
    ("InverseTimeDecay", (0.1, 7, 2.0), {"staircase": True}),
    ("PiecewiseConstantDecay", ([10, 20], [1.0, 0.5, 0.1]), {}),
    ("PiecewiseConstantDecay", ([30], [0.3, 0.01]), {}),
    ("PolynomialDecay", (0.1, 40), {}),
    ("PolynomialDecay", (0.1, 40), {"end_learning_rate": 0.01, "power": 0.5}),
    ("PolynomialDecay", (0.1, 13), {"power": 2.0, "cycle": True}),
    ("CosineDecay", (0.1, 40), {}),
    ("CosineDecay", (0.1, 40), {"alpha": 0.1}),
    ("CosineDecay", (0.01, 30), {"warmup_target": 0.1, "warmup_steps": 10}),
    ("CosineDecay", (0.0, 30), {"alpha": 0.2, "warmup_target": 0.1, "warmup_steps": 7}),
    ("CosineDecay", (0.0, 30), {"warmup_target": 0.1}),
    ("CosineDecayRestarts", (0.1, 10), {}),
    ("CosineDecayRestarts", (0.1, 10), {"t_mul": 1.0, "m_mul": 0.5}),
    ("CosineDecayRestarts", (0.1, 8), {"t_mul": 1.5, "m_mul": 0.9, "alpha": 0.1}),
]


@pytest.mark.parametrize(("name", "positional", "named"), SCHEDULE_CASES, ids=lambda v: str(v))
def test_schedules_have_keras_values(name, positional, named):
    ours = getattr(schedules, name)(*positional, **named)
    theirs = getattr(keras.optimizers.schedules, name)(*positional, **named)
    steps = jnp.asarray([*range(101), 149, 150, 151, 1000, 100_000], jnp.int32)
    with precision("float32"):
        mine, reference = jax.vmap(ours)(steps), jax.vmap(theirs)(steps)
    np.testing.assert_allclose(mine, reference, rtol=1e-6, atol=1e-8)


def test_every_schedule_is_compared():
    assert {name for name, _, _ in SCHEDULE_CASES} == set(SCHEDULES)


@pytest.mark.parametrize("name", ["Adam", "Adadelta", "Adafactor", "Ftrl", "SGD", "RMSprop"])
def test_variables_come_in_keras_s_order(name):
    """After five steps of `apply`, eager, and of a jitted `stateless_apply`."""
    numbers = np.random.default_rng(0)
    start = [
        numbers.normal(size=(3, 2)).astype("float32"),
        numbers.normal(size=2).astype("float32"),
    ]
    slopes = [[numbers.normal(size=w.shape).astype("float32") for w in start] for _ in range(5)]
    found = []
    for library in (pellucid, keras):
        optimizer = getattr(library.optimizers, name)(0.01)
        weights = [library.Variable(w) for w in start]
        for step in slopes:
            optimizer.apply([jnp.asarray(g) for g in step], weights)
        found.append(([np.asarray(w) for w in weights], optimizer))
        again = getattr(library.optimizers, name)(0.01)
        again.build([library.Variable(w) for w in start])
        own, held = [jnp.asarray(w) for w in start], [v.value for v in again.variables]
        run = jax.jit(again.stateless_apply)
        for step in slopes:
            own, held = run(held, [jnp.asarray(g) for g in step], own)
        for a, b in zip(own, found[-1][0], strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    (ours, mine), (theirs, other) = found
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    assert len(mine.variables) == len(other.variables)
    for a, b in zip(mine.variables, other.variables, strict=True):
        a, b = np.asarray(a.value, "float64"), np.asarray(b.value, "float64")
        if a.shape == b.shape:  # what Adafactor does not use has another shape in Keras
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)
