"""`Cropping1D` to `3D`: the ends of sequences, the borders of images and volumes cut off."""

from __future__ import annotations

from typing import Any, ClassVar

from ..._core.errors import ShapeError
from ..._core.specs import family
from .. import checks
from ..base import Layer
from ..input_spec import InputSpec
from .edges import edges_of

_register = family("layer").register


class Cropping(Layer):
    """Base of the layers that cut off borders. Subclasses say how many axes."""

    traits = frozenset({"keeps_values", "linear"})
    batch_safe = True
    _space: ClassVar[int]

    def __init__(self, cropping: Any, data_format: str | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.cropping = cropping
        self.data_format = data_format
        self._edges = edges_of(self, "cropping", cropping, self._space)
        checks.data_format(self)
        self.input_spec = InputSpec(ndim=self._space + 2)

    def call(self, inputs: Any) -> Any:
        first = checks.first_space_axis(self)
        sizes = inputs.shape[first : first + self._space]
        kept: list[Any] = [slice(None)] * first
        for size, (before, behind) in zip(sizes, self._edges, strict=True):
            if before + behind >= size:
                raise ShapeError(
                    f"{type(self).__name__} {self.name!r} would leave nothing of its input.",
                    got=f"cropping={self.cropping}, input {inputs.shape}: {sizes} to crop",
                    expected="less than the whole size along every axis",
                    fix="crop less, or feed larger inputs.",
                )
            kept.append(slice(before, size - behind))
        return inputs[tuple(kept)]


@_register("Cropping1D")
class Cropping1D(Cropping):
    """Cut off steps at both ends of a sequence.

    Args:
        cropping: how many steps at both ends, or two numbers: at the start, at the end.

    Input ``(batch, steps, features)``, output the same with fewer steps.

    Raises:
        ConfigError: numbers that are not whole, or negative.
        ShapeError: nothing would be left.

    >>> import numpy as np
    >>> Cropping1D((1, 0))(np.array([[[1.0], [2.0], [3.0]]])).ravel().tolist()
    [2.0, 3.0]
    """

    _space = 1
    _unsaved = frozenset({"data_format"})  # there is one order of axes only

    def __init__(self, cropping: Any = (1, 1), **kwargs: Any):
        super().__init__(cropping, "channels_last", **kwargs)


@_register("Cropping2D")
class Cropping2D(Cropping):
    """Cut the borders off images.

    Args:
        cropping: how many at every side; or two numbers: rows at top and bottom, columns at both
            sides; or two pairs, ``((top, bottom), (left, right))``.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.

    Input ``(batch, rows, columns, channels)``, output the same with fewer rows and columns; with
    ``"channels_first"`` the channels come right after the batch.

    Raises:
        ConfigError: numbers that are not whole, or negative.
        ShapeError: nothing would be left.

    >>> import numpy as np
    >>> Cropping2D(((1, 0), (0, 2)))(np.ones((5, 28, 28, 3))).shape
    (5, 27, 26, 3)
    """

    _space = 2

    def __init__(
        self, cropping: Any = ((0, 0), (0, 0)), data_format: str | None = None, **kwargs: Any
    ):
        super().__init__(cropping, data_format, **kwargs)


@_register("Cropping3D")
class Cropping3D(Cropping):
    """Cut the borders off volumes.

    Args:
        cropping: how many at every side; or three numbers, one for each axis; or three pairs, the
            two ends of each axis.
        data_format: ``"channels_last"``, the default, or ``"channels_first"``.

    Input ``(batch, depth, rows, columns, channels)``, output the same with smaller sizes; with
    ``"channels_first"`` the channels come right after the batch.

    Raises:
        ConfigError: numbers that are not whole, or negative.
        ShapeError: nothing would be left.

    >>> import numpy as np
    >>> Cropping3D()(np.ones((1, 4, 5, 6, 2))).shape
    (1, 2, 3, 4, 2)
    """

    _space = 3

    def __init__(
        self,
        cropping: Any = ((1, 1), (1, 1), (1, 1)),
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(cropping, data_format, **kwargs)
