"""The compiled library: loaded when a kernel first asks for it, and its functions told to XLA."""

from __future__ import annotations

import ctypes
import functools

import jax

from .build import LIBRARY, sources

FUNCTIONS = (
    "pellucid_convolve",
    "pellucid_conv_input_gradient",
    "pellucid_conv_kernel_gradient",
)


_settings = {"wanted": True}


def use(wanted: bool) -> None:
    """Whether kernels may be those of the library, in what is traced from now on."""
    _settings["wanted"] = wanted


def available() -> bool:
    """Whether kernels are those of the library: it is wanted, and `loaded`."""
    return _settings["wanted"] and loaded()


@functools.cache
def loaded() -> bool:
    """Whether the library is there, made of these sources, for this jaxlib and this processor."""
    if not LIBRARY.is_file():
        return False
    try:
        library = ctypes.CDLL(str(LIBRARY))
        library.pellucid_sources.restype = ctypes.c_char_p
        if library.pellucid_sources().decode() != sources() or not library.pellucid_lanes():
            return False
        for name in FUNCTIONS:
            target = jax.ffi.pycapsule(getattr(library, name))
            jax.ffi.register_ffi_target(name, target, platform="cpu")
    except (OSError, AttributeError, jax.errors.JaxRuntimeError):
        # Compiled for another machine, or for another XLA.
        return False
    return True
