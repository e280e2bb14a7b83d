"""Losses: reduction under weights, masks and padding; strict shapes; checks of the targets."""

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pellucid
from pellucid import losses
from pellucid._core.errors import ConfigError, DataError, ShapeError, UnknownNameError
from pellucid._core.specs import family
from pellucid.losses import reduce_values
from pellucid.losses import traits as loss_traits
from pellucid.losses.reduction import repeat_valid_rows
from pellucid.losses.swapped import SwappedArgumentsWarning

# ----------------------------------------------------------------------------------- reduction


def by_hand(values, reduction, weight, mask):
    """Keras's rules in float64 NumPy, on a batch without padding."""
    values, total = values.astype("float64"), np.ones(())
    if weight is not None:
        total = weight.reshape(weight.shape + (1,) * (values.ndim - weight.ndim)).astype("float64")
    if mask is not None:
        share = mask.sum() / max(mask.size, 1)
        scale = 1 / share if share and reduction in ("sum_over_batch_size", "mean") else 1.0
        total = total * mask * scale
    summed = (values * total).sum()
    if reduction == "sum":
        return summed
    if reduction == "mean_with_sample_weight" and (weight is not None or mask is not None):
        return summed / total.sum() if total.sum() else 0.0
    return summed / values.size if values.size else 0.0


@settings(deadline=None, max_examples=150)
@given(
    st.integers(0, 2**31),
    st.integers(0, 8),
    st.sampled_from(["sum_over_batch_size", "mean", "mean_with_sample_weight", "sum"]),
    st.sampled_from([(8,), (8, 3)]),
    st.sampled_from([None, "rows", "all"]),
    st.booleans(),
)
def test_padded_rows_count_for_nothing(seed, rows, reduction, shape, weighted, masked):
    """The result is the unpadded batch's, though the padding holds NaN and wild weights."""
    r = np.random.default_rng(seed)
    values = r.normal(size=shape).astype("float32")
    weight = (
        None if weighted is None else r.integers(0, 4, shape[:1] if weighted == "rows" else shape)
    )
    weight = None if weight is None else weight.astype("float32") / 2
    mask = r.random(shape) < 0.7 if masked else None
    valid = np.zeros(8, bool)
    valid[r.permutation(8)[:rows]] = True  # wherever the padding lies
    expected = by_hand(
        values[valid],
        reduction,
        None if weight is None else weight[valid],
        None if mask is None else mask[valid],
    )
    values[~valid] = np.nan
    if weight is not None:
        weight[~valid] = 1e6
    got = reduce_values(values, reduction, weight, mask, valid)
    assert float(got) == pytest.approx(expected, rel=1e-5, abs=1e-6)


def test_padded_rows_have_no_gradient():
    valid = jnp.array([True, True, False])
    gradient = jax.grad(lambda v: reduce_values(v, valid=valid))(jnp.array([1.0, 2.0, jnp.nan]))
    np.testing.assert_array_equal(gradient, [0.5, 0.5, 0.0])


def test_no_reduction_keeps_the_shape():
    values, valid = jnp.array([1.0, 2.0, jnp.nan]), jnp.array([True, True, False])
    got = reduce_values(values, "none", jnp.array([2.0, 0.0, 5.0]), valid=valid)
    np.testing.assert_array_equal(got, [2.0, 0.0, 0.0])
    assert reduce_values(values, None).shape == (3,)


def test_weights_of_steps_and_of_samples():
    values = jnp.arange(6.0).reshape(2, 3)
    assert float(reduce_values(values, "sum", jnp.array([1.0, 0.0]))) == 3.0
    assert float(reduce_values(values, "sum", jnp.array([[1.0], [0.0]]))) == 3.0
    assert float(reduce_values(values[:, 0], "sum", jnp.array([[1.0], [0.0]]))) == 0.0
    with pytest.raises(ShapeError, match=r"(?s)weights do not match.*\(3,\).*\(2, 3\)"):
        reduce_values(values, "sum", jnp.ones(3))


def test_unknown_reductions_are_refused():
    with pytest.raises(ConfigError, match="did you mean 'mean'"):
        losses.MeanSquaredError(reduction="maen")


