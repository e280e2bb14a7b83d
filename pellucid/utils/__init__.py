"""Helpers that tutorials use: labels, sequences, pictures, files, batches, names, drawings."""

from __future__ import annotations

from .._core.settings import (
    disable_interactive_logging,
    enable_interactive_logging,
    is_interactive_logging_enabled,
)
from ..layers.preprocessing.feature_space import FeatureSpace
from . import bounding_boxes
from .arrays import (
    normalize,
    pad_sequences,
    set_random_seed,
    split_dataset,
    to_categorical,
    train_test_split,
    train_validation_test_split,
)
from .batches import (
    BatchDataset,
    PyDataset,
    Sequence,
    pack_x_y_sample_weight,
    timeseries_dataset_from_array,
    unpack_x_y_sample_weight,
)
from .drawing import model_to_dot, plot_model
from .files import get_file
from .folders import image_dataset_from_directory, text_dataset_from_directory
from .images import array_to_img, img_to_array, load_img, save_img
from .names import (
    CustomObjectScope,
    custom_object_scope,
    deserialize_keras_object,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
    serialize_keras_object,
)
from .progbar import Progbar
from .session import clear_session, get_source_inputs, is_keras_tensor, standardize_dtype
from .settings_dict import Config

__all__ = [
    "bounding_boxes",
    "to_categorical",
    "normalize",
    "pad_sequences",
    "set_random_seed",
    "split_dataset",
    "train_test_split",
    "train_validation_test_split",
    "PyDataset",
    "Sequence",
    "BatchDataset",
    "pack_x_y_sample_weight",
    "unpack_x_y_sample_weight",
    "timeseries_dataset_from_array",
    "image_dataset_from_directory",
    "text_dataset_from_directory",
    "array_to_img",
    "img_to_array",
    "load_img",
    "save_img",
    "get_file",
    "FeatureSpace",
    "plot_model",
    "model_to_dot",
    "Progbar",
    "Config",
    "CustomObjectScope",
    "custom_object_scope",
    "register_keras_serializable",
    "serialize_keras_object",
    "deserialize_keras_object",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "clear_session",
    "disable_interactive_logging",
    "enable_interactive_logging",
    "is_interactive_logging_enabled",
    "is_keras_tensor",
    "get_source_inputs",
    "standardize_dtype",
]
