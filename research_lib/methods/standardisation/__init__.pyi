from research_lib.methods.standardisation.direct_standardisation import Standardised as Standardised
from research_lib.methods.standardisation.direct_standardisation import standardise as standardise
from research_lib.methods.standardisation.released_cross_tabulation import count_ranges as count_ranges
from research_lib.methods.standardisation.released_cross_tabulation import (
    cross_tabulate_released as cross_tabulate_released,
)
from research_lib.methods.standardisation.strata import Decomposition as Decomposition
from research_lib.methods.standardisation.strata import decompose as decompose
