"""`model.summary()`: the layers, their output shapes and parameters, as a table."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from .outline import Entry, is_chain, outline, shape_text, trainable_split

CHAIN_WIDTH, GRAPH_WIDTH = 88, 108


def summary(
    model: Any,
    line_length: int | None = None,
    print_fn: Callable[[str], Any] | None = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
) -> None:
    """Print the layers, their output shapes, how many parameters each has, and the totals.

    Args:
        model: built or not; what is not known yet is shown as ``?``.
        line_length: columns; by default what the terminal has, at most 88 (108 with connections).
        print_fn: called once, with the whole text; by default it is printed.
        expand_nested: show the layers of networks inside the network too.
        show_trainable: say for each layer whether it is trained.

    >>> from pellucid import Sequential, layers
    >>> model = Sequential([layers.Input(shape=(4,)), layers.Dense(3)])
    >>> lines = []
    >>> summary(model, print_fn=lines.append)
    >>> [line.strip() for line in lines[0].splitlines() if "Total" in line]
    ['Total params: 15 (60.00 B)']
    """
    from rich.console import Console

    entries = outline(model)
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
    console.print(_table(entries, width, connected, expand_nested, show_trainable))
    for line in _totals(model, entries):
        console.print(line)
    if print_fn is not None:
        print_fn(console.end_capture().rstrip("\n"))


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
