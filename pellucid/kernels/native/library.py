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
    try:
        # Before it is loaded: half a file would end the process.
        if not LIBRARY.read_bytes().endswith(sources()):
            return False
        library = ctypes.CDLL(str(LIBRARY))
        if not library.pellucid_lanes():
            return False
        for name in FUNCTIONS:
            target = jax.ffi.pycapsule(getattr(library, name))
            jax.ffi.register_ffi_target(name, target, platform="cpu")
    except (OSError, AttributeError, jax.errors.JaxRuntimeError):
        # Not there, or compiled for another machine or another XLA.
        return False
    return True
