"""What a record says of the data: ranges, kinds of targets, baselines, and samples that repeat."""

from __future__ import annotations

import numpy as np
import pytest
from doctor.records import layer_record

from pellucid import Input, Sequential, layers, losses
from pellucid.losses.traits import written_traits
from pellucid.record.schema import OutputRecord, RunRecord
from pellucid.vitals.arrays import describe_array, some_rows
from pellucid.vitals.baseline import best_constant_loss
from pellucid.vitals.data import describe_data

R = np.random.default_rng(5)


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int64", "uint8", "bool"])
@pytest.mark.parametrize("shape", [(500, 7), (100, 4, 5, 2), (300,), (6, 5000)])
def test_moments(dtype, shape):
    array = (R.normal(size=shape) * 20 + 100).astype(dtype)
    found = describe_array(array, "x")
    wide = array.astype(np.float64)
    assert (found.minimum, found.maximum) == (wide.min(), wide.max())
    assert found.mean == pytest.approx(wide.mean(), rel=1e-5)
    assert found.std == pytest.approx(wide.std(), rel=1e-4)
    assert (found.shape, found.dtype, found.samples) == (list(shape[1:]), dtype, shape[0])
    assert found.integers == bool((wide == np.floor(wide)).all())
    if len(shape) == 2 and shape[1] <= 4096:
        np.testing.assert_allclose(found.column_mean, wide.mean(axis=0), rtol=1e-5)
        np.testing.assert_allclose(found.column_std, wide.std(axis=0), rtol=1e-4, atol=1e-6)
        np.testing.assert_array_equal(found.column_minimum, wide.min(axis=0))
        np.testing.assert_array_equal(found.column_maximum, wide.max(axis=0))
    else:
        assert found.column_mean is None


def test_large_numbers_keep_their_spread():
    array = np.float32(2**20) + R.integers(0, 3, (4000, 2)).astype(np.float32)
    found = describe_array(array, "x")
    np.testing.assert_allclose(found.column_std, array.astype(np.float64).std(axis=0), rtol=1e-4)


def test_numbers_that_are_not_finite_are_counted_and_left_out():
    array = R.normal(size=(50, 3)).astype(np.float32)
    array[4, 1], array[5, 2], array[6, 2] = np.nan, np.inf, -np.inf
    found = describe_array(array, "x")
    finite = np.where(np.isfinite(array), array, np.nan).astype(np.float64)
    assert found.nonfinite == 3
    assert found.maximum == np.nanmax(finite)
    assert found.mean == pytest.approx(np.nanmean(finite), abs=1e-6)
    np.testing.assert_allclose(found.column_std, np.nanstd(finite, axis=0), rtol=1e-4)
    nothing = describe_array(np.full((4, 2), np.nan), "x")
    assert (nothing.nonfinite, nothing.minimum, nothing.mean) == (8, None, None)


def test_text_and_empty_arrays_have_no_numbers():
    assert describe_array(np.array(["a", "b"]), "x").minimum is None
    assert describe_array(np.zeros((0, 3)), "x").minimum is None


def test_long_data_is_looked_at_in_evenly_spaced_rows():
    array = np.arange(100_000.0)[:, None]
    assert len(some_rows(array)) == 20_000
    assert some_rows(array)[1, 0] == 5
    found = describe_array(array, "x")
    assert (found.samples, found.maximum) == (20_000, 99_995)


def targets_of(array, loss=None, **config):
    shape = [None, 1] if loss else None
    output = OutputRecord("y", shape=shape, loss=loss, loss_config=config)
    output.loss_traits = None if loss is None else written_traits(loss)
    record = RunRecord(outputs=[output])
    return describe_data(
        record, {"x": np.arange(float(len(array)))[:, None]}, {"y": array}
    ).targets["y"]


@pytest.mark.parametrize(
    ("array", "kind", "counts"),
    [
        (np.array([0, 2, 2, 1, 2, 1]), "labels", [1, 2, 3]),
        (np.array([0, 1, 1, 1]), "binary", [1, 3]),
        (np.array([[0.0], [1.0]]), "binary", [1, 1]),
        (np.eye(3)[[0, 2, 2]], "one_hot", [1, 0, 2]),
        (np.array([[0, 1, 1], [1, 0, 0]]), "binary", None),
        (np.array([[0.2, 0.8], [0.5, 0.5]]), "distribution", None),
        (np.array([0.5, 1.5, -1.0]), "values", None),
        (np.array([-1, 1, 1]), "values", None),
        (np.array([3, 1000]), "values", None),
    ],
)
def test_kinds_of_targets(array, kind, counts):
    found = targets_of(array)
    assert found.kind == kind
    assert (None if found.class_counts is None else found.class_counts.tolist()) == counts
    if counts is not None:
        assert found.baseline_accuracy == max(counts) / sum(counts)


