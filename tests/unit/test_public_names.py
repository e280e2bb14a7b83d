"""The public face: every name is there whatever was imported before, and says so to editors."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import pellucid
from pellucid._core import absent
from pellucid._core.errors import NotHereError

PACKAGE = Path(pellucid.__file__).parent
LAZY = ("pellucid", "pellucid.doctor", "pellucid.report", "pellucid.vitals")


def names_for_editors(module):
    """The names that a package's `if TYPE_CHECKING:` block imports."""
    tree = ast.parse(Path(module.__file__).read_text())
    block = next(
        node
        for node in tree.body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    return {alias.name for node in block.body for alias in node.names}


@pytest.mark.parametrize("name", LAZY)
def test_the_names_for_editors_are_those_that_load(name):
    module = importlib.import_module(name)
    early = {n for n in module.__all__ if n in vars(module) and not _is_module(module, n)}
    assert names_for_editors(module) | early == set(module.__all__)
    for public in module.__all__:
        assert getattr(module, public) is not None
        assert public in dir(module)


def _is_module(module, name):
    return f"{module.__name__}.{name}" in sys.modules


def test_the_doctor_and_the_report_are_reachable_at_once():
    code = (
        "import pellucid as keras; keras.doctor.treat; keras.report.write; keras.saving; print(1)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout


@pytest.mark.parametrize("name", absent.MODULES)
def test_modules_that_are_not_here_say_why(name):
    reason = absent.MODULES[name][:30]
    with pytest.raises(AttributeError, match=reason):
        getattr(pellucid, name)
    assert not hasattr(pellucid, name)
    with pytest.raises(ImportError, match=reason):
        exec(f"from pellucid import {name}")
    with pytest.raises(ImportError, match=reason):
        exec(f"from pellucid.{name} import anything")


@pytest.mark.parametrize("name", absent.NAMES)
def test_names_that_are_not_here_say_why(name):
    with pytest.raises(NotHereError, match=f"pellucid.{name} is not here"):
        getattr(pellucid, name)


def test_what_nobody_has_is_an_ordinary_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = pellucid.nothing


@pytest.mark.parametrize(
    "line",
    [
        "from pellucid.layers import Dense",
        "from pellucid.utils import to_categorical",
        "from pellucid.preprocessing.sequence import pad_sequences",
        "from pellucid.preprocessing.image import img_to_array, load_img",
        "from pellucid.datasets import mnist",
        "from pellucid.callbacks import Callback",
        "from pellucid import backend as K",
        "from pellucid.saving import register_keras_serializable",
        "from pellucid.mixed_precision import set_global_policy",
        "from pellucid.optimizers.schedules import CosineDecay",
        "import pellucid.ops as ops",
        "import pellucid.backend as K",
        "from pellucid import tree, config, dtype_policies",
    ],
)
def test_the_import_lines_of_tutorials(line):
    exec(line)
