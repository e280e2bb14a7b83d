"""Data that makes results look better, or say less, than they should."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...record.schema import RunRecord
from ..change import Change
from ..finding import Evidence, Finding, Where
from ..rule import rule

SHARED = 0.05, 0.5  # share of validation samples that are training samples: warning, problem
LINK = 0.98, 0.9999  # of one column with the target: remark, warning
OTHERS = 0.9  # the best link of all other columns, for the first to stand out
FEWEST = 30  # validation samples
CHANCE = 10  # below so many, no figure says anything, however little data there is


@rule("shared-validation-rows", "data", ("inputs", "validation"), risk=False)
def shared_validation_rows(record: RunRecord) -> Iterator[Finding]:
    """Validation samples that the network was trained on."""
    data = record.data
    rows = max((array.samples for array in data.validation_inputs.values()), default=0)
    shared = data.shared_rows
    if not shared or rows < 10 or shared / rows <= SHARED[0]:
        return
    share = min(1.0, shared / rows)
    # In data with few different rows, twins fall into both parts by chance.
    natural = (data.repeated_rows or 0) / data.looked_at if data.looked_at else 0.0
    if share <= 2 * natural:
        return
    yield Finding(
        "shared-validation-rows",
        f"{shared:,} of {rows:,} validation samples are training samples too.",
        "problem" if share > SHARED[1] and natural < 0.1 else "warning",
        evidence=(
            Evidence("validation samples that were trained on", 100 * share, 100 * SHARED[0], "%"),
            Evidence("training samples that occur twice", 100 * natural, None, "%"),
        ),
        why="The validation figures tell how well the network remembers, not how well it answers "
        "what it has not seen; early stopping stops too late.",
        fix="Drop what occurs twice, then split:\n"
        "    x, first = np.unique(x, axis=0, return_index=True)\n"
        "    y = y[first]\n"
        "    model.fit(x, y, validation_split=0.2)",
        confidence=0.95,
        changes=(Change("drop_rows", arguments={"which": "shared"}),),
    )


@rule("column-gives-answer-away", "data", ("inputs", "targets"), risk=False)
def column_gives_answer_away(record: RunRecord) -> Iterator[Finding]:
    """One column is the target in disguise, and no other comes near."""
    if any(target.same_as_input for target in record.data.targets.values()):
        return
    for name, array in record.data.inputs.items():
        if array.column_link is None or len(array.column_link) < 2 or array.samples < 50:
            continue
        link = np.nan_to_num(np.asarray(array.column_link, np.float64))
        best = int(link.argmax())
        rest = float(np.delete(link, best).max())
        if link[best] < LINK[0] or rest >= OTHERS:
            continue
        column = array.column_names[best] if array.column_names else str(best)
        certain = link[best] >= LINK[1]
        yield Finding(
            "column-gives-answer-away",
            f"Column {column} of {name!r} alone tells {link[best]:.2%} of the target.",
            "warning" if certain else "remark",
            where=Where(input=name, column=column),
            evidence=(
                Evidence("share of the target told", 100 * float(link[best]), 100 * LINK[0], "%"),
                Evidence("by the next best column", 100 * rest, 100 * OTHERS, "%"),
            ),
            why="Such a column is often the target itself, in other units or recorded after the "
            "fact. It will not be there when the network is used.",
            fix=f"Ask where column {column} comes from. If it is not known before the answer is, "
            f"drop it:\n    x = np.delete(x, {best}, axis=1)",
            confidence=0.7 if certain else 0.4,
            changes=(Change("drop_column", name, {"column": best}),),
        )


@rule("tiny-validation", "data", risk=False)
def tiny_validation(record: RunRecord) -> Iterator[Finding]:
    """So few validation samples that their figures are mostly chance."""
    held_out, samples = record.plan.validation_samples, record.plan.samples
    if not held_out or not samples or held_out >= FEWEST:
        return
    if samples < 10 * FEWEST and held_out >= CHANCE:
        return  # little data: more held out leaves too little to learn from
    few = "1 sample is" if held_out == 1 else f"{held_out} samples are"
    yield Finding(
        "tiny-validation",
        f"Only {few} held out for validation, beside {samples:,} for training.",
        "remark",
        evidence=(Evidence("validation samples", held_out, FEWEST),),
        why=f"One sample more or less right moves the accuracy by {1 / held_out:.0%}; choosing "
        "epochs or settings by it is choosing by chance.",
        fix="    model.fit(x, y, validation_split=0.2)"
        if samples >= 10 * FEWEST
        else "Average over several splits, until there is more data:\n\n"
        "    for train, test in sklearn.model_selection.KFold(3).split(x):\n"
        "        model = make_model()\n"
        "        model.fit(x[train], y[train], validation_data=(x[test], y[test]))",
        confidence=0.6,
    )
