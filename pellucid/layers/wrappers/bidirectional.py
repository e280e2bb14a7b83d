"""`Bidirectional`: one recurrent layer from the first step to the last, one from last to first."""

from __future__ import annotations

import copy
from typing import Any

import jax.numpy as jnp
import numpy as np

from ... import initializers
from ..._core.errors import ConfigError, ShapeError
from ..._core.specs import family
from .. import checks
from ..base import Layer
from ..input_spec import InputSpec
from ..symbolic import leaves

MODES = ("concat", "sum", "mul", "ave", None)


@family("layer").register("Bidirectional")
class Bidirectional(Layer):
    """Run a recurrent layer over a sequence in both directions and merge what they give.

    Args:
        layer: `LSTM`, `GRU`, `SimpleRNN`, `RNN` or a layer with their arguments. Two fresh layers
            are made after its pattern; it is not used itself.
        merge_mode: ``"concat"``, ``"sum"``, ``"mul"``, ``"ave"``, or None for both outputs apart.
        weights: arrays to start from, those of the forward layer first.
        backward_layer: the layer for the other direction, with ``go_backwards=True``; used as it
            is. By default one like `layer`.

    Input ``(batch, steps, features)``; outputs are those of `layer`, with the backward ones in the
    order of the input. With ``return_state=True`` the states follow, the forward layer's first.
    Masked steps give zeros where every step is returned. Call arguments as for `RNN`; an
    `initial_state` holds the forward layer's states, then the backward layer's.

    Raises:
        ConfigError: not a recurrent layer, an unknown merge mode, or two layers that do not match.

    >>> import numpy as np
    >>> from pellucid.layers import LSTM
    >>> Bidirectional(LSTM(4))(np.ones((2, 5, 3))).shape
    (2, 8)

    Schuster and Paliwal, "Bidirectional recurrent neural networks", 1997.
    """

    traits = frozenset()
    wraps = "layer"
    supports_masking = True
    _unsaved = frozenset({"weights"})
    _not_tracked = frozenset({"layer"})

    def __init__(
        self,
        layer: Any,
        merge_mode: str | None = "concat",
        weights: Any = None,
        backward_layer: Any = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        for given in (layer, *([backward_layer] if backward_layer is not None else [])):
            self._check_recurrent(given)
        checks.one_of(self, "merge_mode", merge_mode, MODES)
        self.layer = layer
        self.merge_mode = merge_mode
        self._start_from = weights
        self._backward_given = backward_layer is not None
        self.forward_layer = _fresh(layer, "forward_", layer.go_backwards)
        if backward_layer is None:
            backward_layer = _fresh(layer, "backward_", True)
        self.backward_layer = backward_layer
        self._check_pair()
        for one in (self.forward_layer, self.backward_layer):
            if hasattr(one, "zero_output_for_mask"):
                one.zero_output_for_mask = one.return_sequences

    @property
    def return_sequences(self) -> bool:
        return self.forward_layer.return_sequences

    @property
    def return_state(self) -> bool:
        return self.forward_layer.return_state

    @property
    def stateful(self) -> bool:
        return getattr(self.forward_layer, "stateful", False)

    @property
    def batch_safe(self) -> bool:  # type: ignore[override]
        return bool(self.forward_layer.batch_safe and self.backward_layer.batch_safe)

    @property
    def states(self) -> Any:
        """What both layers remember of the last batch; None where they do not."""
        ours = getattr(self.forward_layer, "states", None)
        theirs = getattr(self.backward_layer, "states", None)
        return (*ours, *theirs) if ours and theirs else None

    def reset_state(self) -> None:
        """Forget what stateful layers remember of the last batch."""
        self.forward_layer.reset_state()
        self.backward_layer.reset_state()

    def reset_states(self) -> None:
        """`reset_state`, under the name it had in Keras 2."""
        self.reset_state()

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        width = sequences_shape[-1]
        self.input_spec = InputSpec(axes={} if width is None else {-1: width})
        for one in (self.forward_layer, self.backward_layer):
            # A stateful layer asks for the batch's size, which is known when it is called.
            if not one.built and (not self.stateful or sequences_shape[0] is not None):
                one.build(sequences_shape)
        if self._start_from is not None:
            self._start_with(list(self._start_from))

    def _start_with(self, arrays: list[Any]) -> None:
        """Let the weights, which have no numbers yet, start from `arrays`."""
        own = [*self.forward_layer.weights, *self.backward_layer.weights]
        if [np.shape(array) for array in arrays] != [weight.shape for weight in own]:
            raise ShapeError(
                f"The argument 'weights' of Bidirectional {self.name!r} does not fit its layers.",
                got=[np.shape(array) for array in arrays],
                expected=[weight.shape for weight in own],
                fix="pass what get_weights() of such a layer returned.",
            )
        for weight, array in zip(own, arrays, strict=True):
            weight.initializer = initializers.get(np.asarray(array))

    def call(
        self, sequences: Any, initial_state: Any = None, mask: Any = None, training: bool = False
    ) -> Any:
        ours, theirs = self._halves(initial_state)
        y = self._run(self.forward_layer, sequences, ours, mask)
        z = self._run(self.backward_layer, sequences, theirs, mask)
        states: tuple[Any, ...] = ()
        if self.return_state:
            (y, *first), (z, *second) = y, z
            states = (*first, *second)
        y, z = y.astype(self.compute_dtype), z.astype(self.compute_dtype)
        if self.return_sequences:
            z = jnp.flip(z, 1)  # made last step first
        merged = self._merge(y, z)
        if not self.return_state:
            return merged
        return (*merged, *states) if self.merge_mode is None else (merged, *states)

    def _run(self, layer: Layer, sequences: Any, state: Any, mask: Any) -> Any:
        given = {"initial_state": state, "mask": mask}
        return layer(sequences, **{name: v for name, v in given.items() if v is not None})

    def _halves(self, states: Any) -> tuple[Any, Any]:
        if states is None:
            return None, None
        if not isinstance(states, (list, tuple)) or len(states) % 2:
            count = len(states) if isinstance(states, (list, tuple)) else "one array"
            raise ShapeError(
                f"The initial_state of Bidirectional {self.name!r} is a list of the forward "
                "layer's states and then as many for the backward layer.",
                got=count,
                expected=f"{2 * len(leaves(getattr(self.forward_layer, 'state_size', [0])))}",
                fix="pass the states as a layer with return_state=True gives them.",
            )
        half = len(states) // 2
        return list(states[:half]), list(states[half:])

    def _merge(self, y: Any, z: Any) -> Any:
        if self.merge_mode == "concat":
            return jnp.concatenate([y, z], axis=-1)
        if self.merge_mode == "sum":
            return y + z
        if self.merge_mode == "ave":
            return (y + z) / 2
        if self.merge_mode == "mul":
            return y * z
        return y, z

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The input's mask where every step is returned; states have none."""
        masks = leaves(mask)
        if not masks or not self.return_sequences:
            return None
        if self.merge_mode is None:
            return [masks[0], masks[0]]
        return [masks[0]] if self.return_state else masks[0]

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        config = super().get_config()
        return config if self._backward_given else {**config, "backward_layer": None}

    def _argument(self, name: str) -> Any:
        if name == "backward_layer" and not self._backward_given:
            return None
        return super()._argument(name)

    def _check_recurrent(self, layer: Any) -> None:
        needed = ("go_backwards", "return_sequences", "return_state")
        if not isinstance(layer, Layer) or not all(hasattr(layer, name) for name in needed):
            raise ConfigError(
                f"Bidirectional {self.name!r} is put around a recurrent layer.",
                got=f"{layer!r} ({type(layer).__name__})",
                expected="LSTM, GRU, SimpleRNN, RNN, or a layer with their arguments",
                fix="Bidirectional(LSTM(32)), say.",
            )

    def _check_pair(self) -> None:
        ours, theirs = self.forward_layer, self.backward_layer
        if ours.go_backwards == theirs.go_backwards:
            raise ConfigError(
                f"Both layers of Bidirectional {self.name!r} run in the same direction.",
                got=f"go_backwards={ours.go_backwards} for both",
                fix="give layer go_backwards=False and backward_layer go_backwards=True.",
            )
        for name in ("stateful", "return_sequences", "return_state"):
            values = [getattr(one, name, False) for one in (ours, theirs)]
            if values[0] != values[1]:
                raise ConfigError(
                    f"The two layers of Bidirectional {self.name!r} differ in {name}.",
                    got=f"{values[0]} for the forward layer, {values[1]} for the backward one",
                    fix=f"give both the same {name}.",
                )


def _fresh(layer: Any, prefix: str, go_backwards: bool) -> Any:
    """A layer like `layer` without its weights."""
    name = prefix + layer.name.removeprefix(prefix)
    if layer.built:
        twin = type(layer).from_config(layer.get_config())
    else:
        twin = copy.deepcopy(layer)
    twin._name, twin._name_given = name, True
    twin.go_backwards = go_backwards
    return twin
