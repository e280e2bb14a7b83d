"""NumPy's functions, as Keras has them; each is also `pellucid.ops.NAME`."""

# ruff: noqa: F403

from ..control import vectorize
from . import (
    arithmetic,
    creation,
    elementwise,
    indexing,
    joining,
    missing,
    products,
    reductions,
    shapes,
    sorting,
)
from .arithmetic import *
from .creation import *
from .elementwise import *
from .indexing import *
from .joining import *
from .missing import *
from .products import *
from .reductions import *
from .shapes import *
from .sorting import *

__all__ = ["vectorize"]
__all__ += arithmetic.__all__
__all__ += creation.__all__
__all__ += elementwise.__all__
__all__ += indexing.__all__
__all__ += joining.__all__
__all__ += missing.__all__
__all__ += products.__all__
__all__ += reductions.__all__
__all__ += shapes.__all__
__all__ += sorting.__all__
