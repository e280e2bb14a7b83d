"""Who takes part, and in what surroundings: environment, frameworks hidden, compilation cache.

Each peer sees its own framework only, as in an environment made for it: Keras would otherwise
import every framework it finds beside its backend, and pay for it at the start.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from importlib.machinery import PathFinder

FRAMEWORKS = ("tensorflow", "torch", "jax", "keras")


@dataclass(frozen=True)
class Peer:
    """One competitor.

    Args:
        name: as in the tables.
        library: what `keras` is replaced by in the programs; None for the hand-written loop.
        needs: the frameworks it may import; the others are hidden from it.
        env: environment variables of its processes.
        steps_per_execution: Keras's setting of that name.
        compiled: through `torch.compile(mode="reduce-overhead")`.
    """

    name: str
    library: str | None
    needs: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)
    steps_per_execution: int = 1
    compiled: bool = False

    def hide_others(self) -> None:
        """Make this process find the other frameworks no more than if they were not installed."""
        hidden = set(FRAMEWORKS) - set(self.needs)

        class OwnFrameworkOnly(PathFinder):
            @classmethod
            def find_spec(cls, fullname, path=None, target=None):
                if fullname in hidden:
                    return None
                return super().find_spec(fullname, path, target)

        sys.meta_path[sys.meta_path.index(PathFinder)] = OwnFrameworkOnly


def _keras(backend: str, needs: tuple[str, ...], suffix: str = "", steps: int = 1) -> Peer:
    env = {"KERAS_BACKEND": backend}
    return Peer(f"keras-{backend}{suffix}", "keras", ("keras", *needs), env, steps)


PEERS = {
    peer.name: peer
    for peer in (
        Peer("pellucid", "pellucid", ("jax",)),
        _keras("jax", ("jax",)),
        _keras("tensorflow", ("tensorflow",)),
        _keras("torch", ("torch",)),
        Peer("torch", None, ("torch",)),
        # On request: a loop in plain JAX, and what users could switch on.
        Peer("jax", None, ("jax",)),
        Peer("torch-compiled", None, ("torch",), compiled=True),
        _keras("jax", ("jax",), "-spe", 64),
        _keras("tensorflow", ("tensorflow",), "-spe", 64),
    )
}
AS_THEY_COME = ("pellucid", "keras-jax", "keras-tensorflow", "keras-torch", "torch")
ON_GPU = ("pellucid", "torch", "torch-compiled", "jax")
SLOW = ("keras-jax", "keras-tensorflow", "keras-torch")  # they train an epoch less


def cache_folder(peer: str, folder: str) -> dict[str, str]:
    """The environment variables that make `peer` keep its compilations in `folder`."""
    if peer == "pellucid":
        # Its cache lies where the platform says, so that is what is moved.
        return {"HOME" if sys.platform == "darwin" else "XDG_CACHE_HOME": folder}
    return {  # JAX's own cache, told to keep every program however small or quick to compile
        "JAX_COMPILATION_CACHE_DIR": folder,
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }
