"""What `compile` was told, as plain values, and `compile` from them."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from .._core.errors import PellucidWarning


class CompileConfig:
    """The part of `Trainable` that writes down how to train."""

    if TYPE_CHECKING:
        name: Any
        built: bool
        compiled: bool
        compile: Any
        compile_settings: dict[str, Any]
        optimizer: Any
        trainable_variables: Any

        def overrides(self, method: str) -> bool: ...

    def get_compile_config(self) -> dict[str, Any]:
        """What `compile` was told, as JSON-ready values; empty before it."""
        from ..network.writer import written

        if not self.compiled:
            return {}
        return written({**self.compile_settings, "optimizer": self.optimizer})

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """`compile` with what `get_compile_config` gave, here or in Keras.

        How Keras compiles its steps (``jit_compile``) does not matter here.
        """
        from ..network.reader import read

        if self.overrides("compile"):
            warnings.warn(
                f"{self.name!r} was not compiled: its class has a compile of its own.\n  fix: call "
                "model.compile(...), or write compile_from_config too.",
                PellucidWarning,
                stacklevel=2,
            )
            return
        named = ("optimizer", "loss", "loss_weights", "metrics", "weighted_metrics")
        told = {key: read(config[key]) for key in named if key in config}
        told["steps_per_execution"] = config.get("steps_per_execution", 1)
        self.compile(**told, run_eagerly=bool(config.get("run_eagerly", False)))
        if self.built:
            self.optimizer.build(self.trainable_variables)
