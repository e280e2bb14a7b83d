"""Which machine the kernels are written for at the moment: the one place that asks."""

from __future__ import annotations

import jax


def on_cpu() -> bool:
    """Whether computations run on the CPU unless told otherwise, so that its fast forms count.

    Asked while a function is traced: a program compiled for a graphics card holds none of them.
    """
    chosen = jax.config.values["jax_default_device"]
    if chosen is None:
        return jax.default_backend() == "cpu"
    return getattr(chosen, "platform", chosen) == "cpu"
