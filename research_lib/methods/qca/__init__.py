"""Qualitative comparative analysis: which combinations of conditions go with an outcome, and how firmly.

Calibrate, make the truth table, minimise, look for what is needed, then ask what would change the result.
"""

from research_lib.public_names import public_names

__getattr__, __all__ = public_names(__name__, __file__)
