"""Pellucid: deep learning you can see through.

The words are Keras 3's; many training steps are one compiled XLA program; networks explain
themselves. Names are loaded when they are first used, so `import pellucid` costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._core.absent import MODULES as _ABSENT_MODULES
from ._core.absent import NAMES as _ABSENT_NAMES
from ._core.lazy import attach as _attach

__version__ = "0.1.0"

if TYPE_CHECKING:  # the same names once more, for editors; a test compares
    from . import (
        activations,
        backend,
        callbacks,
        config,
        constraints,
        data,
        datasets,
        doctor,
        dtype_policies,
        initializers,
        layers,
        losses,
        metrics,
        mixed_precision,
        models,
        ops,
        optimizers,
        preprocessing,
        random,
        regularizers,
        report,
        runs,
        saving,
        tree,
        utils,
        vitals,
    )
    from ._core.dtypes import DTypePolicy, FloatDTypePolicy
    from ._core.errors import PellucidError
    from ._core.specs import register
    from .initializers import Initializer
    from .layers import Input, InputSpec, Layer, Variable
    from .layers.symbolic import KerasTensor
    from .losses import Loss
    from .metrics import Metric
    from .models import Model, Sequential
    from .optimizers import Optimizer
    from .regularizers import Regularizer
    from .scopes import device, name_scope, remat, version
    from .training.callbacks import Callback

__getattr__, __dir__, __all__ = _attach(
    __name__,
    names={
        "Sequential": "models",
        "Model": "models",
        "Input": "layers",
        "InputSpec": "layers",
        "KerasTensor": "layers.symbolic",
        "Layer": "layers",
        "Variable": "layers",
        "Initializer": "initializers",
        "Regularizer": "regularizers",
        "Loss": "losses",
        "Metric": "metrics",
        "Optimizer": "optimizers",
        "Callback": "callbacks",
        "DTypePolicy": "_core.dtypes",
        "FloatDTypePolicy": "_core.dtypes",
        "PellucidError": "_core.errors",
        "register": "_core.specs",
        "device": "scopes",
        "name_scope": "scopes",
        "remat": "scopes",
        "version": "scopes",
    },
    modules=(
        "activations",
        "backend",
        "callbacks",
        "config",
        "constraints",
        "data",
        "datasets",
        "doctor",
        "dtype_policies",
        "initializers",
        "layers",
        "losses",
        "metrics",
        "mixed_precision",
        "models",
        "ops",
        "optimizers",
        "preprocessing",
        "random",
        "regularizers",
        "report",
        "runs",
        "saving",
        "tree",
        "utils",
        "vitals",
    ),
    absent={**_ABSENT_MODULES, **_ABSENT_NAMES},
)
__all__.insert(0, "__version__")
