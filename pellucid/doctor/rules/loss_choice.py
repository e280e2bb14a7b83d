"""The loss against the kind of targets, and against what the output can give."""

from __future__ import annotations

from collections.abc import Iterator

from ...record.schema import OutputRecord, RunRecord, TargetRecord
from ..change import Change
from ..explaining import explains
from ..finding import Evidence, Finding, Where
from ..network import judged, width
from ..rule import rule

# Activation -> the numbers that it can give.
SLIGHTLY = 0.05  # past 0 or 1, for a cross-entropy
RANGES: dict[str, tuple[float, float]] = {
    "sigmoid": (0.0, 1.0),
    "hard_sigmoid": (0.0, 1.0),
    "softmax": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "hard_tanh": (-1.0, 1.0),
    "softsign": (-1.0, 1.0),
    "relu": (0.0, float("inf")),
    "relu6": (0.0, 6.0),
    "softplus": (0.0, float("inf")),
    "exponential": (0.0, float("inf")),
}
# Targets reach past the output's range by so many standard deviations: the outermost, the usual.
OUT_OF_REACH, COMMONLY = 1.0, 0.1


def _at(output: OutputRecord) -> Where:
    return Where(layer=output.layer, output=output.name)


def _pairs(record: RunRecord) -> Iterator[tuple[OutputRecord, TargetRecord]]:
    for output in judged(record):
        target = record.data.targets.get(output.name)
        if target is not None:
            yield output, target


@rule("bounded-output-for-values", "data", ("loss", "targets"), risk=False,
      explains=explains(1.0, 1.0, unstable=0.3))  # fmt: skip
def bounded_output_for_values(record: RunRecord) -> Iterator[Finding]:
    """The targets lie where the output activation cannot reach."""
    for output, target in _pairs(record):
        bounds, array = RANGES.get(output.activation or ""), target.array
        if bounds is None or not output.wants("distance") or width(output) is None:
            continue
        if output.activation == "softmax" and width(output) == 1:
            continue  # a rule of its own
        if array.minimum is None or array.maximum is None or not array.std:
            continue
        over = max(array.maximum - bounds[1], bounds[0] - array.minimum) / array.std
        if array.mean is None or over <= OUT_OF_REACH:
            continue
        # A few outliers out of reach leave much to learn; what lies about the mean does not.
        low, high = array.mean - array.std, array.mean + array.std
        usual = max(high - bounds[1], bounds[0] - low) / array.std > COMMONLY
        yield Finding(
            "bounded-output-for-values",
            f"The output {output.name!r} ends in {output.activation}, which gives "
            f"{_range(bounds)}, but the targets go from {array.minimum:.4g} to "
            f"{array.maximum:.4g}.",
            "problem" if usual else "warning",
            where=_at(output),
            evidence=(
                Evidence("targets beyond reach by", over, OUT_OF_REACH, "standard deviations"),
                Evidence("mean target", array.mean),
                Evidence("standard deviation of the targets", array.std),
            ),
            why="The network cannot give the answers beyond its bound however long it trains, and "
            "at the bound its gradient vanishes.",
            fix="Use no activation at the output:\n"
            f"    layers.Dense({width(output)})\n"
            "or bring the targets into its range.",
            confidence=0.98 if usual else 0.6,
            changes=(Change("set_output", output.name, {"activation": "linear"}),),
        )


def _range(bounds: tuple[float, float]) -> str:
    if bounds[1] == float("inf"):
        return "nothing below 0"
    return f"numbers from {bounds[0]:g} to {bounds[1]:g}"


@rule("crossentropy-for-values", "data", ("loss", "targets"), risk=False,
      explains=explains(1.0, 1.0, 1.0, 0.5))  # fmt: skip
