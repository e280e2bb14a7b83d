"""The built-in data sets: shapes and content, from every form in which their files may lie."""

import gzip
import io
import json
import shutil
import tarfile

import numpy as np
import pytest
from helpers_data import python2_pickle, shared_data

from pellucid import datasets
from pellucid._core.errors import (
    ConfigError,
    DownloadError,
    FileFormatError,
    UnknownNameError,
)
from pellucid.data.builtin import _idx_files

SMALL = {
    "digits": ((1437, 8, 8), "stratified"),
    "iris": ((120, 4), "stratified"),
    "wine": ((142, 13), "stratified"),
    "breast_cancer": ((455, 30), "stratified"),
    "diabetes": ((353, 10), "plain"),
}


@pytest.fixture(autouse=True)
def no_cache(monkeypatch, tmp_path):
    """An empty cache, no Debian package, no network."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(datasets.fashion_mnist, "DEBIAN", tmp_path / "none")

    def offline(*_, **__):
        raise OSError("no network in tests")

    monkeypatch.setattr("urllib.request.urlopen", offline)


@pytest.mark.parametrize("name", SMALL)
def test_the_tables_of_scikit_learn(name):
    import sklearn.datasets

    module = datasets.get(name)
    source = getattr(sklearn.datasets, f"load_{name}")()
    (x, y), (x_test, y_test) = module.load_data()
    assert x.shape == SMALL[name][0]
    assert x.dtype == np.float32
    n = len(source.target)
    assert len(x) + len(x_test) == len(y) + len(y_test) == n
    assert y.dtype == (np.float32 if module.TASK == "regression" else np.int32)
    whole = np.concatenate([x, x_test]).reshape(n, -1)
    expected = source.data.astype(np.float32)
    np.testing.assert_array_equal(np.sort(whole, axis=0), np.sort(expected, axis=0))
    if SMALL[name][1] == "stratified":
        share = np.bincount(source.target) / n
        np.testing.assert_allclose(np.bincount(y_test) / len(y_test), share, atol=0.02)
        assert tuple(map(str, source.target_names)) == module.class_names
    if module.feature_names:
        assert tuple(source.feature_names) == module.feature_names


@pytest.mark.parametrize("name", SMALL)
def test_seed_and_share_of_the_split(name):
    load = datasets.get(name).load_data
    first, second, other = load(seed=1), load(seed=1), load(seed=2)
    np.testing.assert_array_equal(first[0][0], second[0][0])
    assert not np.array_equal(first[0][0], other[0][0])
    assert len(load(test_split=0)[1][0]) == 0
    with pytest.raises(ConfigError, match="test_split"):
        load(test_split=1.0)


def test_every_module_says_what_it_holds():
    assert len(datasets.names()) == 13
    for name in datasets.names():
        module = datasets.get(name)
        assert module.TASK in ("classification", "regression")
        assert (len(module.class_names) > 1) == (module.TASK == "classification")
        assert isinstance(module.feature_names, tuple)
        assert module.__doc__
        assert module.load_data.__doc__


def test_keras_import_paths_and_names():
    from pellucid.datasets.iris import load_data  # as tutorials write it

    assert load_data is datasets.iris.load_data
    assert datasets.get("fashion-mnist") is datasets.fashion_mnist
    with pytest.raises(UnknownNameError, match="did you mean 'mnist'"):
        datasets.get("mnits")


@pytest.mark.parametrize(
    "name",
    [
        "mnist",
        "fashion_mnist",
        "imdb",
        "california_housing",
        "cifar10",
        "cifar100",
        "boston_housing",
        "reuters",
    ],
)
def test_signatures_are_keras_with_data_dir_added(name):
    import inspect

    import keras

    def arguments(function):
        return {
            key: parameter.default
            for key, parameter in inspect.signature(function).parameters.items()
            if key not in ("kwargs", "data_dir")
        }

    ours, theirs = datasets.get(name), getattr(keras.datasets, name)
    assert arguments(ours.load_data) == arguments(theirs.load_data)


# ---- MNIST and its kin

IMAGES = np.random.default_rng(0).integers(0, 256, (7, 28, 28), np.uint8)
LABELS = np.arange(7, dtype=np.uint8)


def write_idx(folder, zipped=True, dotted=False, images=IMAGES, labels=LABELS):
    folder.mkdir(parents=True, exist_ok=True)
    for part in _idx_files.PARTS:
        array = images if "images" in part else labels
        data = bytes([0, 0, 8, array.ndim])
        data += b"".join(size.to_bytes(4, "big") for size in array.shape) + array.tobytes()
        name = part.replace("-idx", ".idx") if dotted else part
        (folder / (name + ".gz" * zipped)).write_bytes(gzip.compress(data) if zipped else data)
    return folder


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("dotted", [True, False])
@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_a_folder_with_the_four_files(name, zipped, dotted, tmp_path):
    folder = write_idx(tmp_path / "data", zipped, dotted)
    (x_train, y_train), (x_test, y_test) = datasets.load(name, data_dir=folder)
    np.testing.assert_array_equal(x_train, IMAGES)
    np.testing.assert_array_equal(x_test, IMAGES)
    assert y_train.tolist() == y_test.tolist() == LABELS.tolist()
    assert x_train.dtype == y_train.dtype == np.uint8


def test_mnist_as_npz_in_a_folder_or_by_its_path(tmp_path):
    np.savez(tmp_path / "mnist.npz", x_train=IMAGES, y_train=LABELS, x_test=IMAGES, y_test=LABELS)
    for arguments in (
        {"data_dir": tmp_path},
        {"path": tmp_path / "mnist.npz"},
        {"path": str(tmp_path / "mnist.npz")},
    ):
        (x_train, _), (_, y_test) = datasets.mnist.load_data(**arguments)
        np.testing.assert_array_equal(x_train, IMAGES)
        assert y_test.tolist() == LABELS.tolist()


def test_the_debian_package_is_found(monkeypatch, tmp_path):
    monkeypatch.setattr(datasets.fashion_mnist, "DEBIAN", write_idx(tmp_path / "debian"))
    np.testing.assert_array_equal(datasets.fashion_mnist.load_data()[0][0], IMAGES)


def test_damaged_and_incomplete_folders(tmp_path):
    folder = write_idx(tmp_path / "a")
    damaged = folder / "train-images-idx3-ubyte.gz"
    damaged.write_bytes(damaged.read_bytes()[:-10])
    with pytest.raises(FileFormatError, match="damaged"):
        datasets.mnist.load_data(data_dir=folder)
    damaged.unlink()
    with pytest.raises(FileFormatError, match=r"only part(?s:.*)add train-images-idx3-ubyte"):
        datasets.mnist.load_data(data_dir=folder)
    with pytest.raises(FileFormatError, match="do not go with their labels"):
        datasets.mnist.load_data(data_dir=write_idx(tmp_path / "b", labels=LABELS[:5]))
    (tmp_path / "c").mkdir()
    np.savez(tmp_path / "c" / "mnist.npz", x=IMAGES)
    with pytest.raises(FileFormatError, match="lacks x_train"):
        datasets.mnist.load_data(data_dir=tmp_path / "c")


@pytest.mark.parametrize(
    "name",
    [
        "mnist",
        "fashion_mnist",
        "cifar10",
        "california_housing",
        "imdb",
        "cifar100",
        "boston_housing",
        "reuters",
    ],
)
def test_offline_without_the_files_says_what_to_put_where(name, tmp_path):
    with pytest.raises(DownloadError, match="could not be downloaded") as caught:
        datasets.load(name)
    assert str(tmp_path / "cache" / "pellucid" / "datasets" / name) in caught.value.fix
    assert caught.value.got.count("no network in tests") >= 1
    with pytest.raises(DownloadError, match=str(tmp_path / "mine")):
        datasets.load(name, data_dir=tmp_path / "mine")


def test_a_damaged_download_in_the_cache_offline(tmp_path):
    folder = tmp_path / "cache" / "pellucid" / "datasets" / "mnist"
    folder.mkdir(parents=True)
    (folder / "mnist.npz").write_bytes(b"half")
    with pytest.raises(DownloadError, match="cached file is damaged"):
        datasets.mnist.load_data()


def test_the_real_mnist():
    (x_train, y_train), (x_test, y_test) = datasets.mnist.load_data(data_dir=shared_data("mnist"))
    assert (x_train.shape, y_train.shape) == ((60000, 28, 28), (60000,))
    assert (x_test.shape, y_test.shape) == ((10000, 28, 28), (10000,))
    assert y_train[:5].tolist() == [5, 0, 4, 1, 9]
    assert round(float(x_train.mean()), 4) == 33.3184
    assert np.bincount(y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


# ---- CIFAR-10

CIFAR = np.random.default_rng(1).integers(0, 256, (6, 3, 3072), np.uint8)
CIFAR_LABELS = np.random.default_rng(2).integers(0, 10, (6, 3), np.uint8)


def write_cifar(folder, binary):
    names = datasets.cifar10.BATCHES
    place = folder / (datasets.cifar10.BINARY if binary else datasets.cifar10.PYTHON)
    place.mkdir(parents=True)
    for name, pixels, labels in zip(names, CIFAR, CIFAR_LABELS, strict=True):
        if binary:
            records = np.concatenate([labels[:, None], pixels], axis=1)
            (place / f"{name}.bin").write_bytes(records.tobytes())
        else:
            batch = {b"batch_label": b"1", b"labels": labels.tolist(), b"data": pixels}
            (place / name).write_bytes(python2_pickle(batch))
    return place


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("form", ["folder", "inner folder", "archive"])
def test_cifar_in_every_form(binary, form, tmp_path):
    place = write_cifar(tmp_path, binary)
    data_dir = place if form == "inner folder" else tmp_path
    if form == "archive":
        kind = "binary" if binary else "python"
        with tarfile.open(tmp_path / f"cifar-10-{kind}.tar.gz", "w:gz") as archive:
            archive.add(place, place.name)
        shutil.rmtree(place)
    (x_train, y_train), (x_test, y_test) = datasets.cifar10.load_data(data_dir=data_dir)
    assert (x_train.shape, y_train.shape) == ((15, 32, 32, 3), (15, 1))
    assert (x_test.shape, y_test.shape) == ((3, 32, 32, 3), (3, 1))
    assert x_train.dtype == y_train.dtype == y_test.dtype == np.uint8
    # a picture is stored as its red, green and blue planes
    planes = CIFAR[5, 2].reshape(3, 32, 32)
    for channel in range(3):
        np.testing.assert_array_equal(x_test[2, :, :, channel], planes[channel])
    assert y_train[:, 0].tolist() == CIFAR_LABELS[:5].ravel().tolist()


def test_damaged_cifar(tmp_path):
    place = write_cifar(tmp_path / "a", True)
    (place / "data_batch_3.bin").write_bytes(b"short")
    with pytest.raises(FileFormatError, match="not a CIFAR-10 batch"):
        datasets.cifar10.load_data(data_dir=tmp_path / "a")
    (place / "data_batch_3.bin").unlink()
    with pytest.raises(FileFormatError, match=r"add data_batch_3\.bin"):
        datasets.cifar10.load_data(data_dir=tmp_path / "a")
    place = write_cifar(tmp_path / "b", False)
    (place / "data_batch_1").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(FileFormatError, match="it names"):
        datasets.cifar10.load_data(data_dir=place)
    (tmp_path / "cifar-10-binary.tar.gz").write_bytes(gzip.compress(b"nothing")[:-3])
    with pytest.raises(FileFormatError, match="damaged"):
        datasets.cifar10.load_data(data_dir=tmp_path)


# ---- California housing


def test_california_housing_splits_as_keras(tmp_path, monkeypatch):
    import keras

    x, y = np.random.default_rng(3).normal(size=(700, 8)), np.arange(700.0)
    np.savez(tmp_path / "california_housing.npz", x=x, y=y)
    monkeypatch.setattr(
        "keras.src.datasets.california_housing.get_file",
        lambda *_, **__: str(tmp_path / "california_housing.npz"),
    )
    for version in ("small", "large"):
        ours = datasets.california_housing.load_data(version, data_dir=tmp_path, test_split=0.3)
        theirs = keras.datasets.california_housing.load_data(version, test_split=0.3)
        for pair, expected in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(pair[0], expected[0])
            np.testing.assert_array_equal(pair[1], expected[1])
    with pytest.raises(ConfigError, match="two versions"):
        datasets.california_housing.load_data("medium", data_dir=tmp_path)


# ---- IMDB


@pytest.fixture
def reviews(tmp_path, monkeypatch):
    """A small file of the real one's form, which Keras reads too."""
    random = np.random.default_rng(4)

    def half(n):
        x = np.empty(n, object)
        for i in range(n):
            x[i] = random.integers(1, 40, random.integers(1, 30)).tolist()
        return x, random.integers(0, 2, n)

    (x_train, y_train), (x_test, y_test) = half(30), half(20)
    path = tmp_path / "imdb.npz"
    np.savez(path, x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    monkeypatch.setattr("keras.src.datasets.imdb.get_file", lambda *_, **__: str(path))
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"num_words": 20},
        {"num_words": 20, "oov_char": None},
        {"skip_top": 10, "seed": 5},
        {"maxlen": 12},
        {"start_char": None},
        {"start_char": None, "index_from": 0},
        {"index_from": 7, "num_words": 30, "skip_top": 3, "maxlen": 20},
    ],
    ids=str,
)
def test_imdb_gives_what_keras_gives(reviews, arguments):
    import keras

    ours = datasets.imdb.load_data(data_dir=reviews, **arguments)
    theirs = keras.datasets.imdb.load_data(**arguments)
    for (x, y), (x_expected, y_expected) in zip(ours, theirs, strict=True):
        assert x.dtype == object
        assert [list(review) for review in x] == [list(review) for review in x_expected]
        assert isinstance(x[0], list)
        np.testing.assert_array_equal(y, y_expected)


