"""Layers, under the names that Keras 3 gives them.

The preprocessing layers are many and seldom needed all at once: they load when one is first used.
"""

import importlib
from typing import TYPE_CHECKING, Any

from .activation.activation import Activation
from .activation.prelu import PReLU
from .activation.rectifiers import ELU, LeakyReLU, ReLU
from .activation.softmax import Softmax
from .attention.attention import AdditiveAttention, Attention
from .attention.cached import CachedMultiHeadAttention
from .attention.group_query import GroupQueryAttention
from .attention.multi_head import MultiHeadAttention
from .base import Layer
from .conv.conv import Conv1D, Conv2D, Conv3D
from .conv.depthwise import DepthwiseConv1D, DepthwiseConv2D
from .conv.separable import SeparableConv1D, SeparableConv2D
from .conv.transpose import Conv1DTranspose, Conv2DTranspose, Conv3DTranspose
from .core.dense import Dense
from .core.einsum_dense import EinsumDense
from .core.embedding import Embedding
from .core.get_item import GetItem
from .core.identity import Identity
from .core.input import Input, InputLayer
from .core.jax_layer import JaxLayer
from .core.lambda_layer import Lambda
from .core.masking import Masking
from .core.operation import Operation
from .core.reversible_embedding import ReversibleEmbedding
from .core.wrapper import Wrapper
from .input_spec import InputSpec
from .merging.concatenate import Concatenate, concatenate
from .merging.dot import Dot, dot
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
from .normalization.group import GroupNormalization
from .normalization.layer import LayerNormalization
from .normalization.rms import RMSNormalization
from .normalization.spectral import SpectralNormalization
from .normalization.unit import UnitNormalization
from .pooling.adaptive import (
    AdaptiveAveragePooling1D,
    AdaptiveAveragePooling2D,
    AdaptiveAveragePooling3D,
    AdaptiveMaxPooling1D,
    AdaptiveMaxPooling2D,
    AdaptiveMaxPooling3D,
)
from .pooling.global_pools import (
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalAveragePooling3D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    GlobalMaxPooling3D,
)
from .pooling.pools import (
    AveragePooling1D,
    AveragePooling2D,
    AveragePooling3D,
    MaxPooling1D,
    MaxPooling2D,
    MaxPooling3D,
)
from .preprocessing.normalization import Normalization
from .preprocessing.rescaling import Rescaling
from .recurrent.conv_lstm import ConvLSTM1D, ConvLSTM2D, ConvLSTM3D
from .recurrent.gru import GRU, GRUCell
from .recurrent.lstm import LSTM, LSTMCell
from .recurrent.rnn import RNN
from .recurrent.simple import SimpleRNN, SimpleRNNCell
from .recurrent.stacked import StackedRNNCells
from .regularization.activity import ActivityRegularization
from .regularization.alpha_dropout import AlphaDropout
from .regularization.dropout import Dropout
from .regularization.noise import GaussianDropout, GaussianNoise
from .regularization.spatial_dropout import (
    SpatialDropout1D,
    SpatialDropout2D,
    SpatialDropout3D,
)
from .reshaping.cropping import Cropping1D, Cropping2D, Cropping3D
from .reshaping.flatten import Flatten
from .reshaping.permute import Permute
from .reshaping.repeat_vector import RepeatVector
from .reshaping.reshape import Reshape
from .reshaping.up_sampling import UpSampling1D, UpSampling2D, UpSampling3D
from .reshaping.zero_padding import ZeroPadding1D, ZeroPadding2D, ZeroPadding3D
from .serialization import deserialize, serialize
from .transformer.decoder import TransformerDecoder
from .transformer.encoder import TransformerEncoder
from .transformer.positions import (
    PositionEmbedding,
    RotaryEmbedding,
    SinusoidalPositionEncoding,
    TokenAndPositionEmbedding,
)
from .weight import Variable
from .wrappers.bidirectional import Bidirectional
from .wrappers.time_distributed import TimeDistributed

if TYPE_CHECKING:
    from .preprocessing.catalogue import (
        AugMix,
        AutoContrast,
        CategoryEncoding,
        CenterCrop,
        ContrastLimitedAdaptiveHistogramEqualization,
        CutMix,
        Discretization,
        Equalization,
        HashedCrossing,
        Hashing,
        IntegerLookup,
        MaxNumBoundingBoxes,
        MelSpectrogram,
        MixUp,
        Pipeline,
        RandAugment,
        RandomBrightness,
        RandomColorDegeneration,
        RandomColorJitter,
        RandomContrast,
        RandomCrop,
        RandomElasticTransform,
        RandomErasing,
        RandomFlip,
        RandomGaussianBlur,
        RandomGrayscale,
        RandomHue,
        RandomInvert,
        RandomPerspective,
        RandomPosterization,
        RandomRotation,
        RandomSaturation,
        RandomSharpness,
        RandomShear,
        RandomTranslation,
        RandomZoom,
        Resizing,
        Solarization,
        STFTSpectrogram,
        StringLookup,
        TextVectorization,
    )

