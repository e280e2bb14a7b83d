"""The callbacks that write checkpoints of a run, and let a later one go on from there."""

from __future__ import annotations

import os
import warnings
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from ..._core.errors import ConfigError, DataError, FileWriteError, PellucidWarning
from ..callbacks.base import Callback, CallbackList
from . import snapshot, values
from .folder import CheckpointFolder

_UNDER_WAY: dict[str, Future[None]] = {}
"""Folder -> the write that a run of this process has begun there: one that an error ended does not
wait for it, and the next run must."""


class Checkpoints(Callback):
    """Writes the whole state of a run every so many epochs; a later run goes on from there.

    Weights, the optimiser's memory and learning rate, the seed, the epoch, the history and the
    state of every callback. The file is written by another thread while training goes on.

    Args:
        folder: where.
        every: epochs between two checkpoints; the last epoch is always written.
        keep: how many are kept.
        resume: whether to go on from the newest one, if there is any.
        delete_at_end: whether they are removed when training has ended well.

    Raises:
        ConfigError: `every` or `keep` below 1.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        every: int = 1,
        keep: int = 2,
        *,
        resume: bool = True,
        delete_at_end: bool = False,
    ):
        super().__init__()
        for name, number in (("checkpoint_every", every), ("keep", keep)):
            if isinstance(number, bool) or not isinstance(number, int) or number < 1:
                raise ConfigError(
                    f"{name} is a number of epochs." if name != "keep" else "keep is a number.",
                    got=f"{name}={number!r}",
                    expected="a whole number of at least 1",
                    fix=f"{name}=1.",
                )
        self.files = CheckpointFolder(folder, keep)
        self.every = every
        self.resume = resume
        self.delete_at_end = delete_at_end
        self.data: dict[str, Any] = {}
        self._others: list[Any] = []
        self._states: dict[str, Any] | None = None
        self._stops = False
        self._written = 0
        self._done = 0
        self._partly = False
        self._writer: ThreadPoolExecutor | None = None
        self._under_way: Future[None] | None = None

    # --- going on

    def first_epoch(self, model: Any, given: int, data: dict[str, Any]) -> int:
        """The epoch to begin with: the one after the newest checkpoint, whose state is put back.

        Args:
            model: built and compiled, with its objective.
            given: `initial_epoch` of `fit`.
            data: what the run trains on, as numbers: compared with the checkpoint's.

        Raises:
            FileFormatError: of another network or optimiser, or no checkpoint can be read.
            DataError: other data or another batch size.
        """
        self.data, self._states, self._stops, self._written = data, None, False, given
        if (begun := _UNDER_WAY.pop(self._place(), None)) is not None:
            wait([begun])
        found = self.files.newest() if self.resume else None
        if found is None:
            return given
        epochs, arrays, facts = found
        if facts["data"] != data:
            raise DataError(
                "The checkpoint is of a run on other data, or with other batches.",
                got=_listed(data),
                expected=_listed(facts["data"]),
                fix="pass the data and the batch size of that run, or another folder.",
            )
        session = model.session
        model.__dict__["_seed"] = facts["seed"]
        session.start()
        state = {n[len("state/") :]: a for n, a in arrays.items() if n.startswith("state/")}
        snapshot.put_back(session, state)
        _set_numbers(model.optimizer, facts["optimizer"])
        self._states = values.unpacked(facts["callbacks"], arrays)
        self._stops, self._written = facts["stopped"], epochs
        return epochs

    # --- hooks

    def set_callbacks(self, callbacks: CallbackList) -> None:
        """Whose states are written beside the model's."""
        self._others = [one for one in callbacks.callbacks if one is not self]

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._done, self._partly = self._written, False
        if self._states is None:
            return
        # The others have begun by now, and forgotten what was before.
        for name, callback in values.numbered(self._others):
            if name in self._states:
                callback.set_state(self._states[name])
        self.model.stop_training = self._stops

    def on_chunk_end(self, phase: str, done: int, total: int | None, logs: dict[str, Any]) -> None:
        self._partly |= phase == "train" and self.model.stop_training

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self._partly or self.model.history.interrupted:
            return  # a part of an epoch: a later run begins it anew
        self._done = epoch + 1
        last = epoch + 1 == self.params.get("epochs") or self.model.stop_training
        if last or epoch + 1 - self._written >= self.every:
            self._write()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        whole = not self._partly and not self.model.history.interrupted
        self._wait()
        if self._writer is not None:
            self._writer.shutdown()
            self._writer = None
        if self.delete_at_end and whole:
            self.files.clear()

    # --- writing

    def _write(self) -> None:
        self._wait()
        arrays: dict[str, Any] = {}
        states = {
            name: values.packed(callback.get_state(), f"callbacks/{name}", arrays)
            for name, callback in values.numbered(self._others)
        }
        taken = snapshot.taken(self.model.session)
        arrays.update({f"state/{name}": array for name, array in taken.items()})
        facts = {
            "data": self.data,
            "seed": int(self.model.root_seed),
            "optimizer": _numbers(self.model.optimizer),
            "callbacks": states,
            "stopped": bool(self.model.stop_training),
        }
        self._written = self._done
        if self._writer is None:
            self._writer = ThreadPoolExecutor(1, thread_name_prefix="pellucid-checkpoint")
        self._under_way = self._writer.submit(self.files.write, self._done, arrays, facts)
        _UNDER_WAY[self._place()] = self._under_way

    def _place(self) -> str:
        return os.path.realpath(self.files.folder)

    def _wait(self) -> None:
        if self._under_way is None:
            return
        under_way, self._under_way = self._under_way, None
        _UNDER_WAY.pop(self._place(), None)
        try:
            under_way.result()
        except FileWriteError as error:  # no reason to throw away what training has reached
            warnings.warn(
                f"{error.what} Training goes on without this checkpoint; those before it are "
                f"still there.\n  got: {error.got}\n  fix: {error.fix}",
                PellucidWarning,
                stacklevel=2,
            )


