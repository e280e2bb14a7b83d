"""`Layer`: what every layer is. Written as in Keras, pure underneath."""

from __future__ import annotations

from typing import Any, ClassVar

import jax
import numpy as np

from .._core import foreign
from .._core import rng as _rng
from .._core.dtypes import DTypePolicy, dtype_policy, resolve_policy
from .._core.errors import ConfigError, NotReadyError, NotWrittenError, StateError
from .._core.registry import snake_case
from .._core.specs import Configurable, argument_names, family, serialize
from . import alone, building, calling, input_spec, masks, tree
from .context import Context, bind, current
from .drawn import Drawn
from .foreign_calls import call_on_foreign, has_foreign
from .looked_up import as_given, held_sizes, hold
from .prepared import Prepared
from .pure import PureForm
from .seen_variable import assigns_variables
from .stateless import StatelessCall
from .symbolic import SymbolicTensor, has_symbolic, leaves
from .traits import Traits
from .weight_owner import WeightOwner


class Layer(Drawn, PureForm, StatelessCall, Traits, WeightOwner, Configurable):
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
    mathematics in `call(inputs)` with `jax.numpy`. There `self.kernel` is the array itself;
    ``self.count = self.count + 1`` on a non-trainable weight, or ``self.count.assign_add(1)``,
    records a state update. Outside of calls `layer.kernel` is the `Variable`.

    >>> import numpy as np
    >>> class Scale(Layer):
    ...     def build(self, input_shape):
    ...         self.scale = self.add_weight(shape=input_shape[-1:], initializer="ones")
    ...     def call(self, x):
    ...         return x * self.scale
    >>> Scale()(np.ones((2, 3))).shape
    (2, 3)
    """

    casts_inputs: ClassVar[bool] = True
    """Whether float inputs are brought to the compute format before `call` sees them."""
    takes_raw: bool = False
    """Whether NumPy arrays reach `call` as they are: text, say, or numbers of 64 bits."""
    placeholder: ClassVar[str | None] = None
    """The format of data whose shape alone is known, where it is not the compute format."""
    _built_on: Any = None  # what `build` was called with
    _revision: int = 0
    """Counts the changes of what `call` reads beside its weights, such as a vocabulary."""
    supports_masking: bool = False
    floats_in_graph: ClassVar[bool] = False
    """Whether tensors of a TensorFlow graph are cast to the compute format before the call."""
    whole_numbers_in_graph: ClassVar[str | None] = None
    """The format of whole numbers given out in a TensorFlow graph, where it is not JAX's."""
    autograph_info__: ClassVar[dict[str, Any]] = {}
    """TensorFlow then calls the layer as it is, and does not rewrite its code."""
    _assigns_variables: ClassVar[bool] = False
    """Whether `call` is handed weights that can be assigned; read off the code of a subclass."""
    _not_tracked: ClassVar[frozenset[str]] = frozenset()

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        given = calling.check_arguments(cls, args, kwargs)
        self = object.__new__(cls)
        self.__dict__["_given"] = given
        # Set before any __init__ runs, so that a subclass may assign in any order.
        self.__dict__["_looked_up"] = {}
        self.__dict__["_own_weights"] = []
        self.__dict__["_weight_attributes"] = {}
        return self

    def __reduce_ex__(self, protocol: Any) -> Any:
        # Copies and pickles are made without constructor arguments, which `__new__` would refuse.
        passing = {"_call_losses", "_structure", "_given"}
        kept = {name: value for name, value in self.__dict__.items() if name not in passing}
        return object.__new__, (type(self),), kept

    def __init_subclass__(cls, **kwargs: Any):
        super().__init_subclass__(**kwargs)
        if "_assigns_variables" not in cls.__dict__ and assigns_variables(cls.__dict__):
            cls._assigns_variables = True
        if "build" in cls.__dict__:
            cls.build = building.marks_built(cls.__dict__["build"])  # type: ignore[method-assign]

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
        **unknown: Any,
    ):
        if unknown:
            raise calling.unknown_argument(self, unknown)
        if name is not None and not isinstance(name, str):
            raise ConfigError(
                "A layer's name must be text.", got=repr(name), fix="pass name='hidden', say."
            )
        hold(self, "regularizer", "activity_regularizer", activity_regularizer)
        self.dtype_policy = resolve_policy(dtype, name or snake_case(type(self).__name__))
        self.autocast = autocast
        self.input_dim = input_dim
        if not isinstance(trainable, (bool, np.bool_)):
            raise ConfigError(
                f"The argument 'trainable' of {type(self).__name__} is True or False.",
                got=f"trainable={trainable!r}",
                fix="trainable=False keeps the layer's weights as they are.",
            )
        self._name = name
        self._name_given = name is not None
        self.trainable = trainable
        self._input_shape_arg = input_shape if input_dim is None else (input_dim,)
        self.built = False
        if masks.makes_masks(type(self)):
            self.supports_masking = True
        self.input_spec: input_spec.InputSpec | None = None

    # --- names, formats, configuration

    @property
    def name(self) -> str:
        return self.__dict__.get("_name") or self._usual_name()

    @name.setter
    def name(self, value: str) -> None:
        if not isinstance(value, str):
            raise ConfigError(
                "A layer's name must be text.", got=repr(value), fix="layer.name = 'hidden', say."
            )
        self._name, self._name_given = value, True

    def _usual_name(self) -> str:
        """The name of a layer that was given none."""
        return snake_case(type(self).__name__)

    @property
    def trainable(self) -> bool:
        """Whether training changes the weights. Setting it sets it for every layer inside too."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        if not isinstance(value, (bool, np.bool_)) and value not in (0, 1):
            raise ConfigError(
                f"Layer {self.name!r}: trainable is True or False.",
                got=f"trainable={value!r}",
                fix="layer.trainable = False keeps its weights as they are.",
            )
        self._trainable = bool(value)
        if "_built" in self.__dict__:  # not while the constructor is still at work
            for layer in self.sublayers():
                layer.trainable = value

    @property
    def built(self) -> bool:
        """Whether the weights are made: always so where there is nothing to make."""
        if self.__dict__.get("_built"):
            return True
        return type(self).build is Layer.build and not self._own_weights and not self.sublayers()

    @built.setter
    def built(self, value: bool) -> None:
        self.__dict__["_built"] = bool(value)

    @property
    def dtype_policy(self) -> DTypePolicy:
        """The formats of arithmetic and weights; may be set by name."""
        return self._dtype_policy

    @dtype_policy.setter
    def dtype_policy(self, value: Any) -> None:
        own = self.__dict__.get("_name") or snake_case(type(self).__name__)
        self._dtype_policy = resolve_policy(value, own)

    @property
    def dtype(self) -> str:
        return self.dtype_policy.variable_dtype

    variable_dtype = dtype

    @property
    def compute_dtype(self) -> str:
        return self.dtype_policy.compute_dtype

    input_dtype = compute_dtype

    @property
    def path(self) -> str:
        """The layer's place in its network, such as ``"model/encoder/dense"``."""
        paths = [w.path.rpartition("/")[0] for w in self._own_weights if "/" in w.path]
        return paths[0] if paths else self.name

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
            raise NotReadyError(
                f"Layer {self.name!r} has no output shape yet: it was never called.",
                fix="call it on an Input or on data first.",
            )
        return self.__dict__["_gave"]

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments as JSON-ready values."""
        own = {"dtype", "input_shape", "input_dim", "name"} | self._unsaved
        # An argument that is no attribute is what the constructor was given.
        noted = getattr(self.__dict__.get("_given"), "arguments", {})
        accepted = argument_names(type(self))
        names = [n for n in accepted if n not in own]
        if any(not hasattr(self, n) and n not in noted for n in names):
            return super().get_config()  # raises, naming the argument
        config = {
            n: self._written(n, as_given(self, n) if hasattr(self, n) else noted[n]) for n in names
        }
        more = {"name": self.name, "dtype": self.dtype_policy.name, **held_sizes(self)}
        config |= {n: value for n, value in more.items() if n in accepted}
        if "input_shape" in accepted and self._input_shape_arg is not None:
            config["input_shape"] = list(self._input_shape_arg)
        return config

    def _written(self, name: str, value: Any) -> Any:
        """The constructor's argument `name` as a JSON-ready value."""
        return serialize(value)

    def _unshown(self) -> frozenset[str]:
        left_out = set(self._unsaved)
        if not self._name_given:
            left_out.add("name")
        if self.dtype_policy == dtype_policy():
            left_out.add("dtype")
        return frozenset(left_out | ({"input_shape"} if self._input_shape_arg is None else set()))

    def _argument(self, name: str) -> Any:
        # The attribute tells the shape that the layer was last called on.
        return self._input_shape_arg if name == "input_shape" else as_given(self, name)

    def _named(self) -> dict[str, tuple[Any, Any]]:
        """Arguments held in another form than they were given: (as given, as held)."""
        return self.__dict__.get("_looked_up", {})

    # --- inside a call

    def add_loss(self, loss: Any) -> None:
        """Inside `call`: add a scalar, or a list of them, to what training minimises.

        Raises:
            StateError: outside of `call`, where the value would be part of no step.
            ConfigError: something that is no array or number.
        """
        context = current()
        building_only = "_builds" in self.__dict__ and context and self not in context.callers
        if context is None or not context.callers or building_only:
            raise StateError(
                f"add_loss of {self.name!r} was called outside of `call`, where its value would "
                "be part of no training step.",
                got=repr(loss),
                fix="call self.add_loss(...) inside the `call` of a layer: for a tensor of a "
                "functional model, one that returns its input and adds the loss.",
            )
        for value in leaves(loss):
            if isinstance(value, SymbolicTensor) or not hasattr(value, "shape"):
                try:
                    float(value)
                except (TypeError, ValueError, StateError):
                    raise ConfigError(
                        f"add_loss of {self.name!r} takes a number that the call has computed.",
                        got=repr(value),
                        fix="self.add_loss(ops.mean(x)), say.",
                    ) from None
            context.add_loss(self, value)

    def add_metric(self, *args: Any, **kwargs: Any) -> None:
        """Not supported, as in Keras 3; raises and says what to do instead."""
        raise NotWrittenError(
            "Layers have no add_metric.",
            fix="give metrics to compile(metrics=[...]), or make one in __init__ and update it.",
        )

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
        raise NotWrittenError(
            f"{type(self).__name__} does not define call(inputs).",
            fix="write `def call(self, inputs): return ...` in the class.",
        )

    def get_build_config(self) -> dict[str, Any] | None:
        """The shapes that `build` was called with, for `build_from_config`; None before."""
        given = self.__dict__.get("_built_on")
        if isinstance(given, dict) and all(name.endswith("_shape") for name in given):
            return {"shapes_dict": given}
        return None if given is None else {"input_shape": given}

    def build_from_config(self, config: dict[str, Any] | None) -> None:
        """Build as `get_build_config` of a layer of the same kind says."""
        if config and "shapes_dict" in config:
            self.build(**config["shapes_dict"])
        elif config:
            self.build(config["input_shape"])

    def check_data(self, data: Any) -> None:
        """Refuse data that this layer cannot take; called before training where it comes first."""

    def needs_host(self, *args: Any, **kwargs: Any) -> bool:
        """Whether a call on these symbolic tensors starts with work that only the host can do."""
        return False

    def on_host(self, *args: Any, **kwargs: Any) -> Prepared:
        """That work, on NumPy arrays; `call` takes the result in place of its arguments."""
        raise NotImplementedError

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The mask of the output; by default the input's where the layer supports masking."""
        return previous_mask if self.supports_masking else None

    def ensure_built(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Build on the shapes of a call's arguments, once."""
        if self.built:
            return
        input_spec.check_input(self, args)  # what the constructor asks for
        if type(self).build is not Layer.build:
            building.build_from_arguments(self, args, kwargs)
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

    def _call_alone(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A call outside any other: what it assigns is stored when it returns."""
        if (found := alone.quick_call(self, args, kwargs)) is not None:
            return found
        tree.index(self)
        context = Context(paths={layer: path for path, layer in tree.walk(self)}, root=self)
        with bind(context):
            result = calling.run(self, context, args, kwargs)
        for weight, value in context.updates.items():
            weight.assign(value)
        for layer in context.paths:
            layer.__dict__.pop("_call_losses", None)
        for layer, loss in zip(context.losers, context.losses, strict=True):
            layer.__dict__.setdefault("_call_losses", []).append(loss)
        masks.keep(context, result)
        return result


tree.layer_class = Layer
family("layer", home="pellucid.layers.preprocessing.catalogue").register("Layer")(Layer)
