"""Connectionist temporal classification: the probability of a label sequence, summed over all the
ways in which it can be laid along the steps.

Between two labels, before the first and after the last there may be any number of blanks; between
two equal labels there must be one. So the states after each step are "n labels are out, the last
step was blank" and "label n was the last step": two arrays, no interleaving.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

# The logarithm of "impossible": finite, so that differences and gradients are numbers.
IMPOSSIBLE = -1e5


def ctc_loss(
    labels: Any, logits: Any, label_lengths: Any, logit_lengths: Any, blank: int = 0
) -> jax.Array:
    """Minus the log-probability of every sample's labels, ``(batch,)``.

    Args:
        labels: class numbers, ``(batch, labels)``; what lies beyond a sample's length is ignored.
        logits: scores before the softmax, ``(batch, steps, classes)``.
        label_lengths: how many labels each sample has, ``(batch,)``.
        logit_lengths: how many steps each sample has, ``(batch,)``.
        blank: the class that stands for "no label".

    Computed in float32 at least. A sample with more labels than its steps can hold has a loss of
    about ``-IMPOSSIBLE``.

    Graves, Fernandez, Gomez and Schmidhuber, "Connectionist temporal classification", 2006.
    """
    logits = jnp.asarray(logits)
    log_p = jax.nn.log_softmax(logits.astype(jnp.promote_types(logits.dtype, jnp.float32)))
    labels = jnp.asarray(labels).astype(jnp.int32)  # (batch, labels)
    batch, steps, classes = log_p.shape
    count = labels.shape[1]
    label_lengths = jnp.minimum(jnp.asarray(label_lengths), count)
    logit_lengths = jnp.minimum(jnp.asarray(logit_lengths), steps)
    # Products with one-hot labels: their gradient is a product too, not a scatter.
    chosen = jax.nn.one_hot(labels, classes, dtype=log_p.dtype)  # (batch, labels, classes)
    log_label = jnp.einsum("btc,bnc->tbn", log_p, chosen)  # (steps, batch, labels)
    log_blank = log_p[:, :, blank].T[..., None]  # (steps, batch, 1)
    repeats = labels[:, 1:] == labels[:, :-1]
    from_previous = jnp.pad(jnp.where(repeats, IMPOSSIBLE, 0.0), ((0, 0), (1, 0)))

    def step(state: Any, given: Any) -> Any:
        after_blank, after_label = state  # (batch, labels + 1), (batch, labels)
        here_label, here_blank, real = given
        # A label follows itself, a blank, or the label before it where that is another one.
        before = _shift(after_label)[:, :count] + from_previous
        ways = jnp.logaddexp(after_label, after_blank[:, :count])
        new_label = here_label + jnp.logaddexp(ways, before)
        # A blank follows a blank, or the last label that is out.
        new_blank = here_blank + jnp.logaddexp(after_blank, _shift(after_label))
        return (
            jnp.where(real, new_blank, after_blank),
            jnp.where(real, new_label, after_label),
        ), None

    real = jnp.arange(steps)[:, None, None] < jnp.asarray(logit_lengths)[None, :, None]
    start_blank = jnp.full((batch, count + 1), IMPOSSIBLE, log_p.dtype).at[:, 0].set(0.0)
    start_label = jnp.full((batch, count), IMPOSSIBLE, log_p.dtype)
    (after_blank, after_label), _ = jax.lax.scan(
        step, (start_blank, start_label), (log_label, log_blank, real)
    )
    ends = jnp.logaddexp(after_blank, _shift(after_label))  # (batch, labels + 1)
    last = jax.nn.one_hot(jnp.asarray(label_lengths), count + 1, dtype=ends.dtype)
    return -jnp.sum(ends * last, axis=1)


def _shift(after_label: jax.Array) -> jax.Array:
    """By how many labels are out: ``(batch, labels + 1)``, nothing being impossible as a label."""
    return jnp.pad(after_label, ((0, 0), (1, 0)), constant_values=IMPOSSIBLE)
