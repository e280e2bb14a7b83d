"""Activations, initialisers, penalties, constraints, losses and metrics against Keras on JAX.

Names, arguments and defaults are read from the registry, so a name added there is checked here
without a new test; a class that Keras does not have must be listed, with the reason.
"""

from __future__ import annotations

import inspect

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
from keras.src.losses.loss import reduce_weighted_values

import pellucid.activations
import pellucid.constraints
import pellucid.initializers
import pellucid.losses
import pellucid.metrics
import pellucid.regularizers
from pellucid._core.registry import snake_case
from pellucid._core.specs import family, resolve
from pellucid.initializers import draw
from pellucid.losses.reduction import reduce_values

MODULES = {
    "activation": keras.activations,
    "initializer": keras.initializers,
    "regularizer": keras.regularizers,
    "constraint": keras.constraints,
    "loss": keras.losses,
    "metric": keras.metrics,
    "loss_function": keras.losses,
    "metric_function": keras.metrics,
}
# Registered here, not public in Keras.
OURS_ALONE = {("metric_function", "accuracy"): "Keras keeps the function behind Accuracy private"}


def own_entries(kind):
    """What this package registers, not what other tests in the process add."""
    for name, entry in family(kind).entries().items():
        if entry.__module__.startswith("pellucid.") and (kind, name) not in OURS_ALONE:
            yield name, entry


ENTRIES = [(kind, name) for kind in MODULES for name, _ in own_entries(kind)]


def rng(seed=0):
    return np.random.default_rng(seed)


def close(ours, theirs, rtol=2e-6, atol=2e-6):
    np.testing.assert_allclose(np.asarray(ours), np.asarray(theirs), rtol=rtol, atol=atol)


def same_gradient(ours, theirs, at):
    """Compare the gradients of two functions of one array, after `jnp.sum`."""
    gradients = [jax.grad(lambda x, f=f: jnp.sum(f(x)))(jnp.asarray(at)) for f in (ours, theirs)]
    close(*gradients)
    return gradients[0]


# ---------------------------------------------------------------- names, arguments, defaults


@pytest.mark.parametrize(("kind", "name"), ENTRIES)
def test_arguments_have_keras_names_order_and_defaults(kind, name):
    ours, theirs = family(kind).get(name), getattr(MODULES[kind], name)
    ours_p = dict(inspect.signature(ours).parameters)
    theirs_p = dict(inspect.signature(theirs).parameters)
    assert list(ours_p) == list(theirs_p)
    for argument, parameter in ours_p.items():
        default = parameter.default
        if argument == "name" and default is None and kind in ("loss", "metric"):
            continue  # None stands for the class's name: see the next test
        assert default == theirs_p[argument].default, argument
        assert parameter.kind == theirs_p[argument].kind, argument


@pytest.mark.parametrize(
    ("kind", "name"),
    [e for e in ENTRIES if e[0] in ("loss", "metric") and e[1] != "MeanMetricWrapper"],
)
def test_default_names_are_keras_s(kind, name):
    arguments = METRIC_SETTINGS[name][0] if name in NEEDS_ARGUMENTS else {}
    theirs = getattr(MODULES[kind], name)(**arguments)
    # Keras numbers the automatic names it has already used in this process.
    automatic = inspect.signature(type(theirs)).parameters["name"].default is None
    expected = snake_case(name) if automatic else theirs.name
    assert family(kind).get(name)(**arguments).name == expected


@pytest.mark.parametrize("kind", ["initializer", "regularizer", "constraint", "loss", "metric"])
def test_every_alias_keras_accepts_means_the_same_here(kind):
    source = getattr(keras.src, MODULES[kind].__name__.rsplit(".", 1)[-1])
    ours = dict(own_entries(kind))
    checked = 0
    for alias, entry in source.ALL_OBJECTS_DICT.items():
        class_name = entry.__name__ if inspect.isclass(entry) else None
        if class_name is None:  # a loss function: the class whose function it is
            match = [
                c
                for c in ours.values()
                if getattr(c, "fn", None) and c.fn.__name__ == entry.__name__
            ]
            class_name = match[0].__name__ if match else None
        if class_name in ours:
            assert family(kind).get(alias) is ours[class_name], alias
            checked += 1
    assert checked >= 5