AvgPool1D = AveragePooling1D
AvgPool2D = AveragePooling2D
AvgPool3D = AveragePooling3D
Convolution1D = Conv1D
Convolution2D = Conv2D
Convolution3D = Conv3D
Convolution1DTranspose = Conv1DTranspose
Convolution2DTranspose = Conv2DTranspose
Convolution3DTranspose = Conv3DTranspose
GlobalAvgPool1D = GlobalAveragePooling1D
GroupedQueryAttention = GroupQueryAttention
SinePositionEncoding = SinusoidalPositionEncoding
GlobalAvgPool2D = GlobalAveragePooling2D
GlobalAvgPool3D = GlobalAveragePooling3D
GlobalMaxPool1D = GlobalMaxPooling1D
GlobalMaxPool2D = GlobalMaxPooling2D
GlobalMaxPool3D = GlobalMaxPooling3D
MaxPool1D = MaxPooling1D
MaxPool2D = MaxPooling2D
MaxPool3D = MaxPooling3D
SeparableConvolution1D = SeparableConv1D
SeparableConvolution2D = SeparableConv2D

__all__ = [
    "Layer",
    "InputSpec",
    "Variable",
    "serialize",
    "deserialize",
    # core
    "Input",
    "InputLayer",
    "Dense",
    "EinsumDense",
    "Embedding",
    "ReversibleEmbedding",
    "Masking",
    "Lambda",
    "JaxLayer",
    "Identity",
    "Operation",
    "GetItem",
    "Wrapper",
    # activation
    "Activation",
    "ReLU",
    "LeakyReLU",
    "PReLU",
    "ELU",
    "Softmax",
    # conv
    "Conv1D",
    "Conv2D",
    "Conv3D",
    "Convolution1D",
    "Convolution2D",
    "Convolution3D",
    "Conv1DTranspose",
    "Conv2DTranspose",
    "Conv3DTranspose",
    "Convolution1DTranspose",
    "Convolution2DTranspose",
    "Convolution3DTranspose",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "SeparableConv1D",
    "SeparableConv2D",
    "SeparableConvolution1D",
    "SeparableConvolution2D",
    # normalization
    "BatchNormalization",
    "LayerNormalization",
    "GroupNormalization",
    "RMSNormalization",
    "UnitNormalization",
    "SpectralNormalization",
    # regularization
    "Dropout",
    "SpatialDropout1D",
    "GaussianNoise",
    "GaussianDropout",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "AlphaDropout",
    "ActivityRegularization",
    # reshaping
    "Flatten",
    "Reshape",
    "Permute",
    "RepeatVector",
    "ZeroPadding1D",
    "ZeroPadding2D",
    "ZeroPadding3D",
    "Cropping1D",
    "Cropping2D",
    "Cropping3D",
    "UpSampling1D",
    "UpSampling2D",
    "UpSampling3D",
    # merging
    "Concatenate",
    "Add",
    "Subtract",
    "Multiply",
    "Average",
    "Maximum",
    "Minimum",
    "Dot",
    "concatenate",
    "add",
    "subtract",
    "multiply",
    "average",
    "maximum",
    "minimum",
    "dot",
    # recurrent
    "SimpleRNN",
    "LSTM",
    "GRU",
    "RNN",
    "SimpleRNNCell",
    "LSTMCell",
    "GRUCell",
    "StackedRNNCells",
    "ConvLSTM1D",
    "ConvLSTM2D",
    "ConvLSTM3D",
    "Bidirectional",
    "TimeDistributed",
    # pooling
    "MaxPooling1D",
    "MaxPooling2D",
    "MaxPooling3D",
    "MaxPool1D",
    "MaxPool2D",
    "MaxPool3D",
    "AveragePooling1D",
    "AveragePooling2D",
    "AveragePooling3D",
    "AvgPool1D",
    "AvgPool2D",
    "AvgPool3D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GlobalMaxPooling3D",
    "GlobalMaxPool1D",
    "GlobalMaxPool2D",
    "GlobalMaxPool3D",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAveragePooling3D",
    "GlobalAvgPool1D",
    "GlobalAvgPool2D",
    "GlobalAvgPool3D",
    "AdaptiveAveragePooling1D",
    "AdaptiveAveragePooling2D",
    "AdaptiveAveragePooling3D",
    "AdaptiveMaxPooling1D",
    "AdaptiveMaxPooling2D",
    "AdaptiveMaxPooling3D",
    # attention
    "MultiHeadAttention",
    "GroupQueryAttention",
    "GroupedQueryAttention",
    "Attention",
    "AdditiveAttention",
    "CachedMultiHeadAttention",
    # transformer
    "TransformerEncoder",
    "TransformerDecoder",
    "PositionEmbedding",
    "SinusoidalPositionEncoding",
    "SinePositionEncoding",
    "TokenAndPositionEmbedding",
    "RotaryEmbedding",
    # preprocessing
    "Normalization",
    "Rescaling",
    "Discretization",
    "CategoryEncoding",
    "IntegerLookup",
    "StringLookup",
    "TextVectorization",
    "Hashing",
    "HashedCrossing",
    "Pipeline",
    "STFTSpectrogram",
    "MelSpectrogram",
    # preprocessing of images
    "Resizing",
    "CenterCrop",
    "RandomCrop",
    "RandomFlip",
    "RandomRotation",
    "RandomZoom",
    "RandomTranslation",
    "RandomShear",
    "RandomPerspective",
    "RandomElasticTransform",
    "RandomBrightness",
    "RandomContrast",
    "RandomHue",
    "RandomSaturation",
    "RandomColorJitter",
    "RandomColorDegeneration",
    "RandomGrayscale",
    "RandomInvert",
    "RandomSharpness",
    "RandomPosterization",
    "RandomGaussianBlur",
    "RandomErasing",
    "Solarization",
    "AutoContrast",
    "Equalization",
    "ContrastLimitedAdaptiveHistogramEqualization",
    "MixUp",
    "CutMix",
    "RandAugment",
    "AugMix",
    "MaxNumBoundingBoxes",
]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(importlib.import_module(".preprocessing.catalogue", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
