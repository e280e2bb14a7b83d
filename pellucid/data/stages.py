"""The steps of a data set's pipeline: generators over elements, one pass each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count, islice
from typing import Any

from .._core.rng import drawing_from, host_generator
from . import elements

Passes = Callable[[int], Iterator[Any]]  # number of the pass -> its elements


def mapped(passes: Passes, function: Callable[..., Any], seed: int) -> Passes:
    """`function` of every element, a tuple's parts one by one; its random draws follow `seed`."""

    def run(number: int) -> Iterator[Any]:
        for position, element in enumerate(passes(number)):
            # Whatever thread reads, and in whatever company: pass and place decide what is drawn.
            with drawing_from(seed, (number << 40) + position):
                result = called(function, element)
            yield elements.standard(result)

    return run


def called(function: Callable[..., Any], element: Any) -> Any:
    """`function` of an element, a tuple's parts one by one."""
    return function(*element) if isinstance(element, tuple) else function(element)


def shuffled(passes: Passes, size: int, seed: int, anew: bool) -> Passes:
    """Each element drawn from a buffer of the next `size`."""

    def run(number: int) -> Iterator[Any]:
        generator = host_generator(seed, "shuffle", number if anew else 0)
        source = passes(number)
        buffer = list(islice(source, size))
        for following in source:
            place = int(generator.integers(len(buffer)))
            chosen, buffer[place] = buffer[place], following
            yield chosen
        while buffer:
            place = int(generator.integers(len(buffer)))
            buffer[place], buffer[-1] = buffer[-1], buffer[place]
            yield buffer.pop()

    return run


def batched(passes: Passes, size: int, drop: bool, join: Callable[[list[Any]], Any]) -> Passes:
    """`size` elements joined to one; the last ones too, unless `drop`."""

    def run(number: int) -> Iterator[Any]:
        source = passes(number)
        while group := list(islice(source, size)):
            if len(group) == size or not drop:
                yield join(group)

    return run


def repeated(passes: Passes, times: int | None) -> Passes:
    """Pass after pass; None for ever. Each is shuffled as a pass of its own."""

    def run(number: int) -> Iterator[Any]:
        first = number * times if times is not None else number << 20
        for inner in count(first) if times is None else range(first, first + times):
            empty = True
            for element in passes(inner):
                empty = False
                yield element
            if empty:
                return

    return run


def cached(passes: Passes) -> Passes:
    """The first whole pass, kept in memory."""
    kept: list[list[Any]] = []

    def run(number: int) -> Iterator[Any]:
        if kept:
            yield from kept[0]
            return
        own: list[Any] = []
        for element in passes(number):
            own.append(element)
            yield element
        kept.append(own)

    return run


def windows(
    passes: Passes, size: int, shift: int, stride: int, drop: bool
) -> Callable[[int], Iterator[list[Any]]]:
    """Lists of `size` elements that lie `stride` apart, begun `shift` apart."""

    def run(number: int) -> Iterator[list[Any]]:
        source = passes(number)
        waiting: list[Any] = []
        span = (size - 1) * stride + 1
        while True:
            waiting += islice(source, span - len(waiting))
            if not waiting or (drop and len(waiting) < span):
                return
            yield waiting[::stride]
            if shift > len(waiting):
                next(islice(source, shift - len(waiting), shift - len(waiting)), None)
            waiting = waiting[shift:]

    return run
