"""Optimisers and schedules: numbers against NumPy, arguments, tracing, serialisation, errors."""

from __future__ import annotations

import copy
import json
import math
import pickle
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pellucid import optimizers
from pellucid._core.errors import ConfigError, PellucidWarning, StateError, UnknownNameError
from pellucid._core.specs import deserialize, family, serialize
from pellucid.optimizers import clipping, schedules, transforms

WRAPPERS = ("OptaxOptimizer", "LossScaleOptimizer", "MultiOptimizer")
CLASSES = {n: c for n, c in family("optimizer").entries().items() if n not in WRAPPERS}
RARE = ("Adadelta", "Adafactor", "Adamax", "Ftrl", "Lamb", "Lion", "Muon", "Nadam")
RARE += ("ScheduleFreeAdamW",)
EVERY = [pytest.param(n, marks=[pytest.mark.slow] if n in RARE else []) for n in CLASSES]
PARAMS = {"a/kernel": jnp.array([[1.0, -2.0], [0.5, 3.0]]), "a/bias": jnp.array([0.1, -0.2])}
GRADS = {"a/kernel": jnp.array([[0.3, -0.1], [2.0, 0.0]]), "a/bias": jnp.array([0.02, -5.0])}


def steps(optimizer, count=3, params=PARAMS, grads=GRADS, hyper=None):
    """The weights after `count` steps of one gradient, as one compiled loop; and the state."""
    hyper = optimizer.hyper() if hyper is None else hyper

    @jax.jit
    def run(params, state, hyper):
        def body(_, carry):
            updates, state = optimizer.update(grads, carry[1], carry[0], hyper)
            return optimizer.apply_updates(carry[0], updates), state

        return jax.lax.fori_loop(0, count, body, (params, state))

    return run(params, optimizer.init(params), hyper)


def assert_close(a, b, **tolerance):
    jax.tree.map(lambda x, y: np.testing.assert_allclose(x, y, **tolerance), a, b)


# ------------------------------------------------------------------ numbers, from the papers


def test_sgd_with_momentum_is_the_formula():
    w, v, g = 1.0, 0.0, 0.3
    for _ in range(5):
        v = 0.9 * v - 0.1 * g
        w += v
    params, _ = steps(optimizers.SGD(0.1, 0.9), 5, {"w": jnp.float32(1)}, {"w": jnp.float32(0.3)})
    assert float(params["w"]) == pytest.approx(w, rel=1e-6)


def numpy_adam(w, gradients, rate, b1, b2, eps):
    m = v = np.zeros_like(w)
    for t, g in enumerate(gradients, start=1):
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g**2
        w = w - rate * np.sqrt(1 - b2**t) / (1 - b1**t) * m / (np.sqrt(v) + eps)
    return w


@pytest.mark.parametrize("rate", [0.001, 0.1])
def test_float32_adam_moves_as_the_float64_formula_does(rate):
    """To 2e-6 of the movement: beta_2's rounding must cancel between average and correction."""
    random = np.random.default_rng(0)
    gradients = random.normal(size=(20, 5)).astype(np.float32)
    optimizer = optimizers.Adam(rate)
    params, state = {"w": jnp.zeros(5)}, optimizer.init({"w": jnp.zeros(5)})
    update = jax.jit(optimizer.update)
    for g in gradients:
        updates, state = update({"w": g}, state, params, optimizer.hyper())
        params = optimizer.apply_updates(params, updates)
    exact = numpy_adam(np.zeros(5), gradients.astype(np.float64), rate, 0.9, 0.999, 1e-7)
    assert np.abs(params["w"] - exact).max() < 2e-6 * np.abs(exact).max()


def test_bias_corrections_keep_float32_precision():
    counts = np.arange(1, 400)
    exact = 1 - np.float64(np.float32(0.999)) ** counts
    ours = transforms.one_minus_power(jnp.float32(0.999), jnp.asarray(counts))
    np.testing.assert_allclose(ours, exact, rtol=5e-7)
    assert float(transforms.one_minus_power(jnp.float32(0), jnp.int32(1))) == 1.0