def test_imdb_errors(reviews, tmp_path):
    with pytest.raises(ConfigError, match="maxlen=1"):
        datasets.imdb.load_data(data_dir=reviews, maxlen=1)
    for bad in ([["a"]], [[None]], [3]):
        x = np.empty(1, object)
        x[:] = bad
        np.savez(tmp_path / "bad.npz", x_train=x, y_train=[0], x_test=x, y_test=[0])
        with pytest.raises(FileFormatError, match="lists of word numbers"):
            datasets.imdb.load_data(tmp_path / "bad.npz")


def test_the_word_index(tmp_path):
    path = tmp_path / "imdb_word_index.json"
    path.write_text(json.dumps({"the": 1, "film": 2}))
    assert datasets.imdb.get_word_index(data_dir=tmp_path) == {"the": 1, "film": 2}
    assert datasets.imdb.get_word_index(path) == {"the": 1, "film": 2}
    path.write_text("{")
    with pytest.raises(FileFormatError, match="not the word index"):
        datasets.imdb.get_word_index(path)


def test_archives_are_not_unpacked_onto_the_disk(tmp_path):
    archive = tmp_path / "cifar-10-binary.tar.gz"
    with tarfile.open(archive, "w:gz") as out:
        member = tarfile.TarInfo("../escaped")
        member.size = 1
        out.addfile(member, io.BytesIO(b"x"))
    with pytest.raises(FileFormatError, match="not the CIFAR-10 archive"):
        datasets.cifar10.load_data(data_dir=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [archive.name]


# ---- CIFAR-100, Reuters, Boston housing


@pytest.mark.parametrize("label_mode", ["fine", "coarse"])
@pytest.mark.parametrize("form", ["archive", "folder"])
def test_cifar100_gives_what_keras_gives(label_mode, form, tmp_path, monkeypatch):
    import keras

    folder = tmp_path / "cifar-100-python"
    folder.mkdir()
    for part in ("train", "test"):
        pixels = np.random.default_rng(len(part)).integers(0, 256, (3, 3072), np.uint8)
        batch = {"data": pixels, "fine_labels": [0, 99, 7], "coarse_labels": [19, 0, 3]}
        (folder / part).write_bytes(python2_pickle(batch))
    monkeypatch.setattr("keras.src.datasets.cifar100.get_file", lambda *_, **__: str(tmp_path))
    theirs = keras.datasets.cifar100.load_data(label_mode)
    if form == "archive":
        with tarfile.open(tmp_path / "cifar-100-python.tar.gz", "w:gz") as out:
            out.add(folder, "cifar-100-python")
        shutil.rmtree(folder)
    ours = datasets.cifar100.load_data(label_mode, data_dir=tmp_path)
    for (x, y), (x_expected, y_expected) in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(x, x_expected)
        np.testing.assert_array_equal(y, y_expected)
        assert (x.dtype, y.dtype) == (x_expected.dtype, y_expected.dtype)


def test_cifar100_errors(tmp_path):
    assert len(datasets.cifar100.class_names) == 100
    assert len(datasets.cifar100.coarse_names) == 20
    with pytest.raises(ConfigError, match="two sets of labels"):
        datasets.cifar100.load_data("middle")
    (tmp_path / "cifar-100-python.tar.gz").write_bytes(b"half")
    with pytest.raises(FileFormatError, match="damaged"):
        datasets.cifar100.load_data(data_dir=tmp_path)
    for part in ("train", "test"):
        (tmp_path / part).write_bytes(python2_pickle({"data": [1], "fine_labels": [1]}))
    with pytest.raises(FileFormatError, match="not a CIFAR-100 batch"):
        datasets.cifar100.load_data(data_dir=tmp_path)


@pytest.mark.parametrize(
    "arguments",
    [{}, {"num_words": 20, "oov_char": None}, {"maxlen": 12, "test_split": 0.4}, {"skip_top": 9}],
    ids=str,
)
def test_reuters_gives_what_keras_gives(arguments, tmp_path, monkeypatch):
    import keras

    random = np.random.default_rng(0)
    x = np.empty(30, object)
    x[:] = [random.integers(1, 40, random.integers(5, 20)).tolist() for _ in range(30)]
    np.savez(tmp_path / "reuters.npz", x=x, y=random.integers(0, 46, 30))
    path = str(tmp_path / "reuters.npz")
    monkeypatch.setattr("keras.src.datasets.reuters.get_file", lambda *_, **__: path)
    ours = datasets.reuters.load_data(data_dir=tmp_path, **arguments)
    theirs = keras.datasets.reuters.load_data(**arguments)
    for (texts, y), (texts_expected, y_expected) in zip(ours, theirs, strict=True):
        assert [list(text) for text in texts] == [list(text) for text in texts_expected]
        np.testing.assert_array_equal(y, y_expected)
    assert datasets.reuters.get_label_names() == keras.datasets.reuters.get_label_names()


def test_boston_housing_gives_what_keras_gives(tmp_path, monkeypatch):
    import keras

    path = str(tmp_path / "boston_housing.npz")
    np.savez(path, x=np.arange(130.0).reshape(10, 13), y=np.arange(10.0))
    monkeypatch.setattr("keras.src.datasets.boston_housing.get_file", lambda *_, **__: path)
    for arguments in ({}, {"test_split": 0.5, "seed": 3}):
        ours = datasets.boston_housing.load_data(data_dir=tmp_path, **arguments)
        theirs = keras.datasets.boston_housing.load_data(**arguments)
        for pair, expected in zip(ours, theirs, strict=True):
            for a, b in zip(pair, expected, strict=True):
                np.testing.assert_array_equal(a, b)


def test_what_keras_has_downloaded_is_used_where_it_is_intact(tmp_path, monkeypatch):
    from pellucid.data import download

    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    theirs = tmp_path / "keras" / "datasets" / "other-name"
    theirs.parent.mkdir(parents=True)
    theirs.write_bytes(b"content")
    checksum = download.checksum(theirs, "sha256")
    file = download.RemoteFile("name.bin", (), checksum, "other-name")
    assert download.fetch("set", [[file]], tmp_path / "ours") == [theirs]
    theirs.write_bytes(b"damaged")
    with pytest.raises(DownloadError):
        download.fetch("set", [[file]], tmp_path / "ours")
