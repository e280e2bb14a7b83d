"""`Feature` and `Cross`: what a `FeatureSpace` does with a column, and with several together."""

from __future__ import annotations

from typing import Any

from ..._core.errors import ConfigError
from ..._core.specs import deserialize, serialize
from ..base import Layer
from .discretization import Discretization
from .hashing import Hashing
from .integer_lookup import IntegerLookup
from .normalization import Normalization
from .rescaling import Rescaling
from .string_lookup import StringLookup

MODES = ("int", "one_hot", "float")


def _check_mode(what: str, mode: str, allowed: tuple[str, ...]) -> None:
    if mode not in allowed:
        raise ConfigError(
            f"There is no such output_mode of a {what}.",
            got=repr(mode),
            expected=", ".join(map(repr, allowed)),
            fix="output_mode='one_hot' makes numbers of a category ready for a network.",
        )


class Cross:
    """Features whose combinations are hashed into categories of their own.

    Args:
        feature_names: the features.
        crossing_dim: how many categories.
        output_mode: ``"one_hot"`` or ``"int"``.

    >>> Cross(("city", "job"), 32).name
    'city_X_job'
    """

    def __init__(self, feature_names: Any, crossing_dim: int, output_mode: str = "one_hot"):
        _check_mode("Cross", output_mode, ("int", "one_hot"))
        self.feature_names = tuple(feature_names)
        self.crossing_dim = crossing_dim
        self.output_mode = output_mode

    @property
    def name(self) -> str:
        return "_X_".join(self.feature_names)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            "feature_names": list(self.feature_names),
            "crossing_dim": self.crossing_dim,
            "output_mode": self.output_mode,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Cross:
        """A cross from what `get_config` returned."""
        return cls(**config)


class Feature:
    """A column: its format, the layer that reads it, and in which form it is handed on.

    Args:
        dtype: ``"float32"``, ``"int32"`` or ``"string"``.
        preprocessor: a layer.
        output_mode: ``"float"``, ``"int"`` or ``"one_hot"``.
    """

    def __init__(self, dtype: str, preprocessor: Any, output_mode: str):
        _check_mode("Feature", output_mode, MODES)
        self.dtype = dtype
        self.preprocessor: Layer = (
            deserialize(preprocessor) if isinstance(preprocessor, dict) else preprocessor
        )
        self.output_mode = output_mode

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            "dtype": self.dtype,
            "preprocessor": serialize(self.preprocessor),
            "output_mode": self.output_mode,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Feature:
        """A feature from what `get_config` returned."""
        return cls(**config)


class FeatureKinds:
    """The makers of features that `FeatureSpace` offers as functions of its own."""

    @classmethod
    def cross(cls, feature_names: Any, crossing_dim: int, output_mode: str = "one_hot") -> Cross:
        """Several features as one: see `Cross`."""
        return Cross(feature_names, crossing_dim, output_mode)

    @classmethod
    def feature(cls, dtype: str, preprocessor: Any, output_mode: str) -> Feature:
        """A feature read by a layer of your own."""
        return Feature(dtype, preprocessor, output_mode)

    @classmethod
    def float(cls, name: str | None = None) -> Feature:
        """A number as it is."""
        return Feature("float32", Rescaling(1.0, name=_layer_name(name)), "float")

    @classmethod
    def float_rescaled(
        cls, scale: Any = 1.0, offset: Any = 0.0, name: str | None = None
    ) -> Feature:
        """``number * scale + offset``."""
        layer = Rescaling(scale, offset, name=_layer_name(name))
        return Feature("float32", layer, "float")

    @classmethod
    def float_normalized(cls, name: str | None = None) -> Feature:
        """A number brought to mean 0 and variance 1."""
        layer = Normalization(axis=-1, name=_layer_name(name))
        return Feature("float32", layer, "float")

    @classmethod
    def float_discretized(
        cls,
        num_bins: int | None,
        bin_boundaries: Any = None,
        output_mode: str = "one_hot",
        name: str | None = None,
    ) -> Feature:
        """The range that a number lies in, out of ranges of equal share or of given limits."""
        layer = Discretization(
            bin_boundaries,
            None if bin_boundaries is not None else num_bins,
            name=_layer_name(name),
        )
        return Feature("float32", layer, output_mode)

    @classmethod
    def integer_categorical(
        cls,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        output_mode: str = "one_hot",
        name: str | None = None,
    ) -> Feature:
        """A whole number that names a category."""
        layer = IntegerLookup(
            max_tokens=max_tokens,
            num_oov_indices=num_oov_indices,
            name=_layer_name(name),
        )
        return Feature("int32", layer, output_mode)

    @classmethod
    def string_categorical(
        cls,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        output_mode: str = "one_hot",
        name: str | None = None,
    ) -> Feature:
        """A text that names a category."""
        layer = StringLookup(
            max_tokens=max_tokens,
            num_oov_indices=num_oov_indices,
            name=_layer_name(name),
        )
        return Feature("string", layer, output_mode)

    @classmethod
    def string_hashed(
        cls, num_bins: int, output_mode: str = "one_hot", name: str | None = None
    ) -> Feature:
        """A text hashed into categories."""
        layer = Hashing(num_bins, name=_layer_name(name))
        return Feature("string", layer, output_mode)

    @classmethod
    def integer_hashed(
        cls, num_bins: int, output_mode: str = "one_hot", name: str | None = None
    ) -> Feature:
        """A whole number hashed into categories."""
        layer = Hashing(num_bins, name=_layer_name(name))
        return Feature("int32", layer, output_mode)


def _layer_name(name: str | None) -> str | None:
    """None is a name of the layer's own choice: a model may have several features of a kind."""
    return None if name is None else f"{name}_preprocessor"


def categories_of(layer: Layer) -> int | None:
    """How many numbers a layer of categories gives out; None where it does not say."""
    if hasattr(layer, "vocabulary_size"):
        return layer.vocabulary_size()
    count = getattr(layer, "num_bins", None) or getattr(layer, "num_tokens", None)
    if count is None and getattr(layer, "bin_boundaries", None) is not None:
        return len(layer.bin_boundaries) + 1
    return count
