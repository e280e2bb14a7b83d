"""One measured process: one peer, one workload. Called by the other scripts, not by hand.

python -m benchmarks.worker PEER WORKLOAD start|epoch|short|steady|tiny|imports DATA_FOLDER EPOCHS

start: one step. epoch: one epoch. short: two epochs of twenty steps. steady: EPOCHS epochs.
tiny: the same at the smallest size.
imports: nothing is trained.
"""

from __future__ import annotations

import importlib
import itertools
import json
import math
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks import harness
from benchmarks.peers import PEERS, Peer
from benchmarks.workloads import EVERY, Workload

SHORT_STEPS = 20
"""Steps to each of the two epochs of a short program."""

Fit = Callable[..., dict[str, list[float]]]


def build(
    peer: Peer, program: str, example: Any, half: bool = False, **sizes: Any
) -> tuple[int, Fit]:
    """Build the model of `program` for inputs like `example`, a batch.

    Args:
        half: products in bfloat16, weights in float32.

    Returns:
        Its trainable numbers, and a function `fit(x, y, batch_size, epochs, on_epoch_end)` that
        returns one value per epoch of everything logged.
    """
    if peer.library is None:
        hand_written: Any
        if "torch" in peer.needs:
            from benchmarks.torch_loop import TorchModel

            hand_written = TorchModel(program, compiled=peer.compiled, half=half, **sizes)
        else:
            from benchmarks.jax_loop import JaxModel

            hand_written = JaxModel(program, example, **(sizes | ({"half": True} if half else {})))

        def fit_by_hand(x, y, batch_size, epochs, on_epoch_end):
            hand_written.fit(x, y, batch_size, epochs, on_epoch_end)
            return hand_written.history

        return hand_written.parameters, fit_by_hand

    if half:
        settings: Any = importlib.import_module(f"{peer.library}.config")
        settings.set_dtype_policy("mixed_bfloat16")
    model = harness.load_program(program, peer.library)["build_model"](**sizes)
    if peer.steps_per_execution > 1:
        model.steps_per_execution = peer.steps_per_execution
    callbacks: Any = importlib.import_module(f"{peer.library}.callbacks")

    class Clock(callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.epoch_ended()

    def fit(x, y, batch_size, epochs, on_epoch_end, **settings):
        clock = Clock()
        clock.epoch_ended = on_epoch_end
        watchers = [clock] if epochs > 1 else []
        done = model.fit(
            x, y, batch_size=batch_size, epochs=epochs, verbose=0, callbacks=watchers, **settings
        )
        return {name: [float(value) for value in values] for name, values in done.history.items()}

    parameters = sum(math.prod(weight.shape) for weight in model.trainable_weights)
    return parameters, fit


def measure(
    fit: Fit, x: Any, y: Any, batch_size: int, epochs: int, **settings: Any
) -> dict[str, Any]:
    """Milliseconds a step of every epoch but the first, and what was logged in every epoch."""
    ends: list[float] = []
    logs = fit(x, y, batch_size, epochs, lambda: ends.append(time.perf_counter()), **settings)
    steps = math.ceil(len(x) / batch_size)
    milliseconds = [1000 * (b - a) / steps for a, b in itertools.pairwise(ends)]
    return {"ms_per_step": milliseconds, "logs": logs}


def measure_checkup(fit: Fit, x: Any, y: Any, workload: Workload, epochs: int) -> dict[str, Any]:
    """Pellucid as it comes, with one checkup an epoch, and then without; the peak is of the former.

    The step time is the one as it comes where the epochs are whole, else the one without: ten
    steps an epoch would show the checkup's time and not the steps'.
    """
    comes = measure(fit, x, y, workload.batch, epochs)
    peak = harness.peak_memory_mb()
    bare = measure(fit, x, y, workload.batch, epochs, checkup=False)
    without, with_one = (statistics.median(run["ms_per_step"]) for run in (bare, comes))
    steps = math.ceil(len(x) / workload.batch)
    return {
        "ms_per_step": (comes if workload.whole else bare)["ms_per_step"],
        "logs": comes["logs"],
        "checkup": {"ms": steps * (with_one - without), "ms_per_step_without": without},
        "peak_memory_mb": peak,
    }


def import_framework(peer: Peer) -> None:
    """Import what a program of this peer imports, and put one number on its device."""
    if peer.library is None:
        if "torch" in peer.needs:
            importlib.import_module("torch").zeros(1)
        else:
            importlib.import_module("optax")
            importlib.import_module("jax.numpy").zeros(1)
        return
    library = importlib.import_module(peer.library)
    importlib.import_module(f"{peer.library}.layers")
    importlib.import_module(f"{peer.library}.models")
    library.ops.zeros((1,))


def ignore() -> None:
    """The end of an epoch that is not timed."""


def main() -> None:
    name, workload_name, mode, folder, epochs = sys.argv[1:]
    peer = PEERS[name]
    started = harness.seconds_since_start()
    peer.hide_others()
    if mode == "imports":
        import_framework(peer)
        print(json.dumps({"peak_memory_mb": harness.peak_memory_mb()}))
        return

    import numpy as np

    workload = EVERY[workload_name]
    at_start = mode in ("start", "epoch", "short")
    x = np.load(f"{folder}/{workload_name}-x.npy", mmap_mode="r" if at_start else None)
    y = np.load(f"{folder}/{workload_name}-y.npy", mmap_mode="r" if at_start else None)
    batch, sizes = workload.batch, workload.tiny if mode == "tiny" else workload.sizes
    program = workload.program or workload_name
    parameters, fit = build(peer, program, x[:batch], workload.half, **sizes)
    built = harness.seconds_since_start()

    if mode == "short":
        fit(
            np.array(x[: SHORT_STEPS * batch]), np.array(y[: SHORT_STEPS * batch]), batch, 2, ignore
        )
        seconds = harness.seconds_since_start()
        print(json.dumps({"processor": time.process_time(), "seconds": seconds}))
        return
    if at_start:
        samples = batch if mode == "start" else len(x)
        fit(np.array(x[:samples]), np.array(y[:samples]), batch, 1, ignore)
        done = harness.seconds_since_start()
        key = "first_step" if mode == "start" else "first_epoch"
        print(json.dumps({"interpreter": started, "built": built, key: done}))
        return

    if name == "pellucid" and mode == "bare":
        result = measure(fit, x, y, batch, int(epochs), checkup=False)
    elif name == "pellucid":
        result = measure_checkup(fit, x, y, workload, int(epochs))
    else:
        result = measure(fit, x, y, batch, int(epochs))
    result.setdefault("peak_memory_mb", harness.peak_memory_mb())
    result["parameters"] = parameters
    print(json.dumps(result))


if __name__ == "__main__":
    main()
