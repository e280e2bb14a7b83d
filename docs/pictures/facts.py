"""Pictures that follow from a formula: activations, losses, optimisers on a small valley."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree.ElementTree import Element

import numpy as np

from pellucid.report.charts.bars import Row, bars, dots
from pellucid.report.charts.histogram import histogram
from pellucid.report.charts.lines import Level, Mark, Series, lines
from pellucid.report.words import percent, short

X = np.linspace(-6, 6, 61)


def softmax(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - x.max())
    return e / e.sum()


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def curves(
    title: str, x_label: str, *named: tuple[str, np.ndarray], x: np.ndarray = X, **more
) -> Element:
    """Lines without dots."""
    series = [Series(name, x, y, number) for number, (name, y) in enumerate(named)]
    return lines(series, title, x_label, **more)


def shares(title: str, names: list[str], *columns: tuple[str, np.ndarray]) -> Element:
    """Bars of one group of numbers a class."""
    rows = [
        Row(name, [float(values[number]) for _, values in columns])
        for number, name in enumerate(names)
    ]
    return bars(rows, [name for name, _ in columns], title, show=percent, high=1.0)


CLASSES = ["class 0", "class 1", "class 2", "class 3"]
SCORES = np.array([3.0, 1.0, 0.0, -1.0])


def one_unit() -> Element:
    return curves(
        "What the unit can say",
        "score before the activation",
        ("softmax of one unit", np.ones_like(X)),
        ("sigmoid", sigmoid(X)),
        log=False,
        zero=True,
    )


def twice() -> Element:
    once = softmax(SCORES)
    return shares("One softmax and two", CLASSES, ("once", once), ("twice", softmax(once)))


def learning_of(loss: str) -> Element:
    """Size of the gradient by the score, for a sample of class 1."""
    p = sigmoid(X)
    right = ("cross-entropy", 1 - p)
    squared = ("mean squared error", 2 * (1 - p) * p * (1 - p))
    return curves(loss, "score of the right class", right, squared, log=False, zero=True)


def raw_scores() -> Element:
    x = np.linspace(-2, 3, 101)
    loss = -np.log(np.clip(x, 1e-7, 1))
    return curves(
        "Loss of a raw score",
        "what the layer gives for the right class",
        ("cross-entropy", loss),
        x=x,
        log=False,
        marks=[Mark(0.0, "0: no slope below", "warning")],
    )


def as_logits() -> Element:
    said = np.array([0.97, 0.01, 0.01, 0.01])
    return shares(
        "What the loss sees",
        CLASSES,
        ("the network says", said),
        ("the loss takes it for", softmax(said)),
    )


def unfit() -> Element:
    x = np.linspace(-3, 3, 61)
    return curves(
        "Activations and probabilities",
        "score",
        ("tanh", np.tanh(x)),
        ("relu", np.maximum(x, 0)),
        ("sigmoid", sigmoid(x)),
        x=x,
        log=False,
        levels=[Level(0.0, "probabilities"), Level(1.0, "")],
    )


def exclusive() -> Element:
    scores = np.array([2.5, 1.5, -1.0, -2.0])
    return shares(
        "Two classes at once",
        CLASSES,
        ("sigmoid: adds to 2.1", sigmoid(scores)),
        ("softmax: adds to 1", softmax(scores)),
    )


def hinge() -> Element:
    x = np.linspace(-2, 2, 81)
    reach = np.where((x >= 0) & (x <= 1), np.maximum(0, 1 - x), np.nan)
    back = np.where((x >= 0) & (x <= 1), 1 + x, np.nan)
    return curves(
        "Hinge loss",
        "answer",
        ("for +1", np.maximum(0, 1 - x)),
        ("for -1", np.maximum(0, 1 + x)),
        ("probabilities reach only this", reach),
        ("", back),
        x=x,
        log=False,
        zero=True,
    )


def several_ways() -> Element:
    p = np.linspace(0.02, 0.98, 49)
    other = (1 - p) / 3
    binary = -(np.log(p) + 3 * np.log(1 - other)) / 4
    return curves(
        "Loss by the share of the right class",
        "probability of the right class",
        ("categorical cross-entropy", -np.log(p)),
        ("binary cross-entropy of 4 units", binary),
        x=p,
        log=False,
    )


def several_labels() -> Element:
    truth = np.array([1.0, 1.0, 0.0, 0.0])
    return shares(
        "Two labels are right",
        CLASSES,
        ("truth", truth),
        ("the best a softmax can say", truth / 2),
        ("sigmoids", np.array([0.97, 0.96, 0.03, 0.02])),
    )


def values_crossentropy() -> Element:
    p = np.linspace(0.01, 0.99, 99)
    loss = -(3.0 * np.log(p) + (1 - 3.0) * np.log(1 - p))
    return curves(
        "Cross-entropy of a target of 3",
        "answer",
        ("loss", loss),
        x=p,
        log=False,
        levels=[Level(0.0, "no loss can be lower")],
    )


def unfit_targets() -> Element:
    rows = [Row("the target", [2.0]), *(Row(f"unit {i}", [float(i == 2)]) for i in range(4))]
    return bars(rows, ["x"], "A label, and the same as one column a class")


def forward(
    scale: float, depth: int = 12, activation: Callable = np.tanh, width: int = 64
) -> np.ndarray:
    """Spread over samples behind each layer of a random network: (depth,)."""
    random = np.random.default_rng(0)
    x = random.normal(size=(128, width))
    found = []
    for _ in range(depth):
        x = activation(x @ random.normal(scale=scale / width**0.5, size=(width, width)))
        found.append(x.std(axis=0).mean())
    return np.array(found)


def weights_scale() -> Element:
    depth = np.arange(1, 13)
    relu = lambda x: np.maximum(x, 0)  # noqa: E731
    return curves(
        "Spread over samples, layer by layer",
        "layer",
        *(
            (f"weights {name}", forward(scale, activation=relu))
            for name, scale in (
                ("as wide as they should be", 2**0.5),
                ("ten times smaller", 0.14),
                ("ten times larger", 14.0),
            )
        ),
        x=depth,
        log=True,
    )


def sigmoid_gradient() -> Element:
    random = np.random.default_rng(0)
    found = {}
    for name, slope in (
        ("sigmoid", lambda z: sigmoid(z) * (1 - sigmoid(z))),
        ("relu", lambda z: z > 0),
    ):
        gradient, norms = np.ones((1, 64)), []
        for _ in range(10):
            z = random.normal(size=64)
            scale = 1.0 if name == "sigmoid" else 2**0.5
            gradient = (gradient * slope(z)) @ random.normal(scale=scale / 8, size=(64, 64))
            norms.append(float(np.sqrt((gradient**2).mean())))
        found[name] = np.array(norms)
    return curves(
        "Gradient on its way back",
        "layers behind the loss",
        *found.items(),
        x=np.arange(1, 11),
        log=True,
    )


def valley(
    rate: float, steps: int = 40, momentum: float = 0.0, adam: bool = False, steep: float = 20.0
) -> np.ndarray:
    """Loss of each step down a valley twenty times steeper one way: (steps,)."""
    slopes = np.array([1.0, steep])
    x, speed, square = np.array([2.0, 1.0]), np.zeros(2), np.zeros(2)
    found = []
    for step in range(1, steps + 1):
        found.append(float((slopes * x**2).sum() / 2))
        gradient = slopes * x
        if adam:
            speed = 0.9 * speed + 0.1 * gradient
            square = 0.999 * square + 0.001 * gradient**2
            move = speed / (1 - 0.9**step) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
        else:
            speed = momentum * speed + gradient
            move = speed
        x = np.clip(x - rate * move, -1e6, 1e6)
    return np.array(found)


def rates(*chosen: float, log: bool = True) -> Element:
    named = [(f"learning rate {rate:g}", valley(rate)) for rate in chosen]
    return curves("Loss by step", "step", *named, x=np.arange(1, 41), log=log)


def clipped() -> Element:
    steps = np.arange(1, 41)
    gradient = 2.0 * np.exp(-steps / 30) * (1 + 0.2 * np.random.default_rng(0).normal(size=40))
    cut = np.full(40, 0.001)
    named = [("as it is", gradient), ("clipped to 0.001", cut)]
    return curves("Norm of the gradient", "step", *named, x=steps, log=True)


def momentum() -> Element:
    steps = np.arange(1, 121)
    return curves(
        "Loss by step",
        "step",
        ("momentum 0.9", valley(0.01, 120, 0.9)),
        ("momentum 0.999", valley(0.01, 120, 0.999)),
        x=steps,
        log=True,
    )


def sgd_and_adam() -> Element:
    steps = np.arange(1, 121)
    return curves(
        "Loss by step",
        "step",
        ("plain SGD", valley(0.004, 120, steep=200.0)),
        ("Adam", valley(0.05, 120, adam=True, steep=200.0)),
        x=steps,
        log=True,
    )


def epsilon() -> Element:
    size = np.logspace(-6, 1, 57)
    series = [
        Series(f"epsilon {short(e)}", size, size / (size + e), number)
        for number, e in enumerate((1e-7, 1e-2, 1.0))
    ]
    return lines(
        series,
        "Share of a step that is left",
        "size of the gradient",
        log_x=True,
        log=False,
        zero=True,
    )


def negative_rate() -> Element:
    return rates(0.05, 0.0, -0.02)


def noise(*sizes: int) -> Element:
    """Loss of a linear fit by step, with gradients of small and of large batches."""
    steps = np.arange(1, 201)
    series = []
    for number, size in enumerate(sizes):
        random = np.random.default_rng(1)
        w, found = np.zeros(4), []
        for _ in steps:
            x = random.normal(size=(size, 4))
            off = x @ (w - 1) + random.normal(size=size)
            found.append(float(((w - 1) ** 2).sum() + 1))
            w = w - 0.08 * x.T @ off / size
        words = f"{size} sample{'' if size == 1 else 's'} a batch"
        series.append(Series(words, steps, np.array(found), number))
    return lines(series, "Loss by step", "step", log=False)


def equal_weights() -> Element:
    random = np.random.default_rng(2)
    apart = 0.3 * random.normal(size=6) + 0.4
    rows = [Row(f"unit {i + 1}", [0.4, float(apart[i])]) for i in range(6)]
    return dots(
        rows,
        ["began equal", "began at random"],
        "A weight of each unit after training",
        "weight",
        log=False,
    )


def one_sample_norm() -> Element:
    random = np.random.default_rng(0)
    values = random.normal(1.0, 0.6, 6)
    rows = [Row(f"sample {i + 1}", [float(v), 0.0]) for i, v in enumerate(values)]
    return dots(
        rows,
        ["what goes in", "what comes out of batches of one"],
        "One unit before and behind the layer",
        "value",
        log=False,
    )


def dead_before() -> Element:
    random = np.random.default_rng(0)
    return histogram(
        random.normal(-6, 1.3, 2000), "Before the relu", "number before the activation", zero=True
    )


def floor() -> Element:
    """The loss of the surest answer, when it is taken for scores: log(1 + (n - 1) / e)."""
    counts = np.array([2, 3, 5, 10, 20, 50, 100])
    lowest = np.log(1 + (counts - 1) / np.e)
    rows = [Row(f"{n} classes", [float(loss)]) for n, loss in zip(counts, lowest, strict=True)]
    return bars(rows, ["loss"], "Loss of answers that are wholly right")


def outside() -> Element:
    numbers = np.random.default_rng(0).normal(0.2, 0.9, 2000)
    return histogram(numbers, "What the network gives before training", "answer", zero=True)
