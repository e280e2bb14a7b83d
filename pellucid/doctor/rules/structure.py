"""The network as it is drawn: what cannot work, and what seldom does."""

from __future__ import annotations

from collections.abc import Iterator

from ...record.schema import LayerRecord, RunRecord
from ..change import Change
from ..explaining import explains
from ..finding import Evidence, Finding, Where
from ..network import (
    SATURATING,
    config_rate,
    is_known,
    judged,
    linear_successors,
    merges,
    width,
)
from ..rule import rule

MOST_DROPPED = 0.7
NEARLY_ALL = 0.85  # from here on it holds a network back even where it learns
SIGMOIDS = 3
DEEP_NETS = 2


def _units(layer: LayerRecord) -> int | None:
    return layer.output_shape[-1] if layer.output_shape else None


def _fan_in(record: RunRecord, layer: LayerRecord) -> int | None:
    """Numbers that one output of a product is made of."""
    for weight in record.weights:
        if weight.layer == layer.path.split("#")[0] and weight.role == "kernel" and weight.shape:
            count = 1
            for size in weight.shape[:-1]:
                count *= size
            return count
    return None


@rule("no-nonlinearity", "static", ("layers",), explains=explains(0.6, 0.8))
def no_nonlinearity(record: RunRecord) -> Iterator[Finding]:
    """Two layers in a row without an activation between them are one linear layer."""
    products = [layer for layer in record.layers if layer.has("product") and layer.inputs]
    collapsed = []
    for layer in products:
        behind = linear_successors(record, layer.path) if layer.activation == "linear" else []
        if not behind or any(not other.has("product") for other in behind):
            continue
        units, fan_in, after = _units(layer), _fan_in(record, layer), _units(behind[0])
        if units and (units < (fan_in or 0) and units < (after or 0)):
            continue  # a narrow linear layer on purpose: a factor, an encoder's code
        collapsed.append((layer, behind[0]))
    if not collapsed:
        return
    pairs = len(collapsed)
    # Nothing but products and linear layers anywhere: the network is one linear function.
    everything = pairs >= len(products) - 1 and not _bends(record)
    first, second = collapsed[0]
    names = ", ".join(layer.path for layer, _ in collapsed[:5])
    yield Finding(
        "no-nonlinearity",
        f"No layer has an activation: the {len(products)} layers together are one linear function."
        if everything
        else f"There is no activation between {first.path!r} and {second.path!r}"
        + (f", nor behind {pairs - 1} more: {names}." if pairs > 1 else "."),
        "warning" if everything or pairs >= DEEP_NETS else "remark",
        where=Where(layer=first.path),
        evidence=(Evidence("products without activation before the next", pairs, 0),),
        why="A product of a product is a product: the second layer adds parameters, but nothing "
        "that one layer could not do.",
        fix='    layers.Dense(..., activation="relu")',
        confidence=0.9 if everything else 0.5,
        changes=tuple(
            Change("set_activation", layer.path, {"activation": "relu"}) for layer, _ in collapsed
        ),
    )


def _bends(record: RunRecord) -> bool:
    """Whether anything before the output is not linear, or cannot be judged."""
    ends = {output.layer for output in record.outputs}
    for layer in record.layers:
        if layer.path in ends or not layer.inputs:
            continue
        known = layer.has("product", "linear", "activation")
        if not known or layer.activation not in ("linear", "softmax"):
            return True
        if layer.activation == "softmax" and linear_successors(record, layer.path):
            return True
    return False


@rule("hidden-softmax", "static", ("layers",), explains=explains(0.6, 0.7))
def hidden_softmax(record: RunRecord) -> Iterator[Finding]:
    """A softmax between two layers of weights."""
    for layer in record.layers:
        if layer.activation != "softmax" or not layer.has("product", "activation"):
            continue
        behind = linear_successors(record, layer.path)
        if not behind or any(not other.has("product") for other in behind):
            continue  # attention weighs something with a softmax, on purpose
        yield Finding(
            "hidden-softmax",
            f"The hidden layer {layer.path!r} ends in softmax.",
            "warning",
            where=Where(layer=layer.path),
            evidence=(Evidence("activation", "softmax", "relu"),),
            why="The units of a softmax share one unit of output among them, so that each passes "
            "on little, and gradients shrink with the number of units.",
            fix='    layers.Dense(..., activation="relu")',
            confidence=0.7,
            changes=(Change("set_activation", layer.path, {"activation": "relu"}),),
        )


