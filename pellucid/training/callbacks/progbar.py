"""`ProgbarLogger`: for programs that name it; `fit` shows its progress without."""

from __future__ import annotations

from .base import Callback


class ProgbarLogger(Callback):
    """Does nothing: `fit(verbose=...)` shows the progress. Accepted so that Keras's programs run.

    >>> callback = ProgbarLogger()
    """
