"""Names, drawings, progress bars and small questions of `pellucid.utils`."""

from __future__ import annotations

import json
import shutil

import jax.numpy as jnp
import keras
import numpy as np
import pytest

from pellucid import Sequential, activations, layers, losses, metrics, models, optimizers, utils
from pellucid._core.errors import ConfigError, StateError, UnknownNameError
from pellucid._core.specs import FAMILIES


@pytest.fixture(autouse=True)
def _registries_as_they_were():
    before = {kind: (dict(r._entries), dict(r._primary)) for kind, r in FAMILIES.items()}
    own = dict(utils.get_custom_objects())
    yield
    for kind, (entries, primary) in before.items():
        FAMILIES[kind]._entries, FAMILIES[kind]._primary = entries, primary
    utils.get_custom_objects().clear()
    utils.get_custom_objects().update(own)


def travelled(thing):
    return utils.deserialize_keras_object(
        json.loads(json.dumps(utils.serialize_keras_object(thing)))
    )


def test_classes_and_functions_of_ones_own_are_saved():
    @utils.register_keras_serializable(package="lab")
    class Scaled(layers.Layer):
        def __init__(self, factor=2.0, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, x):
            return self.factor * x

    @utils.register_keras_serializable("lab", name="squared")
    def square(x):
        return x * x

    @utils.register_keras_serializable()
    class Cubic(losses.Loss):
        def call(self, y_true, y_pred):
            return jnp.mean(jnp.abs(y_true - y_pred) ** 3, axis=-1)

    @utils.register_keras_serializable()
    class Halving(optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return 0.1 * 0.5**step

    model = Sequential(
        [layers.Input(shape=(2,)), Scaled(3.0), layers.Dense(1, activation=square, name="out")]
    )
    again = travelled(model)
    assert isinstance(again, models.Sequential)
    assert (again.layers[0].factor, again.layers[1].activation) in (
        (3.0, square),
        (3.0, "lab>squared"),
    )
    again.set_weights(model.get_weights())
    x = np.ones((4, 2), "float32")
    np.testing.assert_allclose(again.predict(x, verbose=0), model.predict(x, verbose=0))
    assert type(travelled(Cubic())) is Cubic
    assert type(travelled(optimizers.SGD(Halving())).schedule) is Halving
    assert type(losses.as_loss("Cubic")) is Cubic
    assert activations.get("squared") is activations.get("lab>squared") is square
    assert utils.get_custom_objects()["lab>Scaled"] is Scaled
    assert utils.get_registered_name(Scaled) == "lab>Scaled"
    assert utils.get_registered_object("lab>Scaled") is Scaled
    assert utils.get_registered_object("nothing") is None
    assert utils.get_registered_object("mine", {"mine": 1}) == 1


def test_a_name_of_ours_keeps_its_meaning():
    @utils.register_keras_serializable()
    class Dense(layers.Layer):
        def call(self, x):
            return x

    assert FAMILIES["layer"].get("Dense") is layers.Dense
    assert type(travelled(Dense())) is Dense


def test_a_scope_ends():
    def twice(x):
        return 2 * x

    class Mine(metrics.Mean):
        pass

    with utils.custom_object_scope({"twice": twice, "Mine": Mine}):
        assert activations.get("twice") is twice
        assert type(metrics.get("Mine")) is Mine
    for find in (activations.get, metrics.get):
        with pytest.raises(UnknownNameError):
            find("Mine")
    config = {"class_name": "Mine", "config": {}}
    assert type(utils.deserialize_keras_object(config, custom_objects={"Mine": Mine})) is Mine


@pytest.mark.parametrize(
    "make",
    [
        lambda k: k.layers.Dense(3, activation="relu", name="d"),
        lambda k: k.losses.Huber(0.5),
        lambda k: k.optimizers.Adam(0.25),
        lambda k: k.regularizers.L2(0.5),
    ],
)
def test_kerass_own_configurations_are_read(make):
    ours = utils.deserialize_keras_object(keras.utils.serialize_keras_object(make(keras)))
    import pellucid

    assert type(ours) is type(make(pellucid))


def test_unknown_functions():
    config = keras.utils.serialize_keras_object(keras.activations.relu)
    assert utils.deserialize_keras_object({"class_name": "function", "config": "relu"})
    assert config["class_name"] == "function"
    with pytest.raises(UnknownNameError, match="did you mean 'relu'"):
        utils.deserialize_keras_object({"class_name": "function", "config": "rleu"})
    with pytest.raises(ConfigError, match="dictionary from names"), utils.custom_object_scope([1]):
        pass
    with pytest.raises(ConfigError, match="no get_config"):
        utils.register_keras_serializable()(type("Plain", (), {}))


# ------------------------------------------------------------------------------------- drawings


def make_model():
    return Sequential(
        [layers.Input(shape=(2,)), layers.Dense(3, activation="relu", name="hidden")], name="net"
    )


def test_what_a_drawing_says(tmp_path):
    model = make_model()
    model.layers[0].trainable = False
    plain = utils.model_to_dot(model).to_string()
    assert "hidden: Dense" in plain
    assert "rankdir=TB" in plain
    assert "None" not in plain
    assert "(None, 3)" in utils.model_to_dot(model, show_shapes=True).to_string()
    full = str(
        utils.model_to_dot(
            model, show_layer_names=False, rankdir="LR", dpi=72, show_dtype=True,
            show_layer_activations=True, show_trainable=True,
        )
    )  # fmt: skip
    for word in ("rankdir=LR", "dpi=72", "activation: relu", "dtype: float32", "not trainable"):
        assert word in full
    assert "hidden" not in full
    utils.plot_model(model, tmp_path / "net.dot", show_layer_names=True)
    assert (tmp_path / "net.dot").read_text() == plain


@pytest.mark.skipif(shutil.which("dot") is not None, reason="Graphviz is there")
def test_without_graphviz_it_says_so(tmp_path):
    with pytest.raises(ConfigError, match="Graphviz"):
        utils.plot_model(make_model(), tmp_path / "net.png")


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"expand_nested": True}, ConfigError, "expand_nested is not available"),
        ({"rankdir": "UP"}, ConfigError, "from left to right"),
    ],
)
def test_drawings_that_cannot_be(settings, error, message):
    with pytest.raises(error, match=message):
        utils.model_to_dot(make_model(), **settings)
    with pytest.raises(StateError, match="not been built"):
        utils.model_to_dot(Sequential([layers.Dense(1)]))


