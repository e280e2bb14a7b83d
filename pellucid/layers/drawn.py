"""A layer in a functional graph: what it gives for placeholders, and the node of each call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax

from .._core.errors import NotReadyError, TracedCodeError
from . import building, calling
from .context import Context, bind
from .shape_inference import infer
from .symbolic import Node, leaves, tree_map


class Drawn:
    """What of a `Layer` works on symbolic tensors."""

    if TYPE_CHECKING:
        name: Any
        compute_dtype: Any
        ensure_built: Any
        __call__: Any

    def compute_output_shape(self, *shapes: Any, **named_shapes: Any) -> Any:
        """Shape of the output for inputs of the given shapes, batch included.

        Args:
            shapes: one per input of `call`; a list or dictionary of shapes where it takes such.
            named_shapes: the same by name: ``input_shape``, or ``X_shape`` for the input ``X``.
        """
        args, kwargs = building.arguments_of_shapes(self, shapes, named_shapes)  # type: ignore[arg-type]
        return tree_map(lambda t: t.shape, self.symbolic_outputs(args, kwargs))

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Symbolic tensors as a call on `args` would give them: shapes, formats, masks.

        A subclass whose `call` cannot be traced may write its own, or `compute_output_shape`.
        """
        return self._traced_outputs(args, kwargs)

    def symbolic_outputs(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Shapes and formats that a call on symbolic `args` gives, building the layer if needed."""
        calling.check_formats(self, args, kwargs)  # type: ignore[arg-type]
        self.ensure_built(args, kwargs)
        try:
            return self.compute_output_spec(*args, **kwargs)
        except NotImplementedError:
            if type(self).compute_output_spec is Drawn.compute_output_spec:
                raise
            return self._traced_outputs(args, kwargs)  # one of the user's own that knows nothing

    def _traced_outputs(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        masks = [getattr(leaf, "mask", None) for leaf in leaves((args, kwargs))]
        guessed = any(getattr(leaf, "shape", ())[:1] == (None,) for leaf in leaves((args, kwargs)))

        def function(tree_: Any) -> Any:
            (args, kwargs), masks = tree_
            context = Context(abstract=True, training=False, rng=jax.random.key(0))
            context.guesses_batch = guessed
            for leaf, mask in zip(leaves((args, kwargs)), masks, strict=True):
                context.set_mask(leaf, mask)
            with bind(context):
                outputs = self(*args, **kwargs)
            return outputs, [context.mask_of(leaf) for leaf in leaves(outputs)]

        try:
            outputs, masks = infer(function, ((args, kwargs), masks))
        except TracedCodeError:
            if type(self).compute_output_shape is Drawn.compute_output_shape:
                raise
            return self._told_outputs(args)
        for tensor, mask in zip(leaves(outputs), masks, strict=True):
            tensor.mask = mask
        return outputs

    def _told_outputs(self, args: tuple[Any, ...]) -> Any:
        """The outputs by the shapes that a subclass says itself, where `call` cannot be traced."""
        shapes = self.compute_output_shape(*(tree_map(lambda t: t.shape, arg) for arg in args))
        return building.placeholders(shapes, self.compute_dtype)

    def _draw(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Record a node of the functional graph."""
        node = Node(self, args, kwargs)  # type: ignore[arg-type]
        outputs = self.symbolic_outputs(args, kwargs)
        for tensor in leaves(outputs):
            tensor.node, tensor.name = node, self.name
        node.outputs = outputs
        first = args[0] if args else next(iter(kwargs.values()))
        self.__dict__["_called_on"] = tree_map(lambda t: getattr(t, "shape", None), first)
        self.__dict__["_gave"] = tree_map(lambda t: t.shape, outputs)
        self.__dict__.setdefault("_drawn", (first, outputs))
        return outputs

    @property
    def output(self) -> Any:
        """The symbolic output of the first call on symbolic tensors."""
        return self._drawn_tensor("output", 1)

    @property
    def input(self) -> Any:
        """The symbolic input of the first call on symbolic tensors."""
        return self._drawn_tensor("input", 0)

    def _drawn_tensor(self, what: str, side: int) -> Any:
        if "_drawn" not in self.__dict__:
            raise NotReadyError(
                f"Layer {self.name!r} has no {what}: it was never called on an Input.",
                fix="make it part of a functional or Sequential model with a known input shape.",
            )
        return self.__dict__["_drawn"][side]
