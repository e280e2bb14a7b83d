"""Pictures, folders, series and downloads of `pellucid.utils`."""

from __future__ import annotations

import hashlib
import io
import tarfile
import threading
import warnings
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer

import keras
import numpy as np
import pytest
from PIL import Image

from pellucid import Sequential, layers, utils
from pellucid._core.errors import (
    ConfigError,
    DataError,
    DownloadError,
    FileFormatError,
    WrongFileError,
)

R = np.random.default_rng(0)


# ------------------------------------------------------------------------------------ pictures


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("order", [None, "channels_first"])
@pytest.mark.parametrize("scale", [True, False])
def test_arrays_and_pictures_are_keras_s(channels, order, scale):
    shape = (channels, 5, 7) if order else (5, 7, channels)
    x = R.uniform(0, 255, shape).astype("float32")
    ours, theirs = (m.array_to_img(x, order, scale=scale) for m in (utils, keras.utils))
    assert (ours.mode, ours.size) == (theirs.mode, theirs.size)
    np.testing.assert_allclose(np.asarray(ours, int), np.asarray(theirs, int), atol=1)
    arrays = [m.img_to_array(theirs, order) for m in (utils, keras.utils)]
    np.testing.assert_array_equal(*arrays)
    assert arrays[0].dtype == arrays[1].dtype == np.float32


@pytest.mark.parametrize("mode", ["rgb", "rgba", "grayscale"])
@pytest.mark.parametrize(
    ("size", "settings"),
    [
        (None, {}),
        ((4, 9), {}),
        ((6, 3), {"interpolation": "bilinear"}),
        ((6, 3), {"interpolation": "lanczos", "keep_aspect_ratio": True}),
    ],
)
def test_loading_is_keras_s(tmp_path, mode, size, settings):
    path = tmp_path / "one.png"
    Image.fromarray(R.integers(0, 255, (8, 10, 3), dtype=np.uint8)).save(path)
    for name in (path, str(path), str(path).encode(), io.BytesIO(path.read_bytes())):
        ours = utils.load_img(name, mode, size, **settings)
        theirs = keras.utils.load_img(path, mode, size, **settings)
        assert (ours.mode, ours.size) == (theirs.mode, theirs.size)
        np.testing.assert_array_equal(np.asarray(ours), np.asarray(theirs))


def test_saving(tmp_path):
    x = R.uniform(0, 255, (5, 7, 3))
    utils.save_img(tmp_path / "one.png", x, scale=False)
    back = utils.img_to_array(utils.load_img(tmp_path / "one.png"))
    np.testing.assert_array_equal(back, x.astype("uint8"))
    utils.save_img(tmp_path / "two.jpg", R.uniform(0, 255, (5, 7, 4)))
    assert utils.load_img(tmp_path / "two.jpg").size == (7, 5)
    memory = io.BytesIO()
    utils.save_img(memory, x, file_format="bmp")
    assert memory.getvalue()[:2] == b"BM"


# ------------------------------------------------------------------------------------- folders


@pytest.fixture
def folder(tmp_path):
    """Two classes of pictures, 7 and 5, of different sizes, and something else."""
    for name, count in (("cats", 7), ("dogs", 5)):
        (tmp_path / name / "deep").mkdir(parents=True)
        for number in range(count):
            place = tmp_path / name / ("deep" if number == 1 else "") / f"{number}.png"
            level = (100 if name == "dogs" else 0) + number
            Image.new("RGB", (6 + number, 9), (level, level, level)).save(place)
        (tmp_path / name / "notes.txt").write_text(f"about {name}, at some length")
    (tmp_path / ".hidden").mkdir()
    return tmp_path


def test_a_folder_of_pictures(folder, capsys):
    data = utils.image_dataset_from_directory(folder, image_size=(4, 5), batch_size=5, seed=1)
    assert capsys.readouterr().out == "Found 12 files belonging to 2 classes.\n"
    assert (data.class_names, len(data), len(data.file_paths)) == (["cats", "dogs"], 3, 12)
    images, labels = next(iter(data))
    assert (images.shape, images.dtype, labels.dtype) == ((5, 4, 5, 3), "float32", "int32")
    passes = [[(x[:, 0, 0, 0], y) for x, y in data] for _ in range(2)]
    orders = [np.concatenate([x for x, _ in one]) for one in passes]
    assert not np.array_equal(*orders)
    np.testing.assert_array_equal(*map(np.sort, orders))
    for x, y in passes[0]:
        np.testing.assert_array_equal(y, x >= 100)