# ---------------------------------------------------------------------------------- the others


def test_a_progress_bar(capsys):
    bar = utils.Progbar(4, stateful_metrics=["rate"])
    bar.update(1, [("loss", 4.0), ("rate", 0.5)])
    assert capsys.readouterr().out == ""  # not a terminal: only the end
    bar.add(2, [("loss", 1.0), ("rate", 0.25)])
    bar.update(4, [("loss", 2.0)])
    out = capsys.readouterr().out
    assert out.startswith("4/4  " + "━" * 20)
    assert out.endswith("loss 2.0000  rate 0.2500\n")
    utils.Progbar(2, verbose=0).update(2)
    assert capsys.readouterr().out == ""
    unknown = utils.Progbar(None, unit_name="file", stateless_metrics=["loss"])
    unknown.update(7, [("loss", 1.0), ("rate", 3.0)], finalize=True)
    assert capsys.readouterr().out.startswith("7/?  ")


def test_a_progress_bar_on_a_terminal(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    bar = utils.Progbar(2, width=4, interval=0.0)
    bar.update(1)
    assert "━━──" in capsys.readouterr().out
    bar.update(2)
    assert capsys.readouterr().out.endswith("\n")


def test_small_questions():
    x = layers.Input(shape=(3,))
    y = layers.Input(shape=(3,))
    total = layers.Add()([layers.Dense(3)(x), y])
    assert utils.is_keras_tensor(total)
    assert not utils.is_keras_tensor(np.zeros(2))
    assert {id(t) for t in utils.get_source_inputs(total)} == {id(x), id(y)}
    with pytest.raises(ConfigError, match="functional model"):
        utils.get_source_inputs(np.zeros(2))
    for dtype in (None, float, int, bool, "int", "uint8", np.float64, jnp.bfloat16):
        ours = utils.standardize_dtype(dtype)
        assert ours == keras.utils.standardize_dtype(dtype)
    with pytest.raises(ConfigError, match="number format"):
        utils.standardize_dtype("float31")


def test_clearing_leaves_models_alone():
    model = make_model()
    x = np.ones((4, 2), "float32")
    before = model.predict(x, verbose=0)
    utils.clear_session(free_memory=False)
    np.testing.assert_array_equal(model.predict(x, verbose=0), before)
