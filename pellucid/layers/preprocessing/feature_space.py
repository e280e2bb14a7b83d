"""`FeatureSpace`: the columns of a table, each read by its kind, as one vector."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np

from ..._core import foreign
from ..._core.errors import ConfigError, DataError
from ..._core.registry import did_you_mean
from ..base import Layer
from ..core.input import Input
from ..foreign_calls import in_graph
from ..merging.concatenate import Concatenate
from ..symbolic import SymbolicTensor, has_symbolic, leaves, tree_map
from .category_encoding import CategoryEncoding
from .features import Cross, Feature, FeatureKinds, categories_of
from .hashed_crossing import HashedCrossing
from .values import batches


class FeatureSpace(FeatureKinds, Layer):
    """Reads the columns of a table, each by its kind, and makes one vector of every row.

    Args:
        features: by name, a kind: ``"float"``, ``"float_rescaled"``, ``"float_normalized"``,
            ``"float_discretized"``, ``"integer_categorical"``, ``"string_categorical"``,
            ``"integer_hashed"``, ``"string_hashed"``, or what the functions of these names and
            `feature` return.
        output_mode: ``"concat"`` for one vector, ``"dict"`` for the encoded features by name.
        crosses: tuples of names, or what `cross` returns: their combinations as categories.
        crossing_dim, hashing_dim, num_discretization_bins: categories of a cross, a hashed and a
            discretized feature given by the name of its kind.
        name: of the layer.

    `adapt` learns vocabularies, means and ranges; then it is called on a dictionary of columns or
    of single values, inside `map` of a data set too. Not yet part of a model file: keep the code
    that makes it.

    Raises:
        ConfigError: unknown kinds, names or modes; a call before `adapt`.

    >>> space = FeatureSpace({"age": "float_normalized", "job": "string_categorical"})
    >>> space.adapt({"age": [20.0, 40.0], "job": ["cook", "baker"]})
    >>> space({"age": 40.0, "job": "cook"}).tolist()
    [1.0, 0.0, 1.0, 0.0]
    """

    def __init__(
        self,
        features: Mapping[str, Any],
        output_mode: str = "concat",
        crosses: Any = None,
        crossing_dim: int = 32,
        hashing_dim: int = 32,
        num_discretization_bins: int = 32,
        name: str | None = None,
    ):
        super().__init__(name=name)
        if not features:
            raise ConfigError(
                "A FeatureSpace needs features.", got=repr(features), fix="{'age': 'float'}."
            )
        if output_mode not in ("concat", "dict"):
            raise ConfigError(
                "There is no such output_mode of a FeatureSpace.",
                got=repr(output_mode),
                expected="'concat' or 'dict'",
                fix="output_mode='concat' gives one vector.",
            )
        self.output_mode = output_mode
        self.crossing_dim = crossing_dim
        self.hashing_dim = hashing_dim
        self.num_discretization_bins = num_discretization_bins
        self.features = {key: self._feature(key, value) for key, value in features.items()}
        self.crosses = [self._cross(cross) for cross in crosses or ()]
        self.preprocessors = {key: f.preprocessor for key, f in self.features.items()}
        self.crossers = {c.name: HashedCrossing(c.crossing_dim, name=c.name) for c in self.crosses}
        self.one_hot_encoders: dict[str, CategoryEncoding] = {}
        self.inputs = {
            key: Input((1,), dtype=f.dtype, name=key) for key, f in self.features.items()
        }
        self._concat = Concatenate(axis=-1)
        self._encoded: Any = None
        self._adapted = not self._adaptable()
        self.built = True

    def _feature(self, name: str, kind: Any) -> Feature:
        if isinstance(kind, Feature):
            return kind
        if isinstance(kind, Mapping):
            return Feature.from_config(dict(kind.get("config", kind)))
        sizes = {
            "float_discretized": (self.num_discretization_bins,),
            "integer_hashed": (self.hashing_dim,),
            "string_hashed": (self.hashing_dim,),
        }
        plain = ("float", "float_rescaled", "float_normalized")
        kinds = (*plain, "integer_categorical", "string_categorical", *sizes)
        if kind not in kinds:
            raise ConfigError(
                f"Feature {name!r} is of a kind that FeatureSpace does not know.",
                got=repr(kind),
                expected=", ".join(kinds),
                fix=did_you_mean(str(kind), kinds),
            )
        return getattr(self, kind)(*sizes.get(kind, ()), name=name)

    def _cross(self, cross: Any) -> Cross:
        if isinstance(cross, Mapping):
            cross = Cross.from_config(dict(cross.get("config", cross)))
        if not isinstance(cross, Cross):
            if not self.crossing_dim:
                raise ConfigError(
                    "Crosses need a crossing_dim.", got=self.crossing_dim, fix="crossing_dim=32."
                )
            cross = Cross(cross, self.crossing_dim)
        unknown = [name for name in cross.feature_names if name not in self.features]
        if unknown:
            raise ConfigError(
                f"The cross {cross.name!r} is of a feature that there is not.",
                got=repr(unknown[0]),
                expected=", ".join(map(repr, self.features)),
                fix=did_you_mean(unknown[0], self.features),
            )
        return cross

    # --- learning

    def _adaptable(self) -> list[str]:
        """The features whose layers have something to learn."""
        return [
            key
            for key, layer in self.preprocessors.items()
            if hasattr(layer, "adapt")
            and getattr(layer, "input_mean", None) is None
            and getattr(layer, "vocabulary", None) is None
            and getattr(layer, "bin_boundaries", None) is None
        ]

    def adapt(self, dataset: Any) -> None:
        """Let every feature's layer learn from its column.

        Args:
            dataset: a dictionary of columns, or a data set (ours or `tf.data`'s) whose elements
                are dictionaries, batched or not.
        """
        if isinstance(dataset, Mapping):
            elements: Any = [dataset]
        elif hasattr(dataset, "as_numpy_iterator"):
            elements = dataset.as_numpy_iterator()
        else:
            raise ConfigError(
                "FeatureSpace.adapt takes a dictionary of columns or a data set.",
                got=type(dataset).__name__,
                fix="adapt(dict(table)), or a data set without labels: data.map(lambda x, y: x).",
            )
        wanted = self._adaptable()
        columns: dict[str, list[Any]] = {key: [] for key in wanted}
        for element in elements:
            if not isinstance(element, Mapping):
                raise DataError(
                    "FeatureSpace.adapt takes elements that are dictionaries of features.",
                    got=type(element).__name__,
                    fix="leave the labels out: data.map(lambda x, y: x).",
                )
            for key in wanted:
                self._must_have(element, key)
                columns[key].append(np.atleast_1d(np.asarray(foreign.to_numpy(element[key]))))
        for key in wanted:
            column = np.concatenate(columns[key]) if columns[key] else np.zeros(0)
            column = column[:, None] if column.ndim == 1 else column  # (rows, 1)
            self.preprocessors[key].adapt(next(batches(self.preprocessors[key], column)))
        self._adapted = True
        self._encoded = None
        self._revision += 1
        self.get_encoded_features()

    def _must_have(self, data: Mapping[str, Any], key: str) -> None:
        if key not in data:
            raise DataError(
                f"The data has no feature {key!r}.",
                got=", ".join(map(repr, data)),
                expected=", ".join(map(repr, self.features)),
                fix=did_you_mean(key, data),
            )

    # --- calling

    def get_inputs(self) -> dict[str, SymbolicTensor]:
        """The symbolic tensors of the raw features, ``(batch, 1)``, by name."""
        self.get_encoded_features()
        return self.inputs

    def get_encoded_features(self) -> Any:
        """The symbolic result on `get_inputs()`."""
        if not self._adapted:
            raise ConfigError(
                f"FeatureSpace {self.name!r} has not seen data yet.",
                fix="call adapt(data) before it is used.",
            )
        if self._encoded is None:
            self.one_hot_encoders = {}
            self._encoded = self._encode(self.inputs)
        return self._encoded

    def __call__(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        self.get_encoded_features()  # refuses where adapt has not been called
        if not isinstance(data, Mapping):
            raise DataError(
                "A FeatureSpace is called on a dictionary of features.",
                got=type(data).__name__,
                fix="space({'age': [40.0], 'job': ['cook']}), or space(dict(table)).",
            )
        for key in self.features:
            self._must_have(data, key)
        data = {key: data[key] for key in self.features}
        if any(map(foreign.in_graph, leaves(data))):
            return in_graph(self, self._shapes, (data,), {}, f"FeatureSpace {self.name!r}")
        if has_symbolic(data):
            return self._encode(data)
        ready = {key: _column(value) for key, value in data.items()}
        single = any(alone for _, alone in ready.values())
        result = self._encode({key: column for key, (column, _) in ready.items()})
        return tree_map(lambda x: jnp.asarray(x)[0] if single else x, result)

    def _shapes(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Of the result on symbolic tensors, for TensorFlow's graph."""
        rows = next(iter(args[0].values())).shape[:1]
        return tree_map(
            lambda t: SymbolicTensor((*rows, *t.shape[1:]), t.dtype), self.get_encoded_features()
        )

    def _encode(self, data: dict[str, Any]) -> Any:
        """Features and crosses in the order of their names, encoded and put together."""
        read = {key: self.preprocessors[key](value) for key, value in data.items()}
        crossed = {
            c.name: self.crossers[c.name]([read[key] for key in c.feature_names])
            for c in self.crosses
        }
        specs = {**self.features, **{c.name: c for c in self.crosses}}
        both = {key: read[key] for key in sorted(read)}
        both |= {key: crossed[key] for key in sorted(crossed)}
        encoded = {key: self._one_hot(key, specs[key], value) for key, value in both.items()}
        if self.output_mode == "dict":
            return encoded
        for key, value in encoded.items():
            if "float" not in str(value.dtype):
                raise ConfigError(
                    f"Feature {key!r} is not encoded, so it cannot be part of one vector.",
                    got=f"{value.dtype} values",
                    fix="output_mode='one_hot' for this feature, or output_mode='dict' here.",
                )
        parts = list(encoded.values())
        return parts[0] if len(parts) == 1 else self._concat(parts)

    def _one_hot(self, key: str, spec: Any, value: Any) -> Any:
        if spec.output_mode != "one_hot":
            return value
        if key not in self.one_hot_encoders:
            layer = self.preprocessors.get(key) or self.crossers[key]
            count = categories_of(layer)
            if "int" not in str(value.dtype) or count is None:
                raise ConfigError(
                    f"Feature {key!r} has output_mode='one_hot', but its layer does not give "
                    "numbers of a known count of categories.",
                    got=f"{type(layer).__name__}, {value.dtype} values",
                    fix="output_mode='float' or 'int'.",
                )
            self.one_hot_encoders[key] = CategoryEncoding(count, output_mode="multi_hot")
        return self.one_hot_encoders[key](value)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments; what `adapt` learned is with the layers of the features."""
        return {
            "features": {key: {"config": f.get_config()} for key, f in self.features.items()},
            "output_mode": self.output_mode,
            "crosses": [{"config": c.get_config()} for c in self.crosses],
            "crossing_dim": self.crossing_dim,
            "hashing_dim": self.hashing_dim,
            "num_discretization_bins": self.num_discretization_bins,
            "name": self.name,
        }


def _column(value: Any) -> tuple[Any, bool]:
    """A column as (rows, 1), and whether it was one value."""
    array = np.asarray(foreign.to_numpy(value))
    if array.ndim == 0:
        return array.reshape(1, 1), True
    return (array[:, None] if array.ndim == 1 else array), False
