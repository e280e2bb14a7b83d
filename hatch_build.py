"""Compiles the C++ kernels when Pellucid is installed or packed, where that can be done.

The wheel is then one for this kind of machine. Without a compiler it is one for every machine, and
its kernels are those that XLA compiles. The pages that explain the doctor's findings go into the
wheel as well.
"""

from __future__ import annotations

import importlib.util
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCE = Path("pellucid", "kernels", "native", "build.py")


class Kernels(BuildHookInterface):
    """Hatchling's hook; one of this name and base is looked for in this file."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel":
            return
        if version != "editable":  # there the source tree has them
            build_data["force_include"]["docs/doctor"] = "pellucid/doctor/pages"
        kernels = _build_module(Path(self.root))
        try:
            library = kernels.build()
        except kernels.BuildError as error:
            self.app.display_warning(f"The C++ kernels are left out: {error}")
            return
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platform}"
        build_data["artifacts"].append(library.relative_to(self.root).as_posix())


def _build_module(root: Path) -> Any:
    """`pellucid.kernels.native.build`, by its path: importing Pellucid takes all that it needs."""
    spec = importlib.util.spec_from_file_location("_native_build", root / SOURCE)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(root / SOURCE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
