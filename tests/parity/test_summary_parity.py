"""`summary` counts what Keras's counts."""

from __future__ import annotations

import re

import keras

from pellucid import Sequential, layers


def test_totals_are_those_of_keras():
    texts = []
    for sequential, kind in ((Sequential, layers), (keras.Sequential, keras.layers)):
        model = sequential(
            [
                kind.Input(shape=(40,)),
                kind.Dense(80),
                kind.BatchNormalization(),
                kind.Dense(3),
            ]
        )
        said: list[str] = []
        model.summary(print_fn=lambda text, **_: said.append(text))  # noqa: B023
        texts.append("\n".join(said))
    pattern = r"(Total|Trainable|Non-trainable) params: ([\d,]+ \([\d.]+ K?B\))"
    ours, theirs = (re.findall(pattern, text) for text in texts)
    assert ours == theirs
    assert len(ours) == 3
