"""Charts of how far a method can be trusted: what chance scores, what an audit derives, how often an interval holds."""

from research_lib.show.drawing.method_checks.coefficient_charts import agreement, chance_scores, two_values
from research_lib.show.drawing.method_checks.interval_charts import derived_intervals, how_often_intervals_hold
from research_lib.show.drawing.method_checks.suppression_costs import suppression_costs

__all__ = [
    "agreement",
    "chance_scores",
    "derived_intervals",
    "how_often_intervals_hold",
    "suppression_costs",
    "two_values",
]
