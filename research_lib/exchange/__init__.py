"""Formats of other systems, a module for each."""

from research_lib.public_names import public_names

__getattr__, __all__ = public_names(__name__, __file__)
