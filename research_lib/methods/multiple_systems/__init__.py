"""How many are never seen: multiple-systems estimation from overlapping lists, always as a range over models.

Police, NGOs and inspectors each know some of the people concerned. Who is on several lists is evidence about those
on none, under assumptions that the data cannot test. So: look at `overlaps` first, show `span` with its
criticism, and use `estimate` and `stepwise` to see how it comes about.
"""

from research_lib.public_names import public_names

__getattr__, __all__ = public_names(__name__, __file__)