@rule("deep-sigmoid-stack", "static", ("layers",), alone=False, explains=explains(0.75, 0.7))
def deep_sigmoid_stack(record: RunRecord) -> Iterator[Finding]:
    """Several sigmoid layers in a row, each of which shrinks the gradient."""
    ends = {output.layer for output in record.outputs}
    hidden = [
        layer
        for layer in record.layers
        if layer.activation in SATURATING and layer.path not in ends and layer.inputs
    ]
    normalised = any("Normalization" in layer.kind for layer in record.layers)
    if len(hidden) < SIGMOIDS or normalised:
        return
    yield Finding(
        "deep-sigmoid-stack",
        f"{len(hidden)} hidden layers end in sigmoid.",
        "remark",
        where=Where(layer=hidden[0].path),
        evidence=(Evidence("hidden sigmoid layers", len(hidden), SIGMOIDS - 1),),
        why=f"The slope of a sigmoid is at most 1/4: through {len(hidden)} of them a gradient "
        f"shrinks to {0.25 ** len(hidden):.1g} of itself, before the weights have their say.",
        fix='    layers.Dense(..., activation="relu")',
        confidence=min(1.0, 0.7 + 0.06 * (len(hidden) - SIGMOIDS)),
        changes=tuple(
            Change("set_activation", layer.path, {"activation": "relu"}) for layer in hidden
        ),
    )


def _passes_on(layer: LayerRecord) -> bool:
    """Whether a layer, no dropout, leaves answers what they are, or only bends them."""
    return layer.has("keeps_values", "activation") and not layer.has("dropout")


@rule("dropout-on-output", "static", ("layers", "loss"), explains=explains(0.7, 0.8, 0.3, 0.6))
def dropout_on_output(record: RunRecord) -> Iterator[Finding]:
    """Dropout behind the last layer deletes answers."""
    for output in judged(record):
        path = output.layer
        layer = record.layer(path) if path else None
        while layer is not None and _passes_on(layer):
            layer = record.layer(layer.inputs[0]) if len(layer.inputs) == 1 else None
        if layer is None or not layer.has("dropout") or config_rate(layer) <= 0:
            continue
        if not is_known(output):
            continue  # a code for a loss of one's own is no answer
        yield Finding(
            "dropout-on-output",
            f"Dropout {layer.path!r} stands behind the last layer of {output.name!r} and deletes "
            f"{config_rate(layer):.0%} of the answers.",
            "warning",
            where=Where(layer=layer.path, output=output.name),
            evidence=(Evidence("share of the answers deleted", 100 * config_rate(layer), 0, "%"),),
            why="It sets answers to zero at random and enlarges the others, so that the loss asks "
            "for something that the network cannot control.",
            fix="Put it in front of the last layer:\n"
            f"    layers.Dropout({config_rate(layer):g})\n"
            f"    layers.Dense({width(output) or 'units'}, ...)",
            confidence=0.95,
            changes=(Change("remove_layer", layer.path),),
        )


@rule("high-dropout", "static", ("layers",), risk=False, explains=explains(0.5, 0.85),
      same_as=("too-much-dropout",))  # fmt: skip
def high_dropout(record: RunRecord) -> Iterator[Finding]:
    """Dropout that leaves hardly anything to compute with."""
    high = [
        layer
        for layer in record.layers
        if layer.has("dropout") and config_rate(layer) > MOST_DROPPED
    ]
    # Dropping most of thousands of raw inputs is a known and harmless way to train.
    high = [layer for layer in high if not all(p.startswith("input:") for p in layer.inputs)]
    if not high:
        return
    worst = max(high, key=config_rate)
    yield Finding(
        "high-dropout",
        f"Dropout {worst.path!r} deletes {config_rate(worst):.0%} of what it is given"
        + (f", and {len(high) - 1} more layers do the like." if len(high) > 1 else "."),
        "warning" if config_rate(worst) >= NEARLY_ALL else "remark",
        where=Where(layer=worst.path),
        evidence=(Evidence("rate", config_rate(worst), MOST_DROPPED),),
        why="What is left of a layer must do the work of all of it: the network learns slowly and "
        "stays below what it could do.",
        fix="    layers.Dropout(0.3)",
        confidence=min(1.0, 0.65 + 0.1 * (len(high) - 1) + (config_rate(worst) - MOST_DROPPED)),
        changes=tuple(Change("set_dropout", layer.path, {"rate": 0.3}) for layer in high),
    )


@rule("dropout-before-output", "static", ("layers", "loss"), alone=False,
      explains=explains(0.2, 0.5, unstable=0.4))  # fmt: skip
