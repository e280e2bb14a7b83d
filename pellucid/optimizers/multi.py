"""Several optimisers for one model, each for the weights whose paths it is given."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any, NamedTuple, NoReturn, Self

import numpy as np

from .._core.custom import knowing
from .._core.errors import ConfigError, NotReadyError, StateError
from .._core.specs import deserialize, family, serialize
from .base import Optimizer
from .limits import Interval
from .loss_scale import LossScaleOptimizer
from .memory import StateVariable
from .partition import join, keys_of, split
from .transforms import scalar_beside


class WeightInfo(NamedTuple):
    """What a function that chooses optimisers is told about a weight."""

    path: str
    name: str
    shape: tuple[int, ...]
    dtype: str


class OptimizerMap(MutableMapping[str, Optimizer]):
    """Paths of weights, or regular expressions for them, and the optimiser of each.

    Args:
        default_optimizer: for weights that no key matches.
        optimizer_map: path or pattern -> optimiser. A pattern must match the whole path, with or
            without the model's name in front.

    Raises:
        ConfigError: something else than optimisers, a key that is there already, two patterns
            that match one weight.

    >>> from pellucid.optimizers import SGD, Adam
    >>> choose = OptimizerMap(SGD(), {"encoder/.*": Adam()})
    >>> choose["encoder/dense/kernel"], choose["decoder/kernel"]
    (Adam(), SGD())
    """

    def __init__(
        self,
        default_optimizer: Optimizer,
        optimizer_map: Mapping[str, Optimizer] | None = None,
    ):
        self._default_optimizer = _inner(default_optimizer, "the default")
        if optimizer_map is not None and not isinstance(optimizer_map, Mapping):
            raise ConfigError(
                "OptimizerMap: optimizer_map is a dictionary from paths to optimisers.",
                got=type(optimizer_map).__name__,
                fix="OptimizerMap(SGD(), {'encoder/.*': Adam()}).",
            )
        self._optimizer_map: dict[str, Optimizer] = {}
        for key, optimizer in (optimizer_map or {}).items():
            self[key] = optimizer

    @property
    def default_optimizer(self) -> Optimizer:
        """For weights that no key matches."""
        return self._default_optimizer

    def __getitem__(self, key: str) -> Optimizer:
        spellings = (key, key.partition("/")[2])
        for spelling in spellings:
            if spelling in self._optimizer_map:
                return self._optimizer_map[spelling]
        fitting = [
            pattern
            for pattern in self._optimizer_map
            if any(re.fullmatch(pattern, spelling) for spelling in spellings)
        ]
        if len(fitting) > 1:
            raise ConfigError(
                f"OptimizerMap has several optimisers for the weight {key!r}.",
                got=" and ".join(map(repr, fitting)),
                fix="write patterns of which one at most matches, or give the weight's own path.",
            )
        return self._optimizer_map[fitting[0]] if fitting else self._default_optimizer

    def __setitem__(self, key: str, optimizer: Optimizer) -> None:
        try:
            re.compile(key)
        except (re.error, TypeError):
            raise ConfigError(
                "OptimizerMap: a key is the path of a weight, or a regular expression.",
                got=repr(key),
                fix="optimizer_map['encoder/.*'] = optimizers.Adam().",
            ) from None
        if key in self._optimizer_map:
            raise ConfigError(
                f"OptimizerMap has an optimiser for {key!r} already.",
                got=repr(self._optimizer_map[key]),
                fix=f"del optimizer_map[{key!r}] first.",
            )
        self._optimizer_map[key] = _inner(optimizer, repr(key))

    def __delitem__(self, key: str) -> None:
        del self._optimizer_map[key]

    def __len__(self) -> int:
        return len(self._optimizer_map)

    def __iter__(self) -> Iterator[str]:
        return iter(self._optimizer_map)

    def __call__(self, variable: Any) -> Optimizer:
        return self[variable.path]

    def get_config(self) -> dict[str, Any]:
        """Both arguments as JSON-ready values."""
        return {
            "default_optimizer": serialize(self._default_optimizer),
            "optimizer_map": {key: serialize(item) for key, item in self._optimizer_map.items()},
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Self:
        """A map from what `get_config` returned."""
        named = config["optimizer_map"].items()
        with knowing(custom_objects):
            return cls(
                deserialize(config["default_optimizer"]),
                {key: deserialize(item) for key, item in named},
            )

    def __repr__(self) -> str:
        return f"OptimizerMap({self._default_optimizer!r}, {self._optimizer_map!r})"


@family("optimizer").register("MultiOptimizer", "multioptimizer", "multi_optimizer")
class MultiOptimizer(Optimizer):
    """Several optimisers for one model, each with settings, schedule and state of its own.

    Args:
        optimizer_map: an `OptimizerMap`, or a function of a weight (which has a `path`, `name`,
            `shape` and `dtype`) that returns its optimiser.
        loss_scale_factor: as for `Optimizer`; the inner optimisers' own are not used.
        name: a label.

    Raises:
        ConfigError: something else than a map or a function; a weight without an optimiser.

    >>> from pellucid.optimizers import SGD, Adam
    >>> optimizer = MultiOptimizer(OptimizerMap(SGD(0.1), {".*/bias": Adam(0.01)}))
    >>> [inner.learning_rate for inner in optimizer.optimizers]
    [0.01, 0.1]
    """

    limits = {"loss_scale_factor": Interval(0, open_low=True, optional=True)}

    def __init__(
        self,
        optimizer_map: OptimizerMap | Callable[[Any], Optimizer],
        loss_scale_factor: float | None = None,
        name: str | None = None,
    ):
        if not callable(optimizer_map) or isinstance(optimizer_map, (type, Optimizer)):
            raise ConfigError(
                "MultiOptimizer takes an OptimizerMap, or a function of a weight.",
                got=repr(optimizer_map),
                fix="MultiOptimizer(OptimizerMap(SGD(), {'encoder/.*': Adam()})).",
            )
        self.optimizer_map = optimizer_map
        self.loss_scale_factor = loss_scale_factor
        self.name = self.usual_name() if name is None else name
        self._undecayed = ((), ())
        self._inner: list[Optimizer] = []
        self._number_of: dict[str, int] = {}
        if isinstance(optimizer_map, OptimizerMap):
            for optimizer in (*optimizer_map.values(), optimizer_map.default_optimizer):
                self._add(optimizer)
        self.iterations = 0

    @property
    def optimizers(self) -> list[Optimizer]:
        """The optimisers inside; a function's are known once training has begun."""
        return list(self._inner)

    def _add(self, optimizer: Optimizer) -> int:
        for number, known in enumerate(self._inner):
            if known is optimizer:
                return number
        self._inner.append(optimizer)
        optimizer._counted_by(self)
        return len(self._inner) - 1

    def _choose(self, key: str, weight: Any) -> int:
        """The number of a weight's optimiser; the user's function is asked once a weight."""
        if key not in self._number_of:
            path = getattr(weight, "path", key)  # a key is numbered where two share a path
            name = path.rsplit("/", 1)[-1]
            about = WeightInfo(path, name, tuple(weight.shape), str(weight.dtype))
            self._number_of[key] = self._add(_inner(self.optimizer_map(about), repr(path)))
        return self._number_of[key]

    # --- settings, each optimiser's under its number

    def hyper(self) -> dict[str, float]:
        numbers = {
            f"{number}.{name}": value
            for number, optimizer in enumerate(self._inner)
            for name, value in optimizer.hyper().items()
            if name != "loss_scale_factor"
        }
        if self.loss_scale_factor is not None:
            numbers["loss_scale_factor"] = float(self.loss_scale_factor)
        return numbers

    def structure(self) -> tuple[Any, ...]:
        return (
            type(self),
            self.loss_scale_factor is None,
            tuple(optimizer.structure() for optimizer in self._inner),
            tuple(self._number_of.items()),
        )

    def _rate_variables(self) -> list[tuple[str, StateVariable]]:
        return [
            (f"{number}.{name}", variable)
            for number, optimizer in enumerate(self._inner)
            for name, variable in optimizer._rate_variables()
        ]

    @property
    def learning_rate(self) -> float:
        self._no_learning_rate()

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self._no_learning_rate()

    def current_learning_rate(self, step: int) -> float:
        self._no_learning_rate()

    def _no_learning_rate(self) -> NoReturn:
        raise NotReadyError(
            "A MultiOptimizer has several learning rates.",
            fix="read or set model.optimizer.optimizers[0].learning_rate.",
        )

    @property
    def schedule(self) -> None:
        return None

    def exclude_from_weight_decay(self, var_list: Any = None, var_names: Any = None) -> None:
        raise StateError(
            "A MultiOptimizer leaves weight decay to the optimisers inside.",
            fix="call exclude_from_weight_decay of each before the model is compiled.",
        )

    def settle(self, variables: Mapping[str, Any]) -> None:
        for key, variable in variables.items():
            self._choose(key, variable)
        for optimizer in self._inner:
            optimizer.settle(variables)

    @property
    def rated(self) -> list[Optimizer]:
        return self.optimizers

    def steps_of(self, inner: Any) -> int:
        number = next(n for n, optimizer in enumerate(self._inner) if optimizer is inner)
        idle = self.memory is not None and number not in self._number_of.values()
        return 0 if idle else self.steps_taken()

    # --- the update

    def init(self, params: Any) -> dict[str, Any]:
        parts = split(params, keys_of(params, self._choose))
        slots = {
            str(number): optimizer.init(parts.get(number, {}))
            for number, optimizer in enumerate(self._inner)
        }
        return {"step": scalar_beside(params, np.int32(0)), "slots": slots}

    def update(
        self, grads: Any, opt_state: dict[str, Any], params: Any, hyper: Mapping[str, Any]
    ) -> tuple[Any, dict[str, Any]]:
        keys = keys_of(params, self._choose)
        weights, slopes = split(params, keys), split(grads, keys)
        moved: dict[int, Any] = {}
        slots: dict[str, Any] = {}
        for number, optimizer in enumerate(self._inner):
            prefix = f"{number}."
            own = {n.removeprefix(prefix): v for n, v in hyper.items() if n.startswith(prefix)}
            if "loss_scale_factor" in hyper:
                own["loss_scale_factor"] = hyper["loss_scale_factor"]
            old = opt_state["slots"][str(number)]
            moved[number], slots[str(number)] = optimizer.update(
                slopes.get(number, {}), old, weights.get(number, {}), own
            )
        return join(moved, params), {"step": opt_state["step"] + 1, "slots": slots}

    def averages(self, opt_state: Any) -> Any:
        found: dict[str, Any] = {}
        for number, optimizer in enumerate(self._inner):
            found |= optimizer.averages(opt_state["slots"][str(number)]) or {}
        return found or None

    # --- configuration

    def get_config(self) -> dict[str, Any]:
        chosen = self.optimizer_map
        return {
            "optimizer_map": chosen.get_config()
            if isinstance(chosen, OptimizerMap)
            else serialize(chosen),
            "loss_scale_factor": self.loss_scale_factor,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Self:
        chosen = config["optimizer_map"]
        if isinstance(chosen, dict):
            chosen = OptimizerMap.from_config(chosen.get("config", chosen), custom_objects)
        return cls(**{**config, "optimizer_map": chosen})

    def __repr__(self) -> str:
        return f"MultiOptimizer({self.optimizer_map!r})"


def _inner(optimizer: Any, where: str) -> Optimizer:
    """`optimizer`, if it can be one of several."""
    if not isinstance(optimizer, Optimizer) or isinstance(
        optimizer, (LossScaleOptimizer, MultiOptimizer)
    ):
        raise ConfigError(
            f"What {where} is to be trained by cannot be one optimiser of several.",
            got=repr(optimizer),
            expected="an optimiser other than LossScaleOptimizer and MultiOptimizer",
            fix="pass an object such as optimizers.Adam(1e-3); to scale the loss wrap the whole: "
            "LossScaleOptimizer(MultiOptimizer(...)).",
        )
    return optimizer