@pytest.mark.slow
@settings(deadline=None)
@given(st.lists(st.booleans(), min_size=6, max_size=6))
def test_padding_of_whole_batch_functions_is_made_of_real_rows(valid):
    rows = np.asarray(repeat_valid_rows(jnp.arange(6), jnp.array(valid)))
    real = np.flatnonzero(valid)
    assert set(rows) == (set(real) if len(real) else {0})
    np.testing.assert_array_equal(rows[: len(real)], real)


@pytest.mark.slow
def test_whole_batch_functions_are_exact_where_the_rows_repeat_evenly():
    loss = losses.as_loss(lambda y_true, y_pred: jnp.mean(jnp.square(y_true - y_pred)))
    y_true, y_pred = jnp.zeros((4, 1)), jnp.array([[1.0], [3.0], [jnp.nan], [jnp.nan]])
    assert float(loss(y_true, y_pred, valid=jnp.array([True, True, False, False]))) == 5.0
    assert float(loss(y_true[:2], y_pred[:2])) == 5.0


# -------------------------------------------------------------------------------- calling a loss


@pytest.mark.slow
def test_masks_and_ignored_labels_meet():
    loss = losses.SparseCategoricalCrossentropy(ignore_class=2)
    p = jnp.array([[0.5, 0.25, 0.25], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6], [0.3, 0.3, 0.4]])
    labels = jnp.array([0, 1, 2, 0])
    expected = -(np.log(0.5) + np.log(0.8) + np.log(0.3)) / 3
    assert float(loss(labels, p)) == pytest.approx(expected, rel=1e-5)
    masked = loss(labels, p, mask=jnp.array([True, True, True, False]))
    assert float(masked) == pytest.approx(-(np.log(0.5) + np.log(0.8)) / 2, rel=1e-5)


@pytest.mark.slow
def test_ignored_labels_have_finite_gradients():
    """Keras divides 0 by 0 there."""
    loss = losses.SparseCategoricalCrossentropy(ignore_class=-1)
    gradient = jax.grad(lambda p: loss(jnp.array([0, -1]), p))(jnp.full((2, 2), 0.5))
    assert np.isfinite(np.asarray(gradient)).all()
    np.testing.assert_array_equal(gradient[1], 0.0)


@pytest.mark.parametrize("name", ["mse", "binary_crossentropy", "categorical_crossentropy"])
def test_bfloat16_predictions_give_a_float32_loss(name):
    r = np.random.default_rng(0)
    y_pred = jnp.asarray(r.uniform(0.1, 0.9, (64, 3)), jnp.bfloat16)
    y_true = np.eye(3, dtype="float32")[r.integers(0, 3, 64)]
    loss = losses.as_loss(name)
    assert loss(y_true, y_pred).dtype == jnp.float32
    assert loss.call(y_true, y_pred).dtype == jnp.float32
    assert float(loss(y_true, y_pred)) == pytest.approx(
        float(loss(y_true, y_pred.astype("float32")))
    )


def test_a_masked_out_logit_of_minus_infinity():
    logits = jnp.array([[0.0, 0.0, -jnp.inf]])
    value = losses.sparse_categorical_crossentropy(jnp.array([1]), logits, from_logits=True)
    assert float(value[0]) == pytest.approx(np.log(2), rel=1e-6)


def test_functions_and_classes_are_found():
    assert losses.as_loss(None) is None
    assert isinstance(losses.as_loss("MSE"), losses.MeanSquaredError)
    assert isinstance(losses.as_loss(losses.huber), losses.Huber)
    assert isinstance(losses.as_loss(losses.Huber), losses.Huber)
    wrapped = losses.as_loss(lambda y_true, y_pred: jnp.abs(y_true - y_pred))
    assert isinstance(wrapped, losses.LossFunctionWrapper)
    with pytest.raises(UnknownNameError, match=r"(?i)mean_?squared_?error"):
        losses.as_loss("mean_sqaured_error")


def test_names_of_functions_give_functions_and_names_of_classes_objects():
    assert losses.get("mse") is losses.mean_squared_error
    assert losses.get("BCE") is losses.binary_crossentropy
    assert losses.get(losses.huber) is losses.huber
    assert isinstance(losses.get("MeanSquaredError"), losses.MeanSquaredError)
    assert isinstance(losses.get(losses.Huber), losses.Huber)
    given = losses.Huber(delta=2.0)
    assert losses.get(given) is given
    assert losses.get(None) is None
    with pytest.raises(ValueError, match="mse"):
        losses.get("msee")


