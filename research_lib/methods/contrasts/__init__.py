"""What differs between two countries or groups, and how sure we are: effect sizes with intervals first.

Every result is a table, or a frozen value, with the counts it rests on, the estimate, its interval and the method by
name. There are no stars. A p-value is that of a test, named beside it: `mantel_haenszel` gives its tests with the
pooled result, the others give one only where a test is requested. Start with `contrast` (from records) or
`contrast_counts` (from counts, also published ones); `mantel_haenszel` compares like with like; `exact_test` and
`cramers_v` are for cross-tables; `adjust` is for many tests together; `empirical_bayes` for several small groups.
"""

from research_lib.methods.contrasts.cross_tables import Association, ExactTest, cramers_v, exact_test
from research_lib.methods.contrasts.partial_pooling import empirical_bayes
from research_lib.methods.contrasts.proportion_intervals import (
    Interval,
    difference_interval,
    odds_interval,
    proportion_interval,
    ratio_interval,
)
from research_lib.methods.contrasts.proportions import adjust, contrast, contrast_counts, count_answers
from research_lib.methods.contrasts.stratified_comparison import Pooled, mantel_haenszel

__all__ = [
    "Association",
    "ExactTest",
    "Interval",
    "Pooled",
    "adjust",
    "contrast",
    "contrast_counts",
    "count_answers",
    "cramers_v",
    "difference_interval",
    "empirical_bayes",
    "exact_test",
    "mantel_haenszel",
    "odds_interval",
    "proportion_interval",
    "ratio_interval",
]
