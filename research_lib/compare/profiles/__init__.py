"""Who the women are: profiles as the report describes them, and profiles as cases or released tables are counted."""

from research_lib.compare.profiles.answers import answers
from research_lib.compare.profiles.counted import CrossTable, cross_tabulate
from research_lib.compare.profiles.decomposed import Decomposition, decompose
from research_lib.compare.profiles.described import COUNTRIES, DIMENSIONS, Contrast, contrast, profile_rows
from research_lib.compare.profiles.released import count_ranges, cross_tabulate_released
from research_lib.compare.profiles.standardised import Standardised, differences, standardise
from research_lib.compare.profiles.standardised_released import standardise_released

__all__ = [
    "COUNTRIES",
    "DIMENSIONS",
    "Contrast",
    "CrossTable",
    "Decomposition",
    "Standardised",
    "answers",
    "contrast",
    "count_ranges",
    "cross_tabulate",
    "cross_tabulate_released",
    "decompose",
    "differences",
    "profile_rows",
    "standardise",
    "standardise_released",
]
