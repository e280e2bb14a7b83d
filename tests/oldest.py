"""Constraints for pip: the oldest versions that pyproject.toml allows (`make test-oldest`)."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "pyproject.toml"
OLDEST = re.compile(r"^([A-Za-z0-9_-]+)(?:\[[^\]]*\])?>=([0-9.]+)")


def constraints(text: str) -> list[str]:
    """One line `name==version` for each dependency of the core that has a lower bound.

    >>> constraints('[project]\\ndependencies = ["jax>=0.7", "rich>=13.7,<15"]')
    ['jax==0.7', 'jaxlib==0.7', 'rich==13.7']
    """
    lines = []
    for requirement in tomllib.loads(text)["project"]["dependencies"]:
        if found := OLDEST.match(requirement):
            name, version = found.groups()
            lines.append(f"{name}=={version}")
            if name == "jax":  # they come in pairs
                lines.append(f"jaxlib=={version}")
    return lines


if __name__ == "__main__":
    print("\n".join(constraints(PROJECT.read_text(encoding="utf-8"))))
