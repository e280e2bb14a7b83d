"""Plain JAX: one jitted step with donated state, called from a Python loop, data on the device."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from benchmarks.jax_nets import BINARY, network
from benchmarks.jax_nets.base import Weights


class JaxModel:
    """Keras's `fit`, as far as the benchmark calls it.

    Args:
        program: the name of the program whose network this is.
        example: one batch of its inputs, to make the weights for.
        sizes: as `build_model` of that program takes them.
    """

    def __init__(self, program: str, example: Any, **sizes: Any):
        self.run = partial(network(program), **sizes)
        self.binary = program in BINARY
        self.counts_correct = program != "autoencoder"
        self.adam = optax.adam(1e-3, eps=1e-7)
        self.key = jax.random.key(0)

        def start(key: Any) -> Any:
            made = Weights(key=key)
            self.run(made, jnp.asarray(example), key)
            return made.trained, made.running

        self.trained, self.running = jax.jit(start)(self.key)
        self.optimizer = self.adam.init(self.trained)
        self.parameters = sum(array.size for array in self.trained)
        self.history: dict[str, list[float]] = {"loss": []}

    def loss(self, trained: Any, running: Any, x: Any, y: Any, key: Any) -> Any:
        weights = Weights(trained, running)
        outputs = self.run(weights, x, key).astype(jnp.float32)
        if self.binary:
            loss = optax.sigmoid_binary_cross_entropy(outputs, y).mean()
            correct = ((outputs > 0) == (y > 0.5)).sum()
        else:
            losses = optax.softmax_cross_entropy_with_integer_labels(outputs, y)
            loss, correct = losses.mean(), (outputs.argmax(-1) == y).sum()
        return loss + weights.penalty, (weights.new_running, correct)

    @partial(jax.jit, static_argnums=0, donate_argnums=(1, 2))
    def step(self, state: Any, sums: Any, x: Any, y: Any, rows: Any, key: Any) -> Any:
        trained, running, optimizer = state
        gradient = jax.value_and_grad(self.loss, has_aux=True)
        (loss, (running, correct)), slopes = gradient(trained, running, x[rows], y[rows], key)
        updates, optimizer = self.adam.update(slopes, optimizer)
        state = (optax.apply_updates(trained, updates), running, optimizer)
        return state, (sums[0] + loss * len(rows), sums[1] + correct)

    def fit(self, x, y, batch_size: int, epochs: int, on_epoch_end: Callable[[], None]) -> None:
        if not self.binary and y.ndim == 2 and y.dtype == np.float32:
            y = y.argmax(1)
        x, y = jax.device_put(x), jax.device_put(y)
        state = (self.trained, self.running, self.optimizer)
        for _ in range(epochs):
            sums = (jnp.zeros(()), jnp.zeros((), jnp.int32))
            self.key, shuffling, dropping = jax.random.split(self.key, 3)
            order = jax.random.permutation(shuffling, len(x))
            steps = len(x) // batch_size
            batches = order[: steps * batch_size].reshape(steps, batch_size)
            keys = jax.random.split(dropping, steps)
            for rows, key in zip(batches, keys, strict=True):
                state, sums = self.step(state, sums, x, y, rows, key)
            self.history["loss"].append(float(sums[0]) / (steps * batch_size))
            if self.counts_correct:
                per_sample = y.size / len(y)
                correct = float(sums[1]) / (steps * batch_size * per_sample)
                self.history.setdefault("accuracy", []).append(correct)
            on_epoch_end()
        self.trained, self.running, self.optimizer = state
