"""`model.diagram()`: the network as Mermaid text, and as a picture where Graphviz is installed."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .._core.errors import ConfigError, StateError
from .._core.files import write_atomically
from .outline import Entry, outline, shape_text

SUFFIXES = (".mmd", ".svg", ".png")
SECONDS = 60


@dataclass
class Drawing:
    """Boxes and arrows.

    Attributes:
        boxes: (id, lines of text, kind), the kind one of ``"input"``, ``"layer"``, ``"output"``.
        arrows: (from id, to id, label).
    """

    boxes: list[tuple[str, list[str], str]] = field(default_factory=list)
    arrows: list[tuple[str, str, str]] = field(default_factory=list)


def diagram(model: Any, to_file: str | os.PathLike[str] | None = None) -> str:
    """The network as Mermaid text, which Markdown viewers draw; shapes stand on the arrows.

    Args:
        model: the network. Of a subclassed one only the layers are known, not what flows between
            them.
        to_file: write it to a file: ``.mmd`` (the text), ``.svg`` or ``.png`` (needs Graphviz).

    Returns:
        The Mermaid text.

    Raises:
        ConfigError: another ending, or Graphviz is not installed.

    >>> from pellucid import Sequential, layers
    >>> model = Sequential([layers.Input(shape=(4,)), layers.Dense(3)])
    >>> print(diagram(model))
    flowchart TD
        n0(["input"])
        n1["dense: Dense<br>15 parameters"]
        n2(["output"])
        n0 -->|"(None, 4)"| n1
        n1 -->|"(None, 3)"| n2
    """
    drawing = draw(model)
    text = to_mermaid(drawing)
    if to_file is not None:
        path = Path(to_file)
        suffix = path.suffix.lower()
        if suffix not in SUFFIXES:
            raise ConfigError(
                "The ending of the file says what to draw, and this one is not known.",
                got=repr(str(to_file)),
                expected=f"one of {', '.join(SUFFIXES)}",
                fix=f"to_file={str(path.with_suffix('.svg'))!r}.",
            )
        data = text.encode() + b"\n" if suffix == ".mmd" else picture(to_dot(drawing), suffix[1:])
        write_atomically(path, data)
    return text


def draw(model: Any) -> Drawing:
    """The boxes and arrows of a network."""
    drawing = Drawing()
    entries = outline(model)
    graph = getattr(model, "graph", None)
    ids: dict[str, str] = {}

    def box(name: str | None, lines: list[str], kind: str) -> str:
        key = f"n{len(drawing.boxes)}"
        drawing.boxes.append((key, lines, kind))
        if name is not None:
            ids[name] = key
        return key

    if graph is not None:
        inside = {entry.name for entry in entries}
        for tensor in graph.input_leaves:  # a Sequential does not list its input among its layers
            name = tensor.node.layer.name
            label = name if name in inside else "input"
            if name not in ids:
                box(name, [label] if label == "input" else [f"{label}: Input"], "input")
    for entry in entries:
        if entry.name not in ids:
            box(entry.name, _lines(entry), "layer")
    for entry in entries:
        for source, shape in entry.sources:
            start = ids.get(source) or ids[source.rpartition("#")[0]]
            drawing.arrows.append((start, ids[entry.name], shape_text(shape)))
    if graph is not None:
        several = len(graph.output_leaves) > 1
        names = graph.output_names()
        for tensor, name in zip(graph.output_leaves, names, strict=True):
            end = box(None, [f"output: {name}" if several else "output"], "output")
            drawing.arrows.append((ids[tensor.node.layer.name], end, shape_text(tensor.shape)))
    elif hasattr(model, "add"):  # a stack whose input shape is not known yet
        for before, after in itertools.pairwise(entries):
            drawing.arrows.append((ids[before.name], ids[after.name], shape_text(before.shape)))
    return drawing


def _lines(entry: Entry) -> list[str]:
    lines = [f"{entry.name}: {entry.kind}"]
    if not entry.layer.built:
        lines.append("not built yet")
    elif entry.parameters:
        lines.append(f"{entry.parameters:,} parameters")
    return lines


def to_mermaid(drawing: Drawing) -> str:
    """A drawing as a Mermaid flowchart."""
    lines = ["flowchart TD"]
    for key, text, kind in drawing.boxes:
        label = '"' + "<br>".join(_mermaid(line) for line in text) + '"'
        lines.append(f"    {key}[{label}]" if kind == "layer" else f"    {key}([{label}])")
    for start, end, label in drawing.arrows:
        lines.append(f'    {start} -->|"{_mermaid(label)}"| {end}')
    return "\n".join(lines)


def _mermaid(text: str) -> str:
    """Text that Mermaid shows as it is: nothing in it opens a tag, a quote or a command.

    >>> _mermaid('a "quoted" <b>#1`')
    'a #quot;quoted#quot; #lt;b#gt;#35;1#96;'
    """
    named = {'"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;"}
    return "".join(
        named.get(c) or (c if c.isprintable() and c not in "#`\\;" else f"#{ord(c)};") for c in text
    )


def to_dot(drawing: Drawing) -> str:
    """A drawing in Graphviz's language."""
    lines = [
        "digraph network {",
        '  node [shape=box, style="rounded", fontname="Helvetica"];',
        '  edge [fontname="Helvetica", fontsize=10];',
    ]
    for key, text, kind in drawing.boxes:
        label = "\\n".join(_dot(line) for line in text)
        shape = "" if kind == "layer" else ", shape=oval"
        lines.append(f'  {key} [label="{label}"{shape}];')
    for start, end, label in drawing.arrows:
        lines.append(f'  {start} -> {end} [label=" {_dot(label)}"];')
    return "\n".join([*lines, "}"])


def _dot(text: str) -> str:
    r"""
    >>> _dot('a "b" \\N')
    'a \\"b\\" \\\\N'
    """
    shown = "".join(c if c.isprintable() else " " for c in text)
    return shown.replace("\\", "\\\\").replace('"', '\\"')


def picture(dot: str, format_: str) -> bytes:
    """What Graphviz makes of `dot`: ``"png"``, ``"svg"``, ``"pdf"``, ..."""
    program = shutil.which("dot")
    if program is None:
        raise ConfigError(
            f"Drawing a .{format_} needs Graphviz, and its program 'dot' is not on this machine.",
            fix="install graphviz (apt install graphviz, brew install graphviz), or paste the "
            "Mermaid text that model.diagram() returns into https://mermaid.live or Markdown.",
        )
    try:
        done = subprocess.run(
            [program, f"-T{format_}"],
            input=dot.encode(),
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StateError(
            "Graphviz did not draw the network.",
            got=str(error),
            fix="run `dot -V` to see whether it works; to_file='model.mmd' needs no Graphviz.",
        ) from None
    if done.returncode != 0 or not done.stdout:
        raise StateError(
            "Graphviz did not draw the network.",
            got=done.stderr.decode(errors="replace").strip()[:300] or f"code {done.returncode}",
            fix="run `dot -V` to see whether it works; to_file='model.mmd' needs no Graphviz.",
        )
    return done.stdout
