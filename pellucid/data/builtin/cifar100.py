"""CIFAR-100: 60,000 pictures, 32x32, of a hundred kinds in twenty groups (Krizhevsky 2009)."""

from __future__ import annotations

import io
import tarfile
import zlib
from pathlib import Path

import numpy as np

from ..._core.errors import ConfigError, FileFormatError
from ..download import RemoteFile, cache_folder, fetch
from ..pickled import load_inert
from ._common import Pair, PathLike, Splits

TASK = "classification"
class_names = (
    "apple",
    "aquarium_fish",
    "baby",
    "bear",
    "beaver",
    "bed",
    "bee",
    "beetle",
    "bicycle",
    "bottle",
    "bowl",
    "boy",
    "bridge",
    "bus",
    "butterfly",
    "camel",
    "can",
    "castle",
    "caterpillar",
    "cattle",
    "chair",
    "chimpanzee",
    "clock",
    "cloud",
    "cockroach",
    "couch",
    "crab",
    "crocodile",
    "cup",
    "dinosaur",
    "dolphin",
    "elephant",
    "flatfish",
    "forest",
    "fox",
    "girl",
    "hamster",
    "house",
    "kangaroo",
    "keyboard",
    "lamp",
    "lawn_mower",
    "leopard",
    "lion",
    "lizard",
    "lobster",
    "man",
    "maple_tree",
    "motorcycle",
    "mountain",
    "mouse",
    "mushroom",
    "oak_tree",
    "orange",
    "orchid",
    "otter",
    "palm_tree",
    "pear",
    "pickup_truck",
    "pine_tree",
    "plain",
    "plate",
    "poppy",
    "porcupine",
    "possum",
    "rabbit",
    "raccoon",
    "ray",
    "road",
    "rocket",
    "rose",
    "sea",
    "seal",
    "shark",
    "shrew",
    "skunk",
    "skyscraper",
    "snail",
    "snake",
    "spider",
    "squirrel",
    "streetcar",
    "sunflower",
    "sweet_pepper",
    "table",
    "tank",
    "telephone",
    "television",
    "tiger",
    "tractor",
    "train",
    "trout",
    "tulip",
    "turtle",
    "wardrobe",
    "whale",
    "willow_tree",
    "wolf",
    "woman",
    "worm",
)
coarse_names = (
    "aquatic_mammals",
    "fish",
    "flowers",
    "food_containers",
    "fruit_and_vegetables",
    "household_electrical_devices",
    "household_furniture",
    "insects",
    "large_carnivores",
    "large_man-made_outdoor_things",
    "large_natural_outdoor_scenes",
    "large_omnivores_and_herbivores",
    "medium_mammals",
    "non-insect_invertebrates",
    "people",
    "reptiles",
    "small_mammals",
    "trees",
    "vehicles_1",
    "vehicles_2",
)
feature_names: tuple[str, ...] = ()
VALUE_RANGE = (0, 255)

FILES = (
    (
        RemoteFile(
            "cifar-100-python.tar.gz",
            (
                "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",
                "https://cave.cs.toronto.edu/kriz/cifar-100-python.tar.gz",
            ),
            "sha256:85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
            "cifar-100-python-target_archive",
        ),
    ),
)
FOLDER, PARTS = "cifar-100-python", ("train", "test")


def load_data(label_mode: str = "fine", *, data_dir: PathLike | None = None) -> Splits:
    """Load CIFAR-100, downloading it (169 MB) the first time.

    Args:
        label_mode: ``"fine"``, the hundred `class_names`, or ``"coarse"``, the twenty
            `coarse_names`.
        data_dir: folder that already holds `cifar-100-python.tar.gz` or what it unpacks to, or
            where to download to. Files there are read as they are.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: uint8 `(50000, 32, 32, 3)`, int64 `(50000, 1)`,
        `(10000, 32, 32, 3)`, `(10000, 1)`.

    Raises:
        ConfigError: another label_mode.
        DownloadError: no mirror delivered it intact.
        FileFormatError: a damaged file.

    >>> (x_train, y_train), (x_test, y_test) = load_data()  # doctest: +SKIP
    """
    if label_mode not in ("fine", "coarse"):
        raise ConfigError(
            "CIFAR-100 has two sets of labels.",
            got=f"label_mode={label_mode!r}",
            expected="'fine' or 'coarse'",
            fix="load_data(label_mode='fine').",
        )
    folder = Path(data_dir).expanduser() if data_dir is not None else cache_folder("cifar100")
    contents: dict[str, bytes] = {}
    if data_dir is not None:
        for place in (folder / FOLDER, folder):
            if all((place / part).is_file() for part in PARTS):
                contents = {part: (place / part).read_bytes() for part in PARTS}
                break
    if not contents:
        own = folder / FILES[0][0].name
        given = data_dir is not None and own.is_file()
        contents = _unpacked(own if given else fetch("cifar100", FILES, folder)[0])
    train, test = (_read(contents[part], label_mode, f"{FOLDER}/{part}") for part in PARTS)
    return train, test


def _unpacked(path: Path) -> dict[str, bytes]:
    """The two batches straight from the archive: nothing is unpacked onto the disk."""
    found: dict[str, bytes] = {}
    wanted = {f"{FOLDER}/{part}": part for part in PARTS}
    try:
        with tarfile.open(path, "r:gz") as archive:
            for member in archive:
                stream = archive.extractfile(member) if member.name in wanted else None
                if stream is not None:
                    found[wanted[member.name]] = stream.read()
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise FileFormatError(
            f"{path} is damaged.",
            got=str(error) or type(error).__name__,
            expected="a complete .tar.gz archive",
            fix="delete it and load the data set again.",
        ) from error
    if missing := [part for part in PARTS if part not in found]:
        raise FileFormatError(
            f"{path} is not the CIFAR-100 archive.",
            got=f"no {', '.join(missing)} in it",
            fix="delete it and load the data set again.",
        )
    return found


def _read(data: bytes, label_mode: str, what: str) -> Pair:
    """A pickled dictionary, read by the reader that can only build plain data."""
    batch = load_inert(io.BytesIO(data), what, encoding="bytes")
    pixels = batch.get(b"data") if isinstance(batch, dict) else None
    labels = batch.get(f"{label_mode}_labels".encode()) if isinstance(batch, dict) else None
    kinds = len(class_names if label_mode == "fine" else coarse_names)
    if (
        not isinstance(pixels, np.ndarray)
        or not isinstance(labels, list)
        or pixels.shape != (len(labels), 3 * 32 * 32)
        or not all(type(label) is int and 0 <= label < kinds for label in labels)
    ):
        raise FileFormatError(
            f"{what} is not a CIFAR-100 batch.",
            got="other content",
            expected=f"b'data' (n, 3072) and b'{label_mode}_labels' of length n",
            fix="delete it and load the data set again.",
        )
    pictures = pixels.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)  # (pictures, 32, 32, 3)
    return np.ascontiguousarray(pictures), np.array(labels, np.int64).reshape(-1, 1)