def test_weight_decay_acts_before_the_step_and_spares_the_excluded():
    optimizer = optimizers.SGD(0.1, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    params, _ = steps(optimizer, 1)
    kernel, bias = np.asarray(PARAMS["a/kernel"]), np.asarray(PARAMS["a/bias"])
    np.testing.assert_allclose(
        params["a/kernel"], kernel * (1 - 0.05) - 0.1 * np.asarray(GRADS["a/kernel"]), rtol=1e-6
    )
    np.testing.assert_allclose(params["a/bias"], bias - 0.1 * np.asarray(GRADS["a/bias"]))


def test_excluding_exact_paths():
    optimizer = optimizers.AdamW(weight_decay=0.9)
    optimizer.exclude_from_weight_decay(var_list=["a/kernel"])
    zero = jax.tree.map(jnp.zeros_like, GRADS)
    params, _ = steps(optimizer, 1, grads=zero)
    np.testing.assert_array_equal(params["a/kernel"], PARAMS["a/kernel"])
    assert np.all(np.abs(params["a/bias"]) < np.abs(PARAMS["a/bias"]))


def test_ftrl_gives_exact_zeros_under_l1_even_with_decay():
    optimizer = optimizers.Ftrl(0.1, l1_regularization_strength=100.0, weight_decay=0.3)
    params, _ = steps(optimizer, 2)
    assert all(np.all(np.asarray(w) == 0) for w in params.values())


# ------------------------------------------------------------------------------ clipping

LIMITS = st.floats(1e-3, 1e3)
ELEMENTS = st.floats(-1e6, 1e6, width=32, allow_subnormal=False)  # XLA flushes subnormals
ARRAYS = hnp.arrays(np.float32, (4, 3), elements=ELEMENTS)
QUICK = settings(max_examples=40, deadline=None)


@QUICK
@given(ARRAYS, LIMITS)
def test_clip_by_norm_bounds_the_norm_and_keeps_the_direction(gradient, limit):
    clipped = np.asarray(clipping.clip_by_norm({"g": jnp.asarray(gradient)}, limit)["g"], float)
    norm = np.linalg.norm(gradient.astype(float))
    expected = gradient * min(1.0, limit / norm) if norm else gradient
    np.testing.assert_allclose(clipped, expected, rtol=1e-5, atol=1e-6 * limit)


@QUICK
@given(ARRAYS, ARRAYS, LIMITS)
def test_clip_by_global_norm_uses_one_factor(first, second, limit):
    clipped = clipping.clip_by_global_norm({"a": jnp.asarray(first), "b": second}, limit)
    norm = math.hypot(np.linalg.norm(first.astype(float)), np.linalg.norm(second.astype(float)))
    factor = min(1.0, limit / norm) if norm else 1.0
    for given_, got in zip((first, second), (clipped["a"], clipped["b"]), strict=True):
        np.testing.assert_allclose(got, given_ * factor, rtol=1e-5, atol=1e-6 * limit)


@QUICK
@given(ARRAYS, LIMITS)
def test_clip_by_value_bounds_every_entry(gradient, limit):
    clipped = clipping.clip_by_value({"g": jnp.asarray(gradient)}, limit)["g"]
    np.testing.assert_array_equal(clipped, np.clip(gradient, -np.float32(limit), np.float32(limit)))


def test_an_infinite_gradient_stays_visible():
    broken = {"a": jnp.array([jnp.inf, 1.0]), "b": jnp.array([1.0])}
    clipped = clipping.clip_by_global_norm(broken, 1.0)
    assert all(np.isnan(g).all() for g in clipped.values())
    assert np.isnan(clipping.clip_by_norm(broken, 1.0)["a"]).any()


@pytest.mark.parametrize("clip", [clipping.clip_by_norm, clipping.clip_by_global_norm])
def test_clipping_half_precision_measures_the_norm_in_float32(clip):
    gradient = jnp.array([300.0, 400.0], jnp.float16)  # their squares overflow float16
    clipped = clip({"g": gradient}, 5.0)["g"]
    assert (clipped.dtype, clipped.tolist()) == (jnp.float16, [3.0, 4.0])


# ----------------------------------------------------------------- tracing and the contract


@pytest.mark.parametrize("name", EVERY)
def test_vmapped_learning_rates_equal_separate_runs(name):
    optimizer = CLASSES[name](clipnorm=1.0, weight_decay=0.01)

    @jax.jit
    def alone(hyper):
        return steps(optimizer, hyper=hyper)[0]

    rates = jnp.array([0.5, 0.01, 0.0003])
    hyper = {**optimizer.hyper(), "learning_rate": rates}
    axes = {**dict.fromkeys(hyper), "learning_rate": 0}
    together = jax.vmap(alone, in_axes=(axes,))(hyper)
    for index, rate in enumerate(rates):
        one = jax.tree.map(lambda w, i=index: w[i], together)
        assert_close(one, alone({**hyper, "learning_rate": rate}), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("name", EVERY)
def test_changing_a_number_traces_nothing_again(name):
    optimizer = CLASSES[name](weight_decay=0.01, clipvalue=0.5)
    traces = []

    @jax.jit
    def step(params, state, hyper):
        traces.append(1)
        return optimizer.update(GRADS, state, params, hyper)

    state = optimizer.init(PARAMS)
    before, _ = step(PARAMS, state, optimizer.hyper())
    structure = optimizer.structure()
    for hyperparameter in optimizer.hyper():
        setattr(optimizer, hyperparameter, 0.5)
    after, _ = step(PARAMS, state, optimizer.hyper())
    assert len(traces) == 1
    assert optimizer.structure() == structure
    assert not np.allclose(before["a/kernel"], after["a/kernel"])


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_state_keeps_shapes_and_dtypes(name, dtype):
    optimizer = CLASSES[name](weight_decay=0.01, global_clipnorm=1.0)
    params, grads = jax.tree.map(lambda w: w.astype(dtype), (PARAMS, GRADS))
    state = optimizer.init(params)
    for number in (float, jnp.float32):
        hyper = {key: number(value) for key, value in optimizer.hyper().items()}
        updates, after = jax.eval_shape(optimizer.update, grads, state, params, hyper)
        kinds = [jax.tree.map(lambda x: (x.shape, str(x.dtype)), s) for s in (state, after)]
        assert kinds[0] == kinds[1]
        assert all(u.dtype == dtype for u in updates.values())


@pytest.mark.parametrize("name", EVERY)
def test_compiled_equals_eager(name):
    """Python's numbers are float64: unless cast first, Adam's update is off by 7e-6 of itself."""
    optimizer = CLASSES[name](global_clipnorm=1.0)
    arguments = GRADS, optimizer.init(PARAMS), PARAMS, optimizer.hyper()
    eager, _ = optimizer.update(*arguments)
    compiled, _ = jax.jit(optimizer.update)(*arguments)
    assert_close(compiled, eager, rtol=2e-6, atol=1e-12)


@pytest.mark.parametrize("name", CLASSES)
def test_init_is_the_same_inside_a_compiled_program(name):
    optimizer = CLASSES[name]()
    assert_close(jax.jit(optimizer.init)(PARAMS), optimizer.init(PARAMS))


def test_any_tree_of_weights_works():
    nested = {"a": [jnp.ones(2), {"b": jnp.ones(())}]}
    optimizer = optimizers.AdamW()
    optimizer.exclude_from_weight_decay(var_names=["a/1/b"])
    params, state = steps(optimizer, 2, nested, jax.tree.map(jnp.zeros_like, nested))
    assert int(state["step"]) == 2
    assert float(params["a"][0][0]) < 1.0
    assert float(params["a"][1]["b"]) == 1.0
    steps(optimizer, 1, {}, {})


def test_learning_rate_zero_stands_still():
    for cls in (optimizers.SGD, optimizers.Adam, optimizers.RMSprop):
        assert_close(steps(cls(0))[0], PARAMS, rtol=0)


def test_options_that_are_off_are_absent():
    assert set(optimizers.SGD().hyper()) == {"learning_rate"}
    assert set(optimizers.SGD(momentum=0.9, clipnorm=0.0).hyper()) == {"learning_rate", "momentum"}
    assert "velocity" not in optimizers.SGD().init(PARAMS)["slots"]
    assert optimizers.SGD().structure() != optimizers.SGD(momentum=0.9).structure()
    assert optimizers.SGD(0.1).structure() == optimizers.SGD(0.2).structure()
    excluding = optimizers.SGD()
    excluding.exclude_from_weight_decay(var_names=["bias"])
    assert excluding.structure() != optimizers.SGD().structure()


# ------------------------------------------------------------- learning rates and schedules


def test_assigning_the_learning_rate():
    optimizer = optimizers.Adam(0.01)
    optimizer.learning_rate = jnp.float32(0.5)
    assert (optimizer.learning_rate, optimizer.hyper()["learning_rate"]) == (0.5, 0.5)
    with pytest.raises(ConfigError, match="at least 0"):
        optimizer.learning_rate = -1.0
    optimizer.learning_rate = schedules.ExponentialDecay(0.1, 10, 0.5)
    assert "learning_rate" not in optimizer.hyper()
    optimizer.iterations = 10
    assert optimizer.learning_rate == pytest.approx(0.05)
    assert optimizer.current_learning_rate(20) == pytest.approx(0.025)
    with pytest.raises(StateError, match="follows a schedule"):
        optimizer.learning_rate = 0.1


@pytest.mark.parametrize(
    "schedule",
    [
        lambda step: 0.1 / (1 + step),
        lambda step: jnp.where(step < 2, 0.1, 0.05),
        optax.linear_schedule(0.1, 0.0, 10),
        schedules.PiecewiseConstantDecay([1], [0.1, 0.3]),
    ],
)
def test_any_traceable_callable_of_the_step(schedule):
    params, _ = steps(optimizers.SGD(schedule), 4)
    total = sum(float(schedule(jnp.int32(step))) for step in range(4))
    expected = jax.tree.map(lambda w, g: w - total * g, PARAMS, GRADS)
    assert_close(params, expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        (lambda step: 0.1 if step < 10 else 0.01, "jnp.where"),
        (lambda step: 0.1 * math.cos(step), "jnp.where"),
        (lambda step: 0.1 * np.sqrt(np.asarray(step)), "jnp.where"),
        (lambda step, rate: 0.1, "lambda step"),
        (lambda step: None, "scalar"),
        (lambda step: jnp.ones(3), "scalar"),
        (lambda step: "0.1", "lambda step"),
    ],
)
def test_callables_that_cannot_be_compiled_are_refused_at_once(schedule, message):
    with pytest.raises(ConfigError, match=message):
        optimizers.SGD(schedule)


@pytest.mark.parametrize("t_mul", [1.0, 1.25, 2.0, 10.0])
def test_cosine_restarts_begin_exactly_on_their_step(t_mul):
    """Against exact fractions; the float32 logarithm alone misses some restarts by one."""
    starts = [Fraction(0)]
    while starts[-1] < 4_000_000 and len(starts) < 100:
        starts.append(starts[-1] + 10 * Fraction(t_mul) ** (len(starts) - 1))
    whole = jnp.array([int(start) for start in starts if start.denominator == 1])
    rates = jax.jit(jax.vmap(schedules.CosineDecayRestarts(0.1, 10, t_mul=t_mul)))
    np.testing.assert_allclose(rates(whole), 0.1, rtol=1e-4)
    assert rates(whole[1:] - 1).max() < 0.003


def test_a_warm_up_without_a_target_warns():
    with pytest.warns(PellucidWarning, match="warmup_target"):
        schedules.CosineDecay(0.1, 100, warmup_steps=10)


@pytest.mark.parametrize(
    "make",
    [
        lambda: schedules.ExponentialDecay(0.1, 0, 0.5),
        lambda: schedules.ExponentialDecay("0.1", 10, 0.5),
        lambda: schedules.CosineDecay(-0.1, 10),
        lambda: schedules.CosineDecayRestarts(0.1, 10, t_mul=0.5),
        lambda: schedules.PiecewiseConstantDecay([1, 2], [0.1, 0.2]),
        lambda: schedules.PiecewiseConstantDecay([2, 1], [0.1, 0.2, 0.3]),
        lambda: schedules.PiecewiseConstantDecay([2], [0.1, float("nan")]),
    ],
)
def test_schedules_that_cannot_work_are_refused(make):
    with pytest.raises(ConfigError, match="fix:"):
        make()


# ------------------------------------------------------------------ names, configurations


@pytest.mark.parametrize("name", CLASSES)
def test_names_in_any_case_and_round_trip(name):
    for spelling in (name, name.lower(), name.upper()):
        assert type(optimizers.get(spelling)) is CLASSES[name]
    optimizer = CLASSES[name](learning_rate=0.25, clipnorm=2.0, weight_decay=0.5, name="mine")
    optimizer.exclude_from_weight_decay(var_names=["bias"], var_list=["a/kernel"])
    config = json.loads(json.dumps(serialize(optimizer)))
    for again in (deserialize(config), optimizers.get(config), copy.deepcopy(optimizer)):
        assert again.get_config() == optimizer.get_config()
        assert again.structure() == optimizer.structure()
        assert again.hyper() == optimizer.hyper()


SCHEDULES = [
    schedules.ExponentialDecay(0.1, 10, 0.5, staircase=True),
    schedules.InverseTimeDecay(0.1, 10, 0.5),
    schedules.PiecewiseConstantDecay([2, 4], [0.3, 0.2, 0.1]),
    schedules.PolynomialDecay(0.1, 10, cycle=True),
    schedules.CosineDecay(0.01, 10, warmup_target=0.1, warmup_steps=3),
    schedules.CosineDecayRestarts(0.1, 10, m_mul=0.5),
]


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda s: type(s).__name__)
def test_a_schedule_travels_inside_its_optimizer(schedule):
    optimizer = optimizers.Adam(schedule)
    again = optimizers.get(json.loads(json.dumps(optimizers.serialize(optimizer))))
    assert type(again.schedule) is type(schedule)
    assert again.get_config() == optimizer.get_config()
    assert again.current_learning_rate(5) == optimizer.current_learning_rate(5)
    assert type(schedule).__name__ in repr(optimizer)
    assert pickle.loads(pickle.dumps(optimizer)).get_config() == optimizer.get_config()


