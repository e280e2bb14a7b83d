"""What every benchmark shares: translated programs, child processes, rounds, and the machine.

Only the standard library: this module is also imported inside the measured processes.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = ROOT / "benchmarks" / "programs"
RESULTS = ROOT / "docs" / "benchmarks"
QUICK_RESULTS = ROOT / "runs" / "benchmarks"  # git-ignored: quick figures are never published

_KERAS_IMPORT = re.compile(r"^(\s*)(from|import) keras\b", re.MULTILINE)


def translate(program: str, library: str) -> str:
    """A Keras program's text with `keras` in its import lines replaced, and nothing else.

    >>> translate("from keras.layers import Dense  # keras", "pellucid")
    'from pellucid.layers import Dense  # keras'
    """
    return _KERAS_IMPORT.sub(rf"\1\2 {library}", program)


def load_program(name: str, library: str, run_as: str = "program") -> dict[str, Any]:
    """Execute `programs/NAME.py` for `library`; `run_as="__main__"` runs its main block too."""
    path = PROGRAMS / f"{name}.py"
    text = translate(path.read_text(encoding="utf-8"), library)
    names: dict[str, Any] = {"__name__": run_as, "__file__": str(path)}
    exec(compile(text, str(path), "exec"), names)
    return names


def default_python() -> str:
    """The peers' interpreter that `setup_peers.sh` made, or the one running now."""
    made = ROOT / ".peers" / "bin" / "python"
    return str(made) if made.exists() else sys.executable


def run_child(
    python: str, module: str, *arguments: str, env: dict[str, str] | None = None
) -> dict[str, Any]:
    """Run `python -m MODULE ...` in its own process; its last line of output is a JSON object.

    The child gets the wall-clock time just before it was started in `BENCH_STARTED`.
    """
    variables = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **(env or {})}
    variables["BENCH_STARTED"] = repr(time.time())
    done = subprocess.run(
        [python, "-m", module, *arguments],
        cwd=ROOT, env=variables, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        tail = (done.stderr or done.stdout)[-3000:]
        raise SystemExit(f"`{python} -m {module} {' '.join(arguments)}` failed:\n{tail}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def seconds_since_start() -> float:
    """In a child: seconds since the parent was about to start this process."""
    return time.time() - float(os.environ["BENCH_STARTED"])


def peak_memory_mb() -> float:
    """The largest resident memory this process ever had, in MB of 2**20 bytes.

    Linux's own high-water mark where there is one: `ru_maxrss` would count the parent's memory
    at the moment of the fork.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
    except (OSError, IndexError):
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / 2**20 if sys.platform == "darwin" else peak / 1024


def alternate(
    candidates: Sequence[str], rounds: int, measure: Callable[[str], dict[str, Any]], label: str
) -> dict[str, list[dict[str, Any]]]:
    """`rounds` times A B C D ..., so that a slow minute of the machine falls on everyone."""
    results: dict[str, list[dict[str, Any]]] = {name: [] for name in candidates}
    for number in range(1, rounds + 1):
        for name in candidates:
            print(f"  {label}, round {number} of {rounds}: {name}", file=sys.stderr, flush=True)
            results[name].append(measure(name))
    return results


def spread(values: Iterable[float]) -> dict[str, float]:
    """Median, least and greatest."""
    values = list(values)
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def paired_wins(ours: Sequence[float], theirs: Sequence[float]) -> str:
    """In how many rounds our figure was the smaller one, of those that both have.

    >>> paired_wins([1.0, 2.0, 3.0], [2.0, 2.5, 2.0])
    '2/3'
    """
    pairs = list(zip(ours, theirs, strict=False))
    return f"{sum(a < b for a, b in pairs)}/{len(pairs)}"


def machine() -> dict[str, Any]:
    """What the figures were measured on, without anything that names the machine."""
    model = platform.processor() or platform.machine()
    flags: set[str] = set()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        text = cpuinfo.read_text(encoding="utf-8", errors="replace")
        found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
        model = found.group(1) if found else model
        found = re.search(r"^flags\s*:\s*(.+)$", text, re.MULTILINE)
        flags = set(found.group(1).split()) if found else flags
    affinity = getattr(os, "sched_getaffinity", None)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "date": time.strftime("%Y-%m-%d"),
        "cpu": model,
        "cores": len(affinity(0)) if affinity else os.cpu_count(),
        "vector_units": [unit for unit in ("avx2", "avx512f", "amx_tile") if unit in flags],
        "memory_gb": round(memory),
        "system": f"{platform.system()} {platform.machine()}",
        "load_before": [round(value, 2) for value in os.getloadavg()],
    }


def session() -> dict[str, Any]:
    """When measuring began, how busy the machine was, and a fingerprint of Pellucid's source."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "pellucid").rglob("*.py")):
        digest.update(path.read_bytes())
    return {
        "began": time.strftime("%Y-%m-%d %H:%M"),
        "load": [round(value, 2) for value in os.getloadavg()],
        "source": digest.hexdigest()[:12],
    }


def versions(python: str) -> dict[str, str]:
    """The versions that `python` would import."""
    code = (
        "import importlib.metadata, json, platform\n"
        "found = {d.name.lower(): d.version for d in importlib.metadata.distributions()}\n"
        "print(json.dumps({'python': platform.python_version(), **found}))"
    )
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    wanted = ("python", "numpy", "jax", "jaxlib", "keras", "tensorflow", "tensorflow-cpu", "torch")
    return {name: found[name] for name in wanted if name in found}


def save(name: str, results: dict[str, Any], quick: bool) -> Path:
    """Write `results` as JSON: into docs/benchmarks, or a quick run into runs/benchmarks."""
    folder = QUICK_RESULTS if quick else RESULTS
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return path


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table on the terminal: Rich's where it is installed, plain columns elsewhere."""
    try:
        from rich.console import Console
        from rich.table import Table
    except ImportError:
        widths = [max(len(str(row[i])) for row in [columns, *rows]) for i in range(len(columns))]
        print(title)
        for row in [columns, *rows]:
            print(
                "  ".join(str(cell).ljust(width) for cell, width in zip(row, widths, strict=True))
            )
        return
    table = Table(title=title, title_justify="left")
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number == 0 else "right", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    Console(width=None if sys.stdout.isatty() else 180).print(table)


def verdict(passed: bool) -> str:
    return "pass" if passed else "FAIL"