@pytest.mark.parametrize(
    ("mode", "shape", "dtype"), [("categorical", (3, 2), "float32"), ("binary", (3, 1), "float32")]
)
def test_kinds_of_labels(folder, mode, shape, dtype):
    settings = {"image_size": (2, 2), "batch_size": 3, "shuffle": False, "verbose": False}
    _, labels = next(iter(utils.image_dataset_from_directory(folder, label_mode=mode, **settings)))
    assert (labels.shape, labels.dtype) == (shape, dtype)
    alone = utils.image_dataset_from_directory(folder, labels=None, **settings)
    assert next(iter(alone)).shape == (3, 2, 2, 3)
    assert alone.class_names is None
    given = utils.image_dataset_from_directory(folder, labels=list(range(12)), **settings)
    assert next(iter(given))[1].tolist() == [0, 1, 2]
    turned = utils.image_dataset_from_directory(folder, class_names=["dogs", "cats"], **settings)
    assert next(iter(turned))[1].tolist() == [0, 0, 0]
    single = utils.image_dataset_from_directory(folder, **{**settings, "batch_size": None})
    image, label = next(iter(single))
    assert (image.shape, int(label), len(single)) == ((2, 2, 3), 0, 12)


def test_the_same_files_are_held_out_as_in_keras(folder):
    from keras.src.utils import dataset_utils

    paths, labels, names = dataset_utils.index_directory(
        str(folder), "inferred", (".png",), shuffle=True, seed=9, verbose=False
    )
    settings = {"validation_split": 0.3, "seed": 9, "image_size": (2, 2), "verbose": False}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = {
            part: dataset_utils.get_training_or_validation_split(paths, labels, 0.3, part)
            for part in ("training", "validation")
        }
    both = utils.image_dataset_from_directory(folder, subset="both", **settings)
    for part, data in zip(("training", "validation"), both, strict=True):
        one = utils.image_dataset_from_directory(folder, subset=part, **settings)
        assert data.file_paths == one.file_paths == expected[part][0]
        assert data.class_names == names
    order = [y for _, batch in both[1] for y in batch]
    assert order == expected["validation"][1].tolist()


@pytest.mark.parametrize("how", [{}, {"crop_to_aspect_ratio": True}, {"pad_to_aspect_ratio": True}])
def test_proportions(tmp_path, how):
    (tmp_path / "only").mkdir()
    image = Image.new("L", (8, 4), 200)
    image.paste(100, (2, 0, 6, 4))
    image.save(tmp_path / "only" / "one.png")
    data = utils.image_dataset_from_directory(
        tmp_path, color_mode="grayscale", image_size=(4, 4), interpolation="nearest",
        verbose=False, data_format="channels_first", **how,
    )  # fmt: skip
    pixels = next(iter(data))[0][0, 0]
    assert pixels.shape == (4, 4)
    if "crop_to_aspect_ratio" in how:
        assert (pixels == 100).all()
    elif "pad_to_aspect_ratio" in how:
        assert (pixels[0] == 0).all()
        assert pixels[1:3].tolist() == [[200, 100, 100, 200]] * 2
    else:
        assert pixels[0].tolist() == [200, 100, 100, 200]


def test_a_folder_of_texts(folder):
    data = utils.text_dataset_from_directory(folder, max_length=10, shuffle=False, verbose=False)
    ((texts, labels),) = list(data)
    assert (texts.tolist(), labels.tolist()) == (["about cats", "about dogs"], [0, 1])


@pytest.mark.slow
def test_fit_takes_a_folder(folder):
    train, held_out = utils.image_dataset_from_directory(
        folder, image_size=(4, 4), batch_size=4, validation_split=0.25, subset="both", seed=3,
        verbose=False,
    )  # fmt: skip
    train = train.map(lambda x, y: (x / 255.0, y)).cache().prefetch(1)
    held_out = held_out.map(lambda x, y: (x / 255.0, y), num_parallel_calls=4)
    model = Sequential(
        [layers.Input(shape=(4, 4, 3)), layers.Flatten(), layers.Dense(2, activation="softmax")]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(train, validation_data=held_out, epochs=20, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    assert len(model.predict(held_out, verbose=0)) == 3


# -------------------------------------------------------------------------------------- series


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"sequence_stride": 3},
        {"sampling_rate": 2, "batch_size": 4},
        {"start_index": 3, "end_index": 17},
        {"sequence_stride": 2, "sampling_rate": 3, "batch_size": None},
    ],
)
@pytest.mark.parametrize("with_targets", [True, False])
def test_windows_of_a_series(settings, with_targets):
    data = R.normal(size=(20, 2)).astype("float32")
    targets = np.arange(20) if with_targets else None
    ours = list(utils.timeseries_dataset_from_array(data, targets, 4, **settings))
    start, end = settings.get("start_index", 0), settings.get("end_index", 20)
    rate, stride = settings.get("sampling_rate", 1), settings.get("sequence_stride", 1)
    expected = [
        (data[i : i + 3 * rate + 1 : rate], i) for i in range(start, end - 3 * rate, stride)
    ]
    windows = [item[0] if with_targets else item for item in ours]
    windows = (
        np.stack(windows) if settings.get("batch_size", 1) is None else np.concatenate(windows)
    )
    np.testing.assert_array_equal(windows, [w for w, _ in expected])
    if with_targets:
        assert np.hstack([item[1] for item in ours]).tolist() == [i for _, i in expected]


