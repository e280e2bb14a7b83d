"""What stands for numbers that are not there yet."""

from __future__ import annotations


class Placeholder:
    """Base of tensors that have a shape and a dtype but no numbers: the functional graph's.

    It stands this low so that functions on numbers know one when they are given it, and leave the
    call to the operation that records itself.
    """

    __slots__ = ()
