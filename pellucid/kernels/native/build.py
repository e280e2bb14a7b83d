"""Compiles the kernels written in C++: `python -m pellucid.kernels.native`.

Installing Pellucid does the same where there is GCC, for processors of the kind x86-64; elsewhere
everything runs in the forms that XLA compiles. Only the standard library is needed, and the headers
within jaxlib.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
LIBRARY = HERE / f"_kernels{sysconfig.get_config_var('SHLIB_SUFFIX') or '.so'}"
COMPILERS = ("g++", "c++")
OPTIONS = (
    "-O3",
    "-std=c++17",
    "-fPIC",
    "-shared",
    "-pthread",
    "-fno-math-errno",
    "-Wall",
    "-Wextra",
)


class BuildError(Exception):
    """There is no compiler, no header, or the compiler gave up; the message says which."""


def build(target: Path = LIBRARY) -> Path:
    """Compile the kernels into a shared library.

    Args:
        target: the library's file; written whole or not at all.

    Returns:
        `target`.

    Raises:
        BuildError: it cannot be compiled here.
    """
    if sys.platform == "win32":
        raise BuildError("GCC for Windows does not align wide vectors on the stack")
    headers = _headers()
    compiler = os.environ.get("CXX") or next(filter(shutil.which, COMPILERS), None)
    if compiler is None:
        raise BuildError(f"no C++ compiler found: none of {', '.join(COMPILERS)}")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            made = Path(folder) / target.name
            command = [*compiler.split(), *OPTIONS, "-isystem", str(headers)]
            command += [str(HERE / "conv.cc"), "-o", str(made)]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                raise BuildError(f"{compiler} failed:\n{done.stderr[-2000:]}")
            with made.open("ab") as file:
                file.write(sources())
            made.replace(target)
    except OSError as error:
        raise BuildError(f"with {compiler} into {target.parent}: {error}") from error
    return target


def sources() -> bytes:
    """A fingerprint of the C++ sources, with which a library's file ends."""
    digest = hashlib.sha256()
    for file in sorted([*HERE.glob("*.cc"), *HERE.glob("*.h")]):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.digest()


def _headers() -> Path:
    """The folder of XLA's headers; jaxlib is not imported for it, which would take a second."""
    found = importlib.util.find_spec("jaxlib")
    folder = Path(found.origin).parent / "include" if found and found.origin else None
    if folder is None or not (folder / "xla" / "ffi" / "api" / "ffi.h").is_file():
        raise BuildError("jaxlib, whose headers are needed, is not installed")
    return folder
