"""Qualitative comparative analysis: which combinations of conditions go with an outcome, and how firmly.

Calibrate, make the truth table, minimise, look for what is needed, then ask what would change the result.
"""

from research_lib.methods.qca.calibration import by_thresholds, by_words, direct, indirect
from research_lib.methods.qca.enhanced_analysis import Untenable, simultaneous, untenable
from research_lib.methods.qca.robustness import (
    ThresholdRange,
    analysis,
    by_cluster,
    leave_one_out,
    over_fillings,
    over_shuffles,
    over_steps,
    over_versions,
    threshold_range,
)
from research_lib.methods.qca.set_membership import Necessity, Sufficiency
from research_lib.methods.qca.solutions import Model, Solution, assumptions, minimize, model_of
from research_lib.methods.qca.truth_table import TruthTable, necessary_combinations, necessary_conditions, truth_table

__all__ = [
    "Model",
    "Necessity",
    "Solution",
    "Sufficiency",
    "ThresholdRange",
    "TruthTable",
    "Untenable",
    "analysis",
    "assumptions",
    "by_cluster",
    "by_thresholds",
    "by_words",
    "direct",
    "indirect",
    "leave_one_out",
    "minimize",
    "model_of",
    "necessary_combinations",
    "necessary_conditions",
    "over_fillings",
    "over_shuffles",
    "over_steps",
    "over_versions",
    "simultaneous",
    "threshold_range",
    "truth_table",
    "untenable",
]
