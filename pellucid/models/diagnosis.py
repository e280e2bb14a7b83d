"""`model.diagnose()`: the best record that there is of a model, handed to the doctor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import losses
from .._core.errors import PellucidError
from ..record.schema import RunRecord
from ..vitals.configuration import record_of_config
from ..vitals.loaded import forget_initializers
from ..vitals.network import note_loss, record_of

if TYPE_CHECKING:
    from ..doctor import Diagnosis


def diagnose(model: Any, x: Any = None, y: Any = None) -> Diagnosis:
    """What is wrong with a model, its data or its run.

    Args:
        model: built or not, compiled or not, trained or not.
        x, y: as for `fit`; looked at where the model has not been trained yet.
    """
    from ..doctor import Diagnosis, Evidence, Finding, examine

    record = trained_record(model)
    if record is not None:
        return examine(record)
    if x is None or not getattr(model, "compiled", False):
        return examine(record_before_data(model))
    try:
        return examine(record_before_training(model, x, y))
    except PellucidError as error:
        # What `fit` would refuse is a finding too, beside those of the configuration.
        refused = Finding(
            "fit-refuses",
            error.what.rstrip(),
            "problem",
            evidence=(Evidence("got", str(error.got), error.expected),) if error.got else (),
            why="fit would raise this error before the first step.",
            fix=error.fix or "",
        )
        rest = examine(record_before_data(model))
        return Diagnosis(
            [refused, *rest], looked_at=rest.looked_at, rules=rest.rules, name=rest.name
        )


def trained_record(model: Any) -> RunRecord | None:
    """The record of the latest call of `fit`, if any step was taken or is under way."""
    record = getattr(getattr(model, "history", None), "vitals", None)
    if record is None or not (record.trained or len(record.checkups)):
        return None
    return record


def record_before_data(model: Any) -> RunRecord:
    """What can be said of the network and its settings alone.

    A stack that has seen no input yet is read as it is written: layers, activations, the loss.
    """
    from .sequential import Sequential

    record = record_of(model)
    if record.outputs or not record.layers or type(model) is not Sequential:
        forget_initializers(model, record)
        return record
    try:
        written = record_of_config({"class_name": "Sequential", "config": model.get_config()})
        settings = model.compile_settings if model.compiled else {}
        chosen = settings.get("loss")
        if isinstance(chosen, (list, tuple)) and len(chosen) == 1:
            chosen = chosen[0]
        if chosen is not None and not isinstance(chosen, (list, tuple, dict)) and chosen not in (
            "crossentropy", "ce",
        ):  # fmt: skip
            output = written.outputs[0]
            note_loss(output, losses.as_loss(chosen))
    except PellucidError:
        return record
    record.layers, record.weights, record.outputs = written.layers, written.weights, written.outputs
    return record


def record_before_training(model: Any, x: Any, y: Any) -> RunRecord:
    """Network, data and a checkup of the weights as they are; nothing is trained.

    Raises:
        DataError, ShapeError: data that `fit` would refuse.
    """
    from ..training import preparation
    from ..training.callbacks.base import CallbackList
    from ..training.feed import make_feed
    from ..vitals.watch import plan_of, watch
    from .history import History

    source = preparation.make_source(model, x, y)
    preparation.ensure_objective(model, source, "fit")
    size = model._batch_size(source, None)
    feed = make_feed(
        source, size, shuffle=True, seed=model.root_seed, exact_tail=not model.pads_rows()
    )
    watchers = CallbackList([], model=model)
    sizes, weights = (size, 1, None), (None, None)
    plan = plan_of(source, None, feed, watchers, sizes=sizes, weights=weights, shuffle=True)
    observer = watch(model.session, source, None, watchers, History(), checkup=True, plan=plan)
    with model._mode():
        model.session.start()
        observer.begin()
        record = observer.update()
    record.plan.epochs = None
    return record
