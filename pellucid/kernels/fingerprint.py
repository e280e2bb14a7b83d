"""64-bit hashes of texts in bulk, equal to what TensorFlow computes: FarmHash64 and SipHash-2-4.

FarmHash (Google, 2014): the variant that is frozen as ``Fingerprint64``. SipHash: Aumasson and
Bernstein (2012). Both are pure functions of the bytes, the same on every machine. Texts of one
length go through together, so that the work is in NumPy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

_MASK = (1 << 64) - 1
_K0, _K1, _K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F
_CAT = 0xC6A4A7935BD1E995
_Words = Any  # uint64 arrays, one number per text


def fingerprint64(texts: Sequence[bytes]) -> np.ndarray:
    """FarmHash's Fingerprint64 of every text, as uint64.

    >>> fingerprint64([b"hello", b""]).tolist()
    [13009744463427800296, 11160318154034397263]
    """
    return _by_length(texts, _farm)


def siphash64(texts: Sequence[bytes], key: Sequence[int]) -> np.ndarray:
    """SipHash-2-4 of every text under a key of two 64-bit numbers, as uint64.

    >>> [f"{h:x}" for h in siphash64([bytes(range(15))], (0x0706050403020100, 0x0F0E0D0C0B0A0908))]
    ['a129ca6149be45e5']
    """
    return _by_length(texts, lambda rows: _sip(rows, key))


def fingerprint_cat64(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """TensorFlow's fingerprint of a pair of fingerprints; not symmetric."""
    mul = _word(_CAT)
    result = (first ^ mul) ^ (_shift_mix(second * mul) * mul)
    return _shift_mix(_shift_mix(result * mul) * mul)


def _by_length(texts: Sequence[bytes], hash_rows: Callable[[np.ndarray], _Words]) -> np.ndarray:
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    out = np.empty(len(texts), np.uint64)
    for length in np.unique(lengths).tolist():
        where = np.flatnonzero(lengths == length)
        joined = b"".join([texts[i] for i in where.tolist()])
        out[where] = hash_rows(np.frombuffer(joined, np.uint8).reshape(len(where), length))
    return out


def _word(value: int) -> np.uint64:
    return np.uint64(value & _MASK)


def _fetch(rows: np.ndarray, at: int, size: int = 8) -> _Words:
    """`size` bytes of every row from `at` on, as one little-endian number."""
    part = np.ascontiguousarray(rows[:, at : at + size])
    return part.view(f"<u{size}")[:, 0].astype(np.uint64)


def _rotate(x: _Words, bits: int) -> _Words:
    """To the right."""
    return (x >> np.uint64(bits)) | (x << np.uint64(64 - bits))


def _shift_mix(x: _Words) -> _Words:
    return x ^ (x >> np.uint64(47))


def _pair(u: _Words, v: _Words, mul: Any) -> _Words:
    """Two words to one."""
    a = _shift_mix((u ^ v) * mul)
    return _shift_mix((v ^ a) * mul) * mul


def _farm(rows: np.ndarray) -> _Words:
    """Fingerprint64 of rows of one length."""
    n = rows.shape[1]
    if n > 64:
        return _farm_long(rows)
    mul, k1, k2 = _word(_K2 + 2 * n), _word(_K1), _word(_K2)
    if n == 0:
        return np.full(len(rows), k2)
    if n < 4:
        first, middle, last = (rows[:, i].astype(np.uint64) for i in (0, n >> 1, n - 1))
        y = first + (middle << np.uint64(8))
        z = np.uint64(n) + (last << np.uint64(2))
        return _shift_mix(y * k2 ^ z * _word(_K0)) * k2
    if n < 8:
        head, tail = _fetch(rows, 0, 4), _fetch(rows, n - 4, 4)
        return _pair(np.uint64(n) + (head << np.uint64(3)), tail, mul)
    if n <= 16:
        a, b = _fetch(rows, 0) + k2, _fetch(rows, n - 8)
        return _pair(_rotate(b, 37) * mul + a, (_rotate(a, 25) + b) * mul, mul)
    a, b = _fetch(rows, 0) * (k1 if n <= 32 else k2), _fetch(rows, 8)
    c, d = _fetch(rows, n - 8) * mul, _fetch(rows, n - 16) * k2
    y = _rotate(a + b, 43) + _rotate(c, 30) + d
    z = _pair(y, a + _rotate(b + k2, 18) + c, mul)
    if n <= 32:
        return z
    e, f = _fetch(rows, 16) * mul, _fetch(rows, 24)
    g, h = (y + _fetch(rows, n - 32)) * mul, (z + _fetch(rows, n - 24)) * mul
    return _pair(_rotate(e + f, 43) + _rotate(g, 30) + h, e + _rotate(f + a, 18) + g, mul)


