"""Models cloned, written as JSON and as trees of weights: as Keras does."""

from __future__ import annotations

import keras
import numpy as np
import pytest

import pellucid
from pellucid import Input, Model, Sequential, layers, models
from pellucid._core.errors import PellucidWarning

BOTH = pytest.mark.parametrize("library", [pellucid, keras], ids=["pellucid", "keras"])


def stack(library):
    return library.Sequential(
        [library.Input((3,)), library.layers.Dense(4, name="a"), library.layers.Dense(2, name="b")],
        name="stack",
    )


def graph(library):
    x = library.Input((3,), name="x")
    y = library.Input((3,), name="y")
    shared = library.layers.Dense(4, name="shared")
    z = library.layers.Add(name="sum")([shared(x), shared(y)])
    return library.Model([x, y], library.layers.Dense(2, name="out")(z), name="graph")


@BOTH
@pytest.mark.parametrize("make", [stack, graph])
def test_a_clone_has_the_architecture_and_layers_of_its_own(library, make):
    model = make(library)
    twin = library.models.clone_model(model)
    assert type(twin) is type(model)
    assert twin.name == model.name
    assert [layer.name for layer in twin.layers] == [layer.name for layer in model.layers]
    assert [w.shape for w in twin.weights] == [w.shape for w in model.weights]
    assert not set(map(id, twin.layers)) & set(map(id, model.layers))
    twin.set_weights(model.get_weights())
    x = [np.ones((2, 3), "float32")] * len(model.inputs)
    x = x if len(x) > 1 else x[0]
    np.testing.assert_allclose(np.asarray(twin(x)), np.asarray(model(x)), rtol=1e-6)


@BOTH
@pytest.mark.parametrize("make", [stack, graph])
def test_layers_may_be_replaced_or_kept(library, make):
    model = make(library)

    def bare(layer):
        if isinstance(layer, library.layers.Dense):
            return library.layers.Dense(layer.units, use_bias=False, name=layer.name)
        return layer.__class__.from_config(layer.get_config())

    twin = library.models.clone_model(model, clone_function=bare)
    assert len(twin.weights) == len(model.weights) // 2
    same = library.models.clone_model(model, clone_function=lambda layer: layer)
    assert same.weights[0] is model.weights[0]


@BOTH
def test_calls_may_be_replaced(library):
    def call(layer, *args, **kwargs):
        out = layer(*args, **kwargs)
        if layer.name == "shared":
            out = library.layers.Dropout(0.5)(out)
        return out

    twin = library.models.clone_model(graph(library), call_function=call)
    names = [type(layer).__name__ for layer in twin.layers]
    assert names.count("Dropout") == 2
    with pytest.raises(ValueError, match="call_function"):
        library.models.clone_model(stack(library), call_function=call)


@BOTH
def test_models_within_models(library):
    inner = stack(library)
    outer = library.Sequential([library.Input((3,)), inner, library.layers.Dense(1)])
    seen = []

    def note(layer):
        seen.append(layer.name)
        return layer.__class__.from_config(layer.get_config())

    library.models.clone_model(outer, clone_function=note, recursive=True)
    assert "a" in seen
    assert "stack" not in seen
    seen.clear()
    library.models.clone_model(outer, clone_function=note)
    assert "a" not in seen
    assert "stack" in seen


@BOTH
def test_inputs_of_ones_own(library):
    x = library.Input((3,), batch_size=7)
    twin = library.models.clone_model(stack(library), input_tensors=x)
    assert twin.output_shape == (7, 2)
    with pytest.raises(ValueError):
        library.models.clone_model(graph(library), input_tensors=[x])
    with pytest.raises(ValueError):
        library.models.clone_model(graph(library), input_tensors={"x": x, "y": x})
    with pytest.raises(ValueError):
        library.models.clone_model(stack(library), input_tensors=3)


@BOTH
def test_a_model_as_json(library):
    for make in (stack, graph):
        model = make(library)
        again = library.models.model_from_json(model.to_json(indent=2))
        assert again.name == model.name
        assert [layer.name for layer in again.layers] == [layer.name for layer in model.layers]

    class Doubled(library.layers.Layer):
        def call(self, x):
            return 2 * x

    model = library.Sequential([library.Input((3,)), Doubled(name="twice")])
    again = library.models.model_from_json(model.to_json(), custom_objects={"Doubled": Doubled})
    assert type(again.layers[0]) is Doubled
    with pytest.raises((ValueError, TypeError)):
        library.models.model_from_json(model.to_json())
    named = library.Sequential.from_config(model.get_config(), custom_objects={"Doubled": Doubled})
    assert type(named.layers[0]) is Doubled


