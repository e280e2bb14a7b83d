"""Every layer against its namesake in Keras: constructor, weights, shapes, numbers, gradients.

Generated from the contract suite's table, so that a new layer is compared by the line that adds it.
"""

from __future__ import annotations

import inspect
import json
import warnings
from collections import defaultdict

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
from contract.layer_cases import CASES, Case, as_parameters, knows_modes, make

from pellucid import Input, Model, layers, utils
from pellucid.layers.building import placeholders
from pellucid.layers.context import Context, bind
from pellucid.layers.symbolic import SymbolicTensor, leaves

shared = [case for case in CASES if case.keras]
every_case = pytest.mark.parametrize("case", as_parameters(shared), ids=str)

# Arguments that only one side has, and why.
QUANTIZED = dict.fromkeys(
    ("lora_rank", "lora_alpha", "quantization_config"),
    "low-rank adapters and quantised weights are not part of these layers",
)
EXCEPTIONS: dict[str, dict[str, str]] = {
    "Dense": QUANTIZED,
    "EinsumDense": {**QUANTIZED, "gptq_unpacked_column_size": QUANTIZED["quantization_config"]},
    "Embedding": {
        **QUANTIZED,
        "input_length": "old programs pass it; Keras takes it too, but by way of **kwargs",
    },
    "LayerNormalization": {"rms_scaling": "Keras takes it by way of **kwargs"},
    **{
        name: {"implementation": "Keras takes it by way of **kwargs"}
        for name in ("LSTM", "LSTMCell", "GRU", "GRUCell")
    },
}
# Our configurations hold these as they were given, by name.
SAME_SHAPE_FAMILY = ("initializer", "regularizer", "constraint")


def keras_layer(case: Case):
    arguments = {name: keras_value(value) for name, value in case.arguments.items()}
    return getattr(keras.layers, case.layer)(**arguments)


def keras_value(value):
    """A configuration among a case's arguments as Keras's object, lists item by item."""
    if isinstance(value, list):
        return [keras_value(item) for item in value]
    if not isinstance(value, dict) or "class_name" not in value:
        return value
    for module in (keras.layers, keras.regularizers, keras.initializers, keras.constraints):
        if hasattr(module, value["class_name"]):
            config = {name: keras_value(item) for name, item in value["config"].items()}
            return getattr(module, value["class_name"])(**config)
    raise LookupError(value["class_name"])


def call(case, layer, x, **extra):
    return layer(*case.positional(x), **case.call, **extra)


def pair(case: Case, batch: int = 3):
    """Both layers with the same weights, and an input."""
    x = case.draw(batch)
    ours, theirs = make(case), keras_layer(case)
    if case.takes_floats:  # drawn, not run: their weights need no compiled operation
        call(case, ours, case.packed([placeholders(a.shape, a.dtype.name) for a in leaves(x)]))
        call(case, theirs, case.packed([keras.KerasTensor(a.shape, a.dtype) for a in leaves(x)]))
    else:
        call(case, ours, x)
        call(case, theirs, x)
    rng = np.random.default_rng(5)
    values = [
        np.abs(w + rng.normal(0, 0.3, w.shape)).astype("float32") if w.dtype.kind == "f" else w
        for w in ours.get_weights()
    ]
    ours.set_weights(values)
    weights = [w for w in theirs.weights if "seed_generator" not in w.path]
    assert [w.name for w in weights] == [w.name for w in ours.weights]
    assert [tuple(w.shape) for w in weights] == [w.shape for w in ours.weights]
    for weight, value in zip(weights, values, strict=True):
        weight.assign(value)
    if hasattr(theirs, "finalize_state"):
        theirs.finalize_state()
    return ours, theirs, x


def close(ours, theirs, rtol=1e-5, least=1e-3):
    """Within `rtol` of the largest value: single values near zero carry others' rounding."""
    for a, b in zip(leaves(ours), leaves(theirs), strict=True):
        a, b = np.asarray(a), np.asarray(b)
        assert a.shape == b.shape
        scale = float(np.max(np.abs(b), initial=0.0))
        np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol * max(scale, least))


