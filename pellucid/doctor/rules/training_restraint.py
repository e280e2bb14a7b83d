"""What holds a network back by its settings: penalties, dropout, layers too narrow."""

from __future__ import annotations

from collections.abc import Iterator

from ...record.schema import RunRecord
from ..change import Change
from ..finding import Evidence, Finding, Where
from ..remedies import less_dropout
from ..rule import rule
from ..symptoms.restraint import Restraint, restraints

HELD = {"not-learning": 0.95, "underfitting": 1.0, "slow": 0.7, "class-prior-only": 0.7}


def _heaviest(record: RunRecord, *kinds: str) -> Iterator[Restraint]:
    return (one for one in restraints(record) if one.kind in kinds and one.sure >= 0.2)


@rule("too-much-regularization", "training", needs=("layers",), alone=False,
      explains={**HELD, "generalising-badly": 0.4})  # fmt: skip
def too_much_regularization(record: RunRecord) -> Iterator[Finding]:
    """A penalty or weight decay that shrinks the weights faster than the data can move them."""
    for one in _heaviest(record, "penalty", "decay"):
        where = f" of {one.layer!r}" if one.layer else ""
        name = "The penalty" if one.kind == "penalty" else "The weight decay"
        yield Finding(
            "too-much-regularization",
            f"{name}{where} of {one.how_much:g} is so strong that the weights shrink away.",
            "warning",
            where=Where(layer=one.layer),
            evidence=(Evidence("strength", one.how_much, 0.01),),
            why="Small weights cost less than right answers: the network answers nearly alike for "
            "every sample.",
            fix="Take a hundredth of it:\n\n"
            f"    kernel_regularizer=regularizers.L2({min(one.how_much / 100, 1e-3):.1g})",
            confidence=one.sure,
            changes=(Change("set_regularizer", "", {"regularizer": None}),)
            if one.layer
            else (Change("set_weight_decay", arguments={"weight_decay": None}),),
        )


@rule("too-much-dropout", "training", needs=("layers",), alone=False,
      explains={**HELD, "unstable": 0.5, "diverging": 0.8})  # fmt: skip
def too_much_dropout(record: RunRecord) -> Iterator[Finding]:
    """Dropout that leaves too few units to learn from."""
    for one in _heaviest(record, "dropout"):
        yield Finding(
            "too-much-dropout",
            f"Dropout of {one.how_much:g} in {one.layer!r} leaves too little to learn from.",
            "warning",
            where=Where(layer=one.layer),
            evidence=(Evidence("rate", one.how_much, 0.7),),
            why="In every step only the rest of the units speaks; what they learn in one step the "
            "next step's units do not know.",
            fix="Take 0.2 to 0.5:\n\n    Dropout(0.3)",
            confidence=one.sure,
            changes=less_dropout(record),
        )


@rule("too-small-network", "training", needs=("layers",), alone=False, explains=HELD)
def too_small_network(record: RunRecord) -> Iterator[Finding]:
    """A layer so narrow that the answer does not fit through it."""
    for one in _heaviest(record, "narrow"):
        yield Finding(
            "too-small-network",
            f"Everything has to pass {one.layer!r}, which has {one.how_much:g} "
            f"unit{'' if one.how_much == 1 else 's'}.",
            "warning",
            where=Where(layer=one.layer),
            evidence=(Evidence("units", one.how_much),),
            why="What a layer does not pass on, no later layer can know.",
            fix='Give it more units:\n\n    Dense(64, activation="relu")',
            confidence=one.sure,
            changes=(Change("set_units", one.layer or "", {"units": 32}),),
        )
