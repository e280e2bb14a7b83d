"""Models that begin at a tensor in the middle of a graph: the part behind it, begun anew."""

from __future__ import annotations

from typing import Any

from ..layers.core.input import Input
from ..layers.symbolic import SymbolicTensor, leaves, tree_map
from .graph import Graph


def begun_at_inputs(inputs: Any, outputs: Any) -> Graph:
    """The graph between `inputs` and `outputs`, whose inputs are made by `Input`.

    Where some of `inputs` are what layers gave, the calls behind them are drawn again, of the same
    layers, from fresh inputs of the same shapes.
    """
    graph = Graph(inputs, outputs)
    if all(not _is_given(tensor) for tensor in graph.input_leaves):
        return graph
    fresh: dict[int, SymbolicTensor] = {
        id(tensor): Input(batch_shape=tensor.shape, dtype=tensor.dtype)
        if _is_given(tensor)
        else tensor
        for tensor in graph.input_leaves
    }

    def replaced(tree: Any) -> Any:
        return tree_map(lambda t: fresh.get(id(t), t), tree)

    starts = {tensor.node for tensor in graph.input_leaves}
    for node in graph.nodes:
        if node in starts:
            continue
        again = node.layer(*replaced(node.args), **replaced(node.kwargs))
        pairs = zip(leaves(node.outputs), leaves(again), strict=True)
        fresh.update({id(old): new for old, new in pairs})
    return Graph(replaced(inputs), replaced(outputs))


def _is_given(tensor: SymbolicTensor) -> bool:
    """Whether a layer's call gave the tensor."""
    return tensor.node is not None and bool(tensor.node.inputs())