def crossentropy_for_values(record: RunRecord) -> Iterator[Finding]:
    """A cross-entropy with targets that are neither classes nor probabilities."""
    for output, target in _pairs(record):
        array = target.array
        if not output.wants("crossentropy") or output.wants("class_numbers"):
            continue
        if target.kind != "values" or array.minimum is None or array.maximum is None:
            continue
        if array.minimum >= -1e-3 and array.maximum <= 1 + 1e-3:
            continue
        far = max(-array.minimum, array.maximum - 1) > SLIGHTLY
        yield Finding(
            "crossentropy-for-values",
            f"The loss of {output.name!r} is {output.loss}, but its targets are quantities from "
            f"{array.minimum:.4g} to {array.maximum:.4g}.",
            "problem" if far else "warning",
            where=_at(output),
            evidence=(
                Evidence("smallest target", array.minimum, 0),
                Evidence("largest target", array.maximum, 1),
            ),
            why="A cross-entropy compares probabilities. Outside of 0 to 1 it has no minimum: it "
            "pays to push the output without end.",
            fix="For quantities:\n"
            f"    layers.Dense({width(output) or 1})\n"
            '    model.compile(..., loss="mean_squared_error")\n'
            "For classes, number them from 0:\n"
            "    names, y = np.unique(y, return_inverse=True)",
            confidence=0.97 if far else 0.5,
            changes=(
                Change(
                    "set_output",
                    output.name,
                    {"activation": "linear", "loss": "mean_squared_error"},
                ),
            ),
        )


@rule("targets-do-not-fit-loss", "data", ("loss", "targets"), risk=False,
      explains=explains(1.0, 1.0, 0.8, 0.5))  # fmt: skip
def targets_do_not_fit_loss(record: RunRecord) -> Iterator[Finding]:
    """Class numbers where one column per class belongs, or the reverse."""
    for output, target in _pairs(record):
        units, shape = width(output), target.array.shape
        if target.kind == "labels" and shape in ([], [1]) and (units or 0) > 1:
            if not output.wants("one_of_several", "yes_no") or output.wants("class_numbers"):
                continue
            yield _unfit(output, target, "sparse_categorical_crossentropy")
        elif output.wants("class_numbers") and (
            target.kind == "values" or (target.kind == "one_hot" and shape[-1:] == [units])
        ):
            one_hot = target.kind == "one_hot"
            yield _unfit(
                output, target, "categorical_crossentropy" if one_hot else "mean_squared_error"
            )


def _unfit(output: OutputRecord, target: TargetRecord, better: str) -> Finding:
    words = {
        "labels": "class numbers",
        "one_hot": "rows with one column per class",
        "values": "no whole numbers",
    }
    return Finding(
        "targets-do-not-fit-loss",
        f"The targets of {output.name!r} are {words[target.kind]}, which {output.loss} does not "
        "take.",
        "problem",
        where=_at(output),
        evidence=(
            Evidence("numbers in one target", _count(target.array.shape), None),
            Evidence("units of the output", width(output) or 0),
        ),
        why="The loss compares numbers that mean different things, so that what it asks for is "
        "not what the data says.",
        fix=f'    model.compile(..., loss="{better}")',
        confidence=0.97,
        changes=(Change("set_output", output.name, {"loss": better}),),
    )


def _count(shape: list[int]) -> int:
    count = 1
    for size in shape:
        count *= size
    return count


@rule("hinge-with-probabilities", "static", ("loss",), explains=explains(0.8, 0.8))
def hinge_with_probabilities(record: RunRecord) -> Iterator[Finding]:
    """A hinge loss, made for scores of either sign, gets probabilities."""
    for output in judged(record):
        if not output.wants("signs"):
            continue
        if output.activation not in ("softmax", "sigmoid"):
            continue
        yield Finding(
            "hinge-with-probabilities",
            f"The output {output.name!r} ends in {output.activation}, but {output.loss} expects "
            "scores from -1 to 1 and beyond.",
            "warning",
            where=_at(output),
            evidence=(Evidence("output activation", output.activation, "tanh or linear"),),
            why="Hinge wants -1 for the wrong class and 1 for the right one. A probability cannot "
            "go below 0, so that the loss never ends and pulls every class down.",
            fix="For two classes:\n"
            '    layers.Dense(1, activation="tanh")\n'
            "For several use a loss made for probabilities:\n"
            '    model.compile(..., loss="categorical_crossentropy")',
            confidence=0.9,
            changes=(
                Change(
                    "set_output",
                    output.name,
                    {
                        "loss": "categorical_crossentropy"
                        if (width(output) or 1) > 1
                        else "binary_crossentropy"
                    },
                ),
            ),
        )


