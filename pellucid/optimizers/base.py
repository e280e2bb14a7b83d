"""What an optimiser is: settings, and the gradient transformation built from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from .._core.errors import ConfigError
from .._core.specs import argument_names
from .around import accumulated, averaged, unscaled
from .clipping import clipped
from .schedules.base import is_supplier
from .settings import Settings
from .stateful import Stateful
from .transforms import Transformation, decayed, path_filter, scalar_beside


class Optimizer(Stateful, Settings):
    """Base of optimisers. A subclass stores its arguments and defines `rule`.

    `init`, `update` and `apply_updates` are pure functions of settings and arrays, and what `fit`
    compiles; `build` and `apply` keep the state themselves, and go on where `fit` left it. Numbers
    reach the compiled step as arguments (`hyper`), so that changing one compiles nothing.

    Args:
        learning_rate: a number, a `LearningRateSchedule`, or any callable of the step (int32
            scalar, the number of updates made so far) written in `jax.numpy`.
        weight_decay: before each update every weight shrinks by `learning_rate * weight_decay`
            times itself.
        clipnorm: each gradient tensor's largest Euclidean norm; None or 0 for no clipping.
        clipvalue: the largest absolute value of a gradient's entry.
        global_clipnorm: the largest joint norm of all gradients. One of the three at most.
        use_ema: keep an exponential average of the weights; the weights become it when `fit` ends.
        ema_momentum: the average's memory, 0 to 1.
        ema_overwrite_frequency: after so many updates the weights become their average.
        loss_scale_factor: the loss is multiplied by it, the gradients are divided by it: small
            gradients then survive in float16.
        gradient_accumulation_steps: update once in so many batches, by the mean of their
            gradients; 2 or more.
        name: a label.

    Raises:
        ConfigError: a number out of range, two kinds of clipping, an unknown argument.

    A new optimiser is a rule for one tensor:

    >>> from pellucid.optimizers import Optimizer, per_tensor
    >>> class SignDescent(Optimizer):
    ...     def __init__(self, learning_rate=0.01, **common):
    ...         super().__init__(learning_rate, **common)
    ...     def rule(self, hyper):
    ...         rule = lambda gradient, weight: (-hyper["learning_rate"] * jnp.sign(gradient), {})
    ...         return per_tensor({}, lambda step: rule)
    >>> optimizer = SignDescent(0.5)
    >>> weights, gradients = {"w": jnp.array([1.0])}, {"w": jnp.array([7.0])}
    >>> state = optimizer.init(weights)
    >>> updates, state = optimizer.update(gradients, state, weights, optimizer.hyper())
    >>> optimizer.apply_updates(weights, updates)["w"].tolist(), int(state["step"])
    ([0.5], 1)
    """

    # paths, and variables, that do not decay, as they were given
    _spared: tuple[tuple[str, ...], list[Any]] = ((), [])
    hyperparameters: ClassVar[tuple[str, ...]] = (
        "learning_rate",
        "weight_decay",
        "clipnorm",
        "clipvalue",
        "global_clipnorm",
        "ema_momentum",
        "loss_scale_factor",
    )
    # of these, the ones whose zero means "leave the computation out"
    off_at_zero: ClassVar[frozenset[str]] = frozenset(
        {"clipnorm", "clipvalue", "global_clipnorm", "momentum"}
    )

    def hyper(self) -> dict[str, float]:
        """The numbers that the compiled step takes as arguments, as they are now.

        Which names are there decides what is computed: an option that is None, or zero where zero
        means off, is absent, as is a learning rate that follows a schedule.
        """
        values = {name: self._stored(name) for name in self.hyperparameters}
        if is_supplier(values.get("learning_rate")):
            values["learning_rate"] = values["learning_rate"]()
        if not self.use_ema:
            values.pop("ema_momentum", None)
        return {
            name: float(value)
            for name, value in values.items()
            if not (value is None or callable(value) or (name in self.off_at_zero and not value))
        }

    def structure(self) -> tuple[Any, ...]:
        """What a compiled step has built in, hashable: the same structure, the same program."""
        traced = self.hyper()
        static = [name for name in argument_names(type(self)) if name not in traced]
        return (
            type(self),
            tuple(traced),
            tuple((name, frozen(self._stored(name))) for name in static if name != "name"),
            self._undecayed,
        )

    def rule(self, hyper: Mapping[str, Any]) -> Transformation:
        """The optimiser proper: gradients -> what to add to the weights. Subclasses define it.

        Its `update` also receives `step=`, and its state must not depend on numbers in `hyper`.
        """
        raise NotImplementedError(f"{type(self).__name__} must define rule(self, hyper).")

    def decaying(self, chain: Transformation, hyper: Mapping[str, Any]) -> Transformation:
        """`chain` on weights that shrink first, where there is weight decay."""
        if "weight_decay" not in hyper:
            return chain
        amount = hyper["learning_rate"] * hyper["weight_decay"]
        return decayed(chain, amount, path_filter(*self._undecayed))

    def transformation(self, hyper: Mapping[str, Any]) -> Any:
        """The rule and what is laid around it: `init` and `update` as Optax has them.

        From the outside in: the average of the weights, the loss scale, the accumulation of
        gradients, clipping, weight decay, the rule. `hyper` includes the learning rate.
        """
        chain = clipped(self.decaying(self.rule(hyper), hyper), hyper)
        every = self.gradient_accumulation_steps or 1
        if every > 1:
            chain = accumulated(chain, every)
        if "loss_scale_factor" in hyper:
            chain = unscaled(chain, hyper["loss_scale_factor"])
        if self.use_ema:
            chain = averaged(chain, hyper["ema_momentum"], self.ema_overwrite_frequency, every)
        return chain

    def init(self, params: Any) -> dict[str, Any]:
        """The state before the first update: `{"step": 0, "slots": ...}`."""
        hyper = {"learning_rate": 0.0, **self.hyper()}
        slots = self.transformation(hyper).init(params)
        return {"step": scalar_beside(params, np.int32(0)), "slots": slots}

    def update(
        self, grads: Any, opt_state: dict[str, Any], params: Any, hyper: Mapping[str, Any]
    ) -> tuple[Any, dict[str, Any]]:
        """One step: what to add to `params`, and the next state. Pure, for `jit` and `vmap`.

        Args:
            grads: a tree like `params`.
            opt_state: from `init` or the previous `update`.
            params: the weights, a flat dictionary path -> array or any other tree.
            hyper: from `hyper()`, or the same names with traced values.
        """
        step = opt_state["step"]
        # arrays from here on: the same rounding whether the values are traced or Python's
        hyper = {name: jnp.asarray(value) for name, value in hyper.items()}
        if self.schedule is not None:
            hyper = {**hyper, "learning_rate": self.schedule(step)}
        chain = self.transformation(hyper)
        updates, slots = chain.update(grads, opt_state["slots"], params, step=step)
        return updates, {"step": step + 1, "slots": slots}

    def apply_updates(self, params: Any, updates: Any) -> Any:
        """`params + updates`, in the weights' own number formats."""
        return jax.tree.map(lambda w, u: (w + u).astype(w.dtype), params, updates)

    @property
    def rated(self) -> list[Optimizer]:
        """The optimisers whose learning rates a callback reads and sets: itself, or its parts."""
        return [self]

    # --- what the training step asks beside the update

    def scale_loss(
        self, loss: Any, opt_state: Any = None, hyper: Mapping[str, Any] | None = None
    ) -> Any:
        """The number whose gradients `update` and `apply` expect: `loss`, times the loss scale.

        A `train_step` of your own differentiates this in place of the loss.

        Args:
            loss: a number, or gradients of the plain loss.
            opt_state, hyper: as `update` takes them; by default the optimiser's own.
        """
        hyper = self.hyper() if hyper is None else hyper
        return loss * hyper["loss_scale_factor"] if "loss_scale_factor" in hyper else loss

    def averages(self, opt_state: Any) -> Any:
        """The averaged weights that a state holds, a tree like the weights; None without any."""
        return opt_state["slots"]["average"] if self.use_ema else None

    def exclude_from_weight_decay(
        self, var_list: Any = None, var_names: list[str] | None = None
    ) -> None:
        """Name the weights that do not decay; to be called before the model is compiled.

        Args:
            var_list: variables, or their exact paths, such as `"dense/kernel"`.
            var_names: regular expressions searched for in a weight's path and in its name, the
                path's last part: `["bias"]` spares every bias.

        Raises:
            ConfigError: something else than text, or an optimiser that cannot decay weights.

        >>> from pellucid.optimizers import AdamW
        >>> optimizer = AdamW(weight_decay=0.01)
        >>> optimizer.exclude_from_weight_decay(var_names=["bias", "^gamma$"])
        """
        given = list(var_list or ())
        paths = tuple(getattr(item, "path", item) for item in given)
        for item in (*paths, *(var_names or ())):
            if not isinstance(item, str):
                raise ConfigError(
                    "Weights that do not decay are named by their paths.",
                    got=type(item).__name__,
                    expected="text such as 'dense/kernel'",
                    fix="pass var_names=['bias'], or var_list=['dense/kernel'].",
                )
        self._undecayed = (tuple(sorted(set(var_names or ()))), tuple(sorted(set(paths))))
        strings = tuple(item for item in given if isinstance(item, str))
        self._spared = (strings, [item for item in given if not isinstance(item, str)])

    def settle(self, variables: Mapping[str, Any]) -> None:
        """Note under which keys the variables of `exclude_from_weight_decay` are trained.

        Two variables may bear one path, and a path changes where a layer joins a model.

        Args:
            variables: key -> variable.
        """
        paths, spared = self._spared
        if spared:
            ids = set(map(id, spared))
            keys = {key for key, variable in variables.items() if id(variable) in ids}
            self._undecayed = (self._undecayed[0], tuple(sorted({*paths, *keys})))


def frozen(value: Any) -> Any:
    """`value` with its lists as tuples, so that it can be part of a key."""
    return tuple(map(frozen, value)) if isinstance(value, (list, tuple)) else value
