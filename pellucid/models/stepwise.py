"""A network over sequences, run on a few steps at a time: what is behind them is remembered.

Only for networks whose every layer either treats each step by itself or, like
`TransformerDecoder`, remembers the steps before. `StepwiseGraph.obstacle` says which does not.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..layers import building
from ..layers.core.operation import Operation
from ..layers.normalization.layer import LayerNormalization
from ..layers.symbolic import Node, SymbolicTensor, leaves, tree_map
from ..layers.traits import has
from .graph import Graph

# Of the operations between tensors, those of one element with one.
ELEMENTWISE = {"add", "subtract", "multiply", "true_divide", "negative"}


class StepwiseGraph:
    """The graph of a model, split into what depends on the words so far and what does not.

    Args:
        graph: of a functional or sequential model.
        words: its input that grows.
    """

    def __init__(self, graph: Graph, words: SymbolicTensor):
        self.graph = graph
        self.words = words
        self.starts = {tensor.node for tensor in graph.input_leaves}
        growing = {id(words)}
        self.growing: list[Node] = []
        self.fixed: list[Node] = []
        for node in graph.nodes:
            if node in self.starts:
                continue
            grows = any(id(tensor) in growing for tensor in node.inputs())
            (self.growing if grows else self.fixed).append(node)
            if grows:
                growing |= {id(tensor) for tensor in leaves(node.outputs)}
        self._growing_ids = growing

    def obstacle(self) -> str | None:
        """The first layer that needs the steps before it and does not remember them."""
        for node in self.growing:
            if not self._steps(node):
                return node.layer.name
        return None

    def _steps(self, node: Node) -> bool:
        layer = node.layer
        if has(layer, "remembers_steps"):
            source = node.args[1:] or [node.kwargs.get("encoder_sequence")]
            plain = set(node.kwargs) <= {"encoder_sequence", "training"} and len(node.args) <= 2
            return plain and not any(id(tensor) in self._growing_ids for tensor in source)
        if has(layer, "dropout"):
            return True  # nothing is left out in a prediction
        if has(layer, "per_step") and isinstance(layer, LayerNormalization):
            return layer.axis in (-1, len(node.inputs()[0].shape) - 1)
        if node.kwargs or any(id(t) not in self._growing_ids for t in node.inputs()):
            return False  # sums with what does not grow could be of another length
        if isinstance(layer, Operation):
            numbers = [leaf for leaf in leaves(node.args) if not isinstance(leaf, SymbolicTensor)]
            return layer.operation in ELEMENTWISE and not any(map(np.ndim, numbers))
        return has(layer, "per_step")

    def first_values(self, arrays: dict[int, Any]) -> dict[int, Any]:
        """Everything that does not depend on the words, from the other inputs by id."""
        values = dict(arrays)
        self._run(self.fixed, values, None, None)
        return values

    def empty_caches(self, values: dict[int, Any], batch: int, length: int) -> list[Any]:
        """What each decoder remembers at the start: of itself, and of its source."""
        caches = []
        for node in self._decoders():
            source = self._source(node)
            steps = 0 if source is None else values[id(source)].shape[1]
            layer = node.layer
            caches.append((layer.empty_cache(batch, length), layer.empty_cross_cache(batch, steps)))
        return caches

    def run(
        self, words: Any, values: dict[int, Any], caches: list[Any], index: Any
    ) -> tuple[Any, list[Any]]:
        """Outputs for the words from position `index` on, and the next caches.

        Args:
            words: (batch, new steps)
            values: from `first_values`; later, when the caches hold the sources, none.
            caches: from `empty_caches` or the last run.
            index: position of the first of the words.
        """
        values = {**values, id(self.words): words}
        supply = iter(caches)
        news: list[Any] = []

        def remember(node: Node, args: Any, kwargs: Any) -> Any:
            own, cross = next(supply)
            source = self._source(node)
            read = source is not None and id(source) in values
            kwargs = {
                **kwargs,
                "self_attention_cache": own,
                "self_attention_cache_update_index": index,
                "cross_attention_cache": cross,
                "cross_attention_cache_update_index": 0 if read else None,
            }
            y, own, *rest = node.layer(*args, **kwargs)
            news.append((own, *(rest or [None])))
            return y

        self._run(self.growing, values, remember, index)
        return tree_map(lambda tensor: values[id(tensor)], self.graph.outputs), news

    def _run(self, nodes: list[Node], values: dict[int, Any], remember: Any, index: Any) -> None:
        def value(leaf: Any) -> Any:
            # A source is missing once the caches hold it.
            return values.get(id(leaf)) if isinstance(leaf, SymbolicTensor) else leaf

        for node in nodes:
            args, kwargs = tree_map(value, node.args), tree_map(value, node.kwargs)
            if remember is not None and has(node.layer, "remembers_steps"):
                results = remember(node, args, kwargs)
            elif index is not None and "start_index" in building.parameters(type(node.layer).call):
                results = node.layer(*args, start_index=index, **kwargs)
            else:
                results = node.layer(*args, **kwargs)
            for tensor, result in zip(leaves(node.outputs), leaves(results), strict=True):
                values[id(tensor)] = result

    def _decoders(self) -> list[Node]:
        return [node for node in self.growing if has(node.layer, "remembers_steps")]

    def _source(self, node: Node) -> Any:
        return node.args[1] if len(node.args) > 1 else node.kwargs.get("encoder_sequence")
