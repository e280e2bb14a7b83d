"""Every rule has a page with a picture, and the pictures are what their script draws."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pellucid.doctor import load_rules

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "doctor"
RULES = sorted(load_rules())


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_has_a_page_with_a_picture(rule):
    text = (PAGES / f"{rule}.md").read_text()
    found = re.findall(rf"!\[([^\]]+)\]\(pictures/{rule}\.svg\)", text)
    assert len(found) == 1, "add a line to docs/pictures/table.py, and the picture to the page"
    picture = (PAGES / "pictures" / f"{rule}.svg").read_text()
    assert len(picture) < 30_000
    root = ElementTree.fromstring(picture)
    assert root.find("{http://www.w3.org/2000/svg}title").text
    assert "http" not in picture.replace("http://www.w3.org/2000/svg", "")


def test_there_is_no_picture_of_a_rule_that_is_gone():
    assert {path.stem for path in (PAGES / "pictures").glob("*.svg")} == set(RULES)


@pytest.fixture
def script(tmp_path, monkeypatch):
    """The script, writing elsewhere."""
    monkeypatch.syspath_prepend(str(ROOT))
    from docs.pictures import __main__ as script

    monkeypatch.setattr(script, "FOLDER", tmp_path)
    return script


def test_the_pictures_are_what_the_script_draws(script):
    """Else: `python -m docs.pictures`."""
    some = [
        "softmax-twice",
        "hinge-with-probabilities",
        "class-imbalance",
        "batch-larger-than-data",
    ]
    script.main(some)
    for name in some:
        drawn = (script.FOLDER / f"{name}.svg").read_text()
        assert drawn == (PAGES / "pictures" / f"{name}.svg").read_text(), name


@pytest.mark.slow
def test_every_picture_can_be_drawn(script):
    script.main([])
    assert {path.stem for path in script.FOLDER.glob("*.svg")} == set(RULES)
