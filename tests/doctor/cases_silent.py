"""For each rule that speaks before training: what looks most like the fault, and is none."""

from __future__ import annotations

import numpy as np
from doctor import cases, cases_healthy
from doctor.cases import CATEGORICAL, MSE, SPARSE
from doctor.records import (
    Make,
    array,
    begun,
    binary,
    but,
    chain,
    classifier,
    deep,
    labels,
    layer_record,
    one_hot,
    regression,
    values,
)

from pellucid.losses.traits import written_traits as loss_traits
from pellucid.record.schema import RunRecord

BINARY = "binary_crossentropy"
SIGMOID = {"units": 1, "activation": "sigmoid", "loss": BINARY}
DROPOUT = ("Dropout", None, None)
RANDOM = {"class_name": "cosine_decay", "config": {"initial_learning_rate": 0.0}}


def _own(record: RunRecord, loss: str = "my_loss") -> RunRecord:
    """The same with a loss that the user wrote."""
    record.outputs[0].loss, record.outputs[0].loss_traits = loss, loss_traits(loss)
    return record


def _activation(record: RunRecord, name: str | None) -> RunRecord:
    """The same with an output activation that nobody knows."""
    record.outputs[0].activation = record.layers[-1].activation = name
    return record


def _repeated(inner: str) -> RunRecord:
    """A layer, or a model, applied to each step of a sequence."""
    record = classifier(activation="linear")
    last = record.layers[-1]
    config = {"layer": {"class_name": inner, "config": {}}}
    repeated = layer_record(last.path, "TimeDistributed", config)
    last.kind, last.config, last.traits = repeated.kind, config, repeated.traits
    return record


def _axes(record: RunRecord) -> RunRecord:
    """Two softmaxes in a row, over different axes."""
    for layer, axis in zip(record.layers[-2:], (1, 2), strict=True):
        layer.config["axis"], layer.output_shape = axis, [None, 5, 3]
    return record


def _into(record: RunRecord, kind: str) -> RunRecord:
    """The same with a layer that scales behind the output's product."""
    last = record.layers[-1]
    record.layers.append(layer_record("last", kind, {}, [last.path], last.output_shape, "linear"))
    record.outputs[0].layer = "last"
    return record


def _profile(name: str, *of_layers: float) -> RunRecord:
    """A deep network before training with these numbers at its hidden layers."""
    record = begun(deep(len(of_layers)))
    for layer, number in zip(record.layers, of_layers, strict=False):
        record.checkups.layers[layer.path][name] = np.asarray([number])
    return record


def _attention() -> RunRecord:
    """A softmax that weighs something."""
    record = classifier(("Dense", 8, "softmax"), ("Multiply", None, None), ("Dense", 16, "relu"))
    record.layers[1].inputs.append("input:x")
    return record


def _over_time() -> RunRecord:
    """A softmax over five steps with one number each."""
    record = chain(("Dense", 1, "linear"), ("Softmax", None, "softmax", {"axis": 1}), loss=MSE)
    for layer in record.layers:
        layer.output_shape = [None, 5, 1]
    record.outputs[0].shape = [None, 5, 1]
    return record


