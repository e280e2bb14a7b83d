"""`model.summary()`: the layers, their output shapes and parameters, as a table."""

from __future__ import annotations

import itertools
import re
import shutil
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .._core.errors import ConfigError
from .outline import Entry, is_chain, outline, shape_text, trainable_split

CHAIN_WIDTH, GRAPH_WIDTH = 88, 108


def summary(
    model: Any,
    line_length: int | None = None,
    positions: Sequence[float] | None = None,
    print_fn: Callable[[str], Any] | None = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Sequence[str] | None = None,
) -> None:
    """Print the layers, their output shapes, how many parameters each has, and the totals.

    Args:
        model: built or not; what is not known yet is shown as ``?``.
        line_length: columns; by default what the terminal has, at most 88 (108 with connections).
        positions: where each column ends, rising: columns of text, or shares of the line up to 1.
        print_fn: called once, with the whole text; by default it is printed.
        expand_nested: show the layers of networks inside the network too.
        show_trainable: say for each layer whether it is trained.
        layer_range: names (or regular expressions) of the first and the last layer to show.

    Raises:
        ConfigError: no layer has such a name, or `positions` do not fit the columns.

    >>> from pellucid import Sequential, layers
    >>> model = Sequential([layers.Input(shape=(4,)), layers.Dense(3)])
    >>> lines = []
    >>> summary(model, print_fn=lines.append)
    >>> [line.strip() for line in lines[0].splitlines() if "Total" in line]
    ['Total params: 15 (60.00 B)']
    """
    from rich.console import Console

    entries = outline(model)
    shown = entries if layer_range is None else _between(entries, layer_range)
    connected = not is_chain(entries)
    width = line_length or _default_width(GRAPH_WIDTH if connected else CHAIN_WIDTH)
    width = max(width, 24)
    if print_fn is None:
        console = Console(width=width, highlight=False)
    else:
        console = Console(
            width=width,
            highlight=False,
            force_terminal=False,
            color_system=None,
            force_jupyter=False,
        )
        console.begin_capture()
    console.print(f'[bold]Model: "{_escape(model.name)}"[/]')
    table = _table(shown, width, connected, expand_nested, show_trainable)
    if positions is not None:
        _set_widths(table, positions)
    console.print(table)
    for line in _totals(model, entries):
        console.print(line)
    if print_fn is not None:
        print_fn(console.end_capture().rstrip("\n"))


def _between(entries: list[Entry], layer_range: Sequence[str]) -> list[Entry]:
    """The entries from the first one that matches to the last one that does."""
    if len(layer_range) != 2:
        raise ConfigError(
            "summary: layer_range names the first and the last layer.",
            got=repr(layer_range),
            fix='layer_range=["dense", "dense_3"], say.',
        )
    places = []
    for pattern in layer_range:
        found = [i for i, entry in enumerate(entries) if re.match(pattern, entry.name)]
        if not found:
            raise ConfigError(
                f"summary: no layer is called {pattern!r}.",
                expected=", ".join(entry.name for entry in entries),
                fix="layer_range takes names as model.summary() shows them.",
            )
        places.append(found)
    first, last = min(places[0]), max(places[1])
    return entries[min(first, last) : max(first, last) + 1]


def _set_widths(table: Any, positions: Sequence[float]) -> None:
    """Columns as wide as the distances between the positions say."""
    steps = [b - a for a, b in itertools.pairwise([0, *positions])]
    if len(steps) != len(table.columns) or min(steps) <= 0:
        raise ConfigError(
            "summary: positions say where each column ends.",
            got=repr(list(positions)),
            expected=f"{len(table.columns)} rising numbers",
            fix="positions=[0.5, 0.8, 1.0], say, or leave them out.",
        )
    scale = 1000 / sum(steps)
    for column, step in zip(table.columns, steps, strict=True):
        column.ratio = max(1, round(step * scale))


def _default_width(most: int) -> int:
    # Into a file there is no terminal whose width could be a limit.
    limited = getattr(sys.stdout, "isatty", bool)()
    return min(most, shutil.get_terminal_size().columns - 1) if limited else most


def _escape(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def _table(entries: list[Entry], width: int, connected: bool, expand: bool, trainable: bool) -> Any:
    from rich.table import Table

    table = Table(width=width, show_lines=True)
    table.add_column("Layer (type)", ratio=9 if not connected else 6)
    table.add_column("Output Shape", ratio=7 if not connected else 5)
    table.add_column("Param #", justify="right", ratio=4)
    if connected:
        table.add_column("Connected to", ratio=5)
    if trainable:
        table.add_column("Trainable", justify="center", ratio=3)
    for entry, depth in _rows(entries, expand, 0):
        prefix = "   " * depth + "└ " if depth else ""
        cells = [
            f"{_escape(prefix + entry.name)} ([blue]{_escape(entry.kind)}[/])",
            f"[cyan]{_escape(shape_text(entry.shape))}[/]",
            _parameters(entry),
        ]
        if connected:
            names = dict.fromkeys(name for name, _ in entry.sources)
            cells.append(_escape(", ".join(names)) or "-")
        if trainable:
            cells.append(_trainable(entry))
        table.add_row(*cells)
    return table


def _rows(entries: list[Entry], expand: bool, depth: int) -> list[tuple[Entry, int]]:
    rows = []
    for entry in entries:
        rows.append((entry, depth))
        if expand:
            rows += _rows(entry.children, expand, depth + 1)
    return rows


def _parameters(entry: Entry) -> str:
    if not entry.layer.built and not entry.parameters:
        return "? (unbuilt)"
    return f"[green]{entry.parameters:,}[/]"


def _trainable(entry: Entry) -> str:
    trained, fixed = trainable_split(entry.layer)
    if not trained and not fixed:
        return "-"
    return "Y" if entry.layer.trainable else "N"


def _totals(model: Any, entries: list[Entry]) -> list[str]:
    trained, fixed = trainable_split(model)
    lines = [
        _total("Total params", trained + fixed),
        _total("Trainable params", trained),
        _total("Non-trainable params", fixed),
    ]
    numbers = _optimizer_arrays(model)
    if numbers:
        size = sum(array.size for array in numbers)
        held = sum(array.size * array.dtype.itemsize for array in numbers)
        lines.append(f"[bold] Optimizer params:[/] [green]{size:,}[/] ({size_text(held)})")
    if not entries:
        lines.append(" The model has no layers yet: add one, model.add(Dense(10)).")
    elif not all(e.layer.built for e in entries) or all(e.shape is None for e in entries):
        lines.append(
            " Shapes and parameters marked ? are known once the model has seen its input's shape: "
            "start it with Input(shape=...), call model.build((None, ...)), or fit it."
        )
    return lines


def _total(label: str, weights: list[Any]) -> str:
    count = sum(weight.size for weight in weights)
    held = sum(weight.size * _item_size(weight.dtype) for weight in weights)
    return f"[bold] {label}:[/] [green]{count:,}[/] ({size_text(held)})"


def _item_size(dtype: str) -> int:
    import jax.numpy as jnp

    return jnp.dtype(dtype).itemsize


def _optimizer_arrays(model: Any) -> list[Any]:
    import jax

    state = getattr(model.__dict__.get("_session"), "state", None)
    if state is None:
        return []
    return [leaf for leaf in jax.tree.leaves(state.optimizer) if np.ndim(leaf) > 0]


def size_text(size: float) -> str:
    """Bytes as people read them.

    >>> size_text(60), size_text(2_669_608)
    ('60.00 B', '2.55 MB')
    """
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if size < 1024 or unit == "TB":
            break
        size /= 1024
    return f"{size:.2f} {unit}"
