"""What a loss asks for, as its class says it: for the record, the doctor and treatments."""

from __future__ import annotations

from typing import Any

from pellucid._core.specs import family

TRAITS: dict[str, str] = {
    "crossentropy": "compares probabilities: the logarithm of what was predicted",
    "one_of_several": "each sample is of one class of several; the predictions sum to 1",
    "yes_no": "each output says yes or no by itself",
    "class_numbers": "targets are the numbers of classes",
    "takes_scores": "has `from_logits`: scores in front of sigmoid or softmax may be given",
    "distance": "how far a quantity is off",
    "quantity": "targets are quantities such as counts or directions, though it is no distance",
    "squared": "far misses count by their square",
    "relative": "by how large a share of the target, or in its logarithm, a quantity is off",
    "margin": "scores without bounds: right answers beyond a margin cost nothing",
    "signs": "targets are -1 and 1, or 0 and 1",
}


def traits_of(cls: type) -> frozenset[str] | None:
    """The traits of a class of losses; None where nobody has declared any for its arithmetic.

    >>> from pellucid import losses
    >>> sorted(traits_of(losses.MeanSquaredError)), traits_of(losses.Loss)
    (['distance', 'squared'], None)
    """
    for base in cls.__mro__:
        if base.__dict__.get("traits") is not None:
            return base.__dict__["traits"]
        if "fn" in base.__dict__ or "call" in base.__dict__:
            return None
    return None


def written_traits(loss: Any) -> list[str] | None:
    """The traits of a loss as they lie in a record.

    Args:
        loss: an object, or the name of a loss or of a loss function.
    """
    known = family("loss")
    if isinstance(loss, str):
        loss = known.get(loss) if loss in known else None
    cls = loss if isinstance(loss, type) else type(loss)
    found = traits_of(cls)
    return None if found is None else sorted(found)
