"""What a layer gives to a model file and takes from one, by Keras's protocol."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from .._core.errors import ShapeError
from . import tree

if TYPE_CHECKING:
    from .weight import Weight


class Saved:
    """The part of `Layer` that is about files: its own variables, and where its parts stand."""

    saved_as: ClassVar[Mapping[str, str]] = {}
    """Attributes that Keras's files call by another name."""

    not_in_files: ClassVar[frozenset[str]] = frozenset()
    """Arguments that Keras's layer takes only where they are not the usual ones."""
    saved_class_name: Any = None
    """What the class is called in Keras's sources, where that is not its public name."""

    if TYPE_CHECKING:
        name: Any
        built: bool
        _own_weights: list[Weight]
        _not_tracked: ClassVar[frozenset[str]]

    def saved_variables(self) -> list[Weight]:
        """The layer's own variables in the order of files: those to be trained first."""
        own = [weight for weight in self._own_weights if not weight.transient]
        # As they were made: freezing one later does not move it.
        return sorted(own, key=lambda weight: not weight.made_trainable)

    def save_own_variables(self, store: MutableMapping[str, Any]) -> None:
        """Put the layer's own variables, not those of layers inside it, into `store`.

        A subclass may write this and `load_own_variables`, to keep more or something else.

        Args:
            store: name -> array, empty; Keras's names are ``"0"``, ``"1"``, ...

        >>> from pellucid.layers import Dense
        >>> layer, store = Dense(2), {}
        >>> layer.build((None, 3))
        >>> layer.save_own_variables(store)
        >>> {name: array.shape for name, array in store.items()}
        {'0': (3, 2), '1': (2,)}
        """
        for number, weight in enumerate(self.saved_variables()):
            store[str(number)] = weight.host_value()

    def load_own_variables(self, store: Mapping[str, Any]) -> None:
        """Take the layer's own variables from what `save_own_variables` filled.

        Raises:
            ShapeError: another number of variables, or one of another shape.
        """
        own = self.saved_variables()
        if len(store) != len(own):
            raise ShapeError(
                f"Layer {self.name!r} has {len(own)} variables of its own but was given "
                f"{len(store)}.",
                got={name: tuple(np.shape(store[name])) for name in store},
                expected=[f"{weight.name} {weight.shape}" for weight in own],
                fix="build it as the layer was that the variables are of."
                if self.built
                else "build the layer first: call it on data, or write build_from_config.",
            )
        for number, weight in enumerate(own):
            weight.assign(np.asarray(store[str(number)]))

    def saved_attributes(self) -> Iterator[tuple[str, Any]]:
        """Attributes that may hold layers, by the names and in the order of Keras's files."""
        return ordered(held_attributes(self, tree.layer_class))


def held_attributes(layer: Any, base: type) -> dict[str, Any]:
    """The attributes of `layer`, and the properties that its class adds to those of `base`."""
    found: dict[str, Any] = {}
    for klass in type(layer).__mro__:
        for name, member in vars(klass).items() if klass not in base.__mro__ else ():
            if isinstance(member, (property, functools.cached_property)):
                try:
                    found.setdefault(name, getattr(layer, name))
                except Exception:  # not readable now: then it holds nothing that is saved
                    continue
    for name, value in vars(layer).items():
        if name not in layer._not_tracked and name not in tree.UNTRACKED and name[:2] != "__":
            found[layer.saved_as.get(name, name)] = value
    return found


def ordered(attributes: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Attributes as files have them: by the alphabet, those with an underscore last."""
    for name in sorted(attributes, key=lambda name: (name.startswith("_"), name)):
        yield name, attributes[name]
