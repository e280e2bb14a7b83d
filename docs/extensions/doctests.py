"""For the documentation site: runnable examples in docstrings are shown as code."""

from __future__ import annotations

from typing import Any

from griffe import Extension, Object


class FenceDoctests(Extension):
    """Puts every block of `>>>` lines, up to the next empty line, between fences."""

    def on_object(self, *, obj: Object, **kwargs: Any) -> None:
        if obj.docstring is not None:
            obj.docstring.value = fence(obj.docstring.value)


def fence(text: str) -> str:
    """`text` with each doctest as a fenced block, aligned as it was."""
    lines: list[str] = []
    indent: str | None = None
    for line in text.splitlines():
        if indent is None and line.lstrip().startswith(">>>"):
            indent = line[: len(line) - len(line.lstrip())]
            lines.append(f"{indent}```pycon")
        elif indent is not None and not line.strip():
            lines.append(f"{indent}```")
            indent = None
        lines.append(line)
    if indent is not None:
        lines.append(f"{indent}```")
    return "\n".join(lines)
