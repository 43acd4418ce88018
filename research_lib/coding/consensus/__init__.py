"""Consensus: where coders differ, what the team decides there and why, and the coding that follows from it."""

from research_lib.public_names import public_names

__getattr__, __all__ = public_names(__name__, __file__)
