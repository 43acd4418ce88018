"""Statistics that know no study: tables in, frozen results out, a module for each method."""

from research_lib.public_names import public_names

__getattr__, __all__ = public_names(__name__, __file__)
