"""`TensorBoard`: losses, metrics and weights as files that TensorBoard shows."""

from __future__ import annotations

import os
import time
from typing import Any

import numpy as np

from ..._core.errors import ConfigError, StateError
from ..event_file import EventWriter
from .base import Callback
from .learning_rate import rated

# argument -> (the only value it can have, why and what to do instead)
_FIXED: dict[str, tuple[Any, str]] = {
    "profile_batch": (0, "run fit inside `with jax.profiler.trace(log_dir):` to profile it"),
    "embeddings_freq": (0, "save the weights of the Embedding layer with ModelCheckpoint"),
    "embeddings_metadata": (None, "leave it out together with embeddings_freq"),
}
PICTURES = 3


class TensorBoard(Callback):
    """Write losses and metrics for TensorBoard; neither it nor TensorFlow is needed for that.

    Look at them with ``tensorboard --logdir logs``: each epoch's numbers under ``epoch_loss`` and
    so on, training and validation as two runs.

    Args:
        log_dir: a folder for this training alone; ``train`` and ``validation`` are made in it.
        histogram_freq: after so many epochs the weights' histograms; 0 for none.
        write_graph: write the model's summary, as text. (A graph of operations is not written.)
        write_images: with the histograms, weights of up to three axes as grey pictures.
        write_steps_per_second: the speed of training, too.
        update_freq: ``"epoch"``; or a number of batches, ``"batch"`` for 1, after which the means
            so far are written. The compiled run of steps then ends at least every so many batches.
        profile_batch, embeddings_freq, embeddings_metadata: not available; only the defaults.

    Raises:
        ConfigError: a number that cannot work, or what is not available.

    >>> TensorBoard("logs/first", histogram_freq=1).update_freq
    'epoch'
    """

    remembers = (
        "_steps",
        "_last_written",
    )

    def __init__(
        self,
        log_dir: str | os.PathLike[str] = "logs",
        histogram_freq: int = 0,
        write_graph: bool = True,
        write_images: bool = False,
        write_steps_per_second: bool = False,
        update_freq: str | int = "epoch",
        profile_batch: Any = 0,
        embeddings_freq: int = 0,
        embeddings_metadata: Any = None,
    ):
        super().__init__()
        given = {
            "profile_batch": profile_batch,
            "embeddings_freq": embeddings_freq,
            "embeddings_metadata": embeddings_metadata,
        }
        for name, (only, instead) in _FIXED.items():
            if given[name] != only:
                raise ConfigError(
                    f"TensorBoard: {name} is not available.",
                    got=f"{name}={given[name]!r}",
                    expected=f"{name}={only!r}",
                    fix=f"{instead}.",
                )
        _check_count("histogram_freq", histogram_freq, 0, "histogram_freq=1 for every epoch")
        every: Any = 1 if update_freq == "batch" else update_freq
        if every != "epoch":
            _check_count("update_freq", every, 1, "update_freq='epoch', 'batch' or 1000")
        self.log_dir = os.fspath(log_dir)
        self.histogram_freq = histogram_freq
        self.write_graph = write_graph
        self.write_images = write_images
        self.write_steps_per_second = write_steps_per_second
        self.update_freq = every
        self.profile_batch = profile_batch
        self.embeddings_freq = embeddings_freq
        self.embeddings_metadata = embeddings_metadata
        self._writers: dict[str, EventWriter] = {}
        self._steps = self._last_written = self._last_batch = 0
        self._clock = self._epoch_clock = 0.0
        self._epoch_steps = 0
        if every != "epoch":
            # Only now a batch hook: it would cost a program call every so many steps.
            self.batch_interval = every
            self.on_train_batch_end = self._after_batch  # type: ignore[method-assign]

    def _writer(self, name: str) -> EventWriter:
        if name not in self._writers:
            self._writers[name] = EventWriter(os.path.join(self.log_dir, name))
        return self._writers[name]

    def _flush(self) -> None:
        for writer in self._writers.values():
            writer.flush()

    def _scalars(self, writer: str, numbers: dict[str, Any], step: int) -> None:
        for name, value in numbers.items():
            if np.ndim(value) == 0:
                self._writer(writer).scalar(name, value, step)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._writers = {}
        self._steps = self._last_written = 0
        self._clock = time.perf_counter()
        if self.write_graph and hasattr(self.model, "summary"):
            lines: list[str] = []
            self.model.summary(print_fn=lines.append)
            table = "\n".join(f"    {line}" for line in "\n".join(lines).splitlines())
            self._writer("train").text("model", table, step=0)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._epoch_clock, self._epoch_steps = time.perf_counter(), self._iterations()
        self._last_batch = -1

    def _after_batch(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._steps += batch - self._last_batch
        self._last_batch = batch
        done = self._steps - self._last_written
        if done < self.update_freq:
            return
        numbers = {f"batch_{name}": value for name, value in (logs or {}).items()}
        now = time.perf_counter()
        if self.write_steps_per_second:
            numbers["batch_steps_per_second"] = done / max(now - self._clock, 1e-9)
        self._clock, self._last_written = now, self._steps
        self._scalars("train", numbers, self._steps)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        logs = logs or {}
        train = {f"epoch_{k}": v for k, v in logs.items() if not k.startswith("val_")}
        train |= {f"epoch_{name}": rate for name, rate in self._learning_rates().items()}
        if self.write_steps_per_second:
            seconds = max(time.perf_counter() - self._epoch_clock, 1e-9)
            train["epoch_steps_per_second"] = (self._iterations() - self._epoch_steps) / seconds
        held_out = {f"epoch_{k[4:]}": v for k, v in logs.items() if k.startswith("val_")}
        self._scalars("train", train, epoch)
        self._scalars("validation", held_out, epoch)
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            self._write_weights(epoch)
        self._flush()

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        numbers = {f"evaluation_{k}_vs_iterations": v for k, v in (logs or {}).items()}
        self._scalars("validation", numbers, self._iterations())
        self._flush()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self._flush()

    def _iterations(self) -> int:
        return int(getattr(self.model.optimizer, "iterations", 0))

    def _learning_rates(self) -> dict[str, float]:
        """The learning rate of this moment, or one for each of several optimisers."""
        try:
            return {
                name: float(optimizer.learning_rate)
                for name, optimizer in rated(self.model.optimizer).items()
            }
        except StateError:  # an optax transformation that keeps it to itself
            return {}

    def _write_weights(self, epoch: int) -> None:
        writer = self._writer("train")
        for weight in self.model.weights:
            array = weight.numpy()
            if array.dtype.kind not in "fiu":
                array = array.astype(np.float32)
            writer.histogram(f"{weight.path}/histogram", array, epoch)
            for number, pixels in enumerate(pictures(array) if self.write_images else ()):
                writer.image(f"{weight.path}/image/{number}", pixels, epoch)


def pictures(array: np.ndarray) -> list[np.ndarray]:
    """An array of up to three axes as grey pictures, its least value black and its largest white.

    A vector is one row, a matrix lies on its longer side, of a stack along the last axis the first
    three are shown.

    >>> [picture.shape for picture in pictures(np.zeros((5, 2)))]
    [(2, 5)]
    """
    array = np.squeeze(array)
    if not 1 <= array.ndim <= 3 or not array.size:
        return []
    low, high = np.nanmin(array), np.nanmax(array)
    scaled = np.nan_to_num((array - low) * (255.0 / (high - low)) if high > low else array * 0.0)
    pixels = np.clip(scaled, 0, 255).astype(np.uint8)
    if pixels.ndim == 1:
        return [pixels[None, :]]
    if pixels.ndim == 2:
        return [pixels.T if pixels.shape[0] > pixels.shape[1] else pixels]
    return [pixels[:, :, number] for number in range(min(PICTURES, pixels.shape[2]))]


def _check_count(name: str, value: Any, least: int, example: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ConfigError(
            f"TensorBoard: {name} is a whole number of at least {least}.",
            got=repr(value),
            fix=f"{example}.",
        )
