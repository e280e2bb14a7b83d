"""One exception tree. Every message says what happened, what was got and expected, and a fix."""

from __future__ import annotations

import sysconfig
import traceback
from pathlib import Path
from typing import Any, Self

_MISSING = object()


class PellucidError(Exception):
    """Base of every error that Pellucid raises on purpose.

    Args:
        what: one sentence, what happened; names the layer, column or argument.
        got: the offending value as it was, if there is one.
        expected: what would have been accepted.
        fix: what to change, as an imperative sentence or code.
    """

    def __init__(
        self,
        what: str,
        *,
        got: Any = _MISSING,
        expected: Any = _MISSING,
        fix: str | None = None,
    ):
        self.what = what
        self.got = None if got is _MISSING else got
        self.expected = None if expected is _MISSING else expected
        self.fix = fix
        lines = [what.rstrip()]
        if got is not _MISSING:
            lines.append(f"  got: {got}")
        if expected is not _MISSING:
            lines.append(f"  expected: {expected}")
        if fix:
            lines.append(f"  fix: {fix}")
        super().__init__("\n".join(lines))

    def within(self, place: str) -> Self:
        """The same error, its first sentence saying where: ``"batch 3 of the generator"``."""
        given = {"got": self.got, "expected": self.expected}
        known = {name: value for name, value in given.items() if value is not None}
        twin = type(self)(f"{place}: {self.what}", fix=self.fix, **known)
        return twin.with_traceback(self.__traceback__)

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the line of the user's that led here, and the message."""
        return notebook_lines(self)

    def add_note(self, note: str) -> None:
        """Notes as usual, except JAX's remark that it has hidden its own frames."""
        if "JAX has removed its internal frames" not in note:
            super().add_note(note)


PACKAGE = str(Path(__file__).parents[1])


def notebook_lines(error: BaseException) -> list[str]:
    """An error for a notebook: where the user's own code led to it, then what it says.

    >>> notebook_lines(PellucidError("The rate is 0.", fix="rate=0.1."))
    ['PellucidError: The rate is 0.', '  fix: rate=0.1.']
    """
    frames = traceback.extract_tb(error.__traceback__)
    foreign = (PACKAGE, sysconfig.get_path("purelib"), sysconfig.get_path("stdlib"))
    own = [frame for frame in frames if not frame.filename.startswith(foreign)]
    place = [f"{own[-1].filename}, line {own[-1].lineno}: {own[-1].line}"] if own else []
    notes = [str(note) for note in getattr(error, "__notes__", ())]
    said = f"{type(error).__name__}: {error}"
    return [*place, *said.splitlines(), *(line for note in notes for line in note.splitlines())]


class ConfigError(PellucidError, ValueError):
    """An argument has a value that cannot work."""


class NotDefinedError(ConfigError, NotImplementedError):
    """A class of the user's leaves out a method that it has to write."""


class ArgumentTypeError(ConfigError, TypeError):
    """An argument of a type that cannot work."""


class NotOfferedError(PellucidError, NotImplementedError):
    """Something that Keras does and Pellucid does not; says what to do instead."""


class NotHereError(PellucidError, AttributeError):
    """A name of Keras's that does not exist here; says why, and what to use instead."""


class NoSuchModuleError(PellucidError, ImportError):
    """A module of Keras's that does not exist here; says why, and what to use instead."""


class UnknownNameError(ConfigError, KeyError):
    """A name that no registry, layer or log knows; the message suggests the nearest ones."""

    __str__ = Exception.__str__  # a KeyError shows its message in quotes


class UnknownArgumentError(UnknownNameError, TypeError):
    """An argument that a function does not have."""


class ShapeError(PellucidError, ValueError):
    """Shapes that do not fit together."""


class OperandError(ShapeError, TypeError):
    """Arguments that an operation cannot take, where Keras's programs expect a TypeError."""


class DataError(PellucidError, ValueError):
    """Data that cannot be trained on: lengths, types, labels, missing values."""


class StateError(PellucidError, RuntimeError):
    """A call at the wrong time: fit before compile, weights before build."""


class NoNumbersError(StateError, NotImplementedError, ValueError):
    """A symbolic tensor was used where numbers are needed."""


class NotReadyError(StateError, AttributeError):
    """An attribute that exists only after a call that has not happened yet."""


class ReservedNameError(ConfigError, AttributeError):
    """An attribute that a layer or network cannot have, because its name has a meaning."""


class TracedCodeError(StateError, TypeError):
    """Code of the user's own that asks for numbers where a network is being compiled."""


class LayerArgumentError(ConfigError, TypeError):
    """An argument of a layer that is of another type than it takes."""


class NotWrittenError(StateError, NotImplementedError):
    """A method that a subclass has to write and did not."""


class NoPythonNumberError(NoNumbersError, TypeError):
    """A symbolic tensor was used as a Python number or a truth value."""


class FileFormatError(PellucidError, ValueError):
    """A file that is damaged, truncated or not what its name says."""


class NoWeightsFileError(FileFormatError, FileNotFoundError):
    """There is no file at the path that something was to be loaded from."""


class FileWriteError(DataError, OSError):
    """A file that cannot be written: no folder, no permission, a full disk."""


class DownloadError(PellucidError, OSError):
    """A data set that no mirror could deliver intact."""


class WrongFileError(DownloadError, ValueError):
    """A file that was delivered, and is not the one whose hash was given."""


class PellucidWarning(UserWarning):
    """Base of Pellucid's warnings."""


class OutOfDataWarning(PellucidWarning):
    """The data ended before the steps that an epoch was to have."""


class NotFiniteWarning(PellucidWarning):
    """The data hold NaN or infinity, and the program takes care of that itself."""


class MaskLostWarning(PellucidWarning):
    """A layer that cannot use a mask received one: what follows sees the padded steps."""


class NothingTrainsWarning(PellucidWarning):
    """A training step on a network whose weights are all frozen: it changes nothing."""


class VitalsWarning(PellucidWarning):
    """Something that a run would have measured about itself is missing from its record."""
