"""Data on the host: arrays, tables and streams of batches, checked and converted once, in NumPy."""

from .checks import check_finite, check_lengths
from .dataset import Dataset
from .npz import load_npz
from .order import batch_order, epoch_span
from .sources import ArraySource, as_source, split_validation
from .splits import train_test_split, train_validation_test_split
from .streams import Batch, StreamSource
from .weights import class_weight_to_sample_weight

__all__ = [
    "Dataset",
    "ArraySource",
    "StreamSource",
    "Batch",
    "as_source",
    "split_validation",
    "batch_order",
    "epoch_span",
    "check_finite",
    "check_lengths",
    "class_weight_to_sample_weight",
    "train_test_split",
    "train_validation_test_split",
    "load_npz",
]
