"""The hashes of `fingerprint` for whole numbers of 32 bits, on the device.

A number hashes as the text that it is written as. JAX has no 64-bit integers unless asked, so a
64-bit word is two of 32 bits here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from .fingerprint import _CAT, _K0, _K2

_LOW = 0xFFFFFFFF
_LONGEST = 11  # characters of -2147483648


@dataclass(frozen=True)
class Word:
    """Arrays of 64-bit words, as their upper and lower halves."""

    high: Any
    low: Any

    @staticmethod
    def of(value: int) -> Word:
        return Word(jnp.uint32(value >> 32 & _LOW), jnp.uint32(value & _LOW))

    def __add__(self, other: Word) -> Word:
        low = self.low + other.low
        return Word(self.high + other.high + (low < self.low).astype(jnp.uint32), low)

    def __xor__(self, other: Word) -> Word:
        return Word(self.high ^ other.high, self.low ^ other.low)

    def __mul__(self, other: Word) -> Word:
        a, b, half = self.low, other.low, jnp.uint32(0xFFFF)
        a0, a1, b0, b1 = a & half, a >> 16, b & half, b >> 16
        middle = a1 * b0 + (a0 * b0 >> 16)  # below 2 ** 32
        carry = (middle & half) + a0 * b1
        over = a1 * b1 + (middle >> 16) + (carry >> 16)
        return Word(over + self.high * b + a * other.high, a * b)

    def __lshift__(self, bits: int) -> Word:
        return Word(self.high << bits | self.low >> (32 - bits), self.low << bits)

    def rotate(self, bits: int) -> Word:
        """To the right."""
        high, low = (self.high, self.low) if bits < 32 else (self.low, self.high)
        bits %= 32
        if not bits:
            return Word(high, low)
        return Word(high >> bits | low << (32 - bits), low >> bits | high << (32 - bits))

    def mix(self) -> Word:
        """The upper bits into the lower ones."""
        return Word(self.high, self.low ^ self.high >> 15)

    def modulo(self, count: int) -> Any:
        """The remainder, int32; `count` is below 2 ** 31."""
        rest = self.high % jnp.uint32(count)
        for bit in range(31, -1, -1):
            rest = rest << 1 | (self.low >> bit & 1)
            rest = jnp.where(rest >= count, rest - count, rest)
        return rest.astype(jnp.int32)


def _where(condition: Any, one: Word, other: Word) -> Word:
    return Word(
        jnp.where(condition, one.high, other.high), jnp.where(condition, one.low, other.low)
    )


def integer_buckets(values: jax.Array, count: int, salt: tuple[int, int] | None) -> jax.Array:
    """The bucket of each whole number among `count`: of its text's FarmHash, salted: SipHash.

    >>> integer_buckets(jnp.array([100, 200, 300, 400]), 4, None).tolist()
    [3, 1, 3, 1]
    """
    length, head, tail = _written(values)
    word = _farm(length, head, tail) if salt is None else _sip(length, head, salt)
    return word.modulo(count)


def crossed_buckets(words: list[Word], count: int, key: int) -> jax.Array:
    """The bucket of each combination of values, as TensorFlow crosses features."""
    result, mul = Word.of(key), Word.of(_CAT)
    for word in words:
        result = (result ^ mul) ^ ((word * mul).mix() * mul)
        result = ((result * mul).mix() * mul).mix()
    return result.modulo(count)


def signed_word(values: jax.Array) -> Word:
    """32-bit numbers as 64-bit words."""
    values = values.astype(jnp.int32)
    return Word((values >> 31).astype(jnp.uint32), values.astype(jnp.uint32))


def _written(values: jax.Array) -> tuple[Any, list[Any], list[Any]]:
    """Numbers as text: its length, its bytes from the front, and from the back."""
    values = values.astype(jnp.int32)
    negative = values < 0
    size = jnp.where(negative, -values, values).astype(jnp.uint32)
    digits = sum((size >= 10**k).astype(jnp.int32) for k in range(1, 10)) + 1
    sign = jnp.uint32(ord("-"))
    tail = []
    for k in range(_LONGEST):
        digit = size // jnp.uint32(10**k) % 10 + ord("0") if k < 10 else sign
        beyond = jnp.where(negative & (digits == k), sign, 0)
        tail.append(jnp.where(digits > k, digit, beyond).astype(jnp.uint32))
    length = digits + negative
    stacked = jnp.stack([*tail, jnp.zeros_like(tail[0])])  # (characters, *values.shape)
    head = []
    for k in range(_LONGEST):
        at = jnp.where(length > k, length - 1 - k, _LONGEST)
        head.append(jnp.take_along_axis(stacked, at[None], axis=0)[0])
    return length, head, tail


def _join(characters: list[Any]) -> Any:
    """Up to four bytes as one little-endian number."""
    return sum(c << (8 * i) for i, c in enumerate(characters))


def _farm(length: Any, head: list[Any], tail: list[Any]) -> Word:
    """FarmHash's Fingerprint64 of texts of 1 to 11 bytes."""
    size = length.astype(jnp.uint32)
    k2, long = Word.of(_K2), Word(jnp.zeros_like(size), size)
    mul = k2 + Word(jnp.zeros_like(size), size * 2)

    def pair(u: Word, v: Word) -> Word:
        a = ((u ^ v) * mul).mix()
        return ((v ^ a) * mul).mix() * mul

    middle = jnp.where(length >= 2, head[1], head[0])
    y = Word(jnp.zeros_like(size), head[0] + (middle << 8))
    z = Word(jnp.zeros_like(size), size + (tail[0] << 2))
    short = (y * k2 ^ z * Word.of(_K0)).mix() * k2

    front = Word(jnp.zeros_like(size), _join(head[:4]))
    back = Word(jnp.zeros_like(size), _join(tail[3::-1]))
    half = pair(long + (front << 3), back)

    a = Word(_join(head[4:8]), _join(head[:4])) + k2
    b = Word(_join(tail[3::-1]), _join(tail[7:3:-1]))
    full = pair(b.rotate(37) * mul + a, (a.rotate(25) + b) * mul)
    return _where(length < 4, short, _where(length < 8, half, full))


def _sip(length: Any, head: list[Any], key: tuple[int, int]) -> Word:
    """SipHash-2-4 of texts of 1 to 11 bytes."""
    constants = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)
    start = tuple(Word.of((k ^ key[i % 2]) & (1 << 64) - 1) for i, k in enumerate(constants))

    def rounds(state: tuple[Word, ...], count: int) -> tuple[Word, ...]:
        a, b, c, d = state
        for _ in range(count):
            a, c = a + b, c + d
            b, d = b.rotate(51) ^ a, d.rotate(48) ^ c
            a = a.rotate(32)
            c, a = c + b, a + d
            b, d = b.rotate(47) ^ c, d.rotate(43) ^ a
            c = c.rotate(32)
        return a, b, c, d

    def take(state: tuple[Word, ...], word: Word) -> tuple[Word, ...]:
        a, b, c, d = rounds((*state[:3], state[3] ^ word), 2)
        return a ^ word, b, c, d

    first = Word(_join(head[4:8]), _join(head[:4]))
    end = length.astype(jnp.uint32) << 24  # the length fills up the last word
    after_one = take(start, Word(first.high | end, first.low))
    after_two = take(take(start, first), Word(end, _join(head[8:11])))
    a, b, c, d = (
        _where(length < 8, one, two) for one, two in zip(after_one, after_two, strict=True)
    )
    a, b, c, d = rounds((a, b, c ^ Word.of(0xFF), d), 4)
    return a ^ b ^ c ^ d