def test_every_alias_of_an_activation_keras_accepts_means_the_same_here():
    ours = dict(own_entries("activation"))
    for alias, function in keras.src.activations.ALL_OBJECTS_DICT.items():
        if function.__name__ in ours:
            assert pellucid.activations.get(alias) is ours[function.__name__]


# --------------------------------------------------------------------------------- activations

ACTIVATION_SETTINGS = {
    "relu": [
        {},
        {"negative_slope": 0.1},
        {"max_value": 2.0},
        {"max_value": 6},
        {"threshold": 0.5},
        {"negative_slope": 0.2, "max_value": 3.0, "threshold": 1.0},
        {"negative_slope": 0.2, "max_value": 3.0},
    ],
    "leaky_relu": [{}, {"negative_slope": 0.3}],
    "elu": [{}, {"alpha": 0.5}],
    "gelu": [{}, {"approximate": True}],
    "softmax": [{}, {"axis": 0}],
    "log_softmax": [{}, {"axis": 0}],
    "celu": [{}, {"alpha": 0.5}],
    "glu": [{"axis": 0}],
    "hard_shrink": [{}, {"threshold": 1.4}],
    "soft_shrink": [{}, {"threshold": 1.4}],
    "squareplus": [{}, {"b": 0.5}],
    "threshold": [{"threshold": 0.4, "default_value": -3.0}],
}


# Keras's values are wrong: those of its sparsemax do not sum to one where two scores are close
# (it adds the running totals up instead of taking the last). tests/unit has the definition.
WRONG_IN_KERAS = {"sparsemax"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [n for n, _ in own_entries("activation") if n not in WRONG_IN_KERAS]
)
def test_activation_values_and_gradients(name):
    ours, theirs = family("activation").get(name), getattr(keras.activations, name)
    x = jnp.concatenate([jnp.linspace(-6, 6, 37), jnp.array([-80.0, 80.0, 1e-6])]).reshape(8, 5)
    if name == "exponential":
        x = x / 8
    weights = jnp.asarray(rng().normal(size=x.shape), jnp.float32)
    for settings in ACTIVATION_SETTINGS.get(name, [{}]):
        close(ours(x, **settings), theirs(x, **settings))
        same_gradient(
            lambda v, s=settings: weights[: 4 if name == "glu" else 8] * ours(v, **s),
            lambda v, s=settings: weights[: 4 if name == "glu" else 8] * theirs(v, **s),
            x,
        )


# ------------------------------------------------------------------------------- initialisers

KERNELS = [(300, 200), (3, 3, 24, 40), (500,)]


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        n
        for n, c in own_entries("initializer")
        if issubclass(c, pellucid.initializers.RandomInitializer)
    ],
)
@pytest.mark.parametrize("shape", KERNELS, ids=str)
def test_initializer_distribution(name, shape):
    """Two samples of the same distribution: moments, limits, and Kolmogorov and Smirnov's test."""
    from scipy.stats import ks_2samp

    if name == "Orthogonal" and len(shape) < 2:
        pytest.skip("needs a matrix")
    ours = np.asarray(resolve("initializer", name)(shape, rng=rng(1)))
    theirs = np.asarray(getattr(keras.initializers, name)(seed=1)(shape))
    assert ours.dtype == theirs.dtype
    assert ours.shape == theirs.shape
    scale = theirs.std()
    assert abs(ours.mean() - theirs.mean()) < 5 * scale / np.sqrt(ours.size / 2)
    assert abs(ours.std() / scale - 1) < 5 / np.sqrt(ours.size)
    assert ks_2samp(ours.ravel(), theirs.ravel()).pvalue > 1e-3
    if name not in ("RandomNormal", "Orthogonal"):  # bounded: the same bound
        assert np.abs(ours).max() == pytest.approx(np.abs(theirs).max(), rel=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["fan_in", "fan_out", "fan_avg"])
