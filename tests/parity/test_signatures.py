"""Every public function, class and method takes what Keras's takes, or a table says why not."""

from __future__ import annotations

import pytest
from parity import signature_reasons as reasons
from parity import signatures


@pytest.mark.parametrize("name", signatures.MODULES)
def test_signatures_are_keras_s(name):
    unexplained = {
        path: what
        for path, what in signatures.differences(name).items()
        if reasons.reason(signatures.full(name, path)) is None
    }
    assert unexplained == {}


def test_a_difference_is_noticed():
    def keras_s(a, b=1, *, c=None): ...
    def same(a, b=1, *, c=None, more=2): ...
    def with_a_default(a=0, b=1, c=None): ...
    def another_default(a, b=2, *, c=None): ...
    def another_order(b=1, a=None, *, c=None): ...
    def one_missing(a, b=1): ...
    def one_required(a, b=1, *, c=None, more): ...

    theirs = signatures.arguments(keras_s)
    for function in (keras_s, same, with_a_default):
        assert signatures.fits(signatures.arguments(function), theirs)
    for function in (another_default, another_order, one_missing, one_required):
        assert not signatures.fits(signatures.arguments(function), theirs)
    assert signatures.text(theirs) == "(a, b=1, *, c=None)"


def test_no_reason_is_left_for_what_agrees():
    different = {
        signatures.full(name, path)
        for name in signatures.MODULES
        for path in signatures.differences(name)
    }
    assert {path for path in reasons.EXACT if path not in different} == set()
    assert set(reasons.METHODS) <= {path.rpartition(".")[2] for path in different}