def test_a_registered_function_is_saved_by_its_name():
    @family("schedule").register("test_halving")
    def halving(step):
        return 0.1 * 0.5**step

    try:
        optimizer = optimizers.SGD(halving)
        assert optimizer.get_config()["learning_rate"] == "test_halving"
        again = optimizers.get(serialize(optimizer))
        assert again.current_learning_rate(1) == pytest.approx(0.05)
    finally:
        del family("schedule")._entries["test_halving"], family("schedule")._primary[halving]
    with pytest.raises(ConfigError, match="register"):
        optimizers.SGD(lambda step: 0.1).get_config()


def test_unknown_names():
    with pytest.raises(UnknownNameError, match="did you mean 'adam'"):
        optimizers.get("adamm")
    assert optimizers.get(None) is None
    for wrong in (3, {"name": "adam"}, optax.adam):
        with pytest.raises(ConfigError, match="optax transformation"):
            optimizers.get(wrong)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"learning_rate": -0.1}, "at least 0"),
        ({"learning_rate": float("nan")}, "nan"),
        ({"learning_rate": float("inf")}, "inf"),
        ({"learning_rate": "0.1"}, "neither a number nor a schedule"),
        ({"learning_rate": "CosineDecay"}, "neither a number nor a schedule"),
        ({"learning_rate": None}, "None"),
        ({"learning_rate": True}, "True"),
        ({"learning_rate": [0.1]}, "list"),
        ({"learning_rate": np.array([0.1])}, "ndarray"),
        ({"beta_1": 1.0}, "without 1"),
        ({"beta_2": -0.1}, "without 1"),
        ({"epsilon": -1e-7}, "at least 0"),
        ({"weight_decay": -1}, "at least 0"),
        ({"clipnorm": -1.0}, "at least 0"),
        ({"clipnorm": 1.0, "clipvalue": 0.5}, "one way only"),
        ({"global_clipnorm": 1.0, "clipvalue": 0.0}, "one way only"),
        ({"ema_momentum": 1.5}, "from 0 to 1"),
        ({"ema_overwrite_frequency": 0}, "whole number of updates"),
        ({"gradient_accumulation_steps": 1}, "at least 2"),
        ({"gradient_accumulation_steps": 2.5}, "at least 2"),
        ({"loss_scale_factor": 0}, "above 0"),
        ({"lr": 0.1}, "learning_rate="),
        ({"decay": 0.1}, "InverseTimeDecay"),
        ({"beta1": 0.9}, "did you mean 'beta_1'"),
    ],
)
def test_arguments_that_cannot_work_are_refused(arguments, message):
    with pytest.raises(ConfigError, match=message) as caught:
        optimizers.Adam(**arguments)
    assert "fix:" in str(caught.value)


