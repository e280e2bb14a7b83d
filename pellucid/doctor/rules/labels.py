"""What the targets themselves say: classes, balance, contradictions, scale."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...record.schema import RunRecord
from ..change import Change
from ..explaining import explains
from ..finding import Evidence, Finding, Where
from ..network import is_known, judged, same_for_all, width
from ..rule import rule

COMMONEST = 0.9  # share of one class
CONFLICTS = 0.05, 0.3  # share of samples with a twin that has another target: remark, warning
LARGE_TARGETS = 100.0, 1000.0  # spread or mean: remark, warning


@rule("labels-out-of-range", "data", ("loss", "targets"), risk=False,
      explains=explains(1.0, 1.0, 1.0, 0.5))  # fmt: skip
def labels_out_of_range(record: RunRecord) -> Iterator[Finding]:
    """A class number for which the output has no unit."""
    for output in judged(record):
        target, units = record.data.targets.get(output.name), width(output)
        if target is None or target.kind != "labels" or not units:
            continue
        if not output.wants("class_numbers"):
            continue
        low, high = target.array.minimum, target.array.maximum
        if low is None or high is None or output.loss_config.get("axis", -1) != -1:
            continue
        ignored = output.loss_config.get("ignore_class")
        below = low < 0 and low != ignored
        above = high >= units and high != ignored
        if not below and not above:
            continue
        shifted = low == 1 and high == units
        yield Finding(
            "labels-out-of-range",
            f"The labels of {output.name!r} go from {low:g} to {high:g}, but its "
            + (
                "only unit stands for 0."
                if units == 1
                else f"{units} units stand for 0 to {units - 1}."
            ),
            "problem",
            where=Where(layer=output.layer, output=output.name),
            evidence=(
                Evidence("smallest label", low, 0),
                Evidence("largest label", high, units - 1),
            ),
            why="A class without a unit cannot be learned, and its samples make the loss wrong.",
            fix="Count from 0:\n    y = y - 1"
            if shifted
            else "Number the classes from 0, and give the last layer one unit for each:\n"
            "    names, y = np.unique(y, return_inverse=True)\n"
            '    layers.Dense(len(names), activation="softmax")',
            changes=(
                Change("shift_labels", output.name, {"by": -1})
                if shifted
                else Change("set_units", output.layer or output.name, {"units": int(high) + 1}),
            ),
        )


@rule("label-never-occurs", "data", ("targets",), risk=False)
def label_never_occurs(record: RunRecord) -> Iterator[Finding]:
    """The output has units for classes that the training data never shows."""
    for output in judged(record):
        target, units = record.data.targets.get(output.name), width(output)
        if target is None or target.class_counts is None or not units or units < 3:
            continue
        if target.kind not in ("labels", "one_hot") or units > 1000:
            continue
        counts = np.zeros(max(units, len(target.class_counts)), np.int64)
        counts[: len(target.class_counts)] = target.class_counts
        missing = np.flatnonzero(counts[:units] == 0)
        held_out = record.data.validation_targets.get(output.name)
        tested = 0
        if held_out is not None and held_out.class_counts is not None:
            known = np.asarray(held_out.class_counts)[:units]
            tested = int(known[missing[missing < len(known)]].sum())
        few = int(counts.sum()) < 10 * units
        if not len(missing) or (few and not tested):
            continue
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        names = ", ".join(map(str, missing[:5])) + more
        yield Finding(
            "label-never-occurs",
            f"{len(missing)} of the {units} classes of {output.name!r} never occur in the "
            f"training data: {names}.",
            "warning" if tested else "remark",
            where=Where(layer=output.layer, output=output.name),
            evidence=(
                Evidence("classes without a sample", len(missing), 0),
                Evidence("validation samples of them", tested, 0),
            ),
            why="What has no sample is never learned"
            + (", yet the validation data asks for it." if tested else "."),
            fix="Shuffle before splitting, so that every class is in every part:\n"
            "    x_train, x_val, y_train, y_val = train_test_split(x, y, stratify=y)"
            if tested
            else "See whether the labels are numbered as you think, from 0 and without gaps:\n"
            "    np.unique(y, return_counts=True)",
            confidence=0.95 if tested else 0.5,
        )


@rule("class-imbalance", "data", ("targets",), risk=False,
      explains={"class-prior-only": 0.7, "not-learning": 0.4})  # fmt: skip
def class_imbalance(record: RunRecord) -> Iterator[Finding]:
    """Nearly all samples are of one class, and nothing makes up for it."""
    if record.plan.class_weight or record.plan.sample_weight:
        return
    for name, target in record.data.targets.items():
        counts = target.class_counts
        if counts is None or len(counts) < 2 or not np.sum(counts) or np.count_nonzero(counts) < 2:
            continue
        share = float(np.max(counts) / np.sum(counts))
        if share <= COMMONEST:
            continue
        yield Finding(
            "class-imbalance",
            f"{share:.1%} of the samples of {name!r} are of one class, {int(np.argmax(counts))}.",
            "remark",
            where=Where(output=name),
            evidence=(
                Evidence("share of the commonest class", 100 * share, 100 * COMMONEST, "%"),
                Evidence("samples of the others", int(np.sum(counts) - np.max(counts)), None),
            ),
            why=f"Always answering {int(np.argmax(counts))} is right in {share:.1%}: accuracy says "
            "nothing here, and the rare classes pull on the weights hardly at all.",
            fix="Watch another metric than accuracy; where the rare classes matter, weigh them:\n"
            '    model.compile(..., metrics=["auc"])\n'
            f"    model.fit(..., class_weight={_balanced(counts)})",
            confidence=0.7,
            changes=(Change("class_weight", name, {"weights": "balanced"}),),
        )


def _balanced(counts: np.ndarray) -> dict[int, float]:
    """Weights under which every class counts the same, the commonest as 1; of the first few."""
    most = float(np.max(counts))
    return {i: float(f"{most / n:.3g}") for i, n in enumerate(counts[:5].tolist()) if n}


@rule("constant-targets", "data", ("loss", "targets"), risk=False, explains=explains(1.0, 0.8))
def constant_targets(record: RunRecord) -> Iterator[Finding]:
    """Every training sample has the same target: there is nothing to learn."""
    for output in judged(record):
        target = record.data.targets.get(output.name)
        if target is None or not is_known(output):
            continue  # a loss of one's own may take no targets at all
        name, array = output.name, target.array
        if array.samples < 2 or array.minimum is None or array.nonfinite:
            continue
        counts = target.class_counts
        one_class = counts is not None and len(counts) > 0 and np.count_nonzero(counts) == 1
        if array.minimum != array.maximum and not one_class:
            continue
        rest = (record.plan.samples or 0) - array.samples  # that nobody looked at
        commonest = int(np.argmax(counts)) if one_class and counts is not None else array.minimum
        yield Finding(
            "constant-targets",
            f"All {array.samples:,} training targets of {name!r}"
            + (" that were looked at" if rest > 0 else "")
            + f" are the same: {commonest:g}.",
            "warning" if rest > 0 else "problem",
            where=Where(output=name),
            evidence=(Evidence("different targets", 1, 2),),
            why="A network that always gives this answer has no error, and no other can be "
            "learned.",
            fix="Look which column or array the targets were taken from, and whether data sorted "
            "by class was split without shuffling:\n"
            "    np.unique(y, return_counts=True)\n"
            "    x_train, x_val, y_train, y_val = train_test_split(x, y, stratify=y)",
        )


@rule("conflicting-labels", "data", ("targets",), risk=False, explains=explains(0.6, 0.5))
def conflicting_labels(record: RunRecord) -> Iterator[Finding]:
    """Samples with the same input have different targets."""
    count, rows = record.data.conflicting_rows, record.data.looked_at
    if not count or rows < 20 or count / rows <= CONFLICTS[0]:
        return
    if any(same_for_all(record, array) for array in record.data.inputs.values()):
        return  # a rule of its own
    if any(target.kind not in ("labels", "binary", "one_hot") for target in
           record.data.targets.values()):  # fmt: skip
        return  # the same measurement twice gives two values
    share = count / rows
    yield Finding(
        "conflicting-labels",
        f"{count:,} of {rows:,} training samples have a twin with the same input and another "
        "label.",
        "warning" if share > CONFLICTS[1] else "remark",
        evidence=(Evidence("samples with a twin that disagrees", 100 * share, 5, "%"),),
        why="No network can be right on both: accuracy has a ceiling below 100 %.",
        fix="Look at the twins: is a label wrong, or a column missing that tells them apart?\n"
        "    rows, of, count = np.unique(x, axis=0, return_inverse=True, return_counts=True)\n"
        "    twins = np.flatnonzero(count[of] > 1)",
        confidence=min(1.0, 0.4 + share),
    )


@rule("unscaled-targets", "data", ("loss", "targets"), explains=explains(0.7, 0.7, 0.85, 0.6))
def unscaled_targets(record: RunRecord) -> Iterator[Finding]:
    """Large targets with a distance as loss: huge gradients, or answers out of reach for long."""
    for output in judged(record):
        target = record.data.targets.get(output.name)
        if target is None or not output.wants("distance") or output.activation not in (
            "linear", "relu", "softplus", None,
        ):  # fmt: skip
            continue
        if output.wants("relative"):
            continue
        last = record.layer(output.layer) if output.layer else None
        if last is not None and last.kind in ("Rescaling", "Normalization"):
            continue  # the network brings its answers to the targets' scale itself
        mean, std = target.array.mean, target.array.std
        if mean is None or std is None or max(abs(mean), std) < LARGE_TARGETS[0]:
            continue
        scale = max(abs(mean), std)
        factor = float(f"{scale:.1g}")
        yield Finding(
            "unscaled-targets",
            f"The targets of {output.name!r} are large: mean {mean:.4g}, standard deviation "
            f"{std:.4g}.",
            "warning" if scale >= LARGE_TARGETS[1] else "remark",
            where=Where(layer=output.layer, output=output.name),
            evidence=(Evidence("scale of the targets", scale, LARGE_TARGETS[0]),),
            why="A network starts near 0. "
            + (
                "With a squared loss its first gradients are as large as the targets, and plain "
                "SGD diverges; "
                if output.wants("squared")
                else ""
            )
            + "Adam moves a weight by about the learning rate a step, so that the way is long.",
            fix="Standardise the targets, and turn the predictions back:\n"
            "    mean, std = y.mean(), y.std()\n"
            "    model.fit(x, (y - mean) / std)\n"
            "    model.predict(x) * std + mean",
            confidence=float(np.clip(0.3 + 0.2 * np.log10(scale / 10), 0.4, 0.95)),
            changes=(
                Change("scale_targets", output.name, {"how": "standardize", "factor": factor}),
            ),
        )
