"""Operations of a graph (``x + y``, ``ops.mean(x)``, ``x[:, 0]``) as entries of Keras's files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .._core.errors import UnknownNameError
from .._core.registry import did_you_mean
from .._core.specs import family
from ..layers.core.get_item import GetItem
from ..layers.core.operation import Operation
from ..layers.symbolic import Node, SymbolicTensor
from .reader import plain

_OPS = family("op", home="pellucid.ops")
_PREFIXES = ("keras.src.ops.", "keras.ops")
_CLASSES = {
    "allclose": "AllClose", "cdist": "CDist", "ctc_decode": "CTCDecode", "ctc_loss": "CTCLoss",
    "fft": "FFT", "fft2": "FFT2", "ifft2": "IFFT2", "rfft": "RFFT", "irfft": "IRFFT",
    "stft": "STFT", "istft": "ISTFT", "hsv_to_rgb": "HSVToRGB", "rgb_to_hsv": "RGBToHSV",
    "rgb_to_grayscale": "RGBToGrayscale", "isin": "IsIn", "psnr": "PSNR", "ssim": "SSIM",
    "searchsorted": "SearchSorted", "svd": "SVD", "swish": "Silu", "hard_swish": "HardSilu",
}  # fmt: skip
"""Keras's class of an operation, where it is not the function's name in capitals."""
_MODULES = {"psnr": "nn", "ssim": "image", "extract_sequences": "math"}
"""The part of Keras that has it, where that is not ours."""
IN_CALLS: dict[str, tuple[str, ...]] = {
    "digitize": ("bins",),
    "dot_product_attention": ("scale",),
    "isclose": ("rtol", "atol"),
    "pad": ("constant_values",),
    "scale_and_translate": ("output_shape",),
}
"""Settings that Keras's operation takes with each call."""
SETTINGS: dict[str, tuple[str, ...]] = {
    "clip": ("x_min", "x_max"),
    "bincount": ("weights",),
    "trapezoid": ("x",),
}
"""Operands that Keras's operation is made with, if they are numbers."""
ONLY_OURS = frozenset({
    "batch_normalization", "layer_normalization", "rms_normalization", "extract_patches_3d",
    "rearrange",
})  # fmt: skip
"""Operations that are layers of their own kind here, and nothing in Keras's files."""


def entry(layer: Any, nodes: Sequence[Node] = ()) -> dict[str, Any] | None:
    """The entry of an operation, without its calls; None for other layers.

    Args:
        layer: of a graph.
        nodes: its calls.
    """
    if isinstance(layer, GetItem):
        return _entry("numpy", "GetItem", {"name": layer.name})
    if not isinstance(layer, Operation) or layer.operation in ONLY_OURS:
        return None
    name = layer.operation
    given = {
        key: value
        for key, value in (layer.arguments or {}).items()
        if key not in IN_CALLS.get(name, ())
    }
    if nodes:
        operands = _operands(nodes[0])
        made_with = SETTINGS.get(name, ())
        given |= {key: value for key, value in operands.items() if key in made_with}
    return _entry(*place(name), {"name": layer.name, **given})


def place(operation: str) -> tuple[str, str]:
    """The part of Keras and the class that an operation is there."""
    _, home, part, *_ = _OPS.get(operation).op.operation.__module__.split(".")
    module = "math" if part == "signal" else part if home == "ops" else "nn"  # an activation
    words = operation.split("_")
    usual = "".join(word[:1].upper() + word[1:] for word in words)
    return _MODULES.get(operation, module), _CLASSES.get(operation, usual)


def _entry(module: str, name: str, config: dict[str, Any]) -> dict[str, Any]:
    return {
        "module": f"keras.src.ops.{module}",
        "class_name": name,
        "config": config,
        "registered_name": name,
    }


def _operands(node: Node) -> dict[str, Any]:
    """The operands of a call by name; of an operation on any number of them, by position."""
    signature = _OPS.get(node.layer.operation).op
    operands = node.args[0]
    operands = list(operands) if isinstance(operands, (list, tuple)) else [operands]
    if (
        signature.spread is not None
        and len(operands) == 1
        and isinstance(operands[0], (list, tuple))
    ):
        operands = list(operands[0])
    names = [str(n) for n in range(len(operands))] if signature.spread else signature.operands
    return dict(zip(names, operands, strict=False))


def arguments(node: Node) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of a call of an operation, as Keras's operation takes them."""
    layer = node.layer
    if isinstance(layer, GetItem):
        return [node.args[0], layer.python_index()], {}
    name, settings = layer.operation, layer.arguments or {}
    operands = {k: v for k, v in _operands(node).items() if k not in SETTINGS.get(name, ())}
    return list(operands.values()), {key: settings.get(key) for key in IN_CALLS.get(name, ())}


def is_entry(config: Mapping[str, Any]) -> bool:
    """Whether an entry of a graph is an operation of Keras's, not a layer."""
    return str(config.get("module") or "").startswith(_PREFIXES)


class Call:
    """An operation that a graph's configuration calls."""

    def __init__(self, name: str, function: Callable[..., Any], settings: dict[str, Any]):
        self.name = name
        self.function = function
        self.settings = settings

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        given = {**self.settings, **kwargs}
        parameters = getattr(self.function, "op", None)
        if parameters is None:
            return self.function(*args, **given)
        if parameters.spread is not None:
            first = [given.pop(name) for name in parameters.leading if name in given]
            return self.function(*first, *args, **given)
        free = [name for name in parameters.parameters if name not in self.settings]
        return self.function(**dict(zip(free, args, strict=False)), **given)


def function(config: Mapping[str, Any]) -> Call | None:
    """The operation of an entry; None where it is a layer's.

    Raises:
        UnknownNameError: an operation that does not exist here.
    """
    if not is_entry(config):
        return None
    wanted, settings = config["class_name"], dict(plain(config["config"] or {}))
    name = settings.pop("name", wanted)
    if wanted == "GetItem":
        return Call(name, _item, {})
    by_letters = {place(known)[1].lower(): known for known in _OPS.entries()}
    found = by_letters.get(wanted.lower())
    if found is None:
        raise UnknownNameError(
            f"The file's network uses an operation {wanted!r} that does not exist here.",
            got=wanted,
            fix=did_you_mean(wanted, by_letters.values()),
        )
    operation = _OPS.get(found)
    takes = operation.op.parameters
    settings = {
        key: value for key, value in settings.items() if key in takes or key not in ("dtype",)
    }
    return Call(name, operation, settings)


def _item(tensor: Any, key: Any) -> Any:
    return tensor[tuple(key) if isinstance(key, list) else key]


def called(layer: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """The outputs of one call."""
    return layer(*args, **{key: value for key, value in kwargs.items() if value is not None})


def rename(results: Mapping[str, list[list[SymbolicTensor]]], made: Mapping[str, Any]) -> None:
    """Give the operations of a graph the names that the file has for them."""
    for name, outputs in results.items():
        if isinstance(made[name], Call):
            for tensors in outputs[:1]:
                node = tensors[0].node
                if node is not None:
                    node.layer.name = name
