"""Seeded faults, each beside the healthy program that it was made from.

The names after a fault are the rules of which one should be named as its cause (or as the fault).
"""

from __future__ import annotations

from typing import Any

from . import spoil
from .healthy import (
    ABALONE,
    AUTO,
    BATCHNORM,
    CIRCLES,
    CNN,
    DEEP,
    GRU,
    HEALTHY,
    HOUSING,
    IRIS,
    LSTM,
    MLP,
    MNIST,
    MNIST_MLP,
    RARE,
    SGD,
    SIMPLE,
    TABLE,
    TEMPERATURE,
    WINE,
    WORDS,
)  # fmt: skip
from .training import Program

HIGH = ("learning-rate-too-high", "unusual-learning-rate")
LOW = ("learning-rate-too-low", "unusual-learning-rate")
VANISH = ("vanishing-gradients", "deep-sigmoid-stack", "gradient-lost-at-initialisation")


def _rate(base: Program, factor: float) -> Program:
    usual = {"Adam": 1e-3, "SGD": 1e-2}[base.optimizer]
    rate = base.settings.get("learning_rate", usual) * factor
    return base.but(
        f"rate-x{factor:g}",
        *(HIGH if factor > 1 else LOW),
        settings={"learning_rate": rate},
        quick=base.quick and factor in (1000, 0.001),
    )


def _normal(deviation: float) -> Any:
    from pellucid.initializers import RandomNormal

    return RandomNormal(stddev=deviation)


def _constant(value: float) -> Any:
    from pellucid.initializers import Constant

    return Constant(value)


def _stopped(count: int, base: Program) -> Program:
    return base.but(f"after-{count}", "stopped-too-early", epochs=count)


BATCHED = HEALTHY[[p.name for p in HEALTHY].index("digits-momentum")]
WAVES = HEALTHY[[p.name for p in HEALTHY].index("cnn-over-time")]
MAMMOGRAPHY = HEALTHY[[p.name for p in HEALTHY].index("mammography")]
DIABETES = HEALTHY[[p.name for p in HEALTHY].index("diabetes")]
PIMA = HEALTHY[[p.name for p in HEALTHY].index("pima-mlp")]
SENTENCES = HEALTHY[[p.name for p in HEALTHY].index("sentences-lstm")]
LINE_SGD = HEALTHY[[p.name for p in HEALTHY].index("line-sgd")]
TANH = HEALTHY[[p.name for p in HEALTHY].index("digits-tanh")]
PRICES = HEALTHY[[p.name for p in HEALTHY].index("housing-prices")]

RATES = (
    *(_rate(base, 30) for base in (MLP, SGD, DEEP, CNN, LINE_SGD)),
    *(_rate(base, 100) for base in (MLP, SGD, DEEP, TABLE, CNN, MNIST, MNIST_MLP, LSTM, GRU,
                                    SIMPLE, LINE_SGD, AUTO, BATCHED, CIRCLES, TEMPERATURE)),
    *(_rate(base, 1000) for base in (MLP, TABLE, HOUSING, CNN, GRU, WORDS, AUTO)),
    *(_rate(base, 0.001) for base in (MLP, SGD, DEEP, TABLE, HOUSING, ABALONE, CNN, MNIST, LSTM,
                                      GRU, SIMPLE, WORDS, AUTO, BATCHNORM)),
    *(_rate(base, 0.01) for base in (MLP, SGD, TABLE, HOUSING, CNN, GRU, LSTM)),
)  # fmt: skip

ALIKE = ("constant-initial-weights",)
WILD = ("initial-weights-scale", "saturated-units")
DEAD = ("dead-units", "dead-at-initialisation")
START = (
    *(base.but("zero-weights", *ALIKE, options={"initializer": "zeros"}, quick=base is MLP)
      for base in (MLP, DEEP, CNN, MNIST_MLP)),
    DEEP.but("constant-weights", *ALIKE, *WILD, options={"initializer": _constant(0.5)}),
    *(base.but("tiny-weights", *VANISH, "initial-weights-scale", "signal-lost-at-initialisation",
               options={"initializer": _normal(1e-4)}) for base in (DEEP,)),
    *(base.but("huge-weights", *WILD, options={"initializer": _normal(10.0)}, quick=base is MLP)
      for base in (MLP, DEEP, CNN, TANH, HOUSING)),
    DEEP.but("large-weights", *WILD, "exploding-gradients",
             options={"initializer": _normal(1.0)}),
    *(base.but("dead-bias", *DEAD, options={"bias": _constant(-20.0)}, quick=base is CNN)
      for base in (MLP, CNN, HOUSING)),
    DEEP.but("dead-bias-small", *DEAD, options={"bias": _constant(-2.0)}),
)  # fmt: skip