def test_ignored_labels_stay_out_of_the_mean_of_a_loss_of_ones_own():
    class Own(losses.Loss):
        def call(self, y_true, y_pred):
            return losses.sparse_categorical_crossentropy(y_true, y_pred, ignore_class=-1)

    labels, p = jnp.array([0, -1, 1, -1]), jnp.array([[0.5, 0.5], [1, 0], [0.75, 0.25], [0, 1]])
    expected = -(np.log(0.5) + np.log(0.25)) / 2
    assert float(Own()(labels, p)) == pytest.approx(expected, rel=1e-5)
    assert float(jax.jit(Own())(labels, p)) == pytest.approx(expected, rel=1e-5)


def test_the_mask_that_a_layer_left_on_its_output_counts():
    outputs = pellucid.layers.Masking()(jnp.array([[[1.0], [3.0], [0.0]]]))
    assert float(losses.MeanSquaredError()(jnp.zeros((1, 3, 1)), outputs)) == 5.0
    everything = losses.MeanSquaredError()(jnp.zeros((1, 3, 1)), outputs, mask=jnp.ones((1, 3)))
    assert float(everything) == pytest.approx(10 / 3)


def test_a_wrapped_function_can_be_named():
    loss = losses.LossFunctionWrapper("mean_absolute_error")
    assert loss.get_config()["fn"] == "mean_absolute_error"
    assert float(loss(jnp.zeros((2, 1)), jnp.ones((2, 1)))) == 1.0
    by_function = losses.LossFunctionWrapper(losses.mean_absolute_error)
    assert by_function.get_config() == loss.get_config()


# ------------------------------------------------------------------------------- strict shapes


@pytest.mark.parametrize("name", ["mse", "mae", "mape", "msle", "huber", "log_cosh", "poisson"])
@pytest.mark.parametrize(("true", "predicted"), [((8,), (8, 1)), ((8, 1), (8,))])
def test_flat_targets_are_aligned_as_in_keras(name, true, predicted):
    loss, oracle = losses.as_loss(name), keras.losses.get(name)
    rng = np.random.default_rng(0)
    y_true, y_pred = (rng.random(shape, np.float32) + 0.1 for shape in (true, predicted))
    weight = rng.random(8, np.float32)
    expected = np.asarray(oracle(y_true.reshape(8, 1), y_pred.reshape(8, 1)))  # (8,)
    np.testing.assert_allclose(loss.fn(y_true, y_pred), expected, rtol=1e-5)
    np.testing.assert_allclose(loss(y_true, y_pred), expected.mean(), rtol=1e-5)
    weighted = loss(y_true, y_pred, sample_weight=weight)
    np.testing.assert_allclose(weighted, (weight * expected).mean(), rtol=1e-5)


def test_no_loss_broadcasts_a_width():
    for name in ("mse", "bce", "categorical_crossentropy", "hinge", "kld"):
        with pytest.raises(ShapeError, match=r"targets \(8, 1\), predictions \(8, 3\)"):
            losses.as_loss(name)(jnp.zeros((8, 1)), jnp.ones((8, 3)))
    with pytest.raises(ShapeError, match="one class number per prediction"):
        losses.as_loss("sparse_categorical_crossentropy")(jnp.zeros((8, 2)), jnp.ones((8, 3)))


@pytest.mark.parametrize(
    ("name", "shape", "y_pred_shape", "expected"),
    [
        ("binary_crossentropy", (8,), (8, 1), (8, 1)),
        ("binary_crossentropy", (8,), (None, 1), (8, 1)),
        ("binary_crossentropy", (8, 1), (8,), (8,)),
        ("binary_crossentropy", (8, 5), (8, 5, 1), (8, 5, 1)),
        ("binary_crossentropy", (8, 2), (8, 1), (8, 2)),
        ("hinge", (8,), (8, 1), (8, 1)),
        ("sparse_categorical_crossentropy", (8, 1), (8, 3), (8,)),
        ("sparse_categorical_crossentropy", (8,), (8, 3), (8,)),
        ("sparse_categorical_crossentropy", (8, 5, 1), (8, 5, 3), (8, 5)),
        ("sparse_categorical_crossentropy", (8,), (8, 1), (8,)),
        ("mse", (8, 1), (8, 1), (8, 1)),
    ],
)
def test_alignment(name, shape, y_pred_shape, expected):
    aligned = losses.align_targets(np.zeros(shape), y_pred_shape, losses.as_loss(name))
    assert isinstance(aligned, np.ndarray)
    assert aligned.shape == expected


