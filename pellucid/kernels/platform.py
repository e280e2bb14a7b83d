"""Which machine the kernels are written for at the moment: the one place that asks, and the list.

Layers call kernels and know nothing of platforms. Where a form of its own measured better on one of
them, the kernel asks `on_cpu` while it is traced, and stands in `FORMS`.
"""

from __future__ import annotations

from typing import NamedTuple

import jax


class Forms(NamedTuple):
    """What one kernel does on which machine."""

    cpu: str
    elsewhere: str


FORMS = {
    "attention": Forms(
        "`attention_cpu`: gradient by hand, causal attention in two blocks of queries",
        "`jax.nn.dot_product_attention`: cuDNN's fused kernel for half precision without a mask, "
        "else XLA's; the plain form with dropout",
    ),
    "compiling": Forms("whole programs without YNNPACK's convolutions", "XLA's own settings"),
    "conv": Forms(
        "`conv_native`: in C++, where it was compiled; else `conv_whole`: XLA's in its fast form; "
        "`conv_products`, `conv_sums`: sums of products",
        "XLA's convolution",
    ),
    "dense": Forms(
        "weight gradients with one operand turned first",
        "the same gradient by hand, its products left to XLA",
    ),
    "norm": Forms("sums along features as products", "XLA's sums"),
    "pool": Forms("shifted slices, the winner's place kept in 8 bits", "XLA's windows"),
    "recompute": Forms("a branch that XLA cannot look through", "`jax.checkpoint`"),
}
"""The kernels that differ by machine; all others have one form for all."""


def on_cpu() -> bool:
    """Whether computations run on the CPU unless told otherwise, so that its fast forms count.

    Asked while a function is traced: a program compiled for a graphics card holds none of them.
    """
    chosen = jax.config.values["jax_default_device"]
    if chosen is None:
        return jax.default_backend() == "cpu"
    return getattr(chosen, "platform", chosen) == "cpu"
