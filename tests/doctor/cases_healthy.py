"""Sound programs of every kind: no rule may say more than a remark on any of them."""

from __future__ import annotations

import numpy as np
from doctor import cases
from doctor.cases import CATEGORICAL, MSE
from doctor.records import (
    Make,
    array,
    begun,
    binary,
    but,
    chain,
    classifier,
    deep,
    layer_record,
    one_hot,
    regression,
    values,
)

from pellucid.record.schema import RunRecord


def _averaged_softmaxes() -> RunRecord:
    record = classifier(target=one_hot(), loss=CATEGORICAL)
    last = record.layers[-1].path
    record.layers.append(layer_record("average", "Average", {}, [last, last], [None, 3], "linear"))
    record.outputs[0].layer, record.outputs[0].activation = "average", "linear"
    return record


def autoencoder(code: str = "linear") -> RunRecord:
    target = values()
    target.array.shape, target.same_as_input = [8], True
    return chain(
        ("Dense", 32, "relu"), ("Dense", 2, code), ("Dense", 32, "relu"), ("Dense", 8, "linear"),
        loss=MSE, target=target,
    )  # fmt: skip


HEALTHY: dict[str, Make] = {
    "classifier": classifier,
    "regression": regression,
    "binary": lambda: classifier(
        units=1, activation="sigmoid", loss="binary_crossentropy", target=binary()
    ),
    "one-hot": lambda: classifier(loss=CATEGORICAL, target=one_hot()),
    "logits": lambda: classifier(activation="linear", loss_config={"from_logits": True}),
    "several labels": lambda: classifier(
        activation="sigmoid", loss="binary_crossentropy", target=cases.several(1.7)
    ),
    "one against all": lambda: classifier(
        activation="sigmoid", loss="binary_crossentropy", target=one_hot()
    ),
    "deep relu": lambda: begun(deep(12)),
    "deep tanh, output from zeros": lambda: begun(
        deep(12, "tanh"), weights={"dense_12/kernel": {"rms": 0.0, "maximum": 0.0}}
    ),
    "dropout": lambda: cases.dropped(0.5),
    "autoencoder": autoencoder,
    "batch norm": lambda: cases.norm(32),
    "linear model": lambda: chain(("Dense", 1, "linear"), loss=MSE, target=values()),
    "logistic model": lambda: chain(
        ("Dense", 1, "sigmoid"), loss="binary_crossentropy", target=binary()
    ),
    "positive output": lambda: regression(
        activation="relu", target=values(minimum=0.1, maximum=4.0, mean=2.0)
    ),
    "averaged softmaxes": _averaged_softmaxes,
    "residual": lambda: begun(cases.residual(deep(4))),
    "frozen but for the last": lambda: cases.frozen(classifier(), but_last=True),
    "all used": lambda: cases.used(classifier()),
    "image": lambda: classifier(
        ("Conv2D", 32, "relu"), ("MaxPooling2D", None, None), ("Flatten", None, None),
        x=array(minimum=0, maximum=1, mean=0.13, std=0.31),
    ),
    "pixels scaled inside": lambda: cases.pixels(normalized=True),
    "words": lambda: classifier(
        x=array(minimum=0, maximum=9999, mean=900, std=1500, integers=True, embedded=True)
    ),
    "held out": lambda: cases.held_out(classifier(validation_samples=100), shared=1),
    "few different rows": lambda: cases.held_out(classifier(), shared=40, repeated=200),
    "blobs": lambda: classifier(x=array(minimum=-14.5, maximum=7.6, mean=-3.2, std=4.6)),
    "house prices": lambda: regression(target=values(minimum=5, maximum=50, mean=22.5, std=9.2)),
    "XOR": lambda: classifier(
        units=1, activation="sigmoid", loss="binary_crossentropy", target=binary(2, 2),
        x=array(shape=(2,), minimum=0, maximum=1, mean=0.5, std=0.5, samples=4),
        inputs=2, samples=4,
    ),
    "SGD": lambda: classifier(
        optimizer="SGD", learning_rate=0.1, optimizer_config={"momentum": 0.9}
    ),
    "fine-tuning": lambda: classifier(learning_rate=2e-5),
    "Adadelta": lambda: classifier(optimizer="Adadelta", learning_rate=1.0),
    "weighed classes": lambda: classifier(
        units=1, activation="sigmoid", loss="binary_crossentropy", target=binary(960, 40),
        class_weight=True,
    ),
    "strong honest columns": lambda: cases.links(0.93, 0.91, 0.4),
    "one column": lambda: cases.links(0.9999),
    "rare flags": lambda: cases.columns(
        [0.5, 0.002], [0.5, 4e-6], column_minimum=np.zeros(2), column_maximum=np.ones(2)
    ),
    "twins measured twice": lambda: but(regression(), cases.put("data.conflicting_rows", 300)),
    "custom step": lambda: classifier(activation="linear", custom_step=True),
    "nothing known": RunRecord,
}  # fmt: skip
