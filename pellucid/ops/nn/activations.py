"""The functions of `pellucid.activations`, as operations.

>>> from pellucid import ops
>>> ops.relu([-1.0, 2.0]).tolist(), ops.softmax([0.0, 0.0]).tolist()
([0.0, 2.0], [0.5, 0.5])
"""

from __future__ import annotations

import functools
import inspect
import warnings

import jax

from pellucid import activations
from pellucid._core.errors import PellucidWarning
from pellucid._core.specs import family
from pellucid.activations.registering import OPERATION

from ..op import ALONG, EACH, Tensor, op, table

__all__ = [
    "celu",
    "elu",
    "gelu",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "log_sigmoid",
    "log_softmax",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "swish",
    "tanh_shrink",
    "threshold",
]

_unary, _ = table(__name__)


def _alike(name: str, floats: bool = False):
    """The activation of that name, with the first sentence of its documentation."""
    function = getattr(activations, name)
    return _unary(name, function, function.__doc__.split("\n\n")[0], floats)


relu = _unary("relu", jax.nn.relu, "Rectified linear unit: ``max(x, 0)``.")
relu6 = _alike("relu6")
selu = _alike("selu")
softplus = _alike("softplus")
softsign = _alike("softsign")
sigmoid = _alike("sigmoid", floats=True)
log_sigmoid = _alike("log_sigmoid", floats=True)
silu = _alike("silu", floats=True)
swish = _unary("swish", jax.nn.silu, "``x * sigmoid(x)``, also called silu.", floats=True)
hard_sigmoid = _alike("hard_sigmoid")
hard_silu = _alike("hard_silu")
hard_swish = _unary("hard_swish", jax.nn.hard_silu, "``x * hard_sigmoid(x)``, also hard_silu.")
hard_tanh = _alike("hard_tanh")
tanh_shrink = _alike("tanh_shrink")
sparse_plus = _alike("sparse_plus")
sparse_sigmoid = _alike("sparse_sigmoid")


@op(rows=EACH)
def leaky_relu(x: Tensor, negative_slope=0.2):
    """``x`` where positive, ``negative_slope * x`` elsewhere."""
    return activations.leaky_relu(x, negative_slope)


@op(rows=EACH)
def elu(x: Tensor, alpha=1.0):
    """``x`` where positive, ``alpha * (exp(x) - 1)`` elsewhere."""
    return activations.elu(x, alpha)


@op(rows=EACH)
def celu(x: Tensor, alpha=1.0):
    """``x`` where positive, ``alpha * (exp(x / alpha) - 1)`` elsewhere."""
    return activations.celu(x, alpha)


@op(rows=EACH)
def gelu(x: Tensor, approximate=True):
    """``x`` times the normal distribution function of ``x``.

    Args:
        x: array.
        approximate: use the tanh formula, off by less than 0.001. As in Keras it is the default
            here, but not of ``activation="gelu"``.
    """
    return activations.gelu(x, approximate)


@op(rows=EACH)
def squareplus(x: Tensor, b=4):
    """``(x + sqrt(x ** 2 + b)) / 2``, a smooth relu without exponentials."""
    return activations.squareplus(x, b)


@op(rows=EACH)
def hard_shrink(x: Tensor, threshold=0.5):
    """``x`` where its size exceeds `threshold`, zero elsewhere."""
    return activations.hard_shrink(x, threshold)


@op(rows=EACH)
def soft_shrink(x: Tensor, threshold=0.5):
    """Every number moved towards zero by `threshold`, and no further than zero."""
    return activations.soft_shrink(x, threshold)


@op(rows=EACH)
def threshold(x: Tensor, threshold, default_value):
    """``x`` where it exceeds `threshold`, `default_value` elsewhere."""
    return activations.threshold(x, threshold, default_value)


@op(rows=ALONG)
def glu(x: Tensor, axis=-1):
    """Half of the numbers along `axis` times the sigmoid of the other half."""
    return activations.glu(x, axis)


@op(rows=ALONG)
def softmax(x: Tensor, axis=-1):
    """Scores to probabilities: ``exp(x)`` divided by its sum along `axis` (or several axes)."""
    if isinstance(axis, int) and -x.ndim <= axis < x.ndim and x.shape[axis] == 1:
        warnings.warn(
            f"ops.softmax over axis {axis} of shape {x.shape}, which has one entry, is 1 whatever "
            "the scores are. For one score a sample use ops.sigmoid.",
            PellucidWarning,
            stacklevel=2,
        )
    return activations.softmax(x, axis)


@op(rows=ALONG)
def log_softmax(x: Tensor, axis=-1):
    """The logarithm of `softmax`, without its overflow."""
    return activations.log_softmax(x, axis)


@op(rows=ALONG)
def sparsemax(x: Tensor, axis=-1):
    """Scores to probabilities as `softmax` does, but low scores get exactly 0."""
    return activations.sparsemax(x, axis)


def _in_graphs(name: str) -> None:
    """Make the activation of that name an operation too, arguments and defaults its own."""
    function = getattr(activations, name)
    signature = inspect.signature(function)
    x, *others = signature.parameters.values()

    @functools.wraps(function)
    def operation(*args, **kwargs):
        return function(*args, **kwargs)

    operation.__name__ = OPERATION + name
    operation.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[x.replace(annotation="Tensor"), *others]
    )
    op(operation, rows=ALONG if "axis" in signature.parameters else EACH)


for _name in {entry.__name__ for entry in family("activation").entries().values()}:
    if hasattr(activations, _name):
        _in_graphs(_name)
