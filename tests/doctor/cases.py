"""For each rule that speaks before training: records on which it fires.

Sound programs are in `cases_healthy.py`, what looks most like each fault in `cases_silent.py`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
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

from pellucid.record.schema import RunRecord

CATEGORICAL = "categorical_crossentropy"
SPARSE = "sparse_categorical_crossentropy"
MSE = "mean_squared_error"


def put(path: str, value: object) -> Callable[[RunRecord], None]:
    """`put("data.shared_rows", 5)`: that field of a record."""

    def change(record: RunRecord) -> None:
        *way, last = path.split(".")
        thing: object = record
        for name in way:
            thing = thing[name] if isinstance(thing, dict) else getattr(thing, name)
        setattr(thing, last, value)

    return change


def held_out(
    record: RunRecord, shared: int = 0, repeated: int = 0, scale: float = 1.0,
    maximum: float | None = None,
) -> RunRecord:  # fmt: skip
    record.data.validation_inputs["x"] = array(
        samples=100, mean=0.0, std=scale, minimum=-3 * scale, maximum=maximum or 3 * scale
    )
    record.data.shared_rows, record.data.repeated_rows = shared, repeated
    return record


def residual(record: RunRecord) -> RunRecord:
    """A way around the first hidden layer."""
    first, second = record.layers[0], record.layers[1]
    around = layer_record(
        "add", "Add", {}, [first.path, first.inputs[0]], first.output_shape, "linear"
    )
    second.inputs = ["add"]
    record.layers.insert(1, around)
    return record


def drawn(kind: str, **config: float) -> RunRecord:
    """A classifier whose hidden layer draws its weights so."""
    record = classifier()
    record.weights[0].initializer = {"class_name": kind, "config": config}
    return record


def summed() -> RunRecord:
    """A classifier whose answer is a sum of scores."""
    record = classifier(activation="linear")
    last = record.layers[-1].path
    record.layers.append(layer_record("sum", "Add", {}, [last, last], [None, 3], "linear"))
    record.outputs[0].layer = "sum"
    return record


def predicting(
    record: RunRecord, low: float, high: float, total: float = 1.7, activation: str | None = None
) -> RunRecord:
    """Predictions between these before training, from an output that nobody can read."""
    begun(record).outputs[0].activation = activation
    numbers = {"minimum": low, "maximum": high, "row_sum_minimum": total, "row_sum_maximum": total}
    record.checkups.outputs["y"] = {name: np.asarray([v]) for name, v in numbers.items()}
    return record


def frozen(record: RunRecord, but_last: bool = False) -> RunRecord:
    for weight in record.weights:
        weight.trainable = but_last and weight.layer == record.layers[-1].path
    for layer in record.layers:
        layer.trainable = but_last and layer is record.layers[-1]
    return record


def used(record: RunRecord, *unused: str) -> RunRecord:
    for weight in record.weights:
        weight.used = weight.path not in unused
    return record


def links(*links: float, **fields: object) -> RunRecord:
    columns = len(links)
    return regression(
        inputs=columns, x=array(shape=(columns,), column_link=np.asarray(links), **fields)
    )


def columns(std: list[float], mean: list[float] | None = None, **fields: object) -> RunRecord:
    means = np.zeros(len(std)) if mean is None else np.asarray(mean)
    spread = np.asarray(std)
    fields = {
        "column_std": spread, "column_mean": means, "column_minimum": means - 3 * spread,
        "column_maximum": means + 3 * spread, **fields,
    }  # fmt: skip
    return classifier(inputs=len(std), x=array(shape=(len(std),), **fields))


def pixels(**fields: object) -> RunRecord:
    return classifier(
        x=array(minimum=0.0, maximum=255.0, mean=33.0, std=78.0, integers=True, **fields)
    )


def _faded(record: RunRecord, name: str, ratio: float, upwards: bool = False) -> RunRecord:
    """Checkup 0 with `name` changing by `ratio` from the first hidden layer to the last."""
    begun(record)
    hidden = record.layers[:-1]
    steps = np.geomspace(1, ratio, len(hidden))
    for layer, factor in zip(hidden if not upwards else hidden[::-1], steps, strict=True):
        record.checkups.layers[layer.path][name] = np.asarray([factor])
    return record


def norm(batch_size: int) -> RunRecord:
    return classifier(
        ("Dense", 16, "relu"), ("BatchNormalization", None, None), batch_size=batch_size
    )


def dropped(rate: float, *, last: bool = False) -> RunRecord:
    drop = ("Dropout", None, None, {"rate": rate})
    layers = [("Dense", 64, "relu"), ("Dense", 3, "softmax")]
    layers.insert(2 if last else 1, drop)
    return chain(*layers, loss=SPARSE, target=labels())


def begin_at_zero(record: RunRecord) -> None:
    """All kernels begin at zero."""
    for weight in record.weights:
        weight.initializer = {"class_name": "Zeros", "config": {}}


def zeros(
    *between: object, name: str = "zeros", activation: str = "relu", last: str = "glorot_uniform"
) -> RunRecord:
    """A classifier whose hidden layer begins with constants."""
    return chain(
        ("Dense", 16, activation, {"kernel_initializer": name}), *between,
        ("Dense", 3, "softmax", {"kernel_initializer": last}), loss=SPARSE, target=labels(),
    )  # fmt: skip


FIRES: dict[str, list[Make]] = {
    "softmax-over-one-unit": [
        lambda: classifier(units=1, loss="binary_crossentropy", target=binary()),
        lambda: regression(activation="softmax"),
    ],
    "softmax-twice": [
        lambda: chain(("Dense", 3, "softmax"), ("Softmax", None, "softmax"), loss=SPARSE),
        lambda: chain(
            ("Dense", 8, "softmax"),
            ("Activation", None, "softmax"),
            ("Dense", 3, "softmax"),
            loss=SPARSE,
        ),
    ],
    "softmax-with-mse": [lambda: classifier(loss=MSE, target=one_hot())],
    "sigmoid-with-mse": [lambda: regression(activation="sigmoid", target=binary())],
    "linear-output-with-crossentropy": [
        lambda: classifier(activation="linear"),
        lambda: classifier(
            units=1, activation="linear", loss="binary_crossentropy", target=binary()
        ),
    ],
    "unfit-output-for-crossentropy": [
        lambda: classifier(activation="relu", loss=CATEGORICAL, target=one_hot()),
        lambda: classifier(activation="softsign", loss=CATEGORICAL, target=one_hot()),
        lambda: classifier(units=1, activation="tanh", loss="binary_crossentropy", target=binary()),
    ],
    "probabilities-as-logits": [
        lambda: classifier(loss_config={"from_logits": True}),
        lambda: classifier(
            units=1,
            activation="sigmoid",
            loss="binary_crossentropy",
            target=binary(),
            loss_config={"from_logits": True},
        ),
    ],
    "predictions-are-no-probabilities": [
        lambda: predicting(classifier(), -1.3, 2.1),
        lambda: predicting(
            classifier(units=1, loss="binary_crossentropy", target=binary()), 0.0, 4.0
        ),
        lambda: predicting(summed(), -0.7, 0.8, activation="linear"),
    ],
    "predictions-are-probabilities-already": [
        lambda: predicting(classifier(loss_config={"from_logits": True}), 0.1, 0.6, 1.0),
    ],
    "sigmoid-for-exclusive-classes": [
        lambda: classifier(activation="sigmoid", loss=CATEGORICAL, target=one_hot()),
        lambda: classifier(activation="sigmoid", units=1, target=labels([250, 250])),
    ],
    "hinge-with-probabilities": [lambda: classifier(loss="hinge", target=one_hot())],
    "binary-crossentropy-with-softmax": [
        lambda: classifier(loss="binary_crossentropy", target=one_hot())
    ],
    "softmax-for-several-labels": [
        lambda: classifier(loss=MSE, target=several(1.7)),
        lambda: classifier(loss=CATEGORICAL, target=several(0.4)),
    ],
    "bounded-output-for-values": [
        lambda: regression(activation="sigmoid", target=values(minimum=5, maximum=50, std=9)),
        lambda: regression(activation="relu"),
        lambda: regression(activation="tanh", target=values(minimum=0, maximum=9, std=2, mean=4)),
        lambda: regression(
            activation="relu", target=values(minimum=-9, maximum=90, mean=20, std=5)
        ),
    ],
    "crossentropy-for-values": [
        lambda: regression(activation="sigmoid", loss="binary_crossentropy"),
        lambda: regression(
            activation="sigmoid",
            loss="binary_crossentropy",
            target=values(minimum=-0.01, maximum=1.01, mean=0.4, std=0.3),
        ),
    ],
    "targets-do-not-fit-loss": [
        lambda: classifier(loss=CATEGORICAL),
        lambda: classifier(target=one_hot()),
        lambda: classifier(target=values(minimum=0, maximum=0.03, std=0.01)),
    ],
    "accuracy-of-values": [lambda: regression(metrics=["accuracy"])],
    "labels-out-of-range": [
        lambda: classifier(target=labels(minimum=1.0, maximum=3.0)),
        lambda: classifier(units=2),
        lambda: classifier(target=labels(minimum=-1.0)),
    ],
    "label-never-occurs": [lambda: classifier(units=10), lambda: _tested(classifier(units=5))],
    "class-imbalance": [
        lambda: classifier(
            units=1, activation="sigmoid", loss="binary_crossentropy", target=binary(960, 40)
        ),
    ],
    "constant-targets": [
        lambda: classifier(target=labels([500, 0, 0])),
        lambda: regression(target=values(minimum=2.0, maximum=2.0, std=0.0)),
        lambda: classifier(target=labels([20000, 0, 0]), samples=900_000),
    ],
    "conflicting-labels": [
        lambda: but(classifier(), put("data.conflicting_rows", 100)),
        lambda: but(classifier(), put("data.conflicting_rows", 300)),
    ],
    "unscaled-targets": [
        lambda: regression(target=values(minimum=0, maximum=1e8, mean=2e7, std=3e7)),
        lambda: regression(target=values(minimum=0, maximum=800, mean=300, std=150)),
    ],
    "nonfinite-data": [
        lambda: classifier(x=array(nonfinite=3)),
        lambda: regression(target=values(nonfinite=1)),
        lambda: but(classifier(x=array(nonfinite=3)), put("epochs", np.arange(3))),
    ],
    "unscaled-inputs": [
        lambda: pixels(),
        lambda: columns([1.0, 400.0], [0.0, 1400.0]),
        lambda: regression(x=array(minimum=0, maximum=10000, mean=5000, std=2900)),
    ],
    "tiny-inputs": [lambda: classifier(x=array(minimum=0, maximum=1 / 255, mean=5e-4, std=1e-3))],
    "columns-of-different-scale": [lambda: columns([1.0, 0.9, 2e-4])],
    "constant-inputs": [
        lambda: columns([0.0] * 64, list(range(64))),
        lambda: begun(classifier(x=array(shape=(28, 8))), {"dense_0": {"output_spread": 0.0}}),
        lambda: classifier(x=array(minimum=0.0, maximum=0.0, mean=0.0, std=0.0)),
        lambda: columns([1.0, 0.0, 1.0]),
    ],
    "validation-scaled-differently": [
        lambda: held_out(classifier(), scale=255.0),
        lambda: held_out(classifier(), scale=1 / 255),
        lambda: held_out(classifier(), scale=255.0, maximum=90_000.0),
    ],
    "shared-validation-rows": [
        lambda: held_out(classifier(), shared=100),
        lambda: held_out(classifier(), shared=20),
    ],
    "column-gives-answer-away": [lambda: links(0.1, 0.99995, 0.3), lambda: links(0.985, 0.2)],
    "tiny-validation": [
        lambda: classifier(samples=900, validation_samples=9),
        lambda: classifier(samples=3, validation_samples=1),
    ],
    "no-nonlinearity": [
        lambda: classifier(("Dense", 16, "linear")),
        lambda: classifier(("Dense", 64, "linear"), ("Dense", 16, "relu")),
        lambda: classifier(
            ("Conv2D", 32, "linear"), ("Conv2D", 32, "linear"), ("Flatten", None, None)
        ),
    ],
    "hidden-softmax": [lambda: classifier(("Dense", 16, "softmax"))],
    "deep-sigmoid-stack": [lambda: deep(6, "sigmoid")],
    "dropout-on-output": [lambda: dropped(0.3, last=True)],
    "high-dropout": [lambda: dropped(0.8), lambda: dropped(0.9)],
    "dropout-before-output": [
        lambda: regression(("Dense", 2, "tanh"), ("Dropout", None, None, {"rate": 0.5})),
    ],
    "nothing-to-train": [lambda: frozen(classifier())],
    "unused-weights": [
        lambda: used(classifier(), "dense_0/kernel", "dense_0/bias"),
        lambda: used(classifier(), *(weight.path for weight in classifier().weights)),
    ],
    "batch-norm-on-single-samples": [lambda: norm(1), lambda: residual(norm(1))],
    "constant-initial-weights": [
        lambda: zeros(),
        lambda: zeros(name="ones"),
        lambda: zeros(name="ones", last="ones"),
        lambda: zeros(activation="tanh", last="zeros"),
        lambda: residual(zeros()),
        lambda: but(deep(3), begin_at_zero),
        lambda: begun(
            zeros(name="constant"), weights={"dense_0/kernel": {"rms": 0.01, "maximum": 0.01}}
        ),
    ],
    "initial-weights-scale": [
        lambda: begun(classifier(), weights={"dense_0/kernel": {"rms": 10.0, "maximum": 30.0}}),
        lambda: begun(deep(), weights={"dense_1/kernel": {"rms": 1e-4, "maximum": 3e-4}}),
        lambda: drawn("RandomNormal", stddev=10.0),
        lambda: drawn("RandomUniform", minval=-1e-4, maxval=1e-4),
    ],
    "dead-at-initialisation": [
        lambda: begun(deep(), {"dense_3": {"output_spread": 0.0, "unit_zero": np.ones(16)}}),
        lambda: begun(deep(6, "tanh"), {"dense_3": {"output_spread": 0.0}}),
        lambda: begun(
            deep(6, "tanh"), {"dense_3": {"output_spread": 0.0, "unit_zero": np.ones(16)}}
        ),
    ],
    "signal-lost-at-initialisation": [
        lambda: _faded(deep(9), "output_spread", 1e-6),
        lambda: _faded(deep(9), "output_spread", 1e7),
    ],
    "gradient-lost-at-initialisation": [
        lambda: _faded(deep(9, "sigmoid"), "gradient_rms", 1e-7, upwards=True),
        lambda: _faded(deep(9), "gradient_rms", 1e7, upwards=True),
    ],
    "unusual-learning-rate": [
        lambda: classifier(learning_rate=1.0),
        lambda: classifier(learning_rate=0.1),
        lambda: classifier(optimizer="Adadelta", learning_rate=0.001),
        lambda: classifier(optimizer="SGD", learning_rate=3.0),
        lambda: classifier(learning_rate=1e-9),
        lambda: classifier(learning_rate=30.0),
        lambda: chain(("Dense", 1, "linear"), loss=MSE, target=values(), learning_rate=30.0),
    ],
    "learning-rate-not-positive": [
        lambda: classifier(learning_rate=-1000.0),
        lambda: classifier(learning_rate=0.0),
    ],
    "batch-larger-than-data": [lambda: classifier(batch_size=2000, samples=900)],
    "small-batches": [lambda: classifier(batch_size=1, samples=700)],
    "high-momentum": [
        lambda: classifier(
            optimizer="SGD", learning_rate=0.01, optimizer_config={"momentum": 0.999}
        ),
        lambda: classifier(optimizer="SGD", learning_rate=0.01, optimizer_config={"momentum": 1.0}),
    ],
    "plain-sgd": [lambda: classifier(optimizer="SGD", learning_rate=0.01)],
    "unusual-epsilon": [lambda: classifier(optimizer_config={"epsilon": 1e-16})],
}


def _tested(record: RunRecord) -> RunRecord:
    """Validation asks for classes that the training data never shows."""
    record.data.validation_targets["y"] = labels([10, 10, 10, 10, 10])
    return record


def several(each: float) -> object:
    """Targets of three columns, `each` of which are true on average."""
    target = one_hot()
    target.kind, target.class_counts, target.array.mean = "binary", None, each / 3
    return target
