"""From scores at every step to label sequences: blanks and repetitions taken out."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

PAD = -1


def greedy(inputs: Any, lengths: Any, merge_repeated: bool, blank: int) -> tuple[Any, Any]:
    """The best class of every step: labels ``(1, batch, steps)``, scores ``(batch, 1)``."""
    steps = inputs.shape[1]
    real = jnp.arange(steps) < lengths[:, None]  # (batch, steps)
    best = jnp.where(real, jnp.argmax(inputs, axis=-1), blank)
    kept = best != blank
    if merge_repeated:
        kept = kept.at[:, 1:].set(kept[:, 1:] & (best[:, 1:] != best[:, :-1]))
    order = jnp.argsort(~kept, axis=-1, stable=True)  # labels first, in their order
    labels = jnp.take_along_axis(jnp.where(kept, best, PAD), order, axis=-1)
    scores = -jnp.sum(jnp.where(real, jnp.max(inputs, axis=-1), 0), axis=1, keepdims=True)
    return labels[None], scores


def beam_search(
    log_p: Any, lengths: Any, width: int, top_paths: int, blank: int
) -> tuple[Any, Any]:
    """The likeliest sequences: labels ``(top_paths, batch, steps)``, scores ``(batch, top_paths)``.

    Every sequence that is kept has two scores, of the ways that end in a blank and of those that
    end in its last label. A step keeps it, or appends a class; a sequence that was reached by
    appending and is there already gets the score added.

    Graves, "Sequence transduction with recurrent neural networks", arXiv:1211.3711.
    """
    labels, scores = jax.vmap(lambda p, n: _search(p, n, width, top_paths, blank))(log_p, lengths)
    return jnp.swapaxes(labels, 0, 1), scores


def _search(log_p: Any, length: Any, width: int, top_paths: int, blank: int) -> tuple[Any, Any]:
    steps, classes = log_p.shape
    beams = jnp.arange(width)

    def step(state: Any, given: Any) -> Any:
        paths, sizes, in_blank, in_label = state  # (width, steps), (width,), (width,), (width,)
        p, real = given
        total = jnp.logaddexp(in_blank, in_label)
        last = jnp.where(sizes > 0, paths[beams, jnp.maximum(sizes - 1, 0)], PAD)
        # Appending the label that a sequence ends in takes a blank between the two.
        starts = jnp.where(jnp.arange(classes) == last[:, None], in_blank[:, None], total[:, None])
        appended = (starts + p).at[:, blank].set(-jnp.inf)  # (width, classes)
        kept_blank = total + p[blank]
        kept_label = jnp.where(sizes > 0, in_label + p[last], -jnp.inf)
        # Sequence j is sequence i with its last label appended.
        shorter = jnp.where(jnp.arange(steps) == (sizes - 1)[:, None], PAD, paths)
        follows = jnp.all(shorter[:, None] == paths[None], axis=-1)  # (j, i)
        follows &= (sizes[:, None] == sizes[None] + 1) & jnp.isfinite(total)[:, None]
        joined = jnp.where(follows, appended[:, jnp.maximum(last, 0)].T, -jnp.inf)
        kept_label = jnp.logaddexp(kept_label, jax.nn.logsumexp(joined, axis=1))
        taken = jnp.zeros((width, classes), bool).at[beams[None, :], last[:, None]].max(follows)
        appended = jnp.where(taken, -jnp.inf, appended)
        # The best of those that stayed and those that grew.
        scores = jnp.concatenate([jnp.logaddexp(kept_blank, kept_label), appended.reshape(-1)])
        _, best = jax.lax.top_k(scores, width)
        grew = best >= width
        parent = jnp.where(grew, (best - width) // classes, best)
        label = (best - width) % classes
        old_sizes = sizes[parent]
        at_end = (jnp.arange(steps) == old_sizes[:, None]) & grew[:, None]
        new = (
            jnp.where(at_end, label[:, None], paths[parent]),
            old_sizes + grew,
            jnp.where(grew, -jnp.inf, kept_blank[parent]),
            jnp.where(grew, scores[best], kept_label[parent]),
        )
        return jax.tree.map(lambda a, b: jnp.where(real, a, b), new, state), None

    nothing = jnp.full(width, -jnp.inf, log_p.dtype)
    start = (
        jnp.full((width, steps), PAD),
        jnp.zeros(width, jnp.int32),
        nothing.at[0].set(0.0),
        nothing,
    )
    (paths, _, in_blank, in_label), _ = jax.lax.scan(
        step, start, (log_p, jnp.arange(steps) < length)
    )
    scores, best = jax.lax.top_k(jnp.logaddexp(in_blank, in_label), top_paths)
    return paths[best], scores