@pytest.mark.parametrize("distribution", ["uniform", "normal", "untruncated_normal"])
def test_variance_scaling_std(mode, distribution):
    settings = {"scale": 3.0, "mode": mode, "distribution": distribution, "seed": 3}
    ours = pellucid.initializers.VarianceScaling(**settings)((3, 3, 30, 60))
    theirs = keras.initializers.VarianceScaling(**settings)((3, 3, 30, 60))
    assert ours.std() == pytest.approx(float(np.std(theirs)), rel=0.03)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Zeros", "Ones", "Constant", "Identity"])
@pytest.mark.parametrize("dtype", [None, "float32", "bfloat16", "int32"])
def test_constant_initializers(name, dtype):
    if (name, dtype) == ("Identity", "int32"):
        pytest.skip("Keras returns float32 there, which was not asked for")
    ours = draw(resolve("initializer", name), (3, 4), dtype, rng())
    theirs = getattr(keras.initializers, name)()((3, 4), dtype=dtype)
    assert jnp.asarray(ours).dtype == theirs.dtype
    close(ours.astype(np.float32), np.asarray(theirs, np.float32))


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"side": "imag"},
        {"window": "hamming", "scaling": "spectrum", "periodic": True},
        {"window": None, "side": "imag"},
        {"window": [0.5, 1.0, 2.0, 1.0, 0.5], "scaling": None},
    ],
    ids=str,
)
def test_stft(settings):
    ours = pellucid.initializers.STFT(**settings)((5, 1, 4))
    theirs = keras.initializers.STFT(**settings)((5, 1, 4))
    assert ours.dtype == theirs.dtype
    close(ours, theirs)


@pytest.mark.parametrize("shape", [(), (5,), (5, 7), (2, 5, 7), (3, 2, 5, 7), (0, 4)])
def test_fans(shape):
    from keras.src.initializers.random_initializers import compute_fans

    assert pellucid.initializers.compute_fans(shape) == compute_fans(shape)
    if len(shape) == 4:
        axes = {"input_axes": (1,), "output_axes": (2, 3)}
        assert pellucid.initializers.compute_fans(shape, **axes) == compute_fans(shape, **axes)


# ------------------------------------------------------------------ penalties and constraints

PENALTIES = [
    ("L1", {}),
    ("L1", {"l1": 0.3}),
    ("L2", {}),
    ("L2", {"l2": 0.0}),
    ("L1L2", {}),
    ("L1L2", {"l1": 0.1, "l2": 0.2}),
    ("OrthogonalRegularizer", {}),
    ("OrthogonalRegularizer", {"factor": 0.5, "mode": "columns"}),
]


def test_every_penalty_is_compared():
    assert {name for name, _ in PENALTIES} == {n for n, _ in own_entries("regularizer")}
    assert {name for name, _ in CONSTRAINTS} == {n for n, _ in own_entries("constraint")}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "settings"), PENALTIES)
def test_penalty_values_and_gradients(name, settings):
    x = jnp.asarray(rng().normal(size=(5, 4)), jnp.float32)
    ours = family("regularizer").get(name)(**settings)
    theirs = getattr(keras.regularizers, name)(**settings)
    close(ours(x), theirs(x))
    close(jax.grad(ours)(x), jax.grad(theirs)(x))


CONSTRAINTS = [
    ("MaxNorm", {}),
    ("MaxNorm", {"max_value": 0.7, "axis": (0, 1)}),
    ("NonNeg", {}),
    ("UnitNorm", {}),
    ("UnitNorm", {"axis": 1}),
    ("MinMaxNorm", {}),
    ("MinMaxNorm", {"min_value": 0.5, "max_value": 1.5, "rate": 0.3, "axis": 1}),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "settings"), CONSTRAINTS)
def test_constraint_values(name, settings):
    w = jnp.asarray(rng().normal(size=(5, 4)), jnp.float32).at[:, 1].set(0.0)
    ours = family("constraint").get(name)(**settings)
    theirs = getattr(keras.constraints, name)(**settings)
    close(ours(w), theirs(w))


# -------------------------------------------------------------------------------------- losses


def softmaxed(values):
    values = np.exp(values - values.max(axis=-1, keepdims=True))
    return (values / values.sum(axis=-1, keepdims=True)).astype("float32")


