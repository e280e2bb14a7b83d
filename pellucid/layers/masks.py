"""Masks: which steps of a sequence are real, and how that travels from layer to layer.

Inside a call of a network the `Context` carries them. The outputs of a call outside of any
keep theirs as the attribute `_keras_mask`, so that layers called one by one hand them on as well.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import jax

from .._core.errors import MaskLostWarning
from . import tree
from .symbolic import leaves, tree_map

if TYPE_CHECKING:
    from .base import Layer
    from .context import Context


def incoming(
    layer: Layer,
    masks: Any,
    takes: dict[str, Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """The mask of the first argument, handed to `call` where it asks for one."""
    if not args:
        return None
    single = not isinstance(args[0], (list, tuple, dict))
    if kwargs.get("mask") is not None:
        return kwargs["mask"]
    if not single and not leaves(masks):
        return None
    if masks is None:
        return None
    own = f"{next(iter(takes))}_mask"
    if "mask" in takes:
        kwargs["mask"] = masks
    elif own in takes:
        if kwargs.get(own) is None:
            kwargs[own] = masks
        return kwargs[own]
    elif not layer.supports_masking and not makes_masks(type(layer)):
        _warn_of_lost_mask(layer)
    return masks


def further(
    context: Context,
    takes: dict[str, Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> dict[str, Any]:
    """Masks of the arguments after the first, for a `call` that asks for them as ``X_mask``."""
    named = dict(list(zip(takes, args, strict=False))[1:]) | kwargs
    found: dict[str, Any] = {}
    for name, value in named.items():
        if f"{name}_mask" in takes and named.get(f"{name}_mask") is None:
            mask = tree_map(context.mask_of, value)
            if any(leaf is not None for leaf in leaves(mask)):
                found[f"{name}_mask"] = mask
    return found


def outgoing(
    layer: Layer, context: Context, args: tuple[Any, ...], in_mask: Any, outputs: Any
) -> None:
    """Let the outputs of a call carry the masks that the layer gives them."""
    if in_mask is None and not makes_masks(type(layer)):
        return
    mask = layer.compute_mask(args[0] if args else None, in_mask)
    if mask is not None:
        for array, own in zip(leaves(outputs), _per_leaf(outputs, mask), strict=False):
            context.set_mask(array, own)


def makes_masks(cls: type) -> bool:
    """Whether a class of layers writes its own `compute_mask`."""
    return cls.compute_mask is not tree.layer_class.compute_mask  # type: ignore[attr-defined]


def keep(context: Context, outputs: Any) -> None:
    """Leave each output its mask when the call of one's own, and its context, are over."""
    for array in leaves(outputs):
        mask = context.mask_of(array)
        # A tracer, of the caller's own jit, takes no attributes.
        if mask is not None and not isinstance(array, jax.core.Tracer):
            array._keras_mask = mask


def warn_where_forgotten(
    layer: Layer, context: Context, takes: dict[str, Any], given: Any, kwargs: dict[str, Any]
) -> None:
    """Say that bare operations in a `call` of one's own have lost the mask that a layer could use.

    What comes straight from a layer, or into the call, is known to have no mask. Anything else was
    computed in between; if a mask of its length is about, it belonged there.
    """
    if "mask" not in takes or kwargs.get("mask") is not None:
        return
    for array in leaves(given):
        if context.is_known(array) or not getattr(array, "ndim", 0):
            continue
        if any(mask.shape == array.shape[: mask.ndim] for mask in context.masks_about()):
            warnings.warn(
                f"Layer {layer.name!r} gets a tensor that was computed from masked steps, but not "
                "their mask: operations between layers do not carry it, so padded steps count "
                "like real ones from here on.\n  fix: pass it on: "
                f"{layer.name}(x, mask=embedding.compute_mask(inputs)), or do the operations in "
                "a layer with `supports_masking = True`.",
                MaskLostWarning,
                stacklevel=2,
            )
            return


def _warn_of_lost_mask(layer: Layer) -> None:
    warnings.warn(
        f"Layer {layer.name!r} cannot use the mask that reaches it: padded steps count like "
        "real ones from here on.\n  fix: put a layer that consumes the mask before it, or set "
        "`supports_masking = True` on a layer that treats every step alike.",
        MaskLostWarning,
        stacklevel=2,
    )


def _per_leaf(outputs: Any, masks: Any) -> list[Any]:
    """A mask for each output; one alone belongs to the first: scores beside it have other axes."""
    if isinstance(outputs, (list, tuple)) and isinstance(masks, (list, tuple)):
        return list(masks)
    return [masks, *[None] * (len(leaves(outputs)) - 1)]
