"""Settings of the whole process that are single values, with their checks.

Number formats have a file of their own, `dtypes`; what the device holds is in `training.devices`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from .errors import ArgumentTypeError, ConfigError

FORMATS = ("channels_last", "channels_first")


@dataclass
class _Settings:
    epsilon: float = 1e-7
    image_data_format: str = "channels_last"
    interactive_logging: bool = True
    traceback_filtering: bool = True
    flash_attention: bool | None = None
    reads_code: bool = False
    max_epochs: int | None = None
    max_steps_per_epoch: int | None = None


_settings = _Settings()
_reads_code_now: ContextVar[bool] = ContextVar("code of lambdas is read", default=False)


def epsilon() -> float:
    """The small number that keeps divisions and logarithms away from zero; 1e-7 by default."""
    return _settings.epsilon


def set_epsilon(value: float) -> None:
    """Set the small number that `epsilon` gives, and that losses, metrics and operations add.

    Args:
        value: above zero. What is compiled already keeps the one it was compiled with.

    >>> set_epsilon(1e-5)
    >>> epsilon()
    1e-05
    >>> set_epsilon(1e-7)
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ArgumentTypeError("epsilon is a number.", got=repr(value), fix="set_epsilon(1e-7).")
    _settings.epsilon = value


def image_data_format() -> str:
    """Where layers made without `data_format` expect channels: ``"channels_last"`` by default."""
    return _settings.image_data_format


def set_image_data_format(data_format: str) -> None:
    """Where layers, operations and helpers made from now on expect the channels of pictures.

    Args:
        data_format: ``"channels_last"`` or ``"channels_first"``. A layer keeps what was set when it
            was made.

    Raises:
        ConfigError: anything else.

    >>> set_image_data_format("channels_first")
    >>> image_data_format()
    'channels_first'
    >>> set_image_data_format("channels_last")
    """
    _settings.image_data_format = standardize_data_format(data_format)


def standardize_data_format(data_format: str | None) -> str:
    """The data format meant by an argument: None stands for what is set."""
    if data_format is None:
        return _settings.image_data_format
    lowered = str(data_format).lower()
    if lowered not in FORMATS:
        raise ConfigError(
            "There are two places for the channels of a picture.",
            got=repr(data_format),
            expected="'channels_last' or 'channels_first'",
            fix="data_format='channels_last' for (height, width, channels).",
        )
    return lowered


def enable_interactive_logging() -> None:
    """Let ``verbose="auto"`` mean a progress display, as it comes."""
    _settings.interactive_logging = True


def disable_interactive_logging() -> None:
    """Let ``verbose="auto"`` mean one plain line an epoch, for log files."""
    _settings.interactive_logging = False


def is_interactive_logging_enabled() -> bool:
    """Whether ``verbose="auto"`` means a progress display.

    >>> is_interactive_logging_enabled()
    True
    """
    return _settings.interactive_logging


def enable_traceback_filtering() -> None:
    """Say that tracebacks should be short. Pellucid's errors are one sentence either way."""
    _settings.traceback_filtering = True


def disable_traceback_filtering() -> None:
    """Show JAX's own frames in tracebacks too, to look for a fault inside of JAX or Pellucid."""
    import jax

    _settings.traceback_filtering = False
    jax.config.update("jax_traceback_filtering", "off")


def is_traceback_filtering_enabled() -> bool:
    """Whether tracebacks are kept short.

    >>> is_traceback_filtering_enabled()
    True
    """
    return _settings.traceback_filtering


def enable_unsafe_deserialization() -> None:
    """Let configurations bring the code of lambdas, for the rest of the program.

    Code from a file can do anything: this is for files whose origin you trust. Otherwise what a
    configuration names must be registered, or be given as `custom_objects`.
    """
    _settings.reads_code = True


def reads_code() -> bool:
    """Whether `enable_unsafe_deserialization` was called, or a file is read with its code."""
    return _settings.reads_code or _reads_code_now.get()


@contextmanager
def reading_code(allowed: bool) -> Iterator[None]:
    """Let what is read in the block bring the code of lambdas, where that is `allowed`."""
    token = _reads_code_now.set(allowed)
    try:
        yield
    finally:
        _reads_code_now.reset(token)


def enable_flash_attention() -> None:
    """Ask for attention without the whole table of scores; attention does that here as it comes."""
    _settings.flash_attention = True


def disable_flash_attention() -> None:
    """Take back `enable_flash_attention`. Numbers are the same up to rounding."""
    _settings.flash_attention = False


def is_flash_attention_enabled() -> bool | None:
    """What was asked for by the two functions above; None where neither was called."""
    return _settings.flash_attention


def max_epochs() -> int | None:
    """The most epochs that any `fit` makes; None, the default, for no limit."""
    return _limit("max_epochs", "KERAS_MAX_EPOCHS")


def set_max_epochs(max_epochs: int | None) -> None:
    """Let every `fit` end after so many epochs, to try whether a program runs through.

    Args:
        max_epochs: at least 1, or None for no limit. The environment variable
            ``KERAS_MAX_EPOCHS`` does the same.

    >>> set_max_epochs(1)
    >>> max_epochs()
    1
    >>> set_max_epochs(None)
    """
    _settings.max_epochs = _checked_limit("max_epochs", max_epochs)


def max_steps_per_epoch() -> int | None:
    """The most steps of an epoch, of `evaluate` and `predict`; None, the default, for no limit."""
    return _limit("max_steps_per_epoch", "KERAS_MAX_STEPS_PER_EPOCH")


def set_max_steps_per_epoch(max_steps_per_epoch: int | None) -> None:
    """Let every epoch, `evaluate` and `predict` end after so many steps, to try a program.

    Args:
        max_steps_per_epoch: at least 1, or None for no limit. The environment variable
            ``KERAS_MAX_STEPS_PER_EPOCH`` does the same.
    """
    _settings.max_steps_per_epoch = _checked_limit("max_steps_per_epoch", max_steps_per_epoch)


def _checked_limit(name: str, value: Any) -> int | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
        raise ConfigError(
            f"{name} is a whole number of at least 1, or None.",
            got=repr(value),
            fix=f"set_{name}(None) for no limit.",
        )
    return value


def _limit(name: str, variable: str) -> int | None:
    chosen = getattr(_settings, name)
    if chosen is None and os.environ.get(variable):
        return _checked_limit(variable, int(os.environ[variable]))
    return chosen
