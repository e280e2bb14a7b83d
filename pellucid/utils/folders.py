"""Data sets from folders: one subfolder a class, one file a sample."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from .._core.errors import ConfigError, DataError
from .._core.rng import next_seed
from ..data.dataset import Dataset
from ..training.callbacks.messages import say
from .batches import batches_of, check_format
from .images import COLOR_MODES, channels_last, img_to_array, load_img, padded, resized

IMAGES = (".bmp", ".gif", ".jpeg", ".jpg", ".png")
TEXTS = (".txt",)
LABEL_MODES = ("int", "categorical", "binary", None)


def image_dataset_from_directory(
    directory: str | os.PathLike[str],
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    color_mode: str = "rgb",
    batch_size: int | None = 32,
    image_size: tuple[int, int] = (256, 256),
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    interpolation: str = "bilinear",
    follow_links: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    data_format: str | None = None,
    format: str | None = "tf",
    verbose: bool = True,
) -> Any:
    """The pictures under a folder, in batches: ``fit(dataset)``, ``for images, labels in dataset``.

    Args:
        directory: holds one subfolder per class.
        labels: ``"inferred"`` from the subfolders; a list with one label per file, in the order of
            the sorted paths; or None for pictures alone.
        label_mode: ``"int"``, ``"categorical"`` (one-hot), ``"binary"`` (0 or 1 as floats) or None.
        class_names: the subfolders in the order that labels 0, 1, ... are to have.
        color_mode: ``"rgb"``, ``"rgba"`` or ``"grayscale"``.
        batch_size: pictures in a batch; None for pictures one by one.
        image_size: ``(height, width)`` that all are resized to.
        shuffle: in a new order every pass; else by path.
        seed: of the order, and of the choice that `validation_split` makes.
        validation_split: this share of the files is held out.
        subset: ``"training"``, ``"validation"``, or ``"both"`` for a pair of data sets.
        interpolation: see `load_img`.
        follow_links: also look into subfolders that are links.
        crop_to_aspect_ratio: cut the sides off rather than distort.
        pad_to_aspect_ratio: add black sides rather than distort.
        data_format: ``"channels_first"`` for ``(batch, channels, height, width)``.
        verbose: say how many files there are.
        format: accepted for Keras's programs; the result is a `data.Dataset` in any case.

    Returns:
        A `data.Dataset` with `class_names` and `file_paths`, of images ``(batch, height, width,
        channels)``, float32 from 0 to 255, and labels; or a pair of them.

    Raises:
        ConfigError: arguments that do not fit together. DataError: no pictures.
    """
    check_format(format)
    if color_mode not in COLOR_MODES:
        raise ConfigError(
            "There is no such color_mode.",
            got=repr(color_mode),
            expected=f"one of {', '.join(map(repr, COLOR_MODES))}",
            fix="color_mode='rgb'.",
        )
    if isinstance(image_size, int):
        image_size = (image_size, image_size)
    if len(image_size) != 2 or min(image_size) < 1:
        raise ConfigError(
            "image_size is (height, width).", got=repr(image_size), fix="image_size=(180, 180)."
        )
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ConfigError(
            "Pictures are cropped or padded, not both.",
            got="crop_to_aspect_ratio=True, pad_to_aspect_ratio=True",
            fix="keep one of them.",
        )
    last = channels_last(data_format)

    def load(path: str) -> np.ndarray:
        if pad_to_aspect_ratio:
            img = resized(padded(load_img(path, color_mode), image_size), image_size, interpolation)
        else:
            img = load_img(path, color_mode, image_size, interpolation, crop_to_aspect_ratio)
        return img_to_array(img, "channels_last" if last else "channels_first", "float32")

    def batch(paths: list[str]) -> np.ndarray:
        with ThreadPoolExecutor() as threads:
            return np.stack(list(threads.map(load, paths)))

    return _datasets(
        directory,
        labels,
        label_mode,
        class_names,
        IMAGES,
        follow_links,
        validation_split,
        subset,
        shuffle,
        seed,
        batch_size,
        verbose,
        batch,
    )


def text_dataset_from_directory(
    directory: str | os.PathLike[str],
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    batch_size: int | None = 32,
    max_length: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    follow_links: bool = False,
    format: str | None = "tf",
    verbose: bool = True,
) -> Any:
    """The ``.txt`` files under a folder, in batches of texts and labels.

    Args:
        max_length: texts are cut to so many characters.

    The other arguments are those of `image_dataset_from_directory`.

    Returns:
        A `data.Dataset` of texts, ``(batch,)`` strings, and labels; or a pair of them.
    """

    check_format(format)

    def batch(paths: list[str]) -> np.ndarray:
        texts = [Path(path).read_text(encoding="utf-8", errors="replace") for path in paths]
        return np.array([text[:max_length] for text in texts], dtype=object)

    return _datasets(
        directory,
        labels,
        label_mode,
        class_names,
        TEXTS,
        follow_links,
        validation_split,
        subset,
        shuffle,
        seed,
        batch_size,
        verbose,
        batch,
    )


def _datasets(
    directory: Any,
    labels: Any,
    label_mode: str | None,
    class_names: Sequence[str] | None,
    formats: tuple[str, ...],
    follow_links: bool,
    validation_split: float | None,
    subset: str | None,
    shuffle: bool,
    seed: int | None,
    batch_size: int | None,
    verbose: bool,
    batch: Any,
) -> Any:
    """The data set, or the two, that the arguments ask for."""
    _check(labels, label_mode, validation_split, subset, shuffle, seed)
    if labels is None:
        label_mode = None
    paths, numbers, names = find_files(directory, labels, class_names, formats, follow_links)
    if label_mode == "binary" and len(names or ()) != 2:
        raise ConfigError(
            "label_mode='binary' needs exactly two classes.",
            got=f"{len(names or ())} classes: {', '.join(names or ())}",
            fix="label_mode='int', or pass class_names=[...] with two of them.",
        )
    if verbose:
        belonging = "" if names is None else f" belonging to {len(names)} classes"
        say(f"Found {len(paths)} files{belonging}.")
    seed = next_seed() if seed is None else int(seed)
    order = np.arange(len(paths))
    if shuffle:  # drawn as Keras draws, so that the same seed holds out the same files
        np.random.RandomState(seed % 2**32).shuffle(order)
    held_out = int((validation_split or 0) * len(paths))
    parts = {
        "training": order[: len(order) - held_out],
        "validation": order[len(order) - held_out :],
    }
    wanted: list[Any] = {None: ["all"], "both": ["training", "validation"]}.get(subset, [subset])
    made = []
    for part in wanted:
        chosen = order if part == "all" else parts[part]
        if not len(chosen):
            raise DataError(
                f"There is no file for the subset {part!r} in {os.fspath(directory)}.",
                got=f"{len(paths)} files, validation_split={validation_split}",
                fix="choose another validation_split, or add files.",
            )
        if verbose and part != "all":
            say(f"Using {len(chosen)} files for {part}.")
        mixes = shuffle and not (subset == "both" and part == "validation")
        made.append(
            _dataset(paths, numbers, names, chosen, label_mode, batch, batch_size, mixes, seed)
        )
    return made if subset == "both" else made[0]


def _dataset(
    paths: list[str],
    numbers: np.ndarray | None,
    names: list[str] | None,
    chosen: np.ndarray,
    label_mode: str | None,
    batch: Any,
    batch_size: int | None,
    shuffle: bool,
    seed: int,
) -> Dataset:
    own = [paths[i] for i in chosen]
    classes = len(names or ())
    targets = None if numbers is None or label_mode is None else numbers[chosen]
    if targets is not None and label_mode == "categorical":
        targets = np.eye(classes, dtype=np.float32)[targets]
    elif targets is not None and label_mode == "binary":
        targets = targets.astype(np.float32)[:, None]

    def load(rows: np.ndarray) -> Any:
        samples = batch([own[i] for i in rows])
        return samples if targets is None else (samples, targets[rows])

    return batches_of(
        len(own), batch_size, load, shuffle=shuffle, seed=seed, class_names=names, file_paths=own
    )


def find_files(
    directory: Any,
    labels: Any,
    class_names: Sequence[str] | None,
    formats: tuple[str, ...],
    follow_links: bool = False,
) -> tuple[list[str], np.ndarray | None, list[str] | None]:
    """Sorted paths, their class numbers, and the classes' names.

    Raises:
        DataError: no such folder, no files, labels of another number.
    """
    root = os.fspath(directory)
    if not os.path.isdir(root):
        raise DataError("There is no such folder.", got=repr(root), fix="check the path.")
    if labels != "inferred" if isinstance(labels, str) else labels is not None:
        paths = _walk(root, formats, follow_links)
        _must_have(paths, root, formats)
        if class_names is not None:
            raise ConfigError(
                "class_names goes with labels='inferred'.",
                got=f"class_names={list(class_names)}",
                fix="leave class_names out: the classes are the labels that occur.",
            )
        if len(labels) != len(paths):
            raise DataError(
                "There must be one label per file.",
                got=f"{len(labels)} labels, {len(paths)} files in {root}",
                fix="pass labels in the order of the sorted paths.",
            )
        return paths, np.asarray(labels, np.int32), [str(label) for label in sorted(set(labels))]
    if labels is None:
        paths = _walk(root, formats, follow_links)
        _must_have(paths, root, formats)
        return paths, None, None
    there = sorted(
        name
        for name in os.listdir(root)
        if os.path.isdir(os.path.join(root, name)) and not name.startswith(".")
    )
    names = list(class_names) if class_names is not None else there
    missing = [name for name in names if name not in there]
    if missing:
        raise DataError(
            f"There is no subfolder for the class {missing[0]!r} in {root}.",
            got=f"class_names={names}",
            expected=f"names among {there}",
            fix="leave class_names out to take every subfolder.",
        )
    paths, numbers = [], []
    for number, name in enumerate(names):
        found = _walk(os.path.join(root, name), formats, follow_links)
        paths += found
        numbers += [number] * len(found)
    _must_have(paths, root, formats)
    return paths, np.asarray(numbers, np.int32), names


def _walk(folder: str, formats: tuple[str, ...], follow_links: bool) -> list[str]:
    walked = sorted(os.walk(folder, followlinks=follow_links), key=lambda entry: entry[0])
    return [
        os.path.join(root, name)
        for root, _, files in walked
        for name in sorted(files)
        if name.lower().endswith(formats)
    ]


def _must_have(paths: list[str], root: str, formats: tuple[str, ...]) -> None:
    if not paths:
        raise DataError(
            f"No files were found in {root}.",
            expected=f"names that end in {', '.join(formats)}, in one subfolder per class",
            fix="check the path, or pass labels=None for a folder without classes.",
        )


def _check(
    labels: Any,
    label_mode: Any,
    validation_split: float | None,
    subset: str | None,
    shuffle: bool,
    seed: int | None,
) -> None:
    if isinstance(labels, str) and labels != "inferred":
        raise ConfigError(
            "labels is 'inferred', a list with one label per file, or None.",
            got=repr(labels),
            fix="labels='inferred' takes the names of the subfolders.",
        )
    if label_mode not in LABEL_MODES:
        raise ConfigError(
            "There is no such label_mode.",
            got=repr(label_mode),
            expected=f"one of {', '.join(map(repr, LABEL_MODES))}",
            fix="label_mode='int'.",
        )
    if subset not in (None, "training", "validation", "both"):
        raise ConfigError(
            "There is no such subset.",
            got=repr(subset),
            expected="'training', 'validation' or 'both'",
            fix="subset='both' gives the two data sets at once.",
        )
    if (validation_split is None) != (subset is None):
        raise ConfigError(
            "validation_split and subset go together.",
            got=f"validation_split={validation_split!r}, subset={subset!r}",
            fix="validation_split=0.2, subset='both'.",
        )
    if validation_split is not None and not 0 < validation_split < 1:
        raise ConfigError(
            "validation_split is a share above 0 and below 1.",
            got=repr(validation_split),
            fix="validation_split=0.2.",
        )
    if validation_split is not None and shuffle and seed is None and subset != "both":
        raise ConfigError(
            "Two calls that split shuffled files need the same seed, or files would be in both.",
            got="seed=None",
            fix="seed=42 in both calls, or subset='both' in one.",
        )
