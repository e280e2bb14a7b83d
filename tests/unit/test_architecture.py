"""The house keeps its shape: imports run one way, files stay short, importing stays cheap."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "pellucid"

ABSENT = ast.literal_eval(
    next(
        ast.unparse(node.value)
        for node in ast.parse((PACKAGE / "_core" / "absent.py").read_text()).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "MODULES"
    )
)

# Lower never imports higher. Parts on one line may import each other only as ALLOWED_PEERS says.
FLOORS = [
    ["_core"],
    ["activations", "initializers", "regularizers", "constraints", "kernels"],
    ["layers", "losses", "metrics", "optimizers", "data"],
    ["ops", "random"],
    ["network"],
    ["record"],
    ["doctor"],
    ["report"],
    ["training"],
    ["vitals"],
    ["models"],
    ["zoo", "tune", "explain", "interop", "treatment"],
    ["callbacks", "config", "datasets", "tree", "utils", "tasks"],
    ["runs"],
    ["backend", "dtype_policies", "mixed_precision", "preprocessing", "saving", "scopes"],
    # Keras's modules that are not here: importing one says why.
    [*ABSENT],
    ["serve", "studio", "cli"],
    ["__init__", "__main__"],
]
ALLOWED_PEERS = {("metrics", "losses"), ("callbacks", "training")}
RANK = {part: rank for rank, floor in enumerate(FLOORS) for part in floor}
# Longer than the limit, with the reason.
LONG_FILES: dict[str, str] = {}


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_parts(path: Path) -> set[str]:
    """Parts of the package that a file imports, inside functions too; typing-only imports not."""
    tree = ast.parse(path.read_text())
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            skipped.update(sub for child in node.body for sub in ast.walk(child))
    package = ["pellucid", *path.relative_to(PACKAGE).parts[:-1]]
    found: set[str] = set()
    for node in ast.walk(tree):
        if node in skipped:
            continue
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            names = [f"{module}.{alias.name}" for alias in node.names]
        found |= {n.split(".")[1] for n in names if n.startswith("pellucid.")}
    return found & RANK.keys()


FILES = sorted(PACKAGE.rglob("*.py"))


def test_every_part_has_a_floor():
    assert {part_of(path) for path in FILES} <= RANK.keys()


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_run_one_way(path):
    part = part_of(path)
    for other in imported_parts(path) - {part}:
        assert RANK[other] < RANK[part] or (part, other) in ALLOWED_PEERS, (
            f"{path.relative_to(ROOT)} imports {other}, which stands on the same floor or above"
        )


@pytest.mark.parametrize(
    "path",
    sorted(path for part in ("doctor", "report") for path in (PACKAGE / part).rglob("*.py")),
    ids=lambda p: str(p.relative_to(PACKAGE)),
)
def test_the_doctor_and_the_report_see_only_records(path):
    """They work as well on a run from disk: `record.schema`, `_core` and NumPy, nothing else."""
    assert imported_parts(path) <= {"report", "doctor", "record", "_core"}
    package = ["pellucid", *path.relative_to(PACKAGE).parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            modules = [".".join([*base, *([node.module] if node.module else [])])]
        else:
            continue
        for module in modules:
            assert module.split(".")[0] not in ("jax", "jaxlib", "optax")
            assert not module.startswith("pellucid.record") or module == "pellucid.record.schema"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_files_stay_short(path):
    lines = len(path.read_text().splitlines())
    if str(path.relative_to(PACKAGE)) not in LONG_FILES:
        assert lines <= 400, f"{path.relative_to(ROOT)} has {lines} lines"


def run(code: str) -> str:
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return result.stdout.strip()


def test_importing_the_package_loads_nothing_heavy():
    heavy = ("jax", "numpy", "optax", "sklearn", "polars", "rich", "typer", "PIL")
    loaded = run(f"import pellucid, sys; print([name for name in {heavy} if name in sys.modules])")
    assert loaded == "[]"


def test_what_a_tutorial_imports_leaves_the_heavy_tools_alone():
    heavy = ("sklearn", "scipy", "polars", "pandas", "rich", "typer", "PIL", "narwhals", "keras")
    loaded = run(
        "from pellucid import Sequential, layers, optimizers, losses, metrics; import sys; "
        f"import jax; before = set(sys.modules); print([n for n in {heavy} if n in before])"
    )
    # JAX itself may load parts of SciPy; nothing else of the list.
    assert set(ast.literal_eval(loaded)) <= {"scipy"}


@pytest.mark.slow
def test_import_time_beyond_jax_and_optax_stays_in_budget():
    """Under 0.3 s beyond what JAX costs, of the processor's time, at the best of some tries: a busy
    or throttled machine takes half as long again."""
    code = (
        "import time; import jax, jax.numpy; start = time.process_time(); "
        "from pellucid import Sequential, layers, optimizers, losses, metrics; "
        "Sequential, layers.Dense; print(time.process_time() - start)"
    )
    assert any(float(run(code)) < 0.3 for _ in range(12))


@pytest.mark.parametrize("path", sorted((PACKAGE / "tasks").glob("*.py")), ids=lambda p: p.name)
def test_the_library_names_arguments_and_the_command_line_options(path):
    """A message that names an option is no help in a notebook; `cli/wording.py` translates."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert not re.search(r"(?<![\w-])--[a-z]|`?pellucid (train|evaluate)", node.value), (
                f"{path.relative_to(ROOT)}, line {node.lineno}: {node.value!r}"
            )


@pytest.mark.parametrize(
    "path", sorted((PACKAGE / "training").rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_the_engine_trains_and_others_look_on(path):
    """Not even what a record is does the engine know; `models` joins the two."""
    assert not imported_parts(path) & {"doctor", "report", "vitals", "record"}
