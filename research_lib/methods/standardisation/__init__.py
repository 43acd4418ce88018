"""Shares of answers: counted by group, made comparable between groups, and taken apart, from records or releases."""

from research_lib.methods.standardisation.cross_tabulation import CrossTable, cross_tabulate
from research_lib.methods.standardisation.direct_standardisation import (
    Standardised,
    differences,
    standardise,
    standardise_released,
)
from research_lib.methods.standardisation.released_cross_tabulation import count_ranges, cross_tabulate_released
from research_lib.methods.standardisation.strata import Decomposition, decompose

__all__ = [
    "CrossTable",
    "Decomposition",
    "Standardised",
    "count_ranges",
    "cross_tabulate",
    "cross_tabulate_released",
    "decompose",
    "differences",
    "standardise",
    "standardise_released",
]
