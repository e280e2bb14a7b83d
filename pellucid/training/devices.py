"""What the device can hold, and where compiled programs are kept between runs."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from typing import Any

import jax
import numpy as np

from .._core.errors import ConfigError
from ..kernels import native
from ..kernels.platform import on_cpu

_settings: dict[str, Any] = {
    "data_budget": None,
    "cache": "default",
    "cache_ready": False,
    "recurrent_cores": 2,
}


def cache_root() -> Path:
    """The user's cache folder for Pellucid, by the platform's convention."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "pellucid"


def set_compilation_cache(folder: str | os.PathLike[str] | None) -> None:
    """Where compiled programs are kept, so that a second run starts at once.

    Args:
        folder: a folder of your own, or None to keep nothing on disk.
    """
    _settings["cache"] = None if folder is None else str(folder)
    _settings["cache_ready"] = False
    ensure_compilation_cache()


def ensure_compilation_cache() -> None:
    """Point JAX at the cache folder, once; a folder that the user gave to JAX itself wins."""
    if _settings["cache_ready"]:
        return
    _settings["cache_ready"] = True
    chosen = _settings["cache"]
    if chosen == "default":
        if getattr(jax.config, "jax_compilation_cache_dir", None) is not None:
            return
        chosen = str(cache_root() / "xla")
    if chosen is not None:
        try:
            Path(chosen).mkdir(parents=True, exist_ok=True)
        except OSError:
            return  # a read-only home: everything works, only slower to start
    from jax.experimental.compilation_cache import compilation_cache

    jax.config.update("jax_compilation_cache_dir", chosen)
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.05)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    compilation_cache.reset_cache()


def return_freed_memory(seconds: float) -> None:
    """Give the system what compiling a program has freed, where the C library keeps it.

    The compiler's threads leave a hundred megabytes and more behind, in pieces that no array fits.

    Args:
        seconds: that it took; in less than a tenth of one, nothing was compiled.
    """
    if seconds < 0.1 or not sys.platform.startswith("linux"):
        return
    # Another C library than glibc has no such function, and no such habit.
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def set_data_budget(size: int | None) -> None:
    """How many bytes of training data may lie on the device; more is streamed.

    Args:
        size: bytes; None for the default, a part of the device's memory.
    """
    if size is not None and (not isinstance(size, int) or size < 0):
        raise ConfigError(
            "The data budget must be a number of bytes.",
            got=repr(size),
            fix="set_data_budget(2 * 2**30) for 2 GiB.",
        )
    _settings["data_budget"] = size


def set_recurrent_cores(count: int) -> None:
    """Over how many cores training splits the batches of a recurrent network.

    Args:
        count: 2, as it comes, or 1 for not at all. Sums then have one order, and dropout the same
            draws, on every machine.
    """
    if count not in (1, 2) or isinstance(count, bool):
        raise ConfigError(
            "A batch is split over two cores, or not at all.",
            got=repr(count),
            expected="1 or 2",
            fix="set_recurrent_cores(1) to split nothing.",
        )
    _settings["recurrent_cores"] = count


def recurrent_cores() -> int:
    """Over how many cores training may split a recurrent network's batches: 2, or what was set."""
    return _settings["recurrent_cores"]


def set_native_kernels(wanted: bool) -> None:
    """Whether convolutions on the CPU run in C++, where that was compiled, in later programs.

    Args:
        wanted: True, as it comes, or False for what XLA compiles, as on machines without GCC.

    Raises:
        ConfigError: `wanted` is True, but the kernels were not compiled here.
    """
    if not isinstance(wanted, bool):
        raise ConfigError(
            "The kernels in C++ are wanted or not.",
            got=repr(wanted),
            expected="True or False",
            fix="set_native_kernels(False) for what XLA compiles.",
        )
    if wanted and not native.loaded():
        raise ConfigError(
            "The kernels in C++ are not there.",
            got="no library compiled of these sources, for this processor and this jaxlib",
            expected="GCC while Pellucid is installed, and a processor x86-64 with AVX2",
            fix="install GCC, then run: python -m pellucid.kernels.native",
        )
    native.use(wanted)


def native_kernels() -> bool:
    """Whether convolutions on the CPU run in C++."""
    return native.available()


def data_budget() -> int:
    """Bytes of data that may lie on the device: 40 % of its memory, or what was set."""
    if _settings["data_budget"] is not None:
        return _settings["data_budget"]
    device = jax.devices()[0]
    stats = device.memory_stats() if device.platform != "cpu" else None
    if stats and "bytes_limit" in stats:
        return int(0.4 * stats["bytes_limit"])
    return int(0.4 * _host_memory())


def _host_memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return 8 * 2**30


def on_host(data: Any) -> Any:
    """Arrays as NumPy's; on the CPU without the calls that start copies ahead of their use."""
    if on_cpu():
        return jax.tree.map(np.asarray, data)
    return jax.device_get(data)