@pytest.mark.parametrize(
    "case", {c.layer: c for c in reversed(shared) if c.takes_floats}.values(), ids=str
)
def test_weights_begin_with_the_same_spread(case):
    """Weights of all other tests are copied: here both draw their own, several times."""
    ours, theirs = defaultdict(list), defaultdict(list)
    for seed in range(16):
        utils.set_random_seed(seed)
        mine, other = make(case), keras_layer(case)
        x = leaves(case.draw(2))
        call(case, mine, case.packed([placeholders(a.shape, a.dtype.name) for a in x]))
        call(case, other, case.packed([keras.KerasTensor(a.shape, a.dtype) for a in x]))
        for number, weight in enumerate(mine.get_weights()):
            ours[number].append(np.ravel(weight))
        kept = [w for w in other.weights if "seed_generator" not in w.path]
        for number, weight in enumerate(kept):
            theirs[number].append(np.ravel(weight))
        if not any(len(w[0]) > 1 and np.std(w[0]) > 0 for w in theirs.values()):
            break
    for number, drawn in theirs.items():
        expected, found = np.concatenate(drawn), np.concatenate(ours[number])
        if expected.dtype.kind == "f" and len(np.unique(expected)) >= 100:
            assert found.std() == pytest.approx(expected.std(), rel=0.25)
            assert np.abs(found).max() == pytest.approx(np.abs(expected).max(), rel=0.35)


def signature(cls):
    """Argument names and defaults, in order, without what is passed on to the base class."""
    if cls.__init__ is layers.Layer.__init__:
        return []
    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
    return [(p.name, p.default) for p in parameters if p.kind is not p.VAR_KEYWORD]


# Keras computes these with TensorFlow, so that only their constructors can be compared here.
NEED_TENSORFLOW = {
    "StringLookup",
    "IntegerLookup",
    "TextVectorization",
    "Hashing",
    "HashedCrossing",
}


@pytest.mark.parametrize(
    "name", sorted({case.layer for case in shared} | {"InputLayer"} | NEED_TENSORFLOW)
)
def test_constructor_arguments_and_defaults(name):
    left_out = EXCEPTIONS.get(name, {})
    ours = [item for item in signature(getattr(layers, name)) if item[0] not in left_out]
    theirs = [item for item in signature(getattr(keras.layers, name)) if item[0] not in left_out]
    assert ours == theirs
    both = {n for n, _ in signature(getattr(layers, name))}
    both ^= {n for n, _ in signature(getattr(keras.layers, name))}
    assert both == set(left_out), "an exception that is none, or an argument without a reason"


def test_input_takes_the_same_arguments():
    ours = list(inspect.signature(layers.Input).parameters)
    theirs = list(inspect.signature(keras.Input).parameters)
    assert [n for n in ours if n != "unknown"] == theirs


@every_case
def test_weights_names_order_flags_and_shapes(case):
    ours, theirs, _ = pair(case)
    assert ours.count_params() == sum(
        int(np.prod(w.shape)) for w in theirs.weights if "seed_generator" not in w.path
    )
    assert [w.name for w in ours.trainable_weights] == [w.name for w in theirs.trainable_weights]
    assert ours.supports_masking == theirs.supports_masking
    drawn = [keras.KerasTensor((None, *spec.shape), spec.dtype) for spec in case.inputs]
    expected = leaves(call(case, theirs, case.packed(drawn)))
    drawn = [SymbolicTensor((None, *spec.shape), spec.dtype) for spec in case.inputs]
    got = leaves(call(case, ours, case.packed(drawn)))
    assert [y.shape for y in got] == [tuple(y.shape) for y in expected]


def means_the_same(ours, theirs):
    """Equal, or one number where Keras writes down several that follow from it."""
    if isinstance(theirs, dict) and "class_name" in theirs:
        return ours["class_name"] == theirs["class_name"]  # compared by its numbers
    if not isinstance(theirs, list):
        return ours == theirs
    if isinstance(ours, float) and theirs in ([0, ours], [-ours, ours]):
        return True  # a factor, as what is drawn lies between
    each = ours if isinstance(ours, list) else [ours] * len(theirs)  # one for every axis
    return len(each) == len(theirs) and all(map(means_the_same, each, theirs))


