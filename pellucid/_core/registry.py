"""Names to objects: aliases, and "did you mean" for the ones that miss."""

from __future__ import annotations

import difflib
import importlib
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from .errors import UnknownNameError

T = TypeVar("T")


def snake_case(class_name: str) -> str:
    """Keras's automatic names for layers, losses and metrics.

    >>> snake_case("BatchNormalization"), snake_case("LSTM"), snake_case("Conv2D")
    ('batch_normalization', 'lstm', 'conv2d')
    >>> snake_case("MeanSquaredError"), snake_case("AUC"), snake_case("R2Score")
    ('mean_squared_error', 'auc', 'r2_score')
    """
    name = re.sub(r"\W+", "", class_name)
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


FEW_NAMES = 12  # so many are listed whole


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A `fix:` sentence with the nearest known names.

    >>> did_you_mean("rleu", ["relu", "tanh"])
    "did you mean 'relu'?"
    """
    # Of several spellings of one name, the one written like the question is suggested.
    known = sorted(set(known), key=lambda n: (n.islower() != name.islower(), n))
    folded: dict[str, str] = {}
    for candidate in known:
        folded.setdefault(candidate.lower().replace("_", ""), candidate)
    near = difflib.get_close_matches(name.lower().replace("_", ""), folded, n=3, cutoff=0.6)
    if near:
        return "did you mean " + " or ".join(repr(folded[match]) for match in near) + "?"
    if len(known) > FEW_NAMES:
        near = difflib.get_close_matches(name.lower().replace("_", ""), folded, n=3, cutoff=0.0)
        nearest = ", ".join(repr(folded[match]) for match in near)
        return f"the nearest of {len(known)} names: {nearest}."
    return "use one of: " + ", ".join(sorted(known))


class Registry:
    """One family of names ("activation", "loss", ...), each entry a function or a class.

    >>> shapes = Registry("shape")
    >>> @shapes.register("square", "box")
    ... def square(): return 4
    >>> shapes.get("box") is square, shapes.name_of(square)
    (True, 'square')
    """

    def __init__(self, kind: str):
        self.kind = kind
        self.home: str | None = None  # a module whose import registers this family's names
        self._entries: dict[str, Any] = {}
        self._primary: dict[Any, str] = {}

    def register(self, *names: str) -> Callable[[T], T]:
        """Decorator. The first name is the one written into configurations; default `__name__`."""

        def decorate(entry: T) -> T:
            all_names = names or (entry.__name__,)  # type: ignore[attr-defined]
            for name in all_names:
                self._entries[name] = entry
            self._primary[entry] = all_names[0]
            return entry

        return decorate

    @contextmanager
    def borrowed(self) -> Iterator[None]:
        """Forget, when the block ends, what was registered in it."""
        self.complete()  # or what is loaded in the block would be forgotten with it
        before = dict(self._entries), dict(self._primary)
        try:
            yield
        finally:
            self._entries, self._primary = before

    def complete(self) -> None:
        """Load the module that registers the names which are loaded late."""
        if self.home is not None:
            importlib.import_module(self.home)

    def get(self, name: str) -> Any:
        """The entry called `name`; raises `UnknownNameError` with suggestions."""
        try:
            if name not in self._entries:
                self.complete()
            return self._entries[name]
        except KeyError:
            raise UnknownNameError(
                f"There is no {self.kind} called {name!r}.",
                got=repr(name),
                expected=f"the name of {self._article()} {self.kind}",
                fix=did_you_mean(name, self._entries),
            ) from None

    def name_of(self, entry: Any) -> str | None:
        """The primary name of `entry`, or None where it is not registered."""
        try:
            return self._primary.get(entry)
        except TypeError:  # unhashable
            return None

    def _article(self) -> str:
        return "an" if self.kind[0] in "aeiou" else "a"

    def __contains__(self, name: object) -> bool:
        if name not in self._entries:
            self.complete()
        return name in self._entries

    def primary_names(self) -> list[str]:
        """Every entry once, by its primary name, sorted."""
        self.complete()
        return sorted(self._primary.values())

    def entries(self) -> dict[str, Any]:
        """Primary name -> entry, sorted by name."""
        return {name: self._entries[name] for name in self.primary_names()}
