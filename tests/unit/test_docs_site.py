"""The documentation site holds what it should; `make test` builds it, strictly."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import pellucid
from pellucid._core.absent import MODULES

ROOT = Path(__file__).parents[2]
REFERENCE = "\n".join(page.read_text() for page in (ROOT / "docs/reference").glob("*.md"))
MODULES_HERE = sorted(
    name
    for name in pellucid.__all__
    if name.islower() and not name.startswith("_") and name not in MODULES
    if (ROOT / "pellucid" / name).is_dir() or (ROOT / "pellucid" / f"{name}.py").exists()
)


@pytest.mark.parametrize("name", MODULES_HERE)
def test_a_public_module_has_a_place_in_the_reference(name):
    assert re.search(rf"^::: pellucid\.{name}\b", REFERENCE, flags=re.MULTILINE), (
        "add it to a page of docs/reference"
    )


def test_every_page_of_guide_and_reference_is_in_the_navigation():
    navigation = (ROOT / "mkdocs.yml").read_text()
    for folder in ("guide", "reference", "benchmarks", "zh"):
        for page in (ROOT / "docs" / folder).glob("*.md"):
            assert f"{folder}/{page.name}" in navigation, page


def test_the_site_is_built_where_the_tests_run():
    make = (ROOT / "Makefile").read_text()
    commands = make.split("\ntest: ")[1].split("\n\n")[0]
    assert "$(SITE)" in commands
    assert "mkdocs build --strict" in make