@pytest.mark.parametrize(
    ("cls", "arguments"),
    [
        (optimizers.SGD, {"momentum": 1.1}),
        (optimizers.RMSprop, {"rho": 1.0}),
        (optimizers.Adagrad, {"initial_accumulator_value": -1}),
        (optimizers.AdamW, {"weight_decay": None}),
        (optimizers.Lion, {"beta_1": 0.0}),
        (optimizers.Ftrl, {"learning_rate_power": 0.5}),
        (optimizers.Ftrl, {"l1_regularization_strength": -0.5}),
        (optimizers.Adafactor, {"clip_threshold": 0}),
        (optimizers.Adafactor, {"beta_2_decay": 0.5}),
        (optimizers.ScheduleFreeAdamW, {"beta_1": 0.0}),
        (optimizers.ScheduleFreeAdamW, {"warmup_steps": -1}),
        (optimizers.Muon, {"ns_steps": 0}),
        (optimizers.Muon, {"exclude_layers": "output"}),
        (optimizers.Muon, {"exclude_layers": ["("]}),
    ],
)
def test_limits_of_single_optimizers(cls, arguments):
    with pytest.raises(ConfigError, match=next(iter(arguments))):
        cls(**arguments)


def test_excluding_something_that_is_not_a_path():
    with pytest.raises(ConfigError, match="var_names"):
        optimizers.AdamW().exclude_from_weight_decay(var_list=[jnp.ones(2)])


