"""`plot_model`: a network as a picture, by Graphviz."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from .._core.errors import ConfigError, StateError
from .._core.files import write_atomically
from ..models.diagram import Drawing, draw, picture, to_dot

DIRECTIONS = ("TB", "BT", "LR", "RL")


class Dot:
    """A drawing in Graphviz's language.

    Attributes:
        source: the text.
    """

    def __init__(self, source: str):
        self.source = source

    def to_string(self) -> str:
        """The text in Graphviz's language."""
        return self.source

    def create(self, format: str = "png") -> bytes:
        """The picture as bytes; needs Graphviz's program `dot`."""
        return picture(self.source, format)

    def write(self, path: str | os.PathLike[str], format: str | None = None) -> None:
        """Write the picture, or with format ``"dot"`` the text, to a file."""
        kind = format or Path(path).suffix[1:].lower() or "png"
        plain = kind in ("dot", "raw", "gv")
        write_atomically(Path(path), self.source.encode() if plain else self.create(kind))

    def __str__(self) -> str:
        return self.source


def model_to_dot(
    model: Any,
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = True,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 200,
    subgraph: bool = False,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "ortho",
) -> Dot:
    """A network in Graphviz's language.

    Args:
        model: built.
        show_shapes: write shapes on the arrows.
        show_dtype: write the number formats that layers compute in.
        show_layer_names: write the layers' names before their classes.
        rankdir: ``"TB"`` from top to bottom, ``"LR"`` from left to right, ``"BT"``, ``"RL"``.
        expand_nested, subgraph: not available; networks inside are drawn as one box.
        dpi: dots per inch of a picture made of it.
        show_layer_activations: write the layers' activations.
        show_trainable: write whether layers are trained.
        splines: how arrows run; a word of Graphviz's.

    Raises:
        StateError: a model that is not built. ConfigError: what is not available.

    >>> from pellucid import Sequential, layers
    >>> model = Sequential([layers.Input(shape=(2,)), layers.Dense(3, name="hidden")])
    >>> "hidden: Dense" in model_to_dot(model).to_string()
    True
    """
    for name, value in (("expand_nested", expand_nested), ("subgraph", subgraph)):
        if value:
            raise ConfigError(
                f"plot_model: {name} is not available.",
                got=f"{name}=True",
                fix="draw the inner model by itself: plot_model(model.get_layer('inner')).",
            )
    if rankdir not in DIRECTIONS:
        raise ConfigError(
            "plot_model: there is no such direction.",
            got=f"rankdir={rankdir!r}",
            expected=f"one of {', '.join(map(repr, DIRECTIONS))}",
            fix="rankdir='LR' draws from left to right.",
        )
    if not model.built:
        raise StateError(
            f"{model.name!r} has no layers to draw yet: it has not been built.",
            fix="call it on data, or make it from an Input, first.",
        )
    drawing = draw(model)
    known = {layer.name: layer for layer in model.sublayers()}
    boxes = []
    for key, lines, kind in drawing.boxes:
        name, _, class_name = lines[0].partition(": ")
        layer = known.get(name)
        shown = lines if show_layer_names or not class_name else [class_name, *lines[1:]]
        if layer is not None:
            shown = [*shown, *_details(layer, show_dtype, show_layer_activations, show_trainable)]
        boxes.append((key, shown, kind))
    arrows = [(a, b, label if show_shapes else "") for a, b, label in drawing.arrows]
    head, *rest = to_dot(Drawing(boxes, arrows)).split("\n")
    settings = f'  graph [rankdir={rankdir}, dpi={int(dpi)}, splines="{splines}"];'
    return Dot("\n".join([head, settings, *rest]))


def _details(layer: Any, dtype: bool, activation: bool, trainable: bool) -> list[str]:
    lines = []
    if activation and getattr(layer, "activation", None) is not None:
        own = layer.activation
        lines.append(f"activation: {getattr(own, '__name__', None) or own}")
    if dtype:
        lines.append(f"dtype: {layer.compute_dtype}")
    if trainable:
        lines.append("trainable" if layer.trainable else "not trainable")
    return lines


def plot_model(
    model: Any,
    to_file: str | os.PathLike[str] = "model.png",
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = False,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 200,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "ortho",
) -> Any:
    """Draw a network into a file: ``.png``, ``.svg``, ``.pdf``; ``.dot`` for Graphviz's text.

    Pictures need Graphviz's program `dot`; `model.diagram()` gives Mermaid text without it.

    Args:
        to_file: the file.

    The other arguments are those of `model_to_dot`.

    Returns:
        In a notebook the picture, else None.
    """
    dot = model_to_dot(
        model,
        show_shapes=show_shapes,
        show_dtype=show_dtype,
        show_layer_names=show_layer_names,
        rankdir=rankdir,
        expand_nested=expand_nested,
        dpi=dpi,
        show_layer_activations=show_layer_activations,
        show_trainable=show_trainable,
        splines=splines,
    )
    dot.write(to_file)
    ending = Path(to_file).suffix.lower()
    display = sys.modules.get("IPython.display")  # there only in a notebook
    if display is not None and ending in (".png", ".jpg", ".jpeg"):
        return display.Image(filename=os.fspath(to_file))
    return None
