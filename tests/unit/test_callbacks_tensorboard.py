"""TensorBoard's files, read back by a parser of their own: frames, checksums, fields, numbers."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest

from pellucid import Sequential, layers, optimizers
from pellucid._core.errors import ConfigError
from pellucid.callbacks import TensorBoard
from pellucid.training.callbacks.tensorboard import pictures
from pellucid.training.event_file import EventWriter, crc32c

X = np.linspace(-1, 1, 40, dtype=np.float32).reshape(20, 2)
Y = X @ np.float32([[1.0], [-2.0]])


# -------------------------------------------------------- a parser that shares no code with ours


def bitwise_crc32c(data):
    """The polynomial division itself, a bit at a time."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0x82F63B78 if crc & 1 else crc >> 1
    return crc ^ 0xFFFFFFFF


def unmasked(stored):
    (masked,) = struct.unpack("<I", stored)
    rotated = (masked - 0xA282EAD8) & 0xFFFFFFFF
    return ((rotated >> 17) | (rotated << 15)) & 0xFFFFFFFF


def records(path):
    stream = io.BytesIO(path.read_bytes())
    while head := stream.read(8):
        assert unmasked(stream.read(4)) == bitwise_crc32c(head)
        data = stream.read(struct.unpack("<Q", head)[0])
        assert unmasked(stream.read(4)) == bitwise_crc32c(data)
        yield data


def fields(message):
    """Field number -> its values, undecoded."""
    found, position = {}, 0

    def varint():
        nonlocal position
        value = shift = 0
        while True:
            byte = message[position]
            position += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while position < len(message):
        key = varint()
        kind = key & 7
        if kind == 0:
            value = varint()
        else:
            size = {1: 8, 2: None, 5: 4}[kind]
            size = varint() if size is None else size
            value = message[position : position + size]
            position += size
        found.setdefault(key >> 3, []).append(value)
    return found


def events(folder):
    """(tag, step, fields of the value) of every summary in a run."""
    out = []
    for path in sorted(folder.glob("events.out.tfevents.*")):
        first, *rest = [fields(data) for data in records(path)]
        assert first[3] == [b"brain.Event:2"]
        for event in rest:
            (wall_time,) = struct.unpack("<d", event[1][0])
            assert wall_time > 1e9
            for value in fields(event[5][0])[1]:
                out.append((fields(value)[1][0].decode(), event.get(2, [0])[0], fields(value)))
    return out


def scalars(folder):
    """tag -> {step: number}."""
    found = {}
    for tag, step, value in events(folder):
        if 2 in value:
            found.setdefault(tag, {})[step] = struct.unpack("<f", value[2][0])[0]
    return found


# --------------------------------------------------------------------------------------- tests


def trained(callback, optimizer="sgd", **settings):
    model = Sequential([layers.Input(shape=(2,)), layers.Dense(1, name="only")])
    model.compile(optimizer, "mse", metrics=["mae"])
    history = model.fit(
        X, Y, batch_size=5, verbose=0, callbacks=[callback], **{"epochs": 3, **settings}
    )
    return model, history.history


def test_the_checksum():
    # RFC 3720, appendix B.4
    assert crc32c(bytes(32)) == 0x8A9136AA
    assert crc32c(b"\xff" * 32) == 0x62A8AB43
    assert crc32c(bytes(range(32))) == 0x46DD794E
    for text in (b"", b"a", b"TensorBoard" * 9):
        assert crc32c(text) == bitwise_crc32c(text)


def test_every_epoch_of_both_runs(tmp_path):
    _, history = trained(TensorBoard(tmp_path), validation_data=(X, Y))
    train, held_out = scalars(tmp_path / "train"), scalars(tmp_path / "validation")
    for name in ("loss", "mae"):
        np.testing.assert_allclose(list(train[f"epoch_{name}"].values()), history[name], rtol=1e-6)
        expected = history[f"val_{name}"]
        np.testing.assert_allclose(list(held_out[f"epoch_{name}"].values()), expected, rtol=1e-6)
        over_steps = held_out[f"evaluation_{name}_vs_iterations"]
        assert list(over_steps) == [4, 8, 12]
        np.testing.assert_allclose(list(over_steps.values()), expected, rtol=1e-6)
    assert list(train["epoch_loss"]) == [0, 1, 2]
    assert train["epoch_learning_rate"] == pytest.approx({0: 0.01, 1: 0.01, 2: 0.01})
    assert not any(name.startswith("batch_") for name in train)


def test_every_so_many_batches(tmp_path):
    trained(TensorBoard(tmp_path, update_freq=2, write_steps_per_second=True))
    train = scalars(tmp_path / "train")
    assert list(train["batch_loss"]) == [2, 4, 6, 8, 10, 12]
    assert train["batch_loss"][12] == train["epoch_loss"][2]
    assert min(train["batch_steps_per_second"].values()) > 0
    assert list(train["epoch_steps_per_second"]) == [0, 1, 2]
    trained(TensorBoard(tmp_path / "each", update_freq="batch"), epochs=1)
    assert list(scalars(tmp_path / "each" / "train")["batch_mae"]) == [1, 2, 3, 4]


