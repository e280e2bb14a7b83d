"""Rule -> heading and drawing. A rule without a line here has no picture, and a test says so."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from xml.etree.ElementTree import Element

from . import data, facts, runs

PICTURES: dict[str, tuple[str, Callable[[], Element]]] = {
    # output and loss
    "softmax-over-one-unit": ("Softmax of one unit is always 1", facts.one_unit),
    "softmax-twice": ("The second softmax makes everything nearly even", facts.twice),
    "softmax-with-mse": (
        "Squared error learns least where the answer is most wrong",
        partial(facts.learning_of, "Size of the gradient"),
    ),
    "sigmoid-with-mse": (
        "Squared error learns least where the answer is most wrong",
        partial(facts.learning_of, "Size of the gradient"),
    ),
    "linear-output-with-crossentropy": (
        "Raw scores outside 0 and 1 are cut off: no slope, no learning",
        facts.raw_scores,
    ),
    "probabilities-as-logits": ("A sure answer looks unsure to the loss", facts.as_logits),
    "unfit-output-for-crossentropy": ("Only the sigmoid stays between 0 and 1", facts.unfit),
    "sigmoid-for-exclusive-classes": ("Sigmoids may name two classes at once", facts.exclusive),
    "hinge-with-probabilities": ("Probabilities reach a part of the hinge loss", facts.hinge),
    "binary-crossentropy-with-softmax": (
        "Binary cross-entropy hardly punishes a wrong class",
        facts.several_ways,
    ),
    "softmax-for-several-labels": ("A softmax must share 1 among the labels", facts.several_labels),
    "bounded-output-for-values": ("A sigmoid cannot say more than 1", runs.bounded),
    "crossentropy-for-values": (
        "For a target above 1 the loss falls without end, and means nothing",
        facts.values_crossentropy,
    ),
    "targets-do-not-fit-loss": ("One number, or one column a class", facts.unfit_targets),
    "accuracy-of-values": ("Better and better, and never exactly equal", data.exact_hits),
    "predictions-are-probabilities-already": (
        "The lowest loss that is left, by the number of classes",
        facts.floor,
    ),
    "predictions-are-no-probabilities": (
        "First answers that a cross-entropy cannot take",
        facts.outside,
    ),
    # data
    "labels-out-of-range": ("Four output units, and labels from 0 to 4", data.out_of_range),
    "label-never-occurs": ("Units for classes that no sample shows", data.never),
    "class-imbalance": ("Nearly all samples are of one class", data.imbalance),
    "constant-targets": ("One target for all: nothing to learn", data.one_target),
    "conflicting-labels": ("The same input, several targets", data.conflicting),
    "unscaled-targets": ("Targets far from where answers begin", data.targets),
    "nonfinite-data": ("Holes in the data", data.missing),
    "unscaled-inputs": ("Raw pixels are hundreds of times larger", data.unscaled),
    "tiny-inputs": ("Divided twice, all samples look the same", data.tiny),
    "columns-of-different-scale": ("One column drowns the others", data.columns),
    "constant-inputs": ("Columns that never change", data.constant),
    "validation-differs": ("Validation samples are of another kind", data.elsewhere),
    "validation-scaled-differently": (
        "Training was scaled, validation was not",
        data.validation_scale,
    ),
    "shared-validation-rows": ("Seen samples flatter the result", data.shared),
    "column-gives-answer-away": ("One column is the target in disguise", data.disguised),
    "tiny-validation": ("Ten samples measure mostly chance", data.few_to_validate),
    # structure
    "no-nonlinearity": (
        "Two layers in a row that together are one",
        runs.layers("no-nonlinearity"),
    ),
    "hidden-softmax": ("A softmax between two layers", runs.layers("hidden-softmax")),
    "deep-sigmoid-stack": ("Each sigmoid shrinks the gradient", facts.sigmoid_gradient),
    "dropout-on-output": ("Dropout deletes answers", runs.layers("dropout-on-output")),
    "high-dropout": ("Little is left to compute with", runs.layers("high-dropout")),
    "dropout-before-output": (
        "Dropout right before the output",
        runs.layers("dropout-before-output", mark="dropout_1"),
    ),
    "nothing-to-train": ("Every layer is frozen", runs.layers("nothing-to-train")),
    "unused-weights": ("The loss does not depend on it", runs.layers("unused-weights")),
    "batch-norm-on-single-samples": ("Of a single sample nothing is left", facts.one_sample_norm),
    # before the first step
    "constant-initial-weights": ("Units that begin equal stay equal", facts.equal_weights),
    "initial-weights-scale": ("The signal fades, or explodes, with depth", facts.weights_scale),
    "dead-at-initialisation": ("All below zero: the relu gives nothing", facts.dead_before),
    "signal-lost-at-initialisation": ("The signal fades from layer to layer", runs.signal_lost),
    "gradient-lost-at-initialisation": (
        "The gradient fades on its way to the first layer",
        runs.gradient_lost,
    ),
    # plan
    "unusual-learning-rate": (
        "Too small, right, too large",
        partial(facts.rates, 0.0005, 0.05, 0.11),
    ),
    "learning-rate-not-positive": ("No way down without a positive rate", facts.negative_rate),
    "batch-larger-than-data": ("Larger batches, fewer updates", data.batches),
    "small-batches": ("Small batches make noisy steps", partial(facts.noise, 1, 32)),
    "high-momentum": ("Momentum that never forgets swings for long", facts.momentum),
    "plain-sgd": ("A valley that is steep one way and flat the other", facts.sgd_and_adam),
    "unusual-epsilon": ("A large epsilon shrinks the steps", facts.epsilon),
    # symptoms
    "loss-not-finite": ("From one step on the loss is no number", runs.steps("loss-not-finite")),
    "diverging": ("The loss ends far above where it was", runs.steps("diverging")),
    "not-learning": ("No better than one answer for all samples", runs.loss("not-learning")),
    "class-prior-only": (
        "The accuracy is the share of the commonest class",
        runs.accuracy("class-prior-only"),
    ),
    "unstable": ("Up and down from epoch to epoch", runs.loss("unstable")),
    "slow": ("Falling steadily, and hardly anywhere yet", runs.loss("slow")),
    "underfitting": ("Even training samples are answered badly", runs.accuracy("underfitting")),
    "overfitting": ("Validation rises while training falls", runs.loss("overfitting")),
    "generalising-badly": (
        "Learned by heart: validation stays at chance",
        runs.accuracy("generalising-badly"),
    ),
    # causes
    "learning-rate-too-high": (
        "Steps too long: the loss climbs out of the valley",
        partial(facts.rates, 0.05, 0.101, 0.11),
    ),
    "learning-rate-too-low": (
        "Steps too short: sound, but it takes for ever",
        partial(facts.rates, 0.05, 0.0005, log=False),
    ),
    "gradients-clipped-away": (
        "What is left of a step when its gradient is clipped",
        facts.clipped,
    ),
    "vanishing-gradients": (
        "The first layers get next to no gradient",
        runs.weights("vanishing-gradients", "gradient_norm", "Gradient of each matrix", "norm"),
    ),
    "exploding-gradients": (
        "Gradients of ten thousand and more",
        runs.weights("exploding-gradients", "gradient_norm", "Gradient of each matrix", "norm"),
    ),
    "frozen-weights": (
        "Weights that do not move",
        runs.weights("frozen-weights", "change", "Change since the start", "by its size", number=1),
    ),
    "dead-units": ("Units that are zero on every sample", runs.dead),
    "saturated-units": ("Units that stand at their bound", runs.saturated),
    "too-much-regularization": (
        "The penalty holds the weights near zero",
        partial(data.restrained, 4.0, "Training loss with regularization"),
    ),
    "too-much-dropout": (
        "Too little is left to learn with",
        partial(data.restrained, 5.0, "Training loss with dropout"),
    ),
    "too-small-network": ("One unit cannot tell three classes apart", runs.too_small),
    "sorted-data": ("The loss follows the order of the samples", runs.steps("sorted-data")),
    "loss-spikes": ("A single step leaps", runs.steps("loss-spikes")),
    "stopped-too-early": ("Still falling when it ended", runs.steps("stopped-too-early")),
    "validation-easier": (
        "Validation looks better: only training had dropout",
        runs.loss("validation-easier"),
    ),
    "plateau-after-rate-drop": ("Nothing changes behind the drop", runs.dropped_rate),
    "batch-norm-mismatch": ("The same samples, the same weights", runs.disagreement),
    "shuffled-labels": (
        "Training is learned by heart, nothing carries over",
        runs.accuracy("shuffled-labels"),
    ),
    "too-few-samples": ("Far more weights than samples", runs.few_samples),
}
