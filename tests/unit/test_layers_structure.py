"""What a network consists of is read once, and anew as soon as it changes."""

import copy

import numpy as np
import pytest

from pellucid import Input, Model, Sequential, layers
from pellucid.layers import tree


class Blocks(Model):
    def __init__(self):
        super().__init__()
        self.blocks = [layers.Dense(2, name="a")]
        self.named = {"b": layers.Dense(2, name="b")}
        self.last = None

    def call(self, x):
        for block in [*self.blocks, *self.named.values()]:
            x = block(x)
        return x if self.last is None else self.last(x)


def paths(model):
    return list(tree.index(model))


@pytest.fixture
def model():
    model = Blocks()
    model(np.ones((1, 2), "float32"))
    return model


def test_nothing_is_read_twice_while_nothing_changes(model):
    known = tree.structure(model)
    model.compile("sgd", "mse")
    known = tree.structure(model)
    model.blocks[0].kernel = np.zeros((2, 2))
    model.set_weights(model.get_weights())
    model.predict(np.ones((2, 2)), verbose=0)
    assert tree.structure(model) is known


CHANGES = {
    "a layer is put at the end of a list": lambda m: m.blocks.append(layers.Dense(2, name="new")),
    "a layer takes another's place": lambda m: m.blocks.__setitem__(0, layers.Dense(2, name="new")),
    "a dictionary gets a key": lambda m: m.named.update(c=layers.Dense(2, name="new")),
    "an attribute is assigned": lambda m: setattr(m, "last", layers.Dense(2, name="new")),
    "a layer inside of a list has a new weight": lambda m: setattr(
        m.blocks[0], "new", m.blocks[0].add_weight(shape=(), name="new")
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_added_is_seen(model, name):
    before = paths(model)
    CHANGES[name](model)
    model(np.ones((1, 2), "float32"))
    assert any("/new" in path for path in paths(model))
    assert not any("/new" in path for path in before)


def test_what_is_taken_away_is_not_seen_any_more(model):
    model.blocks.clear()
    del model.named
    assert paths(model) == []


def test_flags_follow_layers_and_weights(model):
    assert all(model.trainable_flags().values())
    model.blocks[0].trainable = False
    assert list(model.trainable_flags().values()) == [False, False, True, True]
    model.named["b"].weights[1].trainable = False
    assert list(model.trainable_flags().values()) == [False, False, True, False]


def test_a_name_given_later_is_in_the_paths():
    inner = layers.Dense(2)
    model = Sequential([Input((2,)), inner])
    before = paths(model)
    inner._name = "other"
    assert paths(model) != before


def test_a_copy_has_a_structure_of_its_own(model):
    paths(model)
    for twin in (copy.copy(model), copy.deepcopy(model)):
        assert tree.structure(twin).root is twin
    twin.blocks.append(layers.Dense(2, name="new"))
    assert len(model.blocks) == 1
