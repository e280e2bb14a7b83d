"""The report of a run: one HTML file with findings, curves, the network and its answers.

`file.py` makes the file, `page.py` puts the page together from `sections/`, which draw with
`charts/` (SVG, no library: a handful of small functions that know this page's colours, and whose
text cannot become markup). NumPy only, and Pillow for samples that are pictures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .file import write
    from .page import render

_PLACES = {"render": "page", "write": "file"}

__all__ = ["render", "write"]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_PLACES[name]}", __name__), name)
