"""The same networks in plain PyTorch, written with care; one family a file.

Every network takes the sizes that `build_model` of its program takes, and starts from the same
distributions as Keras: Glorot-uniform weights, orthogonal recurrent ones, zero biases.
"""

from __future__ import annotations

import importlib
from typing import Any

NETWORKS = {
    "mnist_mlp": "dense.MnistMlp",
    "table_mlp": "dense.TableMlp",
    "scaled_mlp": "dense.ScaledMlp",
    "autoencoder": "dense.Autoencoder",
    "cnn": "pictures.Cnn",
    "resnet20": "pictures.ResNet",
    "unet": "pictures.UNet",
    "lstm": "recurrent.Lstm",
    "masked_gru": "recurrent.MaskedGru",
    "gpt": "attention.Gpt",
    "bert": "attention.Bert",
}


def build(program: str, **sizes: Any) -> Any:
    """The network of one program, as a `torch.nn.Module` with `objective` and `correct`."""
    module, name = NETWORKS[program].split(".")
    network = getattr(importlib.import_module(f"benchmarks.torch_nets.{module}"), name)(**sizes)
    from benchmarks.torch_nets.base import start_as_keras_does

    network.apply(start_as_keras_does)
    return network
