"""Where the boxes of a graph go: rows by depth, few crossings, straight lines where possible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

import numpy as np

SWEEPS = 6
LONGEST = 24
"""Edges over more rows than this get no place of their own between the boxes."""


def rows_of(names: Sequence[str], inputs: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The row of each box: one below its lowest input; `names` are in the order of computation.

    >>> rows_of(["a", "b", "c"], {"b": ["a"], "c": ["a", "b"]})
    {'a': 0, 'b': 1, 'c': 2}
    """
    row: dict[str, int] = {}
    for name in names:
        row[name] = max((row[i] + 1 for i in inputs.get(name, ()) if i in row), default=0)
    return row


def place(
    names: Sequence[str], inputs: Mapping[str, Sequence[str]], gap: float = 1.0
) -> tuple[dict[str, tuple[float, int]], list[list[tuple[float, int]]]]:
    """Layers of a drawing after Sugiyama: rows, an order in each, then places.

    Args:
        names: boxes, in the order of computation.
        inputs: the boxes that each one reads.
        gap: room of a box, in units of a box's width; lines that pass by get a third.

    Returns:
        Box -> (x of its centre, row), and the points of each edge, in the order of `inputs`.
    """
    row = rows_of(names, inputs)
    grid: list[list[str]] = [[] for _ in range(max(row.values(), default=-1) + 1)]
    for name in names:
        grid[row[name]].append(name)
    above: dict[str, list[str]] = {name: [] for name in names}
    routes: list[list[str]] = []
    for name in names:
        for source in inputs.get(name, ()):
            if source not in row:
                continue
            route = [source]
            span = row[name] - row[source]
            # Points between, so that a long line runs beside the boxes and not through them.
            for level in range(row[source] + 1, row[name] if span <= LONGEST else 0):
                point = f"\0{len(routes)}:{level}"
                row[point] = level
                grid[level].append(point)
                above[point] = [route[-1]]
                route.append(point)
            above[name].append(route[-1])
            routes.append([*route, name])
    below: dict[str, list[str]] = {name: [] for name in row}
    for name, sources in above.items():
        for source in sources:
            below[source].append(name)
    if any(len(line) > 1 for line in grid):
        _order(grid, above, below)
        x = _places(grid, above, below, gap)
    else:
        x = dict.fromkeys(row, 0.0)
    boxes = {name: (x[name], row[name]) for name in names}
    return boxes, [[(x[point], row[point]) for point in route] for route in routes]


def _order(
    grid: list[list[str]], above: Mapping[str, list[str]], below: Mapping[str, list[str]]
) -> None:
    """Sort each row by the middle of its neighbours, downwards and upwards in turn."""
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        near = above if down else below
        for line in grid if down else reversed(grid):
            position = {
                name: number for other in _beside(grid, line) for number, name in enumerate(other)
            }
            keys = {}
            for number, name in enumerate(line):
                found = [position[n] for n in near[name] if n in position]
                keys[name] = float(np.mean(found)) if found else float(number)
            line.sort(key=keys.__getitem__)


def _beside(grid: list[list[str]], line: list[str]) -> list[list[str]]:
    """The rows above and below."""
    number = next(i for i, other in enumerate(grid) if other is line)
    return grid[max(0, number - 1) : number] + grid[number + 1 : number + 2]


def _places(
    grid: list[list[str]],
    above: Mapping[str, list[str]],
    below: Mapping[str, list[str]],
    gap: float,
) -> dict[str, float]:
    """Horizontal places. Boxes and points in a chain share one; chains are pulled to their
    neighbours and kept apart.
    """
    chain = _chains(grid, above, below)
    order = _ordered(grid, chain)
    if order is None:  # chains that cross cannot stay straight: each box is its own
        chain = {name: name for line in grid for name in line}
        order = [name for line in grid for name in line]
    room = {name: gap if name[0] != "\0" else gap / 3 for line in grid for name in line}
    # What must lie how far to the left of each chain, and to the right.
    left: dict[str, dict[str, float]] = {head: {} for head in order}
    right: dict[str, dict[str, float]] = {head: {} for head in order}
    for line in grid:
        for a, b in pairwise(line):
            space = (room[a] + room[b]) / 2
            one, two = chain[a], chain[b]
            left[two][one] = right[one][two] = max(space, left[two].get(one, 0.0))
    pulls: dict[str, list[str]] = {head: [] for head in order}
    for name, sources in above.items():
        for source in sources:
            if chain[name] != chain[source]:
                pulls[chain[name]].append(chain[source])
                pulls[chain[source]].append(chain[name])
    x: dict[str, float] = {}
    for head in order:
        x[head] = max((x[other] + space for other, space in left[head].items()), default=0.0)
    for sweep in range(8 * SWEEPS):
        for head in order if sweep % 2 else reversed(order):
            if pulls[head]:
                wanted = float(np.mean([x[other] for other in pulls[head]]))
                low = max((x[o] + space for o, space in left[head].items()), default=-np.inf)
                high = min((x[o] - space for o, space in right[head].items()), default=np.inf)
                x[head] = min(max(wanted, low), max(high, low))
    return {name: x[head] for name, head in chain.items()}


def _chains(
    grid: list[list[str]], above: Mapping[str, list[str]], below: Mapping[str, list[str]]
) -> dict[str, str]:
    """Name -> the first of its chain: each has one neighbour above and that one has one below."""
    head: dict[str, str] = {}
    for line in grid:
        for name in line:
            sources = above[name]
            single = len(sources) == 1 and len(below[sources[0]]) == 1
            # A point goes on from a point, a box from a box: lines may bend at boxes.
            like = single and (sources[0][0] == "\0") == (name[0] == "\0")
            head[name] = head[sources[0]] if like else name
    return head


def _ordered(grid: list[list[str]], chain: Mapping[str, str]) -> list[str] | None:
    """Chains from left to right, so that each row agrees; None where rows contradict."""
    after: dict[str, set[str]] = {chain[name]: set() for line in grid for name in line}
    for line in grid:
        for a, b in pairwise(line):
            after[chain[b]].add(chain[a])
    try:
        return list(TopologicalSorter(after).static_order())
    except CycleError:
        return None