def test_weights_as_histograms_and_pictures(tmp_path):
    from PIL import Image

    model, _ = trained(TensorBoard(tmp_path, histogram_freq=2, write_images=True))
    found = {(tag, step): value for tag, step, value in events(tmp_path / "train")}
    path = "sequential/only/kernel"
    assert {step for tag, step in found if tag == f"{path}/histogram"} == {0, 2}
    histogram = fields(found[f"{path}/histogram", 2][5][0])
    low, high, count, total, squares = (
        struct.unpack("<d", histogram[field][0])[0] for field in range(1, 6)
    )
    kernel = model.get_weights()[0].astype(np.float64)
    assert (low, high, count) == (kernel.min(), kernel.max(), 2)
    assert (total, squares) == pytest.approx((kernel.sum(), (kernel**2).sum()))
    limits, buckets = (np.frombuffer(histogram[field][0], "<f8") for field in (6, 7))
    assert len(limits) == len(buckets) == 30
    assert (limits[-1], buckets.sum(), buckets[0], buckets[-1]) == (high, 2, 1, 1)
    image = fields(found[f"{path}/image/0", 2][4][0])
    assert (image[1], image[2]) == ([1], [2])
    pixels = np.asarray(Image.open(io.BytesIO(image[4][0])))
    assert sorted(pixels.ravel().tolist()) == [0, 255]


def test_the_summary_is_there_as_text(tmp_path):
    trained(TensorBoard(tmp_path), epochs=1)
    (value,) = [value for tag, _, value in events(tmp_path / "train") if tag == "model"]
    plugin = fields(fields(value[9][0])[1][0])[1][0]
    text = fields(value[8][0])[8][0].decode()
    assert plugin == b"text"
    assert "only (Dense)" in text
    trained(TensorBoard(tmp_path / "plain", write_graph=False), epochs=1)
    assert "model" not in {tag for tag, _, _ in events(tmp_path / "plain" / "train")}


def test_odd_numbers_do_not_stop_it(tmp_path):
    writer = EventWriter(tmp_path)
    writer.scalar("nan", float("nan"), 0)
    writer.scalar("large", 1e300, -1)
    writer.histogram("none", [np.nan, np.inf], 0)
    writer.histogram("one", [3.0], 2**40)
    writer.flush()
    writer.flush()
    found = events(tmp_path)
    assert [(tag, step) for tag, step, _ in found] == [
        ("nan", 0),
        ("large", 2**64 - 1),
        ("one", 2**40),
    ]
    assert struct.unpack("<f", found[1][2][2][0])[0] == np.inf


def test_learning_rates_of_several_optimizers(tmp_path):
    several = optimizers.OptimizerMap(
        optimizers.SGD(0.5), {".*bias": optimizers.Adam(0.25, name="for_bias")}
    )
    trained(TensorBoard(tmp_path), optimizers.MultiOptimizer(several), epochs=1)
    train = scalars(tmp_path / "train")
    assert train["epoch_learning_rate_sgd"] == {0: 0.5}
    assert train["epoch_learning_rate_for_bias"] == {0: 0.25}
    import optax

    trained(TensorBoard(tmp_path / "optax"), optax.sgd(0.1), epochs=1)
    assert "epoch_learning_rate" not in scalars(tmp_path / "optax" / "train")


def test_evaluate_writes_too(tmp_path):
    model, _ = trained(TensorBoard(tmp_path / "one"))
    model.evaluate(X, Y, verbose=0, callbacks=[TensorBoard(tmp_path / "two")])
    assert list(scalars(tmp_path / "two" / "validation")["evaluation_loss_vs_iterations"]) == [12]


def test_two_fits_are_two_files(tmp_path):
    callback = TensorBoard(tmp_path)
    trained(callback, epochs=1)
    trained(callback, epochs=1)
    assert len(list((tmp_path / "train").iterdir())) == 2


def test_pictures():
    assert not pictures(np.ones((2, 2)))[0].any()
    assert [p.shape for p in pictures(np.arange(4.0))] == [(1, 4)]
    assert [p.shape for p in pictures(np.zeros((3, 3, 1, 16)))] == [(3, 3)] * 3
    assert pictures(np.zeros((3, 3, 2, 2))) == pictures(np.zeros(())) == []
    assert pictures(np.array([np.nan, 0.0, 1.0]))[0].tolist() == [[0, 0, 255]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"profile_batch": 2}, "jax.profiler.trace"),
        ({"profile_batch": (1, 2)}, "profile_batch is not available"),
        ({"embeddings_freq": 1}, "embeddings_freq is not available"),
        ({"embeddings_metadata": "words.tsv"}, "embeddings_metadata is not available"),
        ({"histogram_freq": -1}, "histogram_freq is a whole number of at least 0"),
        ({"update_freq": 0}, "update_freq='epoch'"),
        ({"update_freq": "step"}, "update_freq is a whole number of at least 1"),
    ],
)
def test_what_cannot_work_is_refused(arguments, message):
    with pytest.raises(ConfigError, match=message) as caught:
        TensorBoard(**arguments)
    assert "fix:" in str(caught.value)