@every_case
def test_config_means_the_same(case):
    """What Keras writes down, apart from names and objects, we write down with the same values."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = json.loads(json.dumps(keras_layer(case).get_config()))
    ours = json.loads(json.dumps(make(case).get_config()))
    for name, value in theirs.items():
        if name in ("dtype", "name", *QUANTIZED) or name in EXCEPTIONS.get(case.layer, {}):
            continue
        if name == "activity_regularizer" and not value:
            continue
        if isinstance(value, dict) or name.endswith(SAME_SHAPE_FAMILY):
            continue  # compared by their numbers
        if name == "axis" and case.layer == "Normalization":
            value = None if value == [] else value[0] if len(value) == 1 else value
        if name in ("data_format", "activation") and ours[name] is None:
            assert value in ("channels_last", "linear")
            continue
        if name == "arguments" and ours[name] is None:
            continue
        if name == "strides" and ours[name] is None:
            assert value == theirs["pool_size"]
            continue
        assert means_the_same(ours[name], value), name


@pytest.mark.slow
@every_case
@pytest.mark.parametrize("training", [False, True])
def test_outputs_gradients_and_updates(case, training):
    if case.random and training:
        return  # other random numbers: see the statistics in the unit tests
    if training and not knows_modes(case):
        return  # nothing in it could differ from inference
    ours, theirs, x = pair(case)
    if training and not ours.non_trainable_weights:
        return  # nothing is drawn and nothing remembered: the mode changes no number
    arrays = [jnp.asarray(a) for a in leaves(x)]
    theirs_order = list(theirs.trainable_variables)
    fixed = [v.value for v in theirs.non_trainable_variables]
    takes_training = "training" in inspect.signature(theirs.call).parameters
    extra = {"training": training} if takes_training else {}

    def value_of_theirs(trainable, inputs):
        y, updates = theirs.stateless_call(
            trainable, fixed, *case.positional(case.packed(inputs)), **case.call, **extra
        )
        return weighed(y), (y, updates)

    variables = ours.variable_tree()
    paths = [w.path for w in ours.trainable_weights]

    def value_of_ours(trainable, inputs):
        bound = {**variables, **dict(zip(paths, trainable, strict=True))}
        inputs = case.positional(case.packed(inputs))
        y, updates = ours.apply(bound, *inputs, training=training, **case.call)
        return weighed(y), (y, updates)

    def weighed(outputs):
        """One number, each output's values with weights of their own."""
        rng = np.random.default_rng(2)
        arrays = leaves(outputs)
        return sum(jnp.sum(y * rng.standard_normal(y.shape).astype("float32")) for y in arrays)

    starts, theirs_starts = [variables[p] for p in paths], [v.value for v in theirs_order]
    arguments = (0, 1) if case.takes_floats else (0,)
    differentiable = (case.takes_floats or bool(paths)) and all(
        jnp.issubdtype(a.dtype, jnp.floating)
        for a in leaves(jax.eval_shape(value_of_ours, starts, arrays)[1][0])
    )
    if differentiable:  # one compiled program a side gives outputs, updates and gradients
        (_, (y, updates)), got = jax.jit(
            jax.value_and_grad(value_of_ours, arguments, has_aux=True)
        )(starts, arrays)
        (_, (expected, expected_updates)), wanted = jax.jit(
            jax.value_and_grad(value_of_theirs, arguments, has_aux=True)
        )(theirs_starts, arrays)
    else:
        y, updates = value_of_ours(starts, arrays)[1]
        expected, expected_updates = value_of_theirs(theirs_starts, arrays)[1]
    assert [a.dtype for a in leaves(y)] == [a.dtype for a in leaves(expected)]
    close(y, expected)

    state = [updates.get(w.path, variables[w.path]) for w in ours.non_trainable_weights]
    expected_state = [
        value
        for variable, value in zip(theirs.non_trainable_variables, expected_updates, strict=True)
        if "seed_generator" not in variable.path
    ]
    close(state, expected_state)

    if not differentiable:
        return
    # A gradient that is zero but for rounding: attention does not depend on the bias of its keys.
    largest = max((float(jnp.max(jnp.abs(g), initial=0.0)) for g in leaves(wanted)), default=0.0)
    close(got[0], wanted[0], least=max(1e-3, 0.05 * largest))


# Where the same mask gives other numbers, and why that is right.
OTHER_MASKS = {
    **dict.fromkeys(
        ("MultiHeadAttention", "GroupQueryAttention"),
        "a masked query gives zeros; in Keras so only with dropout or scores, else the mean over "
        "all steps: compared at the real steps in test_attention_parity.py",
    ),
    "Softmax": "Keras refuses a mask per step here; we give masked steps probability 0",
}