def _weak_32(rows: np.ndarray, at: int, a: _Words, b: _Words) -> tuple[_Words, _Words]:
    """32 bytes from `at` on, mixed into two seeds."""
    w, x, y, z = (_fetch(rows, at + 8 * i) for i in range(4))
    a = a + w
    b = _rotate(b + a + z, 21)
    c, a = a, a + x + y
    return a + z, b + _rotate(a, 44) + c


def _farm_long(rows: np.ndarray) -> _Words:
    """Fingerprint64 of rows of more than 64 bytes: blocks of 64, the last one overlapping."""
    n, seed = rows.shape[1], 81
    k0, k1, k2 = _word(_K0), _word(_K1), _word(_K2)
    start = np.full(len(rows), _word(seed * _K1 + 113))
    x = _word(seed * _K2) + _fetch(rows, 0)
    y, z = start, _shift_mix(start * k2 + np.uint64(113)) * k2
    zero = np.zeros(len(rows), np.uint64)
    v, w = (zero, zero), (zero, zero)

    def block(at: int, mul: Any, nine: Any) -> None:
        nonlocal x, y, z, v, w
        x = _rotate(x + y + v[0] + _fetch(rows, at + 8), 37) * mul
        y = _rotate(y + v[1] + _fetch(rows, at + 48), 42) * mul
        x = x ^ (w[1] * nine)
        y = y + v[0] * nine + _fetch(rows, at + 40)
        z = _rotate(z + w[0], 33) * mul
        v = _weak_32(rows, at, v[1] * mul, x + w[0])
        w = _weak_32(rows, at + 32, z + w[1], y + _fetch(rows, at + 16))
        x, z = z, x

    for at in range(0, (n - 1) // 64 * 64, 64):
        block(at, k1, np.uint64(1))
    mul = k1 + ((z & np.uint64(0xFF)) << np.uint64(1))
    w = (w[0] + np.uint64((n - 1) & 63), w[1])
    v = (v[0] + w[0], v[1])
    w = (w[0] + v[0], w[1])
    block(n - 64, mul, np.uint64(9))
    return _pair(_pair(v[0], w[0], mul) + _shift_mix(y) * k0 + z, _pair(v[1], w[1], mul) + x, mul)


def _sip(rows: np.ndarray, key: Sequence[int]) -> _Words:
    """SipHash-2-4 of rows of one length."""
    count, n = rows.shape
    constants = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)
    a, b, c, d = (np.full(count, _word(k ^ key[i % 2])) for i, k in enumerate(constants))

    def mix(rounds: int) -> None:
        nonlocal a, b, c, d
        for _ in range(rounds):
            a, c = a + b, c + d
            b, d = _rotate(b, 51) ^ a, _rotate(d, 48) ^ c
            a = _rotate(a, 32)
            c, a = c + b, a + d
            b, d = _rotate(b, 47) ^ c, _rotate(d, 43) ^ a
            c = _rotate(c, 32)

    padded = np.zeros((count, n // 8 * 8 + 8), np.uint8)
    padded[:, :n] = rows
    padded[:, -1] = n & 0xFF  # the length fills up the last word
    for at in range(0, padded.shape[1], 8):
        word = _fetch(padded, at)
        d = d ^ word
        mix(2)
        a = a ^ word
    c = c ^ np.uint64(0xFF)
    mix(4)
    return a ^ b ^ c ^ d
