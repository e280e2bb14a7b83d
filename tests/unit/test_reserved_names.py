"""Attributes of layers and networks whose names have a meaning; a forgotten super().__init__()."""

import numpy as np
import pytest

from pellucid import Model, PellucidError, Sequential, layers


class Net(Model):
    def __init__(self, name, value):
        super().__init__()
        self.d = layers.Dense(1)
        setattr(self, name, value)


@pytest.mark.parametrize(
    "name",
    ["graph", "inputs", "output", "layers", "weights", "variables", "metrics", "losses", "session"],
)
def test_a_reserved_name_is_refused_by_name(name):
    with pytest.raises(AttributeError, match=repr(name)) as caught:
        Net(name, [1])
    assert isinstance(caught.value, PellucidError)


def test_the_name_can_be_assigned():
    layer = layers.Dense(1)
    layer.name = "hidden"
    assert layer.name == layer.get_config()["name"] == "hidden"
    with pytest.raises(PellucidError, match="text"):
        layer.name = 3


def test_a_forgotten_constructor_is_told():
    class Forgot(Model):
        def __init__(self):
            self.d = layers.Dense(1)

    assert not hasattr(Forgot(), "anything")
    with pytest.raises(RuntimeError, match=r"super\(\).__init__\(\)"):
        Forgot()(np.ones((2, 3)))


def test_a_stack_is_built_for_its_own_input_only():
    model = Sequential([layers.Input((2,), batch_size=3), layers.Dense(2)])
    model.build((3, 2))
    with pytest.raises(ValueError, match="already been configured"):
        model.build((3, 4))
    with pytest.raises(ValueError, match="no layers"):
        Sequential().build((3, 4))


def test_a_shared_layer_tells_its_first_call():
    a, b, shared = layers.Input((2,)), layers.Input((2,)), layers.Dense(1)
    shared(a), shared(b)
    assert shared.input is a
    assert Model(a, shared.output).output_shape == (None, 1)
