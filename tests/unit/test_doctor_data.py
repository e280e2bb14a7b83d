"""From a model and its arrays to the findings: what each fault of data or settings looks like."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pellucid import Sequential, layers, losses, optimizers
from pellucid.doctor import Diagnosis, examine
from pellucid.vitals.data import describe_data
from pellucid.vitals.network import record_of

GENERATOR = np.random.default_rng(7)
X = GENERATOR.normal(size=(400, 6)).astype("float32")
LABELS = (X[:, 0] + X[:, 1] > 0).astype("int32") + (X[:, 2] > 1)
YES = (X[:, :1] > 0).astype("float32")
VALUES = (X[:, :1] + 0.5 * X[:, 1:2] * X[:, 2:3]).astype("float32")
ONE_HOT = np.eye(3, dtype="float32")[LABELS]
SPARSE, BINARY = "sparse_categorical_crossentropy", "binary_crossentropy"


def asked(
    x: Any, y: Any, *end: Any, loss: Any = SPARSE, optimizer: Any = "adam", held: Any = None,
    columns: Any = None,
) -> Diagnosis:  # fmt: skip
    """What the doctor says of a network with `end` behind a hidden layer, before training."""
    start = [layers.Input(x.shape[1:]), layers.Flatten()] if x.ndim > 2 else [layers.Input((6,))]
    model = Sequential([*start, layers.Dense(16, activation="relu"), *end])
    model.compile(optimizer, loss)
    record = record_of(model)
    name = record.layers[0].inputs[0].removeprefix("input:")
    output = record.outputs[0].name
    held_out = ({name: held[0]}, {output: held[1]}) if held else (None, None)
    record.data = describe_data(
        record, {name: x}, {output: y}, *held_out, columns={name: columns} if columns else None
    )
    record.plan.samples, record.plan.batch_size = len(x), 32
    return examine(record, ("static", "data"))


def dense(units: int, activation: str | None = None) -> Any:
    return layers.Dense(units, activation=activation)


FAULTS: dict[str, Any] = {
    "softmax-over-one-unit": lambda: asked(X, YES, dense(1, "softmax"), loss=BINARY),
    "softmax-twice": lambda: asked(X, LABELS, dense(3, "softmax"), layers.Softmax()),
    "softmax-with-mse": lambda: asked(X, ONE_HOT, dense(3, "softmax"), loss="mse"),
    "linear-output-with-crossentropy": lambda: asked(X, LABELS, dense(3)),
    "unfit-output-for-crossentropy": lambda: asked(X, YES, dense(1, "tanh"), loss=BINARY),
    "probabilities-as-logits": lambda: asked(
        X, LABELS, dense(3, "softmax"), loss=losses.SparseCategoricalCrossentropy(from_logits=True)
    ),
    "sigmoid-for-exclusive-classes": lambda: asked(X, LABELS, dense(3, "sigmoid")),
    "hinge-with-probabilities": lambda: asked(X, YES, dense(1, "sigmoid"), loss="hinge"),
    "bounded-output-for-values": lambda: asked(X, VALUES, dense(1, "relu"), loss="mse"),
    "crossentropy-for-values": lambda: asked(X, X, dense(6, "sigmoid"), loss=BINARY),
    "softmax-for-several-labels": lambda: asked(
        X, (X[:, :3] > -1).astype("float32"), dense(3, "softmax"), loss="categorical_crossentropy"
    ),
    "labels-out-of-range": lambda: asked(X, LABELS + 1, dense(3, "softmax")),
    "label-never-occurs": lambda: asked(X, LABELS, dense(5, "softmax")),
    "class-imbalance": lambda: asked(
        X, (X[:, :1] > 1.9).astype("float32"), dense(1, "sigmoid"), loss=BINARY
    ),
    "constant-targets": lambda: asked(X, np.zeros(400, "int32"), dense(3, "softmax")),
    "conflicting-labels": lambda: asked(
        np.repeat(X[:200], 2, axis=0), np.tile([0, 1], 200), dense(3, "softmax")
    ),
    "unscaled-targets": lambda: asked(X, VALUES * 2e5, dense(1), loss="mse"),
    "nonfinite-data": lambda: asked(np.where(X > 2, np.nan, X), LABELS, dense(3, "softmax")),
    "unscaled-inputs": lambda: asked(X * 900, LABELS, dense(3, "softmax")),
    "tiny-inputs": lambda: asked(X / 1000, LABELS, dense(3, "softmax")),
    "columns-of-different-scale": lambda: asked(
        X * [1, 1, 1e-5, 1, 1, 1], LABELS, dense(3, "softmax")
    ),
    "constant-inputs": lambda: asked(np.tile(X[:1], (400, 1)), LABELS, dense(3, "softmax")),
    "validation-scaled-differently": lambda: asked(
        X[:300], LABELS[:300], dense(3, "softmax"), held=(X[300:] * 255, LABELS[300:])
    ),
    "shared-validation-rows": lambda: asked(
        X, LABELS, dense(3, "softmax"), held=(X[:100], LABELS[:100])
    ),
    "column-gives-answer-away": lambda: asked(X, X[:, 2:3] * 3 + 1, dense(1), loss="mse"),
    "no-nonlinearity": lambda: asked(X, VALUES, dense(16), dense(1), loss="mse"),
    "hidden-softmax": lambda: asked(X, LABELS, dense(8, "softmax"), dense(3, "softmax")),
    "high-dropout": lambda: asked(X, LABELS, layers.Dropout(0.9), dense(3, "softmax")),
    "dropout-on-output": lambda: asked(X, VALUES, dense(1), layers.Dropout(0.3), loss="mse"),
    "unusual-learning-rate": lambda: asked(
        X, LABELS, dense(3, "softmax"), optimizer=optimizers.Adam(0.5)
    ),
    "high-momentum": lambda: asked(
        X, LABELS, dense(3, "softmax"), optimizer=optimizers.SGD(0.01, momentum=0.999)
    ),
    "learning-rate-not-positive": lambda: asked(
        X, LABELS, dense(3, "softmax"), optimizer=optimizers.SGD(0.0)
    ),
}


@pytest.mark.parametrize("name", list(FAULTS))
def test_the_fault_is_found_in_real_arrays(name):
    diagnosis = FAULTS[name]()
    assert name in diagnosis, diagnosis
    # and nothing else is called a problem because of it
    allowed = {name, "labels-out-of-range"} if name == "softmax-over-one-unit" else {name}
    assert {finding.rule for finding in diagnosis.problems} <= allowed, diagnosis


SOUND: dict[str, Any] = {
    "labels": lambda: asked(X, LABELS, dense(3, "softmax"), held=(X[300:] + 0.1, LABELS[300:])),
    "one-hot": lambda: asked(X, ONE_HOT, dense(3, "softmax"), loss="categorical_crossentropy"),
    "yes or no": lambda: asked(X, YES, dense(1, "sigmoid"), loss=BINARY),
    "values": lambda: asked(X, VALUES, dense(1), loss="mse"),
    "counts": lambda: asked(
        X, GENERATOR.poisson(np.exp(X[:, :1])).astype("float32"), dense(1, "exponential"),
        loss="poisson",
    ),
    "shares": lambda: asked(X, 1 / (1 + np.exp(-VALUES)), dense(1, "sigmoid"), loss="mse"),
    "autoencoder": lambda: asked(X, X, dense(2), dense(16, "relu"), dense(6), loss="mse"),
    "pictures": lambda: asked(
        GENERATOR.random((100, 8, 8)).astype("float32"), LABELS[:100], dense(3, "softmax")
    ),
    "own loss": lambda: asked(
        X, np.zeros((400, 1), "float32"), dense(1, "tanh"), loss=lambda y, p: (p - y) ** 2
    ),
    "warm-up": lambda: asked(
        X, LABELS, dense(3, "softmax"),
        optimizer=optimizers.Adam(
            optimizers.schedules.CosineDecay(0.0, 100, warmup_target=1e-3, warmup_steps=20)
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", list(SOUND))
def test_nothing_is_said_of_sound_programs(name):
    diagnosis = SOUND[name]()
    assert len(diagnosis) == 0, diagnosis