def batch(kind, n=12, width=4, seed=0, logits=False):
    """Targets and predictions as a loss or metric of that kind wants them."""
    r = rng(seed)
    scores = (3 * r.normal(size=(n, width))).astype("float32")
    if kind == "classes":
        return r.integers(0, width, n), scores if logits else softmaxed(scores)
    if kind == "one_hot":
        eye = np.eye(width, dtype="float32")
        return eye[r.integers(0, width, n)], scores if logits else softmaxed(scores)
    if kind == "binary":
        target = r.integers(0, 2, (n, width)).astype("float32")
        return target, scores if logits else (1 / (1 + np.exp(-scores))).astype("float32")
    if kind == "groups":
        return r.integers(0, 3, n), scores / np.linalg.norm(scores, axis=-1, keepdims=True)
    if kind == "sequences":  # of 0 to 3 labels, filled up with 0, repetitions among them
        labels = r.integers(1, width, (n, 3)) * (np.arange(3) < r.integers(0, 4, (n, 1)))
        return labels, (3 * r.normal(size=(n, 8, width))).astype("float32")
    if kind == "signs":
        return r.choice([-1.0, 1.0], (n, width)).astype("float32"), scores
    return np.abs(r.normal(size=(n, width))).astype("float32"), np.abs(scores)


LOSS_SETTINGS = {
    "Huber": [{}, {"delta": 0.3}],
    "CosineSimilarity": [{}, {"axis": 0}],
    "BinaryCrossentropy": [{}, {"from_logits": True}, {"label_smoothing": 0.2}],
    "CategoricalCrossentropy": [
        {},
        {"from_logits": True},
        {"label_smoothing": 0.2, "from_logits": True},
    ],
    "SparseCategoricalCrossentropy": [
        {},
        {"from_logits": True},
        {"ignore_class": 2, "from_logits": True},
        {"ignore_class": -1},
    ],
    "BinaryFocalCrossentropy": [
        {},
        {"from_logits": True, "apply_class_balancing": True},
        {"gamma": 1.0, "alpha": 0.4, "label_smoothing": 0.1},
    ],
    "CategoricalFocalCrossentropy": [{}, {"from_logits": True, "gamma": 3.0, "alpha": 0.4}],
    "CategoricalGeneralizedCrossEntropy": [{}, {"q": 0.8}],
    "Circle": [
        {"gamma": 8.0},
        {"gamma": 2.0, "margin": 0.1},
        {"gamma": 2.0, "remove_diagonal": False},
    ],
    "Dice": [{}, {"axis": (1,)}, {"axis": (0,)}],
    "Tversky": [{}, {"axis": (1,), "alpha": 0.3, "beta": 0.8}, {"axis": (0,)}],
}
LOSSES = [(n, s) for n, _ in own_entries("loss") for s in LOSS_SETTINGS.get(n, [{}])]


def loss_pair(name, settings, **more):
    ours, theirs = family("loss").get(name), getattr(keras.losses, name)
    return ours(**settings, **more), theirs(**settings, **more)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "settings"), LOSSES)
@pytest.mark.parametrize("weighted", [False, True])
def test_loss_values_and_gradients(name, settings, weighted):
    ours, theirs = loss_pair(name, settings)
    y_true, y_pred = batch(ours.targets, logits=settings.get("from_logits", False))
    # One number per column rather than per sample.
    columns = settings.get("axis") in (0, (0,))
    weight = rng(9).uniform(0, 2, 4 if columns else 12).astype("float32") if weighted else None
    if weighted:
        weight[2] = 0.0
    close(ours(y_true, y_pred, weight), theirs(y_true, y_pred, weight))
    same_gradient(lambda p: ours(y_true, p, weight), lambda p: theirs(y_true, p, weight), y_pred)


