"""Every example in a docstring runs and prints what it says."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "pellucid"


def module_names() -> list[str]:
    """Every module of the package that has an example."""
    names = []
    for path in sorted(PACKAGE.rglob("*.py")):
        if ">>>" in path.read_text():
            parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
            names.append(".".join(part for part in parts if part != "__init__"))
    return names


@pytest.mark.slow
@pytest.mark.parametrize("name", module_names())
def test_examples(name):
    module = importlib.import_module(name)
    result = doctest.testmod(module)
    # Examples that would download something say so.
    assert result.attempted or "+SKIP" in Path(module.__file__).read_text()
    assert not result.failed
