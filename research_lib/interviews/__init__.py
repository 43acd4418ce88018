"""People's records: forms, answers as they come in, cases; and the synthetic demonstration study's."""

from research_lib.public_names import public_names

__getattr__, __all__ = public_names(__name__, __file__)