DEPTH = (
    DEEP.but("sigmoid-6", *VANISH, options={"activation": "sigmoid"}),
    DEEP.but("sigmoid-10", *VANISH, options={"activation": "sigmoid", "hidden": (32,) * 10},
             quick=True),
    DEEP.but("sigmoid-sgd", *VANISH, "learning-rate-too-low",
             options={"activation": "sigmoid"}, optimizer="SGD",
             settings={"learning_rate": 0.1}),
    CNN.but("sigmoid-stack", *VANISH, options={"activation": "sigmoid",
            "filters": (8, 8, 16, 16, 16)}),
    TABLE.but("sigmoid-stack", *VANISH,
              options={"activation": "sigmoid", "hidden": (16,) * 10}),
    LSTM.but("exploding", "exploding-gradients", data="long_waves",
             options={"cell": "SimpleRNN", "cell_options": {"activation": "relu",
                      "recurrent_initializer": _normal(0.4)}}),
    SIMPLE.but("exploding", "exploding-gradients",
               options={"units": 64, "cell_options": {"activation": "linear",
                        "recurrent_initializer": _normal(1.0)}}, quick=True),
    *(base.but("linear", "no-nonlinearity", options={"activation": None}, quick=True)
      for base in (CIRCLES,)),
    MLP.but("narrow", "too-small-network", options={"hidden": (1,)}),
    DEEP.but("narrow", "too-small-network", "dead-units", options={"hidden": (48, 1, 48)}),
)  # fmt: skip

ONE = ("softmax-over-one-unit",)
RAW = ("linear-output-with-crossentropy", "unfit-output-for-crossentropy")
UNFIT = ("unfit-output-for-crossentropy", "linear-output-with-crossentropy")
BOUND = ("bounded-output-for-values",)
AS_VALUES = ("targets-do-not-fit-loss", "crossentropy-for-values", "bounded-output-for-values",
             "labels-out-of-range", "sigmoid-with-mse")  # fmt: skip
OUTPUTS = (
    TABLE.but("softmax-1", *ONE, options={"output": "softmax:1"}, quick=True),
    RARE.but("softmax-1", *ONE, options={"output": "softmax:1"}),
    TABLE.but("relu-out", *UNFIT, options={"output": "relu"}),
    TABLE.but("linear-out", *RAW, options={"output": "none"}),
    TABLE.but("tanh-out", *UNFIT, options={"output": "tanh"}),
    MLP.but("linear-out", *RAW, options={"output": "none"}),
    MLP.but("relu-out", *UNFIT, options={"output": "relu"}),
    CNN.but("linear-out", *RAW, options={"output": "none"}),
    GRU.but("linear-out", *RAW, options={"output": "none"}),
    HOUSING.but("sigmoid-out", *BOUND, options={"output": "sigmoid"}),
    HOUSING.but("relu-out", *BOUND, options={"output": "relu"}),
    HOUSING.but("softmax-out", *ONE, options={"output": "softmax"}),
    PRICES.but("tanh-out", *BOUND, options={"output": "tanh"}),
    PRICES.but("sigmoid-out", *BOUND, options={"output": "sigmoid"}),
    TEMPERATURE.but("relu-out", *BOUND, options={"output": "relu"}),
    MLP.but("labels-as-values", *AS_VALUES, options={"output": "none:1"},
            loss="mean_squared_error"),
    IRIS.but("labels-as-sigmoid", *AS_VALUES, options={"output": "sigmoid:1"},
             loss="binary_crossentropy"),
    IRIS.but("labels-mse-sigmoid", *AS_VALUES, options={"output": "sigmoid:1"},
             loss="mean_squared_error"),
    MLP.but("dropout-last", "dropout-before-output", "dropout-on-output",
            options={"last_dropout": 0.5}),
    MLP.but("too-few-outputs", "labels-out-of-range", options={"output": "softmax:8"},
            certain=True),
    MLP.but("labels-from-one", "labels-out-of-range", spoil=spoil.from_one, certain=True),
)  # fmt: skip

