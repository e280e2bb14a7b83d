"""Metrics that users write: in Keras's way or as pure functions, by hand and inside `fit`."""

from __future__ import annotations

import copy

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from pellucid import Sequential, layers, metrics
from pellucid._core.errors import ConfigError, ShapeError, StateError

R = np.random.default_rng(0)
X = R.normal(size=(37, 3)).astype("float32")
Y = (X.sum(axis=1, keepdims=True) > 0).astype("float32")


class Hits(metrics.Metric):
    """As Keras's guide writes one: variables, `assign`, `result`."""

    def __init__(self, name="hits", **kwargs):
        super().__init__(name=name, **kwargs)
        self.hits = self.add_variable(shape=(), initializer="zeros", name="hits")
        self.rows = self.add_weight(name="rows", initializer="zeros", dtype="int32")

    def update_state(self, y_true, y_pred, sample_weight=None):
        right = (y_true == jnp.round(y_pred)).astype(self.dtype)
        if sample_weight is not None:
            right = right * sample_weight[:, None]
        self.hits.assign(self.hits + jnp.sum(right))
        self.rows.assign_add(y_true.shape[0])

    def result(self):
        return self.hits / self.rows

    def reset_state(self):
        self.hits.assign(0.0)
        self.rows.assign(0)


class Missed(metrics.Recall):
    """A subclass that changes what goes in and what comes out."""

    def update_state(self, y_true, y_pred, sample_weight=None):
        super().update_state(y_true, y_pred * 0.9, sample_weight)

    def result(self):
        return 1.0 - super().result()


class Distance(metrics.Mean):
    def update_state(self, y_true, y_pred, sample_weight=None):
        super().update_state(jnp.abs(y_true - y_pred), sample_weight)


class Both(metrics.Metric):
    """Metrics inside a metric, in an attribute and in a list."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.hits = Hits()
        self.others = [metrics.MeanSquaredError(), Distance()]

    def update_state(self, y_true, y_pred, sample_weight=None):
        for metric in (self.hits, *self.others):
            metric.update_state(y_true, y_pred)

    def result(self):
        return jnp.stack([metric.result() for metric in (self.hits, *self.others)])


class Counted(metrics.MeanAbsoluteError):
    """A variable of its own beside the state of the metric that it derives from."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.batches = self.add_variable((), name="batches")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.batches.assign_add(1)
        super().update_state(y_true, y_pred, sample_weight)

    def result(self):
        return super().result() + 100 * self.batches


EVERY = [Hits, Missed, Distance, Both, Counted]


def trained(chosen):
    model = Sequential([layers.Input(shape=(3,)), layers.Dense(1, activation="sigmoid")])
    model.compile("sgd", "binary_crossentropy", metrics=chosen)
    history = model.fit(X, Y, epochs=2, batch_size=8, verbose=0, validation_data=(X, Y))
    return model, history.history


@pytest.mark.slow
@pytest.mark.parametrize("cls", EVERY)
def test_in_fit_as_by_hand(cls):
    """Validation inside the loop, with its short last batch, equals calls batch by batch."""
    model, history = trained([cls()])
    name = cls().name
    assert np.isfinite(history[name]).all()
    metric, predictions = cls(), model.predict(X, verbose=0)
    for start in range(0, len(X), 8):
        metric.update_state(Y[start : start + 8], predictions[start : start + 8])
    np.testing.assert_allclose(history[f"val_{name}"][-1], metric.result(), rtol=1e-5)


@pytest.mark.parametrize("cls", EVERY)
def test_by_hand_and_pure_and_traced_agree(cls):
    y_pred = R.uniform(size=(37, 1)).astype("float32")
    metric = cls()
    by_hand = metric(Y, y_pred)
    pure = cls()
    pure.build(y_pred.shape)
    start = pure.init_state()
    state = jax.jit(pure.update)(start, Y, y_pred)
    assert jax.tree.map(jnp.shape, state) == jax.tree.map(jnp.shape, start)
    np.testing.assert_allclose(jax.jit(pure.compute)(state), by_hand, rtol=1e-5)
    assert pure._state is None, "tracing left its mark on the object"
    metric.reset_state()
    np.testing.assert_allclose(metric(Y, y_pred), by_hand, rtol=1e-6)
    twin = copy.deepcopy(metric)
    twin.update_state(1 - Y, y_pred)
    np.testing.assert_allclose(metric.result(), by_hand, rtol=1e-6)