@BOTH
def test_trees_of_weights(library):
    model = graph(library)
    model.compile("sgd", "mse")
    tree = model.get_state_tree(value_format="numpy_array")
    assert set(tree) == {
        "trainable_variables",
        "non_trainable_variables",
        "optimizer_variables",
        "metrics_variables",
    }
    with pytest.raises(ValueError):
        model.get_state_tree("other")
    branch = tree["trainable_variables"]
    while "shared" not in branch:
        branch = next(iter(branch.values()))
    branch["shared"]["bias"] = np.full(4, 3.0, "float32")
    model.set_state_tree({"trainable_variables": tree["trainable_variables"]})
    assert np.asarray(model.get_layer("shared").bias)[0] == 3.0


def test_a_state_tree_of_something_else_is_refused():
    model = stack(pellucid)
    with pytest.raises(LookupError, match="trainable_variables"):
        model.set_state_tree({"trainable": {}})
    with pytest.raises(LookupError, match="stack/a/kernel"):
        model.set_state_tree({"trainable_variables": {"stack": {"a": {"kernl": 1}}}})


def test_clones_of_subclasses_and_what_is_no_model():
    class Own(Model):
        def __init__(self, units=2, **kwargs):
            super().__init__(**kwargs)
            self.units = units
            self.dense = layers.Dense(units)

        def call(self, x):
            return self.dense(x)

    assert models.clone_model(Own(5)).units == 5
    with pytest.raises(ValueError, match="clone_function"):
        models.clone_model(Own(), clone_function=lambda layer: layer)
    with pytest.raises(ValueError, match="takes a model"):
        models.clone_model(layers.Dense(2))
    with pytest.raises(ValueError, match="JSON"):
        models.model_from_json("{")


def test_weights_that_fit_are_loaded_and_the_others_named(tmp_path):
    path = tmp_path / "w.weights.safetensors"
    model = stack(pellucid)
    model.save_weights(path)
    other = Sequential(
        [Input((3,)), layers.Dense(4, name="a"), layers.Dense(5, name="b")], name="stack"
    )
    before = other.get_weights()
    with pytest.raises(ValueError, match="nothing was loaded"):
        other.load_weights(path)
    with pytest.warns(PellucidWarning, match="2 of the 4 weights"):
        other.load_weights(path, skip_mismatch=True)
    np.testing.assert_array_equal(other.get_weights()[0], model.get_weights()[0])
    np.testing.assert_array_equal(other.get_weights()[2], before[2])


@BOTH
@pytest.mark.parametrize(
    ("family", "thing"),
    [
        ("activations", lambda lib: lambda x: x),
        ("losses", lambda lib: lambda y_true, y_pred: y_pred),
        ("initializers", lambda lib: type("Own", (lib.initializers.Zeros,), {})),
        ("regularizers", lambda lib: type("Own", (lib.regularizers.L2,), {})),
        ("constraints", lambda lib: type("Own", (lib.constraints.NonNeg,), {})),
        ("metrics", lambda lib: type("Own", (lib.metrics.MeanSquaredError,), {})),
        ("optimizers", lambda lib: type("Own", (lib.optimizers.SGD,), {})),
    ],
)
def test_own_names_in_every_family(library, family, thing):
    own = thing(library)
    deserialize = getattr(library, family).deserialize
    written = {"class_name": "Own", "config": {}} if isinstance(own, type) else "Own"
    if family == "optimizers":
        written["config"] = {"learning_rate": 0.5}
    found = deserialize(written, custom_objects={"Own": own})
    if isinstance(own, type):
        assert type(found) is own
    if library is pellucid:  # and forgets the name at once
        with pytest.raises(ValueError, match="Own"):
            deserialize({"class_name": "Own", "config": {}})


def test_a_clone_is_compiled_like_its_model():
    import pellucid

    model = pellucid.Sequential([pellucid.Input((3,)), pellucid.layers.Dense(1)])
    assert not pellucid.models.clone_model(model).compiled
    square = pellucid.losses.MeanSquaredError()
    model.compile(pellucid.optimizers.SGD(0.3), square, metrics=[lambda y, p: abs(y - p)])
    twin = pellucid.models.clone_model(model)
    assert (float(twin.optimizer.learning_rate), type(twin.loss)) == (0.3, type(square))
    assert twin.optimizer is not model.optimizer
    assert twin.loss is not square
    assert np.isfinite(twin.evaluate(np.ones((2, 3)), np.ones((2, 1)), verbose=0)).all()
