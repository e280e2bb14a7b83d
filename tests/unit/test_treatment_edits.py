"""Each change gives the configuration that a hand would have written."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid import Input, Model, Sequential, layers, optimizers, register, regularizers
from pellucid._core.errors import ConfigError
from pellucid.doctor import Change
from pellucid.doctor.change import KINDS
from pellucid.losses import BinaryCrossentropy
from pellucid.treatment.apply import apply_change
from pellucid.treatment.build import build
from pellucid.treatment.recipe import recipe_of
from pellucid.treatment.samples import Samples

X = np.random.default_rng(0).normal(3, 2, (20, 4)).astype("float32")
Y = np.arange(20, dtype="int32")[:, None] % 3


def stack(*inner, units=3, output="softmax", **options):
    return Sequential(
        [
            Input((4,)),
            *inner,
            layers.Dense(8, name="hidden", **{"activation": "relu", **options}),
            layers.Dense(units, output, name="answer"),
        ]
    )


def graph(behind=None, output="softmax", extra=None, front=None, **options):
    """The same as a graph, with a shortcut around the hidden layer."""
    start = Input((4,), name="start")
    x = front(start) if front is not None else start
    y = layers.Dense(8, name="hidden", **{"activation": "relu", **options})(x)
    y = behind(y) if behind is not None else y
    y = layers.Concatenate(name="both")([y, x])
    y = layers.Dense(3, output, name="answer")(y)
    return Model(start, extra(y) if extra is not None else y)


def nested(activation="relu", behind=()):
    block = Sequential([layers.Dense(8, activation, name="inside"), *behind], name="block")
    return Sequential([Input((4,)), block, layers.Dense(3, "softmax", name="answer")])


def scaling():
    return layers.Normalization(
        axis=-1,
        mean=X.astype("float64").mean(0).tolist(),
        variance=X.astype("float64").var(0).tolist(),
        name="scaling",
    )


CASES = {
    "activation": (
        lambda: stack(activation="sigmoid"),
        Change("set_activation", "hidden", {"activation": "relu"}),
        stack,
    ),
    "activation in a graph": (
        lambda: graph(activation="tanh"),
        Change("set_activation", "hidden", {"activation": "relu"}),
        graph,
    ),
    "activation in a nested model": (
        lambda: nested("sigmoid"),
        Change("set_activation", "block/inside", {"activation": "relu"}),
        nested,
    ),
    "activation that is a layer": (
        lambda: graph(layers.ReLU(name="bend"), activation=None),
        Change("set_activation", "bend", {"activation": "leaky_relu"}),
        lambda: graph(layers.Activation("leaky_relu", name="bend"), activation=None),
    ),
    "units": (stack, Change("set_units", "answer", {"units": 5}), lambda: stack(units=5)),
    "initializer": (
        lambda: stack(kernel_initializer="zeros"),
        Change("set_initializer", "hidden", {"initializer": "he_normal"}),
        lambda: stack(kernel_initializer="he_normal"),
    ),
    "bias": (
        lambda: stack(bias_initializer="ones"),
        Change("set_initializer", "hidden", {"initializer": "zeros", "weight": "bias"}),
        stack,
    ),
    "penalty": (
        lambda: stack(kernel_regularizer=regularizers.L2(1.0)),
        Change("set_regularizer", "", {"regularizer": None}),
        stack,
    ),
    "thawed": (
        lambda: stack(trainable=False),
        Change("set_trainable", "hidden", {"trainable": True}),
        stack,
    ),
    "dropout": (
        lambda: stack(layers.Dropout(0.9, name="drop")),
        Change("set_dropout", "drop", {"rate": 0.3}),
        lambda: stack(layers.Dropout(0.3, name="drop")),
    ),
    "removed": (
        lambda: stack(layers.Dropout(0.9)),
        Change("remove_layer", "dropout"),
        stack,
    ),
    "removed from a graph": (
        lambda: graph(layers.Dropout(0.9, name="drop")),
        Change("remove_layer", "drop"),
        graph,
    ),
    "removed from a graph's end": (
        lambda: graph(extra=layers.Softmax(name="again")),
        Change("remove_layer", "again"),
        graph,
    ),
    "momentum": (
        lambda: stack(layers.BatchNormalization(momentum=0.9999)),
        Change("set_momentum", "batch_normalization", {"momentum": 0.9}),
        lambda: stack(layers.BatchNormalization(momentum=0.9)),
    ),
    "batch norm in a graph": (
        graph,
        Change("add_batch_norm", "hidden"),
        lambda: graph(layers.BatchNormalization(momentum=0.9, name="batch_normalization")),
    ),
    "dropout in a nested model": (
        nested,
        Change("add_dropout", "block/inside", {"rate": 0.5}),
        lambda: nested(behind=[layers.Dropout(0.5, name="dropout")]),
    ),
    "scaling": (
        stack,
        Change("add_scaling", "input_layer", {"how": "standardize"}),
        lambda: stack(scaling()),
    ),
    "scaling in a graph": (
        graph,
        Change("add_scaling", "start", {"how": "divide", "factor": 4.0}),
        lambda: graph(front=layers.Rescaling(0.25, name="scaling")),
    ),
    "column": (
        stack,
        Change("drop_column", "input_layer", {"column": 2}),
        lambda: stack(layers.Rescaling([1.0, 1.0, 0.0, 1.0], name="without_column")),
    ),
    "output": (
        lambda: stack(output=None),
        Change("set_output", "answer", {"activation": "softmax"}),
        stack,
    ),
    "output behind dropout": (
        lambda: graph(output=None, extra=layers.Dropout(0.1, name="drop")),
        Change("set_output", "drop", {"activation": "softmax"}),
        lambda: graph(extra=layers.Dropout(0.1, name="drop")),
    ),
    "one unit for three classes": (
        lambda: stack(units=1, output=None),
        Change("set_output", "answer", {"loss": "sparse_categorical_crossentropy"}),
        stack,
    ),
}


def recipe_for(model, loss="sparse_categorical_crossentropy", optimizer="sgd", names=("answer",)):
    model.compile(optimizer, loss)
    return recipe_of(model, list(names))


SAMPLES = Samples(X, Y, None, X[:5], Y[:5])


@pytest.mark.parametrize("case", CASES)
def test_a_changed_network_is_the_one_written_by_hand(case):
    make, change, wanted = CASES[case]
    model = make()
    before, weights = model.get_config(), model.get_weights()
    recipe = recipe_for(model)
    changed, _ = apply_change(change, recipe, SAMPLES)
    copy = build(changed, model, X)
    assert copy.get_config() == {**wanted().get_config(), "name": before["name"]}
    assert copy.predict(X, verbose=0).shape[0] == 20
    assert model.get_config() == before
    for one, other in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert recipe.network["config"] == before  # nor is the recipe it came from


def test_every_kind_of_change_can_be_applied():
    """None is forgotten in the table of `apply_change`."""
    given = {
        "activation": "relu", "loss": "sparse_categorical_crossentropy", "loss_config": {},
        "units": 3, "initializer": "he_normal", "weight": "kernel", "regularizer": None,
        "rate": 0.2, "trainable": True, "momentum": 0.9, "optimizer": "Adam",
        "learning_rate": 0.01, "norm": 1.0, "weight_decay": None, "batch_size": 8, "epochs": 3,
        "metrics": ["mae"], "weights": "balanced", "patience": 2, "how": "standardize",
        "factor": 2.0, "by": -1, "column": 0, "which": "nonfinite",
    }  # fmt: skip
    for kind, (_, names) in KINDS.items():
        path = "answer" if kind in ("set_output", "set_metrics", "class_weight") else "hidden"
        path = "input_layer" if kind in ("add_scaling", "drop_column") else path
        change = Change(kind, path, {name: given[name] for name in names})
        recipe = recipe_for(stack(layers.BatchNormalization(), layers.Dropout(0.1)))
        apply_change(change, recipe, SAMPLES)


OPTIMIZERS = {
    "rate": (
        Change("set_learning_rate", arguments={"learning_rate": 0.02}),
        optimizers.SGD(0.02, momentum=0.5, clipnorm=1e-3),
    ),
    "clip": (
        Change("clip_gradients", arguments={"norm": 2.0}),
        optimizers.SGD(1.0, momentum=0.5, global_clipnorm=2.0),
    ),
    "other": (
        Change("set_optimizer", arguments={"optimizer": "Adam", "learning_rate": 0.003}),
        optimizers.Adam(0.003),
    ),
    "the same": (
        Change("set_optimizer", arguments={"optimizer": "SGD"}),
        optimizers.SGD(1.0),
    ),
}


@pytest.mark.parametrize("case", OPTIMIZERS)
def test_a_changed_optimizer_is_the_one_written_by_hand(case):
    change, wanted = OPTIMIZERS[case]
    given = optimizers.SGD(1.0, momentum=0.5, clipnorm=1e-3)
    model = stack()
    recipe, _ = apply_change(change, recipe_for(model, optimizer=given), SAMPLES)
    assert build(recipe, model, X).optimizer.get_config() == wanted.get_config()
    assert given.learning_rate == 1.0


def test_a_loss_that_was_told_of_raw_scores_is_told_of_probabilities():
    model = stack(units=1, output=None)
    recipe = recipe_for(model, BinaryCrossentropy(from_logits=True, label_smoothing=0.1))
    change = Change("set_output", "answer", {"activation": "sigmoid"})
    changed, _ = apply_change(change, recipe, Samples(X, Y > 1, None, X, Y > 1))
    assert changed.loss[0].from_logits is False
    assert changed.loss[0].label_smoothing == 0.1
    assert recipe.loss[0].from_logits is True


def test_targets_decide_between_the_losses_over_classes():
    one_hot = np.eye(3, dtype="float32")[Y[:, 0]]
    recipe = recipe_for(stack(), "mean_squared_error")
    for targets, loss in ((Y, "sparse_categorical_crossentropy"),
                          (one_hot, "categorical_crossentropy")):  # fmt: skip
        for asked in ("sparse_categorical_crossentropy", "categorical_crossentropy"):
            change = Change("set_output", "answer", {"loss": asked})
            changed, _ = apply_change(change, recipe, Samples(X, targets, None, X, targets))
            assert changed.loss == [loss]


def test_samples_are_changed_in_copies():
    x, y = X.copy(), Y.copy()
    x[3, 1] = np.nan
    samples = Samples(x, y, np.arange(20.0), np.concatenate([X[:2], X[18:] + 1]), y[:4])
    recipe = recipe_for(stack())
    _, finite = apply_change(Change("drop_rows", arguments={"which": "nonfinite"}), recipe, samples)
    np.testing.assert_array_equal(finite.x, np.delete(x, 3, 0))
    np.testing.assert_array_equal(finite.weight, np.delete(np.arange(20.0), 3))
    _, unseen = apply_change(Change("drop_rows", arguments={"which": "shared"}), recipe, samples)
    np.testing.assert_array_equal(unseen.y, y[2:])
    assert len(unseen.x_val) == 4
    _, lower = apply_change(Change("shift_labels", "answer", {"by": -1}), recipe, samples)
    np.testing.assert_array_equal(lower.y, y - 1)
    np.testing.assert_array_equal(samples.y, Y)


def test_balanced_weights_make_classes_weigh_alike():
    y = np.array([0] * 6 + [1] * 3 + [2])
    change = Change("class_weight", "answer", {"weights": "balanced"})
    recipe, _ = apply_change(change, recipe_for(stack()), Samples(X, y, None, X, y))
    totals = [recipe.class_weight[label] * np.sum(y == label) for label in range(3)]
    np.testing.assert_allclose(totals, 10 / 3)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (Change("set_activation", "nowhere", {"activation": "relu"}), "nowhere"),
        (Change("remove_layer", "both"), "both"),
        (Change("set_output", "other", {"activation": "relu"}), None),
    ],
)
def test_what_cannot_be_changed_is_said(change, word):
    recipe = recipe_for(graph())
    if word is None:  # a single output takes any name
        assert apply_change(change, recipe, SAMPLES)[0].names == ["answer"]
        return
    with pytest.raises(ConfigError, match=word):
        apply_change(change, recipe, SAMPLES)


def test_a_copy_begins_with_the_very_weights_of_the_original():
    for make in (stack, graph, nested):
        model = make()
        recipe = recipe_for(model)
        for one, other in zip(
            model.get_weights(), build(recipe, model, X).get_weights(), strict=True
        ):
            np.testing.assert_array_equal(one, other)
        # and where an initialiser changes, only there
        where = "block/inside" if make is nested else "hidden"
        change = Change("set_initializer", where, {"initializer": "he_uniform"})
        copy = build(apply_change(change, recipe, SAMPLES)[0], model, X)
        same = [
            bool(np.array_equal(one, other))
            for one, other in zip(model.get_weights(), copy.get_weights(), strict=True)
        ]
        assert same == [False, True, True, True]


def test_loaded_weights_are_kept_and_trained_ones_begin_anew():
    model = stack()
    first = model.get_weights()
    loaded = [np.full_like(weight, 0.1) for weight in first]
    model.set_weights(loaded)
    copied = build(recipe_for(model), model, X).get_weights()
    np.testing.assert_array_equal(copied[0], loaded[0])
    model.optimizer.iterations = 5  # as after training
    anew = build(recipe_of(model, ["answer"]), model, X).get_weights()
    np.testing.assert_array_equal(anew[0], first[0])
    model.get_layer("hidden").trainable = False
    frozen = build(recipe_of(model, ["answer"]), model, X).get_weights()
    np.testing.assert_array_equal(frozen[0], loaded[0])
    np.testing.assert_array_equal(frozen[2], first[2])


@register("layer")
class OfOnesOwn(Model):
    """Keeps its argument, so that it can be copied; its layers are made inside."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.hidden = layers.Dense(units, "sigmoid", name="hidden")
        self.answer = layers.Dense(3, "softmax", name="answer")

    def call(self, inputs):
        return self.answer(self.hidden(inputs))


