"""A record made from a configuration says what the record of the model itself says."""

from __future__ import annotations

import json

import pytest

from pellucid import Model, Sequential, layers
from pellucid._core.errors import ConfigError
from pellucid.doctor import examine
from pellucid.record.schema import RunRecord
from pellucid.vitals.configuration import record_of_config
from pellucid.vitals.network import record_of

LAYER = ("path", "kind", "inputs", "output_shape", "activation", "trainable")


def stack() -> Model:
    return Sequential(
        [
            layers.Input((6,)),
            layers.Dense(4, activation="relu", kernel_initializer="zeros"),
            layers.Dropout(0.3),
            layers.Dense(3, activation="softmax", trainable=False),
        ]
    )


def branches() -> Model:
    """Two inputs, a shared layer, a network inside, two outputs."""
    first, second = layers.Input((8,)), layers.Input((8,))
    shared = layers.Dense(4, name="shared")
    inner = Sequential([layers.Input((4,)), layers.Dense(6, activation="tanh")], name="inner")
    both = layers.Add()([shared(first), shared(second)])
    kind = layers.Dense(3, activation="softmax", name="kind")(inner(both))
    return Model([first, second], [kind, layers.Dense(1, name="size")(both)])


def series() -> Model:
    return Sequential(
        [
            layers.Input((7,), dtype="int32"),
            layers.Embedding(50, 5),
            layers.LSTM(4, return_sequences=True),
            layers.GRU(3),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def flat(record: RunRecord) -> dict[str, object]:
    return {
        "layers": [[getattr(layer, name) for name in LAYER] for layer in record.layers],
        "trained": [(w.path, w.trainable) for w in record.weights if w.role in ("kernel", "bias")],
        "shapes": [w.shape for w in record.weights if "dense" in w.path],
        "outputs": [(o.name, o.layer, o.activation, o.shape) for o in record.outputs],
    }


@pytest.mark.parametrize("make", [stack, branches])
def test_it_says_what_the_model_says(make):
    model = make()
    written = json.loads(json.dumps(model.get_config()))
    assert flat(record_of_config(written)) == flat(record_of(model))


def test_recurrent_layers_pass_shapes_on():
    record = record_of_config(series().get_config())
    shapes = {layer.path: layer.output_shape for layer in record.layers}
    assert shapes == {"embedding": [None, 7, 5], "lstm": [None, 7, 4], "gru": [None, 3],
                      "dense": [None, 1]}  # fmt: skip
    assert flat(record)["outputs"] == flat(record_of(series()))["outputs"]


def test_keras_2_names_tensors_by_lists():
    def entry(kind, name, inbound, **config):
        given = {"name": name, **config}
        return {"class_name": kind, "name": name, "config": given, "inbound_nodes": inbound}

    dense = {"units": 2, "activation": "relu"}
    listed = [
        entry("InputLayer", "x", [], batch_input_shape=[None, 4]),
        entry("Dense", "b", [[["a", 0, 0, {}]], [["a", 1, 0, {}]]], **dense),
        entry("Dense", "a", [[["x", 0, 0, {}]], [["x", 0, 0, {}]]], **dense),
        entry("Concatenate", "c", [[["b", 0, 0, {}], ["b", 1, 0, {}]]]),
    ]
    config = {"name": "net", "layers": listed, "input_layers": [["x", 0, 0]],
              "output_layers": [["c", 0, 0]]}  # fmt: skip
    record = record_of_config({"class_name": "Functional", "config": config})
    assert [(layer.path, layer.inputs) for layer in record.layers] == [
        ("a", ["input:x"]), ("a#2", ["input:x"]), ("b", ["a"]), ("b#2", ["a#2"]),
        ("c", ["b", "b#2"]),
    ]  # fmt: skip
    assert record.outputs[0].layer == "c"


def compiled(**settings) -> RunRecord:
    written = {"class_name": "Sequential", "config": stack().get_config()}
    return record_of_config({**written, "compile_config": settings})


def test_losses_and_optimisers_by_name_and_by_configuration():
    one = compiled(loss="mse", optimizer="sgd", metrics=["accuracy"])
    assert (one.outputs[0].loss, one.plan.optimizer) == ("mean_squared_error", "SGD")
    assert one.plan.learning_rate == pytest.approx(0.01)
    assert one.outputs[0].metrics == ["accuracy"]
    loss = {"class_name": "CategoricalCrossentropy", "config": {"from_logits": True}}
    rate = {"class_name": "CosineDecay", "config": {"initial_learning_rate": 0.0}}
    inner = {"class_name": "Adam", "config": {"learning_rate": rate}}
    scaled = {"class_name": "LossScaleOptimizer", "config": {"inner_optimizer": inner}}
    two = compiled(loss=[loss], optimizer=scaled)
    assert two.outputs[0].loss == "categorical_crossentropy"
    assert two.outputs[0].loss_config == {"from_logits": True}
    assert (two.plan.optimizer, two.plan.learning_rate) == ("Adam", None)
    found = {finding.rule for finding in examine(two)}
    assert found == {"probabilities-as-logits", "constant-initial-weights"}
    own = compiled(loss={"class_name": "function", "config": "my_loss"}, optimizer="Unheard")
    assert (own.outputs[0].loss, own.plan.optimizer) == ("my_loss", None)
    assert compiled(loss={"dense_1": "mae"}).outputs[0].loss == "mean_absolute_error"


def test_a_class_of_the_users_own_is_not_taken_for_one_of_ours():
    entry = {"class_name": "Dense", "module": "my.layers", "config": {"name": "d", "units": 3}}
    config = {"class_name": "Sequential", "config": {"name": "net", "layers": [entry]}}
    record = record_of_config({**config, "compile_config": {"loss": "categorical_crossentropy"}})
    assert record.outputs[0].activation is None
    assert len(examine(record)) == 0


@pytest.mark.parametrize(
    "config", [{}, [], {"layers": "many"}, {"layers": [{"config": {}}]}, {"layers": [None]}]
)
def test_what_is_no_network_is_refused(config):
    with pytest.raises(ConfigError, match="This configuration holds"):
        record_of_config(config)