def test_labels_of_a_sparse_loss_are_labels_however_many():
    found = targets_of(np.array([0, 500, 1]), "sparse_categorical_crossentropy")
    assert (found.kind, len(found.class_counts)) == ("labels", 501)


LABELS = np.array([0, 1, 1, 2, 2, 2, 2, 0])
ONE_HOT = np.eye(3, dtype=np.float32)[LABELS]
YES = np.array([[1.0], [0.0], [0.0], [1.0], [0.0]], np.float32)
NUMBERS = R.normal(size=(9, 2)).astype(np.float32) ** 3


@pytest.mark.parametrize(
    ("loss", "targets", "of_answer", "config"),
    [
        ("SparseCategoricalCrossentropy", LABELS, "share", {}),
        ("CategoricalCrossentropy", ONE_HOT, "share", {}),
        ("CategoricalCrossentropy", ONE_HOT, "share", {"label_smoothing": 0.1}),
        ("BinaryCrossentropy", YES, "mean", {}),
        ("BinaryCrossentropy", YES, "mean", {"label_smoothing": 0.2}),
        ("MeanSquaredError", NUMBERS, "mean", {}),
        ("MeanAbsoluteError", NUMBERS, "median", {}),
    ],
)
def test_no_constant_answer_is_better_than_the_baseline(loss, targets, of_answer, config):
    """The library's own loss, at the best constant answer and around it."""
    made = getattr(losses, loss)(**config)
    name = losses.as_loss(loss).name
    baseline = best_constant_loss(name, config, targets)
    flat = ONE_HOT if loss.startswith("Sparse") else targets
    best = {
        "share": flat.mean(axis=0),
        "mean": flat.mean(axis=0),
        "median": np.median(flat, axis=0),
    }
    smoothing = config.get("label_smoothing", 0)
    classes = flat.shape[1] if of_answer == "share" else 2
    answer = best[of_answer] * (1 - smoothing) + smoothing / classes * bool(smoothing)

    def loss_at(answer):
        answers = np.broadcast_to(answer, (len(targets), flat.shape[1])).astype(np.float32)
        return float(made(targets, answers))

    assert loss_at(answer) == pytest.approx(baseline, rel=1e-4)
    for _ in range(20):
        other = answer + R.normal(size=answer.shape) * 0.05
        if of_answer == "share":
            other = np.clip(other, 0.01, None)
            other = other / other.sum()
        elif of_answer == "mean" and loss.startswith("Binary"):
            other = np.clip(other, 0.01, 0.99)
        assert loss_at(other) >= baseline - 1e-5


def test_the_baseline_knows_weights_and_reductions():
    weights = np.array([1.0, 3.0])
    targets = np.array([[0.0], [1.0]])
    mean = best_constant_loss("mean_squared_error", {}, targets, weights)
    # 0.75 is the best answer: (1 * 0.75² + 3 * 0.25²) / 2 samples
    assert mean == pytest.approx((0.5625 + 3 * 0.0625) / 2)
    weighted = {"reduction": "mean_with_sample_weight"}
    assert best_constant_loss("mean_squared_error", weighted, targets, weights) == pytest.approx(
        (0.5625 + 3 * 0.0625) / 4
    )
    assert best_constant_loss("mean_squared_error", {"reduction": "sum"}, targets) is None
    assert best_constant_loss("my_own", {}, targets) is None


def test_the_baseline_of_another_loss_is_asked_of_it():
    targets = R.normal(size=(40, 1)).astype(np.float32)
    found = best_constant_loss("huber", {}, targets, loss=losses.Huber())
    tries = [
        float(losses.Huber()(targets, np.full_like(targets, answer)))
        for answer in np.linspace(-1, 1, 81)
    ]
    assert min(tries) * 0.999 <= found <= min(tries) * 1.05  # the tries lie on a grid


def test_repeated_shared_and_conflicting_rows():
    x = R.normal(size=(30, 4)).astype(np.float32)
    y = R.integers(0, 2, 30)
    x[10], y[10] = x[3], y[3]  # a repetition
    x[11], y[11] = x[4], 1 - y[4]  # a conflict
    held_out = R.normal(size=(10, 4)).astype(np.float32)
    held_out[[2, 7]] = x[[3, 20]]
    found = describe_data(RunRecord(), {"x": x}, {"y": y}, {"x": held_out}, {"y": y[:10]})
    assert (found.repeated_rows, found.conflicting_rows) == (1, 2)
    assert (found.shared_rows, found.looked_at) == (2, 30)