SCALE = ("unscaled-inputs", "columns-of-different-scale")
DATA = (
    SGD.but("x1000", *SCALE, spoil=spoil.scaled(1000.0)),
    SGD.but("0-255", *SCALE, spoil=spoil.scaled(255.0), quick=True),
    MNIST_MLP.but("0-255-sgd", *SCALE, spoil=spoil.scaled(255.0), optimizer="SGD",
                  settings={"learning_rate": 0.05}),
    MNIST.but("0-255-sgd", *SCALE, spoil=spoil.scaled(255.0), optimizer="SGD",
              settings={"learning_rate": 0.05}),
    *(base.but("uneven", *SCALE[::-1], spoil=spoil.uneven)
      for base in (TABLE, HOUSING, WINE, ABALONE)),
    TANH.but("x1000", *SCALE, "saturated-units", spoil=spoil.scaled(1000.0)),
    LSTM.but("x1000", *SCALE, "saturated-units", spoil=spoil.scaled(1000.0, 5000.0)),
    HOUSING.but("targets-x10000", "unscaled-targets", spoil=spoil.targets(1e4)),
    LINE_SGD.but("targets-x1e6", "unscaled-targets", *HIGH, spoil=spoil.targets(1e6),
                 options={"hidden": (32,)}),
    *(base.but("nan", "nonfinite-data", spoil=spoil.with_nan(0.01), certain=True,
               quick=base is TABLE) for base in (TABLE, CNN, HOUSING, LSTM)),
    *(base.but("shuffled", "shuffled-labels", "conflicting-labels", spoil=spoil.shuffled,
               quick=base is MLP) for base in (MLP, TABLE, CNN, GRU, HOUSING, MNIST, WORDS)),
    *(base.but("shifted", "shuffled-labels", "conflicting-labels", spoil=spoil.shifted)
      for base in (MLP, CNN, ABALONE)),
    *(base.but("constant", "constant-inputs", spoil=spoil.constant) for base in (MLP, TABLE, LSTM)),
    *(base.but("sorted", "sorted-data", spoil=spoil.in_order, fit={"shuffle": False},
               quick=base is SGD) for base in (MLP, SGD, CNN, MNIST, LSTM, IRIS, TABLE)),
    *(base.but("flipped", "validation-differs", "validation-scaled-differently",
               spoil=spoil.flipped) for base in (MLP, MNIST)),
    *(base.but("repeated", "shared-validation-rows",  spoil=spoil.repeated,
               certain=True) for base in (MLP, TABLE)),
    *(base.but("leaked", "column-gives-answer-away", spoil=spoil.leaked, certain=True)
      for base in (TABLE, HOUSING)),
    MAMMOGRAPHY.but("unweighted", "class-imbalance", fit={"class_weight": None}, epochs=2),
    RARE.but("rarer", "class-imbalance", spoil=spoil.mostly(0, 0.1), epochs=6),
)  # fmt: skip

OVER = ("overfitting",)
FIT = (
    DIABETES.but("large", *OVER, options={"hidden": (256, 256)}, epochs=150, quick=True),
    PIMA.but("large", *OVER, options={"hidden": (256, 256)}, epochs=100),
    WORDS.but("long", *OVER, epochs=40),
    SENTENCES.but("long", *OVER, epochs=20),
    MLP.but("few", *OVER, "too-few-samples", spoil=spoil.few(60), epochs=60,
            options={"hidden": (256,)}),
    MNIST.but("few", *OVER, "too-few-samples", spoil=spoil.few(150), epochs=40),
    ABALONE.but("few", *OVER, "too-few-samples", spoil=spoil.few(60),
                options={"hidden": (256, 256)}, epochs=150),
    *(base.but("decay-1", "too-much-regularization", options={"l2": 1.0}, quick=base is MLP)
      for base in (MLP, DEEP, CNN, TABLE, HOUSING)),
    *(base.but("decay-0.1", "too-much-regularization", options={"l2": 0.1})
      for base in (MLP, CNN, HOUSING)),
    *(base.but("dropout-0.95", "too-much-dropout", "high-dropout", options={"dropout": 0.95})
      for base in (MLP, CNN, TABLE, GRU, HOUSING)),
    DEEP.but("dropout-0.8", "too-much-dropout", "high-dropout", options={"dropout": 0.8}),
    *(base.but("momentum", "batch-norm-mismatch", options={"momentum": 0.9999}, epochs=3)
      for base in (BATCHNORM,)),
    BATCHNORM.but("batch-2", "batch-norm-mismatch", "small-batches", batch=2, epochs=2),
    CNN.but("bn-momentum", "batch-norm-mismatch",
            options={"norm": "batch", "momentum": 0.9999}, quick=True),
    MLP.but("all-frozen", "frozen-weights", "nothing-to-train",
            options={"frozen": (0,), "head_frozen": True}),
    MLP.but("frozen-narrow", "frozen-weights", options={"hidden": (16, 8), "frozen": (0, 1)}),
    DEEP.but("mostly-frozen", "frozen-weights", options={"frozen": (0, 1, 2, 3, 4, 5)}),
    MLP.but("unused", "unused-weights", options={"unused": True}, certain=True),
    *(base.but("clipped", "gradients-clipped-away", settings={"clipnorm": 1e-3})
      for base in (SGD, BATCHED)),
    SGD.but("clip-value", "gradients-clipped-away", settings={"clipvalue": 1e-5}),
    MLP.but("adam-epsilon", "learning-rate-too-low", "unusual-epsilon", settings={"epsilon": 10.0}),
    _stopped(1, MLP), _stopped(1, TABLE), _stopped(5, HOUSING), _stopped(2, GRU), _stopped(8, IRIS),
)  # fmt: skip

FAULTS: tuple[Program, ...] = (*RATES, *START, *DEPTH, *OUTPUTS, *DATA, *FIT)
