"""The project's bars on how much of Keras's vocabulary is here."""

from __future__ import annotations

from pathlib import Path

import pytest
from parity import coverage

from pellucid._core import absent

ROOT = Path(__file__).parents[2]
LEAST = {"layers": 0.95}
every_family = pytest.mark.parametrize("entry", coverage.coverage(), ids=lambda e: e.family)


@every_family
def test_every_name_is_here_or_left_out_for_a_reason(entry):
    assert entry.names
    assert [name for name, why in entry.absent.items() if not why] == []
    stale = set(coverage.ABSENT.get(entry.family, {})) - set(entry.absent)
    assert stale == set(), "listed as left out, but here, or no name of Keras"


def test_every_name_at_the_top_is_here_or_left_out_for_a_reason():
    import keras

    import pellucid

    names = {name for name in dir(keras) if not name.startswith("_") and name != "src"}
    here = {name for name in names if name in pellucid.__all__}
    left_out = {**absent.NAMES, **absent.MODULES}
    assert names - here == set(left_out), "each either here or with a reason"


@every_family
def test_the_share_reaches_its_bar(entry):
    if entry.family not in coverage.FAMILIES[: coverage.FAMILIES.index("models")]:
        assert len(entry.absent) <= 5  # each with a reason, by the test above
    elif entry.family == "callbacks":  # two need another package, or whole-model files
        assert len(entry.absent) <= 2
    else:
        assert entry.share >= LEAST.get(entry.family, 1.0)


def test_the_page_of_the_documentation_is_current():
    written = (ROOT / "docs" / "reference" / "keras-names.md").read_text()
    assert written == coverage.page(), "run: python tests/parity/coverage.py, into that file"


def test_a_failed_comparison_takes_its_name_off():
    nodes = ["tests/parity/test_layers_parity.py::test_masks[False-Dense(units=3)-(5,)]"]
    assert coverage.failed_names(nodes) == {"Dense"}
    here = next(line for line in coverage.table({"Dense"}) if line.startswith("layers"))
    entry = coverage.coverage()[0]
    assert str(len(entry.present) - 1) in here.split()
