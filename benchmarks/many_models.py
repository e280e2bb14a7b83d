"""A thousand small models, built, trained and dropped in one process: does memory level off?

    python -m benchmarks.many_models
    python -m benchmarks.many_models --library keras     # the same program in Keras on JAX

Nothing is cleared by hand between the models: each is a variable that goes out of scope, as in a
search over settings. Eight hidden widths take turns. Resident memory is read every hundred models,
after a garbage collection. How to read it: memory levels off when its growth over the second half
of the models is under 5 % of what it was at the half; "kept" is that growth per model. "alive"
counts the models that still exist after the last reading (none should).
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import weakref
from pathlib import Path
from typing import Any

LEVEL = 0.05
PROGRAM = """
from keras.layers import Dense, Input
from keras.models import Sequential

def build_model(width):
    model = Sequential(
        [Input(shape=(4,)), Dense(width, activation="relu"), Dense(3, activation="softmax")]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
"""


def resident_mb() -> float:
    """This process's resident memory now, in MB of 2**20 bytes (Linux; elsewhere its peak)."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
    except OSError:
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / 2**20 if sys.platform == "darwin" else peak / 1024


def grow(models: int, every: int, library: str) -> dict[str, Any]:
    """Build, train and drop `models` models in this process; the memory every `every` of them."""
    import numpy as np

    from benchmarks.harness import translate

    names: dict[str, Any] = {}
    exec(translate(PROGRAM, library), names)
    random = np.random.default_rng(0)
    x = random.normal(size=(64, 4)).astype("float32")  # (samples, features)
    y = random.integers(0, 3, size=64)
    readings, seen = [], []
    for number in range(1, models + 1):
        model = names["build_model"](8 + number % 8)
        model.fit(x, y, batch_size=32, epochs=1, verbose=0)
        seen.append(weakref.ref(model))
        del model
        if number % every == 0:
            gc.collect()
            readings.append({"models": number, "mb": round(resident_mb(), 1)})
            print(f"  {number} models: {readings[-1]['mb']} MB", file=sys.stderr, flush=True)
    alive = sum(reference() is not None for reference in seen)
    return {"library": library, "readings": readings, "alive": alive}


def judge(readings: list[dict[str, float]]) -> dict[str, Any]:
    """Whether memory levelled off between the middle reading and the last.

    >>> judge([{"models": 50, "mb": 300.0}, {"models": 100, "mb": 303.0}])["levels_off"]
    True
    >>> judge([{"models": 50, "mb": 300.0}, {"models": 100, "mb": 330.0}])["levels_off"]
    False
    """
    last = readings[-1]
    middle = min(readings, key=lambda reading: abs(reading["models"] - last["models"] / 2))
    growth = last["mb"] - middle["mb"]
    return {
        "growth_mb": round(growth, 1),
        "growth_share": round(growth / middle["mb"], 4),
        "kept_kb_per_model": round(1024 * growth / (last["models"] - middle["models"]), 1),
        "levels_off": growth < LEVEL * middle["mb"],
    }


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--library", default="pellucid", choices=["pellucid", "keras"])
    parser.add_argument("--models", type=int, default=1000)
    parser.add_argument("--every", type=int, default=100, help="models between two readings")
    parser.add_argument("--quick", action="store_true", help="100 models; written to runs/ only")
    parser.add_argument("--json", action="store_true", help="print the result alone, write no file")
    options = parser.parse_args()
    if options.quick:
        options.models, options.every = 100, 10
    os.environ.setdefault("KERAS_BACKEND", "jax")

    result = grow(options.models, options.every, options.library)
    result |= judge(result["readings"])
    if options.json:
        print(json.dumps(result))
        return 0
    from benchmarks import harness

    rows = [[str(reading["models"]), f"{reading['mb']:.1f}"] for reading in result["readings"]]
    harness.print_table(f"Memory of one process, {options.library}", ["models", "MB"], rows)
    print(
        f"second half: {result['growth_mb']:+.1f} MB ({100 * result['growth_share']:+.1f} %), "
        f"{result['kept_kb_per_model']} kB a model kept, {result['alive']} models alive. "
        f"Levels off (under {100 * LEVEL:.0f} %): {harness.verdict(result['levels_off'])}"
    )
    result["machine"] = harness.machine()
    partial = options.quick or options.models < 1000
    print("written to", harness.save(f"many_models_{options.library}", result, partial))
    return 0 if result["levels_off"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
