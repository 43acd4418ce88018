"""Shares of answers: counted by group, made comparable between groups, and taken apart, from records or releases."""

from research_lib.public_names import public_names

__getattr__, __all__ = public_names(__name__, __file__)