def test_alignment_never_broadcasts_for_your_own_functions():
    loss = losses.as_loss(lambda y_true, y_pred: jnp.mean(jnp.abs(y_true - y_pred), axis=-1))
    assert float(loss(jnp.array([1.0, 2.0]), jnp.array([[1.0], [2.0]]))) == 0.0


# ------------------------------------------------------------------------- checks of the targets

SPARSE, ONE_HOT = "sparse_categorical_crossentropy", "categorical_crossentropy"
BINARY = "binary_crossentropy"
EYE = np.eye(3)

REFUSED = {
    "label too large": (
        SPARSE,
        [0, 1, 5, 7],
        (None, 3),
        DataError,
        ["label 5 in row 2", "2 labels are out of range", "the output has 3 units", "8 units"],
    ),
    "label below zero": (
        SPARSE,
        [0, -2, 1, -1],
        (None, 3),
        DataError,
        ["label -2 in row 1", "np.unique"],
    ),
    "labels from 1": (
        SPARSE,
        [1, 2, 3],
        (None, 3),
        DataError,
        ["label 3 in row 2", "fix: count from 0: y = y - 1"],
    ),
    "labels with gaps": (SPARSE, [0, 10, 2000000], (None, 3), DataError, ["label 10", "np.unique"]),
    "labels of one byte": (
        SPARSE,
        np.array([255, 0], "uint8"),
        (None, 1),
        DataError,
        ["label 255", "Dense(256"],
    ),
    "bytes for binary": (BINARY, np.array([255, 0], "uint8"), (None, 1), DataError, ["Dense(256"]),
    "labels in a column": (SPARSE, [[0], [9]], (None, 3), DataError, ["label 9 in row 1"]),
    "one unit for classes": (
        SPARSE,
        [0, 1],
        (None, 1),
        DataError,
        ["Dense(2", "binary_crossentropy"],
    ),
    "fractions as labels": (SPARSE, [0.0, 1.5], (None, 3), DataError, ["1.5 in row 1", "mse"]),
    "one-hot for sparse": (
        SPARSE,
        EYE,
        (None, 3),
        DataError,
        ["one column per class", "categorical_crossentropy", "y.argmax(axis=-1)"],
    ),
    "labels of another length": (
        SPARSE,
        np.zeros((4, 2)),
        (None, 3),
        ShapeError,
        ["(4, 2)", "one class number"],
    ),
    "numbers for one-hot": (
        ONE_HOT,
        [0, 1, 2],
        (None, 3),
        DataError,
        ["are class numbers", "sparse_categorical_crossentropy", "to_categorical(y, 3)"],
    ),
    "a column for one-hot": (ONE_HOT, [[0], [2]], (None, 3), DataError, ["are class numbers"]),
    "numbers for one unit": (ONE_HOT, [0, 1, 1], (None, 1), DataError, ["binary_crossentropy"]),
    "one-hot too wide": (ONE_HOT, np.eye(4), (None, 3), ShapeError, ["(batch, 4)", "4 units"]),
    "binary out of range": (
        BINARY,
        [0.0, 1.0, -3.0, 9.5],
        (None, 1),
        DataError,
        ["-3 in row 2", "mse"],
    ),
    "signs for binary": (BINARY, [1, -1, 1], (None, 1), DataError, ["y = (y + 1) / 2"]),
    "ones and twos": (BINARY, [1, 2, 1], (None, 1), DataError, ["y = y - 1"]),
    "classes for binary": (BINARY, [0, 1, 2], (None, 1), DataError, ["Dense(3", SPARSE]),
    "one-hot for one unit": (BINARY, np.eye(2), (None, 1), ShapeError, ["2 columns", "Dense(2"]),
    "numbers for several units": (BINARY, [0, 1, 2], (None, 3), DataError, ["sparse_categorical"]),
    "missing values": (
        "mse",
        [[1.0], [np.nan], [np.nan]],
        (None, 1),
        DataError,
        ["nan in row 1", "2 of 3 rows"],
    ),
    "infinite values": ("mse", [[1.0], [np.inf]], (None, 1), DataError, ["inf in row 1"]),
    "text": (SPARSE, np.array(["cat", "dog"]), (None, 2), DataError, ["'cat'", "np.unique"]),
    "too wide for mse": (
        "mse",
        np.zeros((2, 3)),
        (None, 2),
        ShapeError,
        ["(batch, 3)", "(batch, 2)"],
    ),
    "hinge": ("hinge", [2.0, -1.0], (None, 1), DataError, ["2 in row 0", "from -1 to 1"]),
    "no blank": ("ctc", [[1, 3]], (None, 9, 3), DataError, ["label 3 in row 0", "from 1 to 2"]),
    "flat for ctc": ("ctc", [1, 2], (None, 9, 3), ShapeError, ["(2,)", "(batch, steps, classes)"]),
    "steps for ctc": ("ctc", [[1, 1, 0]], (None, 2, 3), DataError, ["needs 3 steps", "has 2"]),
    "fractions for ctc": ("ctc", [[1.5]], (None, 2, 3), DataError, ["1.5 in row 0"]),
    "one-hot for circle": ("circle", np.eye(3), (None, 8), ShapeError, ["(3, 3)", "argmax"]),
    "fractions for circle": ("circle", [0.5], (None, 8), DataError, ["0.5 in row 0"]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_targets_that_cannot_work_are_refused(case):
    name, y, output_shape, error, phrases = REFUSED[case]
    with pytest.raises(error) as caught:
        losses.check_targets(losses.as_loss(name), np.asarray(y), output_shape, "head")
    for phrase in phrases:
        assert phrase in str(caught.value), str(caught.value)
    assert "'head'" in str(caught.value)
    assert caught.value.fix


ACCEPTED = [
    (SPARSE, [0, 2, 1], (None, 3)),
    (SPARSE, [0.0, 2.0], (None, 3)),
    (SPARSE, [[0], [2]], (None, 3)),
    (SPARSE, np.zeros((2, 5), "uint8"), (None, 5, 3)),
    (SPARSE, np.zeros((2, 5, 1), "uint8"), (None, None, 3)),
    (SPARSE, [], (None, 3)),
    (losses.SparseCategoricalCrossentropy(ignore_class=-1), [0, -1], (None, 3)),
    (losses.SparseCategoricalCrossentropy(ignore_class=255), [0, 255], (None, 3)),
    (ONE_HOT, EYE, (None, 3)),
    (ONE_HOT, EYE.astype(bool), (None, 3)),
    (ONE_HOT, [[0.2, 0.3, 0.5]], (None, 3)),
    (BINARY, [0, 1], (None, 1)),
    (BINARY, [True, False], (None, 1)),
    (BINARY, [[0, 1, 1]], (None, 3)),
    (BINARY, [[0.5], [1.0]], (None, 1)),
    ("hinge", [-1, 1], (None, 1)),
    ("ctc", [[1, 2, 0], [2, 2, 1]], (None, 4, 3)),
    ("ctc", [[1, 2, 0]], (None, None, None)),
    ("circle", [7, -1, 300], (None, 8)),
    ("circle", [[7], [7]], (None, 8)),
    ("mse", np.zeros((4, 28, 28)), (None, 28, 28)),
    ("mse", np.zeros((4, 3)), (None, None)),
    (lambda y_true, y_pred: y_pred, [np.nan, 7.0], (None, 2)),
]


@pytest.mark.parametrize(
    "case", ACCEPTED, ids=lambda c: getattr(c[0], "__name__", str(c[0])) + str(c[2])
)
def test_targets_that_work_are_not_refused(case):
    identifier, y, output_shape = case
    losses.check_targets(losses.as_loss(identifier), np.asarray(y), output_shape, "head")


# ------------------------------------------------------------------- sequences, areas, embeddings


@pytest.mark.slow
def test_ctc_against_another_implementation_with_lengths():
    import optax

    from pellucid.kernels.ctc import ctc_loss

    r = np.random.default_rng(0)
    labels, logits = r.integers(1, 4, (6, 5)), r.normal(size=(6, 12, 4)).astype("float32")
    label_lengths, steps = np.array([0, 1, 2, 3, 4, 5]), np.array([12, 3, 5, 9, 12, 11])
    paddings = [
        (np.arange(n) >= lengths[:, None]).astype("float32")
        for n, lengths in ((12, steps), (5, label_lengths))
    ]

    def ours(scores):
        return ctc_loss(labels, scores, label_lengths, steps)

    def theirs(scores):
        return optax.ctc_loss(scores, paddings[0], labels, paddings[1])

    np.testing.assert_allclose(ours(logits), theirs(logits), rtol=1e-5)
    gradients = [jax.grad(lambda s, f=f: f(s).sum())(jnp.asarray(logits)) for f in (ours, theirs)]
    np.testing.assert_allclose(*gradients, atol=1e-5)


def test_ctc_is_the_sum_over_all_ways():
    """Every path of three steps over {blank, 1, 2} that reads 1 2 once merged."""
    logits = np.random.default_rng(1).normal(size=(3, 3))
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    paths = [(1, 2, 0), (1, 0, 2), (0, 1, 2), (1, 1, 2), (1, 2, 2)]
    total = sum(p[0, a] * p[1, b] * p[2, c] for a, b, c in paths)
    got = losses.ctc(np.array([[1, 2]]), jnp.asarray(logits, jnp.float32)[None])
    np.testing.assert_allclose(got, [-np.log(total)], rtol=1e-5)


def test_a_sequence_that_cannot_fit_has_a_large_finite_loss():
    value, gradient = jax.value_and_grad(lambda p: losses.CTC()(np.array([[1, 1]]), p))(
        jnp.zeros((1, 2, 3))
    )
    assert value > 1e4
    assert np.isfinite(np.asarray(gradient)).all()


def test_overlap_per_sample_and_of_the_whole_batch():
    y_true = jnp.array([[1.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
    y_pred = jnp.array([[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]])
    per_sample = losses.Dice(axis=(1,), reduction="none")(y_true, y_pred)
    np.testing.assert_allclose(per_sample, [1 - 2 / 3, 1 - 2 / 3], rtol=1e-6)
    np.testing.assert_allclose(losses.Dice()(y_true, y_pred), 1 - 4 / 6, rtol=1e-6)
    missed_only = losses.Tversky(alpha=1.0, beta=0.0)(y_true, y_pred)
    np.testing.assert_allclose(missed_only, 1 - 2 / 3, rtol=1e-6)
    weighted = losses.Dice(axis=[1])(y_true, y_pred, jnp.array([1.0, 0.0]))
    np.testing.assert_allclose(weighted, (1 - 2 / 3) / 2, rtol=1e-6)


@pytest.mark.parametrize("axis", [None, (0,), (0, 1), (-2,), (1,)])
@pytest.mark.parametrize("name", ["Dice", "Tversky"])
def test_rows_that_fill_up_the_batch_are_no_area(name, axis):
    r = np.random.default_rng(0)
    y_true, y_pred = r.integers(0, 2, (6, 4)), r.random((6, 4)).astype("float32")
    loss = getattr(losses, name)(axis=axis)
    y_pred[4:] = np.nan
    got = loss(y_true, y_pred, valid=jnp.arange(6) < 4)
    np.testing.assert_allclose(got, loss(y_true[:4], y_pred[:4]), rtol=1e-6)


def test_circle_with_references_and_lonely_samples():
    y_pred = jnp.array([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]])
    alone = losses.circle(jnp.array([0, 1, 2]), y_pred)
    np.testing.assert_array_equal(alone, 0.0)  # nobody has a partner
    gradient = jax.grad(lambda p: losses.Circle()(jnp.array([0, 1, 2]), p))(y_pred)
    np.testing.assert_array_equal(gradient, 0.0)
    both = losses.circle(
        jnp.array([[0], [1], [2]]), y_pred, jnp.array([0, 1]), y_pred[:2], remove_diagonal=False
    )
    assert both[2] == 0
    assert both[:2].min() > 0


def test_generalised_cross_entropy_between_its_limits():
    y_true, y_pred = jnp.array([0]), jnp.array([[0.25, 0.75]])
    near_log = losses.categorical_generalized_cross_entropy(y_true, y_pred, q=1e-4)
    np.testing.assert_allclose(near_log, [-np.log(0.25)], rtol=1e-2)
    near_absolute = losses.categorical_generalized_cross_entropy(y_true, y_pred, q=0.9999)
    np.testing.assert_allclose(near_absolute, [0.75], rtol=1e-3)
    gradient = jax.grad(
        lambda p: losses.CategoricalGeneralizedCrossEntropy()(y_true, jax.nn.softmax(p))
    )(jnp.array([[-200.0, 200.0]]))
    assert np.isfinite(np.asarray(gradient)).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: losses.ctc(jnp.zeros((2, 3)), jnp.zeros((2, 5))), "at every step"),
        (lambda: losses.ctc(jnp.zeros((2, 3)), jnp.zeros((3, 5, 4))), "at every step"),
        (lambda: losses.circle(jnp.zeros((2, 3)), jnp.zeros((2, 5))), "one group number"),
        (lambda: losses.dice(jnp.zeros((2, 3)), jnp.zeros((2, 1))), "their shapes differ"),
        (lambda: losses.CategoricalGeneralizedCrossEntropy(q=1.0), "q between 0 and 1"),
        (
            lambda: losses.categorical_generalized_cross_entropy(jnp.eye(2), jnp.eye(2), 0.5),
            "one class number per prediction",
        ),
    ],
)
def test_mistakes_with_these_losses(call, message):
    with pytest.raises((ShapeError, ConfigError), match=message):
        call()


SURE = jnp.array([[0.2, 0.8], [0.5, 0.5]])


@pytest.mark.parametrize(
    "swapped",
    [
        lambda: losses.binary_crossentropy(SURE, jnp.eye(2)),
        lambda: losses.categorical_crossentropy(SURE, jnp.eye(2)),
        lambda: losses.CategoricalCrossentropy()(SURE, np.eye(2)),
        lambda: jax.grad(lambda p: losses.binary_crossentropy(p, jnp.eye(2)).sum())(jnp.eye(2)),
    ],
)
def test_swapped_arguments_are_noticed(swapped):
    with pytest.warns(SwappedArgumentsWarning, match=r"targets first"):
        swapped()


def test_right_order_is_silent():
    losses.binary_crossentropy(jnp.eye(2), SURE)
    losses.binary_crossentropy(SURE, SURE)
    losses.binary_crossentropy(jnp.eye(2), jnp.eye(2))
    losses.binary_crossentropy(SURE, jnp.zeros((2, 2)), from_logits=True)
    jax.grad(lambda p: losses.binary_crossentropy(jnp.eye(2), p).sum())(SURE)


def test_swapped_class_numbers_say_so():
    with pytest.raises(ShapeError, match="targets come first"):
        losses.sparse_categorical_crossentropy(SURE, np.array([1, 0]))


def test_every_registered_loss_declares_what_it_asks_for():
    known = {
        n: c for n, c in family("loss").entries().items() if c.__module__.startswith("pellucid")
    }
    bases = {"Loss", "LossFunctionWrapper"}
    missing = [n for n, c in known.items() if n not in bases and loss_traits.traits_of(c) is None]
    assert missing == [], "traits = frozenset({...}) beside the function"
    said = {trait for cls in known.values() for trait in loss_traits.traits_of(cls) or ()}
    assert said == set(loss_traits.TRAITS)


def test_a_loss_of_ones_own_is_what_its_arithmetic_is():
    class Same(losses.MeanSquaredError):
        pass

    class Other(losses.MeanSquaredError):
        def call(self, y_true, y_pred):
            return jnp.mean(y_true * y_pred, axis=-1)

    assert loss_traits.traits_of(Same) == {"distance", "squared"}
    assert loss_traits.traits_of(Other) is None
    model = pellucid.Sequential([pellucid.Input((3,)), pellucid.layers.Dense(4, "softmax")])
    model.compile("adam", Same())
    assert "softmax-with-mse" in [finding.rule for finding in model.diagnose()]
    model.compile("adam", Other())
    assert "softmax-with-mse" not in [finding.rule for finding in model.diagnose()]
