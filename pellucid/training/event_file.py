"""TensorBoard's event files: records with checksums, each an `Event` in protobuf's wire format.

Only what is written here is spelled out: scalars, histograms, pictures and text.

https://www.tensorflow.org/tutorials/load_data/tfrecord (the records' frame),
https://protobuf.dev/programming-guides/encoding (the messages), RFC 3720 appendix B.4 (CRC-32C)
"""

from __future__ import annotations

import io
import itertools
import os
import socket
import struct
import time
from pathlib import Path
from typing import Any

import numpy as np

_files = itertools.count()

# Numbers of the fields in TensorFlow's event.proto, summary.proto and tensor.proto.
WALL_TIME, STEP, FILE_VERSION, SUMMARY = 1, 2, 3, 5
VALUE = 1
TAG, SIMPLE_VALUE, IMAGE, HISTO, TENSOR, METADATA = 1, 2, 4, 5, 8, 9
DT_STRING = 7


class EventWriter:
    """Appends to one event file in a folder; nothing is on disk before `flush`.

    The file is opened only while it is written to, so an interrupted program leaves it whole.

    Args:
        folder: made where it is missing; TensorBoard shows each folder as one run.
    """

    def __init__(self, folder: str | os.PathLike[str]):
        self.folder = Path(folder)
        stamp = f"{int(time.time()):010d}.{socket.gethostname()}.{os.getpid()}.{next(_files)}"
        self.path = self.folder / f"events.out.tfevents.{stamp}.v2"
        self._waiting = [record(event(file_version="brain.Event:2"))]

    def scalar(self, tag: str, value: float, step: int) -> None:
        """One number."""
        self._add(step, tag, _fixed32(SIMPLE_VALUE, float(value)))

    def histogram(self, tag: str, values: Any, step: int, bins: int = 30) -> None:
        """How the numbers of an array are spread; those that are not finite are left out."""
        array = np.asarray(values, np.float64).ravel()
        array = array[np.isfinite(array)]
        if not array.size:
            return
        counts, edges = np.histogram(array, bins)
        numbers = (array.min(), array.max(), array.size, array.sum(), np.square(array).sum())
        message = b"".join(_fixed64(field, float(x)) for field, x in enumerate(numbers, start=1))
        message += _doubles(6, edges[1:]) + _doubles(7, counts)
        self._add(step, tag, _bytes(HISTO, message))

    def image(self, tag: str, pixels: np.ndarray, step: int) -> None:
        """A grey picture, ``(height, width)`` uint8."""
        from PIL import Image

        encoded = io.BytesIO()
        Image.fromarray(pixels).save(encoded, format="PNG")
        height, width = pixels.shape
        message = _integer(1, height) + _integer(2, width) + _integer(3, 1)
        self._add(step, tag, _bytes(IMAGE, message + _bytes(4, encoded.getvalue())))

    def text(self, tag: str, markdown: str, step: int) -> None:
        """Text, shown as Markdown."""
        plugin = _bytes(1, _bytes(1, b"text"))
        tensor = _integer(1, DT_STRING) + _bytes(2, b"") + _bytes(8, markdown.encode())
        self._add(step, tag, _bytes(METADATA, plugin) + _bytes(TENSOR, tensor))

    def flush(self) -> None:
        """Write what has been added since the last time."""
        if not self._waiting:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab") as file:
            file.write(b"".join(self._waiting))
        self._waiting = []

    def _add(self, step: int, tag: str, payload: bytes) -> None:
        value = _bytes(VALUE, _bytes(TAG, tag.encode()) + payload)
        self._waiting.append(record(event(step=step, summary=value)))


def event(step: int = 0, summary: bytes = b"", file_version: str = "") -> bytes:
    """An `Event` message of this moment."""
    message = _fixed64(WALL_TIME, time.time())
    if file_version:
        return message + _bytes(FILE_VERSION, file_version.encode())
    return message + _integer(STEP, int(step)) + _bytes(SUMMARY, summary)


def record(data: bytes) -> bytes:
    """`data` in its frame: length, checksum of the length, data, checksum of the data."""
    length = struct.pack("<Q", len(data))
    return length + _checksum(length) + data + _checksum(data)


def _checksum(data: bytes) -> bytes:
    crc = crc32c(data)
    rotated = (crc >> 15) | (crc << 17)
    return struct.pack("<I", (rotated + 0xA282EAD8) & 0xFFFFFFFF)


def _table() -> list[int]:
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


_TABLE = _table()


def crc32c(data: bytes) -> int:
    """Castagnoli's cyclic redundancy check.

    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    crc = 0xFFFFFFFF
    for byte in data:
        crc = (crc >> 8) ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


# ------------------------------------------------------------------ protobuf's four wire types


def _varint(number: int) -> bytes:
    """
    >>> _varint(300)
    b'\\xac\\x02'
    """
    number &= 0xFFFFFFFFFFFFFFFF  # negative numbers as two's complement
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _integer(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _fixed64(field: int, value: float) -> bytes:
    return _varint(field << 3 | 1) + struct.pack("<d", value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _fixed32(field: int, value: float) -> bytes:
    with np.errstate(over="ignore"):  # what is too large for float32 is shown as infinite
        return _varint(field << 3 | 5) + np.float32(value).astype("<f4").tobytes()


def _doubles(field: int, values: Any) -> bytes:
    return _bytes(field, np.asarray(values, "<f8").tobytes())
