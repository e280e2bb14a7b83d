"""Memory: Pellucid's training beside PyTorch's, and what `remat` saves.

    python -m benchmarks.memory                       # both parts
    python -m benchmarks.memory --only remat          # Pellucid alone, no peers needed
    python -m benchmarks.memory gpt bert --rounds 3

* Beside PyTorch: the high-water mark of a whole process after the same training (framework, data,
  two epochs, compilation), Pellucid's as it comes. The bar is on that: at most 1.2 times PyTorch's.
  Beside it stands the figure without Pellucid's checkup after every epoch, which PyTorch has
  nothing like.
* `remat`: what the compiled training step holds beside weights and data (XLA's own count of
  temporary memory), and what a step takes, without and with `Sequential(..., remat=...)`, on a
  stack of transformer blocks.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from typing import Any

from benchmarks import harness
from benchmarks.workloads import EVERY, TUNED

BAR = 1.2
EPOCHS = 2
BLOCKS, WIDTH, HEADS, LENGTH, BATCH = 6, 128, 4, 128, 16


def peak_of(python: str, candidate: str, workload: str, mode: str, folder: str) -> float:
    """MB of one process that trains, or only imports."""
    peer, _, without = candidate.partition(", ")
    arguments = (peer, workload, "bare" if without else mode, folder, str(EPOCHS))
    return harness.run_child(python, "benchmarks.worker", *arguments)["peak_memory_mb"]


def beside_torch(python: str, workloads: list[str], rounds: int) -> bool:
    """Print the first table; returns whether every workload passes the bar."""
    candidates = ("pellucid", "pellucid, without checkups", "torch")
    rows, passed = [], True
    with tempfile.TemporaryDirectory(prefix="pellucid-bench-") as folder:
        harness.run_child(python, "benchmarks.data", folder, *workloads)
        imports = [peak_of(python, peer, "none", "imports", folder) for peer in candidates[::2]]
        for name in workloads:
            runs = harness.alternate(
                candidates,
                rounds,
                lambda candidate, name=name: peak_of(python, candidate, name, "steady", folder),
                name,
            )
            comes, bare, theirs = (statistics.median(runs[each]) for each in candidates)
            passed &= comes <= BAR * theirs
            shown = (f"{mb:.0f}" for mb in (comes, bare, theirs))
            ratios = f"{comes / theirs:.2f}", f"{bare / theirs:.2f}"
            row = [EVERY[name].title, *shown, *ratios, harness.verdict(comes <= BAR * theirs)]
            rows.append(row)
    columns = ["training", "pellucid", "no checkups", "torch", "ratio", "without", f"bar {BAR}"]
    harness.print_table("peak memory of the process, MB", columns, rows)
    print("imports alone: pellucid {:.0f}, torch {:.0f} MB".format(*imports))
    return passed


def stack(remat: bool | int) -> Any:
    """Transformer blocks over bytes, as one Sequential."""
    from pellucid import Input, Sequential, layers, losses

    blocks = [
        layers.TransformerDecoder(4 * WIDTH, HEADS, activation="gelu", normalize_first=True)
        for _ in range(BLOCKS)
    ]
    model = Sequential(
        [
            Input(shape=(LENGTH,), dtype="int32"),
            layers.Embedding(256, WIDTH),
            Sequential(blocks, remat=remat, name="blocks"),
            layers.Dense(256),
        ]
    )
    model.compile("adam", losses.SparseCategoricalCrossentropy(from_logits=True))
    return model


def step_of(remat: bool | int) -> dict[str, float]:
    """Temporary memory in MB, milliseconds a step, and the loss, of one setting."""
    import jax
    import numpy as np

    from pellucid.training.step import Batch, train_step
    from pellucid.utils import set_random_seed

    set_random_seed(0)
    model = stack(remat)
    x = np.random.default_rng(0).integers(0, 256, (BATCH, LENGTH)).astype("int32")
    model.fit(x, x, batch_size=BATCH, epochs=1, verbose=0, checkup=False)
    state = model._session.state

    def steps(state: Any, x: Any, count: Any) -> Any:
        def one(_: Any, carry: Any) -> Any:
            state, _ = carry
            state, logs = train_step(model, state, Batch(x, x))
            return state, logs["loss"]

        return jax.lax.fori_loop(0, count, one, (state, np.float32(0)))

    compiled = jax.jit(steps).lower(state, x, 1).compile()
    seconds, count = [], 4
    for _ in range(5):
        started = time.perf_counter()
        loss = jax.block_until_ready(compiled(state, x, count))[1]
        seconds.append((time.perf_counter() - started) / count)
    memory = compiled.memory_analysis().temp_size_in_bytes / 2**20
    return {"mb": memory, "ms": 1000 * min(seconds), "loss": float(loss)}


def with_and_without_remat(python: str) -> None:
    """Print the second table."""
    rows = []
    for remat in (False, 3, 1, True):
        done = harness.run_child(python, "benchmarks.memory", "--step", repr(remat))
        figures = f"{done['mb']:.1f}", f"{done['ms']:.0f}", f"{done['loss']:.4f}"
        rows.append([f"remat={remat}", *figures])
    title = f"{BLOCKS} transformer blocks of width {WIDTH}, {LENGTH} bytes, batch {BATCH}"
    harness.print_table(title, ["", "temporary MB", "ms a step", "loss after 4 steps"], rows)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD", help=", ".join(EVERY))
    parser.add_argument("--python", default=harness.default_python(), help="the peers' interpreter")
    parser.add_argument("--rounds", type=int, default=1, help="times round the two peers")
    parser.add_argument("--only", choices=("torch", "remat"))
    parser.add_argument("--step", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.step is not None:
        print(json.dumps(step_of(json.loads(options.step.lower()))))
        return 0
    passed = True
    if options.only != "remat":
        passed = beside_torch(options.python, options.workloads or TUNED, options.rounds)
    if options.only != "torch":
        with_and_without_remat(options.python)
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
