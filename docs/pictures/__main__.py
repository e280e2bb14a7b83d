"""Draws `docs/doctor/pictures/RULE.svg` for every rule; the same text every time.

python -m docs.pictures              all of them
python -m docs.pictures RULE ...     some of them
"""

from __future__ import annotations

import sys
from pathlib import Path

from pellucid.report.charts.standalone import standalone

from .table import PICTURES

FOLDER = Path(__file__).parents[1] / "doctor" / "pictures"


def main(names: list[str]) -> None:
    FOLDER.mkdir(exist_ok=True)
    for name in names or PICTURES:
        heading, draw = PICTURES[name]
        (FOLDER / f"{name}.svg").write_text(standalone(draw(), heading), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
