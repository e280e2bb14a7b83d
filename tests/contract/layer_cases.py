"""Every layer with the arguments and inputs that the contract and parity suites try it with.

One line per configuration, in the file of `cases/` that its folder in `pellucid/layers` names. A
class that is registered but missing there fails the contract suite.
"""

from __future__ import annotations

import inspect
from collections import Counter
from typing import Any

import pytest
from contract.cases import (
    activation,
    attention,
    conv,
    core,
    images,
    merging,
    normalization,
    pooling,
    preprocessing,
    recurrent,
    regularization,
    reshaping,
    text,
)
from contract.cases.specs import Case

import pellucid
from pellucid import layers
from pellucid._core.specs import deserialize

__all__ = [
    "CASES",
    "NOT_ALONE",
    "Case",
    "as_parameters",
    "built",
    "every_case",
    "knows_modes",
    "make",
    "one_case_a_layer",
]

TABLES = [
    core,
    activation,
    conv,
    pooling,
    normalization,
    regularization,
    recurrent,
    attention,
    reshaping,
    merging,
    preprocessing,
    text,
    images,
]
CASES: list[Case] = [case for table in TABLES for case in table.CASES]

# Registered, but a way of building layers rather than a layer with one behaviour to check.
NOT_ALONE = {
    "Layer": "the base class: it has no call",
    "Model": "tested as whole networks",
    "Sequential": "tested as whole networks",
    "Wrapper": "the base of wrappers: it has no call",
}

CONFIGURATIONS = 2  # of each layer in every run; `make test-all` tries them all


def as_parameters(cases: list[Case]) -> list[Any]:
    """Cases for `parametrize`; those beyond a layer's first few are marked `exhaustive`."""
    seen: Counter[str] = Counter()
    parameters = []
    for case in cases:
        seen[case.layer] += 1
        marks = [pytest.mark.exhaustive] if seen[case.layer] > CONFIGURATIONS else []
        parameters.append(pytest.param(case, marks=marks))
    return parameters


every_case = pytest.mark.parametrize("case", as_parameters(CASES), ids=str)
# The first configuration of each layer: for what costs a compilation and hardly depends on them.
_FIRST = list({case.layer: case for case in reversed(CASES)}.values())
one_case_a_layer = pytest.mark.parametrize("case", _FIRST, ids=str)
# For what the parity suite compares as well, with Keras: every run tries the other layers alone.
one_case_where_keras_has_none = pytest.mark.parametrize(
    "case",
    [pytest.param(case, marks=[pytest.mark.exhaustive] * bool(case.keras)) for case in _FIRST],
    ids=str,
)


@pellucid.register("function", "contract_square")
def _square(x):
    return x**2


def make(case: Case, **extra):
    """A fresh layer; configurations among its arguments become objects."""
    arguments = dict(case.arguments)
    if case.layer != "GetItem":  # where a slice is written as a dictionary
        arguments = {name: deserialize(value) for name, value in arguments.items()}
    return getattr(layers, case.layer)(**arguments, **extra)


def built(case: Case, batch: int = 3, **extra):
    """A layer that was called once, and what it was called on."""
    layer, x = make(case, **extra), case.draw(batch)
    layer(*case.positional(x), **case.call)
    return layer, x


def knows_modes(case: Case) -> bool:
    """Whether the layer, or one inside it, is told if it is training."""
    return "training" in inspect.signature(getattr(layers, case.layer).call).parameters or any(
        isinstance(value, (dict, list)) for value in case.arguments.values()
    )
