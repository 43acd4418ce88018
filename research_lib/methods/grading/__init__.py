"""How sure a finding is: the record of GRADE-CERQual, and how strongly evidence speaks for one account over another."""

from research_lib.public_names import public_names

__getattr__, __all__ = public_names(__name__, __file__)