def steps_case(case: Case) -> bool:
    sizes = {spec.shape[0] if len(spec.shape) == 2 else None for spec in case.inputs}
    return (
        case.takes_floats
        and sizes == {4}
        and not (case.random or case.mixes_steps or case.layer in ("Masking", *OTHER_MASKS))
    )


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Layer .* mask")
@pytest.mark.parametrize("case", [case for case in shared if steps_case(case)], ids=str)
@pytest.mark.parametrize("training", [False, True])
def test_masks(case, training):
    """A mask made upstream gives the same outputs and the same mask further on."""
    ours, theirs, x = pair(case)
    arrays = leaves(x)
    rng = np.random.default_rng(4)
    for array in arrays:
        array[rng.random(array.shape[:2]) < 0.4] = 0.0
        array[:, 0] = 1.0
    takes_training = "training" in inspect.signature(theirs.call).parameters
    extra = {"training": training} if takes_training else {}

    masked = [keras.layers.Masking()(array) for array in arrays]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras warns where it drops a mask; so do we
        expected = leaves(call(case, theirs, case.packed(masked), **extra))[0]
    expected_mask = keras.src.backend.get_keras_mask(expected)

    context = Context(training=training)
    with bind(context):
        masked = [layers.Masking()(jnp.asarray(array)) for array in arrays]
        y = leaves(call(case, ours, case.packed(masked)))[0]
        mask = context.mask_of(y)
    close(y, expected)
    assert (mask is None) == (expected_mask is None)
    if mask is not None:
        np.testing.assert_array_equal(np.asarray(mask), np.asarray(expected_mask))


def test_masks_of_inputs_that_differ():
    """Merging layers: each with its own steps masked, one input without any mask."""
    rng = np.random.default_rng(0)
    a, b = (rng.standard_normal((3, 4, 2)).astype("float32") for _ in range(2))
    a[rng.random((3, 4)) < 0.5] = 0.0
    b[rng.random((3, 4)) < 0.5] = 0.0
    for name in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"):
        for both in (True, False):
            first = keras.layers.Masking()(a)
            second = keras.layers.Masking()(b) if both else keras.layers.Identity()(b)
            expected = getattr(keras.layers, name)()([first, second])
            expected_mask = keras.src.backend.get_keras_mask(expected)
            context = Context()
            with bind(context):
                first = layers.Masking()(jnp.asarray(a))
                second = layers.Masking()(jnp.asarray(b)) if both else jnp.asarray(b)
                y = getattr(layers, name)()([first, second])
                mask = context.mask_of(y)
            close(y, expected)
            assert (mask is None) == (expected_mask is None), name
            if mask is not None:
                np.testing.assert_array_equal(np.asarray(mask), np.asarray(expected_mask))


EXPRESSIONS = {
    "x + y": lambda x, y: x + y,
    "2 - x": lambda x, y: 2 - x,
    "x * 3 / y": lambda x, y: x * 3 / y,
    "-abs(x)": lambda x, y: -abs(x),
    "y ** 2": lambda x, y: y**2,
    "2 ** x": lambda x, y: 2**x,
    "x // 0.5": lambda x, y: x // 0.5,
    "x % 0.5": lambda x, y: x % 0.5,
    "x @ matrix": lambda x, y: x @ np.arange(8, dtype="float32").reshape(4, 2),
    "x[:, 0]": lambda x, y: x[:, 0],
    "x[..., :3]": lambda x, y: x[..., :3],
    "x[:, None, ::2]": lambda x, y: x[:, None, ::2],
    "x > y": lambda x, y: x > y,
    "x <= 0": lambda x, y: x <= 0,
    "~(x < 0) & (y > 1)": lambda x, y: ~(x < 0) & (y > 1),
}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_arithmetic_between_symbolic_tensors(name):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((3, 4)).astype("float32")
    y = np.abs(rng.standard_normal((3, 4))).astype("float32") + 0.5
    function = EXPRESSIONS[name]
    a, b = keras.Input((4,)), keras.Input((4,))
    expected = np.asarray(keras.Model([a, b], function(a, b))([x, y]))
    a, b = Input((4,)), Input((4,))
    drawn = function(a, b)
    model = Model([a, b], drawn)
    got = np.asarray(model([x, y]))
    close(got.astype("float32"), expected.astype("float32"), rtol=1e-6)
    assert drawn.shape == (None, *expected.shape[1:])
    assert drawn.dtype == got.dtype == expected.dtype
    twin = Model.from_config(json.loads(json.dumps(model.get_config())))
    np.testing.assert_array_equal(np.asarray(twin([x, y])), got)


def test_normalization_adapts_to_the_same_numbers():
    rng = np.random.default_rng(0)
    data = rng.normal([5, -3, 100], [1, 2, 30], (50, 3)).astype("float32")
    for axis in (-1, None):
        ours, theirs = layers.Normalization(axis=axis), keras.layers.Normalization(axis=axis)
        ours.adapt(data)
        theirs.adapt(data)
        close(ours(data), theirs(data), rtol=3e-5)
        close(ours.mean, theirs.mean)
        close(ours.variance, theirs.variance, rtol=3e-5)


def test_the_filters_let_layers_through():
    chosen = {case.layer for case in shared if steps_case(case)}
    assert {"Dense", "BatchNormalization", "Add", "Concatenate", "GlobalAveragePooling1D"} <= chosen
