"""Operations on tensors of TensorFlow and PyTorch.

With numbers they are converted; in a TensorFlow graph the operation becomes a node of that graph.
"""

from __future__ import annotations

from typing import Any

from pellucid._core import foreign
from pellucid.layers.foreign_calls import in_graph, inferred, local
from pellucid.layers.symbolic import leaves

from .op import EACH, Signature


def called(signature: Signature, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The operation on arguments with tensors of TensorFlow or PyTorch among them."""
    operation, name = signature.operation, f"ops.{signature.name}"
    if not any(map(foreign.in_graph, leaves((args, kwargs)))):
        return operation(*local(args), **local(kwargs))
    first = args[0] if args else None
    ragged = [leaf for leaf in leaves((args, kwargs)) if foreign.is_ragged(leaf)]
    if signature.rows == EACH and len(ragged) == 1 and ragged[0] is first:
        return first.with_flat_values(operation(first.flat_values, *args[1:], **kwargs))
    return in_graph(operation, inferred(operation), args, kwargs, name)
