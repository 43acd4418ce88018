"""How many are never seen: multiple-systems estimation from overlapping lists, always as a range over models.

Police, NGOs and inspectors each know some of the people concerned. Who is on several lists is evidence about those
on none, under assumptions that the data cannot test. So: look at `overlaps` first, show `span` with its
criticism, and use `estimate`, `stepwise` and `bootstrap` to see how it comes about.
"""

from research_lib.methods.multiple_systems.estimates import Estimate, estimate, stepwise
from research_lib.methods.multiple_systems.model_range import Bootstrap, Span, bootstrap, published_criticism, span
from research_lib.methods.multiple_systems.overlapping_lists import british_lists, collapse_people, overlaps

__all__ = [
    "Bootstrap",
    "Estimate",
    "Span",
    "bootstrap",
    "british_lists",
    "collapse_people",
    "estimate",
    "overlaps",
    "published_criticism",
    "span",
    "stepwise",
]
