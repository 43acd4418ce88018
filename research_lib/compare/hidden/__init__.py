"""How many are never seen: multiple-systems estimation from overlapping lists, always as a range over models.

Police, NGOs and inspectors each know some of the people concerned. Who is known to several says something of those
known to none, under assumptions that the data cannot test. So: look at `overlaps` first, show `span` with its
criticism, and use `estimate`, `stepwise` and `bootstrap` to see what stands behind it.
"""

from research_lib.compare.hidden.criticism import published_criticism
from research_lib.compare.hidden.estimates import Estimate, estimate
from research_lib.compare.hidden.lists import collapse_mentions, collapse_people, overlaps
from research_lib.compare.hidden.resampling import Bootstrap, bootstrap
from research_lib.compare.hidden.selection import stepwise
from research_lib.compare.hidden.span import Span, span

__all__ = [
    "Bootstrap",
    "Estimate",
    "Span",
    "bootstrap",
    "collapse_mentions",
    "collapse_people",
    "estimate",
    "overlaps",
    "published_criticism",
    "span",
    "stepwise",
]