@rule("binary-crossentropy-with-softmax", "static", ("loss",), explains=explains(0.4, 0.5))
def binary_crossentropy_with_softmax(record: RunRecord) -> Iterator[Finding]:
    """Binary cross-entropy over the units of a softmax; it learns, but not the intended loss."""
    for output in judged(record):
        if output.activation == "softmax" and output.wants("yes_no") and (width(output) or 0) > 2:
            yield Finding(
                "binary-crossentropy-with-softmax",
                f"The output {output.name!r} is a softmax over {width(output)} classes, but its "
                f"loss is {output.loss}.",
                "remark",
                where=_at(output),
                evidence=(Evidence("units under the softmax", width(output), 2),),
                why="Every class is scored as a question of its own although the softmax allows "
                "one answer. The loss looks small, since most classes are wrong anyway.",
                fix='    model.compile(..., loss="categorical_crossentropy")',
                confidence=0.8,
                changes=(Change("set_output", output.name, {"loss": "categorical_crossentropy"}),),
            )


@rule("softmax-for-several-labels", "data", ("loss", "targets"), risk=False,
      explains=explains(0.8, 0.9))  # fmt: skip
def softmax_for_several_labels(record: RunRecord) -> Iterator[Finding]:
    """A softmax, which allows one class a sample, for targets with several or none."""
    for output, target in _pairs(record):
        units, mean = width(output), target.array.mean
        if output.activation != "softmax" or target.kind != "binary" or mean is None:
            continue
        if not units or units < 2 or target.array.shape[-1:] != [units]:
            continue
        each = mean * units
        if abs(each - 1) < 0.05:
            continue
        yield Finding(
            "softmax-for-several-labels",
            f"A sample has {each:.3g} true classes on average, but the output {output.name!r} is "
            "a softmax, which allows exactly one.",
            "problem",
            where=_at(output),
            evidence=(Evidence("true classes a sample", each, 1),),
            why="The units of a softmax add to one: it cannot call two classes true, nor none.",
            fix=f'    layers.Dense({units}, activation="sigmoid")\n'
            '    model.compile(..., loss="binary_crossentropy")',
            confidence=0.95,
            changes=(
                Change(
                    "set_output",
                    output.name,
                    {"activation": "sigmoid", "loss": "binary_crossentropy"},
                ),
            ),
        )


@rule("accuracy-of-values", "data", ("loss", "targets"), risk=False)
def accuracy_of_values(record: RunRecord) -> Iterator[Finding]:
    """Accuracy of a regression counts exact hits, and says nothing."""
    for output, target in _pairs(record):
        counted = [name for name in output.metrics if "acc" in name.lower()]
        if not counted or not output.wants("distance") or target.kind != "values":
            continue
        if output.activation in ("softmax", "sigmoid"):
            continue
        yield Finding(
            "accuracy-of-values",
            f"The metric {counted[0]!r} is for classes, but {output.name!r} is a quantity.",
            "remark",
            where=_at(output),
            evidence=(Evidence("loss", output.loss),),
            why="Accuracy is the share of answers that equal the target exactly. For quantities "
            "it stays near 0 however good the network is.",
            fix='    model.compile(..., metrics=["mae", "r2_score"])',
            confidence=0.97,
            changes=(Change("set_metrics", output.name, {"metrics": ["mae"]}),),
        )
