"""What a model writes down of itself: its weights as files and trees, its architecture as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from .._core import specs
from .._core.custom import knowing
from .._core.errors import ConfigError, FileFormatError, NotOfferedError, UnknownNameError
from .._core.registry import did_you_mean
from ..layers.tree import unique
from .files import save_model

_PARTS = (
    "trainable_variables",
    "non_trainable_variables",
    "optimizer_variables",
    "metrics_variables",
)


class Written:
    """The part of `Model` that is about files, trees of weights and JSON."""

    graph: Any
    name: str
    name_in_paths: ClassVar[bool] = False  # of a state tree, where there is a graph

    def save_weights(
        self, filepath: Any, overwrite: bool = True, max_shard_size: float | None = None
    ) -> None:
        """Write every weight to a file, atomically.

        Args:
            filepath: ends in ``.weights.h5``, for Keras's layout with the optimiser's state, or in
                ``.safetensors``.
            overwrite: False refuses to replace a file.
            max_shard_size: None; the file is never cut into several.
        """
        from ..training.weights_file import save_weights

        if max_shard_size is not None:
            raise NotOfferedError(
                "Weights are written into one file, not into several.",
                got=f"max_shard_size={max_shard_size!r}",
                fix="leave max_shard_size out.",
            )
        if not overwrite and Path(filepath).exists():
            raise ConfigError(
                "The weights were not written: the file exists already.",
                got=str(filepath),
                fix="choose another name, or pass overwrite=True.",
            )
        save_weights(self, filepath)

    def load_weights(self, filepath: Any, skip_mismatch: bool = False) -> None:
        """Read the weights from a file, Keras's or ours; all must fit, or none is read.

        Args:
            filepath: the file.
            skip_mismatch: True reads those that fit, layer by layer, and warns of the others.
        """
        from ..training.weights_file import load_weights

        load_weights(self, filepath, skip_mismatch=skip_mismatch)

    def save(
        self, filepath: Any, overwrite: bool = True, zipped: bool | None = None, **old: Any
    ) -> None:
        """Write the whole model to one ``.keras`` file, which Keras opens too.

        The arguments are those of `pellucid.saving.save_model`.
        """
        save_model(self, filepath, overwrite, zipped, **old)

    def to_json(self, **options: Any) -> str:
        """The architecture, without weights, as text for `model_from_json`.

        Args:
            options: for `json.dumps`, such as ``indent=2``.

        >>> from pellucid import Sequential, layers
        >>> from pellucid.models import model_from_json
        >>> text = Sequential([layers.Input(shape=(3,)), layers.Dense(2)]).to_json()
        >>> model_from_json(text).output_shape
        (None, 2)
        """
        return json.dumps(specs.serialize(self), **options)

    def get_state_tree(self, value_format: str = "backend_tensor") -> dict[str, Any]:
        """The variables as nested dictionaries, by kind and then by path.

        Args:
            value_format: ``"backend_tensor"`` for arrays of JAX, ``"numpy_array"`` for NumPy.

        Returns:
            ``{"trainable_variables": {...}, "non_trainable_variables": {...},
            "optimizer_variables": {...}, "metrics_variables": {...}}``.

        Raises:
            ConfigError: another format.
        """
        if value_format not in ("backend_tensor", "numpy_array"):
            raise ConfigError(
                "There are two formats of a state tree.",
                got=f"value_format={value_format!r}",
                expected="'backend_tensor' or 'numpy_array'",
                fix="get_state_tree('numpy_array').",
            )

        def value(variable: Any) -> Any:
            return np.array(variable) if value_format == "numpy_array" else variable.value

        tree: dict[str, Any] = {}
        for part, variables in self._state_parts().items():
            branch = tree.setdefault(part, {})
            for path, variable in variables.items():
                *above, last = path.split("/")
                place = branch
                for step in above:
                    place = place.setdefault(step, {})
                place[last] = value(variable)
        return tree

    def set_state_tree(self, state_tree: dict[str, Any]) -> None:
        """Give variables the values of a tree that `get_state_tree` made; parts may be left out.

        Args:
            state_tree: as `get_state_tree` returns it.

        Raises:
            UnknownNameError: a kind of variable, or a path, that this model does not have.
        """
        parts = self._state_parts()
        for part, branch in state_tree.items():
            if part not in parts:
                raise UnknownNameError(
                    f"There is no kind of variable called {part!r}.",
                    got=repr(part),
                    fix=did_you_mean(str(part), parts),
                )
            for given, value in _by_path(branch):
                path = given if given in parts[part] else given.partition("/")[2]
                if path not in parts[part]:
                    raise UnknownNameError(
                        f"The model has no variable {given!r} among its {part}.",
                        got=repr(given),
                        fix=did_you_mean(given, parts[part] or ["(none)"]),
                    )
                parts[part][path].assign(value)

    def _state_parts(self) -> dict[str, dict[str, Any]]:
        sources = {
            "trainable_variables": self,
            "non_trainable_variables": self,
            "optimizer_variables": getattr(self, "optimizer", None),
            "metrics_variables": self,
        }
        parts: dict[str, dict[str, Any]] = {}
        for part in _PARTS:
            name = "variables" if part == "optimizer_variables" else part
            found = getattr(sources[part], name, None) or []
            parts[part] = {}
            # A functional model's own name is no part of its paths, as in Keras.
            own = "" if self.name_in_paths or self.graph is None else f"{self.name}/"
            for variable in found:
                path = (getattr(variable, "path", None) or variable.name).removeprefix(own)
                parts[part][unique(path, set(parts[part]))] = variable
        return parts


def _by_path(branch: dict[str, Any], above: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, value in branch.items():
        path = f"{above}{name}"
        found += _by_path(value, f"{path}/") if isinstance(value, dict) else [(path, value)]
    return found


def model_from_json(json_string: str, custom_objects: Any = None) -> Any:
    """A model, with fresh weights, from the text that `Model.to_json` gave.

    Args:
        json_string: the text.
        custom_objects: name -> class or function of your own that it may name.

    Raises:
        FileFormatError: no JSON, or none of a model.
    """
    try:
        config = json.loads(json_string)
    except (TypeError, ValueError) as error:
        raise FileFormatError(
            "This is not the JSON of a model.",
            got=str(error),
            expected="text from model.to_json()",
            fix="write it again with model.to_json().",
        ) from error
    if not isinstance(config, dict) or "class_name" not in config:
        raise FileFormatError(
            "This JSON does not describe a model.",
            got=json_string[:60],
            expected="text from model.to_json(), with a class_name and a config",
            fix="model.get_config() alone goes to type(model).from_config.",
        )
    with knowing(custom_objects):
        return specs.deserialize(config)
