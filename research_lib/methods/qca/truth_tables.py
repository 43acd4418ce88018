"""The truth table, and what is necessary: which combinations of conditions go with an outcome, and what it never lacks.

Source for necessity: Schneider and Wagemann (2012), Set-Theoretic Methods for the Social Sciences, chapters 3 and 9.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from research_lib.errors import UnfitDataError
from research_lib.methods.options import check_free, is_number, need_share, need_whole
from research_lib.methods.qca.combinations import Layout
from research_lib.methods.qca.set_membership import Sets, necessity, read_sets, sufficiency

POSITIVE = "1"
NEGATIVE = "0"
CONTRADICTORY = "contradictory"
RARE = "rare"
_COLUMNS = ("outcome", "n", "inclusion", "pri", "cases", "deviant")
_ROUNDING = 1e-9


@dataclass(frozen=True)
class TruthTable:
    """The combinations that cases show, and whether each goes with the outcome.

    `frame`, one row a combination: the conditions, `outcome` (1, 0, contradictory, or rare where fewer cases than
    `frequency` show it), `n`, `inclusion` (consistency), `pri`, `cases`, `deviant` (members that show the opposite).
    `rows`: the same combinations as combinations. `inclusion`, `exclusion`, `frequency`, `pri`: the thresholds used.
    """

    sets: Sets
    rows: tuple[int, ...]
    frame: pd.DataFrame
    inclusion: float
    exclusion: float
    frequency: int
    pri: float

    @property
    def layout(self) -> Layout:
        """The conditions and their levels."""
        return self.sets.layout

    @cached_property
    def positive(self) -> tuple[int, ...]:
        """The combinations that go with the outcome."""
        return self._with(POSITIVE)

    @cached_property
    def negative(self) -> tuple[int, ...]:
        """The combinations that do not go with the outcome, the contradictory ones included."""
        return self._with(NEGATIVE, CONTRADICTORY)

    @cached_property
    def written(self) -> pd.DataFrame:
        """The rows, each under its combination as models write it (`~kin*debts`), without the conditions' columns."""
        combinations = pd.Index([self.layout.text(row) for row in self.rows], name="combination")
        return self.frame.set_index(combinations)[[*_COLUMNS]]

    def _with(self, *outcomes: str) -> tuple[int, ...]:
        return tuple(row for row, outcome in zip(self.rows, self.frame["outcome"], strict=True) if outcome in outcomes)


def truth_table(
    data: pd.DataFrame,
    *,
    outcome: str,
    conditions: Sequence[str],
    inclusion: float = 1.0,
    exclusion: float | None = None,
    frequency: int = 1,
    pri: float = 0.0,
    levels: Mapping[str, int] | None = None,
) -> TruthTable:
    """Sort cases by their combination of conditions, and say which combinations go with the outcome.

    `data`: one row a case, memberships 0 to 1 (crisp or fuzzy) or levels 0, 1, 2 … (multi-value). A combination counts
    as positive from `inclusion` (its consistency) and `pri` on; it is contradictory above `exclusion` and below
    `inclusion` (with `exclusion=0`, wherever cases disagree), and rare, like one that no case shows, below `frequency`
    cases. `outcome`: a column, `~` before it its absence, `[1]` after it a level. `levels`: how many levels a condition
    has, where these cases do not show the highest. Raises UnfitDataError for data that are not calibrated, and for a
    case at exactly .5.
    Source: Ragin (2008), Redesigning Social Inquiry, chapter 7; Cronqvist and Berg-Schlosser (2009) for multi-value.

    Not for: samples from which shares are to be estimated; few cases with many conditions, where almost any outcome
    would be explained (see Marx and Dusa 2011); cases that influence one another.
    """
    lowest = inclusion if exclusion is None else exclusion
    if not (is_number(inclusion) and is_number(lowest) and 0 <= lowest <= inclusion <= 1 and inclusion > 0):
        raise UnfitDataError("inclusion is a threshold between 0 and 1, and exclusion may not lie above it")
    need_share("pri", pri)
    need_whole("frequency", frequency, 1)
    check_free(conditions, _COLUMNS)
    sets = read_sets(data, outcome, conditions, levels)
    members: dict[int, list[int]] = defaultdict(list)
    for case, row in enumerate(sets.rows):
        members[row].append(case)
    rows = tuple(sorted(members, key=lambda row: _levels(sets.layout, row)))
    frame = pd.DataFrame(
        _row(sets, row, members[row], inclusion=inclusion, exclusion=lowest, pri=pri, frequency=frequency)
        for row in rows
    )
    return TruthTable(sets, rows, frame, inclusion, lowest, frequency, pri)


def _levels(layout: Layout, row: int) -> tuple[int, ...]:
    shown = zip(layout.parts, layout.offsets, strict=True)
    return tuple(((row & part) >> offset).bit_length() - 1 for part, offset in shown)


def _row(
    sets: Sets, row: int, members: list[int], *, inclusion: float, exclusion: float, pri: float, frequency: int
) -> dict[str, Any]:
    fit = sufficiency(sets.membership(row), sets.outcome)
    if len(members) < frequency:
        outcome = RARE
    elif fit.consistency + _ROUNDING >= inclusion:
        outcome = POSITIVE if fit.pri + _ROUNDING >= pri else NEGATIVE
    else:
        outcome = CONTRADICTORY if fit.consistency - _ROUNDING > exclusion else NEGATIVE
    deviant = [case for case in members if outcome != RARE and (sets.outcome[case] > 0.5) != (outcome == POSITIVE)]
    return {
        **dict(zip(sets.layout.conditions, _levels(sets.layout, row), strict=True)),
        "outcome": outcome,
        "n": len(members),
        "inclusion": fit.consistency,
        "pri": fit.pri,
        "cases": tuple(sets.cases[case] for case in members),
        "deviant": tuple(sets.cases[case] for case in deviant),
    }


def necessary_conditions(data: pd.DataFrame, *, outcome: str, conditions: Sequence[str]) -> pd.DataFrame:
    """Measure how far each condition, and its absence, is necessary for the outcome.

    One row a literal: expression, consistency (share of the outcome within it), relevance (RoN), coverage. `data` as
    for `truth_table`, and it raises the same errors.

    Not for: conditions that nearly every case shows; their relevance is low, and their consistency says nothing.
    """
    sets = read_sets(data, outcome, conditions)
    return _measured(sets, [(text, sets.membership(combination)) for text, combination in _literals(sets.layout)])


def _literals(layout: Layout) -> list[tuple[str, int]]:
    combinations = [
        layout.everything & ~part | 1 << (offset + level)
        for part, offset, size in zip(layout.parts, layout.offsets, layout.levels, strict=True)
        for level in reversed(range(size))
    ]
    return [(layout.text(combination), combination) for combination in combinations]


def _measured(sets: Sets, found: Sequence[tuple[str, np.ndarray]]) -> pd.DataFrame:
    rows = [{"expression": text} | asdict(necessity(degrees, sets.outcome)) for text, degrees in found]
    return pd.DataFrame(rows, columns=["expression", "consistency", "relevance", "coverage"])
