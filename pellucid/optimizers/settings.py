"""An optimiser's settings: what its constructor takes, checks, shows and saves."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypedDict

import jax
import numpy as np

from .._core.arraylike import ArrayLike
from .._core.errors import ConfigError, StateError
from .._core.registry import did_you_mean, snake_case
from .._core.specs import Configurable, argument_defaults, argument_names, serialize
from .limits import NON_NEGATIVE, OPTIONAL, UNIT, Interval, Limited, check_number
from .memory import StateVariable, assignable
from .schedules.base import as_schedule, is_supplier


class CommonButDecay(TypedDict, total=False):
    """The arguments that every optimiser takes by name; `Optimizer` says what they mean."""

    clipnorm: float | None
    clipvalue: float | None
    global_clipnorm: float | None
    use_ema: bool
    ema_momentum: float
    ema_overwrite_frequency: int | None
    loss_scale_factor: float | None
    gradient_accumulation_steps: int | None
    name: str | None


class Common(CommonButDecay, total=False):
    """The same for those to which weight decay is an option."""

    weight_decay: float | None


_OLD_NAMES = {
    "lr": "write learning_rate=",
    "decay": "pass learning_rate=schedules.InverseTimeDecay(...), which is what `decay` did",
}


class Settings(Limited, Configurable):
    """The arguments that all optimisers share, and the learning rate that can change."""

    limits: ClassVar[Mapping[str, Interval]] = {
        "weight_decay": OPTIONAL,
        "clipnorm": OPTIONAL,
        "clipvalue": OPTIONAL,
        "global_clipnorm": OPTIONAL,
        "ema_momentum": UNIT,
        "loss_scale_factor": Interval(0, open_low=True, optional=True),
    }
    use_ema: bool = False
    gradient_accumulation_steps: int | None = None
    ema_overwrite_frequency: int | None = None

    if TYPE_CHECKING:

        def steps_taken(self) -> int: ...

    iterations: Any
    __signature__: ClassVar[inspect.Signature]

    def __init__(
        self,
        learning_rate: Any,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **unknown: Any,
    ):
        for argument in unknown:
            raise ConfigError(
                f"{type(self).__name__} has no argument {argument!r}.",
                got=f"{argument}={unknown[argument]!r}",
                fix=_OLD_NAMES.get(argument) or did_you_mean(argument, argument_names(type(self))),
            )
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.clipnorm = clipnorm
        self.clipvalue = clipvalue
        self.global_clipnorm = global_clipnorm
        self.use_ema = use_ema
        self.ema_momentum = ema_momentum
        self.ema_overwrite_frequency = ema_overwrite_frequency
        self.loss_scale_factor = loss_scale_factor
        self.gradient_accumulation_steps = gradient_accumulation_steps
        self.name = self.usual_name() if name is None else name
        self.iterations = 0
        self._undecayed: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        self._check_combinations()

    @classmethod
    def usual_name(cls) -> str:
        """The name of an optimiser that is given none."""
        return snake_case(cls.__name__)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.__signature__ = _full_signature(cls)

    def _check_combinations(self) -> None:
        clips = {
            name: getattr(self, name)
            for name in ("clipnorm", "clipvalue", "global_clipnorm")
            if getattr(self, name) is not None
        }
        if len(clips) > 1:
            raise ConfigError(
                f"{type(self).__name__} can clip gradients in one way only.",
                got=", ".join(f"{name}={value!r}" for name, value in clips.items()),
                expected="one of clipnorm, clipvalue and global_clipnorm",
                fix=f"keep {next(iter(clips))} and drop the rest.",
            )
        owner = type(self).__name__
        every = self.gradient_accumulation_steps
        if every is not None and (not _is_whole(every) or every < 2):
            raise ConfigError(
                f"{owner}: gradient_accumulation_steps is a whole number of at least 2, or None.",
                got=repr(every),
                fix="gradient_accumulation_steps=4 updates once in four batches; leave it out to "
                "update at every batch.",
            )
        often = self.ema_overwrite_frequency
        if often is not None and (not _is_whole(often) or often < 1):
            raise ConfigError(
                f"{owner}: ema_overwrite_frequency is a whole number of updates, or None.",
                got=repr(often),
                fix="ema_overwrite_frequency=100, or leave it out: the weights become their "
                "average when fit ends.",
            )

    # ------------------------------------------------------------------ the learning rate

    @property
    def learning_rate(self) -> Any:
        """The learning rate now, a float that can be assigned like a variable; a schedule's value
        at this step. Assigning a number takes effect at the next chunk of steps and compiles
        nothing."""
        return self._assignable_rate(self.current_learning_rate(self.steps_taken()))

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        owner = type(self).__name__
        if callable(value) or isinstance(value, str):
            self._learning_rate = as_schedule(owner, value)
            return
        if self.schedule is not None:
            raise StateError(
                f"{owner}: the learning rate follows a schedule and cannot be set to a number.",
                got=f"learning_rate={value!r} over {self.schedule!r}",
                fix=f"compile with {owner}(learning_rate={value!r}), or assign another schedule.",
            )
        if isinstance(value, (ArrayLike, jax.Array)):
            value = float(value)
        check_number(owner, "learning_rate", value, NON_NEGATIVE)
        self._learning_rate = float(value)

    def _assignable_rate(self, number: float) -> Any:
        return assignable(number, self._rate_variable())

    def _rate_variable(self) -> StateVariable:
        def write(value: Any) -> None:
            # as it was written: 0.1 for the float32 nearest to it
            self.learning_rate = float(str(np.float32(value)))

        def read() -> Any:
            return np.float32(float(self.learning_rate))

        return StateVariable("learning_rate", self.name, read, write)

    @property
    def schedule(self) -> Any:
        """The learning rate's schedule: None where it is a number, or a function without
        arguments that Python asks for one between chunks of steps."""
        value = self.__dict__.get("_learning_rate")
        return value if callable(value) and not is_supplier(value) else None

    def current_learning_rate(self, step: int) -> float:
        """The learning rate that the update number `step` (from 0) uses."""
        if self.schedule is None:
            value = self._learning_rate
            return float(value() if is_supplier(value) else value)
        return float(jax.jit(self.schedule)(np.int32(step)))

    # --------------------------------------------------------------------- configuration

    def _stored(self, name: str) -> Any:
        return self._learning_rate if name == "learning_rate" else getattr(self, name)

    def get_config(self) -> dict[str, Any]:
        names = argument_names(type(self))
        config = {name: serialize(self._stored(name)) for name in names}
        if any(self._undecayed):
            config["undecayed"] = serialize(self._undecayed)
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Self:
        arguments = dict(config)
        patterns, paths = arguments.pop("undecayed", ((), ()))
        optimizer = super().from_config(arguments, custom_objects)
        optimizer._undecayed = (tuple(patterns), tuple(paths))
        return optimizer

    def __repr__(self) -> str:
        defaults = argument_defaults(type(self))
        shown = {name: self._stored(name) for name in argument_names(type(self))}
        defaults["name"] = self.usual_name()
        changed = (f"{k}={v!r}" for k, v in shown.items() if k not in defaults or v != defaults[k])
        return f"{type(self).__name__}({', '.join(changed)})"


def _is_whole(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _full_signature(cls: type) -> inspect.Signature:
    """The constructor's arguments with those that it hands on through `*common` and `**named`."""
    init = list(inspect.signature(cls.__init__).parameters.values())[1:]  # type: ignore[misc]
    own = [p for p in init if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
    by_place = any(p.kind is p.VAR_POSITIONAL for p in init)
    defaults = argument_defaults(cls)
    common = [
        inspect.Parameter(
            name,
            inspect.Parameter.POSITIONAL_OR_KEYWORD if by_place else inspect.Parameter.KEYWORD_ONLY,
            default=defaults.get(name, inspect.Parameter.empty),
        )
        for name in argument_names(cls)
        if name not in {p.name for p in own}
    ]
    return inspect.Signature([*own, *common])
