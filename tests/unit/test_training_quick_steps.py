"""train_on_batch and evaluate of arrays like earlier ones go a shorter way, with every number the
same: each program here runs on two networks, one of which forgets what it knew before each call."""

import numpy as np
import pytest

from pellucid import Input, Sequential, layers, optimizers, utils
from pellucid._core.errors import DataError

X = np.linspace(-1, 1, 24, dtype="float32").reshape(6, 4)
Y = np.linspace(0, 1, 6, dtype="float32")[:, None]


def made(optimizer="adam", **told):
    utils.set_random_seed(3)  # the same weights and draws for each
    model = Sequential(
        [
            Input((4,)),
            layers.Dense(5, activation="tanh", name="first"),
            layers.Dropout(0.5),
            layers.BatchNormalization(),
            layers.Dense(1, name="last"),
        ],
        name="twin",
    )
    model.compile(optimizer, "mse", **{"metrics": ["mae"], **told})
    return model


@pytest.fixture
def twins():
    """Two equal networks after one update and one evaluation: a quick one and a slow one."""
    pair = made(), made()
    pair[1].set_weights(pair[0].get_weights())
    both(pair, lambda m: [m.train_on_batch(X, Y), m.evaluate(X, Y, verbose=0)])
    return pair


def both(pair, program):
    """What `program` gives on both, once it is known to be the same."""
    quick, slow = pair
    slow.session.quick_steps.clear()
    found, wanted = program(quick), program(slow)
    np.testing.assert_array_equal(np.asarray(found, float), np.asarray(wanted, float))
    return found


def step(model):
    return model.train_on_batch(X, Y)


def measure(model):
    return model.evaluate(X, Y, batch_size=4, verbose=0)


def same_state(pair):
    for one, other in zip(*(m.get_weights() for m in pair), strict=True):
        np.testing.assert_array_equal(one, other)
    for one, other in zip(*(m.optimizer.get_weights() for m in pair), strict=True):
        np.testing.assert_array_equal(one, other)
    found, wanted = (m.get_metrics_result() for m in pair)
    assert found.keys() == wanted.keys()
    for name in found:
        np.testing.assert_array_equal(found[name], wanted[name])


def test_many_calls_are_those_of_the_long_way(twins, monkeypatch):
    made_ways = []
    quick = twins[0]
    for known in quick.session.quick_steps.values():
        call = type(known).__call__
        monkeypatch.setattr(
            type(known), "__call__", lambda *a, call=call: made_ways.append(a[0]) or call(*a)
        )
    for _ in range(3):
        both(twins, step)
        both(twins, lambda m: m.evaluate(X, Y, verbose=0))
        same_state(twins)
    ways = [way for way in made_ways if way in quick.session.quick_steps.values()]
    assert len(ways) == 6  # none of the quick one's calls went the long way
    both(twins, measure)
    both(twins, measure)
    same_state(twins)


def test_what_is_changed_between_calls_counts(twins):
    kernel = np.full((4, 5), 0.25, "float32")
    changes = [
        lambda m: m.layers[0].kernel.assign(kernel),
        lambda m: setattr(m.optimizer, "learning_rate", 0.05),
        lambda m: m.optimizer.learning_rate.assign(0.5),
        lambda m: setattr(m.optimizer, "iterations", 40),
        lambda m: m.reset_metrics(),
        lambda m: setattr(m.layers[0], "trainable", False),
        lambda m: setattr(m.layers[0], "trainable", True),
        lambda m: setattr(m.optimizer, "clipnorm", 0.01),
        lambda m: m.fit(X, Y, verbose=0, checkup=False, doctor=None),
        lambda m: m.train_on_batch(X[:2], Y[:2]),
        lambda m: m.train_on_batch(X, Y, sample_weight=np.arange(6, dtype="float32")),
        lambda m: m.compile("adam", "mae"),
    ]
    for change in changes:
        for model in twins:
            change(model)
        for _ in range(2):
            both(twins, step)
            both(twins, measure)
            same_state(twins)


def test_frozen_weights_stay_and_thawed_ones_move(twins):
    model, _ = twins
    first = model.layers[0]
    for trainable in (False, True):
        first.trainable = trainable
        before = first.kernel.numpy()
        step(model)
        step(model)
        assert (first.kernel.numpy() == before).all() is not np.bool_(trainable)


def test_arrays_that_were_read_are_not_used_up(twins):
    model, _ = twins
    kept, slots = model.layers[0].kernel.value, [v.value for v in model.optimizer.variables]
    before = np.array(kept)
    step(model)
    np.testing.assert_array_equal(np.asarray(kept), before)
    assert all(np.isfinite(np.asarray(slot)).all() for slot in slots)


@pytest.mark.parametrize("method", ["train_on_batch", "evaluate"])
def test_values_are_held_against_the_model_each_time(twins, method):
    model, _ = twins
    bad = X.copy()
    bad[2, 1] = np.nan
    before = model.get_weights()
    told = {"verbose": 0} if method == "evaluate" else {}
    with pytest.raises(DataError, match="finite"):
        getattr(model, method)(bad, Y, **told)
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    both(twins, step)


def test_labels_out_of_range_are_refused_each_time():
    model = Sequential([Input((4,)), layers.Dense(3, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    labels = np.array([0, 1, 2, 0, 1, 2])
    for _ in range(2):
        model.train_on_batch(X, labels)
    with pytest.raises(DataError):
        model.train_on_batch(X, labels + 1)
    model.train_on_batch(X, labels)


def test_a_schedule_and_an_optimizer_of_two_networks():
    schedule = optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)
    pair = made(optimizers.SGD(schedule)), made(optimizers.SGD(schedule))
    pair[1].set_weights(pair[0].get_weights())
    for _ in range(3):
        both(pair, step)
        same_state(pair)
    shared = optimizers.Adam()
    first, second, alone = made(shared), made(shared), made(optimizers.Adam())
    alone.set_weights(first.get_weights())
    for _ in range(3):
        assert step(first) == step(alone)
        step(second)