def test_numbers_of_the_subclasses():
    y_pred = R.uniform(size=(37, 1)).astype("float32")
    recall = metrics.Recall()(Y, y_pred * 0.9)
    assert float(Missed()(Y, y_pred)) == pytest.approx(1 - float(recall))
    assert float(Distance()(Y, y_pred)) == pytest.approx(np.abs(Y - y_pred).mean(), rel=1e-6)
    both = Both()(Y, y_pred)
    expected = [np.mean(np.round(y_pred) == Y), np.mean((Y - y_pred) ** 2)]
    np.testing.assert_allclose(both[:2], expected, rtol=1e-6)
    assert float(Counted()(Y, y_pred)) == pytest.approx(100 + np.abs(Y - y_pred).mean(), rel=1e-6)


def test_variables():
    metric = Hits()
    hits, rows = metric.variables
    assert (hits.shape, str(rows.dtype), hits.ndim) == ((), "int32", 0)
    metric.update_state(Y, Y)
    assert (float(hits), float(rows)) == (37.0, 37.0)
    rows.assign_sub(7)
    assert [float(x) for x in (rows + 1, 1 + rows, rows - hits, rows / 3, 2 * rows, -rows)] == [
        31.0,
        31.0,
        -7.0,
        10.0,
        60.0,
        -30.0,
    ]
    assert bool(rows < hits)
    assert bool(rows >= 30)
    assert np.asarray(hits) == hits.numpy() == 37.0
    assert jnp.sqrt(hits.value) == np.sqrt(np.float32(37))
    assert "rows" in repr(rows)
    start = metrics.Metric().add_variable((2,), initializer="ones", name="start")
    assert start.numpy().tolist() == [1.0, 1.0]
    assert float(start[1]) == 1.0
    start.assign(np.zeros(2))
    start.owner.reset_state()
    assert start.numpy().tolist() == [1.0, 1.0]


def test_weights_and_masks_reach_update_state():
    model = Sequential([layers.Input(shape=(3,)), layers.Dense(1, activation="sigmoid")])
    model.compile("sgd", "mse", weighted_metrics=[Hits()])
    logs = model.evaluate(X, Y, sample_weight=np.zeros(37), verbose=0, return_dict=True)
    assert logs["hits"] == 0.0


class Silent(metrics.Metric):
    pass


class NoResult(metrics.Metric):
    def update_state(self, y_true, y_pred, sample_weight=None):
        pass


class PlainSum(metrics.Metric):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.total = 0.0

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.total = self.total + jnp.sum(y_pred)

    def result(self):
        return self.total


class VariableItself(Hits):
    def result(self):
        return jnp.sqrt(self.hits)


def test_a_variable_itself_can_be_handed_to_jax_numpy():
    logs = trained([Hits(), VariableItself(name="root")])[1]
    hits = np.multiply(logs["val_hits"], len(Y))
    np.testing.assert_allclose(np.square(logs["val_root"]), hits, rtol=1e-5)


class WrongShape(Hits):
    def update_state(self, y_true, y_pred, sample_weight=None):
        self.hits.assign(y_pred)


def twice():
    metric = Hits()
    metric.add_variable((), name="hits")


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Silent()(Y, Y), StateError, "no update_state"),
        (lambda: NoResult()(Y, Y), StateError, "no result"),
        (lambda: trained([PlainSum()]), StateError, "add_variable"),
        (lambda: WrongShape()(Y, Y), ShapeError, "'hits' of metric 'hits'"),
        (twice, StateError, "two variables called 'hits'"),
        (lambda: metrics.get("MeanIoU"), ConfigError, r"MeanIoU\(num_classes=...\)"),
        (lambda: metrics.IoU(2, [2]), ConfigError, r"from 0 to 1"),
        (lambda: metrics.IoU(0, [0]), ConfigError, "number of classes"),
        (lambda: metrics.MeanIoU("2"), ConfigError, "number of classes"),
        (lambda: metrics.MeanIoU(3)([0, 1], np.zeros((2, 3))), ShapeError, "sparse_y_pred=False"),
        (lambda: metrics.PrecisionAtRecall(90), ConfigError, "recall from 0 to 1"),
        (lambda: metrics.RecallAtPrecision(0.5, num_thresholds=0), ConfigError, "one threshold"),
        (
            lambda: metrics.SpecificityAtSensitivity(0.5, class_id=1)([0, 1], [0.1, 0.2]),
            ShapeError,
            "one column per class",
        ),
        (
            lambda: metrics.PearsonCorrelation()(Y, Y),
            ShapeError,
            "axis=0, which correlates over the batch",
        ),
        (lambda: metrics.ConcordanceCorrelation(axis=4)(X, X), ShapeError, "not there"),
    ],
)
def test_mistakes(make, error, message):
    with pytest.raises(error, match=message) as caught:
        make()
    assert "fix:" in str(caught.value)


# -------------------------------------------------------------- the new ones, by other formulas


