"""How many of Keras's public names exist here, and which do not, with the reason.

    python tests/parity/coverage.py     # prints the page docs/reference/keras-names.md

The names are read from the installed Keras. The parity suite prints the table when it ends, with
the names whose comparisons failed taken off; `test_coverage.py` holds it to the project's bars.
"""

from __future__ import annotations

import importlib
import inspect
import os
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # beside it lie the reasons
    sys.path.insert(0, str(Path(__file__).parents[1]))

from parity import behaviour_reasons, signature_reasons

from pellucid._core import absent

FAMILIES = (
    "layers",
    "activations",
    "losses",
    "metrics",
    "optimizers",
    "optimizers.schedules",
    "initializers",
    "regularizers",
    "constraints",
    "callbacks",
    "ops",
    "models",
    "tree",
    "config",
    "backend",
    "dtype_policies",
    "mixed_precision",
    "saving",
    "preprocessing",
    "preprocessing.image",
    "preprocessing.sequence",
    "utils",
)

# Names of Keras that are not here, and why.
ABSENT: dict[str, dict[str, str]] = {
    "layers": {
        "FlaxLayer": "needs Flax; JaxLayer takes a module's init and apply",
        "TFSMLayer": "runs a TensorFlow SavedModel",
        "TorchModuleWrapper": "runs a PyTorch module",
    },
    "saving": {"KerasFileEditor": "a file is a zip with HDF5 inside: zipfile and h5py change it"},
    "utils": {
        "audio_dataset_from_directory": "no sound files are decoded; read them, then "
        "timeseries_dataset_from_array or arrays",
    },
    "callbacks": {
        "OrbaxCheckpoint": "needs the Orbax package; ModelCheckpoint writes files of our own",
    },
}
for _name in (
    "AWQDTypePolicy",
    "GPTQDTypePolicy",
    "Int4DTypePolicy",
    "QuantizedDTypePolicy",
    "QuantizedFloat8DTypePolicy",
):
    ABSENT.setdefault("dtype_policies", {})[_name] = "nothing is quantized"

# Names of other frameworks do not count against the share.
FOREIGN = {"TFSMLayer", "TorchModuleWrapper"}


@dataclass
class Coverage:
    """One family: Keras's names, those that are here, and reasons for the rest."""

    family: str
    names: list[str]
    present: list[str]
    absent: dict[str, str] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """Of the names that are not another framework's."""
        wanted = [name for name in self.names if name not in FOREIGN]
        return len([name for name in self.present if name in wanted]) / len(wanted)


def keras_names(family: str) -> list[str]:
    """The public names of `keras.FAMILY`, modules aside."""
    module = importlib.import_module(f"keras.{family}")
    return [
        name
        for name in dir(module)
        if not name.startswith("_") and not inspect.ismodule(getattr(module, name))
    ]


@cache
def coverage() -> tuple[Coverage, ...]:
    """Every family, in the order of the book."""
    found = []
    for family in FAMILIES:
        ours = importlib.import_module(f"pellucid.{family}")
        names = keras_names(family)
        present = [name for name in names if hasattr(ours, name)]
        reasons = ABSENT.get(family, {})
        absent = {name: reasons.get(name, "") for name in names if name not in present}
        found.append(Coverage(family, names, present, absent))
    return tuple(found)


def table(failed: set[str] = frozenset()) -> list[str]:  # type: ignore[assignment]
    """Lines of text: a count for each family, then the names left out."""
    lines = []
    for entry in coverage():
        passing = [name for name in entry.present if name not in failed]
        lines.append(f"{entry.family:22} {len(passing):4} of {len(entry.names):4}")
    for entry in coverage():
        lines += [f"  {entry.family}.{name}: {why}" for name, why in entry.absent.items()]
    lines += [f"  {name}: its comparison with Keras failed" for name in sorted(failed)]
    return lines


def failed_names(node_ids: list[str]) -> set[str]:
    """The public names that the parametrisation of failed parity tests mentions."""
    known = {name for entry in coverage() for name in entry.present}
    found: set[str] = set()
    for node in node_ids:
        inside = node.partition("[")[2]
        words = inside.replace("(", "-").replace("]", "-").split("-")
        found |= known.intersection(words)
    return found


def page() -> str:
    """The page of the documentation."""
    import keras

    lines = [
        "# Keras's names",
        "",
        "Which of Keras's public names exist here. The table is made from the installed Keras "
        f"({keras.__version__}) by `python tests/parity/coverage.py`; the parity suite compares "
        "arguments, defaults, values and gradients.",
        "",
        "| family | here | of |",
        "| --- | --- | --- |",
    ]
    lines += [f"| {e.family} | {len(e.present)} | {len(e.names)} |" for e in coverage()]
    lines += ["", "Not here:", "", "| name | why |", "| --- | --- |"]
    lines += [
        f"| `{e.family}.{name}` | {why} |" for e in coverage() for name, why in e.absent.items()
    ]
    lines += ["", "Modules and names at the top that are not here:", ""]
    lines += ["| name | why |", "| --- | --- |"]
    lines += [f"| `keras.{n}` | {why} |" for n, why in {**absent.MODULES, **absent.NAMES}.items()]
    lines += [
        "",
        "Signatures are compared one by one: names, order, defaults and kinds of arguments are "
        "Keras's; arguments of our own come after them. What differs on purpose, in any class:",
        "",
        "| method | why |",
        "| --- | --- |",
    ]
    lines += [f"| `{name}` | {why} |" for name, why in signature_reasons.METHODS.items()]
    lines += ["", "In the classes of one family:", "", "| methods | why |", "| --- | --- |"]
    lines += [
        f"| {', '.join(f'`{family}.*.{name}`' for name in names)} | {why} |"
        for family, why, names in signature_reasons.families()
    ]
    lines += ["", "And in single places:", "", "| name | why |", "| --- | --- |"]
    lines += [f"| `{name}` | {why} |" for name, why in signature_reasons.EXACT.items()]
    lines += ["", "What a program may meet that differs on purpose:", ""]
    lines += ["| Keras | here | why |", "| --- | --- | --- |"]
    lines += [f"| {keras} | {here} | {why} |" for keras, here, why in behaviour_reasons.BEHAVIOUR]
    lines += ["", "Operations that compute or refuse otherwise:", "", "| operation | how |"]
    lines += ["| --- | --- |"]
    lines += [f"| `{name}` | {how} |" for name, how in signature_reasons.BEHAVIOUR.items()]
    return "\n".join(lines) + "\n"


def summary_lines(stats: dict[str, list[Any]]) -> list[str]:
    """What the suite prints when it ends, from the reports of its tests."""
    failed = [report.nodeid for report in stats.get("failed", []) if "parity" in report.nodeid]
    return table(failed_names(failed))


if __name__ == "__main__":
    os.environ["KERAS_BACKEND"] = "jax"
    print(page(), end="")