@pytest.mark.slow
@pytest.mark.parametrize("reduction", ["sum", "mean", "mean_with_sample_weight", "none", None])
@pytest.mark.parametrize("name", ["MeanSquaredError", "SparseCategoricalCrossentropy"])
def test_loss_reductions(name, reduction):
    ours, theirs = loss_pair(name, {}, reduction=reduction)
    y_true, y_pred = batch(ours.targets)
    weight = rng(9).uniform(0, 2, 12).astype("float32")
    close(ours(y_true, y_pred), theirs(y_true, y_pred), rtol=1e-5)
    close(ours(y_true, y_pred, weight), theirs(y_true, y_pred, weight), rtol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(
    "reduction", ["sum_over_batch_size", "sum", "mean_with_sample_weight", "none"]
)
@pytest.mark.parametrize("weighted", [None, (6,), (6, 5), (6, 1)])
@pytest.mark.parametrize("kept", [0.6, 0.0, 1.0])
def test_masks_weigh_as_in_keras(reduction, weighted, kept):
    values = jnp.asarray(rng(1).normal(size=(6, 5)), jnp.float32)
    mask = rng(2).random((6, 5)) < kept
    weight = None if weighted is None else rng(3).uniform(0, 2, weighted).astype("float32")
    # Keras cannot lay (6,) over (6, 5); one weight per sample is meant.
    keras_weight = weight[:, None] if weighted == (6,) else weight
    theirs = reduce_weighted_values(values, keras_weight, mask, reduction)
    close(reduce_values(values, reduction, weight, mask), theirs)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["BinaryCrossentropy", "BinaryFocalCrossentropy"])
def test_binary_losses_at_the_edges(name):
    ours, theirs = loss_pair(name, {}, reduction="none")
    y_pred = jnp.array([[0.0], [1.0], [0.0], [1.0], [1e-9], [1 - 1e-7]])
    y_true = jnp.array([[0.0], [1.0], [1.0], [0.0], [1.0], [0.0]])
    close(ours(y_true, y_pred), theirs(y_true, y_pred))
    same_gradient(lambda p: ours(y_true, p), lambda p: theirs(y_true, p), y_pred)
    ours, theirs = loss_pair(name, {"from_logits": True}, reduction="none")
    y_pred = jnp.array([[-1000.0], [1000.0], [-1000.0], [1000.0], [-30.0], [30.0]])
    close(ours(y_true, y_pred), theirs(y_true, y_pred))
    gradient = same_gradient(lambda p: ours(y_true, p), lambda p: theirs(y_true, p), y_pred)
    assert np.isfinite(np.asarray(gradient)).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["CategoricalCrossentropy", "SparseCategoricalCrossentropy"])
def test_categorical_losses_at_the_edges(name):
    for from_logits, y_pred in [
        (False, [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.2, 0.2, 0.2], [2.0, 1.0, 1.0]]),
        (
            True,
            [[1000.0, -1000.0, 0.0], [-1000.0, 1000.0, 0.0], [0.0, 0.0, 0.0], [88.0, 89.0, -90.0]],
        ),
    ]:
        ours, theirs = loss_pair(name, {"from_logits": from_logits}, reduction="none")
        labels, y_pred = np.array([0, 1, 2, 0]), jnp.asarray(y_pred)
        y_true = np.eye(3, dtype="float32")[labels] if ours.targets == "one_hot" else labels
        close(ours(y_true, y_pred), theirs(y_true, y_pred))
        same_gradient(
            lambda p, f=ours, t=y_true: f(t, p), lambda p, f=theirs, t=y_true: f(t, p), y_pred
        )


@pytest.mark.slow
@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "mean_with_sample_weight"])
def test_samples_without_a_partner_do_not_count_in_circle(reduction):
    ours, theirs = loss_pair("Circle", {"gamma": 5.0}, reduction=reduction)
    y_true, y_pred = batch("groups", 6)
    y_true = np.array([0, 0, 1, 2, 3, 3])
    weight = rng(9).uniform(0, 2, 6).astype("float32")
    close(ours(y_true, y_pred), theirs(y_true, y_pred))
    close(ours(y_true, y_pred, weight), theirs(y_true, y_pred, weight))


@pytest.mark.slow
def test_losses_of_sequences_keep_the_steps():
    y_true = rng().integers(0, 4, (3, 5))
    y_pred = softmaxed(rng(1).normal(size=(3, 5, 4)))
    ours, theirs = loss_pair("SparseCategoricalCrossentropy", {}, reduction="none")
    assert ours(y_true, y_pred).shape == (3, 5)
    close(ours(y_true, y_pred), theirs(y_true, y_pred))
    close(ours(y_true[..., None], y_pred), theirs(y_true[..., None], y_pred))


