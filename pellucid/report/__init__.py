"""The report of a run: one HTML file with findings, curves, the network and its answers.

`file.py` makes the file, `page.py` puts the page together from `sections/`, which draw with
`charts/` (SVG, no library: a handful of small functions that know this page's colours, and whose
text cannot become markup). NumPy only, and Pillow for samples that are pictures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._core.lazy import attach

if TYPE_CHECKING:
    from .file import write
    from .page import render

__getattr__, __dir__, __all__ = attach(__name__, {"render": "page", "write": "file"})
