"""Copies of networks made in this program, where functions need no names."""

import numpy as np
import pytest

from pellucid import Input, PellucidError, Sequential, layers, models


@pytest.mark.parametrize(
    "layer",
    [
        lambda: layers.Activation(lambda x: x * 2.0),
        lambda: layers.Dense(4, kernel_initializer="identity", activation=lambda x: x * 2.0),
    ],
)
def test_functions_without_a_name_are_cloned_but_not_written_down(layer):
    model = Sequential([Input((3, 4)), layer()])
    x = np.arange(24.0, dtype="float32").reshape(2, 3, 4)
    np.testing.assert_array_equal(models.clone_model(model)(x), 2 * x)
    again = models.clone_model(model, clone_function=lambda t: type(t).from_config(t.get_config()))
    np.testing.assert_array_equal(again(x), 2 * x)
    with pytest.raises(PellucidError, match="cannot be written"):
        model.get_config()
