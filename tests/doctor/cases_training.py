"""The same for rules that speak during training and after it: runs made by hand.

Silent cases are what published tools take for faults: most units at zero, a fast start, a last
epoch that is a little worse, an accuracy equal to a class's share in a run that learned.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from doctor.records import Make, array, classifier, deep, labels, regression
from doctor.runs import EPOCHS, STEPS, dead, fall, flat, trained

from pellucid.record.schema import RunRecord

ALL = EPOCHS * STEPS
STUCK: dict[str, Any] = {
    "losses": flat(1.1, ALL), "accuracy": flat(0.36, EPOCHS), "validation": flat(1.1, EPOCHS),
    "validation_accuracy": flat(0.36, EPOCHS), "class_share": (0.5, 0.3, 0.2),
}  # fmt: skip
CREEP: dict[str, Any] = {
    "losses": np.linspace(1.15, 0.95, ALL), "accuracy": np.linspace(0.33, 0.5, EPOCHS),
    "change": 0.01, "pace": 1e-4,
}  # fmt: skip


def stuck(record: RunRecord | None = None, **more: Any) -> RunRecord:
    """A run that learns nothing."""
    return trained(record, **{**STUCK, **more})


def creeping(record: RunRecord | None = None, **more: Any) -> RunRecord:
    """A run that hardly moves."""
    return trained(record, **{**CREEP, **more})


def by_heart(rise: float = 0.8, **more: Any) -> RunRecord:
    """Validation falls, then rises."""
    validation = np.concatenate([fall(1.1, 0.4, 6), np.linspace(0.4, 0.4 + rise, EPOCHS - 6)])
    more = {"validation_accuracy": np.linspace(0.8, 0.7, EPOCHS), **more}
    return trained(validation=validation, **more)


def memorised(**more: Any) -> RunRecord:
    """Training samples are learned, others never."""
    return trained(validation=np.linspace(1.12, 2.0, EPOCHS),
                   validation_accuracy=flat(0.35, EPOCHS), **more)  # fmt: skip


def broken(**more: Any) -> RunRecord:
    """NaN from step 50 on."""
    losses = fall(1.15, 0.15, ALL)
    losses[50:] = np.nan
    record = trained(losses=losses, loss=np.full(EPOCHS, np.nan), **more)
    record.bad_step, record.bad_place, record.bad_cause = 50, "dense_0", "forward"
    return record


def swinging() -> RunRecord:
    """Up and down from epoch to epoch."""
    loss = np.where(np.arange(EPOCHS) % 2, 0.5, 1.0) + flat(0.02, EPOCHS, 1.0)
    return trained(losses=np.repeat(loss, STEPS), loss=loss, accuracy=flat(0.6, EPOCHS))


def sawtooth(shuffle: bool) -> RunRecord:
    """The loss depends on the place in the epoch."""
    place = np.tile(np.where(np.arange(STEPS) % 10 < 5, 2.5, 0.3), EPOCHS)
    return stuck(losses=place * flat(1.0, ALL), loss=flat(1.4, EPOCHS), end=1.4, shuffle=shuffle)


def spiky(height: float) -> RunRecord:
    losses = fall(1.15, 0.15, ALL)
    losses[300] = height
    return trained(losses=losses)


def normalized(**more: Any) -> RunRecord:
    made = classifier(("Dense", 16, "linear"), ("BatchNormalization", None, "relu"))
    return trained(made, **more)


def saturated(share: float, **more: Any) -> RunRecord:
    layers = {"dense_0": {"saturated": [share, share]}}
    return stuck(classifier(("Dense", 16, "tanh")), layers=layers, **more)


def held(config: dict[str, Any], kind: str = "Dense", units: int | None = 16) -> RunRecord:
    made = classifier(("Dense", 16, "relu"), (kind, units, "relu" if units else None, config))
    return stuck(made)


def steep(level: float, make: Any = stuck) -> RunRecord:
    return make(deep(3), norms=np.full(ALL, level), gradients=[level, level, 0.1, 0.01])


def overflowing() -> RunRecord:
    """Hidden numbers too large to be squared, and no gradient that comes back."""
    layers = {"dense_1": {"output_rms": [np.inf, np.inf], "output_nonfinite": [0.0, 0.0]}}
    return stuck(deep(3), norms=np.zeros(ALL), gradients=[0.0] * 4, layers=layers)


def dropped(rates: Any) -> RunRecord:
    loss = np.concatenate([np.linspace(1.1, 0.5, 8), np.full(12, 0.5)])
    record = trained(loss=loss)
    record.learning_rates = np.asarray(rates)
    return record


def linked(link: float) -> RunRecord:
    columns = np.full(8, 0.004)
    columns[0] = link
    made = classifier(target=labels((180, 160, 160)), x=array(column_link=columns))
    return stuck(made)


def few(samples: int) -> RunRecord:
    return by_heart(samples=samples)


def wide_few(samples: int) -> RunRecord:
    made = classifier(("Dense", 256, "relu"), ("Dense", 256, "relu"))
    return trained(made, samples=samples)


def in_order(likeness: float, shuffle: bool = False) -> RunRecord:
    """Targets of neighbours are alike."""
    record = trained(shuffle=shuffle)
    record.data.targets["y"].neighbours_alike = likeness
    return record


def elsewhere(mean: float) -> RunRecord:
    """Validation inputs whose mean lies elsewhere."""
    record = memorised()
    record.data.validation_inputs["x"] = array(mean=mean, samples=200)
    return record


def jumpy(accuracy: float, loss: float) -> RunRecord:
    """Accuracy and loss go up and down around 0.55 and 0.9."""
    sign = np.where(np.arange(EPOCHS) % 2, 1.0, -1.0)
    level = 0.9 + loss / 2 * sign
    return trained(losses=np.repeat(level, STEPS), loss=level, accuracy=0.55 - accuracy / 2 * sign,
                   validation=level)  # fmt: skip


def noisy_training(gap: float) -> RunRecord:
    """The logged training loss is higher, for it is measured with dropout."""
    loss = fall(1.2, 0.5, EPOCHS)
    return trained(loss=loss, validation=loss - gap, end=0.5 - gap, mode=0.5)


def frozen(share: float) -> RunRecord:
    made = classifier(("Dense", 16, "relu"), ("Dense", 16, "relu"), ("Dense", 16, "relu"))
    record = stuck(made)
    kernels = [weight for weight in record.weights if weight.role == "kernel"]
    total = sum(weight.size for weight in kernels)
    done = 0
    for weight in kernels:
        if done < share * total:
            weight.trainable = False
        done += weight.size
    return record


def unmoved() -> RunRecord:
    return stuck(weights={"dense_0/kernel": {"change": [0.0, 0.0]}})


def sound() -> RunRecord:
    return trained()


def sound_deep() -> RunRecord:
    return trained(deep(6))


def sound_values() -> RunRecord:
    return trained(regression(), losses=fall(1.0, 0.3, ALL), usual=None, baseline=1.0)


def one_epoch() -> RunRecord:
    """Stopped while it falls, after learning a lot."""
    return trained(losses=np.linspace(1.15, 0.4, 200), loss=[0.7], accuracy=[0.8],
                   validation=np.array([0.45]), validation_accuracy=[0.8], epochs=1)  # fmt: skip


def best_possible() -> RunRecord:
    """Noisy labels: 70 % right is all that there is."""
    return trained(
        losses=fall(0.72, 0.61, ALL), baseline=0.69, usual=0.5, accuracy=fall(0.5, 0.7, EPOCHS)
    )


def silent_units() -> RunRecord:
    """Seven numbers in ten are zero, a third of the units is dead, and the network learns."""
    record = dead(trained(), "dense_0", 0.2, 0.35)
    record.checkups.layers["dense_0"]["zero_share"] = np.array([0.7, 0.75])
    return record


def rare() -> RunRecord:
    """Imbalanced, and the rare class is found."""
    made = classifier(target=labels((470, 20, 10)))
    return trained(made, baseline=0.27, usual=0.94, losses=fall(0.5, 0.05, ALL),
                   accuracy=fall(0.94, 0.98, EPOCHS), class_share=(0.95, 0.03, 0.02))  # fmt: skip


def only_prior() -> RunRecord:
    made = classifier(target=labels((470, 20, 10)))
    return trained(made, baseline=0.27, usual=0.94, losses=fall(0.4, 0.22, ALL),
                   accuracy=flat(0.94, EPOCHS, 0.0), class_share=(1.0, 0.0, 0.0))  # fmt: skip


def up_at_the_end() -> RunRecord:
    """The last epochs are a little worse: no trend."""
    validation = fall(1.1, 0.3, EPOCHS)
    validation[-2:] += 0.05
    return trained(validation=validation)


def exploded() -> RunRecord:
    losses = np.concatenate([fall(1.15, 0.6, 100), np.linspace(0.6, 9.0, ALL - 100)])
    return trained(losses=losses, accuracy=flat(0.36, EPOCHS))


def fast_start(**more: Any) -> RunRecord:
    """The first loss is far above the rest."""
    losses = fall(1.15, 0.15, ALL)
    losses[:3] = [30.0, 12.0, 4.0]
    return trained(losses=losses, **more)


SOUND: list[Make] = [
    sound, sound_deep, sound_values, one_epoch, best_possible, silent_units, rare, up_at_the_end,
    fast_start,
]  # fmt: skip
SYMPTOMS = (
    "loss-not-finite", "diverging", "not-learning", "class-prior-only", "unstable", "slow",
    "underfitting", "overfitting", "generalising-badly",
)  # fmt: skip

FIRES: dict[str, list[Make]] = {
    "loss-not-finite": [broken],
    "diverging": [exploded],
    "not-learning": [stuck, lambda: stuck(regression(), usual=None)],
    "class-prior-only": [only_prior],
    "unstable": [swinging, lambda: jumpy(0.05, 0.05)],
    "slow": [creeping],
    "underfitting": [
        lambda: trained(
            classifier(("Dense", 16, "relu"), ("Dropout", None, None, {"rate": 0.95})),
            losses=fall(1.15, 0.75, ALL), accuracy=fall(0.36, 0.55, EPOCHS),
        )
    ],
    "overfitting": [by_heart],
    "generalising-badly": [memorised],
    "learning-rate-too-high": [
        lambda: stuck(learning_rate=0.3, pace=2.0, change=50.0),
        lambda: broken(learning_rate=1.0, pace=1.0, change=9.0),
    ],
    "learning-rate-too-low": [
        lambda: creeping(learning_rate=1e-6), lambda: stuck(learning_rate=1e-7, change=1e-4)
    ],
    "gradients-clipped-away": [
        lambda: creeping(optimizer="SGD", optimizer_config={"clipnorm": 1e-4})
    ],
    "vanishing-gradients": [
        lambda: stuck(deep(6, "sigmoid"), gradients=[1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3])
    ],
    "exploding-gradients": [lambda: steep(1e4), overflowing],
    "frozen-weights": [lambda: frozen(0.9), unmoved],
    "dead-units": [
        lambda: dead(stuck(), "dense_0", 1.0, 1.0),
        lambda: dead(stuck(), "dense_0", 0.0, 1.0),
    ],
    "saturated-units": [lambda: saturated(0.95)],
    "too-much-regularization": [
        lambda: held({"kernel_regularizer": {"class_name": "L2", "config": {"l2": 1.0}}})
    ],
    "too-much-dropout": [lambda: held({"rate": 0.95}, "Dropout", None)],
    "too-small-network": [lambda: held({}, "Dense", 1)],
    "sorted-data": [lambda: sawtooth(shuffle=False), lambda: in_order(0.97)],
    "loss-spikes": [lambda: spiky(6.0)],
    "stopped-too-early": [one_epoch],
    "validation-easier": [lambda: noisy_training(0.25)],
    "plateau-after-rate-drop": [lambda: dropped([1e-3] * 8 + [1e-6] * 12)],
    "batch-norm-mismatch": [lambda: normalized(end=1.6, mode=0.2)],
    "shuffled-labels": [memorised, lambda: linked(0.006)],
    "too-few-samples": [lambda: wide_few(100)],
    "validation-differs": [lambda: elsewhere(1.2)],
}  # fmt: skip

SILENT: dict[str, list[Make]] = {
    **dict.fromkeys(SYMPTOMS, SOUND),
    "unstable": [*SOUND, lambda: jumpy(0.05, 0.01), lambda: jumpy(0.01, 0.05)],
    "learning-rate-too-high": [sound, fast_start, lambda: stuck(change=1e-4, pace=1e-5)],
    "learning-rate-too-low": [sound, one_epoch, stuck],
    "gradients-clipped-away": [
        sound, lambda: trained(optimizer="SGD", optimizer_config={"clipnorm": 1.0})
    ],
    "vanishing-gradients": [
        sound_deep,
        lambda: trained(deep(6), gradients=[1e-3, 2e-3, 3e-3, 4e-3, 5e-3, 6e-3, 1e-2]),
        lambda: stuck(deep(6), gradients=[0.0] * 6 + [0.1]),
    ],
    "exploding-gradients": [sound, sound_deep, lambda: steep(1.0)],
    "frozen-weights": [sound, lambda: frozen(0.1)],
    "dead-units": [sound, silent_units],
    "saturated-units": [sound, lambda: saturated(0.4)],
    "too-much-regularization": [
        sound, lambda: held({"kernel_regularizer": {"class_name": "L2", "config": {"l2": 1e-4}}})
    ],
    "too-much-dropout": [sound, lambda: held({"rate": 0.5}, "Dropout", None)],
    "too-small-network": [sound, lambda: held({}, "Dense", 4)],
    "sorted-data": [
        sound, lambda: sawtooth(shuffle=True), lambda: trained(shuffle=False),
        lambda: in_order(0.97, shuffle=True), lambda: in_order(0.4),
    ],
    "loss-spikes": [sound, lambda: spiky(0.8), fast_start],
    "stopped-too-early": [sound, best_possible, lambda: trained(stopped_early=True)],
    "validation-easier": [sound, by_heart],
    "plateau-after-rate-drop": [
        sound, lambda: dropped([1e-3] * EPOCHS), lambda: dropped([1e-3] * 18 + [1e-6] * 2)
    ],
    "batch-norm-mismatch": [sound, normalized, lambda: normalized(end=0.2, mode=0.9)],
    "shuffled-labels": [sound, by_heart],
    "validation-differs": [sound, lambda: elsewhere(0.1)],
    "too-few-samples": [sound, lambda: wide_few(50_000)],
}  # fmt: skip
