"""Correspondence analysis: answers and the people who gave them, or a cross-table, as points on common axes."""

from research_lib.public_names import public_names

__getattr__, __all__ = public_names(__name__, __file__)