def dropout_before_output(record: RunRecord) -> Iterator[Finding]:
    """Dropout on the few units that a quantity is computed from."""
    for output in judged(record):
        layer = record.layer(output.layer) if output.layer else None
        if layer is None or not layer.has("product") or output.activation != "linear":
            continue
        if output.loss_config.get("from_logits") or len(layer.inputs) != 1:
            continue
        before = record.layer(layer.inputs[0])
        if before is None or not before.has("dropout") or config_rate(before) < 0.2:
            continue
        units = _units(before)
        few = units is not None and units <= 16
        yield Finding(
            "dropout-before-output",
            f"Dropout {before.path!r} stands right before the output {output.name!r}"
            + (f", on {units} units." if few else "."),
            "remark",
            where=Where(layer=before.path, output=output.name),
            evidence=(Evidence("rate", config_rate(before), 0.2),),
            why="A quantity is a sum over those units: deleting some at random shakes the answer "
            "in training, and makes it too small or too large in use.",
            fix="Leave it out, or put it in front of a wider layer:\n"
            f"    layers.Dropout({config_rate(before):g})\n"
            '    layers.Dense(64, activation="relu")',
            confidence=0.9 if few else 0.6,
            changes=(Change("remove_layer", before.path),),
        )


@rule("nothing-to-train", "static", ("layers", "loss"), risk=False, explains=explains(1.0, 1.0))
def nothing_to_train(record: RunRecord) -> Iterator[Finding]:
    """No weight is trainable."""
    if not record.weights or any(weight.trainable for weight in record.weights):
        return
    if record.plan.custom_step:
        return
    frozen = [layer for layer in record.layers if layer.weights and not layer.trainable]
    yield Finding(
        "nothing-to-train",
        f"None of the {len(record.weights)} weights is trainable.",
        "problem",
        where=Where(layer=frozen[0].path if frozen else None),
        evidence=(Evidence("trainable weights", 0, 1),),
        why="The optimiser leaves frozen weights as they are: training changes nothing.",
        fix="Thaw at least the last layer, and compile again:\n"
        "    model.layers[-1].trainable = True\n"
        "    model.compile(...)",
        changes=tuple(
            Change("set_trainable", layer.path, {"trainable": True}) for layer in frozen[-1:]
        ),
    )


@rule("unused-weights", "static", ("weights",), risk=False, explains=explains(0.5, 0.4))
def unused_weights(record: RunRecord) -> Iterator[Finding]:
    """Weights that the loss does not depend on."""
    unused = [weight for weight in record.weights if weight.trainable and weight.used is False]
    if not unused or record.plan.custom_step:
        return
    trainable = [weight for weight in record.weights if weight.trainable]
    none = len(unused) == len(trainable)
    more = f" and {len(unused) - 4} more" if len(unused) > 4 else ""
    names = ", ".join(weight.path for weight in unused[:4]) + more
    yield Finding(
        "unused-weights",
        "The loss depends on none of the trainable weights."
        if none
        else f"The loss does not depend on {len(unused)} of {len(trainable)} trainable weights: "
        f"{names}.",
        "problem" if none else "warning",
        where=Where(layer=unused[0].layer, weight=unused[0].path),
        evidence=(
            Evidence("weights without influence", len(unused), 0),
            Evidence("numbers in them", sum(weight.size for weight in unused)),
        ),
        why="They get no gradient and stay as they were drawn. Mostly a layer was made and then "
        "forgotten in `call`, or its output was replaced by another's.",
        fix=f"Use what {unused[0].layer!r} gives, or leave it out. If it feeds an output, that "
        "needs a loss:\n"
        '    model.compile(..., loss={"first": "mse", "second": "mse"})',
        confidence=0.97 if none else 0.9,
    )


@rule("batch-norm-on-single-samples", "static", ("layers",), explains=explains(0.9, 0.9))
def batch_norm_on_single_samples(record: RunRecord) -> Iterator[Finding]:
    """BatchNormalization with one sample a batch leaves nothing of it."""
    if record.plan.batch_size != 1:
        return
    for layer in record.walk("batch_statistics"):
        if not layer.trainable or not layer.output_shape or len(layer.output_shape) != 2:
            continue  # over positions of an image there is still something to average
        yield Finding(
            "batch-norm-on-single-samples",
            f"{layer.path!r} normalises over batches of one sample.",
            "warning" if merges(record) else "problem",
            where=Where(layer=layer.path),
            evidence=(Evidence("batch size", 1, 2),),
            why="A sample minus its own mean is zero: in training the layer gives the same for "
            "every sample, and what it does in use was never trained.",
            fix="    model.fit(x, y, batch_size=32)\nor put another layer in its place:\n"
            "    layers.LayerNormalization()",
            confidence=0.97,
            changes=(Change("set_batch_size", arguments={"batch_size": 32}),),
        )
        return
