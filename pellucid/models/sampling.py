"""How the next word is chosen from a score for every word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from .._core.errors import ConfigError


@dataclass(frozen=True)
class Greedy:
    """Always the word with the highest score.

    >>> Greedy()(jnp.array([[0.1, 2.0, 0.3]]), jax.random.key(0)).tolist()
    [1]
    """

    def __call__(self, logits: Any, key: Any) -> Any:
        return jnp.argmax(logits, axis=-1)


@dataclass(frozen=True)
class Sample:
    """A word drawn at random, the likelier the higher its score.

    Args:
        temperature: below 1 likely words become likelier, above 1 less so.
        top_k: only the so many likeliest words.
        top_p: only the likeliest words that together hold this share of the probability.

    Raises:
        ConfigError: a value that leaves nothing to draw from.

    >>> Sample(temperature=0.7, top_k=2)(jnp.array([[9.0, 2.0, 1.0]]), jax.random.key(0)).tolist()
    [0]

    `top_p`: Holtzman et al., "The curious case of neural text degeneration", arXiv:1904.09751.
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None

    def __post_init__(self) -> None:
        whole = isinstance(self.top_k, int) and not isinstance(self.top_k, bool)
        for argument, fits, expected in (
            ("temperature", self.temperature > 0, "a number above 0"),
            ("top_k", self.top_k is None or (whole and self.top_k > 0), "1 or more, or None"),
            ("top_p", self.top_p is None or 0 < self.top_p <= 1, "above 0, up to 1, or None"),
        ):
            if not fits:
                raise ConfigError(
                    f"The argument {argument!r} of Sample leaves no word to draw.",
                    got=repr(getattr(self, argument)),
                    expected=expected,
                    fix="for the likeliest word every time, pass sampler='greedy'.",
                )

    def __call__(self, logits: Any, key: Any) -> Any:
        """(batch, words) -> (batch,); a row's draw does not depend on the other rows."""
        logits = self.limited(logits.astype(jnp.float32) / self.temperature)
        keys = jax.vmap(lambda row: jax.random.fold_in(key, row))(jnp.arange(logits.shape[0]))
        return jax.vmap(jax.random.categorical)(keys, logits)

    def limited(self, logits: Any) -> Any:
        """The scores with those of excluded words at minus infinity."""
        if self.top_k is None and self.top_p is None:
            return logits
        order = jnp.flip(jnp.sort(logits, axis=-1), axis=-1)  # (batch, words), highest first
        least = order[:, -1:]
        if self.top_k is not None:
            least = order[:, min(self.top_k, order.shape[-1]) - 1][:, None]
        if self.top_p is not None:
            order = jnp.where(order >= least, order, -jnp.inf)
            shares = jax.nn.softmax(order, axis=-1)
            before = jnp.cumsum(shares, axis=-1) - shares  # what likelier words hold already
            inside = jnp.where(before < self.top_p, order, jnp.inf)
            least = jnp.minimum(jnp.min(inside, axis=-1, keepdims=True), order[:, :1])
        return jnp.where(logits >= least, logits, -jnp.inf)
