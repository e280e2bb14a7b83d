"""`ModelCheckpoint`: the model on disk, every epoch, every so many steps, or when best."""

from __future__ import annotations

import os
import string
from typing import Any

from ..._core.errors import ConfigError, UnknownNameError
from ..._core.registry import did_you_mean
from ..weights_file import check_suffix, save_weights
from .messages import number, say
from .monitor import MonitorCallback

_WHOLE = ".keras"


class ModelCheckpoint(MonitorCallback):
    """Save the model, or its weights, while it trains; a file is either whole or not there.

    Args:
        filepath: ending in ``.keras`` for whole models, in ``.weights.h5`` or
            ``.weights.safetensors`` for the weights; may hold ``{epoch:02d}``
            (counted from 1), ``{batch}`` and names of the logs, as in
            ``"runs/{epoch:02d}-{val_loss:.2f}.weights.h5"``. Folders are made where they are
            missing.
        monitor: the number that says what is best.
        verbose: 1 says what was saved.
        save_best_only: save only when the number has improved.
        save_weights_only: True says that the file is to hold the weights alone.
        mode: ``"min"``, ``"max"``, or ``"auto"`` to tell by the metric.
        save_freq: ``"epoch"``, or a number of batches. The latter ends the compiled run of steps
            at least every so many batches, and saves at the first such end when they are over.
        initial_value_threshold: the value that the first best one must beat.

    Raises:
        ConfigError: a file name or `save_freq` that cannot work.
        UnknownNameError: a name in braces, or the monitor, that the logs do not hold.

    >>> ModelCheckpoint("best.weights.h5", save_best_only=True).monitor
    'val_loss'
    """

    remembers = (
        "best",
        "last_saved",
        "_since_saved",
    )

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: str | int = "epoch",
        initial_value_threshold: float | None = None,
    ):
        super().__init__(monitor, mode, initial_value_threshold)
        self.filepath = os.fspath(filepath)
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.save_freq = save_freq
        self.last_saved: str | None = None
        self._epoch = 0
        self._since_saved = 0
        self._last_batch = -1
        _check_name(self.filepath, save_weights_only)
        if save_freq == "epoch":
            return
        if isinstance(save_freq, bool) or not isinstance(save_freq, int) or save_freq < 1:
            raise ConfigError(
                "ModelCheckpoint: save_freq is 'epoch' or a number of batches.",
                got=repr(save_freq),
                fix="save_freq=1000 saves every 1000 batches.",
            )
        if save_best_only and monitor.startswith("val_"):
            raise ConfigError(
                f"ModelCheckpoint cannot watch {monitor!r} between epochs: it is only known after "
                "an epoch.",
                got=f"save_freq={save_freq}, save_best_only=True",
                fix=f"save_freq='epoch', or monitor={monitor.removeprefix('val_')!r}.",
            )
        # Only now a batch hook: it would cost a program call every so many steps.
        self.batch_interval = save_freq
        self.on_train_batch_end = self._after_batch  # type: ignore[method-assign]

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._since_saved, self._last_batch = 0, -1

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._epoch, self._last_batch = epoch, -1

    def _after_batch(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._since_saved += batch - self._last_batch
        self._last_batch = batch
        if self._since_saved >= int(self.save_freq):
            self._since_saved = 0
            self._save(self._epoch, {"batch": batch + 1, **(logs or {})})

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self.save_freq == "epoch":
            self._save(epoch, logs or {})

    def _save(self, epoch: int, logs: dict[str, Any]) -> None:
        news = ""
        if self.save_best_only:
            value = self.monitored(logs)
            if value is None:
                return
            if not self.improves(value, self.best):
                if self.verbose:
                    say(
                        f"Epoch {epoch + 1}: {self.monitor} {number(value)} is not better than "
                        f"{number(self.best)}, nothing saved."
                    )
                return
            news = f"{self.monitor} improved from {number(self.best)} to {number(value)}, "
            self.best = value
        path = self._path(epoch, logs)
        folder = os.path.dirname(path)
        if folder:
            os.makedirs(folder, exist_ok=True)
        if path.endswith(_WHOLE):
            self.model.save(path)
        else:
            save_weights(self.model, path)
        self.last_saved = path
        if self.verbose:
            what = "model" if path.endswith(_WHOLE) else "weights"
            say(f"Epoch {epoch + 1}: {news}{what} saved to {path}.")

    def _path(self, epoch: int, logs: dict[str, Any]) -> str:
        known = {**logs, "epoch": epoch + 1}
        try:
            return self.filepath.format(**known)
        except KeyError as error:
            raise UnknownNameError(
                f"ModelCheckpoint: the file name asks for {error}, which the logs do not hold.",
                got=repr(self.filepath),
                expected=f"names among {list(known)}",
                fix=did_you_mean(str(error.args[0]), known),
            ) from None
        except (ValueError, TypeError, IndexError, AttributeError) as error:
            raise _bad_pattern(self.filepath, error) from None


def _check_name(filepath: str, weights_only: bool) -> None:
    try:
        fields = [field for _, field, _, _ in string.Formatter().parse(filepath)]
    except ValueError as error:
        raise _bad_pattern(filepath, error) from None
    if "" in fields:
        raise _bad_pattern(filepath, "empty braces")
    if filepath.endswith(_WHOLE) and not weights_only:
        return
    if filepath.endswith(_WHOLE):
        raise ConfigError(
            "ModelCheckpoint was asked for the weights alone, and the name is a whole model's.",
            got=f"{filepath!r}, save_weights_only=True",
            expected="a name ending in '.weights.h5'",
            fix=f"filepath={filepath.removesuffix(_WHOLE) + '.weights.h5'!r}, or leave "
            "save_weights_only out.",
        )
    if not weights_only and not filepath.endswith((".weights.h5", ".weights.safetensors")):
        base = filepath.removesuffix(".safetensors").removesuffix(".h5").removesuffix(".hdf5")
        raise ConfigError(
            "ModelCheckpoint writes whole models as .keras files, and the name does not say so.",
            got=repr(filepath),
            expected="a name ending in '.keras', or in '.weights.h5' for the weights",
            fix=f"filepath={base.rstrip('/') + _WHOLE!r}.",
        )
    check_suffix(filepath)


def _bad_pattern(filepath: str, reason: object) -> ConfigError:
    return ConfigError(
        f"ModelCheckpoint cannot make a file name: {reason}.",
        got=repr(filepath),
        fix="name numbers of the logs in braces, as in '{epoch:02d}-{val_loss:.2f}.weights.h5'; "
        "write '{{' for a brace.",
    )
