"""What the results of all experiments share: text, JSON, a form for notebooks."""

from __future__ import annotations

import textwrap
from dataclasses import fields
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from ..._core.files import json_text
from ...doctor.text import WIDTH


class Outcome:
    """Base of the results: a subclass is a dataclass with a `verdict`, and perhaps a `table`."""

    @property
    def verdict(self) -> str:
        """The answer, in one to three sentences."""
        raise NotImplementedError

    def table(self) -> list[tuple[str, ...]]:
        """Rows of cells, the first one the headings; empty where there is nothing to tabulate."""
        return []

    def __str__(self) -> str:
        parts = ["\n".join(textwrap.wrap(self.verdict, WIDTH))]
        rows = self.table()
        if rows:
            widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
            lines = [
                "  " + "  ".join(c.rjust(w) for c, w in zip(row, widths, strict=True)).rstrip()
                for row in rows
            ]
            parts.append("\n".join(lines))
        return "\n\n".join(parts)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.verdict}>"

    def _repr_html_(self) -> str:
        rows = self.table()
        tags = ["th"] + ["td"] * max(0, len(rows) - 1)
        body = "".join(
            "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row) + "</tr>"
            for tag, row in zip(tags, rows, strict=False)
        )
        return f"<div><p><b>{escape(self.verdict)}</b></p><table>{body}</table></div>"

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]
        return {"verdict": self.verdict, **{n: plain(v) for n, v in values.items()}}

    def to_json(self, path: str | Path | None = None) -> str:
        """The outcome as JSON text; with `path` also written there.

        Args:
            path: a file to write, replaced whole.
        """
        return json_text(self.to_dict(), path)


def plain(value: Any) -> Any:
    """JSON types; numbers that are not finite become None."""
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value
