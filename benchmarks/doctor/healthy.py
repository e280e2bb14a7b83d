"""Training runs in which nothing is wrong: the doctor must not report a problem on any of them.

Among them is what published tools take for faults: most ReLU units at zero, few epochs, small and
large learning rates that work, unscaled targets that work, heavy dropout, imbalance, labels that
cannot be predicted better.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from .data import Data, standard
from .training import Program


def _early() -> list[Any]:
    from pellucid.callbacks import EarlyStopping

    return [EarlyStopping(monitor="val_loss", patience=3, restore_best_weights=True)]


def _falling_rate() -> list[Any]:
    from pellucid.callbacks import ReduceLROnPlateau

    return [ReduceLROnPlateau(monitor="val_loss", patience=2, factor=0.3)]


def _cosine() -> Any:
    from pellucid.optimizers import schedules

    return schedules.CosineDecay(3e-3, 800)


def times_ten(data: Data) -> Data:
    """Targets with mean 20 and deviation 10, as prices or temperatures have."""
    return replace(data, y=data.y * 10 + 20, y_val=data.y_val * 10 + 20)


def one_hot(data: Data) -> Data:
    """Labels as rows with a single one."""
    eye = np.eye(data.units, dtype="float32")
    return replace(data, y=eye[data.y], y_val=eye[data.y_val], kind="labels")


def few(count: int) -> Any:
    """Only the first `count` training samples."""

    def spoil(data: Data) -> Data:
        return replace(data, x=data.x[:count], y=data.y[:count])

    return spoil


def raw_columns(data: Data) -> Data:
    """Columns with very different scales."""
    scale = np.geomspace(0.1, 1000, data.x.shape[1]).astype("float32")
    return data.both(lambda x: x * scale + 3 * scale)


def sixteen(data: Data) -> Data:
    """Pixels from 0 to 16, as scikit-learn gives them."""
    return data.both(lambda x: x * 16)


def centred(data: Data) -> Data:
    """Standardised inputs: some columns reach far."""
    both = standard(np.concatenate([data.x, data.x_val]))
    return replace(data, x=both[: len(data.x)], x_val=both[len(data.x) :])


MLP = Program("digits-mlp", "digits", quick=True)
DEEP = Program("digits-deep", "digits", options={"hidden": (48,) * 6}, epochs=15, quick=True)
SGD = Program("digits-sgd", "digits", optimizer="SGD", settings={"learning_rate": 0.1}, epochs=15)
TABLE = Program("cancer-mlp", "cancer", options={"hidden": (32, 16)}, epochs=20, quick=True)
IRIS = Program(
    "iris-mlp",
    "iris",
    options={"hidden": (16,)},
    batch=8,
    epochs=30,
    settings={"learning_rate": 0.01},
)
WINE = Program("wine-tanh", "wine", options={"hidden": (16,), "activation": "tanh"}, epochs=30)
HOUSING = Program("housing-mlp", "housing", options={"hidden": (32, 32)}, epochs=40, quick=True)
ABALONE = Program("abalone-mlp", "abalone", options={"hidden": (32,)}, epochs=10)
CIRCLES = Program("circles-mlp", "circles", options={"hidden": (16, 16)}, epochs=50)
CNN = Program("digits-cnn", "digit_images", "cnn", epochs=8, quick=True)
MNIST = Program("mnist-cnn", "mnist", "cnn", epochs=4)
MNIST_MLP = Program("mnist-mlp", "mnist_flat", options={"hidden": (64, 32)}, epochs=6)
LSTM = Program("waves-lstm", "waves", "rnn", epochs=10, settings={"learning_rate": 3e-3})
GRU = Program(
    "rows-gru", "digit_rows", "rnn", {"cell": "GRU"}, epochs=12, settings={"learning_rate": 3e-3},
    quick=True,
)  # fmt: skip
SIMPLE = Program(
    "rows-simple-rnn", "digit_rows", "rnn", {"cell": "SimpleRNN", "units": 32}, epochs=15,
    settings={"learning_rate": 2e-3},
)  # fmt: skip
WORDS = Program("sentences-mean", "sentences", "average_words", epochs=5,
    settings={"learning_rate": 3e-3})  # fmt: skip
BATCHNORM = Program(
    "digits-batchnorm", "digits", options={"hidden": (64, 64), "norm": "batch"}, epochs=8
)
AUTO = Program(
    "digits-autoencoder", "digit_inputs",
    options={"hidden": (64, 24, 64), "output": "sigmoid"}, epochs=25,
)  # fmt: skip
RARE = Program("odd-one", "digits_odd_one", options={"hidden": (64,)}, epochs=15)
TEMPERATURE = Program("temperatures-lstm", "temperatures", "rnn", epochs=6,
    settings={"learning_rate": 3e-3})  # fmt: skip
LINE = Program("line-linear", "line", options={"hidden": ()}, epochs=40,
    settings={"learning_rate": 0.01})  # fmt: skip

BASES = (
    MLP, DEEP, SGD, TABLE, IRIS, WINE, HOUSING, ABALONE, CIRCLES, CNN, MNIST, MNIST_MLP, LSTM, GRU,
    SIMPLE, WORDS, BATCHNORM, AUTO, RARE, TEMPERATURE, LINE,
)  # fmt: skip


def _like(base: Program, name: str, **changes: Any) -> Program:
    """Another healthy program."""
    return replace(base.but("x", **changes), name=name, twin=None)


MORE = (
    _like(MLP, "digits-wide", options={"hidden": (512,)}, epochs=6),
    _like(MLP, "digits-logistic", options={"hidden": ()}, epochs=30),
    _like(MLP, "digits-one-epoch", epochs=1, options={"hidden": (128,)}, batch=8),
    _like(MLP, "digits-two-epochs", epochs=2, batch=16),
    _like(MLP, "digits-tanh", options={"activation": "tanh", "hidden": (64, 64)}),
    _like(MLP, "digits-sigmoid", options={"activation": "sigmoid"}, epochs=20),
    _like(MLP, "digits-gelu", options={"activation": "gelu", "hidden": (64, 32)}),
    _like(MLP, "digits-swish", options={"activation": "swish", "hidden": (64, 32)}),
    _like(MLP, "digits-leaky", options={"activation": "leaky_relu", "hidden": (64, 32)}),
    _like(DEEP, "digits-selu", options={"activation": "selu", "initializer": "lecun_normal"}),
    _like(DEEP, "digits-elu-deep", options={"activation": "elu", "hidden": (32,) * 10}, epochs=12),
    _like(DEEP, "digits-residual", options={"residual": True, "hidden": (48,) * 10}, epochs=10),
    _like(DEEP, "digits-layernorm", options={"norm": "layer"}, epochs=10),
    _like(DEEP, "digits-he-normal", options={"initializer": "he_normal"}, epochs=8),
    _like(DEEP, "digits-deep-batchnorm", options={"norm": "batch"}, epochs=8),
    _like(MLP, "digits-small-rate", settings={"learning_rate": 1e-4}, epochs=60),
    _like(MLP, "digits-large-rate", settings={"learning_rate": 0.02}),
    _like(MLP, "digits-sgd-small", optimizer="SGD", settings={"learning_rate": 0.02}, epochs=40),
    _like(MLP, "digits-momentum", optimizer="SGD",
          settings={"learning_rate": 0.02, "momentum": 0.9, "nesterov": True}),
    _like(MLP, "digits-large-sgd", optimizer="SGD", settings={"learning_rate": 0.4}),
    _like(MLP, "digits-rmsprop", optimizer="RMSprop"),
    _like(MLP, "digits-adamw", optimizer="AdamW", settings={"weight_decay": 0.01}),
    _like(MLP, "digits-nadam", optimizer="Nadam"),
    _like(MLP, "digits-adagrad", optimizer="Adagrad", settings={"learning_rate": 0.05}),
    _like(MLP, "digits-lion", optimizer="Lion", settings={"learning_rate": 3e-4}, epochs=12),
    _like(MLP, "digits-cosine", settings={"learning_rate": _cosine()}, epochs=15),
    _like(MLP, "digits-plateau", callbacks=_falling_rate, epochs=25),
    _like(MLP, "digits-early", callbacks=_early, epochs=60, options={"hidden": (128,)}),
    _like(MLP, "digits-clipped", settings={"clipnorm": 1.0}),
    _like(MLP, "digits-full-batch", batch=1348, epochs=150, settings={"learning_rate": 3e-3}),
    _like(MLP, "digits-tiny-batch", batch=4, epochs=4),
    _like(MLP, "digits-dropout", options={"hidden": (256, 128), "dropout": 0.5}, epochs=15),
    _like(MLP, "digits-heavy-dropout", options={"hidden": (512,), "dropout": 0.7}, epochs=15),
    _like(MLP, "digits-decay", options={"l2": 1e-3}, epochs=20),
    _like(MLP, "digits-one-hot", spoil=one_hot, loss="categorical_crossentropy"),
    _like(MLP, "digits-logits", options={"output": "none"}, loss=lambda: _logits()),
    _like(MLP, "digits-0-16", spoil=sixteen),
    _like(MLP, "digits-standard", spoil=centred),
    _like(MLP, "digits-mixed", dtype="mixed_bfloat16"),
    _like(MLP, "digits-several", data="digits_several", epochs=15),
    _like(MLP, "digits-noisy", data="digits_noisy", epochs=5, options={"hidden": (16,)}),
    _like(MLP, "digits-two-answers", network="two_answers", epochs=12),
    _like(MLP, "digits-transfer", network="transferred", epochs=8),
    _like(MLP, "digits-frozen-first", options={"hidden": (256, 64), "frozen": (0,)}, epochs=15),
    _like(MLP, "digits-few", spoil=few(120), epochs=40),
    _like(BATCHNORM, "digits-batchnorm-slow", options={"momentum": 0.99}, epochs=20),
    _like(BATCHNORM, "digits-bn-sgd", optimizer="SGD", settings={"learning_rate": 0.1}),
    _like(TABLE, "cancer-logistic", options={"hidden": ()}, epochs=40),
    _like(TABLE, "cancer-two-units", options={"output": "softmax:2"}, spoil=lambda d: _flat(d),
          loss="sparse_categorical_crossentropy"),
    _like(TABLE, "cancer-early", callbacks=_early, epochs=60),
    _like(TABLE, "cancer-weights", fit={"class_weight": {0: 1.6, 1: 0.8}}),
    _like(TABLE, "pima-mlp", data="pima", epochs=25),
    _like(TABLE, "mammography", data="mammography", batch=64, epochs=8,
          fit={"class_weight": {0: 1.0, 1: 10.0}}),
    _like(WINE, "wine-normalized", spoil=raw_columns, options={"normalize": True}),
    _like(WINE, "wine-batchnorm", options={"norm": "batch", "activation": "relu"}, batch=16),
    _like(IRIS, "iris-full-batch", batch=113, epochs=200, settings={"learning_rate": 0.01}),
    _like(HOUSING, "housing-prices", spoil=times_ten, epochs=80),
    _like(HOUSING, "housing-mae", loss="mean_absolute_error"),
    _like(HOUSING, "housing-huber", loss="huber"),
    _like(ABALONE, "diabetes", data="diabetes", epochs=25),
    _like(ABALONE, "white-wine", data="white_wine"),
    _like(CIRCLES, "moons-tanh", data="moons", options={"activation": "tanh"}, epochs=60),
    _like(CNN, "cnn-batchnorm", options={"norm": "batch"}),
    _like(CNN, "cnn-deep", options={"filters": (8, 8, 16, 16, 16)}, epochs=10),
    _like(CNN, "cnn-residual", options={"filters": (8, 8, 8, 8), "residual": True}, epochs=10),
    _like(CNN, "cnn-dropout", options={"dropout": 0.5, "dense": 64}, epochs=12),
    _like(CNN, "cnn-sgd", optimizer="SGD", settings={"learning_rate": 0.05, "momentum": 0.9}),
    _like(CNN, "cnn-over-time", data="waves"),
    _like(MNIST, "mnist-cnn-batchnorm", options={"norm": "batch"}, epochs=3),
    _like(MNIST_MLP, "mnist-one-epoch", epochs=1, batch=16),
    _like(LSTM, "waves-both-ways", options={"both_ways": True}, epochs=6),
    _like(LSTM, "waves-two-lstm", options={"depth": 2}, epochs=6),
    _like(WORDS, "sentences-lstm", network="rnn", epochs=3),
    _like(WORDS, "sentences-gru-dropout", network="rnn",
          options={"cell": "GRU", "dropout": 0.5}, epochs=3),
    _like(WORDS, "sentences-transformer", network="transformer", epochs=3),
    _like(LSTM, "waves-transformer", network="transformer", epochs=12),
    _like(LSTM, "letters-gru", data="letters", options={"cell": "GRU", "every_step": True,
          "units": 48}, epochs=6, settings={"learning_rate": 5e-3}),
    _like(TEMPERATURE, "temperatures-mlp", network="mlp", epochs=10),
    _like(LINE, "line-mlp", options={"hidden": (32,)}, settings={"learning_rate": 1e-3}),
    _like(LINE, "line-sgd", optimizer="SGD", epochs=15),
    _like(AUTO, "digits-autoencoder-linear", options={"output": "none", "activation": "tanh"}),
)  # fmt: skip


def _logits() -> Any:
    from pellucid.losses import SparseCategoricalCrossentropy

    return SparseCategoricalCrossentropy(from_logits=True)


def _flat(data: Data) -> Data:
    """Zeros and ones as labels of two classes."""
    return replace(
        data, y=data.y[:, 0].astype("int32"), y_val=data.y_val[:, 0].astype("int32"),
        kind="labels", units=2,
    )  # fmt: skip


HEALTHY: tuple[Program, ...] = (*BASES, *MORE)
# The first minutes of a newcomer: sound programs, looked at after an epoch or three.
BEGUN: tuple[Program, ...] = tuple(
    replace(program, name=f"{program.name}@{epochs}", epochs=epochs, quick=False)
    for program in HEALTHY
    for epochs in (1, 3)
    if epochs < program.epochs
)
