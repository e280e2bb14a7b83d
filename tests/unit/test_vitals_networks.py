"""Checkups of all kinds of networks and of all ways to train them."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import pellucid
from pellucid import Input, Model, Sequential, layers
from pellucid.callbacks import Callback
from pellucid.data import ArraySource
from pellucid.vitals import checkup_schedule, probe_samples, watch

R = np.random.default_rng(1)


def close(found, expected, rtol=5e-4, atol=1e-6):
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=atol)


def rms(array):
    return np.sqrt(np.square(array).mean())


def check_layer(signs, row, output):
    """One checkup of a layer against its output ``(samples, ..., units)``."""
    output = np.float64(output)
    close(signs["output_mean"][row], output.mean())
    close(signs["output_rms"][row], rms(output))
    close(signs["output_spread"][row], np.sqrt(output.var(axis=0).mean()), rtol=1e-3)
    close(signs["zero_share"][row], (output == 0).mean())
    positions = tuple(range(1, output.ndim - 1))
    close(signs["unit_zero"][row], (output == 0).all(axis=positions).mean(axis=0))


# --- graphs


def graph():
    """Two inputs, a layer used twice, a model within the model, two outputs."""
    pellucid.utils.set_random_seed(1)
    one, two = Input(shape=(4,), name="one"), Input(shape=(4,), name="two")
    shared = layers.Dense(3, activation="tanh", name="shared")
    inner = Input(shape=(3,))
    block = Model(inner, layers.Dense(5, activation="relu", name="inside")(inner), name="block")
    joined = layers.Concatenate(name="joined")([block(shared(one)), shared(two)])
    kind = layers.Dense(2, activation="softmax", name="kind")(joined)
    size = layers.Dense(1, name="size")(joined)
    model = Model([one, two], [kind, size])
    model.compile(
        "sgd",
        {"kind": "sparse_categorical_crossentropy", "size": "mse"},
        loss_weights={"kind": 1.0, "size": 0.5},
        metrics={"kind": ["accuracy"]},
    )
    return model


def graph_by_hand(weights, bumps, one, two, kind, size):
    """The loss and the layers' outputs; `bumps` are added to these."""

    def dense(name, x, act=lambda x: x, path=None):
        path = path or name
        outputs[path] = act(x @ weights[f"{name}/kernel"] + weights[f"{name}/bias"]) + bumps[path]
        return outputs[path]

    outputs = {}
    left = dense("shared", one, jnp.tanh)
    right = dense("shared", two, jnp.tanh, "shared#2")
    inside = dense("block/inside", left, jax.nn.relu)
    outputs["joined"] = jnp.concatenate([inside, right], axis=1) + bumps["joined"]
    likely = dense("kind", outputs["joined"], jax.nn.softmax)
    likely = likely / likely.sum(axis=1, keepdims=True)
    guess = dense("size", outputs["joined"])
    loss = -jnp.log(likely[jnp.arange(len(kind)), kind]).mean()
    return loss + 0.5 * jnp.square(guess - size).mean(), outputs


def test_a_graph_with_branches_a_shared_layer_a_nested_model_and_two_outputs():
    model = graph()
    x = [R.normal(size=(30, 4)).astype(np.float32) for _ in range(2)]
    kind, size = R.integers(0, 2, 30), R.normal(size=(30, 1)).astype(np.float32)
    names = {"shared": "shared", "block/inside": "block", "kind": "kind", "size": "size"}
    weights = {}
    for path, name in names.items():
        layer = model.get_layer(name)
        layer = layer.layers[-1] if name == "block" else layer
        weights |= {
            f"{path}/kernel": jnp.array(layer.kernel),
            f"{path}/bias": jnp.array(layer.bias),
        }
    y = {"kind": kind, "size": size}
    record = model.fit(x, y, batch_size=30, verbose=0, shuffle=False, doctor=None).vitals

    paths = ["shared", "block/inside", "shared#2", "joined", "kind", "size"]
    assert sorted(layer.path for layer in record.layers) == sorted(paths)
    inputs = {layer.path: layer.inputs for layer in record.layers}
    assert (inputs["shared"], inputs["shared#2"]) == (["input:one"], ["input:two"])
    assert inputs["block/inside"] == ["shared"]
    assert inputs["joined"] == ["block/inside", "shared#2"]
    assert [(o.name, o.layer, o.loss, o.weight) for o in record.outputs] == [
        ("kind", "kind", "sparse_categorical_crossentropy", 1.0),
        ("size", "size", "mean_squared_error", 0.5),
    ]
    assert set(record.checkups.train) == {"loss", "kind_accuracy"}
    assert set(record.checkups.outputs) == {"kind", "size"}
    assert "class_share" not in record.checkups.outputs["size"]

    flat = dict.fromkeys(paths, 0.0)
    loss, outputs = graph_by_hand(weights, flat, *x, kind, size)
    bumps = {path: jnp.zeros_like(output) for path, output in outputs.items()}
    by_weight, by_output = jax.grad(
        lambda w, b: graph_by_hand(w, b, *x, kind, size)[0], argnums=(0, 1)
    )(weights, bumps)
    close(record.checkups.train["loss"][0], loss)
    close(record.losses[0], loss)
    close(record.gradient_norms[0], np.sqrt(sum(np.square(g).sum() for g in by_weight.values())))
    for path in paths:
        signs = record.checkups.layers[path]
        check_layer(signs, 0, outputs[path])
        close(signs["gradient_rms"][0], rms(by_output[path]) * 30)
    for path in weights:
        found = record.checkups.weights[path]["gradient_norm"][0]
        close(found, np.linalg.norm(by_weight[path]))


