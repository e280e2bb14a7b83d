"""`JaxLayer`: a function written for JAX, with parameters of its own, as a layer."""

from __future__ import annotations

import inspect
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..._core import rng as _rng
from ..._core.errors import ConfigError, ShapeError
from ..._core.live import stays_here
from ..._core.specs import family, serialize
from ...initializers import Initializer
from ..base import Layer
from ..regularization.streams import check_seed, key_of
from ..seen_variable import as_computed
from ..symbolic import leaves, tree_map

FUNCTIONS = family("function")
CALL_TAKES = ("params", "state", "rng", "inputs", "training")
INIT_TAKES = ("rng", "inputs", "training")


@family("layer").register("JaxLayer")
class JaxLayer(Layer):
    """Use a JAX function, and the parameters that go with it, as a layer.

    Args:
        call_fn: ``call_fn(params, state, rng, inputs, training)``; it takes those of the five that
            it names, `inputs` at least. It returns the outputs; where it takes `state`, the outputs
            and the new state. `rng` is a JAX key in training, else None.
        init_fn: ``init_fn(rng, inputs, training)`` returns the first `params`; where `call_fn`
            takes `state`, `params` and `state`. Its `inputs` are ones of the right shapes.
        params: trained parameters, arrays in any nesting of lists and dictionaries; made by
            `init_fn` when missing.
        state: the same for what is kept but not trained.
        seed: for a stream of random numbers of this layer's own.

    Names stand for functions registered with ``@pellucid.register("function")``, which is also what
    it takes to save a network that holds this layer. A Flax module is wrapped by two functions
    around its `apply` and `init`.

    Raises:
        ConfigError: functions with arguments of other names, or no way to get the parameters.

    >>> import numpy as np
    >>> def init(rng, inputs):
    ...     return {"w": jnp.zeros((inputs.shape[-1], 3)), "b": jnp.ones(3)}
    >>> def call(params, inputs):
    ...     return inputs @ params["w"] + params["b"]
    >>> layer = JaxLayer(call, init)
    >>> layer(np.ones((2, 4))).shape, [weight.name for weight in layer.weights]
    ((2, 3), ['b', 'w'])
    """

    traits = frozenset({"opaque"})
    _not_tracked = frozenset({"_start_values"})

    _assigns_variables = False

    def __init__(
        self,
        call_fn: Any,
        init_fn: Any = None,
        params: Any = None,
        state: Any = None,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.call_fn = call_fn
        self.init_fn = init_fn
        self._start_values = {"params": params, "state": state}
        self.seed = seed
        check_seed(self, seed)
        self._takes = self._names_of("call_fn", CALL_TAKES)
        self._init_takes = () if init_fn is None else self._names_of("init_fn", INIT_TAKES)
        # As in Keras, one of the two is enough: a function may have a state and nothing trained.
        if init_fn is None and params is None and state is None:
            for part in {"params", "state"} & set(self._takes):
                raise ConfigError(
                    f"JaxLayer {self.name!r} has no way to get its {part}.",
                    got=f"call_fn takes {part!r}, but neither {part} nor init_fn is given",
                    fix=f"pass init_fn, or {part}=... as they are.",
                )

    @property
    def params(self) -> Any:
        """The trained parameters in their nesting: weights once the layer is built."""
        return self._part("params")

    @property
    def state(self) -> Any:
        """What is kept and not trained, likewise."""
        return self._part("state")

    def _part(self, part: str) -> Any:
        made = self.__dict__.get("_weight_trees", {})
        return made[part] if part in made else self._start_values[part]

    def _argument(self, name: str) -> Any:
        return self._start_values.get(name, super()._argument(name))

    @property
    def _unsaved(self) -> frozenset[str]:  # type: ignore[override]
        # Where a function makes them, what they are now is in the weights.
        return frozenset() if self.init_fn is None else frozenset({"params", "state"})

    def ensure_built(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if not self.built:
            self.__dict__["_formats"] = tree_map(lambda leaf: leaf.dtype, args[0])
        super().ensure_built(args, kwargs)

    def build(self, input_shape: Any) -> None:
        start = _Start(self, self._ones(input_shape))
        shapes = jax.eval_shape(start.values)
        self._weight_trees = {}
        count = 0
        for part, tree in zip(("params", "state"), shapes, strict=True):
            flat, structure = jax.tree_util.tree_flatten_with_path(tree)
            made = []
            for path, leaf in flat:
                floating = jnp.issubdtype(leaf.dtype, jnp.floating)
                weight = self.add_weight(
                    name=_name(path) or part,
                    shape=leaf.shape,
                    dtype=None if floating else leaf.dtype,
                    initializer=_Leaf(start, count),
                    trainable=part == "params",
                )
                made.append(weight)
                count += 1
            self._weight_trees[part] = jax.tree_util.tree_unflatten(structure, made)

    def call(self, inputs: Any, training: bool = False) -> Any:
        given = {
            "inputs": inputs,
            "training": training,
            "rng": key_of(self) if training and "rng" in self._takes else None,
            **{part: self._values(part) for part in ("params", "state")},
        }
        result = _function(self.call_fn)(**{name: given[name] for name in self._takes})
        if "state" not in self._takes:
            return result
        if not isinstance(result, (tuple, list)) or len(result) != 2:
            raise ConfigError(
                f"The call_fn of JaxLayer {self.name!r} takes `state` and must return the new one.",
                got=type(result).__name__,
                expected="a pair: outputs, new state",
                fix="return outputs, state.",
            )
        outputs, state = result
        kept = self._weight_trees["state"]
        got, expected = str(jax.tree.structure(state)), str(jax.tree.structure(given["state"]))
        if got != expected:
            raise ShapeError(
                f"The call_fn of JaxLayer {self.name!r} returned a state of another structure.",
                got=got,
                expected=expected,
                fix="return the state in the nesting that it came in.",
            )
        for weight, value in zip(leaves(kept), leaves(state), strict=True):
            weight.assign(value)
        return outputs

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments; the functions must be registered, so that they have names.

        Parameters that no function makes are written down as they were given.
        """
        for name in ("call_fn", "init_fn"):
            function = getattr(self, name)
            if callable(function) and FUNCTIONS.name_of(function) is None and not stays_here():
                raise ConfigError(
                    f"JaxLayer {self.name!r} cannot be written down: its {name} has no name that "
                    "another program could look up.",
                    got=repr(function),
                    fix="write @pellucid.register('function') above it.",
                )
        config = super().get_config()
        for part in {"params", "state"} & set(config):
            config[part] = serialize(jax.tree.map(np.asarray, self._start_values[part]))
        return config

    def _values(self, part: str) -> Any:
        dtype = self.compute_dtype
        return tree_map(lambda weight: as_computed(weight, dtype), self._weight_trees[part])

    def _ones(self, shapes: Any) -> Any:
        """What `init_fn` gets as inputs: ones in the shapes and formats of the first call."""
        formats = leaves(self.__dict__.get("_formats", [])) or None

        def is_shape(value: Any) -> bool:
            return isinstance(value, tuple) and all(
                size is None or isinstance(size, int) for size in value
            )

        flat, structure = jax.tree.flatten(shapes, is_leaf=is_shape)
        return jax.tree.unflatten(
            structure,
            [
                jax.ShapeDtypeStruct(
                    tuple(1 if size is None else size for size in shape),
                    formats[number] if formats else jnp.float32,
                )
                for number, shape in enumerate(flat)
            ],
        )

    def _names_of(self, argument: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
        """The names of a function's parameters, all of which must be known ones."""
        function = _function(getattr(self, argument))
        if not callable(function):
            raise ConfigError(
                f"The argument {argument!r} of JaxLayer {self.name!r} must be a function.",
                got=f"{function!r} ({type(function).__name__})",
                fix=f"{argument}=my_function, without calling it.",
            )
        names = tuple(inspect.signature(function).parameters)
        if "inputs" not in names or set(names) - set(allowed):
            raise ConfigError(
                f"The {argument} of JaxLayer {self.name!r} must name its arguments as agreed.",
                got=f"({', '.join(names)})",
                expected=f"some of {', '.join(allowed)}, and always inputs",
                fix="put a function with these names around it.",
            )
        return names


class _Start:
    """The first parameters and state, computed once for all the weights that hold them."""

    def __init__(self, layer: JaxLayer, inputs: Any):
        self.layer = layer
        self.inputs = inputs
        self.found: list[Any] | None = None

    def values(self, key: Any = None) -> tuple[Any, Any]:
        """Parameters and state."""
        layer = self.layer
        params, state = layer._start_values["params"], layer._start_values["state"]
        if layer.init_fn is not None and params is None and state is None:
            given = {
                "rng": jax.random.key(0) if key is None else key,
                "inputs": tree_map(lambda leaf: jnp.ones(leaf.shape, leaf.dtype), self.inputs),
                "training": True,
            }
            made = _function(layer.init_fn)(**{name: given[name] for name in layer._init_takes})
            params, state = made if "state" in layer._takes else (made, None)
        return jax.tree.map(jnp.asarray, (params, state))

    def leaf(self, number: int) -> Any:
        if self.found is None:
            first: Any = self.layer._own_weights[0]
            seed = self.layer.seed
            if seed is None:
                seed = int(_rng.host_generator(first.seed, first.stream).integers(2**32))
            self.found = jax.tree.leaves(self.values(jax.random.key(int(seed) % 2**32)))
        return self.found[number]


class _Leaf(Initializer):
    """One array of those."""

    def __init__(self, start: _Start, number: int):
        self.start = start
        self.number = number

    def __call__(self, shape: Any, dtype: Any = None, *, rng: Any = None) -> np.ndarray:
        return np.asarray(self.start.leaf(self.number)).astype(jnp.dtype(dtype))


def _function(function: Any) -> Any:
    return FUNCTIONS.get(function) if isinstance(function, str) else function


def _name(path: Any) -> str:
    """A pytree's path as a weight's name: ``["dense"]["w"]`` -> ``dense_w``."""
    parts = [getattr(k, "key", getattr(k, "idx", getattr(k, "name", ""))) for k in path]
    return "_".join(str(part) for part in parts)
