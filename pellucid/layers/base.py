"""`Layer`: what every layer is. Written as in Keras, pure underneath."""

from __future__ import annotations

from typing import Any, ClassVar

import jax

from .._core import foreign
from .._core import rng as _rng
from .._core.dtypes import dtype_policy, resolve_policy
from .._core.errors import ConfigError, StateError, UnknownNameError
from .._core.registry import did_you_mean, snake_case
from .._core.specs import Configurable, argument_names, family
from . import calling, tree
from .context import Context, bind, current
from .foreign_calls import call_on_foreign, has_foreign
from .prepared import Prepared
from .shape_inference import infer
from .stateless import StatelessCall
from .symbolic import Node, has_symbolic, leaves, tree_map
from .weight_owner import WeightOwner


class Layer(StatelessCall, WeightOwner, Configurable):
    """A function with weights: `build` makes them, `call` uses them.

    Args:
        activity_regularizer: a function of the output whose value, per sample, joins the loss.
        trainable: whether the weights are trained.
        dtype: number format or policy, for example ``"mixed_bfloat16"``.
        autocast: whether float inputs and weights are cast to the compute format.
        name: unique within a model; made from the class when missing.
        input_shape: shape of one sample, without the batch; for a first layer.
        input_dim: shorthand for ``input_shape=(input_dim,)``.

    A subclass stores its arguments, makes weights in `build(input_shape)` and writes its
    mathematics in `call(inputs)` with `jax.numpy`. `self.kernel` is the array itself; assigning
    ``self.count = self.count + 1`` to a non-trainable weight records a state update.

    >>> import numpy as np
    >>> class Scale(Layer):
    ...     def build(self, input_shape):
    ...         self.scale = self.add_weight(shape=input_shape[-1:], initializer="ones")
    ...     def call(self, x):
    ...         return x * self.scale
    >>> Scale()(np.ones((2, 3))).shape
    (2, 3)
    """

    batch_safe: ClassVar[bool] = False
    """Whether rows added to fill a batch can never change what the other rows produce."""
    takes_integers: ClassVar[bool] = False
    """Whether the input is looked up rather than computed with, so must stay whole numbers."""
    casts_inputs: ClassVar[bool] = True
    """Whether float inputs are brought to the compute format before `call` sees them."""
    takes_raw: bool = False
    """Whether NumPy arrays reach `call` as they are: text, say, or numbers of 64 bits."""
    _revision: int = 0
    """Counts the changes of what `call` reads beside its weights, such as a vocabulary."""
    supports_masking: bool = False
    each_value_alone: bool = False
    """Whether every value becomes one by itself, so that ragged rows stay what they are."""
    floats_in_graph: ClassVar[bool] = False
    """Whether tensors of a TensorFlow graph are cast to the compute format before the call."""
    whole_numbers_in_graph: ClassVar[str | None] = None
    """The format of whole numbers given out in a TensorFlow graph, where it is not JAX's."""
    autograph_info__: ClassVar[dict[str, Any]] = {}
    """TensorFlow then calls the layer as it is, and does not rewrite its code."""
    _not_tracked: ClassVar[frozenset[str]] = frozenset()

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        calling.check_arguments(cls, args, kwargs)
        self = object.__new__(cls)
        # Set before any __init__ runs, so that a subclass may assign in any order.
        self.__dict__["_own_weights"] = []
        self.__dict__["_weight_attributes"] = {}
        return self

    def __reduce_ex__(self, protocol: Any) -> Any:
        # Copies and pickles are made without constructor arguments, which `__new__` would refuse.
        return object.__new__, (type(self),), self.__dict__

    def __init_subclass__(cls, **kwargs: Any):
        super().__init_subclass__(**kwargs)
        if "build" in cls.__dict__:
            cls.build = calling.marks_built(cls.__dict__["build"])  # type: ignore[method-assign]

    def __init__(
        self,
        *,
        activity_regularizer: Any = None,
        trainable: bool = True,
        dtype: Any = None,
        autocast: bool = True,
        name: str | None = None,
        input_shape: tuple[int | None, ...] | None = None,
        input_dim: int | None = None,
    ):
        if name is not None and not isinstance(name, str):
            raise ConfigError(
                "A layer's name must be text.", got=repr(name), fix="pass name='hidden', say."
            )
        self.activity_regularizer = activity_regularizer
        self.trainable = trainable
        self.dtype_policy = resolve_policy(dtype, name or snake_case(type(self).__name__))
        self.autocast = autocast
        self.input_dim = input_dim
        self._name = name
        self._name_given = name is not None
        self._input_shape_arg = input_shape if input_dim is None else (input_dim,)
        self.built = False
        self.input_spec: calling.InputSpec | None = None

    # --- names, formats, configuration

    @property
    def name(self) -> str:
        return self._name or snake_case(type(self).__name__)

    @property
    def trainable(self) -> bool:
        """Whether training changes the weights. Setting it sets it for every layer inside too."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        if "built" in self.__dict__:  # not while the constructor is still at work
            for layer in self.sublayers():
                layer.trainable = value

    @property
    def dtype(self) -> str:
        return self.dtype_policy.variable_dtype

    @property
    def compute_dtype(self) -> str:
        return self.dtype_policy.compute_dtype

    @property
    def root_seed(self) -> int:
        """The number that this layer's initial weights derive from when it is the outermost."""
        if "_seed" not in self.__dict__:
            self.__dict__["_seed"] = _rng.next_seed()
        return self.__dict__["_seed"]

    @property
    def input_shape(self) -> Any:
        return self.__dict__.get("_called_on", self._input_shape_arg)

    @property
    def output_shape(self) -> Any:
        if "_gave" not in self.__dict__:
            raise StateError(
                f"Layer {self.name!r} has no output shape yet: it was never called.",
                fix="call it on an Input or on data first.",
            )
        return self.__dict__["_gave"]

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments as JSON-ready values."""
        own = {"dtype", "input_shape", "input_dim", "name"} | self._unsaved
        missing = [n for n in argument_names(type(self)) if n not in own and not hasattr(self, n)]
        if missing:
            return super().get_config()  # raises, naming the argument
        from .._core.specs import serialize

        config = {
            n: serialize(getattr(self, n)) for n in argument_names(type(self)) if n not in own
        }
        accepted = set(argument_names(type(self)))
        if "name" in accepted:
            config["name"] = self.name
        if "dtype" in accepted:
            config["dtype"] = self.dtype_policy.name
        if "input_shape" in accepted and self._input_shape_arg is not None:
            config["input_shape"] = list(self._input_shape_arg)
        return config

    def _unshown(self) -> frozenset[str]:
        left_out = set(self._unsaved)
        if not self._name_given:
            left_out.add("name")
        if self.dtype_policy == dtype_policy():
            left_out.add("dtype")
        if self._input_shape_arg is None:
            left_out.add("input_shape")
        return frozenset(left_out)

    def _argument(self, name: str) -> Any:
        # The attribute tells the shape that the layer was last called on.
        return self._input_shape_arg if name == "input_shape" else super()._argument(name)

    # --- inside a call

    def add_loss(self, loss: Any) -> None:
        """Inside `call`: add a scalar to what training minimises."""
        context = current()
        if context is not None:
            context.losses.append(loss)

    def make_rng(self) -> jax.Array:
        """Inside `call`: a JAX key of this layer and step; each draw gives another."""
        context = current()
        if context is None:
            return jax.random.key(_rng.next_seed())
        return context.key_for(self)

    # --- building and calling

    def build(self, input_shape: Any) -> None:
        """Make the weights. The default makes none."""
        self.built = True

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """The layer's mathematics, in plain `jax.numpy`."""
        raise StateError(
            f"{type(self).__name__} does not define call(inputs).",
            fix="write `def call(self, inputs): return ...` in the class.",
        )

    def check_data(self, data: Any) -> None:
        """Refuse data that this layer cannot take; called before training where it comes first."""

    def needs_host(self, *args: Any, **kwargs: Any) -> bool:
        """Whether a call on these symbolic tensors starts with work that only the host can do."""
        return False

    def on_host(self, *args: Any, **kwargs: Any) -> Prepared:
        """That work, on NumPy arrays; `call` takes the result in place of its arguments."""
        raise NotImplementedError

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """The mask of the output; by default the input's where the layer supports masking."""
        return previous_mask if self.supports_masking else None

    def compute_output_shape(self, *shapes: Any) -> Any:
        """Shape of the output for inputs of the given shapes, batch included."""
        args = tuple(calling.placeholders(shape, self.compute_dtype) for shape in shapes)
        return tree_map(lambda t: t.shape, self.symbolic_outputs(args, {}))

    def symbolic_outputs(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Shapes and formats that a call on symbolic `args` gives, building the layer if needed."""
        calling.check_formats(self, args, kwargs)
        self.ensure_built(args, kwargs)
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

        outputs, masks = infer(function, ((args, kwargs), masks))
        for tensor, mask in zip(leaves(outputs), masks, strict=True):
            tensor.mask = mask
        return outputs

    def ensure_built(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Build on the shapes of a call's arguments, once."""
        if self.built:
            return
        calling.check_input(self, args)  # what the constructor asks for
        if type(self).build is not Layer.build:
            calling.build_from_arguments(self, args, kwargs)
        self.built = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if foreign.loaded() and has_foreign((args, kwargs)):
            return call_on_foreign(self, args, kwargs)
        if has_symbolic((args, kwargs)):
            return self._draw(args, kwargs)
        context = current()
        if context is None:
            return self._call_alone(args, kwargs)
        return calling.run(self, context, args, kwargs)

    def _draw(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Record a node of the functional graph."""
        node = Node(self, args, kwargs)
        outputs = self.symbolic_outputs(args, kwargs)
        for tensor in leaves(outputs):
            tensor.node, tensor.name = node, self.name
        node.outputs = outputs
        first = args[0] if args else next(iter(kwargs.values()))
        self.__dict__["_called_on"] = tree_map(lambda t: getattr(t, "shape", None), first)
        self.__dict__["_gave"] = tree_map(lambda t: t.shape, outputs)
        self.__dict__["_drawn"] = (first, outputs)
        return outputs

    @property
    def output(self) -> Any:
        """The symbolic output of the last call on symbolic tensors."""
        return self._drawn_tensor("output", 1)

    @property
    def input(self) -> Any:
        """The symbolic input of the last call on symbolic tensors."""
        return self._drawn_tensor("input", 0)

    def _drawn_tensor(self, what: str, side: int) -> Any:
        if "_drawn" not in self.__dict__:
            raise StateError(
                f"Layer {self.name!r} has no {what}: it was never called on an Input.",
                fix="make it part of a functional or Sequential model with a known input shape.",
            )
        return self.__dict__["_drawn"][side]

    def _call_alone(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A call outside any other: what it assigns is stored when it returns."""
        if not all(layer.built for _, layer in tree.walk(self)):
            # Shapes first, so that every weight has its path before its numbers are drawn.
            shapes = Context(abstract=True, training=False, rng=jax.random.key(0))
            with bind(shapes):
                jax.eval_shape(lambda: calling.run(self, shapes, args, dict(kwargs)))
        tree.index(self)
        context = Context(paths={layer: path for path, layer in tree.walk(self)})
        with bind(context):
            result = calling.run(self, context, args, kwargs)
        for weight, value in context.updates.items():
            weight.assign(value)
        return result

    # --- the pure form

    def variable_tree(self) -> dict[str, jax.Array]:
        """Every weight by path: the `variables` that `apply` takes."""
        return {path: weight.value for path, weight in tree.index(self).items()}

    def apply(
        self,
        variables: dict[str, Any],
        *inputs: Any,
        rng: Any = None,
        training: bool = False,
        **kwargs: Any,
    ) -> tuple[Any, dict[str, Any]]:
        """The layer as a pure function, to jit, differentiate, vmap and shard.

        Args:
            variables: path -> array, as from `variable_tree()`; every weight must be there.
            inputs: what `call` takes.
            rng: JAX key; required in training by layers that draw random numbers.
            training: mode.

        Returns:
            The output, and the state updates as path -> array.
        """
        result, context = self.bound_call(variables, inputs, kwargs, rng=rng, training=training)
        paths = {weight: path for path, weight in tree.index(self).items()}
        return result, {paths[weight]: value for weight, value in context.updates.items()}

    def bound_call(
        self,
        variables: dict[str, Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any] | None = None,
        **settings: Any,
    ) -> tuple[Any, Context]:
        """`apply` for the engine: the result and the whole context it ran in."""
        weights = tree.index(self)
        unknown, missing = set(variables) - set(weights), set(weights) - set(variables)
        if unknown or missing:
            name = sorted(unknown or missing)[0]
            raise UnknownNameError(
                f"The variables given to {self.name!r} are not its own.",
                got=f"{len(variables)} variables, {name!r} {'unknown' if unknown else 'missing'}",
                expected=f"the {len(weights)} variables of {self.name!r}",
                fix=did_you_mean(name, weights) if unknown else "start from variable_tree().",
            )
        context = Context(
            {weight: variables[path] for path, weight in weights.items()},
            paths={layer: path for path, layer in tree.walk(self)},
            **settings,
        )
        with bind(context):
            return self(*args, **(kwargs or {})), context


tree.layer_class = Layer
family("layer", home="pellucid.layers.preprocessing.catalogue").register("Layer")(Layer)