# --- layers with positions, and layers that know a mode


def pictures():
    pellucid.utils.set_random_seed(2)
    model = Sequential(
        [
            Input(shape=(6, 6, 2)),
            layers.Conv2D(4, 3, activation="relu", name="conv"),
            layers.BatchNormalization(name="norm"),
            layers.Flatten(name="flat"),
            layers.Dropout(0.5, name="drop"),
            layers.Dense(1, activation="sigmoid", name="last"),
        ]
    )
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model


PICTURES = R.normal(size=(50, 6, 6, 2)).astype(np.float32)
ANSWERS = R.integers(0, 2, (50, 1))


def test_pictures_and_the_run_is_the_same_to_the_last_bit_without_checkups():
    model = pictures()
    conv = Model(model.inputs, model.get_layer("conv").output)
    norm = Model(model.inputs, model.get_layer("norm").output)
    before = [conv.predict(PICTURES, verbose=0), norm.predict(PICTURES, verbose=0)]
    likely = np.float64(model.predict(PICTURES, verbose=0))
    arguments = {"batch_size": 10, "epochs": 2, "verbose": 0, "validation_split": 0.2}
    seen = model.fit(PICTURES, ANSWERS, **arguments)
    checkups = seen.vitals.checkups
    # The first 40 are for training, and all of them are looked at.
    check_layer(checkups.layers["conv"], 0, before[0][:40])
    check_layer(checkups.layers["norm"], 0, before[1][:40])
    yes = ANSWERS == 1
    loss = -np.log(np.where(yes, likely, 1 - likely))
    close(checkups.train["loss"][0], loss[:40].mean())
    close(checkups.validation["loss"][0], loss[40:].mean())
    close(checkups.validation["accuracy"][0], ((likely > 0.5) == yes)[40:].mean())
    close(checkups.outputs["last"]["class_share"][0][1], (likely[:40] > 0.5).mean())
    # Dropout and batch statistics make another loss.
    assert abs(checkups.training_mode["loss"][0] - checkups.train["loss"][0]) > 1e-3
    assert {"norm/moving_mean", "norm/gamma"} <= set(checkups.weights)
    assert "gradient_norm" not in checkups.weights["norm/moving_mean"]

    plain = pictures()
    unseen = plain.fit(PICTURES, ANSWERS, **arguments, checkup=False)
    assert len(unseen.vitals.checkups) == 0
    assert unseen.vitals.data.inputs == {}
    assert seen.history == unseen.history
    np.testing.assert_array_equal(seen.vitals.losses, unseen.vitals.losses)
    np.testing.assert_array_equal(seen.vitals.gradient_norms, unseen.vitals.gradient_norms)
    for one, two in zip(model.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


# --- time and masks


def test_masked_steps_do_not_count():
    pellucid.utils.set_random_seed(4)
    model = Sequential(
        [
            Input(shape=(7,), dtype="int32"),
            layers.Embedding(9, 3, mask_zero=True, name="words"),
            layers.GRU(4, return_sequences=True, name="memory"),
            layers.Dense(1, name="guess"),
        ]
    )
    model.compile("sgd", "mse")
    x = R.integers(1, 9, (20, 7))
    for row, length in enumerate(R.integers(2, 8, 20)):
        x[row, length:] = 0
    y = R.normal(size=(20, 7, 1)).astype(np.float32)
    kept = x > 0
    memory = Model(model.inputs, model.get_layer("memory").output).predict(x, verbose=0)
    guess = np.float64(model.predict(x, verbose=0))
    checkups = model.fit(x, y, batch_size=20, verbose=0).vitals.checkups
    inside = np.float64(memory[kept])  # (steps that count, units)
    signs = checkups.layers["memory"]
    close(signs["output_mean"][0], inside.mean())
    close(signs["output_rms"][0], rms(inside))
    means = np.where(kept[..., None], memory, 0).sum(0) / kept.sum(0)[:, None]  # (time, units)
    spread = np.where(kept[..., None], np.square(memory - means), 0).sum(0) / kept.sum(0)[:, None]
    close(signs["output_spread"][0], np.sqrt(spread.mean()))
    assert signs["histogram"][0].sum() == inside.size
    error = (guess - y)[..., 0]
    close(checkups.train["loss"][0], np.square(error[kept]).mean())
    slopes = 2 * error[kept] / kept.sum()
    close(checkups.layers["guess"]["gradient_rms"][0], rms(slopes) * 20)
    close(checkups.outputs["guess"]["mean"][0], guess[kept].mean())


# --- number formats and ways to train


def small(**compiling):
    pellucid.utils.set_random_seed(5)
    model = Sequential(
        [Input(shape=(3,)), layers.Dense(8, activation="relu", name="a"), layers.Dense(1, name="b")]
    )
    model.compile("sgd", "mse", **compiling)
    return model


X = R.normal(size=(32, 3)).astype(np.float32)
Y = X @ np.float32([[1.0], [2.0], [-1.0]])


@pytest.fixture(scope="module")
def plain_run():
    return small().fit(X, Y, batch_size=8, epochs=2, verbose=0, shuffle=False).vitals


def test_mixed_precision(plain_run):
    pellucid.utils.set_random_seed(5)
    model = Sequential(
        [
            Input(shape=(3,)),
            layers.Dense(8, activation="relu", name="a", dtype="mixed_bfloat16"),
            layers.Dense(1, name="b", dtype="mixed_bfloat16"),
        ]
    )
    model.compile("sgd", "mse")
    record = model.fit(X, Y, batch_size=8, epochs=2, verbose=0, shuffle=False).vitals
    assert record.plan.dtype == "mixed_bfloat16"
    for name, found in record.checkups.layers["a"].items():
        assert found.dtype == np.float32
        if "histogram" not in name:
            expected = plain_run.checkups.layers["a"][name]
            np.testing.assert_allclose(found, expected, rtol=0.05, atol=0.02)
    close(record.losses, plain_run.losses, rtol=0.05)
    assert record.losses.tolist() != plain_run.losses.tolist()


def test_an_eager_run_has_losses_and_no_checkups(plain_run):
    eager = small(run_eagerly=True)
    record = eager.fit(X, Y, batch_size=8, epochs=1, verbose=0, shuffle=False).vitals
    close(record.losses, plain_run.losses[:4])
    close(record.gradient_norms, plain_run.gradient_norms[:4])
    assert len(record.checkups) == 0


class OwnStep(Sequential):
    def train_step(self, state, batch):
        state, logs = super().train_step(state, batch)
        return state, {"loss": logs["loss"], "twice": 2 * logs["loss"]}


def test_a_step_of_the_users_own(plain_run):
    pellucid.utils.set_random_seed(5)
    model = OwnStep(
        [
            Input(shape=(3,)),
            layers.Dense(8, activation="relu", name="a"),
            layers.Dense(1, name="b"),
        ],
        name="sequential",
    )
    model.compile("sgd", "mse")
    record = model.fit(X, Y, batch_size=8, epochs=2, verbose=0, shuffle=False).vitals
    assert record.plan.custom_step
    assert (record.bad_step, record.bad_cause) == (-1, None)
    close(record.losses, plain_run.losses)
    assert np.isnan(record.gradient_norms).all()  # nobody knows what its gradients are
    assert record.checkups.step.tolist() == [0, 1, 4, 8]
    close(record.checkups.train["loss"], plain_run.checkups.train["loss"])


def test_a_stream_is_judged_by_its_first_batch(plain_run):
    def batches():
        while True:
            for start in range(0, 32, 8):
                yield X[start : start + 8], Y[start : start + 8]

    record = small().fit(batches(), steps_per_epoch=4, epochs=2, verbose=0).vitals
    close(record.losses, plain_run.losses)
    assert record.checkups.step.tolist() == [0, 1, 4, 8]
    outputs = np.maximum(X[:8] @ np.float32(small().layers[0].kernel), 0)
    close(record.checkups.layers["a"]["output_rms"][0], rms(np.float64(outputs)))
    assert record.data.inputs["input_layer"].samples == 8
    assert record.data.repeated_rows is record.data.shared_rows is None


def test_a_second_call_of_fit_goes_on_counting(plain_run):
    model = small()
    first = model.fit(X, Y, batch_size=8, epochs=1, verbose=0, shuffle=False).vitals
    second = model.fit(
        X, Y, batch_size=8, epochs=2, initial_epoch=1, verbose=0, shuffle=False, checkup=True
    ).vitals
    assert (first.first_step, second.first_step) == (0, 4)
    assert first is not second
    assert second.checkups.step.tolist() == [4, 5, 8]
    assert second.checkups.epoch.tolist() == [0, 0, 1]
    assert second.epochs.tolist() == [1]
    whole = np.concatenate([first.losses, second.losses])
    np.testing.assert_array_equal(whole, plain_run.losses)
    last = second.checkups.weights["a/kernel"]["norm"][-1]
    assert last == plain_run.checkups.weights["a/kernel"]["norm"][-1]


def test_callbacks_are_shown_the_record_and_their_changes_are_noted():
    seen = []

    class Look(Callback):
        def on_vitals(self, record):
            seen.append((len(record.checkups), len(record.losses), len(record.epochs)))

        def on_epoch_end(self, epoch, logs=None):
            self.model.optimizer.learning_rate = 0.001
            self.model.stop_training = epoch == 1

    record = small().fit(X, Y, batch_size=8, epochs=9, verbose=0, callbacks=[Look()]).vitals
    assert seen == [(1, 0, 0), (2, 1, 0), (3, 4, 1), (4, 8, 2)]
    assert record.learning_rates == pytest.approx([0.01, 0.001])
    assert record.plan.stopped_early
    assert "Look" in record.plan.callbacks


def test_checkups_beside_training_measure_the_same_as_those_it_waits_for(monkeypatch, plain_run):
    for quick in (-1.0, 1e9):
        monkeypatch.setattr(checkup_schedule, "QUICK", quick)
        again = small().fit(X, Y, batch_size=8, epochs=2, verbose=0, shuffle=False).vitals
        np.testing.assert_array_equal(again.losses, plain_run.losses)
        found, expected = again.checkups, plain_run.checkups
        assert found.step.tolist() == expected.step.tolist()
        assert found.train["loss"].tolist() == expected.train["loss"].tolist()
        for name, values in expected.weights["a/kernel"].items():
            np.testing.assert_array_equal(found.weights["a/kernel"][name], values)


def test_who_can_wait_is_told_first_and_then_when_it_is_cheap(monkeypatch):
    seen = []

    class Look(Callback):
        can_wait = True

        def on_vitals(self, record):
            seen.append((len(record.checkups), len(record.losses)))

    def run():
        seen.clear()
        return small().fit(X, Y, batch_size=8, epochs=3, verbose=0, callbacks=[Look()]).vitals

    assert len(run().checkups) >= 4
    told = list(seen)
    assert told[0][1] <= 2  # at the latest while the third chunk computes
    monkeypatch.setattr(watch, "SHARE", 1e9)
    run()
    assert len(seen) >= len(told)
    assert seen[-1] == (4, 8)  # the second epoch's, during the third; nobody waits after the last


def test_recurrent_networks_are_looked_at_with_fewer_samples():
    x = R.normal(size=(600, 40, 2)).astype(np.float32)
    model = Sequential([Input((40, 2)), layers.SimpleRNN(8), layers.Dense(1)])
    source = ArraySource(x)
    assert len(probe_samples.training(model, source, 8).x) == 256
    plain = Sequential([Input((40, 2)), layers.Flatten(), layers.Dense(1)])
    assert len(probe_samples.training(plain, source, 8).x) == 512


def test_what_fails_in_looking_on_does_not_end_a_training(monkeypatch, plain_run):
    def fails(*_):
        raise RuntimeError("the reason\nand more")

    monkeypatch.setattr(watch, "record_of", fails)
    monkeypatch.setattr(watch, "data_signs", fails)
    monkeypatch.setattr(probe_samples, "training", fails)
    monkeypatch.setattr(watch.Replay, "note", fails)
    with pytest.warns(
        pellucid.vitals.VitalsWarning, match="no description of the net.*: the reason$"
    ) as caught:
        run = small().fit(X, Y, batch_size=8, epochs=2, verbose=0, shuffle=False, doctor=None)
    assert len(caught) == 1
    np.testing.assert_array_equal(run.vitals.losses, plain_run.losses)
    assert len(run.vitals.checkups) == 0


def test_attention_over_many_steps_is_examined_on_few_samples():
    # Scores of all steps with all steps are most of what such a network keeps.
    x = layers.Input((200, 2))
    attended = layers.MultiHeadAttention(4, 8)(x, x)
    model = Model(x, layers.Dense(1)(layers.GlobalAveragePooling1D()(attended)))
    source = ArraySource(np.zeros((64, 200, 2), "float32"), None, None)
    assert len(probe_samples.training(model, source, 8).x) == 2**23 // (200 * 4 * (400 + 32) + 803)
    ragged = layers.Input((None, 2))
    attended = layers.MultiHeadAttention(4, 8)(ragged, ragged)
    open_ = Model(ragged, layers.Dense(1)(layers.GlobalAveragePooling1D()(attended)))
    assert len(probe_samples.training(open_, source, 8).x) < 30
