"""Cross-entropies and other distances; see `pellucid.losses` for training."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from pellucid import losses
from pellucid._core.errors import ConfigError
from pellucid.kernels.ctc import ctc_loss as ctc_kernel
from pellucid.losses.crossentropy import elementwise
from pellucid.losses.shapes import same_shape

from ..op import EACH, Tensor, op
from .ctc_decoding import beam_search, greedy

__all__ = [
    "binary_crossentropy",
    "categorical_crossentropy",
    "ctc_decode",
    "ctc_loss",
    "psnr",
    "sparse_categorical_crossentropy",
]


@op(rows=EACH)
def binary_crossentropy(target: Tensor, output: Tensor, from_logits=False):
    """Yes/no cross-entropy of every number.

    Args:
        target: 0 or 1, or between.
        output: probabilities, or scores before the sigmoid; same shape.
        from_logits: whether `output` are scores.
    """
    true, predicted = same_shape("ops.binary_crossentropy", target, output)
    return elementwise(true, predicted, from_logits).astype(_format(target, output))


@op
def categorical_crossentropy(target: Tensor, output: Tensor, from_logits=False, axis=-1):
    """Cross-entropy of one-hot targets along `axis`.

    Args:
        target: probabilities, one-hot as a rule.
        output: probabilities, or scores before the softmax; same shape.
        from_logits: whether `output` are scores.
        axis: the axis of the classes.
    """
    value = losses.categorical_crossentropy(target, output, from_logits, axis=axis)
    return value.astype(_format(target, output))


@op
def sparse_categorical_crossentropy(target: Tensor, output: Tensor, from_logits=False, axis=-1):
    """Cross-entropy of class numbers along `axis`.

    Args:
        target: class numbers, without the axis of the classes (or with length 1 there).
        output: probabilities, or scores before the softmax.
        from_logits: whether `output` are scores.
        axis: the axis of the classes.
    """
    return losses.sparse_categorical_crossentropy(target, output, from_logits, axis=axis)


def _format(target, output):
    return jnp.result_type(target, output, float)


@op
def ctc_loss(
    target: Tensor, output: Tensor, target_length: Tensor, output_length: Tensor, mask_index=0
):
    """Minus the log-probability of label sequences, ``(batch,)``; see `pellucid.losses.CTC`.

    Args:
        target: class numbers, ``(batch, labels)``.
        output: scores before the softmax, ``(batch, steps, classes)``.
        target_length: how many labels each sample has, ``(batch,)``.
        output_length: how many steps each sample has, ``(batch,)``.
        mask_index: the class that is the blank.
    """
    return ctc_kernel(target, output, target_length, output_length, mask_index)


@op
def ctc_decode(
    inputs: Tensor,
    sequence_lengths: Tensor,
    strategy="greedy",
    beam_width=100,
    top_paths=1,
    merge_repeated=True,
    mask_index=0,
):
    """The likeliest label sequences behind scores at every step.

    Args:
        inputs: scores before the softmax, ``(batch, steps, classes)``.
        sequence_lengths: how many steps each sample has, ``(batch,)``.
        strategy: ``"greedy"``, the best class of every step; or ``"beam_search"``, which adds up
            the ways in which a sequence can come about.
        beam_width: how many sequences the beam search keeps.
        top_paths: how many it returns.
        merge_repeated: whether the greedy search reads a class that goes on as one label.
        mask_index: the class that is the blank.

    Returns:
        Labels, ``(paths, batch, steps)``, filled up with -1, and scores, ``(batch, paths)``: of
        the greedy search minus the sum of the best scores, of the beam search log-probabilities.
    """
    inputs = inputs.astype(jnp.promote_types(inputs.dtype, jnp.float32))
    lengths = sequence_lengths.astype(jnp.int32)
    blank = inputs.shape[-1] - 1 if mask_index is None else mask_index
    if strategy == "greedy":
        return greedy(inputs, lengths, merge_repeated, blank)
    if strategy == "beam_search":
        return beam_search(jax.nn.log_softmax(inputs), lengths, beam_width, top_paths, blank)
    raise ConfigError(
        "ops.ctc_decode does not know this strategy.",
        got=repr(strategy),
        expected="'greedy' or 'beam_search'",
    )


@op
def psnr(x1: Tensor, x2: Tensor, max_val):
    """The peak signal-to-noise ratio of two arrays, in decibels: how alike two pictures are.

    Args:
        x1: array.
        x2: array of the same shape.
        max_val: the largest value that there can be: 1.0 or 255.
    """
    if x1.shape != x2.shape:
        raise ValueError(f"the shapes {x1.shape} and {x2.shape} differ.")
    error = jnp.mean(jnp.square(x1 - x2))
    return 20 * jnp.log10(jnp.asarray(max_val, x2.dtype)) - 10 * jnp.log10(error)
