"""`SeedGenerator`: seeds one after the other, also inside a compiled step."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .._core import rng as _rng
from .._core.errors import ConfigError, UnknownNameError
from .._core.registry import snake_case
from .._core.specs import family
from .weight import Weight


@family("seed_generator").register("SeedGenerator")
class SeedGenerator:
    """A source of seeds for `pellucid.random`: each draw takes the next one.

    Kept as an attribute of a layer or model, its state travels with the network's variables, so
    that every compiled step draws other numbers.

    Args:
        seed: a whole number; None takes one from `pellucid.utils.set_random_seed`.
        name: of the state.

    Attributes:
        state: the variable, uint32 (2,): the seed and how many draws it has served.

    Raises:
        ConfigError: a seed that is no whole number.

    >>> import pellucid
    >>> seeds = SeedGenerator(42)
    >>> a = pellucid.random.normal((2, 3), seed=seeds)
    >>> b = pellucid.random.normal((2, 3), seed=seeds)
    >>> bool((a == b).any()), seeds.state.numpy().tolist()
    (False, [42, 2])
    """

    def __init__(self, seed: int | None = None, name: str | None = None, **unknown: Any):
        for argument in unknown:
            raise UnknownNameError(
                f"SeedGenerator has no argument {argument!r}.",
                expected="seed, name",
                fix="SeedGenerator(42), say.",
            )
        if seed is not None and (isinstance(seed, bool) or not isinstance(seed, (int, np.integer))):
            raise ConfigError(
                "The seed of a SeedGenerator must be a whole number or None.",
                got=repr(seed),
                fix="SeedGenerator(42), say.",
            )
        self.name = name or snake_case(type(self).__name__)
        self._initial_seed = seed
        start = [(_rng.next_seed() if seed is None else int(seed)) % 2**32, 0]
        self.state = Weight(
            lambda shape, dtype: np.array(start, dtype),
            (2,),
            "uint32",
            trainable=False,
            autocast=False,
            name="seed_generator_state",
        )
        # Carried by training, but no part of what the network has learned.
        self.state.transient = True

    def next(self, ordered: bool = True) -> jax.Array:
        """The seed for one draw, uint32 (2,), a key for `jax.random`; the state moves on.

        Args:
            ordered: count the draws up; False jumps through about a million numbers instead.
        """
        seed = self.state.value
        if ordered:
            self.state.assign(seed + jnp.array([0, 1], jnp.uint32))
        else:
            self.state.assign((seed + jnp.uint32(1)) * jnp.uint32(5387) % jnp.uint32(933199))
        return seed

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"seed": self._initial_seed, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> SeedGenerator:
        """A generator at its beginning."""
        return cls(**config)

    def __repr__(self) -> str:
        return f"<SeedGenerator {self.name} seed={self._initial_seed}>"