class BackupAndRestore(Checkpoints):
    """Keras's name for checkpoints that only outlive an interruption.

    A run that was killed, started again with the same folder, goes on after its last whole epoch
    and ends as if it had never stopped. A run that ends well removes its checkpoints.

    Args:
        backup_dir: the folder.
        save_freq: ``"epoch"``; states between epochs are not written.
        double_checkpoint: accepted for Keras's programs: the last two are always kept.
        delete_checkpoint: whether a run that ends well removes them.

    Raises:
        ConfigError: another `save_freq`.

    >>> BackupAndRestore("backup").delete_at_end
    True
    """

    def __init__(
        self,
        backup_dir: str | os.PathLike[str],
        save_freq: str | int = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
    ):
        if save_freq != "epoch":
            raise ConfigError(
                "BackupAndRestore writes after epochs alone.",
                got=f"save_freq={save_freq!r}",
                fix="save_freq='epoch', with a smaller steps_per_epoch for shorter epochs.",
            )
        if not isinstance(backup_dir, (str, os.PathLike)) or not os.fspath(backup_dir):
            raise ConfigError(
                "BackupAndRestore needs a folder.", got=repr(backup_dir), fix="'backup', say."
            )
        super().__init__(backup_dir, delete_at_end=delete_checkpoint)


def _numbers(optimizer: Any) -> dict[str, float]:
    """The optimiser's settings that are plain numbers now: callbacks may have changed them."""
    held = {name: getattr(optimizer, name, None) for name in optimizer.hyper()}
    return {
        name: float(value)
        for name, value in held.items()
        if isinstance(value, (int, float)) and not isinstance(value, bool)
    }


def _set_numbers(optimizer: Any, saved: dict[str, float]) -> None:
    here = _numbers(optimizer)
    for name, value in saved.items():
        if name in here and here[name] != value:
            setattr(optimizer, name, value)


def _listed(data: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in data.items())


def with_checkpoints(callbacks: list[Any], folder: Any, every: int, resume: bool) -> list[Any]:
    """Callbacks of a run with the one that `fit(checkpoint=...)` asks for; such ones come last.

    Raises:
        ConfigError: `resume` without a folder, or checkpoints in it that would be lost.
    """
    if folder is None and resume:
        raise ConfigError(
            "fit(resume=True) must know where the checkpoints are.",
            got="checkpoint=None",
            fix="fit(..., checkpoint='folder', resume=True).",
        )
    if folder is not None:
        added = Checkpoints(folder, every, resume=resume)
        if not resume and added.files.any():
            raise ConfigError(
                f"The folder {os.fspath(folder)} holds checkpoints of an earlier run.",
                got="resume=False",
                expected="a folder without checkpoints, or resume=True",
                fix="resume=True goes on from them; another folder, or deleting this one, "
                "begins anew.",
            )
        callbacks = [*callbacks, added]
    return sorted(callbacks, key=lambda one: isinstance(one, Checkpoints))


def first_epoch(
    callbacks: list[Any], model: Any, given: int, data: tuple[Any, int, int | None]
) -> int:
    """The epoch to begin with, after what checkpoints among the callbacks have put back.

    Args:
        callbacks, model: of the run.
        given: `initial_epoch` of `fit`.
        data: the source, the batch size, and the steps in an epoch where they are known.
    """
    source, size, steps = data
    described = {"samples": getattr(source, "n", None), "batch_size": size, "steps": steps}
    for callback in callbacks:
        if isinstance(callback, Checkpoints):
            given = callback.first_epoch(model, given, described)
    return given