# ------------------------------------------------------------------------ optax, as it is


def test_an_optax_transformation_is_used_as_it_is():
    tx = optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(0.01))
    optimizer = optimizers.get(tx)
    assert (repr(optimizer), optimizer.hyper()) == ("OptaxOptimizer('optax')", {})
    params, state = steps(optimizer, 3)
    expected, theirs = PARAMS, tx.init(PARAMS)
    for _ in range(3):
        updates, theirs = tx.update(GRADS, theirs, expected)
        expected = optax.apply_updates(expected, updates)
    assert_close(params, expected, rtol=1e-6)
    assert int(state["step"]) == 3
    for touch in (
        lambda: optimizer.learning_rate,
        lambda: setattr(optimizer, "learning_rate", 0.1),
        lambda: optimizer.current_learning_rate(0),
    ):
        with pytest.raises(StateError, match="inject_hyperparams"):
            touch()
    for touch in (optimizer.get_config, optimizer.exclude_from_weight_decay):
        with pytest.raises(ConfigError, match="fix:"):
            touch()


def test_injected_optax_numbers_change_without_tracing_again():
    tx = optax.inject_hyperparams(optax.sgd)(learning_rate=0.5, momentum=0.0)
    optimizer = optimizers.OptaxOptimizer(tx)
    assert optimizer.learning_rate == 0.5
    traces = []

    @jax.jit
    def step(state, hyper):
        traces.append(1)
        return optimizer.update(GRADS, state, PARAMS, hyper)

    state = optimizer.init(PARAMS)
    updates, state = step(state, optimizer.hyper())
    assert_close(updates, jax.tree.map(lambda g: -0.5 * g, GRADS))
    optimizer.learning_rate = 0.25
    updates, state = step(state, optimizer.hyper())
    assert_close(updates, jax.tree.map(lambda g: -0.25 * g, GRADS))
    assert len(traces) == 1
    with pytest.raises(ConfigError, match="at least 0"):
        optimizer.learning_rate = -1