def test_a_shuffled_series_keeps_windows_and_targets_together():
    data = utils.timeseries_dataset_from_array(
        np.arange(30.0), np.arange(30), 3, batch_size=7, shuffle=True, seed=1
    )
    passes = [np.concatenate([y for _, y in data]) for _ in range(2)]
    assert not np.array_equal(*passes)
    assert all((x[:, 0] == y).all() for x, y in data)
    assert len(data) == 4


# -------------------------------------------------------------------------------------- batches


def test_packing():
    for parts in (("x",), ("x", "y"), ("x", "y", "w"), (["a", "b"],), (("a", "b"), "y")):
        packed = utils.pack_x_y_sample_weight(*parts)
        assert packed == keras.utils.pack_x_y_sample_weight(*parts)
        assert utils.unpack_x_y_sample_weight(packed) == keras.utils.unpack_x_y_sample_weight(
            packed
        )


class Squares(utils.PyDataset):
    def __init__(self):
        super().__init__(workers=2)
        self.ends = 0

    def __len__(self):
        return 4

    def __getitem__(self, index):
        x = np.arange(index * 3, index * 3 + 3, dtype="float32")[:, None]
        return x, 2 * x

    def on_epoch_end(self):
        self.ends += 1


def test_fit_takes_batches_by_number():
    data = Squares()
    model = Sequential([layers.Input(shape=(1,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(data, epochs=2, verbose=0)
    assert data.ends == 2
    assert data.num_batches == 4
    assert model.predict(data, verbose=0).shape == (12, 1)


def test_steps_on_the_way():
    passes = []

    def numbers(number):
        passes.append(number)
        return iter(range(6))

    data = utils.BatchDataset(numbers, 6, class_names=["a"])
    assert list(data.map(lambda x: x + 1).skip(2).take(3)) == [3, 4, 5]
    assert (len(data.take(9)), len(data.skip(9)), list(data.take(0))) == (6, 0, [])
    shuffled = data.shuffle(4, seed=1)
    first, second = list(shuffled), list(shuffled)
    assert sorted(first) == sorted(second) == list(range(6))
    assert first != second
    passes.clear()
    kept = data.cache()
    assert [list(kept), list(kept)] == [list(range(6))] * 2
    assert len(passes) == 1
    assert kept.class_names == ["a"]
    assert "6 elements, 1 classes" in repr(kept)


# ------------------------------------------------------------------------------------ downloads


@pytest.fixture
def server():
    """Files over HTTP on this machine: address of a name, and what was asked for."""
    files, asked = {}, []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            body = files.get(self.path.strip("/"))
            self.send_response(200 if body is not None else 404)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *args):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}/", files, asked
        httpd.shutdown()
        thread.join()


def archives():
    tar, zipped = io.BytesIO(), io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w:gz") as opened:
        info = tarfile.TarInfo("data/a.txt")
        info.size = 5
        opened.addfile(info, io.BytesIO(b"hello"))
    with zipfile.ZipFile(zipped, "w") as opened:
        opened.writestr("data/a.txt", "hello")
    return {"a.tar.gz": tar.getvalue(), "a.zip": zipped.getvalue()}


def test_a_file_is_fetched_once_and_verified(server, tmp_path):
    address, files, asked = server
    files["data.csv"] = b"1,2,3"
    digest = hashlib.sha256(b"1,2,3").hexdigest()
    settings = {"origin": address + "data.csv", "cache_dir": tmp_path, "cache_subdir": "here"}
    path = utils.get_file(**settings)
    assert path == str(tmp_path / "here" / "data.csv")
    assert utils.get_file("data.csv", **settings, file_hash=digest) == path
    assert asked == ["/data.csv"]
    files["data.csv"] = b"4,5,6"
    utils.get_file(**settings, force_download=True)
    assert (tmp_path / "here" / "data.csv").read_bytes() == b"4,5,6"
    with pytest.raises(WrongFileError, match="wrong checksum"):
        utils.get_file(**settings, file_hash=digest)
    md5 = hashlib.md5(b"4,5,6").hexdigest()
    assert utils.get_file(**settings, md5_hash=md5) == path
    with pytest.raises(DownloadError, match="404"):
        utils.get_file(origin=address + "none.csv", cache_dir=tmp_path)
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("name", ["a.tar.gz", "a.zip"])
@pytest.mark.parametrize("named", [True, False])
def test_archives_are_unpacked(server, tmp_path, name, named):
    address, files, asked = server
    files.update(archives())
    settings = {"origin": address + name, "extract": True, "cache_dir": tmp_path}
    fname = name if named else None
    path = utils.get_file(fname, **settings)
    assert path == utils.get_file(fname, **settings)
    assert (tmp_path / "datasets" / path / "data" / "a.txt").read_text() == "hello"
    assert path.endswith("a_extracted" if named else name)
    assert len(asked) == 1


def test_what_is_no_archive(server, tmp_path):
    address, files, _ = server
    files["plain.txt"] = b"text"
    with pytest.raises(FileFormatError, match="not an archive"):
        utils.get_file(origin=address + "plain.txt", extract=True, cache_dir=tmp_path)


# ------------------------------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda d: utils.img_to_array(np.zeros((2, 3, 4, 1))), DataError, "one picture"),
        (lambda d: utils.img_to_array(np.zeros((2, 3)), "last"), ConfigError, "channels_last"),
        (lambda d: utils.array_to_img(np.zeros((2, 3))), DataError, "three axes"),
        (lambda d: utils.array_to_img(np.zeros((3, 5, 5))), DataError, "channels_first"),
        (lambda d: utils.save_img(d / "x", np.zeros((2, 2, 1))), ConfigError, "in .png"),
        (lambda d: utils.save_img(d / "x.abc", np.zeros((2, 2, 1))), ConfigError, "format"),
        (lambda d: utils.load_img(d / "cats" / "notes.txt"), DataError, "not a picture"),
        (lambda d: utils.load_img(d / "cats" / "0.png", "bgr"), ConfigError, "color_mode"),
        (
            lambda d: utils.load_img(
                d / "cats" / "0.png", target_size=(2, 2), interpolation="cubic"
            ),
            ConfigError,
            "interpolation",
        ),
        (lambda d: utils.image_dataset_from_directory(d / "nowhere"), DataError, "no such folder"),
        (
            lambda d: utils.image_dataset_from_directory(d / "cats" / "deep"),
            DataError,
            "one subfolder per",
        ),
        (lambda d: utils.image_dataset_from_directory(d, "all"), ConfigError, "'inferred'"),
        (lambda d: utils.image_dataset_from_directory(d, [1, 2]), DataError, "one label per file"),
        (
            lambda d: utils.image_dataset_from_directory(d, label_mode="float"),
            ConfigError,
            "label_mode",
        ),
        (
            lambda d: utils.image_dataset_from_directory(d, class_names=["cat"]),
            DataError,
            "no subfolder for the class 'cat'",
        ),
        (
            lambda d: utils.image_dataset_from_directory(
                d, class_names=["cats"], label_mode="binary"
            ),
            ConfigError,
            "exactly two",
        ),
        (
            lambda d: utils.image_dataset_from_directory(d, validation_split=0.2),
            ConfigError,
            "go together",
        ),
        (
            lambda d: utils.image_dataset_from_directory(d, validation_split=2, subset="both"),
            ConfigError,
            "above 0 and below 1",
        ),
        (
            lambda d: utils.image_dataset_from_directory(
                d, validation_split=0.2, subset="training"
            ),
            ConfigError,
            "same seed",
        ),
        (
            lambda d: utils.image_dataset_from_directory(d, batch_size=0),
            ConfigError,
            "positive whole number",
        ),
        (lambda d: utils.timeseries_dataset_from_array(np.ones(5), None, 9), ConfigError, "short"),
        (lambda d: utils.timeseries_dataset_from_array(np.ones(5), None, 0), ConfigError, "length"),
        (
            lambda d: utils.timeseries_dataset_from_array(np.ones(5), None, 2, start_index=5),
            ConfigError,
            "leave no steps",
        ),
        (lambda d: utils.unpack_x_y_sample_weight((1, 2, 3, 4)), DataError, r"\(x, y\)"),
        (lambda d: utils.PyDataset()[0], ConfigError, "__getitem__"),
        (lambda d: utils.PyDataset().num_batches, ConfigError, "__len__"),
        (lambda d: utils.get_file("a.txt"), ConfigError, "address"),
        (lambda d: utils.get_file("a/b.txt", "http://localhost/x"), ConfigError, "plain file name"),
        (
            lambda d: utils.get_file("b.txt", "http://localhost/x", file_hash="abc"),
            ConfigError,
            "64 hexadecimal digits",
        ),
    ],
)
def test_mistakes(folder, make, error, message):
    with pytest.raises(error, match=message) as caught:
        make(folder)
    assert "fix:" in str(caught.value) or "expected:" in str(caught.value)
