"""Functions for networks: activations, losses, normalisation, attention, convolutions, pools.

Each is also `pellucid.ops.NAME`.
"""

# ruff: noqa: F403

from . import activations, encoding, losses, normalization, patches, windows
from .activations import *
from .encoding import *
from .losses import *
from .normalization import *
from .patches import *
from .windows import *

__all__: list[str] = []
__all__ += activations.__all__
__all__ += encoding.__all__
__all__ += losses.__all__
__all__ += normalization.__all__
__all__ += patches.__all__
__all__ += windows.__all__
