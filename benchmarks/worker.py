"""One measured process: one peer, one program. Called by training_speed.py, not by hand.

python -m benchmarks.worker PEER PROGRAM start|steady DATA_FOLDER EPOCHS
"""

from __future__ import annotations

import importlib
import itertools
import json
import math
import sys
import time
from typing import Any

from benchmarks import harness
from benchmarks.peers import PEERS, Peer

BATCH_SIZE = {"mnist_mlp": 128, "table_mlp": 32}
DATA = {"mnist_mlp": "mnist", "table_mlp": "table"}


def build(peer: Peer, program: str) -> Any:
    """Build the model; a function `fit(x, y, epochs, on_epoch_end)` that returns the last logs."""
    if peer.library is None:
        from benchmarks.torch_loop import TorchModel

        hand_written = TorchModel(program)

        def fit_torch(x, y, epochs, on_epoch_end):
            hand_written.fit(x, y, BATCH_SIZE[program], epochs, on_epoch_end)
            return hand_written.history

        return fit_torch

    model = harness.load_program(program, peer.library)["build_model"]()
    if peer.steps_per_execution > 1:
        model.steps_per_execution = peer.steps_per_execution
    callbacks: Any = importlib.import_module(f"{peer.library}.callbacks")

    class Clock(callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.epoch_ended()

    def fit(x, y, epochs, on_epoch_end):
        clock = Clock()
        clock.epoch_ended = on_epoch_end
        watchers = [clock] if epochs > 1 else []
        history = model.fit(
            x, y, batch_size=BATCH_SIZE[program], epochs=epochs, verbose=0, callbacks=watchers
        )
        return {name: values[-1] for name, values in history.history.items()}

    return fit


def main() -> None:
    peer, program, mode, folder, epochs = sys.argv[1:]
    peers = PEERS[peer]
    started = harness.seconds_since_start()
    peers.hide_others()
    import numpy as np

    x = np.load(f"{folder}/{DATA[program]}-x.npy", mmap_mode="r" if mode == "start" else None)
    y = np.load(f"{folder}/{DATA[program]}-y.npy")
    fit = build(peers, program)
    built = harness.seconds_since_start()

    if mode == "start":
        batch = BATCH_SIZE[program]
        fit(np.array(x[:batch]), y[:batch], 1, lambda: None)
        first_step = harness.seconds_since_start()
        print(json.dumps({"interpreter": started, "built": built, "first_step": first_step}))
        return

    ends: list[float] = []
    logs = fit(x, y, int(epochs), lambda: ends.append(time.perf_counter()))
    steps = math.ceil(len(x) / BATCH_SIZE[program])
    milliseconds = [1000 * (b - a) / steps for a, b in itertools.pairwise(ends)]
    print(
        json.dumps(
            {
                "ms_per_step": milliseconds,
                "peak_memory_mb": harness.peak_memory_mb(),
                "train_accuracy": float(logs["accuracy"]),
            }
        )
    )


if __name__ == "__main__":
    main()