@pytest.mark.slow
def test_a_plain_tutorial_s_binary_targets_are_expanded_as_in_keras():
    y_true, y_pred = np.array([0, 1, 1]), np.array([[0.2], [0.7], [0.4]], "float32")
    for name in ("BinaryCrossentropy", "BinaryFocalCrossentropy"):
        ours, theirs = loss_pair(name, {})
        close(ours(y_true, y_pred), theirs(y_true, y_pred))


@pytest.mark.slow
def test_scalar_valued_functions_as_losses():
    def whole_batch(y_true, y_pred):
        return keras.ops.mean(keras.ops.square(y_true - y_pred))

    y_true, y_pred = batch("values")
    ours = pellucid.losses.as_loss(whole_batch)
    theirs = keras.src.losses.losses.LossFunctionWrapper(whole_batch)
    weight = rng(4).uniform(0, 2, 12).astype("float32")
    close(ours(y_true, y_pred), theirs(y_true, y_pred))
    close(ours(y_true, y_pred, weight), theirs(y_true, y_pred, weight))


# ------------------------------------------------------------------------------------- metrics

METRIC_KINDS = {
    "BinaryAccuracy": "binary",
    "BinaryCrossentropy": "binary",
    "CategoricalAccuracy": "one_hot",
    "CategoricalCrossentropy": "one_hot",
    "CategoricalHinge": "one_hot",
    "TopKCategoricalAccuracy": "one_hot",
    "SparseCategoricalAccuracy": "classes",
    "SparseCategoricalCrossentropy": "classes",
    "SparseTopKCategoricalAccuracy": "classes",
    "Hinge": "signs",
    "SquaredHinge": "signs",
    "F1Score": "one_hot",
    "FBetaScore": "one_hot",
    **dict.fromkeys(
        ["AUC", "Precision", "Recall", "TruePositives", "TrueNegatives", "FalsePositives"], "binary"
    ),
    "FalseNegatives": "binary",
    **dict.fromkeys(["SensitivityAtSpecificity", "SpecificityAtSensitivity"], "binary"),
    **dict.fromkeys(["PrecisionAtRecall", "RecallAtPrecision", "BinaryIoU"], "binary"),
    **dict.fromkeys(["OneHotIoU", "OneHotMeanIoU"], "one_hot"),
    **dict.fromkeys(["IoU", "MeanIoU"], "classes"),
}
# Keras cuts weights to whole numbers in its intersections over union unless it is given a format.
FLOATS = {"dtype": "float32"}
FOUR = {"num_classes": 4, "sparse_y_pred": False, **FLOATS}
METRIC_SETTINGS = {
    "BinaryAccuracy": [{}, {"threshold": 0.8}],
    "TopKCategoricalAccuracy": [{"k": 2}, {"k": 1}],
    "SparseTopKCategoricalAccuracy": [{"k": 2}, {"k": 3}],
    "BinaryCrossentropy": [{}, {"from_logits": True, "label_smoothing": 0.1}],
    "CategoricalCrossentropy": [{}, {"from_logits": True, "label_smoothing": 0.1}],
    "SparseCategoricalCrossentropy": [{}, {"from_logits": True}],
    "AUC": [
        {},
        {"curve": "PR"},
        {"curve": "PRGAIN"},
        {"num_thresholds": 7, "summation_method": "minoring"},
        {"num_thresholds": 7, "curve": "PR", "summation_method": "majoring"},
        {"thresholds": [0.1, 0.7, 0.8]},
        {"thresholds": [0.25, 0.5, 0.75]},
        {"from_logits": True},
        {"label_weights": [0.5, 1.0, 2.0, 0.0]},
        {"multi_label": True},
        {"multi_label": True, "num_labels": 4, "curve": "PR"},
        {"multi_label": True, "label_weights": [0.5, 1.0, 2.0, 0.0], "thresholds": [0.3, 0.4]},
    ],
    "Precision": [
        {},
        {"thresholds": 0.7},
        {"thresholds": [0.2, 0.9]},
        {"thresholds": [0.0, 0.5, 1.0]},
        {"top_k": 2},
        {"class_id": 1},
        {"top_k": 2, "class_id": 3},
    ],
    "Recall": [{}, {"thresholds": [0.2, 0.9]}, {"top_k": 2}, {"class_id": 1}],
    "FalseNegatives": [{}, {"thresholds": [0.2, 0.9]}, {"thresholds": [0.0, 0.5, 1.0]}],
    "F1Score": [{}, {"average": "macro"}, {"average": "micro"}, {"threshold": 0.4}],
    "FBetaScore": [{"beta": 2.0, "average": "weighted"}, {"beta": 0.5, "average": "macro"}],
    "SensitivityAtSpecificity": [
        {"specificity": 0.5},
        {"specificity": 0.9, "num_thresholds": 7},
        {"specificity": 0.4, "num_thresholds": 1},
        {"specificity": 0.4, "num_thresholds": 2, "class_id": 1},
    ],
    "SpecificityAtSensitivity": [{"sensitivity": 0.5}, {"sensitivity": 0.8, "class_id": 1}],
    "PrecisionAtRecall": [{"recall": 0.5}, {"recall": 0.9, "num_thresholds": 11}],
    "RecallAtPrecision": [{"precision": 0.5}, {"precision": 0.999}, {"precision": 1.0}],
    "IoU": [
        {"target_class_ids": [0], **FOUR},
        {"target_class_ids": [1, 3], "ignore_class": 1, **FOUR},
    ],
    "MeanIoU": [FOUR, {"ignore_class": 2, **FOUR}],
    "BinaryIoU": [FLOATS, {"threshold": 0.3, "target_class_ids": [1], **FLOATS}],
    "OneHotIoU": [{"target_class_ids": [0, 2], **FOUR}],
    "OneHotMeanIoU": [FOUR, {"ignore_class": 0, **FOUR}],
    "R2Score": [
        {},
        {"class_aggregation": None},
        {"class_aggregation": "variance_weighted_average", "num_regressors": 2},
    ],
}
NEEDS_ARGUMENTS = ("IoU", "OneHotIoU", "MeanIoU", "OneHotMeanIoU", "SensitivityAtSpecificity")
NEEDS_ARGUMENTS += ("SpecificityAtSensitivity", "PrecisionAtRecall", "RecallAtPrecision")
METRICS = [
    (n, s)
    for n, _ in own_entries("metric")
    if n not in ("Mean", "Sum", "MeanMetricWrapper")
    for s in METRIC_SETTINGS.get(n, [{}])
]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Explicitly requested dtype int64")  # Keras's own scatter
@pytest.mark.parametrize(("name", "settings"), METRICS)
@pytest.mark.parametrize("weighted", [False, True])
def test_metric_over_three_batches(name, settings, weighted):
    ours = family("metric").get(name)(**settings)
    theirs = getattr(keras.metrics, name)(**settings)
    for step, n in enumerate([12, 12, 12]):
        logits = settings.get("from_logits", False)
        y_true, y_pred = batch(METRIC_KINDS.get(name, "values"), n, seed=step, logits=logits)
        if METRIC_KINDS.get(name) == "binary" and not logits:
            y_pred[0, 0], y_pred[1, 1], y_pred[2, 2] = 0.0, 1.0, 0.5
        if name == "Accuracy":
            y_true, y_pred = np.round(y_true), np.round(y_pred)
        # No zeros for the adjusted R2: Keras counts rows of weight 0 among its values, we do not.
        least = 1 if name == "R2Score" else 0
        weight = rng(step + 50).integers(least, 4, n).astype("float32") / 2 if weighted else None
        ours.update_state(y_true, y_pred, weight)
        if name == "BinaryIoU" and weighted:  # there Keras wants one weight per value
            weight = np.repeat(weight[:, None], y_pred.shape[1], axis=1)
        theirs.update_state(y_true, y_pred, weight)
    close(ours.result(), theirs.result(), rtol=1e-5, atol=1e-6)
    ours.reset_state()
    theirs.reset_state()
    ours.update_state(y_true, y_pred)
    theirs.update_state(y_true, y_pred)
    close(ours.result(), theirs.result(), rtol=1e-5, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Mean", "Sum"])
def test_mean_and_sum(name):
    ours, theirs = resolve("metric", name), getattr(keras.metrics, name)()
    for values, weight in [
        ([1.0, 3.0, 5.0], None),
        ([1.0, 3.0], [0.5, 0.0]),
        (2.0, None),
        (2.0, 7.0),
        ([[1.0, 2.0], [3.0, 4.0]], [1.0, 3.0]),
        ([[1.0, 2.0], [3.0, 4.0]], [[1.0, 3.0], [0.0, 2.0]]),
        ([[1.0, 2.0], [3.0, 4.0]], None),
    ]:
        ours.update_state(np.asarray(values), None if weight is None else np.asarray(weight))
        theirs.update_state(np.asarray(values), None if weight is None else np.asarray(weight))
        close(ours.result(), theirs.result())


@pytest.mark.slow
def test_functions_as_metrics():
    def distance(y_true, y_pred, scale=1.0):
        return scale * keras.ops.mean(keras.ops.abs(y_true - y_pred), axis=-1)

    def whole_batch(y_true, y_pred):
        return keras.ops.mean(keras.ops.square(y_true - y_pred))

    for function, settings, weight in [
        (distance, {"scale": 2.0}, np.arange(5.0, dtype="float32")),
        (whole_batch, {}, None),
    ]:
        ours = pellucid.metrics.MeanMetricWrapper(function, **settings)
        theirs = keras.metrics.MeanMetricWrapper(function, **settings)
        for seed in range(2):
            y_true, y_pred = batch("values", 5, seed=seed)
            ours.update_state(y_true, y_pred, weight)
            theirs.update_state(y_true, y_pred, weight)
        close(ours.result(), theirs.result())


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(6,), (6, 1)])
@pytest.mark.parametrize("name", ["BinaryAccuracy", "MeanSquaredError", "AUC", "Precision"])
def test_metrics_of_one_unit_take_flat_targets(name, shape):
    y_true = rng().integers(0, 2, shape)
    y_pred = rng(1).random((6, 1)).astype("float32")
    ours, theirs = resolve("metric", name), getattr(keras.metrics, name)()
    close(ours(y_true, y_pred), theirs(y_true, y_pred))


