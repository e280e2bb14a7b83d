"""Run one program of benchmarks/programs in Keras or, with only its imports changed, in Pellucid.

    python -m benchmarks.run_program mnist_mlp --library pellucid --seed 0 --show-changes

The last line printed is a JSON object with the test loss and accuracy.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import sys

from benchmarks import harness


def changes(name: str, library: str) -> str:
    """What was changed in the Keras program, as a unified diff without context."""
    text = (harness.PROGRAMS / f"{name}.py").read_text(encoding="utf-8")
    before, after = text.splitlines(), harness.translate(text, library).splitlines()
    lines = difflib.unified_diff(before, after, f"{name} (keras)", f"{name} ({library})", n=0)
    return "\n".join(line.rstrip("\n") for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("program", help="the name of a file there, such as mnist_cnn")
    parser.add_argument("--library", default="pellucid", choices=["pellucid", "keras"])
    parser.add_argument("--backend", default="jax", help="Keras's backend (default: jax)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show-changes", action="store_true", help="print the changed lines first")
    options = parser.parse_args()

    os.environ.setdefault("KERAS_BACKEND", options.backend)
    if options.show_changes:
        print(changes(options.program, options.library) or "(the program runs as it is)")
    sys.argv = [options.program, str(options.seed)]
    names = harness.load_program(options.program, options.library, run_as="__main__")
    loss, accuracy = (float(value) for value in names["score"])
    print(json.dumps({"seed": options.seed, "test_loss": loss, "test_accuracy": accuracy}))


if __name__ == "__main__":
    main()
