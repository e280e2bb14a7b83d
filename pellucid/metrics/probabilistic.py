"""Cross-entropies and their relatives, averaged over samples."""

from __future__ import annotations

import jax.numpy as jnp

from pellucid._core.specs import family
from pellucid.losses.crossentropy import (
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from pellucid.losses.distances import kl_divergence, poisson
from pellucid.losses.hinge import categorical_hinge, hinge, squared_hinge

from .mean import FunctionMetric

_register = family("metric").register


@_register("BinaryCrossentropy", "binary_crossentropy", "bce", "BCE")
class BinaryCrossentropy(FunctionMetric):
    """The mean of `pellucid.losses.binary_crossentropy` over samples, whose arguments it shares.

    >>> round(float(BinaryCrossentropy()([[1], [0]], [[0.5], [0.5]])), 4)
    0.6931
    """

    fn = staticmethod(binary_crossentropy)
    settings = ("from_logits", "label_smoothing")

    def __init__(
        self, name="binary_crossentropy", dtype=None, from_logits=False, label_smoothing=0
    ):
        super().__init__(name, dtype)
        self.from_logits = from_logits
        self.label_smoothing = label_smoothing


@_register("CategoricalCrossentropy", "categorical_crossentropy")
class CategoricalCrossentropy(FunctionMetric):
    """The mean of `pellucid.losses.categorical_crossentropy` over samples; the same arguments.

    >>> round(float(CategoricalCrossentropy()([[1, 0], [0, 1]], [[0.5, 0.5], [0.5, 0.5]])), 4)
    0.6931
    """

    fn = staticmethod(categorical_crossentropy)
    settings = ("from_logits", "label_smoothing", "axis")

    def __init__(
        self,
        name="categorical_crossentropy",
        dtype=None,
        from_logits=False,
        label_smoothing=0,
        axis=-1,
    ):
        super().__init__(name, dtype)
        self.from_logits = from_logits
        self.label_smoothing = label_smoothing
        self.axis = axis


@_register("SparseCategoricalCrossentropy", "sparse_categorical_crossentropy")
class SparseCategoricalCrossentropy(FunctionMetric):
    """The mean of `pellucid.losses.sparse_categorical_crossentropy` over samples.

    Labels equal to `ignore_class` are left out of the mean (Keras does so only where there are
    sample weights).

    >>> round(float(SparseCategoricalCrossentropy()([0, 1], [[0.5, 0.5], [0.5, 0.5]])), 4)
    0.6931
    """

    fn = staticmethod(sparse_categorical_crossentropy)
    settings = ("from_logits", "ignore_class", "axis")
    targets = "classes"

    def __init__(
        self,
        name="sparse_categorical_crossentropy",
        dtype=None,
        from_logits=False,
        ignore_class=None,
        axis=-1,
    ):
        super().__init__(name, dtype)
        self.from_logits = from_logits
        self.ignore_class = ignore_class
        self.axis = axis

    def target_mask(self, y_true):
        return None if self.ignore_class is None else jnp.asarray(y_true) != self.ignore_class


@_register("KLDivergence", "kl_divergence", "kld", "KLD", "kullback_leibler_divergence")
class KLDivergence(FunctionMetric):
    """The mean of `pellucid.losses.kl_divergence` over samples.

    >>> float(KLDivergence()([[0.5, 0.5]], [[0.5, 0.5]]))
    0.0
    """

    fn = staticmethod(kl_divergence)

    def __init__(self, name="kl_divergence", dtype=None):
        super().__init__(name, dtype)


@_register("Poisson", "poisson")
class Poisson(FunctionMetric):
    """The mean of `pellucid.losses.poisson` over samples.

    >>> float(Poisson()([[0.0]], [[2.0]]))
    2.0
    """

    fn = staticmethod(poisson)

    def __init__(self, name="poisson", dtype=None):
        super().__init__(name, dtype)


@_register("Hinge", "hinge")
class Hinge(FunctionMetric):
    """The mean of `pellucid.losses.hinge` over samples.

    >>> float(Hinge()([[1], [-1]], [[0.5], [0.5]]))
    1.0
    """

    fn = staticmethod(hinge)

    def __init__(self, name="hinge", dtype=None):
        super().__init__(name, dtype)


@_register("SquaredHinge", "squared_hinge")
class SquaredHinge(FunctionMetric):
    """The mean of `pellucid.losses.squared_hinge` over samples.

    >>> float(SquaredHinge()([[1], [-1]], [[0.5], [0.5]]))
    1.25
    """

    fn = staticmethod(squared_hinge)

    def __init__(self, name="squared_hinge", dtype=None):
        super().__init__(name, dtype)


@_register("CategoricalHinge", "categorical_hinge")
class CategoricalHinge(FunctionMetric):
    """The mean of `pellucid.losses.categorical_hinge` over samples.

    >>> float(CategoricalHinge()([[0, 1]], [[0.25, 0.75]]))
    0.5
    """

    fn = staticmethod(categorical_hinge)

    def __init__(self, name="categorical_hinge", dtype=None):
        super().__init__(name, dtype)
