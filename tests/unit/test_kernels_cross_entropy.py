"""Cross-entropy of scores against its definition: values, derivatives, odd labels and formats."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pellucid.kernels.cross_entropy import (
    cross_entropy,
    cross_entropy_plain,
    sparse_cross_entropy,
    sparse_cross_entropy_plain,
)
from pellucid.losses import sparse_categorical_crossentropy

few = settings(max_examples=4, phases=[Phase.generate])
shapes = st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(2, 9))


def drawn(shape, seed, spread=3.0):
    rng = np.random.default_rng(seed)
    logits = jnp.asarray(spread * rng.standard_normal(shape), "float32")
    shares = rng.random(shape) * (rng.random(shape) < 0.5)  # some 0, and not of sum 1
    labels = jnp.asarray(rng.integers(-1, shape[-1] + 1, shape[:-1]))  # some of no class
    weights = jnp.asarray(rng.standard_normal(shape[:-1]), "float32")
    return logits, jnp.asarray(shares, "float32"), labels, weights


def derivatives(function, weights, *at):
    """Value, gradients, and the gradients of these gradients' squares."""

    def loss(*arguments):
        return jnp.sum(jnp.sin(function(*arguments)) * weights)

    def slope(*arguments):
        gradients = jax.grad(loss, tuple(range(len(at))))(*arguments)
        return sum(jnp.sum(jnp.square(g)) for g in gradients), gradients

    return function(*at), jax.grad(slope, tuple(range(len(at))), has_aux=True)(*at)


def close(ours, theirs):
    for a, b in zip(jax.tree.leaves(ours), jax.tree.leaves(theirs), strict=True):
        scale = max(1.0, float(jnp.max(jnp.abs(b))))
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=3e-6 * scale)


@few
@given(shape=shapes, seed=st.integers(0, 1000))
def test_every_derivative_is_that_of_the_plain_form(shape, seed):
    logits, shares, labels, weights = drawn(shape, seed)

    @jax.jit
    def all_of(logits, shares):
        def of(soft, hard):
            return [
                derivatives(soft, weights, logits, shares),  # the targets' own, as in distillation
                derivatives(lambda x: soft(x, shares), weights, logits),
                derivatives(lambda x: hard(x, labels), weights, logits),
            ]

        plain = of(cross_entropy_plain, sparse_cross_entropy_plain)
        return of(cross_entropy, sparse_cross_entropy), plain

    close(*all_of(logits, shares))


def test_the_plain_form_is_the_definition():
    logits, shares, labels, _ = drawn((5, 4), 0)
    wide = np.asarray(logits, "float64")
    log_p = wide - np.log(np.exp(wide).sum(-1, keepdims=True))
    np.testing.assert_allclose(cross_entropy(logits, shares), -(shares * log_p).sum(-1), rtol=1e-5)
    for row, label in enumerate(np.asarray(labels)):
        expected = -log_p[row, label] if 0 <= label < 4 else 0.0
        assert sparse_cross_entropy(logits, labels)[row] == pytest.approx(expected, rel=1e-5)


def test_large_and_impossible_scores():
    logits = jnp.array([[1e30, 0.0, -1e30], [0.0, -jnp.inf, 1.0], [1e5, 1e5 - 1, 0.0]])
    labels = jnp.array([0, 2, 0])
    loss, gradient = jax.value_and_grad(lambda x: jnp.sum(sparse_cross_entropy(x, labels)))(logits)
    assert loss == pytest.approx(2 * np.log(1 + np.exp(-1.0)), rel=1e-5)  # digits of 1e5 - 1, too
    np.testing.assert_allclose(gradient.sum(-1), 0, atol=1e-2)
    assert gradient[1].tolist() == pytest.approx([0.2689, 0, -0.2689], abs=1e-4)


def test_formats_vmap_and_ignored_classes():
    logits, _, labels, _ = drawn((3, 4, 5), 1)
    labels = jnp.clip(labels, 0, 4)
    narrow = logits.astype("bfloat16")
    loss = sparse_cross_entropy(narrow, labels)
    assert loss.dtype == jnp.bfloat16
    assert (
        jax.grad(lambda x: jnp.sum(sparse_cross_entropy(x, labels)))(narrow).dtype == jnp.bfloat16
    )
    np.testing.assert_allclose(loss, sparse_cross_entropy(logits, labels), rtol=0.05, atol=0.05)
    one_by_one = jax.vmap(jax.grad(lambda x, y: jnp.sum(sparse_cross_entropy(x, y))))
    whole = jax.grad(lambda x: jnp.sum(sparse_cross_entropy(x, labels)))(logits)
    np.testing.assert_allclose(one_by_one(logits, labels), whole, rtol=1e-5, atol=1e-6)

    def ignoring(x):
        return sparse_categorical_crossentropy(labels, x, from_logits=True, ignore_class=2)

    ignored = np.asarray(labels) == 2
    assert ignored.any()
    assert not ignoring(logits)[ignored].any()
    gradient = jax.grad(lambda x: jnp.sum(ignoring(x)))(logits.at[ignored].set(jnp.nan))
    np.testing.assert_allclose(
        gradient, np.where(ignored[..., None], 0, whole), rtol=1e-5, atol=1e-6
    )