def test_top_k_from_sorted_ids():
    settings = {"k": 2, "from_sorted_ids": True}
    y_true, y_pred = np.array([3, 1, 2]), np.array([[3, 2, 1], [0, 2, 1], [1, 2, 0]])
    ours = pellucid.metrics.SparseTopKCategoricalAccuracy(**settings)
    theirs = keras.metrics.SparseTopKCategoricalAccuracy(**settings)
    close(ours(y_true, y_pred), theirs(y_true, y_pred))


@pytest.mark.parametrize("identifier", ["accuracy", "acc", "mse", "AUC", "auc"])
@pytest.mark.parametrize(
    ("y_true", "y_pred"),
    [((8,), (8, 1)), ((8, 1), (8, 1)), ((8,), (8, 3)), ((8, 1), (8, 3)), ((8, 3), (8, 3))],
)
def test_names_are_resolved_and_shown_as_in_keras(identifier, y_true, y_pred):
    from keras.src.trainers.compile_utils import get_metric

    ours = pellucid.metrics.resolve_for(identifier, y_true, y_pred)
    theirs = get_metric(identifier, np.zeros(y_true), np.zeros(y_pred))
    assert (type(ours).__name__, ours.name) == (type(theirs).__name__, theirs.name)


@pytest.mark.parametrize("identifier", ["crossentropy", "ce"])
@pytest.mark.parametrize(("y_true", "y_pred"), [((8,), (8, 1)), ((8,), (8, 3)), ((8, 3), (8, 3))])
def test_crossentropy_is_resolved_as_in_keras(identifier, y_true, y_pred):
    from keras.src.trainers.compile_utils import get_loss

    ours = pellucid.losses.resolve_for(identifier, y_true, y_pred)
    assert ours.fn.__name__ == get_loss(identifier, np.zeros(y_true), np.zeros(y_pred)).fn.__name__