SILENT: dict[str, list[Make]] = {
    "softmax-over-one-unit": [
        lambda: classifier(units=2),
        _over_time,
    ],
    "softmax-twice": [
        lambda: chain(("Dense", 3, "linear"), ("Softmax", None, "softmax"), loss=SPARSE),
        lambda: _axes(chain(("Softmax", 3, "softmax"), ("Softmax", None, "softmax"), loss=SPARSE)),
    ],
    "softmax-with-mse": [
        lambda: regression(activation="softmax"),  # one unit: a rule of its own
        lambda: classifier(loss=CATEGORICAL, target=one_hot()),
    ],
    "sigmoid-with-mse": [
        lambda: regression(activation="sigmoid", target=values(minimum=0, maximum=1, std=0.2)),
        lambda: classifier(**SIGMOID, target=binary()),
    ],
    "linear-output-with-crossentropy": [
        lambda: classifier(activation="linear", loss_config={"from_logits": True}),
        lambda: _repeated("Sequential"),
        cases_healthy.HEALTHY["averaged softmaxes"],
        lambda: _activation(classifier(), None),
        lambda: _own(classifier(activation="linear"), "categorical_hinge"),
    ],
    "unfit-output-for-crossentropy": [
        lambda: _activation(classifier(), "my_softmax"),
        lambda: classifier(activation="softplus"),  # the loss divides by the sum
        lambda: classifier(activation="exponential"),
        lambda: classifier(activation="tanh", loss="categorical_hinge"),
    ],
    "probabilities-as-logits": [
        lambda: classifier(loss_config={"from_logits": False}),
        lambda: classifier(activation="log_softmax", loss_config={"from_logits": True}),
    ],
    "predictions-are-no-probabilities": [
        lambda: cases.predicting(classifier(), 0.0, 7.0),  # the loss divides by the sum
        lambda: cases.predicting(classifier(loss_config={"from_logits": True}), -3.0, 3.0),
        lambda: cases.predicting(classifier(activation="linear"), -3.0, 3.0, 1.7, "linear"),
        lambda: cases.predicting(regression(), -3.0, 3.0),
        lambda: cases.predicting(
            cases_healthy.HEALTHY["averaged softmaxes"](), 0.1, 0.6, 1.0, "linear"
        ),
    ],
    "predictions-are-probabilities-already": [
        lambda: cases.predicting(classifier(), 0.1, 0.6, 1.0),
        lambda: cases.predicting(classifier(loss_config={"from_logits": True}), 0.1, 0.6, 0.9),
        lambda: cases.predicting(
            classifier(loss_config={"from_logits": True}), 0.1, 0.6, 1.0, "softmax"
        ),  # a rule of its own
    ],
    "sigmoid-for-exclusive-classes": [
        lambda: classifier(**SIGMOID, target=binary()),
        lambda: classifier(activation="sigmoid", loss=BINARY, target=one_hot()),
    ],
    "hinge-with-probabilities": [
        lambda: regression(activation="tanh", loss="hinge", target=binary()),
        lambda: classifier(loss="categorical_hinge", target=one_hot()),
    ],
    "binary-crossentropy-with-softmax": [
        lambda: classifier(units=2, loss=BINARY, target=one_hot([250, 250])),
        lambda: classifier(activation="sigmoid", loss=BINARY, target=one_hot()),
    ],
    "softmax-for-several-labels": [
        lambda: classifier(loss=CATEGORICAL, target=cases.several(1.0)),
        lambda: classifier(activation="sigmoid", loss=BINARY, target=cases.several(1.7)),
    ],
    "bounded-output-for-values": [
        lambda: regression(activation="sigmoid", target=values(minimum=0, maximum=1, std=0.3)),
        lambda: regression(activation="tanh", target=values(minimum=-1.1, maximum=1.1, std=0.5)),
        lambda: regression(
            activation="relu", target=values(minimum=-0.1, maximum=40, mean=9, std=7)
        ),
    ],
    "crossentropy-for-values": [
        lambda: chain(
            ("Dense", 8, "sigmoid"), loss=BINARY,
            target=values(minimum=0.0, maximum=1.0, mean=0.3, std=0.3),
        ),
        lambda: regression(),
    ],
    "targets-do-not-fit-loss": [
        lambda: classifier(loss=CATEGORICAL, target=one_hot()),
        lambda: regression(target=labels([20] * 25)),  # ages, rooms: numbers to be met
    ],
    "accuracy-of-values": [
        lambda: regression(metrics=["mae"]),
        lambda: regression(activation="sigmoid", target=binary(), metrics=["accuracy"]),
    ],
    "labels-out-of-range": [
        lambda: classifier(target=labels(minimum=-1.0), loss_config={"ignore_class": -1}),
        lambda: regression(target=labels(minimum=3.0, maximum=90.0)),
    ],
    "label-never-occurs": [
        lambda: classifier(units=200, target=labels([3] * 60 + [0] * 140)),  # few samples each
        lambda: classifier(**SIGMOID, target=binary(500, 0)),
    ],
    "class-imbalance": [
        lambda: classifier(**SIGMOID, target=binary(440, 60)),
        lambda: classifier(**SIGMOID, target=binary(960, 40), class_weight=True),
    ],
    "constant-targets": [
        lambda: _own(regression(target=values(minimum=0.0, maximum=0.0, std=0.0))),
        lambda: classifier(target=labels([499, 1, 0])),
    ],
    "conflicting-labels": [
        lambda: but(classifier(), cases.put("data.conflicting_rows", 20)),
        lambda: but(regression(), cases.put("data.conflicting_rows", 300)),
    ],
    "unscaled-targets": [
        lambda: regression(target=values(minimum=5, maximum=50, mean=22.5, std=9.2)),
        lambda: _into(regression(target=values(minimum=0, maximum=9e5, std=1e5)), "Rescaling"),
        lambda: regression(
            loss="mean_absolute_percentage_error", target=values(minimum=1, maximum=9e5, std=1e5)
        ),
    ],
    "nonfinite-data": [
        lambda: _own(regression(target=values(nonfinite=40))),  # it may leave gaps out
        lambda: classifier(x=array(minimum=-1e30, maximum=1e30)),
    ],
    "unscaled-inputs": [
        lambda: cases.pixels(normalized=True),
        lambda: classifier(x=array(minimum=-14.5, maximum=7.6, mean=-3.2, std=4.6)),
        cases_healthy.HEALTHY["words"],
    ],
    "tiny-inputs": [
        lambda: classifier(x=array(minimum=0.0, maximum=0.05, mean=0.01, std=0.01)),
        lambda: classifier(x=array(minimum=0.0, maximum=0.01, std=1e-3, normalized=True)),
    ],
    "columns-of-different-scale": [
        lambda: cases.columns([1.0, 0.01]),
        cases_healthy.HEALTHY["rare flags"],
    ],
    "constant-inputs": [
        lambda: begun(  # dead units, not dead data
            classifier(x=array(shape=(28, 8))),
            {"dense_0": {"output_spread": 0.0, "output_rms": 0.0, "unit_zero": np.ones(16)}},
        ),
        lambda: begun(  # nothing but a bias comes through
            classifier(x=array(shape=(28, 8))), {"dense_0": {"output_spread": 0.0}},
            {"dense_0/kernel": {"rms": 0.0, "maximum": 0.0}},
        ),
        lambda: cases.columns([1.0, 1e-6]),
        lambda: classifier(
            x=array(shape=(784,), column_std=np.arange(784.0) % 2, column_mean=np.zeros(784))
        ),  # the edges of pictures never change
    ],
    "validation-scaled-differently": [
        lambda: cases.held_out(classifier(), scale=3.0),
        lambda: cases.held_out(cases_healthy.HEALTHY["words"](), scale=2.0),
    ],
    "shared-validation-rows": [
        lambda: cases.held_out(classifier(), shared=4),
        lambda: cases.held_out(classifier(), shared=40, repeated=200),  # few different rows
    ],
    "column-gives-answer-away": [
        lambda: cases.links(0.93, 0.91, 0.4),
        lambda: cases.links(0.9999),
        lambda: cases.links(0.999, 0.97),
    ],
    "tiny-validation": [
        lambda: classifier(samples=100, validation_samples=12),
        lambda: classifier(samples=9000, validation_samples=40),
    ],
    "no-nonlinearity": [
        lambda: classifier(
            ("Conv2D", 64, "linear"), ("MaxPooling2D", None, None), ("Flatten", None, None)
        ),
        lambda: classifier(
            ("Dense", 16, "linear"),
            ("BatchNormalization", None, None),
            ("Activation", None, "relu"),
        ),
        lambda: classifier(("Dense", 16, "linear"), ("LeakyReLU", None, "leaky_relu")),
        lambda: cases_healthy.autoencoder(),
    ],
    "hidden-softmax": [_attention, classifier],
    "deep-sigmoid-stack": [
        lambda: deep(2, "sigmoid"),
        lambda: classifier(
            *[("Dense", 16, "sigmoid"), ("BatchNormalization", None, None)] * 4
        ),
        lambda: deep(6, "tanh"),
    ],
    "dropout-on-output": [
        lambda: cases.dropped(0.5),
        lambda: _own(cases.dropped(0.3, last=True)),
        lambda: cases.dropped(0.0, last=True),
    ],
    "high-dropout": [
        lambda: cases.dropped(0.7),
        lambda: chain((*DROPOUT, {"rate": 0.8}), ("Dense", 3, "softmax")),
    ],
    "dropout-before-output": [
        lambda: cases.dropped(0.5),
        lambda: regression(("Dense", 64, "relu"), (*DROPOUT, {"rate": 0.1})),
        lambda: classifier(
            ("Dense", 64, "relu"), (*DROPOUT, {"rate": 0.5}), activation="linear",
            loss_config={"from_logits": True},
        ),
    ],
    "nothing-to-train": [
        lambda: cases.frozen(classifier(), but_last=True),
        lambda: but(cases.frozen(classifier()), cases.put("plan.custom_step", True)),
    ],
    "unused-weights": [
        lambda: cases.used(classifier()),
        classifier,  # nobody looked
        lambda: but(
            cases.used(classifier(), "dense_0/kernel"), cases.put("plan.custom_step", True)
        ),
    ],
    "batch-norm-on-single-samples": [
        lambda: cases.norm(2),
        lambda: classifier(batch_size=1, samples=700),
    ],
    "constant-initial-weights": [
        lambda: chain(
            ("Dense", 16, "relu"),
            ("Dense", 3, "softmax", {"kernel_initializer": "zeros"}),
            loss=SPARSE,
            target=labels(),
        ),
        lambda: begun(cases.zeros()),  # weights were loaded since
    ],
    "initial-weights-scale": [
        lambda: cases.drawn("TruncatedNormal", stddev=0.5),
        lambda: cases.drawn("RandomUniform"),
        lambda: begun(cases.drawn("RandomNormal", stddev=10.0)),  # weights were loaded since
        lambda: begun(classifier(), weights={"dense_1/kernel": {"rms": 0.0, "maximum": 0.0}}),
        lambda: begun(classifier(), weights={"dense_0/kernel": {"rms": 1.0, "maximum": 3.0}}),
    ],
    "dead-at-initialisation": [
        lambda: begun(deep(), {"dense_3": {"unit_zero": np.ones(16) * 0.99}}),
        lambda: begun(cases.residual(deep()), {"dense_3": {"output_spread": 0.0}}),
    ],
    "signal-lost-at-initialisation": [
        lambda: _profile("output_spread", 1.0, 0.3, 0.1, 0.03, 0.01, 0.003),
        lambda: _profile("output_spread", 1.0, 1e-7),
    ],
    "gradient-lost-at-initialisation": [
        lambda: _profile("gradient_rms", 1e-4, 1e-3, 1e-2, 1e-1, 1.0),
        lambda: _profile("gradient_rms", 1e-9, 1.0),
    ],
    "unusual-learning-rate": [
        lambda: classifier(learning_rate=0.03),
        lambda: classifier(learning_rate=0.0, optimizer_config={"learning_rate": RANDOM}),
        lambda: classifier(optimizer="SGD", learning_rate=1.0),
        lambda: classifier(optimizer=None, learning_rate=30.0),
    ],
    "learning-rate-not-positive": [
        lambda: classifier(learning_rate=0.0, optimizer_config={"learning_rate": RANDOM}),
        lambda: classifier(learning_rate=0.0, callbacks=["LearningRateScheduler"]),
        lambda: classifier(learning_rate=None),
    ],
    "batch-larger-than-data": [
        lambda: classifier(batch_size=32, samples=4),
        lambda: classifier(batch_size=500, samples=500),
    ],
    "small-batches": [
        lambda: classifier(batch_size=4, samples=4),
        lambda: classifier(batch_size=8, samples=9000),
    ],
    "high-momentum": [
        lambda: classifier(optimizer="SGD", learning_rate=0.01, optimizer_config={"momentum": 0.9}),
        lambda: classifier(optimizer="SGD", optimizer_config={"momentum": 0.98}),
    ],
    "plain-sgd": [
        lambda: classifier(optimizer="SGD", learning_rate=0.1),
        lambda: classifier(optimizer="SGD", learning_rate=0.01, optimizer_config={"momentum": 0.9}),
    ],
    "unusual-epsilon": [
        lambda: classifier(optimizer_config={"epsilon": 1e-7}),
        lambda: classifier(optimizer_config={"epsilon": 0.1}),  # some large networks use it
    ],
}  # fmt: skip
