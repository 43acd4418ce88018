"""Latent classes: a few kinds of persons that account for associated answers, and whether places have the same."""

from research_lib.public_names import public_names

__getattr__, __all__ = public_names(__name__, __file__)
