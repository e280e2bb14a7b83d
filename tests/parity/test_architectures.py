"""The networks of `architectures.py` train here, to the numbers of Keras 3.15 on JAX."""

from __future__ import annotations

import numpy as np
import pytest
from parity import architectures

import pellucid

PROGRAMS = {
    "vision_transformer": [1.109546, 1.013087],
    "conv_mixer": [1.08052, 1.080185],
    "compact_transformer": [0.809989, 0.806859],
    "shifted_windows": [0.717431, 0.699778],
    "masked_words": [2.201712, 2.184371],
    "named_entities": [1.009253, 1.007906],
    "speech": [8.563005, 8.553671],
    "contrastive_pictures": [1.404696, 1.33177],
    "u_net": [1.101424, 1.096064],
    "retina_net": [1.08294, 1.06533],
    "wide_and_deep": [0.674104, 0.673033],  # Keras on JAX takes no texts: a record of our own
    "gated_selection": [0.696912, 0.696124],
    "decision_forest": [0.676597, 0.676124],
    "radiance_field": [0.364603, 0.364603],
    "spectrograms": [0.61041, 0.606198],
    "windows_of_a_series": [0.466717, 0.459189],
}


def test_each_has_its_numbers():
    assert [program.__name__ for program in architectures.PROGRAMS] == list(PROGRAMS)


@pytest.mark.parametrize("program", architectures.PROGRAMS, ids=lambda program: program.__name__)
def test_it_trains_to_the_numbers_of_keras(program):
    np.testing.assert_allclose(program(pellucid), PROGRAMS[program.__name__], rtol=2e-4)
