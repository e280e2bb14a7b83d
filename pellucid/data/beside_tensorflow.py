"""Our data sets among TensorFlow's: each takes the other where one of its own kind is asked for.

TensorFlow is never imported here: where nothing has loaded it, nobody asks for its kind.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from .._core import foreign

if TYPE_CHECKING:
    from .dataset import Dataset


class BesideTensorFlow:
    """Base of `Dataset`: what `tf.data.Dataset.zip` and its like want of their arguments."""

    if TYPE_CHECKING:
        as_numpy_iterator: Any
        element_spec: Any
        _length: int

    def with_options(self, options: Any, name: str | None = None) -> Any:
        """The data set itself: TensorFlow's options are about TensorFlow's threads."""
        return self

    def _join(self) -> None:
        """Count as a data set of TensorFlow's, where that is loaded."""
        kinds = sys.modules.get("tensorflow.python.types.data")
        if kinds is not None:
            kinds.DatasetV2.register(type(self))

    @property
    def _variant_tensor(self) -> Any:
        return self._for_tensorflow()._variant_tensor

    @property
    def _options_attr(self) -> Any:
        return self._for_tensorflow()._options_attr

    def _for_tensorflow(self) -> Any:
        """A data set of TensorFlow's that reads this one."""
        made = self.__dict__.get("_in_tensorflow")
        if made is None:
            tf = foreign.tensorflow()
            made = tf.data.Dataset.from_generator(
                self.as_numpy_iterator, output_signature=self.element_spec
            )
            made = made.apply(tf.data.experimental.assert_cardinality(self._length))
            self.__dict__["_in_tensorflow"] = made
        return made


def described(spec: Any) -> Any:
    """One array's shape and format as the library describes it whose data sets are joined."""
    tf = foreign.tensorflow()
    if tf is None:
        return spec
    return tf.TensorSpec(spec.shape, tf.string if spec.dtype.kind in "OSU" else spec.dtype)


def adopted(dataset: Any, ours: type[Dataset]) -> Any:
    """A data set of TensorFlow's as one of class `ours`; such a one as it is."""
    if isinstance(dataset, ours) or not hasattr(dataset, "as_numpy_iterator"):
        return dataset
    return ours(lambda number: dataset.as_numpy_iterator(), int(np.asarray(dataset.cardinality())))
