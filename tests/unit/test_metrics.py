"""Metrics against scikit-learn, over long runs, inside compiled loops, and by name."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sklearn.metrics as sk
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid import losses, metrics
from pellucid._core.errors import ConfigError, ShapeError, UnknownNameError
from pellucid.metrics import accumulate


def data(n=192, width=1, seed=0):
    r = np.random.default_rng(seed)
    y_true = r.integers(0, 2, (n, width))
    y_pred = np.clip(0.3 * y_true + r.random((n, width)) * 0.7, 0, 1).astype("float32")
    return y_true, y_pred


def stream(metric, y_true, y_pred, weight=None, size=64):
    """The metric over batches of `size`, by its pure functions."""
    metric.build(y_pred.shape)
    state, update = metric.init_state(), jax.jit(metric.update)
    for i in range(0, len(y_true), size):
        part = slice(i, i + size)
        w = None if weight is None else weight[part]
        state = update(state, y_true[part], y_pred[part], w)
    return float(jax.jit(metric.compute)(state))


# ------------------------------------------------------------------------------- long epochs


def test_a_float32_count_goes_past_16_million():
    """20 million ones, a batch at a time in one compiled loop; plain float32 stops at 2**24."""
    metric = metrics.Mean()
    ones = jnp.ones(100)

    def step(_, carry):
        state, naive = carry
        return metric.update(state, ones), naive + jnp.float32(1.0)

    start = (metric.init_state(), jnp.float32(2.0**24))
    state, naive = jax.jit(lambda c: jax.lax.fori_loop(0, 200_000, step, c))(start)
    assert float(naive) == 2.0**24  # what this test is about
    assert float(accumulate.read(state["count"])) == 20_000_000
    assert float(accumulate.read(state["total"])) == 20_000_000
    for _ in range(3):  # each of them alone below float32's resolution
        state = metric.update(state, jnp.ones(()))
    assert float(state["count"][0]) + float(state["count"][1]) == 20_000_003


def test_a_mean_of_20_million_values_keeps_its_digits():
    metric = metrics.Mean()

    @jax.jit
    def epoch(state, naive, values):
        def step(_, carry):
            state, naive = carry
            return metric.update(state, values), naive + jnp.sum(values)

        return jax.lax.fori_loop(0, 200_000, step, (state, naive))

    state, naive = epoch(metric.init_state(), jnp.float32(0.0), jnp.full(100, 0.1234))
    assert abs(float(naive) / 2e7 / 0.1234 - 1) > 1e-5  # the plain sum has drifted
    assert float(metric.compute(state)) == pytest.approx(0.1234, rel=3e-7)


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(st.lists(st.floats(-1e8, 1e8, width=32, allow_subnormal=False), max_size=40))
def test_totals_are_exact_to_float32(values):
    total = accumulate.zeros()
    for value in values:
        total = accumulate.add(total, value)
    exact = float(np.sum(np.asarray(values, "float64")))
    scale = float(np.sum(np.abs(np.asarray(values, "float64"))))
    assert float(accumulate.read(total)) == pytest.approx(exact, rel=1e-7, abs=1e-13 * scale)


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
def test_a_total_shows_what_is_not_finite(bad):
    total = accumulate.add(accumulate.add(accumulate.zeros(), bad), 1.0)
    np.testing.assert_equal(float(accumulate.read(total)), bad)


# -------------------------------------------------------------------------- against scikit-learn


@pytest.mark.slow
@pytest.mark.parametrize("weighted", [False, True])
def test_binary_metrics(weighted):
    y_true, y_pred = data()
    w = np.random.default_rng(1).uniform(0, 2, 192).astype("float32") if weighted else None
    t, p, hard = y_true[:, 0], y_pred[:, 0], y_pred[:, 0] > 0.5
    for metric, expected in [
        (metrics.BinaryAccuracy(), sk.accuracy_score(t, hard, sample_weight=w)),
        (metrics.Precision(), sk.precision_score(t, hard, sample_weight=w)),
        (metrics.Recall(), sk.recall_score(t, hard, sample_weight=w)),
        (metrics.F1Score("micro", 0.5), sk.f1_score(t, hard, sample_weight=w)),
        (metrics.BinaryCrossentropy(), sk.log_loss(t, p, sample_weight=w)),
    ]:
        assert stream(metric, y_true, y_pred, w) == pytest.approx(expected, rel=1e-5), metric
    exact = sk.roc_auc_score(t, p, sample_weight=w)
    assert stream(metrics.AUC(), y_true, y_pred, w) == pytest.approx(exact, abs=2e-3)
    finer = stream(metrics.AUC(num_thresholds=5000), y_true, y_pred, w)
    assert finer == pytest.approx(exact, abs=1e-4)
    precision_recall = stream(metrics.AUC(curve="PR"), y_true, y_pred, w)
    assert precision_recall == pytest.approx(
        sk.average_precision_score(t, p, sample_weight=w), abs=0.02
    )


@pytest.mark.slow
def test_confusion_counts():
    y_true, y_pred = data()
    ((tn, fp), (fn, tp)) = sk.confusion_matrix(y_true[:, 0], y_pred[:, 0] > 0.5)
    for metric, expected in [
        (metrics.TruePositives(), tp),
        (metrics.TrueNegatives(), tn),
        (metrics.FalsePositives(), fp),
        (metrics.FalseNegatives(), fn),
    ]:
        assert stream(metric, y_true, y_pred) == expected


@pytest.mark.slow
def test_several_labels_are_averaged():
    y_true, y_pred = data(width=3)
    got = stream(metrics.AUC(multi_label=True, num_thresholds=2000), y_true, y_pred)
    assert got == pytest.approx(sk.roc_auc_score(y_true, y_pred, average="macro"), abs=1e-3)


@pytest.mark.slow
def test_class_metrics():
    r = np.random.default_rng(0)
    labels, scores = r.integers(0, 7, 192), r.random((192, 7)).astype("float32")
    probabilities = scores / scores.sum(axis=1, keepdims=True)
    one_hot = np.eye(7, dtype="float32")[labels]
    right = sk.accuracy_score(labels, scores.argmax(axis=1))
    top3 = sk.top_k_accuracy_score(labels, scores, k=3)
    loss = sk.log_loss(labels, probabilities)
    for sparse, dense, expected in [
        (metrics.SparseCategoricalAccuracy(), metrics.CategoricalAccuracy(), right),
        (metrics.SparseTopKCategoricalAccuracy(3), metrics.TopKCategoricalAccuracy(3), top3),
        (metrics.SparseCategoricalCrossentropy(), metrics.CategoricalCrossentropy(), loss),
    ]:
        assert stream(sparse, labels, probabilities) == pytest.approx(expected, rel=1e-5)
        assert stream(sparse, labels[:, None], probabilities) == pytest.approx(expected, rel=1e-5)
        assert stream(dense, one_hot, probabilities) == pytest.approx(expected, rel=1e-5)


@pytest.mark.slow
def test_regression_metrics():
    r = np.random.default_rng(0)
    y_true = r.normal(size=(192, 2)).astype("float32") + 3
    y_pred = y_true + r.normal(size=(192, 2)).astype("float32")
    for metric, expected in [
        (metrics.MeanSquaredError(), sk.mean_squared_error(y_true, y_pred)),
        (metrics.RootMeanSquaredError(), sk.mean_squared_error(y_true, y_pred) ** 0.5),
        (metrics.MeanAbsoluteError(), sk.mean_absolute_error(y_true, y_pred)),
        (
            metrics.MeanAbsolutePercentageError(),
            100 * sk.mean_absolute_percentage_error(y_true, y_pred),
        ),
        (metrics.R2Score(), sk.r2_score(y_true, y_pred)),
    ]:
        assert stream(metric, y_true, y_pred) == pytest.approx(expected, rel=1e-5), metric


def test_r2_of_targets_far_from_zero():
    """Prices: sums of squares in float32 would leave nothing of this score."""
    r = np.random.default_rng(0)
    noise = r.normal(size=(1920, 1))
    y_true = (200_000 + 50 * noise).astype("float32")
    y_pred = (y_true + 10 * r.normal(size=(1920, 1))).astype("float32")
    expected = sk.r2_score(y_true.astype("float64"), y_pred.astype("float64"))
    assert stream(metrics.R2Score(), y_true, y_pred) == pytest.approx(expected, abs=1e-4)


# --------------------------------------------------------------------------------- functions


def test_a_function_that_gives_one_number_a_batch_sees_only_real_rows():
    metric = metrics.get(lambda y_true, y_pred: jnp.sqrt(jnp.mean(jnp.square(y_true - y_pred))))
    y_true, y_pred = jnp.zeros((4, 1)), jnp.array([[3.0], [4.0], [jnp.nan], [9.0]])
    full = metric.update(metric.init_state(), y_true[:2], y_pred[:2])
    padded = metric.update(metric.init_state(), y_true, y_pred, jnp.array([1.0, 1.0, 0.0, 0.0]))
    assert float(metric.compute(padded)) == pytest.approx(float(metric.compute(full)), rel=1e-6)
    empty = metric.update(full, y_true, y_pred, jnp.zeros(4))
    assert float(metric.compute(empty)) == float(metric.compute(full))


def test_a_loss_as_a_metric_is_averaged_over_samples():
    metric = metrics.get(losses.MeanSquaredError())
    metric.update_state(np.zeros((3, 1)), np.array([[1.0], [1.0], [1.0]]))
    metric.update_state(np.zeros((1, 1)), np.array([[3.0]]))
    assert float(metric.result()) == 3.0
    assert metric.name == "mean_squared_error"
    assert isinstance(metrics.get("huber"), metrics.MeanMetricWrapper)


def test_ignored_labels_do_not_count_with_or_without_weights():
    metric = metrics.SparseCategoricalCrossentropy(ignore_class=-1)
    p = np.array([[0.5, 0.5], [0.9, 0.1]])
    for weight in (None, np.ones(2, "float32")):
        metric.reset_state()
        assert float(metric([0, -1], p, weight)) == pytest.approx(np.log(2), rel=1e-5)


@pytest.mark.slow
def test_flat_targets_meet_one_unit():
    y_true, y_pred = data()
    for metric in (metrics.BinaryAccuracy(), metrics.AUC(), metrics.MeanAbsoluteError()):
        assert stream(metric, y_true[:, 0], y_pred) == stream(metric, y_true, y_pred)


def test_the_stateful_calls():
    metric = metrics.BinaryAccuracy()
    assert float(metric.result()) == 0.0
    metric.update_state([1, 0], [0.9, 0.9])
    assert float(metric([1, 1], [0.9, 0.9])) == 0.75
    metric.reset_state()
    assert float(metric.result()) == 0.0
    assert metrics.Mean(dtype="bfloat16")([1.0]).dtype == jnp.bfloat16


# ------------------------------------------------------------------------------ names, mistakes


@pytest.mark.parametrize(
    ("y_true", "y_pred", "accuracy"),
    [
        ((None,), (None, 1), metrics.BinaryAccuracy),
        ((None, 1), (None, 1), metrics.BinaryAccuracy),
        ((None,), (None,), metrics.BinaryAccuracy),
        ((None,), (None, 10), metrics.SparseCategoricalAccuracy),
        ((None, 1), (None, 10), metrics.SparseCategoricalAccuracy),
        ((None, 10), (None, 10), metrics.CategoricalAccuracy),
        ((None, 7), (None, 7, 10), metrics.SparseCategoricalAccuracy),
    ],
)
def test_accuracy_means_the_kind_that_fits(y_true, y_pred, accuracy):
    metric = metrics.resolve_for("accuracy", y_true, y_pred)
    assert type(metric) is accuracy
    assert metric.name == "accuracy"
    assert metrics.resolve_for("acc", y_true, y_pred).name == "acc"
    loss = metrics.resolve_for("ce", y_true, y_pred)
    assert type(loss).__name__.removesuffix("Crossentropy") == accuracy.__name__.removesuffix(
        "Accuracy"
    )


def test_resolving_builds_for_the_output():
    metric = metrics.resolve_for(metrics.F1Score(average="macro"), (None, 4), (None, 4))
    assert metric.init_state()["true_positives"].shape == (2, 4)
    with pytest.raises(ConfigError, match="does not know the number"):
        metrics.F1Score().init_state()


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: metrics.get("acuracy"), UnknownNameError, "did you mean '[Aa]ccuracy'"),
        (lambda: metrics.AUC(curve="RPC"), ConfigError, "curve"),
        (lambda: metrics.AUC(summation_method="sum"), ConfigError, "summation_method"),
        (lambda: metrics.AUC(num_thresholds=1), ConfigError, "two thresholds"),
        (lambda: metrics.AUC(num_labels=3), ConfigError, "multi_label=True"),
        (lambda: metrics.Precision(1.5), ConfigError, "from 0 to 1"),
        (lambda: metrics.Recall([0.5, -1]), ConfigError, "from 0 to 1"),
        (lambda: metrics.FBetaScore(average="all"), ConfigError, "average"),
        (lambda: metrics.FBetaScore(beta=0.0), ConfigError, "beta"),
        (lambda: metrics.F1Score(threshold=2.0), ConfigError, "threshold"),
        (lambda: metrics.R2Score("sum"), ConfigError, "aggregation"),
        (lambda: metrics.R2Score(num_regressors=-1), ConfigError, "negative"),
        (lambda: metrics.MeanMetricWrapper(losses.huber, detla=1.0), ConfigError, "detla"),
        (lambda: metrics.AUC()([0, 1], [[0.1, 0.9], [0.2, 0.8]]), ShapeError, "shapes differ"),
        (lambda: metrics.Precision(class_id=1)([0, 1], [0.1, 0.9]), ShapeError, "one column"),
        (
            lambda: metrics.SparseCategoricalAccuracy()(np.eye(3), np.eye(3)),
            ShapeError,
            "class number",
        ),
        (
            lambda: metrics.AUC(multi_label=True)([0, 1], [0.1, 0.9]),
            ShapeError,
            "one column per label",
        ),
    ],
)
def test_mistakes(make, error, message):
    with pytest.raises(error, match=message):
        make()
