"""Files from strangers: read if sound, refused if damaged or hostile, never unpickled."""

import gzip
import io
import pickle
import struct
import zipfile

import numpy as np
import pytest
from helpers_data import python2_pickle, shared_data
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pellucid._core.errors import DataError, FileFormatError
from pellucid.data import load_npz
from pellucid.data.idx import read_idx
from pellucid.data.npz import read_npz
from pellucid.data.pickled import load_inert

ARRAYS = hnp.arrays(
    st.sampled_from(["float64", "float32", "int64", "uint8", "bool", ">i4", "<U3"]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)


@given(ARRAYS, st.booleans(), st.booleans())
def test_what_numpy_saves_comes_back(array, compressed, fortran):
    file = io.BytesIO()
    array = np.asfortranarray(array) if fortran and array.ndim else array
    (np.savez_compressed if compressed else np.savez)(file, x=array, y=np.arange(3))
    with _written(file.getvalue()) as path:
        loaded = load_npz(path)
    assert set(loaded) == {"x", "y"}
    assert loaded["x"].dtype == array.dtype
    np.testing.assert_array_equal(loaded["x"], array)
    loaded["y"][0] = 1  # ours to change


class _written:  # noqa: N801
    def __init__(self, data):
        self.data = data

    def __enter__(self):
        import tempfile

        self.folder = tempfile.TemporaryDirectory()
        path = f"{self.folder.name}/data.npz"
        with open(path, "wb") as stream:
            stream.write(self.data)
        return path

    def __exit__(self, *_):
        self.folder.cleanup()


def saved(**arrays):
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


@settings(max_examples=60)
@given(st.integers(0, 10_000))
def test_a_truncated_file_is_refused_wherever_it_ends(cut):
    whole = saved(x=np.arange(1000) % 7)
    with _written(whole[: cut % len(whole)]) as path, pytest.raises(FileFormatError):
        load_npz(path)


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_flipped_byte_never_gives_other_numbers(place, flip):
    array = np.arange(1000) % 7
    damaged = bytearray(saved(x=array))
    damaged[place % len(damaged)] ^= flip
    with _written(bytes(damaged)) as path:
        try:
            loaded = load_npz(path)
        except FileFormatError:
            return
    for value in loaded.values():  # the flip hit a date, or the member's name
        np.testing.assert_array_equal(value, array)


def test_not_an_archive_and_no_file(tmp_path):
    (tmp_path / "data.npz").write_text("hello")
    with pytest.raises(FileFormatError, match=r"not an intact \.npz"):
        load_npz(tmp_path / "data.npz")
    with pytest.raises(DataError, match="no file"):
        load_npz(tmp_path / "other.npz")
    with zipfile.ZipFile(tmp_path / "data.npz", "w") as archive:
        archive.writestr("readme.txt", "nothing here")
    with pytest.raises(FileFormatError, match="holds no arrays"):
        load_npz(tmp_path / "data.npz")


class Exploit:
    """Unpickling this writes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_pickled_objects_are_never_loaded(tmp_path):
    marker = tmp_path / "marker"
    payload = np.empty(1, object)
    payload[0] = Exploit(marker)
    np.savez(tmp_path / "evil.npz", x=payload)
    with pytest.raises(FileFormatError, match="never loads"):
        load_npz(tmp_path / "evil.npz")
    with pytest.raises(FileFormatError, match=r"it names .*open"):
        read_npz(tmp_path / "evil.npz", lambda stream: load_inert(stream, "evil.npz"))
    assert not marker.exists()


@pytest.mark.parametrize("shape", ["(1000000000000,)", "(3,)", "(-2,)"])
def test_a_header_that_lies_about_its_size(tmp_path, shape):
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}"
    body = header.ljust(117) + "\n"
    data = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(body)) + body.encode() + b"\0" * 16
    with zipfile.ZipFile(tmp_path / "liar.npz", "w") as archive:
        archive.writestr("x.npy", data)
    with pytest.raises(FileFormatError, match=r"not as long as its header says|NumPy header"):
        load_npz(tmp_path / "liar.npz")


def test_a_changed_number_is_caught_by_its_checksum(tmp_path):
    array = np.arange(1000)
    np.savez(tmp_path / "data.npz", x=array)  # stored as it is, so a byte is a number
    data = bytearray((tmp_path / "data.npz").read_bytes())
    data[data.index(array.tobytes()) + 500] ^= 1
    (tmp_path / "data.npz").write_bytes(data)
    with pytest.raises(FileFormatError, match="CRC"):
        load_npz(tmp_path / "data.npz")


def test_a_member_without_a_header(tmp_path):
    with zipfile.ZipFile(tmp_path / "odd.npz", "w") as archive:
        archive.writestr("x.npy", b"garbage that is no array")
    with pytest.raises(FileFormatError, match="does not start with a NumPy header"):
        load_npz(tmp_path / "odd.npz")


# ---- pickles that hold only plain data


def test_plain_pickles_of_both_kinds_are_read():
    lists = np.array([[1, 2], [3]], object)
    assert load_inert(io.BytesIO(pickle.dumps(lists)), "f") == [[1, 2], [3]]
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    batch = python2_pickle({b"data": pixels, b"labels": [1, 2, 3]})
    loaded = load_inert(io.BytesIO(batch), "f", encoding="bytes")
    np.testing.assert_array_equal(loaded[b"data"], pixels)
    assert loaded[b"labels"] == [1, 2, 3]


@pytest.mark.parametrize(
    "value",
    [np.load, Exploit("x"), np.array([1.5]), np.array([Exploit("x")], object), print],
    ids=["function", "reduce", "floats", "nested", "builtin"],
)
def test_other_pickles_are_refused(value):
    with pytest.raises(FileFormatError, match="not the plain data"):
        load_inert(io.BytesIO(pickle.dumps(value)), "f")


def test_hand_written_pickles_cannot_reach_past_the_stand_ins():
    attacks = [
        b"cos\nsystem\n(S'true'\ntR.",
        b"cnumpy\nload\n(S'x'\ntR.",
        b"cnumpy.core.multiarray\nfromfile\n.",
        b"cnumpy\nndarray\n(I1\ntR}S'__class__'\nS'x'\nsb.",
        b"cbuiltins\ngetattr\n(cnumpy\nndarray\nS'tofile'\ntR.",
    ]
    for attack in attacks:
        with pytest.raises(FileFormatError):
            load_inert(io.BytesIO(attack), "f")


@settings(max_examples=60)
@given(st.binary(max_size=60))
def test_random_bytes_are_refused_or_harmless(data):
    try:
        load_inert(io.BytesIO(data), "f")
    except FileFormatError as error:
        assert error.fix  # noqa: PT017


# ---- idx


def idx(array, code=0x08):
    sizes = struct.pack(f">{array.ndim}I", *array.shape)
    return bytes([0, 0, code, array.ndim]) + sizes + array.tobytes()


@given(hnp.arrays("uint8", hnp.array_shapes(max_dims=3, max_side=5)), st.booleans())
def test_idx_files_zipped_and_plain(array, zipped):
    data = idx(array)
    with _written(gzip.compress(data) if zipped else data) as path:
        np.testing.assert_array_equal(read_idx(path), array)


def test_idx_of_wider_numbers(tmp_path):
    (tmp_path / "a").write_bytes(idx(np.array([1, -2], ">i4"), 0x0C))
    result = read_idx(tmp_path / "a")
    assert result.dtype == np.int32
    assert result.dtype.isnative
    assert result.tolist() == [1, -2]


WHOLE = idx(np.arange(100, dtype=np.uint8).reshape(4, 25))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (WHOLE[:-1], "not as long"),
        (WHOLE + b"x", "more than"),
        (WHOLE[:7], "not as long"),
        (b"", "not an idx file"),
        (b"<html>", "not an idx file"),
        (gzip.compress(WHOLE)[:-20], "damaged"),
        (gzip.compress(WHOLE)[:-6] + b"abcdef", "damaged"),
        (gzip.compress(WHOLE)[:12], "damaged"),
        (bytes([0, 0, 8, 2, *b"\xff" * 8]), "not as long"),
    ],
    ids=["short", "long", "no sizes", "empty", "html", "cut", "crc", "cut early", "huge"],
)
def test_damaged_idx_files(tmp_path, data, message):
    (tmp_path / "file").write_bytes(data)
    with pytest.raises(FileFormatError, match=message):
        read_idx(tmp_path / "file")


def test_the_real_mnist_files():
    import hashlib

    md5 = {
        "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
        "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    }
    for name, expected in md5.items():
        array = read_idx(shared_data("mnist") / f"{name}.gz")
        whole = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
        assert hashlib.md5(whole + array.tobytes()).hexdigest() == expected