def test_a_class_of_ones_own_is_copied_but_its_layers_are_its_own():
    model = OfOnesOwn(5)
    model(X)
    recipe = recipe_for(model)
    slower = Change("set_learning_rate", arguments={"learning_rate": 0.5})
    copy = build(apply_change(slower, recipe, SAMPLES)[0], model, X)
    assert copy.optimizer.learning_rate == 0.5
    for one, other in zip(model.get_weights(), copy.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    for change in (
        Change("set_activation", "hidden", {"activation": "relu"}),
        Change("set_output", "answer", {"activation": "relu"}),
        Change("add_scaling", "x"),
    ):
        with pytest.raises(ConfigError, match="of your own"):
            apply_change(change, recipe, SAMPLES)


def test_a_stack_that_does_not_know_its_input_yet_is_copied():
    model = Sequential([layers.Dense(8, "relu"), layers.Dense(3, "softmax", name="answer")])
    scaled, _ = apply_change(Change("add_scaling", "input"), recipe_for(model), SAMPLES)
    copy = build(scaled, model, X)
    assert [layer.name for layer in copy.layers] == ["scaling", "dense", "answer"]
    inside = copy.layers[0](X)
    np.testing.assert_allclose(np.asarray(inside).mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(np.asarray(inside).std(0), 1, atol=1e-5)


def test_weights_that_a_run_has_spoiled_are_not_kept():
    model = stack()
    first = model.get_weights()
    model.set_weights([np.full_like(weight, np.nan) for weight in first])
    copied = build(recipe_for(model), model, X).get_weights()
    np.testing.assert_array_equal(copied[0], first[0])