def test_an_injected_schedule_keeps_ruling():
    tx = optax.inject_hyperparams(optax.sgd)(optax.linear_schedule(1.0, 0.0, 4))
    optimizer = optimizers.OptaxOptimizer(tx)
    assert optimizer.hyper() == {}
    params, _ = steps(optimizer, 2)
    assert_close(params, jax.tree.map(lambda w, g: w - 1.75 * g, PARAMS, GRADS), rtol=1e-6)


def test_what_is_not_an_optax_transformation():
    with pytest.raises(ConfigError, match=r"optax\.adam"):
        optimizers.OptaxOptimizer(optax.adam)


# ------------------------------------------------------------------------------ devices


@pytest.mark.skipif(
    not hasattr(jax.monitoring, "unregister_event_duration_listener"),
    reason="this JAX cannot tell what it compiles",
)
@pytest.mark.parametrize("place", ["anywhere", "one device", "mesh"])
def test_the_first_state_is_placed_like_every_later_one(place):
    """Otherwise the second step compiles the whole program again."""
    device = jax.devices()[0]
    mesh = jax.sharding.Mesh(np.array([device]), ("batch",))
    target = {
        "anywhere": None,
        "one device": device,
        "mesh": jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec("batch")),
    }[place]
    params = PARAMS if target is None else jax.device_put(PARAMS, target)
    optimizer = optimizers.Nadam()
    compilations = []

    def count(event, seconds, **_):
        compilations.extend([event] if "backend_compile" in event else [])

    step = jax.jit(lambda state: optimizer.update(GRADS, state, params, optimizer.hyper())[1])
    state = step(optimizer.init(params))
    jax.monitoring.register_event_duration_secs_listener(count)
    try:
        step(step(state))
    finally:
        jax.monitoring.unregister_event_duration_listener(count)
    assert compilations == []
