"""What goes into `fit` and `evaluate`: structures of targets, sizes that differ, short epochs."""

from __future__ import annotations

import keras
import numpy as np
import pytest

import pellucid

R = np.random.default_rng(0)
X = R.normal(size=(8, 3)).astype("float32")
A = R.normal(size=(8, 1)).astype("float32")
B = R.normal(size=(8, 2)).astype("float32")

FORMS = {
    "targets by name": (lambda a, b: [a, b], {"a": "mse", "b": "mae"}, {"b": B, "a": A}),
    "targets in order": (lambda a, b: {"a": a, "b": b}, ["mse", "mae"], (A, B)),
    "other keys": (lambda a, b: {"u": a, "v": b}, "mse", [A, B]),
    "lists of one": (lambda a, b: {"a": a, "b": b}, {"a": ["mse"], "b": ["mae"]}, [A, B]),
    "a list in a list": (lambda a, b: [a, b], ["mse", ["mae"]], [A, B]),
    "nested": (
        lambda a, b: [a, {"b": b, "c": a}],
        ["mse", {"b": "mse", "c": "mae"}],
        [A, {"b": B, "c": A}],
    ),
    "one for all": (lambda a, b: [a, {"b": b, "c": a}], "mse", [A, {"b": B, "c": A}]),
    "a list in a dictionary": (lambda a, b: {"p": [a, b]}, {"p": ["mse", "mae"]}, {"p": [A, B]}),
    "one of two": (lambda a, b: [a, b], ["mse", None], [A, B]),
    "a dictionary of one": (lambda a, b: {"a": a}, ["mse"], A),
}


def logs(module, form, streamed):
    outputs, loss, y = FORMS[form]
    inputs = module.layers.Input(shape=(3,))
    a, b = (
        module.layers.Dense(units, kernel_initializer="ones", name=name)(inputs)
        for units, name in ((1, "a"), (2, "b"))
    )
    model = module.Model(inputs, outputs(a, b))
    model.compile("sgd", loss)
    if streamed:
        return model.evaluate(batches(y), **QUIET)
    return model.evaluate(X, y, **QUIET)


QUIET = {"verbose": 0, "return_dict": True}


def batches(y):
    yield X, y


@pytest.mark.filterwarnings("ignore:Your input ran out of data")
@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("form", FORMS)
def test_structures_of_outputs_losses_and_targets(form, streamed):
    ours, theirs = logs(pellucid, form, streamed), logs(keras, form, streamed)
    assert ours == pytest.approx(theirs, rel=1e-4)


@pytest.mark.filterwarnings("ignore:Your input ran out of data")
@pytest.mark.filterwarnings("ignore::pellucid._core.errors.OutOfDataWarning")
def test_batches_of_any_size_and_weights_in_some_train_alike():
    """Lengths, numbers of rows and weights that differ; steps that do not divide the batches."""

    class Batches:
        sizes = ((4, 3), (4, 5), (2, 5), (4, 3), (3, 4))

        def __len__(self):
            return len(self.sizes)

        num_batches = len(sizes)

        def __getitem__(self, number):
            rows, steps = self.sizes[number]
            x, y = np.arange(rows * steps).reshape(rows, steps) % 7, np.ones((rows, 1), "float32")
            return (x, y) if number % 2 else (x, y, np.linspace(0.5, 2, rows))

    def trained(module):
        model = module.Sequential(
            [
                module.layers.Input(shape=(None,)),
                module.layers.Embedding(7, 2, mask_zero=True),
                module.layers.SimpleRNN(2),
                module.layers.Dense(1),
            ]
        )
        rng = np.random.default_rng(1)
        model.set_weights([rng.normal(size=w.shape) for w in model.get_weights()])
        model.compile("sgd", "mse", metrics=["mae"])
        data = type("Data", (Batches, module.utils.PyDataset), {})()
        more = {} if module is keras else {"doctor": None, "checkup": False}
        run = model.fit(data, epochs=3, steps_per_epoch=3, shuffle=False, verbose=0, **more)
        return run.history, model.get_weights(), model.evaluate(data, verbose=0)

    ours, theirs = trained(pellucid), trained(keras)
    for name, values in theirs[0].items():
        np.testing.assert_allclose(ours[0][name], values, rtol=1e-4)
    for one, other in zip(ours[1], theirs[1], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(ours[2], theirs[2], rtol=1e-4)
