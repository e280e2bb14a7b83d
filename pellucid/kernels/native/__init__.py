"""Kernels in C++ that XLA calls on the CPU, where they were compiled when Pellucid was installed.

For what no arrangement of XLA's own operations does well. `build` compiles them; `library` loads
them. Nothing depends on them: where they are missing, other forms of the same kernels take over.
"""

from .library import available, loaded, use

__all__ = ["available", "loaded", "use"]
