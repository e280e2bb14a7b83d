"""What a checkpoint after every epoch costs on the MNIST program: seconds with and without.

    python -m benchmarks.checkpoints              # seven rounds of three epochs each

Runs with and without take turns in one process, after one that compiles; each figure is the median
over rounds of the seconds of `fit`, with its least and greatest. The bar is 2 % of training time.
Samples are made up: what is measured does not depend on what they show.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import harness

EPOCHS, BATCH, SAMPLES = 3, 128, 60_000
BAR = 0.02


def network() -> Any:
    """The tutorials' MNIST network: 784 - 512 - 512 - 10 with dropout, RMSprop."""
    from pellucid import Sequential, layers

    model = Sequential(
        [
            layers.Input((784,)),
            layers.Dense(512, activation="relu"),
            layers.Dropout(0.2),
            layers.Dense(512, activation="relu"),
            layers.Dropout(0.2),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("rmsprop", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    drawn = np.random.default_rng(0)
    x = drawn.random((SAMPLES, 784), dtype=np.float32)
    y = drawn.integers(0, 10, SAMPLES)
    model = network()

    def seconds(folder: str | None) -> float:
        start = time.perf_counter()
        model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, verbose=0, checkpoint=folder)
        return time.perf_counter() - start

    seconds(None)  # compiles
    found: dict[str, list[float]] = {"without": [], "with": []}
    size = 0
    for number in range(rounds):
        for which in ("without", "with") if number % 2 else ("with", "without"):
            folder = tempfile.mkdtemp()
            found[which].append(seconds(folder if which == "with" else None))
            if which == "with":
                size = max(path.stat().st_size for path in Path(folder).iterdir())
            shutil.rmtree(folder)
    spread = {which: harness.spread(times) for which, times in found.items()}
    for which, told in spread.items():
        print(
            f"{which:8} {told['median']:.3f} s for {EPOCHS} epochs "
            f"({told['min']:.3f} to {told['max']:.3f})"
        )
    cost = spread["with"]["median"] / spread["without"]["median"] - 1
    print(f"a checkpoint of {size / 1e6:.1f} MB an epoch costs {cost:+.1%} (bar {BAR:.0%})")


if __name__ == "__main__":
    main()