def test_iou_is_the_jaccard_score():
    from sklearn.metrics import jaccard_score

    y_true, y_pred = R.integers(0, 4, (2, 60, 5)), R.integers(0, 4, (2, 60, 5))
    every = jaccard_score(y_true.ravel(), y_pred.ravel(), average=None)
    assert float(metrics.MeanIoU(4)(y_true, y_pred)) == pytest.approx(every.mean(), rel=1e-5)
    chosen = metrics.IoU(4, target_class_ids=[1, 3])(y_true, y_pred)
    assert float(chosen) == pytest.approx(every[[1, 3]].mean(), rel=1e-5)
    kept = (y_true != 2).ravel()
    ignoring = metrics.IoU(4, [0], ignore_class=2)(y_true, y_pred)
    expected = jaccard_score(y_true.ravel()[kept], y_pred.ravel()[kept], average=None)[0]
    assert float(ignoring) == pytest.approx(expected, rel=1e-5)
    assert float(metrics.MeanIoU(9)(y_true, y_pred)) == pytest.approx(every.mean(), rel=1e-5)


def test_iou_of_pictures_takes_one_weight_per_picture():
    y_true, y_pred = R.integers(0, 2, (4, 6, 6)), R.integers(0, 2, (4, 6, 6))
    weighted = metrics.MeanIoU(2)(y_true, y_pred, sample_weight=[1, 0, 1, 0])
    assert float(weighted) == float(metrics.MeanIoU(2)(y_true[::2], y_pred[::2]))


@pytest.mark.parametrize("least", [0.2, 0.6, 0.95])
def test_rates_are_the_best_over_all_thresholds(least):
    y_true = R.integers(0, 2, 80)
    y_pred = np.clip(0.3 * y_true + 0.7 * R.random(80), 0, 1).astype("float32")
    found = {"sensitivity": [], "specificity": [], "precision": []}
    for threshold in np.arange(200) / 199:
        above = y_pred > threshold
        tp, fp = (above & (y_true == 1)).sum(), (above & (y_true == 0)).sum()
        found["sensitivity"].append(tp / y_true.sum())
        found["specificity"].append(1 - fp / (1 - y_true).sum())
        found["precision"].append(tp / max(tp + fp, 1))
    found["recall"] = found["sensitivity"]
    for name, (best, kept) in {
        "SensitivityAtSpecificity": ("sensitivity", "specificity"),
        "SpecificityAtSensitivity": ("specificity", "sensitivity"),
        "PrecisionAtRecall": ("precision", "recall"),
        "RecallAtPrecision": ("recall", "precision"),
    }.items():
        expected = max(b for b, k in zip(found[best], found[kept], strict=True) if k >= least)
        assert float(getattr(metrics, name)(least)(y_true, y_pred)) == pytest.approx(expected)


def test_a_correlation_over_the_batch_is_not_filled_up():
    """Filling up the last batch would change the mean along the batch: its own program runs."""
    model = Sequential([layers.Input(shape=(3,)), layers.Dense(1)])
    model.compile("sgd", "mse", metrics=[metrics.PearsonCorrelation(axis=0)])
    logs = model.evaluate(X, Y, batch_size=30, verbose=0, return_dict=True)
    predictions = model.predict(X, verbose=0)
    parts = [np.corrcoef(predictions[s, 0], Y[s, 0])[0, 1] for s in (slice(30), slice(30, 37))]
    assert logs["pearson_correlation"] == pytest.approx(np.mean(parts), rel=1e-4)


def test_losses_are_metric_functions():
    assert metrics.mean_squared_error is metrics.get("mse").fn
    assert type(metrics.get(metrics.hinge)) is metrics.Hinge
    assert metrics.get(metrics.huber).name == "huber"


class Errors(metrics.Metric):
    """Several numbers by name."""

    def __init__(self, name="errors"):
        super().__init__(name=name)
        self.total = self.add_weight(name="total")
        self.count = self.add_weight(name="count")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.total.assign_add(jnp.sum(jnp.abs(y_true - y_pred)))
        self.count.assign_add(len(y_true))

    def result(self):
        return {"total_error": self.total + 0.0, "mean_error": self.total / self.count}


def test_a_result_by_name_has_its_places_in_the_logs():
    x = np.arange(6, dtype="float32")[:, None]
    model = Sequential([layers.Input((1,)), layers.Dense(1, kernel_initializer="zeros")])
    model.compile("sgd", "mse", metrics=["mae", Errors()])
    found = model.evaluate(x, x, batch_size=3, verbose=0, return_dict=True)
    assert found["total_error"] == 15.0
    assert found["mean_error"] == found["mae"] == 2.5
    assert model.get_metrics_result()["total_error"] == 15.0
    history = model.fit(
        x, x, batch_size=3, verbose=0, validation_data=(x, x), doctor=None, checkup=False
    ).history
    assert set(history) == {
        *("loss", "mae", "total_error", "mean_error"),
        *("val_loss", "val_mae", "val_total_error", "val_mean_error"),
    }
