"""The same networks in plain JAX, as functions of weights; one family a file.

A network is `network(weights, x, key, **sizes)` and returns logits; `weights` makes an array the
first time it is asked for one and hands it out again later, in the order of the calls.
"""

from __future__ import annotations

import importlib
from typing import Any

NETWORKS = {
    "mnist_mlp": "dense.mnist_mlp",
    "table_mlp": "dense.table_mlp",
    "autoencoder": "dense.autoencoder",
    "cnn": "pictures.cnn",
    "resnet20": "pictures.resnet",
    "unet": "pictures.unet",
    "lstm": "recurrent.lstm",
    "masked_gru": "recurrent.masked_gru",
    "gpt": "attention.gpt",
    "bert": "attention.bert",
}
BINARY = ("autoencoder", "masked_gru", "unet", "bert")


def network(program: str) -> Any:
    """The function of one program."""
    module, name = NETWORKS[program].split(".")
    return getattr(importlib.import_module(f"benchmarks.jax_nets.{module}"), name)
