"""Set-up for every test: Keras computes with JAX, seeds are fixed, caches stay out of the home."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import hypothesis
import pytest

# Nothing is tested by the clock: a busy machine, or a first import inside an example, is no bug.
hypothesis.settings.register_profile(
    "pellucid", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("pellucid")

os.environ.setdefault("KERAS_BACKEND", "jax")
# Compiled programs of the tests lie beside the tests' other caches, not in the user's home.
PROGRAMS = Path(__file__).parents[1] / ".pytest_cache" / "xla"
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(PROGRAMS))
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.05")
sys.path.insert(0, str(Path(__file__).parent))
# A shell that starts tests in the background makes them deaf to Ctrl-C, which some of them send.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _fixed_seed():
    from pellucid.utils import set_random_seed

    set_random_seed(0)


# Folders and beginnings of files whose tests are about what a run measures about itself.
EXAMINED = ("programs", "doctor")
EXAMINED_FILES = (
    "vitals",
    "doctor",
    "report",
    "treat",
    "experiments",
    "cli",
    "run_folder",
    "devices",
)


@pytest.fixture(autouse=True)
def _checkups_where_they_are_tested(request, monkeypatch):
    """Elsewhere `fit` trains without: a checkup is one more program to compile for each network."""
    name = request.path.stem.removeprefix("test_")
    if request.path.parent.name in EXAMINED or name.startswith(EXAMINED_FILES):
        return
    from pellucid.vitals import watch

    begin = watch.watch
    monkeypatch.setattr(watch, "watch", lambda *a, **k: begin(*a, **{**k, "checkup": False}))


# Where compiled programs themselves are looked at or compared, or trained with for long. Elsewhere
# most of the time would go to the compiler's optimiser, which is not what is tested.
OPTIMISED = ("programs", "doctor")
OPTIMISED_FILES = ("kernels", "layers_normalizers", "remat", "benchmarks")


@pytest.fixture(autouse=True)
def _compiled_in_a_hurry(request):
    """Most tests' programs are hardly optimised; `make test-all` compiles as users do."""
    name = request.path.stem.removeprefix("test_")
    optimised = request.path.parent.name in OPTIMISED or name.startswith(OPTIMISED_FILES)
    if optimised or not request.config.option.markexpr:
        yield
        return
    import jax

    jax.config.update("jax_disable_most_optimizations", True)
    yield
    jax.config.update("jax_disable_most_optimizations", False)


@pytest.fixture(autouse=True)
def _default_formats():
    yield
    from pellucid.config import set_dtype_policy, set_floatx

    set_floatx("float32")
    set_dtype_policy("float32")


def pytest_terminal_summary(terminalreporter):
    """After the parity suite: how much of Keras's vocabulary is here and passes."""
    reports = [r for group in terminalreporter.stats.values() for r in group]
    if any("parity/test_coverage" in getattr(r, "nodeid", "") for r in reports):
        from parity.coverage import summary_lines

        terminalreporter.section("Keras's public names that exist here and pass")
        for line in summary_lines(terminalreporter.stats):
            terminalreporter.write_line(line)
