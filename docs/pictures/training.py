"""Draws the curve on the first page of the site, from the program that stands there.

python -m docs.pictures.training
"""

from __future__ import annotations

import re
from pathlib import Path

from pellucid.report.charts.standalone import standalone
from pellucid.report.sections.curves import loss

DOCS = Path(__file__).parents[1]


def main() -> None:
    page = (DOCS / "index.md").read_text(encoding="utf-8")
    names: dict = {}
    for code in re.findall(r"^```python\n(.*?)^```", page, flags=re.DOTALL | re.MULTILINE):
        exec(code, names)
    figure = loss(names["history"].vitals)
    chart = figure.find("svg") if figure is not None else None
    assert chart is not None
    text = standalone(chart, "Handwritten digits: loss by epoch")
    (DOCS / "guide" / "pictures" / "first-network.svg").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
