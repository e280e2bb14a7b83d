"""Keras has a module of this name; importing it here says why there is none."""

from ._core.absent import refused

raise refused(__name__)
