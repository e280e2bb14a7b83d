"""The part of a network that the host computes: text has no place in a compiled program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from .._core.errors import ConfigError
from ..layers import tree
from ..layers.prepared import Prepared
from ..layers.symbolic import Node, SymbolicTensor, leaves, tree_map

if TYPE_CHECKING:
    from .graph import Graph


class HostPart:
    """Which calls of a graph are for the host, and what they hand over to the rest.

    A call that begins on the host is cut in two: the layer's `on_host` runs on the data, and its
    `call` goes on from there in the compiled program. Calls whose outputs only such a call needs
    run on the host wholly. What crosses is a `Prepared` list, one entry each: arrays of the inputs
    and calls that the program needs as they are, then what `on_host` gave.
    """

    def __init__(self, graph: Graph):
        self.graph = graph
        self.starts = {tensor.node for tensor in graph.input_leaves}
        inner = [node for node in graph.nodes if node not in self.starts]
        begin = [node for node in inner if node.layer.needs_host(*node.args, **node.kwargs)]
        self.begin = begin
        origin = {id(leaf): node for node in graph.nodes for leaf in leaves(node.outputs)}
        self.whole = self._sources_of(begin, origin)
        self.cut = [node for node in begin if node not in self.whole]
        self.rest = [node for node in inner if node not in self.whole]
        self.crossing = self._crossing(origin)

    def _sources_of(self, begin: list[Node], origin: dict[int, Node]) -> set[Node]:
        found: set[Node] = set()
        waiting = [tensor for node in begin for tensor in node.inputs()]
        while waiting:
            node = origin[id(waiting.pop())]
            if node not in found and node not in self.starts:
                found.add(node)
                waiting += node.inputs()
        return found

    def _crossing(self, origin: dict[int, Node]) -> list[SymbolicTensor]:
        """The tensors that the program takes as they are."""
        done = self.starts | self.whole
        wanted: dict[int, SymbolicTensor] = {}
        used = [t for node in self.rest if node not in self.cut for t in node.inputs()]
        for tensor in [*used, *self.graph.output_leaves]:
            if origin[id(tensor)] in done:
                wanted.setdefault(id(tensor), tensor)
        return list(wanted.values())

    def check(self) -> None:
        """Refuse a network that cannot be cut in two, though it can be called."""
        for node in self.whole:
            if any(layer._own_weights for _, layer in tree.walk(node.layer)):
                after = next(n for n in self.begin if n is not node)
                raise ConfigError(
                    f"Layer {node.layer.name!r} has weights, and {after.layer.name!r} after it "
                    "works on the host, where nothing is trained.",
                    fix=f"put {after.layer.name!r} before the layers that are trained, or call it "
                    "on the predictions.",
                )
        tensors = [*self.crossing, *(leaf for node in self.cut for leaf in leaves(node.outputs))]
        for tensor in tensors:
            if tensor.dtype == "string":
                raise ConfigError(
                    f"Text reaches a place where {tensor.name!r} must give numbers: a compiled "
                    "program holds none.",
                    got=repr(tensor),
                    fix="turn text into numbers first, and call a lookup with invert=True on the "
                    "predictions.",
                )

    def prepare(self, arrays: list[Any]) -> Prepared:
        """The host's part, for one array per input.

        Raises:
            ConfigError: a layer with weights before one that works on the host, or text after it.
        """
        self.check()
        values = {id(t): a for t, a in zip(self.graph.input_leaves, arrays, strict=True)}
        self.graph.evaluate(values, [n for n in self.graph.nodes if n in self.whole])

        def value(leaf: Any) -> Any:
            return values[id(leaf)] if isinstance(leaf, SymbolicTensor) else leaf

        return Prepared(
            [
                *(values[id(tensor)] for tensor in self.crossing),
                *(n.layer.on_host(*tree_map(value, n.args), **n.kwargs) for n in self.cut),
            ]
        )

    def run(self, prepared: Prepared) -> Any:
        """The outputs, from what `prepare` gave."""
        count = len(self.crossing)
        values = {id(t): a for t, a in zip(self.crossing, prepared[:count], strict=True)}
        begun = dict(zip(self.cut, prepared[count:], strict=True))
        return self.graph.evaluate(values, self.rest, begun)

    def texts(self, prepared: Prepared) -> dict[str, np.ndarray]:
        """What was given as text, by the input's name: the words that the numbers stand for.

        Words that are not in a layer's vocabulary come as it writes the unknown one. Numbers that
        cross as they are come too, where they are one a sample.
        """
        count = len(self.crossing)
        found: dict[str, np.ndarray] = {}
        for tensor, array in zip(self.crossing, prepared[:count], strict=True):
            if array.size == len(array):
                found[tensor.name or ""] = np.char.mod(
                    "%.4g", np.asarray(array, np.float64).ravel()
                )
        for node, part in zip(self.cut, prepared[count:], strict=True):
            words = _words(node.layer, part)
            if words is not None:
                found[node.inputs()[0].name or ""] = words
        return found

    def looked_up(self, prepared: Prepared) -> list[tuple[Any, Any]]:
        """Layers that look numbers up, each with those that reach it from the host."""
        count = len(self.crossing)
        values = {id(t): a for t, a in zip(self.crossing, prepared[:count], strict=True)}
        takers = [n for n in self.rest if n.layer.takes_integers and n not in self.cut]
        wanted = {id(tensor) for node in takers for tensor in node.inputs()}
        for node, part in zip(self.cut, prepared[count:], strict=True):
            if any(id(leaf) in wanted for leaf in leaves(node.outputs)):
                self.graph.evaluate(values, [node], {node: part})
        return [
            (node.layer, values[id(tensor)])
            for node in takers
            for tensor in node.inputs()
            if id(tensor) in values
        ]


@runtime_checkable
class KnowsWords(Protocol):
    """A layer that gives words numbers, and can tell the words again."""

    def get_vocabulary(self) -> list[Any]: ...


def _words(layer: Any, part: Prepared) -> np.ndarray | None:
    """(samples,) texts, from the numbers that `layer` gave their words."""
    if not isinstance(layer, KnowsWords) or not len(part):
        return None
    numbers = np.asarray(part[0])  # (samples, ...)
    words = [str(word) for word in layer.get_vocabulary()]
    rows = numbers.reshape(len(numbers), -1)
    return np.array(
        [" ".join(words[n] for n in row if 0 <= n < len(words) and words[n]) for row in rows]
    )
