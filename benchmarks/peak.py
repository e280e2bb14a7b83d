"""The machine's limit: the fastest float32 matrix product that any of the libraries here computes.

    python -m benchmarks.peak numpy|torch|jax        # one library, in this process

Every workload's count of operations (`benchmarks.flops`) is divided by it. Square products of
several sizes; the best of many short runs each, since the limit is what the machine can do and not
what it does on average.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks import harness
from benchmarks.results import Part

SIZES = (512, 1024, 2048)
SECONDS = 0.7  # for each size
LIBRARIES = ("numpy", "torch", "jax")


def best_rate(multiply: Callable[[], Any], size: int, seconds: float = SECONDS) -> float:
    """Billions of operations a second in the best of the runs that fit into `seconds`."""
    multiply()
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        started = time.perf_counter()
        multiply()
        best = min(best, time.perf_counter() - started)
    return 2 * size**3 / best / 1e9


def multiplier(library: str, size: int, dtype: str = "float32") -> Callable[[], Any]:
    """A function without arguments that multiplies two matrices and waits for the product.

    On a GPU where the library finds one; float32 products may use TF32 there.
    """
    import numpy as np

    a, b = np.random.default_rng(0).normal(size=(2, size, size)).astype("float32")
    if library == "numpy":
        out = np.empty_like(a)
        return lambda: np.matmul(a, b, out=out)
    if library == "torch":
        import torch

        torch.set_float32_matmul_precision("high" if torch.cuda.is_available() else "highest")
        device = "cuda" if torch.cuda.is_available() else "cpu"
        c, d = (torch.from_numpy(m).to(device, getattr(torch, dtype)) for m in (a, b))
        result = torch.empty_like(c)
        if device == "cpu":
            return lambda: torch.mm(c, d, out=result)
        return lambda: (torch.mm(c, d, out=result), torch.cuda.synchronize())
    import jax

    e, f = (jax.device_put(m).astype(dtype) for m in (a, b))
    product = jax.jit(lambda e, f: e @ f)
    return lambda: product(e, f).block_until_ready()


def part(
    python: str,
    rounds: int,
    libraries: Sequence[str] = LIBRARIES,
    name: str = "peak",
    dtype: str = "float32",
    sizes: Sequence[int] = SIZES,
) -> Part:
    """Each library in its own process, taking turns."""

    def rates(library: str) -> dict[str, Any]:
        arguments = [library, dtype, *map(str, sizes)]
        return harness.run_child(python, "benchmarks.peak", *arguments)

    return Part(name, libraries, rounds, rates)


def main(library: str, dtype: str = "float32", *sizes: str) -> None:
    found = {
        int(size): round(best_rate(multiplier(library, int(size), dtype), int(size)), 1)
        for size in sizes or SIZES
    }
    print(json.dumps({"gflops": found}))


if __name__ == "__main__":
    main(*sys.argv[1:])