@pytest.mark.parametrize("alike", ["nothing", "the middle", "the ends"])
@pytest.mark.parametrize("shape", [(20, 30), (700,), (3, 5)])
def test_wide_rows_that_are_alike_at_a_glance_are_told_apart(shape, alike):
    numbers = int(np.prod(shape))
    rows = R.normal(size=(40, numbers)).astype(np.float32)
    part = {"nothing": slice(0), "the middle": slice(1, -1), "the ends": [0, -1]}[alike]
    rows[:, part] = 0.5
    rows[[10, 33]] = rows[[3, 7]]
    rows[20] = rows[3]
    rows[21] = rows[4]
    rows[21, 0] = -rows[4, 0] - 1  # all but the first number
    x, y = rows[:30].reshape(-1, *shape), np.arange(30)
    found = describe_data(
        RunRecord(), {"x": x}, {"y": y}, {"x": rows[30:].reshape(-1, *shape)}, {"y": y[:10]}
    )
    assert (found.looked_at, found.repeated_rows, found.conflicting_rows) == (30, 0, 3)
    assert found.shared_rows == 1
    found = describe_data(RunRecord(), {"x": x}, {"y": y // 30})
    assert (found.repeated_rows, found.conflicting_rows) == (2, 0)


def test_of_several_inputs_only_all_together_are_a_row():
    x = R.normal(size=(20, 400)).astype(np.float32)
    other = R.integers(0, 9, (20, 1))
    x[[5, 6]] = x[1]
    other[[5, 6]] = other[1], other[1] + 1
    found = describe_data(RunRecord(), {"x": x, "other": other}, {"y": np.zeros(20)})
    assert found.repeated_rows == 1


def test_a_column_that_gives_the_answer_away():
    x = R.normal(size=(300, 4)).astype(np.float32)
    labels = R.integers(0, 3, 300)
    x[:, 2] = 5 - 2 * labels
    found = describe_data(RunRecord(), {"x": x}, {"y": labels}).inputs["x"].column_link
    assert found[2] == pytest.approx(1, abs=1e-4)
    assert (found[[0, 1, 3]] < 0.1).all()
    numbers = 3 * x[:, :1] + 0.5 * R.normal(size=(300, 1)).astype(np.float32)
    found = describe_data(RunRecord(), {"x": x}, {"y": numbers}).inputs["x"].column_link
    expected = [np.corrcoef(column, numbers[:, 0])[0, 1] ** 2 for column in x.T]
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_inputs_that_are_looked_up_or_scaled_inside():
    def described(*kinds):
        stack = [layer_record(f"l{n}", kind, inputs=[f"l{n - 1}"]) for n, kind in enumerate(kinds)]
        stack[0].inputs = ["input:x"]
        x = np.arange(12).reshape(4, 3)
        found = describe_data(RunRecord(layers=stack), {"x": x}, {}).inputs["x"]
        return found.embedded, found.normalized

    assert described("Embedding", "Dense") == (True, False)
    assert described("Flatten", "Normalization", "Dense") == (False, True)
    assert described("Dropout", "Dense") == (False, False)
    assert described("Dense", "BatchNormalization") == (False, False)


def test_an_autoencoder_is_seen():
    x = R.normal(size=(20, 3)).astype(np.float32)
    assert describe_data(RunRecord(), {"x": x}, {"y": x.copy()}).targets["y"].same_as_input
    assert not describe_data(RunRecord(), {"x": x}, {"y": x + 1}).targets["y"].same_as_input


def test_fit_describes_its_data_by_name():
    import polars

    frame = polars.DataFrame({"age": [1.0, 2.0, 3.0, 4.0], "pay": [5.0, 5.0, 5.0, 5.0]})
    model = Sequential([Input(shape=(2,), name="person"), layers.Dense(1, name="answer")])
    model.compile("sgd", "mse")
    y = np.array([[0.5], [1.5], [1.5], [0.5]])
    data = model.fit(frame, y, epochs=0, verbose=0, doctor=None).vitals.data
    assert data.inputs["person"].column_names == ["age", "pay"]
    assert data.inputs["person"].column_std[1] == 0
    assert data.targets["answer"].baseline_loss == pytest.approx(0.25)
