"""Layers, under the names that Keras 3 gives them."""

from .activation.activation import Activation
from .activation.prelu import PReLU
from .activation.rectifiers import ELU, LeakyReLU, ReLU
from .activation.softmax import Softmax
from .base import Layer
from .calling import InputSpec
from .core.dense import Dense
from .core.embedding import Embedding
from .core.get_item import GetItem
from .core.identity import Identity
from .core.input import Input, InputLayer
from .core.lambda_layer import Lambda
from .core.masking import Masking
from .core.operation import Operation
from .merging.concatenate import Concatenate, concatenate
from .merging.elementwise import (
    Add,
    Average,
    Maximum,
    Minimum,
    Multiply,
    Subtract,
    add,
    average,
    maximum,
    minimum,
    multiply,
    subtract,
)
from .normalization.batch import BatchNormalization
from .normalization.layer import LayerNormalization
from .pooling.global_average import GlobalAveragePooling1D
from .preprocessing.normalization import Normalization
from .preprocessing.rescaling import Rescaling
from .regularization.dropout import Dropout, SpatialDropout1D
from .regularization.noise import GaussianDropout, GaussianNoise
from .reshaping.flatten import Flatten
from .reshaping.permute import Permute
from .reshaping.repeat_vector import RepeatVector
from .reshaping.reshape import Reshape

GlobalAvgPool1D = GlobalAveragePooling1D

__all__ = [
    "Layer",
    "InputSpec",
    # core
    "Input",
    "InputLayer",
    "Dense",
    "Embedding",
    "Masking",
    "Lambda",
    "Identity",
    "Operation",
    "GetItem",
    # activation
    "Activation",
    "ReLU",
    "LeakyReLU",
    "PReLU",
    "ELU",
    "Softmax",
    # normalization
    "BatchNormalization",
    "LayerNormalization",
    # regularization
    "Dropout",
    "SpatialDropout1D",
    "GaussianNoise",
    "GaussianDropout",
    # reshaping
    "Flatten",
    "Reshape",
    "Permute",
    "RepeatVector",
    # merging
    "Concatenate",
    "Add",
    "Subtract",
    "Multiply",
    "Average",
    "Maximum",
    "Minimum",
    "concatenate",
    "add",
    "subtract",
    "multiply",
    "average",
    "maximum",
    "minimum",
    # pooling
    "GlobalAveragePooling1D",
    "GlobalAvgPool1D",
    # preprocessing
    "Normalization",
    "Rescaling",
]
